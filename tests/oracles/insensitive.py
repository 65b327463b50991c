"""Twins of losskit.losses.insensitive."""

from __future__ import annotations

from mpmath import mpf

import losskit
from tests.oracles.oracle import oracle

# Dyadic, so that they are the same number in float32.
TUBES = ({"epsilon": 0.125}, {"epsilon": 2.0}, {"epsilon": 0.0})


def edges(loss, target):
    return (target - mpf(loss.epsilon), target + mpf(loss.epsilon))


def excess(loss, prediction, target):
    """As terms: what the residual is rounded by counts in units of it, at the tube's edge more than all that is left.

    The third term makes the sum 0 within the tube.
    """
    r, epsilon = abs(prediction - target), mpf(loss.epsilon)
    return r, -epsilon, max(mpf(0), epsilon - r)


@oracle(
    losskit.EpsilonInsensitive,
    variants=TUBES,
    kinks=edges,
    at_kink="zero",
    why="a difference of the rounded residual and ε",
)
def epsilon_insensitive(loss, prediction, target):
    return excess(loss, prediction, target)


def edge(order, loss, prediction, target):
    """The excess e of a residual r rounded to half an ulp is known to r/e of them, and so is its square."""
    r, epsilon = abs(prediction - target), mpf(loss.epsilon)
    return 1 + r / (r - epsilon) if r > epsilon and order < 2 else 1


@oracle(losskit.SquaredEpsilonInsensitive, variants=TUBES, kinks=edges, why="see edge", condition=edge)
def squared_epsilon_insensitive(loss, prediction, target):
    return max(mpf(0), sum(excess(loss, prediction, target))) ** 2

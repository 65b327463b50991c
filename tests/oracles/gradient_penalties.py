"""Twins of losskit.losses.gradient_penalties."""

from __future__ import annotations

from mpmath import fsum, mpf

import losskit
from tests.oracles.oracle import oracle
from tests.oracles.similarity import norm

# Squares have to fit float32, and not to vanish in it.
REACH = {"gradient": (-1e15, 1e15)}


def coordinates(nested):
    return [x for row in nested for x in row]


@oracle(
    losskit.GradientPenalty,
    variants=({}, {"one_sided": True}, {"norm": 0.5}, {"norm": 0.0}),
    shapes={"gradient": (2, 2)},
    reach=REACH,
    least=1e-15,
    why="the length is rounded before the norm is taken from it",
    condition=lambda order, loss, gradient: (
        1 + (2 * norm(coordinates(gradient)) / off if (off := abs(norm(coordinates(gradient)) - loss.norm)) else 0)
    ),
    cancelling=(1, 2),
    rough=lambda loss, gradient: (
        not any(coordinates(gradient)) or (loss.one_sided and norm(coordinates(gradient)) == loss.norm)
    ),
    extra=lambda loss: [
        ([[0.0, 0.0], [0.0, 0.0]],),
        ([[0.3, 0.4], [0.0, 0.0]],),
        ([[loss.norm, 0.0], [0.0, 0.0]],),
        ([[0.25 * loss.norm, 0.0], [0.0, 0.0]],),
        ([[1e-9, 0.0], [0.0, 0.0]],),
    ],
)
def gradient_penalty(loss, gradient):
    off = norm(coordinates(gradient)) - mpf(loss.norm)
    return max(off, mpf(0)) ** 2 if loss.one_sided else off**2


@oracle(losskit.ZeroCenteredGradientPenalty, shapes={"gradient": (2, 2)}, reach=REACH, least=1e-15)
def zero_centered(loss, gradient):
    return fsum(x**2 for x in coordinates(gradient)) / 2

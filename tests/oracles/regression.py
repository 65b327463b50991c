"""Twins of losskit.losses.regression."""

from __future__ import annotations

from mpmath import mpf

import losskit
from tests.oracles.oracle import oracle


def at_target(loss, target):
    return (target,)


@oracle(losskit.SquaredError)
def squared_error(loss, prediction, target):
    return (prediction - target) ** 2


@oracle(
    losskit.Huber,
    variants=({}, {"delta": 0.1}, {"delta": 30.0}),
    kinks=lambda loss, target: (target - loss.delta, target + loss.delta),
)
def huber(loss, prediction, target):
    r, delta = abs(prediction - target), mpf(loss.delta)
    return r**2 / 2 if r <= delta else delta * (r - delta / 2)

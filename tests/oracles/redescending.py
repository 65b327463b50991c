"""Twins of losskit.losses.redescending."""

from __future__ import annotations

from mpmath import cos, mpf, pi

import losskit
from tests.oracles.oracle import oracle
from tests.oracles.robust import scaled


def around(*distances):
    return lambda loss, target: tuple(target + sign * mpf(d(loss)) for d in distances for sign in (-1, 1))


@oracle(
    losskit.Andrews,
    variants=({}, {"scale": 0.1}, {"scale": 20.0}),
    kinks=around(lambda loss: pi * mpf(loss.scale)),
    cancelling=(1, 2),
    why="sin x and cos x of a rounded x, where they are 0",
)
def andrews(loss, prediction, target):
    x, c = scaled(loss, prediction, target), mpf(loss.scale)
    return c**2 * (1 - cos(x)) if abs(x) <= pi else 2 * c**2


@oracle(
    losskit.Hampel,
    variants=({}, {"a": 0.125, "b": 0.125, "c": 0.5}, {"a": 10.0, "b": 20.0, "c": 50.0}),
    kinks=around(lambda loss: loss.a, lambda loss: loss.b, lambda loss: loss.c),
    cancelling=(1,),
    why="the gradient at c is the difference of c and the rounded residual",
)
def hampel(loss, prediction, target):
    r, a, b, c = (abs(mpf(x)) for x in (prediction - target, loss.a, loss.b, loss.c))
    if r <= a:
        return r**2 / 2
    if r <= b:
        return a * r - a**2 / 2
    return a * (b + c - a) / 2 - a * (max(c - r, mpf(0))) ** 2 / (c - b) / 2


@oracle(
    losskit.Talwar,
    variants=({}, {"scale": 0.125}, {"scale": 20.0}),
    kinks=around(lambda loss: loss.scale),
    at_kink="zero",
)
def talwar(loss, prediction, target):
    r, c = abs(prediction - target), mpf(loss.scale)
    return r**2 / 2 if r < c else c**2 / 2

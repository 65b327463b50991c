"""Twins of losskit.losses.robust."""

from __future__ import annotations

import math

from mpmath import exp, log, mpf

import losskit
from tests.oracles.oracle import oracle

SCALES = ({}, {"scale": 0.1}, {"scale": 20.0})


def scaled(loss, prediction, target):
    return (prediction - target) / mpf(loss.scale)


def power_of_tail(order, loss, prediction, target):
    """A power of a rounded residual is known to q half ulps, and frameworks' powers to some of |q log r|."""
    r = abs(prediction - target)
    return 1 + (abs(loss.exponent * log(r)) / 32 if r else 0)


@oracle(
    losskit.AbsolutePower,
    variants=tuple({"exponent": q} for q in (1.5, 1.0, 2.0, 1.125, 3.0)),
    kinks=lambda loss, target: (target,) if loss.exponent != 2 else (),
    why="see power_of_tail",
    condition=power_of_tail,
)
def absolute_power(loss, prediction, target):
    return abs(prediction - target) ** mpf(loss.exponent)


@oracle(losskit.Fair, variants=SCALES, cancelling=(2,))
def fair(loss, prediction, target):
    x, c = abs(scaled(loss, prediction, target)), mpf(loss.scale)
    return c**2 * (x - log(1 + x))


@oracle(losskit.Cauchy, variants=SCALES, cancelling=(2,))
def cauchy(loss, prediction, target):
    return log(1 + scaled(loss, prediction, target) ** 2 / 2)


@oracle(losskit.GemanMcClure, variants=SCALES, cancelling=(2,))
def geman_mcclure(loss, prediction, target):
    x = scaled(loss, prediction, target)
    return 2 * x**2 / (x**2 + 4)


def exponent_of_tail(order, loss, prediction, target):
    """An exponential of a rounded exponent is known to that many ulps; the loss itself tends to a constant there."""
    x, alpha = scaled(loss, prediction, target), getattr(loss, "alpha", -math.inf)
    if order == 0 or alpha >= 0:
        return 1
    return 1 + (x**2 / 2 if alpha == -math.inf else abs(alpha) / 2 * log(1 + x**2 / abs(alpha - 2)))


@oracle(losskit.Welsch, variants=SCALES, why="see exponent_of_tail", condition=exponent_of_tail, cancelling=(2,))
def welsch(loss, prediction, target):
    return 1 - exp(-(scaled(loss, prediction, target) ** 2) / 2)


@oracle(
    losskit.Tukey,
    variants=({}, {"scale": 0.1}, {"scale": 20.0}),
    kinks=lambda loss, target: (target - loss.scale, target + loss.scale),
    cancelling=(1, 2),
    ulps=16,
    why="derivatives of 1 − (1 − x²)³ are sums of powers of x² with factors up to 15, which cancel at |x| = 1",
)
def tukey(loss, prediction, target):
    x, c = scaled(loss, prediction, target), mpf(loss.scale)
    return c**2 / 6 * (1 - (1 - x**2) ** 3) if abs(x) <= 1 else c**2 / 6


# Dyadic, so that they are the same number in float32; next to 2, 0 and −∞ too.
ALPHAS = (
    1.0,
    2.0,
    2 - 2**-20,
    2 + 2**-20,
    4.0,
    1.75,
    0.5,
    2**-20,
    -(2**-20),
    2.0**-60,
    0.0,
    -2.0,
    -(2.0**14),
    -(2.0**40),
)


@oracle(
    losskit.Barron,
    variants=(*({"alpha": alpha} for alpha in (*ALPHAS, -math.inf)), {"alpha": 0.5, "scale": 0.1}),
    cancelling=(2,),
    why="see exponent_of_tail",
    condition=exponent_of_tail,
)
def barron(loss, prediction, target):
    x, alpha = scaled(loss, prediction, target), mpf(loss.alpha)
    if alpha == 2:
        return x**2 / 2
    if alpha == 0:
        return log(x**2 / 2 + 1)
    if loss.alpha == -math.inf:
        return 1 - exp(-(x**2) / 2)
    b = abs(alpha - 2)
    return b / alpha * ((x**2 / b + 1) ** (alpha / 2) - 1)

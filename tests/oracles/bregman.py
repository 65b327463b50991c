"""Twins of losskit.losses.bregman."""

from __future__ import annotations

from mpmath import exp, inf, log, mpf

import losskit
from tests.oracles.classification import far_digits
from tests.oracles.oracle import oracle


def logarithms(order, loss, prediction, target):
    """A power of a ratio is known to as many ulps as the exponent and the ratio's logarithm have."""
    spread = abs(log(prediction)) + (abs(log(target)) if target else 0)
    return 1 + (1 + abs(mpf(loss.beta))) * spread / 4


def powers_fit(loss):
    """Powers, and the square that a second derivative divides by, have to fit float32."""
    size = 1e12 if abs(loss.beta - 1) <= 1 else 1e5
    return (
        dict.fromkeys(("prediction", "target"), (1 / size, size))
        if loss.beta <= 0
        else {"prediction": (1 / size, size), "target": (0.0, size)}
    )


@oracle(
    losskit.BetaDivergence,
    variants=tuple({"beta": beta} for beta in (0.0, 1.0, 2.0, 0.5, 1.5, -1.0, 3.0)),
    reach=powers_fit,
    least=1e-12,
    condition=logarithms,
    cancelling=(1, 2),
    why=logarithms.__doc__,
)
@far_digits
def beta_divergence(loss, prediction, target):
    beta, p, t = mpf(loss.beta), prediction, target
    if beta == 0:
        return t / p - log(t / p) - 1
    if beta == 1:
        return t * log(t / p) - t + p if t else p
    return (t**beta - beta * t * p ** (beta - 1) + (beta - 1) * p**beta) / (beta * (beta - 1))


def minus_bit_entropy(x):
    return (x * log(x) if x else mpf(0)) + ((1 - x) * log(1 - x) if x < 1 else mpf(0))


def between(order, loss, prediction, target):
    """eᵈ of a difference d is known to as many ulps as it has; with softplus the value is a difference of two parts."""
    size = abs(prediction) + abs(target)
    return {"bit_entropy": 1, "exponential": 1 + size / 4, "softplus": 3 + size * order / 4}[loss.generator]


@oracle(
    losskit.BregmanDivergence,
    variants=tuple({"generator": generator} for generator in ("bit_entropy", "exponential", "softplus")),
    reach=lambda loss: (
        {} if loss.generator == "bit_entropy" else dict.fromkeys(("prediction", "target"), (-80.0, 80.0))
    ),
    cancelling=(1, 2),
    condition=between,
    why=between.__doc__,
)
@far_digits
def bregman_divergence(loss, prediction, target):
    p, t = prediction, target
    if loss.generator == "exponential":
        return exp(t) - exp(p) - exp(p) * (t - p)
    if loss.generator == "softplus":
        return log(1 + exp(t)) - log(1 + exp(p)) - (t - p) / (1 + exp(-p))
    if p in (0, 1):
        return mpf(0) if p == t else inf
    return minus_bit_entropy(t) - minus_bit_entropy(p) - (log(p) - log(1 - p)) * (t - p)

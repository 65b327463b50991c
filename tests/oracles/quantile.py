"""Twins of losskit.losses.quantile."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from mpmath import exp, fsum, log, mpf
from scipy import stats

import losskit
from tests.oracles.likelihood import discretised
from tests.oracles.oracle import oracle


def pinball(level, prediction, target):
    u = target - prediction
    return max(level * u, (level - 1) * u)


@oracle(
    losskit.QuantileHuber,
    variants=({}, {"level": 0.1, "delta": 0.125}, {"level": 0.95, "delta": 30.0}),
    kinks=lambda loss, target: (target - loss.delta, target, target + loss.delta),
)
def quantile_huber(loss, prediction, target):
    u, delta = target - prediction, mpf(loss.delta)
    size = u**2 / (2 * delta) if abs(u) <= delta else abs(u) - delta / 2
    return abs(mpf(loss.level) - (1 if u < 0 else 0)) * size


@oracle(
    losskit.ImplicitQuantile,
    variants=({}, {"delta": 0.125}, {"delta": 30.0}),
    kinks=lambda loss, target, level: (target - loss.delta, target, target + loss.delta),
    extra=lambda loss: [(2.0, 1.0, 0.0), (0.0, 1.0, 1.0)],
)
def implicit_quantile(loss, prediction, target, level):
    u, delta = target - prediction, mpf(loss.delta)
    size = abs(u) if not delta else u**2 / (2 * delta) if abs(u) <= delta else abs(u) - delta / 2
    return abs(level - (1 if u < 0 else 0)) * size


def in_order(loss, prediction, target):
    """Whether no quantile meets the target or, where crossing is punished, the next one."""
    neighbours = pairwise(prediction)
    return target not in prediction and not (loss.crossing and any(low == high for low, high in neighbours))


@oracle(
    losskit.MultiQuantile,
    variants=({}, {"crossing": 2.0}, {"levels": (0.25, 0.5, 0.625), "crossing": 0.5}),
    rough=lambda loss, prediction, target: not in_order(loss, prediction, target),
    extra=lambda loss: [([1.0, 2.0, 3.0], 0.0), ([1.0, 0.5, -3.0], 0.0), ([1.0, 1.0, 1.0], 2.0)],
    truths=lambda loss: [
        discretised(distribution, distribution.ppf(loss.levels))
        for distribution in (stats.norm(1, 2), stats.gamma(2.0), stats.laplace(-3, 0.5))
    ],
    columns=3,
)
def multi_quantile(loss, prediction, target):
    value = fsum(pinball(mpf(level), q, target) for level, q in zip(loss.levels, prediction, strict=True)) / 3
    fine = fsum(max(low - high, mpf(0)) for low, high in pairwise(prediction))
    return value + mpf(loss.crossing) * fine


@oracle(
    losskit.IntervalScore,
    variants=({}, {"alpha": 0.5}, {"alpha": 0.03125}),
    rough=lambda loss, prediction, target: target in prediction,
    extra=lambda loss: [([1.0, 2.0], 0.0), ([2.0, 1.0], 0.0), ([0.0, 1.0], 0.0)],
    truths=lambda loss: [
        discretised(distribution, distribution.ppf(np.array([loss.alpha / 2, 1 - loss.alpha / 2])))
        for distribution in (stats.norm(1, 2), stats.gamma(2.0), stats.laplace(-3, 0.5))
    ],
    columns=2,
)
def interval_score(loss, prediction, target):
    (lower, upper), alpha = prediction, mpf(loss.alpha)
    return upper - lower + 2 / alpha * (max(lower - target, mpf(0)) + max(target - upper, mpf(0)))


@oracle(
    losskit.LogLinearQuantile,
    variants=({}, {"level": 0.1}, {"level": 0.95}),
    # On which side of the kink a prediction lies that rounding cannot tell from log t, every framework's eᶻ decides.
    rough=lambda loss, prediction, target: target > 0 and abs(prediction - log(target)) < mpf(2) ** -20,
    extra=lambda loss: [(0.0, 1.0), (0.0, 0.0)],
    why="a difference of t and eᶻ, and the exponential of z is known to some of |z| ulps",
    condition=lambda order, loss, prediction, target: 1 + abs(prediction) / 8,
    reach={"prediction": (-1e4, 1e4)},
)
def log_linear_quantile(loss, prediction, target):
    level = mpf(loss.level)
    factor = level if target > exp(prediction) else level - 1
    return factor * target, -factor * exp(prediction)

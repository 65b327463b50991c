"""Twins of losskit.losses.regression."""

from __future__ import annotations

from mpmath import cosh, log, mpf, sqrt

import losskit
from tests.oracles.oracle import oracle


def at_target(loss, target):
    return (target,)


@oracle(losskit.SquaredError)
def squared_error(loss, prediction, target):
    return (prediction - target) ** 2


@oracle(losskit.HalfSquaredError)
def half_squared_error(loss, prediction, target):
    return (prediction - target) ** 2 / 2


@oracle(losskit.AbsoluteError, kinks=at_target)
def absolute_error(loss, prediction, target):
    return abs(prediction - target)


@oracle(
    losskit.RootMeanSquaredError,
    kinks=at_target,
    # The squares have to fit the dtype, and not to vanish in it.
    reach=dict.fromkeys(("prediction", "target"), (-1e15, 1e15)),
    least=1e-15,
)
def root_mean_squared_error(loss, prediction, target):
    """Of a batch of one."""
    return sqrt((prediction - target) ** 2)


@oracle(
    losskit.Huber,
    variants=({}, {"delta": 0.125}, {"delta": 30.0}),
    kinks=lambda loss, target: (target - loss.delta, target + loss.delta),
)
def huber(loss, prediction, target):
    r, delta = abs(prediction - target), mpf(loss.delta)
    return r**2 / 2 if r <= delta else delta * (r - delta / 2)


@oracle(
    losskit.SmoothL1,
    variants=({}, {"beta": 0.1}, {"beta": 20.0}),
    kinks=lambda loss, target: (target - loss.beta, target + loss.beta),
)
def smooth_l1(loss, prediction, target):
    r, beta = abs(prediction - target), mpf(loss.beta)
    return r**2 / (2 * beta) if r <= beta else r - beta / 2


@oracle(losskit.LogCosh)
def log_cosh(loss, prediction, target):
    return log(cosh(prediction - target))


@oracle(losskit.PseudoHuber, variants=({}, {"delta": 0.1}, {"delta": 20.0}), cancelling=(2,))
def pseudo_huber(loss, prediction, target):
    delta = mpf(loss.delta)
    return delta**2 * (sqrt(1 + ((prediction - target) / delta) ** 2) - 1)


@oracle(losskit.AbsolutePercentageError, variants=({}, {"epsilon": 0.5}), kinks=at_target)
def absolute_percentage_error(loss, prediction, target):
    return abs(prediction - target) / max(abs(target), mpf(loss.epsilon))


@oracle(
    losskit.SquaredLogError,
    cancelling=(2,),
    # Derivatives are quotients by (1 + p)², which have to fit float32.
    reach=dict.fromkeys(("prediction", "target"), (-1.0, 1e15)),
)
def squared_log_error(loss, prediction, target):
    return (log(1 + prediction) - log(1 + target)) ** 2


@oracle(losskit.Quantile, variants=({}, {"level": 0.1}, {"level": 0.95}), kinks=at_target)
def quantile(loss, prediction, target):
    level, u = mpf(loss.level), target - prediction
    return max(level * u, (level - 1) * u)


@oracle(losskit.Expectile, variants=({}, {"level": 0.1}, {"level": 0.95}), kinks=at_target)
def expectile(loss, prediction, target):
    level, u = mpf(loss.level), target - prediction
    return abs(level - (1 if u < 0 else 0)) * u**2

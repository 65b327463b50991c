"""Twins of losskit.losses.scores."""

from __future__ import annotations

import numpy as np
from mpmath import cosh, erf, exp, fsum, log, mpf, pi, sqrt
from scipy import stats

import losskit
from tests.oracles.classification import exp as remembered_exp
from tests.oracles.classification import far_digits, probabilities_of, two_classes
from tests.oracles.likelihood import discretised
from tests.oracles.oracle import oracle

CANCELS = "a sum of terms of either sign, as its derivatives are"
PARAMETERS = ((0.0, 1.0), (-2.0, 0.3), (5.0, 4.0))


def exponent(order, loss, prediction, target, log_variance):
    """The exponential of a rounded −½z² is known to that many half ulps."""
    return 1 + min((prediction - target) ** 2 / exp(log_variance), 1e4) / 4


@oracle(
    losskit.GaussianContinuousRankedProbabilityScore,
    why=f"{CANCELS}; see exponent",
    condition=exponent,
    reach={"log_variance": (-160.0, 80.0)},  # 1/σ and σr have to fit float32
    extra=lambda loss: [(z, 0.0, 0.0) for z in (0.0, 1e-9, 1.0, -7.0, 39.9, -40.1, 100.0)],
    truths=lambda loss: [discretised(stats.norm(m, s), m, 2 * np.log(s)) for m, s in PARAMETERS],
)
def gaussian(loss, prediction, target, log_variance):
    r, sigma = prediction - target, exp(log_variance / 2)
    z = r / sigma
    return r * erf(z / sqrt(mpf(2))), 2 * sigma * exp(-(z**2) / 2) / sqrt(2 * pi), -sigma / sqrt(pi)


def exponent_of_tail(order, loss, prediction, target, log_scale=None):
    """The exponential of a rounded −|z| is known to that many half ulps."""
    z = target / exp(prediction) if log_scale is None else abs(prediction - target) / exp(log_scale)
    return 1 + min(z, 1e3) / 4 if order else 1


@oracle(
    losskit.LogisticContinuousRankedProbabilityScore,
    why=f"{CANCELS}; see exponent_of_tail",
    condition=exponent_of_tail,
    reach={"log_scale": (-80.0, 40.0)},  # 1/σ and σr have to fit float32
    extra=lambda loss: [(z, 0.0, 0.0) for z in (1e-9, 1.0, -1.99, 2.01, 90.0, 999.0, -1001.0)],
    truths=lambda loss: [discretised(stats.logistic(m, s), m, np.log(s)) for m, s in PARAMETERS],
)
def logistic(loss, prediction, target, log_scale):
    scale = exp(log_scale)
    return 2 * scale * log(2 * cosh((prediction - target) / scale / 2)), -scale


@oracle(
    losskit.LaplaceContinuousRankedProbabilityScore,
    why=f"{CANCELS}; see exponent_of_tail",
    condition=exponent_of_tail,
    cancelling=(1,),
    reach={"log_scale": (-80.0, 40.0)},  # 1/b and br have to fit float32
    extra=lambda loss: [(z, 0.0, 0.0) for z in (1e-9, 1.0, -7.0, 90.0, 999.0, -1001.0)],
    truths=lambda loss: [discretised(stats.laplace(m, s), m, np.log(s)) for m, s in PARAMETERS],
)
def laplace(loss, prediction, target, log_scale):
    r, scale = abs(prediction - target), exp(log_scale)
    return r + scale * exp(-r / scale), -3 * scale / 4


@oracle(
    losskit.ExponentialContinuousRankedProbabilityScore,
    why=f"{CANCELS}; see exponent_of_tail",
    condition=exponent_of_tail,
    reach={"prediction": (-80.0, 40.0)},  # 1/μ and μt have to fit float32
    extra=lambda loss: [(0.0, t) for t in (0.0, 1e-9, 1.0, 999.0, 1001.0)],
    truths=lambda loss: [discretised(stats.expon(scale=mean), np.log(mean)) for mean in (0.1, 2.5, 40.0)],
)
def exponential(loss, prediction, target):
    mean = exp(prediction)
    return target, 2 * mean * exp(-target / mean), -3 * mean / 2


def rounded_logarithm(order, loss, prediction, target, log_variance):
    """z is known to ulps of log t and p over σ, as often as it is differentiated; m to as many as its logarithm."""
    sigma = exp(log_variance / 2)
    size = abs(prediction) + sigma**2 / 2
    if not target or abs(log(target) - prediction) > 40 * sigma:
        return 1 + size
    return 1 + size + ((1 + abs(log(target)) + abs(prediction)) / sigma) ** order


@oracle(
    losskit.LogNormalContinuousRankedProbabilityScore,
    why=f"{CANCELS}; see rounded_logarithm",
    condition=rounded_logarithm,
    reach={"prediction": (-40.0, 40.0), "log_variance": (-20.0, 4.5), "target": (0.0, 1e15)},
    extra=lambda loss: [
        (0.0, 1.0, 0.0),
        (0.5, 0.0, -1.0),
        (0.0, 1.0, 5.0),
        (-5.0, 1e-3, 4.0),
        (1.0, 2.0, -10.0),
        (0.0, 1e-3, 2.0),
    ],
    truths=lambda loss: [
        discretised(stats.lognorm(s, scale=np.exp(m)), m, 2 * np.log(s))
        for m, s in ((0.0, 1.0), (-2.0, 0.3), (1.0, 0.5))
    ],
)
@far_digits
def log_normal(loss, prediction, target, log_variance):
    sigma = exp(log_variance / 2)
    z = (log(target) - prediction) / sigma if target else -mpf("inf")
    mean, root = exp(prediction + sigma**2 / 2), sqrt(mpf(2))
    return target * erf(z / root), -mean * erf((z - sigma) / root), -mean * erf(sigma / 2)


@oracle(
    losskit.BinaryBrierScore,
    variants=({}, {"class_weight": (1.0, 3.0)}, {"input": "probabilities"}),
    why="the exponential of a rounded −z is known to that many half ulps",
    cancelling=(2,),
    extra=lambda loss: [(0.6931, 0.0), (-0.6931, 1.0)] if loss.input == "logits" else [],  # the steepest
    condition=lambda order, loss, prediction, target: (
        1 + (min(abs(prediction), 800) / 4 if loss.input == "logits" else 0)
    ),
)
@far_digits
def binary_brier(loss, prediction, target):
    p, q = probabilities_of(loss, prediction)
    return two_classes(loss, target, q**2, p**2)


def row_of(loss, prediction):
    if loss.input == "probabilities":
        return prediction
    powers = [remembered_exp(z) for z in prediction]
    total = fsum(powers) if loss.input == "logits" else 1
    return [power / total for power in powers]


def weighted(loss, target, values):
    shares = target if isinstance(target, list) else [mpf(k == target) for k in range(len(values))]
    weights = loss.class_weight or (1,) * len(values)
    return tuple(t * mpf(w) * v for t, w, v in zip(shares, weights, values, strict=True) if t)


def spread(order, loss, prediction, target):
    """Probabilities are exponentials of rounded differences: known to as many half ulps as these are large."""
    return 1 + (min(max(prediction) - min(prediction), 800) / 4 if loss.input != "probabilities" else 0)


def of_a_logit(loss, x):
    """Derivatives are sums of products of probabilities, of the size of the loss whatever the logit."""
    return 1


CLASSWISE = (
    {},
    {"class_weight": (1.0, 2.0, 0.5, 1.0)},
    {"input": "probabilities"},
    {"input": "log_probabilities"},
)


@oracle(
    losskit.BrierScore, variants=CLASSWISE, why="see spread", condition=spread, cancelling=(1, 2), extent=of_a_logit
)
@far_digits
def brier(loss, prediction, target):
    p = row_of(loss, prediction)
    squares = [x**2 for x in p]
    return weighted(loss, target, [(1 - x) ** 2 + fsum(squares[:k] + squares[k + 1 :]) for k, x in enumerate(p)])


@oracle(
    losskit.SphericalScore, variants=CLASSWISE, why="see spread", condition=spread, cancelling=(1, 2), extent=of_a_logit
)
@far_digits
def spherical(loss, prediction, target):
    p = row_of(loss, prediction)
    length = sqrt(fsum(x**2 for x in p))
    return weighted(loss, target, [1 - x / length for x in p])

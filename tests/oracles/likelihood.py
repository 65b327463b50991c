"""Twins of losskit.losses.likelihood: minus the logarithm of the density, as sums of terms that cancel near 0."""

from __future__ import annotations

import numpy as np
from mpmath import exp, log, loggamma, mp, mpf, pi
from scipy import stats

import losskit
from tests.oracles.oracle import Truth, oracle

CANCELS = "−log density is a sum of terms of either sign, and 0 where the density is 1"


def discretised(distribution, *prediction):
    """A continuous distribution by the nodes and weights of its quantile function (midpoints, 20 000 of them)."""
    levels = (np.arange(20000) + 0.5) / 20000
    return Truth(prediction, distribution.ppf(levels), np.full(20000, 1 / 20000))


def counted(distribution, *prediction):
    """A distribution of counts, up to where its tail ends."""
    counts = np.arange(int(distribution.ppf(1 - 1e-13)) + 1)
    return Truth(prediction, counts.astype(float), distribution.pmf(counts))


@oracle(
    losskit.GaussianNegativeLogLikelihood,
    why=CANCELS,
    reach={"log_variance": (-80.0, 1e4)},  # e^(−s/2), and its square, have to fit float32
    truths=lambda loss: [
        discretised(stats.norm(m, s), m, 2 * np.log(s)) for m, s in ((0.0, 1.0), (-2.0, 0.3), (5.0, 4.0))
    ],
)
def gaussian(loss, prediction, target, log_variance):
    return (prediction - target) ** 2 / exp(log_variance) / 2, log_variance / 2, log(2 * pi) / 2


@oracle(
    losskit.LaplaceNegativeLogLikelihood,
    why=CANCELS,
    kinks=lambda loss, target, log_scale: (target,),
    reach={"log_scale": (-80.0, 1e4)},  # e^(−s) has to fit float32
    truths=lambda loss: [
        discretised(stats.laplace(m, b), m, np.log(b)) for m, b in ((0.0, 1.0), (-2.0, 0.3), (5.0, 4.0))
    ],
)
def laplace(loss, prediction, target, log_scale):
    return abs(prediction - target) / exp(log_scale), log_scale, log(mpf(2))


def as_input(loss, mean):
    return np.log(mean) if loss.input == "log_mean" else mean


def reach(loss):
    """±1e4 as log-mean; as mean, what has a square in float32."""
    if getattr(loss, "input", "log_mean") == "log_mean":
        return {"prediction": (-1e4, 1e4)}
    squared = 1e-15, 1e15
    return (
        {"prediction": squared}
        if isinstance(loss, losskit.PoissonNegativeLogLikelihood)
        else {"prediction": squared, "target": squared}
    )


@oracle(
    losskit.PoissonNegativeLogLikelihood,
    variants=({}, {"input": "mean"}),
    why=CANCELS,
    reach=reach,
    truths=lambda loss: [counted(stats.poisson(mean), as_input(loss, mean)) for mean in (0.1, 2.5, 40.0)],
)
def poisson(loss, prediction, target):
    mean, log_mean = (exp(prediction), prediction) if loss.input == "log_mean" else (prediction, log(prediction))
    return mean, -target * log_mean, loggamma(target + 1)


@oracle(
    losskit.GammaNegativeLogLikelihood,
    variants=({}, {"shape": 2.5}, {"input": "mean"}, {"input": "mean", "shape": 0.5}),
    why=CANCELS,
    reach=reach,
    truths=lambda loss: [
        discretised(stats.gamma(loss.shape, scale=mean / loss.shape), as_input(loss, mean)) for mean in (0.1, 2.5, 40.0)
    ],
)
def gamma(loss, prediction, target):
    mean, log_mean = (exp(prediction), prediction) if loss.input == "log_mean" else (prediction, log(prediction))
    k = mpf(loss.shape)
    return k * log_mean, k * target / mean, loggamma(k) - k * log(k), -(k - 1) * log(target)


@oracle(
    losskit.Tweedie,
    variants=({}, {"power": 1.0}, {"power": 1.125}, {"power": 1.875}, {"power": 2.0}),
    why="a difference, 0 at z = 0; and the exponential of a rounded product az is known to |az| half ulps",
    condition=lambda order, loss, prediction, target: 1 + abs(prediction) / 8,
    reach=reach,
)
def tweedie(loss, prediction, target):
    a, z = mpf(loss.power), prediction
    first = z if a == 2 else (exp((2 - a) * z) - 1) / (2 - a)
    second = z if a == 1 else (exp((1 - a) * z) - 1) / (1 - a)
    return first, -target * second


def negative_binomial_truth(mean, dispersion):
    size = 1 / dispersion
    return counted(stats.nbinom(size, size / (size + mean)), np.log(mean), np.log(dispersion))


@oracle(
    losskit.NegativeBinomialNegativeLogLikelihood,
    variants=({}, {"dispersion": 0.03125}),
    ulps=16,
    why=f"{CANCELS}; where 1/α < 12, log Γ of t + 1/α and of 1/α are among them, each off by a few ulps itself",
    reach={"prediction": (-1e4, 1e4), "log_dispersion": (-80.0, 60.0)},
    extra=lambda loss: [(1.0, 3.0, v) for v in (-200.0, -40.0, -20.0, -8.0, -4.0, -2.5, -2.4, 3.0)],
    truths=lambda loss: [negative_binomial_truth(*truth) for truth in ((0.5, 1.0), (4.0, 0.2), (20.0, 0.5))],
)
def negative_binomial(loss, prediction, target, log_dispersion=None):
    if log_dispersion is None:
        log_dispersion = log(mpf(loss.dispersion))
    with mp.extradps(int(max(0, -log_dispersion)) + 10):  # Γ(t + 1/α) and Γ(1/α) agree in that many digits
        mean, dispersion = exp(prediction), exp(log_dispersion)
        size = 1 / dispersion
        common = size * log(1 + dispersion * mean), target * log(1 + dispersion * mean), -target * prediction
        gammas = loggamma(size), -loggamma(target + size), -target * log_dispersion
        if size >= 12:  # Stirling's formula for the two, of which this term is a half
            part = target * log(1 + target * dispersion)
            gammas = part, sum(gammas) - part
        return *common, loggamma(target + 1), *gammas

"""Twins of losskit.losses.likelihood: minus the logarithm of the density, as sums of terms that cancel near 0."""

from __future__ import annotations

import mpmath
import numpy as np
from mpmath import cosh, exp, expm1, fsum, log, mp, mpf, pi
from scipy import stats

import losskit
from tests.oracles.classification import far_digits, remembered
from tests.oracles.oracle import Truth, oracle

loggamma = remembered(mpmath.loggamma)

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


@oracle(
    losskit.ZeroInflatedPoissonNegativeLogLikelihood,
    why=CANCELS,
    reach={"prediction": (-1e3, 1e3), "zero_logit": (-1e4, 1e4)},
    extra=lambda loss: [(z, t, g) for t in (0.0, 2.0) for z, g in ((-30.0, 1.0), (0.7, 0.0), (3.0, -2.0), (1.0, 40.0))],
    truths=lambda loss: [zero_inflated_truth(*truth) for truth in ((2.5, 0.3), (0.5, 0.6), (10.0, 0.1))],
)
@far_digits
def zero_inflated_poisson(loss, prediction, target, zero_logit):
    mean, zero = exp(prediction), 1 / (1 + exp(-zero_logit))
    if target == 0:
        return -log(zero + exp(-mean) / (1 + exp(zero_logit)))
    return log(1 + exp(zero_logit)), mean, -target * prediction, loggamma(target + 1)


def zero_inflated_truth(mean, zero):
    poisson = counted(stats.poisson(mean), np.log(mean), np.log(zero / (1 - zero)))
    probabilities = (1 - zero) * poisson.probabilities + zero * (poisson.targets == 0)
    return Truth(poisson.prediction, poisson.targets, probabilities)


# -- any real target -----------------------------------------------------------------------------------------------


def degrees(loss):
    return loss.degrees_of_freedom, np.log(loss.degrees_of_freedom)


@oracle(
    losskit.StudentTNegativeLogLikelihood,
    variants=({}, {"degrees_of_freedom": 1.0}, {"degrees_of_freedom": 24.0}, {"degrees_of_freedom": 1e6}),
    ulps=16,
    why=f"{CANCELS}; where ν < 16 the constant is a sum of logarithms some times larger than it",
    # e^(−s), and e^(−s)/√ν, have to fit float32
    reach={
        "prediction": (-1e60, 1e60),  # as `least`: with a thousand digits Γ takes too long
        "target": (-1e60, 1e60),
        "log_scale": (-70.0, 1e4),
        "log_degrees_of_freedom": (-30.0, 40.0),
    },
    least=1e-60,
    cancelling=(2,),
    extra=lambda loss: [
        *((1.0, 3.0, -0.5, v) for v in (-8.0, 0.0, 2.4, 2.7, 2.8, 3.2, 8.0, 30.0)),
        (1e-26, 0.0, -60.0, 1.0),
    ],
    truths=lambda loss: [
        discretised(stats.t(degrees(loss)[0], m, s), m, np.log(s), degrees(loss)[1])
        for m, s in ((0.0, 1.0), (-2.0, 0.3), (5.0, 4.0))
    ],
)
def student_t(loss, prediction, target, log_scale, log_degrees_of_freedom=None):
    nu = mpf(loss.degrees_of_freedom) if log_degrees_of_freedom is None else exp(log_degrees_of_freedom)
    z = (prediction - target) / exp(log_scale)
    with mp.extradps(40):  # the two Γ agree in that many digits
        constant = log(pi * nu) / 2 + loggamma(nu / 2) - loggamma((nu + 1) / 2)
    return (nu + 1) / 2 * log(1 + z**2 / nu), log_scale, constant


@oracle(
    losskit.LogisticNegativeLogLikelihood,
    why=CANCELS,
    reach={"log_scale": (-80.0, 1e4)},  # e^(−s) has to fit float32
    truths=lambda loss: [
        discretised(stats.logistic(m, s), m, np.log(s)) for m, s in ((0.0, 1.0), (-2.0, 0.3), (5.0, 4.0))
    ],
)
def logistic(loss, prediction, target, log_scale):
    return 2 * log(2 * cosh((prediction - target) / exp(log_scale) / 2)), log_scale


@oracle(
    losskit.GumbelNegativeLogLikelihood,
    why=f"{CANCELS}; and the exponential of a rounded z is known to |z| half ulps",
    condition=lambda order, loss, prediction, target, log_scale: (
        1 + min(abs((prediction - target) / exp(log_scale)), 1e3) / 4
    ),
    reach={"log_scale": (-80.0, 1e4)},  # e^(−s) has to fit float32
    truths=lambda loss: [
        discretised(stats.gumbel_r(m, s), m, np.log(s)) for m, s in ((0.0, 1.0), (-2.0, 0.3), (5.0, 4.0))
    ],
)
def gumbel(loss, prediction, target, log_scale):
    z = (target - prediction) / exp(log_scale)
    return log_scale, z, exp(-z)


@oracle(
    losskit.GaussianMixtureNegativeLogLikelihood,
    why="the share of a component is the exponential of a rounded log-density: known to that many half ulps",
    condition=lambda order, loss, prediction, target, log_scale, logits: (
        1 if order == 0 else 1 + max(abs(d) for d in log_densities(prediction, target, log_scale, logits)) / 4
    ),
    cancelling=(2,),
    columns=3,
    reach={
        "prediction": (-1e3, 1e3),
        "target": (-1e3, 1e3),
        "log_scale": (-4.0, 10.0),
        "logits": (-1e3, 1e3),
    },
)
@far_digits
def gaussian_mixture(loss, prediction, target, log_scale, logits):
    return log(2 * pi) / 2, -log(fsum(exp(d) for d in log_densities(prediction, target, log_scale, logits)))


def log_densities(prediction, target, log_scale, logits):
    total = log(fsum(exp(a) for a in logits))
    return [
        a - total - s - ((m - target) / exp(s)) ** 2 / 2 for m, s, a in zip(prediction, log_scale, logits, strict=True)
    ]


# -- positive targets ----------------------------------------------------------------------------------------------


@oracle(
    losskit.LogNormalNegativeLogLikelihood,
    why=f"{CANCELS}; and log t is rounded before it is subtracted",
    condition=lambda order, loss, prediction, target, log_variance: (
        1 + abs(log(target)) / (abs(prediction - log(target)) or 1)
    ),
    reach={"prediction": (-1e15, 1e15), "log_variance": (-80.0, 1e4)},
    truths=lambda loss: [
        discretised(stats.lognorm(s, scale=np.exp(m)), m, 2 * np.log(s))
        for m, s in ((0.0, 1.0), (-2.0, 0.3), (1.0, 2.0))
    ],
)
def log_normal(loss, prediction, target, log_variance):
    return (prediction - log(target)) ** 2 / exp(log_variance) / 2, log_variance / 2, log(2 * pi) / 2, log(target)


def shape_of(loss, log_shape):
    return mpf(loss.shape) if log_shape is None else exp(log_shape)


@oracle(
    losskit.WeibullNegativeLogLikelihood,
    variants=({}, {"shape": 2.5}, {"shape": 0.125}),
    why=f"{CANCELS}; and the exponential of a rounded k(log t − p) is known to as many half ulps as its terms",
    condition=lambda order, loss, prediction, target, log_shape=None: (
        1 + shape_of(loss, log_shape) * (abs(prediction) + abs(log(target))) / 2
    ),
    reach={"prediction": (-1e4, 1e4), "log_shape": (-20.0, 20.0)},
    truths=lambda loss: [
        discretised(stats.weibull_min(loss.shape, scale=scale), np.log(scale), np.log(loss.shape))
        for scale in (0.3, 1.0, 20.0)
    ],
)
def weibull(loss, prediction, target, log_shape=None):
    k = shape_of(loss, log_shape)
    return -log(k), k * prediction, -k * log(target), log(target), (target / exp(prediction)) ** k


@oracle(
    losskit.HalfNormalNegativeLogLikelihood,
    why=CANCELS,
    reach={"prediction": (-40.0, 1e4)},  # e^(−p) needs a square in float32
    truths=lambda loss: [discretised(stats.halfnorm(scale=s), np.log(s)) for s in (0.3, 1.0, 20.0)],
)
def half_normal(loss, prediction, target):
    return (target / exp(prediction)) ** 2 / 2, prediction, log(pi / 2) / 2


# -- shares --------------------------------------------------------------------------------------------------------


def beta_truth(mean, precision):
    law = stats.beta(mean * precision, (1 - mean) * precision)
    return discretised(law, np.log(mean / (1 - mean)), np.log(precision))


@oracle(
    losskit.BetaNegativeLogLikelihood,
    why=CANCELS,
    reach={"prediction": (-1e4, 1e4), "log_precision": (-80.0, 40.0)},
    cancelling=(2,),
    truths=lambda loss: [beta_truth(*truth) for truth in ((0.5, 4.0), (0.2, 10.0), (0.7, 50.0))],
)
def beta(loss, prediction, target, log_precision):
    precision = exp(log_precision)
    a, b = precision / (1 + exp(-prediction)), precision / (1 + exp(prediction))
    gammas = loggamma(a), loggamma(b), -loggamma(precision)
    return *gammas, -a * log(target), log(target), -b * log(1 - target), log(1 - target)


def continuous_bernoulli_truth(z):
    levels = (np.arange(20000) + 0.5) / 20000
    return Truth((z,), np.log1p(levels * np.expm1(z)) / z, np.full(20000, 1 / 20000))


@oracle(
    losskit.ContinuousBernoulliNegativeLogLikelihood,
    why=CANCELS,
    extra=lambda loss: [(z, t) for z in (0.0, 1e-9, -1e-3, 1.49, 1.51, -1.49, -1.51) for t in (0.0, 0.3, 1.0)],
    truths=lambda loss: [continuous_bernoulli_truth(z) for z in (-3.0, 0.5, 2.0)],
)
def continuous_bernoulli(loss, prediction, target):
    return log(expm1(prediction) / prediction) if prediction else mpf(0), -target * prediction


def dirichlet_truth(a, b):
    """Of two shares: the first has a beta distribution."""
    law = discretised(stats.beta(a, b))
    return Truth((np.log([a, b]),), np.stack([law.targets, 1 - law.targets], -1), law.probabilities)


def shares(case, n, rng, kind, dtype):
    """Rows of shares of which none is 0, where the density has a pole."""
    columns = case.oracle.columns
    if kind == "ordinary":
        rows, prediction = rng.dirichlet(np.ones(columns), n), rng.normal(0, 2, (n, columns))
    else:
        rows = rng.dirichlet(np.full(columns, 0.2), n)
        prediction = rng.choice([-1e4, -30.0, -1e-3, 0.0, 1e-8, 1.0, 2.5, 10.0, 30.0], (n, columns))
    rows = rows * 0.999 + 0.001 / columns
    return {"prediction": prediction, "target": rows}


@oracle(
    losskit.DirichletNegativeLogLikelihood,
    why=CANCELS,
    draw=shares,
    cancelling=(2,),
    columns=3,
    truths=lambda loss: [dirichlet_truth(*truth) for truth in ((2.0, 2.0), (0.7, 3.0), (20.0, 30.0))],
)
def dirichlet(loss, prediction, target):
    concentrations = [exp(p) for p in prediction]
    terms = [part for a, t in zip(concentrations, target, strict=True) for part in (-a * log(t), log(t))]
    return *(loggamma(a) for a in concentrations), -loggamma(fsum(concentrations)), *terms

"""Positive targets: lifetimes, amounts, sizes; and amounts that may be 0 (Tweedie)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Domain, NonNegative, Positive, Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.core.kinds import ElementwiseLoss
from losskit.losses.likelihood.link import LogLinkLoss, mean_statistic

__all__ = [
    "GammaNegativeLogLikelihood",
    "HalfNormalNegativeLogLikelihood",
    "LogNormalNegativeLogLikelihood",
    "Tweedie",
    "WeibullNegativeLogLikelihood",
]

Array = Any


@dataclass(frozen=True, kw_only=True)
class GammaNegativeLogLikelihood(LogLinkLoss):
    """Positive targets of predicted mean μ = eᶻ: ℓ = k(log μ + t/μ) − k log k − (k − 1) log t + log Γ(k).

    Shapes: prediction and target alike, any; targets > 0. Range: any real number. shape k > 0 is the distribution's:
    the standard deviation is μ/√k; 1, the default, is the exponential distribution. It scales the gradient only.
    Infinite where e⁻ᶻ exceeds the dtype (z < −88 in float32); as "mean", derivatives are exact while μ² fits it.
    Source: Nelder & Wedderburn 1972, doi:10.2307/2344614. XGBoost's reg:gamma and scikit-learn's HalfGammaLoss are
    k = 1.
    """

    shape: float = 1.0

    target = Positive()
    aliases = ("GammaNLL", "ExponentialNegativeLogLikelihood")
    facts = Facts(
        convex=lambda loss: loss.input == "log_mean",
        smooth=2,
        gradient_bound=math.inf,
        non_negative=False,
        symmetric=False,
        minimiser=mean_statistic,
        proper=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(shape=self.shape)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        k = self.shape
        if self.input == "mean":
            value = k * (xp.log(prediction) + target / prediction)
        else:
            value = k * (prediction + target * xp.exp(-prediction))
        if k == 1:
            return value
        return value - (k - 1) * xp.log(target) + (math.lgamma(k) - k * math.log(k))


@dataclass(frozen=True, kw_only=True)
class LogNormalNegativeLogLikelihood(ElementwiseLoss):
    """Positive targets whose logarithm is normal: ℓ = log t + ½(log 2π + s + (p − log t)² e⁻ˢ), s = log σ².

    Shapes: prediction, target and log_variance alike, any; targets > 0. Range: any real number. prediction and
    log_variance are those of log t: the median of t is eᵖ, its mean e^(p + σ²/2). For sizes that vary by factors
    (incomes, durations, prices): errors count by ratio. Exact while e⁻ˢ and (p − log t)² fit the dtype (s > −88 in
    float32).
    Source: Galton 1879, McAlister 1879, Proc. Royal Society 29. As pytorch-forecasting's LogNormalDistributionLoss and
    Darts' LogNormalLikelihood, which take σ.
    """

    prediction, target, log_variance = Real(), Positive(), Real()
    tasks = ("regression",)
    aliases = ("LogNormalNLL",)
    differentiable = ("prediction", "log_variance")
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=False,
        symmetric=False,
        proper=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array, log_variance: Array) -> Array:
        log_target = xp.log(target)
        z = (prediction - log_target) * (math.sqrt(0.5) * xp.exp(-log_variance / 2))
        return log_target + xp.square(z) + (log_variance + math.log(2 * math.pi)) / 2


@dataclass(frozen=True, kw_only=True)
class WeibullNegativeLogLikelihood(ElementwiseLoss):
    """Lifetimes of predicted scale λ = eᵖ and shape k = eᵛ: ℓ = log t − v − kx + e^(kx), x = log t − p.

    Shapes: prediction, target and log_shape alike, any; targets > 0. Range: any real number. Without log_shape k is the
    fixed `shape` > 0: 1, the default, is the exponential distribution; above it the hazard grows with age, below it
    falls. The mean is λ Γ(1 + 1/k). Infinite where e^(kx) exceeds the dtype.
    Source: Weibull 1951, J. Applied Mechanics 18, 293–297. As Darts' WeibullLikelihood.
    """

    shape: float = 1.0

    prediction, target, log_shape = Real(), Positive(), Real()
    tasks = ("regression", "survival")
    aliases = ("WeibullNLL",)
    differentiable = ("prediction", "log_shape")
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=False,
        symmetric=False,
        proper=True,
    )

    def __post_init__(self) -> None:
        positive(shape=self.shape)

    def formula(self, xp: Any, prediction: Array, target: Array, log_shape: Array | None = None) -> Array:
        log_target = xp.log(target)
        if log_shape is None:
            k, log_k, excess = self.shape, math.log(self.shape), self.shape - 1
        else:
            k, log_k, excess = xp.exp(log_shape), log_shape, xp.expm1(log_shape)
        # (1 − k) log t rather than log t − k log t: for k near 1 its parts would cancel.
        return k * prediction - excess * log_target - log_k + xp.exp(k * (log_target - prediction))


@dataclass(frozen=True, kw_only=True)
class HalfNormalNegativeLogLikelihood(ElementwiseLoss):
    """Sizes of what is normal around 0: ℓ = ½ log(π/2) + p + ½t² e^−2p, p = log σ.

    Shapes: prediction (log σ) and target alike, any; targets ≥ 0. Range: any real number. The mean is σ√(2/π).
    Exact while e^−p, and t e^−p, have a square in the dtype.
    Source: Daniel 1959, Technometrics 1, 311–341. As Darts' HalfNormalLikelihood, which takes σ.
    """

    prediction, target = Real(), NonNegative()
    tasks = ("regression",)
    aliases = ("HalfNormalNLL",)
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=False,
        symmetric=False,
        proper=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        z = target * (math.sqrt(0.5) * xp.exp(-prediction))
        return xp.square(z) + prediction + math.log(math.pi / 2) / 2


@dataclass(frozen=True, kw_only=True)
class Tweedie(ElementwiseLoss):
    """Half the Tweedie deviance of a log-mean, but for terms of the target alone: ℓ = E(2 − q, z) − t E(1 − q, z).

    E(a, z) = (eᵃᶻ − 1)/a, which is z for a = 0; μ = eᶻ is the mean and the variance is proportional to μ^q.
    power q in [1, 2]: 1 is Poisson (of counts in any unit), 2 gamma, each as the exact limit; between them a mass at 0
    beside a density of positive values: insurance claims, rainfall.
    Shapes: prediction (log-mean) and target alike, any; targets ≥ 0, and > 0 for power 2. Range: any real number; 0 at
    z = 0. Infinite where an exponential exceeds the dtype.
    Source: Jørgensen 1987, doi:10.1111/j.2517-6161.1987.tb01685.x. As XGBoost's reg:tweedie, LightGBM's and CatBoost's
    Tweedie, scikit-learn's HalfTweedieLoss, up to those terms.
    """

    power: float = 1.5

    prediction = Real()
    tasks = ("regression",)
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=False,
        symmetric=False,
        minimiser="log_mean",
    )

    @property
    def target(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return NonNegative() if self.power < 2 else Positive()

    def __post_init__(self) -> None:
        if not 1 <= self.power <= 2:
            raise ValueError(f"power: expected a number from 1 (Poisson) to 2 (gamma), got {self.power}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        # Where t = 0 the second term is 0, also where its exponential is infinite.
        counted = xp.where(target == 0, 0.0, prediction)
        return _integral(xp, 2 - self.power, prediction) - target * _integral(xp, 1 - self.power, counted)


def _integral(xp: Any, a: float, z: Array) -> Array:
    """∫₀ᶻ eᵃˢ ds."""
    return z if a == 0 else xp.expm1(a * z) / a

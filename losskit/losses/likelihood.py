"""Regression by likelihood: the negative log-density of the target under a predicted distribution, in nats.

All are complete: no constant is dropped, so values of different distributions compare. (Tweedie's density has no closed
form: it is the exception.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Counts, Domain, NonNegative, Positive, Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.core.kinds import ElementwiseLoss

__all__ = [
    "GammaNegativeLogLikelihood",
    "GaussianNegativeLogLikelihood",
    "LaplaceNegativeLogLikelihood",
    "NegativeBinomialNegativeLogLikelihood",
    "PoissonNegativeLogLikelihood",
    "Tweedie",
]

Array = Any
MeanInput = Literal["log_mean", "mean"]


@dataclass(frozen=True, kw_only=True)
class GaussianNegativeLogLikelihood(ElementwiseLoss):
    """Normal distribution of predicted mean and variance: ℓ = ½(log 2π + s + (p − t)² e⁻ˢ), s = log σ².

    Shapes: prediction, target and log_variance alike, any. Range: any real number. The log-variance is predicted, not
    the variance: it needs no clamp, which would kill its gradient. Exact while e⁻ˢ fits the dtype (s > −88 in float32).
    A model can lower this loss by overstating σ instead of fitting the mean: warm up with SquaredError, or bound s.
    Source: Nix & Weigend 1994, doi:10.1109/ICNN.1994.374138. torch.nn.GaussianNLLLoss takes the variance, clamps it,
    and drops ½ log 2π unless full=True.
    """

    prediction, target, log_variance = Real(), Real(), Real()
    tasks = ("regression",)
    aliases = ("GaussianNLL", "NormalNegativeLogLikelihood")
    differentiable = ("prediction", "log_variance")
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=False,
        symmetric=True,
        minimiser="mean",
        proper=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array, log_variance: Array) -> Array:
        z = (prediction - target) * xp.exp(-log_variance / 2)
        return (xp.square(z) + log_variance + math.log(2 * math.pi)) / 2


@dataclass(frozen=True, kw_only=True)
class LaplaceNegativeLogLikelihood(ElementwiseLoss):
    """Laplace distribution of predicted median and scale: ℓ = log 2 + s + |p − t| e⁻ˢ, s = log b.

    Shapes: prediction, target and log_scale alike, any. Range: any real number. The gradient at p = t is 0.
    Heavier tails than the normal: outliers pull on the median with constant force 1/b.
    Exact while e⁻ˢ fits the dtype (s > −88 in float32). Source: Laplace 1774. As gluonts' and Darts' Laplace output.
    """

    prediction, target, log_scale = Real(), Real(), Real()
    tasks = ("regression",)
    aliases = ("LaplaceNLL",)
    differentiable = ("prediction", "log_scale")
    facts = Facts(
        convex=True,
        smooth=0,
        gradient_bound=math.inf,
        non_negative=False,
        symmetric=True,
        minimiser="median",
        proper=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array, log_scale: Array) -> Array:
        return xp.abs(prediction - target) * xp.exp(-log_scale) + log_scale + math.log(2)


@dataclass(frozen=True, kw_only=True)
class LogLinkLoss(ElementwiseLoss):
    """The base of losses for a positive mean μ.

    input: what the prediction holds: "log_mean" (any real number, the default: a model's raw output) or "mean".
    """

    input: MeanInput = "log_mean"

    tasks = ("regression",)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return {"log_mean": Real(), "mean": Positive()}[self.input]

    def __post_init__(self) -> None:
        if self.input not in ("log_mean", "mean"):
            raise ValueError(f'input: expected "log_mean" or "mean", got {self.input!r}')


def _mean(loss: LogLinkLoss) -> str:
    return "log_mean" if loss.input == "log_mean" else "mean"


@dataclass(frozen=True, kw_only=True)
class PoissonNegativeLogLikelihood(LogLinkLoss):
    """Counts of predicted mean μ = eᶻ: ℓ = μ − t log μ + log t!

    Shapes: prediction and target alike, any; targets whole numbers ≥ 0. Range: [0, ∞). Infinite where eᶻ exceeds the
    dtype (z > 88 in float32). For counts that vary more than their mean take NegativeBinomialNegativeLogLikelihood.
    Source: Nelder & Wedderburn 1972, doi:10.2307/2344614. torch.nn.PoissonNLLLoss drops log t! (full=True takes
    Stirling's approximation, off by 0.04 at t = 2); so do keras.losses.Poisson and XGBoost's count:poisson.
    """

    target = Counts()
    aliases = ("PoissonNLL",)
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=True,
        symmetric=False,
        minimiser=_mean,
        proper=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        constant = _log_factorial(xp, target)
        if self.input == "mean":
            return prediction - target * xp.log(prediction) + constant
        return xp.exp(prediction) - target * prediction + constant


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
    aliases = ("GammaNLL",)
    facts = Facts(
        convex=lambda loss: loss.input == "log_mean",
        smooth=2,
        gradient_bound=math.inf,
        non_negative=False,
        symmetric=False,
        minimiser=_mean,
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


@dataclass(frozen=True, kw_only=True)
class NegativeBinomialNegativeLogLikelihood(ElementwiseLoss):
    """Overdispersed counts of predicted mean μ = eᶻ and dispersion α = eᵛ: variance μ + αμ².

    ℓ = (t + 1/α) log(1 + αμ) − t log(αμ) + log Γ(1/α) − log Γ(t + 1/α) + log t!
    Shapes: prediction z, target t and log_dispersion v alike, any; targets whole numbers ≥ 0. Range: [0, ∞).
    Accurate also where α → 0: there it is PoissonNegativeLogLikelihood; and up to v = 60. Without
    log_dispersion α is the fixed `dispersion` > 0; 1/α is what others call size, total count, concentration or θ.
    Source: Lawless 1987, doi:10.2307/3314912; for forecasting: Salinas et al. 2017, arXiv:1704.04110.
    As gluonts' NegativeBinomialOutput, pytorch-forecasting's NegativeBinomialDistributionLoss.
    """

    dispersion: float = 1.0

    prediction, target, log_dispersion = Real(), Counts(), Real()
    tasks = ("regression",)
    aliases = ("NegativeBinomialNLL",)
    differentiable = ("prediction", "log_dispersion")
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=True,
        symmetric=False,
        minimiser="log_mean",
        proper=True,
    )

    def __post_init__(self) -> None:
        positive(dispersion=self.dispersion)

    def formula(self, xp: Any, prediction: Array, target: Array, log_dispersion: Array | None = None) -> Array:
        if log_dispersion is None:
            log_dispersion = xp.full_like(prediction, math.log(self.dispersion))
        excess = prediction + log_dispersion  # log(αμ)
        below = excess < 0
        # log(1 + αμ)/α, for αμ < 1 as μ · log(1 + αμ)/αμ, which stays finite as α → 0.
        e = xp.exp(xp.where(below, excess, 0.0))
        near = xp.exp(xp.where(below, prediction, 0.0)) * (1 + _log1p_ratio(xp, e))
        far = xp.exp(-xp.where(below, 0.0, log_dispersion)) * xp.softplus(xp.where(below, 0.0, excess))
        counted = target * (xp.softplus(excess) - prediction)
        constant = _log_factorial(xp, target) - _log_rising(xp, target, log_dispersion)
        return xp.where(below, near, far) + counted + constant


def _log_factorial(xp: Any, count: Array) -> Array:
    """log t!, exactly 0 for 0 and 1, where a framework's log Γ may be off by an ulp of 1."""
    trivial = count < 2
    return xp.where(trivial, 0.0, xp.lgamma(xp.where(trivial, 2.0, count) + 1))


def _log_rising(xp: Any, count: Array, log_dispersion: Array) -> Array:
    """log Γ(t + 1/α) − log Γ(1/α) + t log α = Σ log(1 + kα) over k < t, which fades as α → 0."""
    small = log_dispersion < -2.5
    # By Stirling's series where 1/α > 12: nothing of the size of log Γ(1/α) is there to cancel.
    a = xp.exp(xp.where(small, log_dispersion, -2.5))
    x = count * a
    series = (count - 0.5) * xp.log1p(x) + count * _log1p_ratio(xp, x) + _stirling(a / (1 + x)) - _stirling(a)
    # Γ(1/α) = αΓ(1 + 1/α) is finite also where 1/α underflows.
    v = xp.where(small, 0.0, log_dispersion)
    r = xp.exp(-v)
    direct = xp.lgamma(count + 1 + r) - xp.lgamma(1 + r) - xp.log1p(count * xp.exp(v)) + count * v
    return xp.where(small, series, direct)


def _log1p_ratio(xp: Any, x: Array) -> Array:
    """log(1 + x)/x − 1 for x ≥ 0, by the series of 2 artanh(t), t = x/(2 + x), where the difference would cancel."""
    small = x < 0.5
    near, far = xp.where(small, x, 0.0), xp.where(small, 1.0, x)
    t = near / (2 + near)
    series = 0.0 * t
    for odd in range(25, 1, -2):
        series = 1 / odd + t * t * series
    return xp.where(small, t * (2 * t * series / (2 + near) - 1), xp.log1p(far) / far - 1)


def _stirling(a: Array) -> Array:
    """What Stirling's formula leaves of log Γ(1/a), for a < 1/12: a/12 − a³/360 + …"""
    s = a * a
    return a * (
        1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s / 156)))))
    )

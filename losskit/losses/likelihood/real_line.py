"""Any real target: normal and heavier tails, extremes, mixtures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Real, Rows
from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.core.kinds import ElementwiseLoss, RowwiseLoss
from losskit.losses.likelihood.gamma_function import half_step, log1p_ratio
from losskit.losses.regression import FAR, LogCosh

__all__ = [
    "GaussianMixtureNegativeLogLikelihood",
    "GaussianNegativeLogLikelihood",
    "GumbelNegativeLogLikelihood",
    "LaplaceNegativeLogLikelihood",
    "LogisticNegativeLogLikelihood",
    "StudentTNegativeLogLikelihood",
]

Array = Any


@dataclass(frozen=True, kw_only=True)
class GaussianNegativeLogLikelihood(ElementwiseLoss):
    """Normal distribution of predicted mean and variance: ℓ = ½(log 2π + s + (p − t)² e⁻ˢ), s = log σ².

    Shapes: prediction, target and log_variance alike, any. Range: any real number. The log-variance is predicted, not
    the variance: it needs no clamp, which would kill its gradient. Exact while e⁻ˢ fits the dtype (s > −88 in float32).
    A model can lower this loss by overstating σ instead of fitting the mean: warm up with SquaredError, bound s, or
    give weight=e^(βs), its gradient stopped: β-NLL (Seitzer et al. 2022, arXiv:2203.09168), whose sum it is.
    Twice it, less log 2π, is the Dawid–Sebastiani score; of members of an ensemble it is DawidSebastianiScore.
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
class StudentTNegativeLogLikelihood(ElementwiseLoss):
    """Student's t around a predicted location: ℓ = ½(ν + 1) log(1 + z²/ν) + s + ½ log πν + log Γ(½ν) − log Γ(½ν + ½).

    z = (p − t) e⁻ˢ, s the log-scale. Shapes: prediction, target, log_scale and log_degrees_of_freedom alike, any.
    Range: any real number. Without log_degrees_of_freedom ν is the fixed `degrees_of_freedom` > 0; 1 is the Cauchy
    distribution, and ν → ∞ the normal, to which it stays accurate. Outliers pull ever less, as (ν + 1)/r: not convex,
    so start from a good guess. The scale is not the standard deviation, which is √(ν/(ν − 2)) times it for ν > 2.
    Exact while e⁻ˢ and e⁻ˢ/√ν fit the dtype (s > −88 in float32).
    Source: Lange, Little & Taylor 1989, J. American Statistical Association 84, 881–896. As gluonts' StudentTOutput,
    which keeps ν > 2.
    """

    degrees_of_freedom: float = 4.0

    prediction, target, log_scale, log_degrees_of_freedom = Real(), Real(), Real(), Real()
    tasks = ("regression",)
    aliases = ("StudentTNLL",)
    differentiable = ("prediction", "log_scale", "log_degrees_of_freedom")
    facts = Facts(
        convex=False,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=False,
        symmetric=True,
        proper=True,
    )

    def __post_init__(self) -> None:
        positive(degrees_of_freedom=self.degrees_of_freedom)

    def formula(
        self,
        xp: Any,
        prediction: Array,
        target: Array,
        log_scale: Array,
        log_degrees_of_freedom: Array | None = None,
    ) -> Array:
        if log_degrees_of_freedom is None:
            log_nu = xp.asarray(math.log(self.degrees_of_freedom), like=prediction)
        else:
            log_nu = log_degrees_of_freedom
        return student_t(xp, prediction - target, log_scale, log_nu)


def student_t(xp: Any, residual: Array, log_scale: Array, log_nu: Array) -> Array:
    """Minus the log-density of Student's t at a residual."""
    nu, scale, root = xp.exp(log_nu), xp.exp(-log_scale), xp.exp(-log_nu / 2)
    size = xp.abs(residual)
    x = size * scale * root  # |z|/√ν
    near, far = x < 0.5, x > FAR
    # ½ν log(1 + x²) is ½z² · log(1 + x²)/x², of which nothing cancels as ν → ∞.
    z = xp.where(near, residual, 0.0) * scale
    tip = xp.square(z) / 2 * (1 + log1p_ratio(xp, xp.square(z * root))) + xp.log1p(xp.square(z * root)) / 2
    middle = xp.log1p(xp.square(xp.where(near, 1.0, xp.where(far, 1.0, residual)) * scale * root))
    # Without the overflow of x², or of x.
    distant = 2 * xp.log(xp.where(far, size, 1.0)) - 2 * log_scale - log_nu
    spread = xp.where(near, tip, (nu + 1) / 2 * xp.where(far, distant, middle))
    return spread + log_scale + math.log(2 * math.pi) / 2 - half_step(xp, log_nu - math.log(2))


@dataclass(frozen=True, kw_only=True)
class LogisticNegativeLogLikelihood(ElementwiseLoss):
    """Logistic distribution of predicted mean and scale: ℓ = s + 2 log(2 cosh(½z)), z = (p − t) e⁻ˢ, s the log-scale.

    Shapes: prediction, target and log_scale alike, any. Range: any real number. Between the normal and Laplace: smooth
    at p = t, and outliers pull with the constant force e⁻ˢ. The standard deviation is π/√3 times the scale.
    Exact while e⁻ˢ fits the dtype (s > −88 in float32). Source: Verhulst 1845.
    """

    prediction, target, log_scale = Real(), Real(), Real()
    tasks = ("regression",)
    aliases = ("LogisticNLL",)
    differentiable = ("prediction", "log_scale")
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=False,
        symmetric=True,
        proper=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array, log_scale: Array) -> Array:
        z = (prediction - target) * xp.exp(-log_scale)
        return log_scale + 2 * LogCosh().formula(xp, z / 2, xp.zeros_like(z)) + math.log(4)


@dataclass(frozen=True, kw_only=True)
class GumbelNegativeLogLikelihood(ElementwiseLoss):
    """Gumbel distribution (of maxima) of predicted mode and scale: ℓ = s + z + e⁻ᶻ, z = (t − p) e⁻ˢ, s the log-scale.

    Shapes: prediction, target and log_scale alike, any. Range: any real number. For the largest of many: floods, loads,
    peaks. The mean is p + 0.5772 eˢ. Predicting too high costs exponentially: infinite where e⁻ᶻ exceeds the dtype.
    Exact while e⁻ˢ fits the dtype (s > −88 in float32).
    Source: Gumbel 1958, Statistics of Extremes, Columbia University Press. As Darts' GumbelLikelihood.
    """

    prediction, target, log_scale = Real(), Real(), Real()
    tasks = ("regression",)
    aliases = ("GumbelNLL",)
    differentiable = ("prediction", "log_scale")
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=False,
        symmetric=False,
        proper=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array, log_scale: Array) -> Array:
        z = (target - prediction) * xp.exp(-log_scale)
        # Beside an infinite e⁻ᶻ no −∞ may stand.
        return log_scale + xp.where(z < -1e4, 0.0, z) + xp.exp(-z)


@dataclass(frozen=True, kw_only=True)
class GaussianMixtureNegativeLogLikelihood(RowwiseLoss):
    """Mixture density network: ℓ = −log Σₖ πₖ N(t; μₖ, σₖ²), π = softmax(logits).

    Shapes: prediction (the means μ), logits and log_scale (log σ) (…, K), target (…); values (…). Range: any real
    number. For targets of which several values are likely, where a mean is none of them. A component can collapse onto
    one target, and the likelihood grow without bound: bound log_scale below. Exact while (t − μ)/σ has a square in the
    dtype.
    Source: Bishop 1994, Mixture density networks, Aston University NCRG/94/004. As neuralforecast's GMM, which takes
    weights and σ.
    """

    prediction, target, log_scale, logits = Rows(), Real(), Rows(), Rows()
    tasks = ("regression",)
    aliases = ("GaussianMixtureNLL", "MixtureDensity", "MDN")
    differentiable = ("prediction", "log_scale", "logits")
    facts = Facts(convex=False, smooth=2, gradient_bound=math.inf, non_negative=False)

    def formula(self, xp: Any, prediction: Array, target: Array, log_scale: Array, logits: Array) -> Array:
        z = (prediction - xp.expand_dims(target, axis=-1)) * xp.exp(-log_scale)
        log_densities = xp.log_softmax(logits) - (xp.square(z) / 2 + log_scale)
        return math.log(2 * math.pi) / 2 - xp.logsumexp(log_densities)

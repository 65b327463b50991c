"""Counts: Poisson, with more zeros, and with more spread."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Counts, Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.core.kinds import ElementwiseLoss
from losskit.losses.likelihood.gamma_function import log1p_ratio, stirling
from losskit.losses.likelihood.link import LogLinkLoss, mean_statistic

__all__ = [
    "NegativeBinomialNegativeLogLikelihood",
    "PoissonNegativeLogLikelihood",
    "ZeroInflatedPoissonNegativeLogLikelihood",
]

Array = Any


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
        minimiser=mean_statistic,
        proper=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        constant = log_factorial(xp, target)
        if self.input == "mean":
            return prediction - target * xp.log(prediction) + constant
        return xp.exp(prediction) - target * prediction + constant


@dataclass(frozen=True, kw_only=True)
class NegativeBinomialNegativeLogLikelihood(ElementwiseLoss):
    """Overdispersed counts of predicted mean μ = eᶻ and dispersion α = eᵛ: variance μ + αμ².

    ℓ = (t + 1/α) log(1 + αμ) − t log(αμ) + log Γ(1/α) − log Γ(t + 1/α) + log t!
    Shapes: prediction z, target t and log_dispersion v alike, any; targets whole numbers ≥ 0. Range: [0, ∞).
    Accurate also where α → 0: there it is PoissonNegativeLogLikelihood; and up to v = 60. Without
    log_dispersion α is the fixed `dispersion` > 0; 1/α is what others call size, total count, concentration or θ.
    Its default 1 is the geometric distribution of 0, 1, 2 …
    Source: Lawless 1987, doi:10.2307/3314912; for forecasting: Salinas et al. 2017, arXiv:1704.04110.
    As gluonts' NegativeBinomialOutput, pytorch-forecasting's NegativeBinomialDistributionLoss.
    """

    dispersion: float = 1.0

    prediction, target, log_dispersion = Real(), Counts(), Real()
    tasks = ("regression",)
    aliases = ("NegativeBinomialNLL", "GeometricNegativeLogLikelihood")
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
        near = xp.exp(xp.where(below, prediction, 0.0)) * (1 + log1p_ratio(xp, e))
        far = xp.exp(-xp.where(below, 0.0, log_dispersion)) * xp.softplus(xp.where(below, 0.0, excess))
        counted = target * (xp.softplus(excess) - prediction)
        constant = log_factorial(xp, target) - _log_rising(xp, target, log_dispersion)
        return xp.where(below, near, far) + counted + constant


@dataclass(frozen=True, kw_only=True)
class ZeroInflatedPoissonNegativeLogLikelihood(ElementwiseLoss):
    """Counts with more zeros than Poisson has: 0 with probability π = σ(g), else Poisson of mean μ = eᶻ.

    ℓ = −log(π + (1 − π)e^−μ) for t = 0, else −log(1 − π) + μ − t z + log t!
    Shapes: prediction z, target t and zero_logit g alike, any; targets whole numbers ≥ 0. Range: [0, ∞). The predicted
    mean is (1 − π)μ. For sales and claims that mostly do not happen; where counts vary more than their mean without
    an excess of zeros take NegativeBinomialNegativeLogLikelihood. Infinite where eᶻ exceeds the dtype (z > 88 in
    float32) and t > 0. Source: Lambert 1992, Technometrics 34, 1–14. As statsmodels' ZeroInflatedPoisson.
    """

    prediction, target, zero_logit = Real(), Counts(), Real()
    tasks = ("regression",)
    aliases = ("ZeroInflatedPoissonNLL", "ZIP")
    differentiable = ("prediction", "zero_logit")
    facts = Facts(
        convex=False,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=True,
        symmetric=False,
        proper=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array, zero_logit: Array) -> Array:
        zero = target == 0
        # Of the branch that is not taken nothing overflows.
        z = xp.where(zero, 0.0, prediction)
        counted = xp.softplus(zero_logit) + xp.exp(z) - target * z + log_factorial(xp, target)
        # Beyond 50 e^−μ has long been 0, and so are its derivatives: there no ∞ may stand.
        mean = xp.exp(xp.where(zero, xp.minimum(prediction, 50.0), 0.0))
        # π + (1 − π)e^−μ = 1 − q, q = (1 − π)(1 − e^−μ): as log1p(−q) while q is small, else by logarithms.
        q = -xp.sigmoid(-zero_logit) * xp.expm1(-mean)
        likely = q < 0.5
        near = -xp.log1p(-xp.where(likely, q, 0.0))
        far = xp.softplus(zero_logit) - xp.logaddexp(zero_logit, -mean)
        return xp.where(zero, xp.where(likely, near, far), counted)


def log_factorial(xp: Any, count: Array) -> Array:
    """log t!, exactly 0 for 0 and 1, where a framework's log Γ may be off by an ulp of 1."""
    trivial = count < 2
    return xp.where(trivial, 0.0, xp.lgamma(xp.where(trivial, 2.0, count) + 1))


def _log_rising(xp: Any, count: Array, log_dispersion: Array) -> Array:
    """log Γ(t + 1/α) − log Γ(1/α) + t log α = Σ log(1 + kα) over k < t, which fades as α → 0."""
    small = log_dispersion < -2.5
    # By Stirling's series where 1/α > 12: nothing of the size of log Γ(1/α) is there to cancel.
    a = xp.exp(xp.where(small, log_dispersion, -2.5))
    x = count * a
    series = (count - 0.5) * xp.log1p(x) + count * log1p_ratio(xp, x) + stirling(a / (1 + x)) - stirling(a)
    # Γ(1/α) = αΓ(1 + 1/α) is finite also where 1/α underflows.
    v = xp.where(small, 0.0, log_dispersion)
    r = xp.exp(-v)
    direct = xp.lgamma(count + 1 + r) - xp.lgamma(1 + r) - xp.log1p(count * xp.exp(v)) + count * v
    return xp.where(small, series, direct)

"""Shares: targets between 0 and 1, and rows of them that sum to 1."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Interval, Probability, Real, Rows, Simplex
from losskit.core.facts import Facts
from losskit.core.kinds import ElementwiseLoss, RowwiseLoss
from losskit.losses.likelihood.gamma_function import BERNOULLI, log_gamma

__all__ = [
    "BetaNegativeLogLikelihood",
    "ContinuousBernoulliNegativeLogLikelihood",
    "DirichletNegativeLogLikelihood",
]

Array = Any

SINH_RATIO = [number / (2 * n * math.factorial(2 * n)) for n, number in enumerate(BERNOULLI, start=1)]
"""Coefficients of z², z⁴, … in log(sinh(½z)/½z)."""


@dataclass(frozen=True)
class Share(Interval):
    """Numbers strictly between 0 and 1."""

    lower: float = 0.0
    upper: float = 1.0
    lower_open: bool = True
    upper_open: bool = True
    safe: float = 0.5

    def fix(self) -> str:
        return "draw 0 and 1 inside, as (target * (n - 1) + 0.5) / n of n samples does"


@dataclass(frozen=True, kw_only=True)
class BetaNegativeLogLikelihood(ElementwiseLoss):
    """Beta regression: targets in (0, 1) of mean μ = σ(z) and precision φ = eᵛ; α = μφ, β = (1 − μ)φ.

    ℓ = log Γ(α) + log Γ(β) − log Γ(φ) − (α − 1) log t − (β − 1) log(1 − t).
    Shapes: prediction z (a logit), target and log_precision v alike, any; targets strictly between 0 and 1. Range: any
    real number. The variance is μ(1 − μ)/(1 + φ). For rates and shares that are measured, not counted. A target near
    0 or 1 makes ℓ fall without bound as μ follows it. Exact while φ log φ fits the dtype.
    Source: Ferrari & Cribari-Neto 2004, J. Applied Statistics 31, 799–815. As R's betareg, pytorch-forecasting's
    BetaDistributionLoss; Darts' BetaLikelihood takes α and β.
    """

    prediction, target, log_precision = Real(), Share(), Real()
    tasks = ("regression",)
    aliases = ("BetaNLL", "BetaRegression")
    differentiable = ("prediction", "log_precision")
    facts = Facts(convex=False, smooth=2, gradient_bound=math.inf, non_negative=False, symmetric=False, proper=True)

    def formula(self, xp: Any, prediction: Array, target: Array, log_precision: Array) -> Array:
        precision = xp.exp(log_precision)
        a, b = precision * xp.sigmoid(prediction), precision * xp.sigmoid(-prediction)
        # log Γ(α) = log Γ(1 + α) − log α, finite also where α underflows.
        gammas = log_gamma(xp, 1 + a) + log_gamma(xp, 1 + b) - log_gamma(xp, 1 + precision)
        logarithms = log_precision - xp.softplus(-prediction) - xp.softplus(prediction)  # of αβ/φ
        return gammas - logarithms - (a - 1) * xp.log(target) - (b - 1) * xp.log1p(-target)


@dataclass(frozen=True, kw_only=True)
class ContinuousBernoulliNegativeLogLikelihood(ElementwiseLoss):
    """The cross-entropy of a shade in [0, 1], made a density: ℓ = log((eᶻ − 1)/z) − t z.

    Shapes: prediction (any real number) and target alike, any; targets in [0, 1]. Range: any real number. It is
    BinaryCrossEntropy plus the normaliser that makes it the likelihood of pixels that are not 0 or 1: for variational
    autoencoders. The mean is 1/(1 − e⁻ᶻ) − 1/z, not σ(z). Accurate also near z = 0, where its usual form is 0/0.
    Source: Loaiza-Ganem & Cunningham 2019, arXiv:1907.06845. As torch.distributions.ContinuousBernoulli (which cuts a
    hole around ½ and fills it by two terms of a series).
    """

    prediction, target = Real(), Probability()
    tasks = ("regression",)
    aliases = ("ContinuousBernoulliNLL",)
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=1.0,
        non_negative=False,
        symmetric=False,
        proper=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        # log((eᶻ − 1)/z) = ½z + log(sinh(½z)/½z); the second is even: about z²/24 near 0, ½|z| − log|z| far away.
        size = xp.where(prediction > 0, prediction, -prediction)
        small = size < 1.5
        s = xp.square(xp.where(small, prediction, 0.0))
        tip = 0.0 * s
        for coefficient in reversed(SINH_RATIO):
            tip = s * (coefficient + tip)
        far = xp.where(small, 1.5, size)
        # ½z + ½|z| is 0 or |z|, so that what t z leaves of it is not rounded away.
        positive = xp.where(prediction > 0, prediction, 0.0)
        tail = xp.log1p(-xp.exp(-far)) - xp.log(far)
        return xp.where(small, tip + (0.5 - target) * prediction, tail + (positive - target * prediction))


@dataclass(frozen=True, kw_only=True)
class DirichletNegativeLogLikelihood(RowwiseLoss):
    """Shares of a whole: ℓ = Σₖ log Γ(αₖ) − log Γ(Σₖ αₖ) − Σₖ (αₖ − 1) log tₖ, α = eᵖ.

    Shapes: prediction (log-concentrations p) and target (…, K), rows of shares that sum to 1; values (…). Range: any
    real number. The mean is softmax(p), and Σα says how surely. Shares have to be > 0: a share of 0 has an infinite
    value unless its α is 1.
    Source: Minka 2000, Estimating a Dirichlet distribution, MIT. As Darts' DirichletLikelihood.
    """

    prediction, target = Rows(), Simplex()
    tasks = ("regression",)
    aliases = ("DirichletNLL",)
    facts = Facts(convex=False, smooth=2, gradient_bound=math.inf, non_negative=False, symmetric=False, proper=True)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        concentration = xp.exp(prediction)
        # log Γ(α) = log Γ(1 + α) − log α, finite also where α underflows.
        each = xp.sum(log_gamma(xp, 1 + concentration) - prediction, axis=-1)
        total = log_gamma(xp, 1 + xp.sum(concentration, axis=-1)) - xp.logsumexp(prediction)
        return each - total - xp.sum(xp.xlogy(xp.expm1(prediction), target), axis=-1)

"""Evidence: losses whose model predicts a distribution over distributions, and so how much it has seen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative
from losskit.core.kinds import ElementwiseLoss
from losskit.losses.likelihood.real_line import student_t

__all__ = ["EvidentialRegression"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class EvidentialRegression(ElementwiseLoss):
    """Deep evidential regression: ℓ = −log St(t; γ, β(1 + ν)/(να), 2α) + λ|t − γ|(2ν + α), γ the prediction.

    The model predicts a normal-inverse-gamma distribution of mean and variance: ν = e^log_count virtual observations of
    the mean, α = 1 + e^log_shape and β = e^log_scale of the variance; the target's is then Student's t.
    Shapes: prediction, target, log_count, log_shape and log_scale alike, any. Range: any real number. penalty λ ≥ 0
    takes evidence from wrong predictions; 0 is the likelihood alone. The noise is β/(α − 1), the model's own
    uncertainty β/(ν(α − 1)); of the two, data determine only their combination in the t, so read the second with care.
    Exact while 1/β and (1 + ν)/ν fit the dtype.
    Source: Amini et al. 2020, arXiv:1910.02600, who predict ν, α − 1 and β by softplus.
    """

    penalty: float = 0.01

    prediction, target, log_count, log_shape, log_scale = Real(), Real(), Real(), Real(), Real()
    tasks = ("regression",)
    aliases = ("DeepEvidentialRegression", "NormalInverseGamma")
    differentiable = ("prediction", "log_count", "log_shape", "log_scale")
    facts = Facts(
        convex=False,
        smooth=lambda loss: 2 if loss.penalty == 0 else 0,
        gradient_bound=math.inf,
        non_negative=False,
        symmetric=True,
    )

    def __post_init__(self) -> None:
        non_negative(penalty=self.penalty)

    def formula(
        self, xp: Any, prediction: Array, target: Array, log_count: Array, log_shape: Array, log_scale: Array
    ) -> Array:
        residual, log_alpha = prediction - target, xp.softplus(log_shape)
        half_log_square = (log_scale + xp.softplus(-log_count) - log_alpha) / 2
        value = student_t(xp, residual, half_log_square, log_alpha + math.log(2))
        if self.penalty == 0:
            return value
        evidence = 2 * xp.exp(log_count) + 1 + xp.exp(log_shape)
        return value + self.penalty * xp.abs(residual) * evidence

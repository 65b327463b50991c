"""Regression where some targets are rare."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Real
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.core.kinds import BatchwiseLoss
from losskit.core.loss import shape_fix

__all__ = ["BalancedSquaredError"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class BalancedSquaredError(BatchwiseLoss):
    """Balanced MSE by the batch: ℓᵢ = −log softmaxⱼ(−(pᵢ − tⱼ)² / 2σ²) at j = i.

    The likelihood of the sample's own target among the batch's: predictions in crowded regions of the targets are held
    against many rivals, so that rare targets are not pulled towards the common ones. Shapes: prediction and target (N,)
    alike; values (N,). Unit: nats. Range: [0, ∞); at chance log N. noise_scale σ > 0, in the target's unit: the size of
    the error that is expected. The larger the batch the better; time and memory grow with N².
    A masked sample is left out both as prediction and as other samples' rival. Exact while the squares fit the dtype.
    Source: Ren et al. 2022, arXiv:2203.16427 (BMC), who multiply by 2σ² and learn σ.
    """

    noise_scale: float = 1.0

    prediction, target = Real(), Real()
    tasks = ("regression", "imbalance")
    aliases = ("BalancedMSE", "BMC")
    facts = Facts(convex=True, non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(noise_scale=self.noise_scale)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        miss = xp.expand_dims(prediction - target, -1)
        rival = xp.expand_dims(prediction, -1) - xp.expand_dims(target, 0)
        ahead = xp.expand_dims(target, 0) - xp.expand_dims(target, -1)
        # ((pᵢ − tᵢ)² − (pᵢ − tⱼ)²) / 2σ² by the difference of squares: 0 for the own target, and nothing cancels.
        score = ahead * ((miss + rival) / (2 * self.noise_scale**2))
        if keep is not None:
            own = xp.one_hot(xp.arange(xp.shape(target)[0], like=target), xp.shape(target)[0]) > 0
            # A left-out sample is no rival; its own row keeps one, so that it is not empty.
            score = xp.where(own | xp.expand_dims(keep, axis=0), score, xp.full_like(score, -math.inf))
        return xp.logsumexp(score, axis=-1)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        shape = xp.shape(bound["prediction"])
        if len(shape) != 1:
            raise ShapeError(
                f"prediction: expected one number for each sample, shape (N,), got {shape}"
                + shape_fix("prediction", shape, "prediction", shape[:1])
            )
        super().check_shapes(xp, bound)

"""Key points: how near a predicted place is to the true one, measured by the object it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Positive, Rows
from losskit.core.facts import Facts
from losskit.core.kinds import RowwiseLoss

__all__ = ["ObjectKeypointSimilarity"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class ObjectKeypointSimilarity(RowwiseLoss):
    """OKS loss of key points: ℓ = 1 − exp(−d² / 2σ²), with d the distance of a predicted point to its target.

    Shapes: prediction and target (…, 2), or (…, 3) in space; scale (…), a σ > 0 for each point; values (…), of a point
    each. Unit: none; σ in that of the coordinates. Range: [0, 1). σ = s·k: the root of the object's area times a
    constant of the kind of key point (COCO's k is twice its "sigma": 0.05 for eyes … 0.214 for hips). Invisible points
    are masked: the mean is over the visible ones; for a mean over objects, weigh each by 1 / (visible points of its
    object). Points that are far off, by some σ, have no gradient: start with a distance, or a large σ.
    Source: Maji et al. 2022, arXiv:2204.06806. As mmyolo's OksLoss, ultralytics KeypointLoss (d² by
    2·(2·sigma)²·area).
    """

    prediction, target, scale = Rows(), Rows(), Positive()
    tasks = ("landmarks", "detection")
    aliases = ("OKS",)
    facts = Facts(convex=False, smooth=2, non_negative=True, zero_at_target=True, symmetric=True)

    def formula(self, xp: Any, prediction: Array, target: Array, scale: Array) -> Array:
        # In units of the scale before it is squared, which could overflow or underflow.
        apart = (prediction - target) / xp.expand_dims(scale, -1)
        return -xp.expm1(-xp.sum(apart * apart, axis=-1) / 2)

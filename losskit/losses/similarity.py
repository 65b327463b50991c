"""Similarity of vectors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Rows
from losskit.core.facts import Facts
from losskit.core.kinds import RowwiseLoss

__all__ = ["CosineDistance"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class CosineDistance(RowwiseLoss):
    """One minus the cosine of the angle between two vectors: ℓ = 1 − p·t / (‖p‖‖t‖).

    Shapes: prediction and target (…, D), values (…). Range: [0, 2]. Only directions count, not lengths. Where a vector
    is zero its direction is undefined: value 1, gradient 0 (the bare quotient is NaN there).
    Computed as half the squared distance of the unit vectors: never negative, and accurate where they almost agree.
    The gradient grows as 1/‖p‖. As optax.cosine_distance, torch.nn.CosineEmbeddingLoss for pairs that belong together;
    keras.losses.CosineSimilarity is this minus 1.
    """

    prediction, target = Rows(), Rows()
    tasks = ("regression", "embedding")
    aliases = ("CosineSimilarityLoss",)
    facts = Facts(convex=False, gradient_bound=math.inf, non_negative=True, symmetric=True)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        p, p_is_zero = direction(xp, prediction)
        t, t_is_zero = direction(xp, target)
        return xp.where(p_is_zero | t_is_zero, 1.0, xp.sum(xp.square(p - t), axis=-1) / 2)


def direction(xp: Any, x: Array) -> tuple[Array, Array]:
    """The unit vector of each row, and which rows are zero."""
    # A direction does not change with length: dividing by the largest entry keeps squares from overflow and underflow.
    largest = xp.stop_gradient(xp.max(xp.abs(x), axis=-1, keepdims=True))
    is_zero = largest == 0
    x = x / xp.where(is_zero, 1.0, largest)
    length = xp.safe_norm(x, axis=-1, keepdims=True)
    return x / xp.where(is_zero, 1.0, length), is_zero[..., 0]

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
    Of a predictor's output and another view's projection, which gets no gradient, SimSiam's loss is this minus 1 and
    BYOL's twice this, each the mean over both orders of the views (Chen & He 2020, arXiv:2011.10566; Grill et al. 2020,
    arXiv:2006.07733); lightly's NegativeCosineSimilarity is this minus 1.
    """

    prediction, target = Rows(), Rows()
    tasks = ("regression", "embedding", "self-supervised")
    aliases = ("CosineSimilarityLoss", "NegativeCosineSimilarity", "SimSiam", "BYOL")
    facts = Facts(convex=False, gradient_bound=math.inf, non_negative=True, symmetric=True)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        p, p_is_zero = direction(xp, prediction)
        t, t_is_zero = direction(xp, target)
        return xp.where(p_is_zero | t_is_zero, 1.0, xp.sum(xp.square(p - t), axis=-1) / 2)


def direction(xp: Any, x: Array) -> tuple[Array, Array]:
    """The unit vector of each row, 0 with gradient 0 for the zero vector, and which rows are that."""
    scaled, _, is_zero = _scaled(xp, x)
    unit = scaled / xp.where(is_zero, 1.0, xp.safe_norm(scaled, axis=-1, keepdims=True))
    return xp.where(is_zero, 0.0, unit), is_zero[..., 0]


def length(xp: Any, x: Array) -> Array:
    """The Euclidean length of each row, with gradient 0 at the zero vector."""
    scaled, scale, _ = _scaled(xp, x)
    return xp.safe_norm(scaled, axis=-1) * scale[..., 0]


def pairwise_distances(xp: Any, first: Array, second: Array) -> Array:
    """‖x − y‖ of each row of one sample and each of the other, from their differences.

    Not ‖x‖² + ‖y‖² − 2x · y: of rows that are close nothing but rounding would be left of it.
    """
    return length(xp, xp.expand_dims(first, axis=1) - xp.expand_dims(second, axis=0))


def _scaled(xp: Any, x: Array) -> tuple[Array, Array, Array]:
    """Rows over their largest entry, so that squares neither overflow nor vanish; that entry; which rows are zero."""
    # A constant for the derivatives, which do not depend on it.
    largest = xp.stop_gradient(xp.max(xp.abs(x), axis=-1, keepdims=True))
    is_zero = largest == 0
    scale = xp.where(is_zero, 1.0, largest)
    return x / scale, scale, is_zero

"""A network's features of two images compared: their correlations (style) and their directions (LPIPS)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Rows
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative
from losskit.core.kinds import RowwiseLoss
from losskit.losses.relative import SampleLoss
from losskit.losses.similarity import direction

__all__ = ["GramMatrix", "LearnedPerceptualSimilarity"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class GramMatrix(SampleLoss):
    """Style: ℓ = ‖G(p) − G(t)‖² (Frobenius), G(f) = Σ over positions of f fᵀ / (P·C), of P positions and C channels.

    Which features occur together, wherever in the image: its texture. Features of several layers are several terms of
    an objective. Shapes: prediction and target alike, (N, …, C), channels last (`losskit.torch.module(loss, axis=1)`
    takes (N, C, H, W)); values (N,). Range: [0, ∞). A mask has the target's shape: positions with a masked channel are
    left out. A style image of another size is brought to this one before, or its features are.
    Exact while fourth powers of features fit the dtype.
    Source: Gatys, Ecker & Bethge 2015, arXiv:1508.06576 (who have ¼ of this); Johnson, Alahi & Fei-Fei 2016,
    arXiv:1603.08155. piq's StyleLoss has G without the divisor.
    """

    prediction, target = Rows(), Rows()
    tasks = ("image", "features")
    aliases = ("StyleLoss", "GramLoss")
    facts = Facts(convex=False, smooth=2, non_negative=True, zero_at_target=True, symmetric=True)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        gap = _gram(xp, prediction, keep) - _gram(xp, target, keep)
        return xp.sum(xp.square(gap), axis=(1, 2))


def _gram(xp: Any, features: Array, keep: Array | None) -> Array:
    """Σ f fᵀ / (P·C) of each sample, over the positions of which every channel is kept."""
    shape = xp.shape(features)
    rows = xp.reshape(features, (shape[0], -1, shape[-1]))
    if keep is None:
        return xp.matmul(xp.swapaxes(rows, 1, 2), rows) / (math.prod(shape[1:]))
    whole = xp.all(xp.reshape(keep, (shape[0], -1, shape[-1])), axis=-1, keepdims=True)
    count = xp.sum(xp.cast(whole, rows), axis=1, keepdims=True) * shape[-1]
    rows = xp.where(whole, rows, 0.0)
    return xp.matmul(xp.swapaxes(rows, 1, 2), rows) / xp.where(count == 0, 1.0, count)


@dataclass(frozen=True, kw_only=True)
class LearnedPerceptualSimilarity(RowwiseLoss):
    """LPIPS of one layer: ℓ = Σ_c w_c (p_c/‖p‖ − t_c/‖t‖)², the features' directions compared channel by channel.

    Shapes: prediction and target (…, C), features with the channels last; values (…), one for each position, so that
    a mean is that over positions and images, as in LPIPS; `losskit.torch.module(loss, axis=1)` takes (N, C, H, W).
    channel_weight w: C numbers ≥ 0, those learned for the layer; None: 1 each, which is twice CosineDistance. Layers
    are terms of an objective that add up. Range: [0, 4 max w]. Where features are all 0 they have no direction, which
    counts as the zero vector, with gradient 0. The gradient grows as 1/‖p‖.
    Source: Zhang et al. 2018, arXiv:1801.03924. As the terms of the package lpips, which adds 1e-10 to the lengths.
    """

    channel_weight: tuple[float, ...] | None = None

    prediction, target = Rows(), Rows()
    tasks = ("image", "features")
    aliases = ("LPIPS", "LearnedPerceptualImagePatchSimilarity")
    facts = Facts(convex=False, gradient_bound=math.inf, non_negative=True, zero_at_target=True, symmetric=True)

    def __post_init__(self) -> None:
        if self.channel_weight is not None:
            weights = tuple(float(weight) for weight in self.channel_weight)
            non_negative(**{f"channel_weight[{c}]": weight for c, weight in enumerate(weights)})
            object.__setattr__(self, "channel_weight", weights)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        channels = xp.shape(bound["prediction"])[-1]
        if self.channel_weight is not None and len(self.channel_weight) != channels:
            raise ShapeError(
                f"channel_weight: expected one for each of the {channels} channels of prediction, "
                f"got {len(self.channel_weight)}"
            )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        squared = xp.square(direction(xp, prediction)[0] - direction(xp, target)[0])
        if self.channel_weight is not None:
            squared = xp.asarray(self.channel_weight, like=squared) * squared
        return xp.sum(squared, axis=-1)

"""Pairs of which somebody says how they belong: a distance that is to be small or large, a score that is to win."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from losskit.core.domain import NonNegative, Real, Signs
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, positive
from losskit.core.kinds import ElementwiseLoss

__all__ = ["HingeEmbedding", "MarginRanking"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class HingeEmbedding(ElementwiseLoss):
    """Hinge embedding loss of a distance d: ℓ = d for a like pair (+1), max(0, m − d) for an unlike one (−1).

    Shapes: prediction (the distances) and target alike, any. Unit: the distance's. Range: [0, ∞). margin m > 0. The
    derivative at the kink d = m is 0. DomainError for a distance below 0 and for labels 0 and 1. Of two embeddings
    Contrastive, which squares, or CosineEmbedding.
    Source: Hadsell, Chopra & LeCun 2006, doi:10.1109/CVPR.2006.100, without the squares. As
    torch.nn.HingeEmbeddingLoss, where a label that is neither counts as both.
    """

    margin: float = 1.0

    prediction, target = NonNegative(), Signs()
    tasks = ("metric",)
    facts = Facts(convex=True, smooth=0, gradient_bound=1.0, non_negative=True)

    def __post_init__(self) -> None:
        positive(margin=self.margin)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return xp.where(target > 0, prediction, xp.relu(self.margin - prediction))


@dataclass(frozen=True, kw_only=True)
class MarginRanking(ElementwiseLoss):
    """Margin ranking loss of two scores: ℓ = max(0, m − t · (first − second)), t = +1 where the first is to win, or −1.

    Shapes: first, second and target alike, any. Range: [0, ∞). margin m ≥ 0; with 0, scores that are equal have no
    gradient. The derivative at the kink is 0. DomainError for labels 0 and 1. Of whole lists PairwiseHinge.
    Source: Herbrich, Graepel & Obermayer 2000, Large margin rank boundaries for ordinal regression. As
    torch.nn.MarginRankingLoss (margin 0 by default there).
    """

    margin: float = 1.0

    first, second, target = Real(), Real(), Signs()
    differentiable = ("first", "second")
    tasks = ("ranking",)
    facts = Facts(convex=True, smooth=0, gradient_bound=1.0, non_negative=True)

    def __post_init__(self) -> None:
        non_negative(margin=self.margin)

    def formula(self, xp: Any, first: Array, second: Array, target: Array) -> Array:
        return xp.relu(self.margin - target * (first - second))

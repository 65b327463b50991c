"""Metric learning: what makes embeddings of like things close and of unlike things distant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Probability, Rows
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of, positive
from losskit.core.kinds import BatchwiseLoss, RowwiseLoss
from losskit.losses.similarity import direction, length

__all__ = ["Contrastive", "InfoNCE", "Triplet"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class Contrastive(RowwiseLoss):
    """Contrastive loss of a pair at distance d: ℓ = t·d² + (1 − t)·max(0, m − d)², t = 1 for a like pair.

    Shapes: first and second (…, D), target (…) in [0, 1]; values (…). d is the Euclidean distance; its derivative at
    d = 0 is taken as 0. Range: [0, ∞). margin m > 0, in the embeddings' unit.
    Source: Hadsell, Chopra & LeCun 2006, doi:10.1109/CVPR.2006.100 (who write ½ of it, and Y = 1 − t).
    """

    margin: float = 1.0

    first, second, target = Rows(), Rows(), Probability()
    differentiable = ("first", "second")
    tasks = ("metric",)
    facts = Facts(smooth=0, gradient_bound=math.inf, non_negative=True)

    def __post_init__(self) -> None:
        positive(margin=self.margin)

    def formula(self, xp: Any, first: Array, second: Array, target: Array) -> Array:
        difference = first - second
        apart = xp.relu(self.margin - xp.safe_norm(difference, axis=-1))
        return target * xp.sum(xp.square(difference), axis=-1) + (1 - target) * xp.square(apart)


@dataclass(frozen=True, kw_only=True)
class Triplet(RowwiseLoss):
    """Triplet loss: ℓ = max(0, ‖a − p‖ − ‖a − n‖ + m).

    Shapes: anchor, positive and negative (…, D); values (…). Range: [0, ∞). margin m > 0, in the embeddings' unit.
    Euclidean distances; the derivative of a distance at 0 is taken as 0.
    Source: Schroff, Kalenichenko & Philbin 2015, arXiv:1503.03832 (who square the distances); Balntas et al. 2016,
    doi:10.5244/C.30.119. As torch.nn.TripletMarginLoss (which adds 1e-6 to each difference).
    """

    margin: float = 1.0

    anchor, positive, negative = Rows(), Rows(), Rows()
    differentiable = ("anchor", "positive", "negative")
    tasks = ("metric",)
    aliases = ("TripletMargin",)
    facts = Facts(non_negative=True, smooth=0, gradient_bound=2.0)

    def __post_init__(self) -> None:
        positive(margin=self.margin)

    def formula(self, xp: Any, anchor: Array, positive: Array, negative: Array) -> Array:
        near, far = (length(xp, anchor - other) for other in (positive, negative))
        return xp.relu(self.margin + (near - far))


@dataclass(frozen=True, kw_only=True)
class InfoNCE(BatchwiseLoss):
    """InfoNCE (NT-Xent with one view as keys): ℓᵢ = −log softmaxⱼ(sim(qᵢ, kⱼ) / T) at j = i.

    Shapes: queries and keys (N, D), the i-th key being the i-th query's own; values (N,). Unit: nats. Range: [0, ∞); at
    chance log N. temperature T > 0. similarity: "cosine" (a zero vector has similarity 0 to everything) or "dot".
    A masked pair is left out both as query and as other queries' key.
    Source: van den Oord, Li & Vinyals 2018, arXiv:1807.03748; Chen et al. 2020, arXiv:2002.05709.
    """

    temperature: float = 0.1
    similarity: Literal["cosine", "dot"] = "cosine"

    queries, keys = Rows(), Rows()
    differentiable = ("queries", "keys")
    tasks = ("metric", "self-supervised")
    aliases = ("NTXent",)
    facts = Facts(non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(temperature=self.temperature)
        one_of(("cosine", "dot"), similarity=self.similarity)

    def formula(self, xp: Any, queries: Array, keys: Array, *, keep: Array | None = None) -> Array:
        if self.similarity == "cosine":
            queries, keys = (direction(xp, rows)[0] for rows in (queries, keys))
        scores = xp.matmul(queries, xp.swapaxes(keys, -1, -2)) / self.temperature
        own = xp.one_hot(xp.arange(xp.shape(queries)[0], like=queries), xp.shape(keys)[0]) > 0
        if keep is not None:
            # A left-out key is no rival; a left-out query keeps its own, so that no row is empty.
            scores = xp.where(own | xp.expand_dims(keep, axis=0), scores, xp.full_like(scores, -math.inf))
        return -xp.sum(xp.where(own, xp.log_softmax(scores), xp.zeros_like(scores)), axis=-1)

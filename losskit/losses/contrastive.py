"""Metric learning: what makes embeddings of like things close and of unlike things distant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Groups, Probability, Rows
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of, positive
from losskit.core.kinds import BatchwiseLoss, RowwiseLoss
from losskit.losses.similarity import direction, length

__all__ = [
    "Contrastive",
    "InfoNCE",
    "NormalizedTemperatureScaledCrossEntropy",
    "SigmoidContrastive",
    "SupervisedContrastive",
    "SymmetricInfoNCE",
    "Triplet",
]

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


# -- pairs of a batch, each against the others -------------------------------------------------------------------------
#
# A formula that takes `rows` gives the values of these rows alone (indices; None: all), each against the whole batch.
# So a framework can compute a large batch tile by tile, without all pairs in memory, from the same text.


@dataclass(frozen=True, kw_only=True)
class RowsOfABatch(BatchwiseLoss):
    """The base: one row for each sample of a batch. Further axes would be taken for samples, and are refused."""

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        first = self.inputs[0]
        shape = xp.shape(bound[first])
        if len(shape) != 2:
            raise ShapeError(f"{first}: expected one row for each sample, shape (N, D), got {shape}")
        super().check_shapes(xp, bound)


@dataclass(frozen=True, kw_only=True)
class AlikeRowsOfABatch(RowsOfABatch):
    """The base: rows that are compared by their similarity over a temperature T > 0.

    similarity: "cosine" (a zero vector has similarity 0 to everything) or "dot".
    """

    temperature: float = 0.1
    similarity: Literal["cosine", "dot"] = "cosine"

    def __post_init__(self) -> None:
        positive(temperature=self.temperature)
        one_of(("cosine", "dot"), similarity=self.similarity)

    def compared(self, xp: Any, side: Array) -> Array:
        """The rows whose products are their similarities."""
        return direction(xp, side)[0] if self.similarity == "cosine" else side


@dataclass(frozen=True, kw_only=True)
class PairsOfABatch(AlikeRowsOfABatch):
    """The base: N pairs, of which each is told from what the others of the batch would make.

    A temperature that is learnt: temperature=1 and similarity="dot", with unit vectors of which one side is multiplied
    by 1/T.
    """

    queries, keys = Rows(), Rows()
    differentiable = ("queries", "keys")
    tasks = ("metric", "self-supervised")

    def scores(self, xp: Any, queries: Array, keys: Array, rows: Array | None) -> Array:
        """How alike each query (of these rows) and each key are, over the temperature, (N, N)."""
        queries, keys = (self.compared(xp, side) for side in (queries, keys))
        return products(xp, taken(xp, queries, rows), keys) / self.temperature


@dataclass(frozen=True, kw_only=True)
class InfoNCE(PairsOfABatch):
    """InfoNCE: ℓᵢ = −log softmaxⱼ(sim(qᵢ, kⱼ) / T) at j = i.

    Shapes: queries and keys (N, D), the i-th key being the i-th query's own; values (N,). Unit: nats. Range: [0, ∞); at
    chance log N. temperature T > 0. similarity: "cosine" (a zero vector has similarity 0 to everything) or "dot".
    A masked pair is left out both as query and as other queries' key. For two views of one sample, in which a view's
    rivals are the others of its own side too, NormalizedTemperatureScaledCrossEntropy; for both directions
    SymmetricInfoNCE.
    Source: van den Oord, Li & Vinyals 2018, arXiv:1807.03748. As sentence-transformers' MultipleNegativesRankingLoss
    (T = 1/20).
    """

    aliases = ("MultipleNegativesRanking",)
    facts = Facts(non_negative=True, cost="n^2")

    def formula(
        self, xp: Any, queries: Array, keys: Array, *, keep: Array | None = None, rows: Array | None = None
    ) -> Array:
        return surprise_at_own(xp, self.scores(xp, queries, keys, rows), diagonal(xp, queries, rows), keep)


@dataclass(frozen=True, kw_only=True)
class SymmetricInfoNCE(PairsOfABatch):
    """InfoNCE in both directions (CLIP): ℓᵢ = ½(−log softmaxⱼ(sᵢⱼ) − log softmaxⱼ(sⱼᵢ)) at j = i, s = sim(q, k) / T.

    Shapes: queries and keys (N, D), as images and their texts, the i-th key being the i-th query's own; values (N,).
    Unit: nats. Range: [0, ∞); at chance log N. temperature T > 0: CLIP learns it, from 0.07 on (how: temperature=1 and
    similarity="dot", with unit vectors of which one side is multiplied by 1/T). similarity: "cosine" (a zero vector has
    similarity 0 to everything) or "dot". A masked pair is left out on both sides.
    Source: Radford et al. 2021, arXiv:2103.00020. As sentence-transformers' MultipleNegativesSymmetricRankingLoss
    (T = 1/20).
    """

    temperature: float = 0.07

    aliases = ("CLIP", "MultipleNegativesSymmetricRanking")
    facts = Facts(non_negative=True, symmetric=True, cost="n^2")

    def formula(
        self, xp: Any, queries: Array, keys: Array, *, keep: Array | None = None, rows: Array | None = None
    ) -> Array:
        there = self.scores(xp, queries, keys, rows)
        # Of all rows, the keys' scores are the same numbers again.
        back = xp.swapaxes(there, 0, 1) if rows is None else self.scores(xp, keys, queries, rows)
        own = diagonal(xp, queries, rows)
        return (surprise_at_own(xp, there, own, keep) + surprise_at_own(xp, back, own, keep)) / 2


@dataclass(frozen=True, kw_only=True)
class NormalizedTemperatureScaledCrossEntropy(AlikeRowsOfABatch):
    """NT-Xent (SimCLR) of two views: each view has to find its other one among all 2N − 1 others, by sim / T.

    ℓᵢ = ½(ℓ(aᵢ → bᵢ) + ℓ(bᵢ → aᵢ)), ℓ(x → y) = −log(exp(sim(x, y) / T) / Σ exp(sim(x, z) / T)) over all views z but x.
    Shapes: first (a) and second (b) (N, D), the i-th rows being views of one sample; values (N,). Unit: nats. Range:
    [0, ∞); at chance log(2N − 1). temperature T > 0. similarity: "cosine" (a zero vector has similarity 0 to
    everything), or "dot" of rows that are normalised already. A masked sample is left out on both sides. Large batches
    give more rivals; where the other side alone should be rivals, SymmetricInfoNCE.
    Source: Chen et al. 2020, arXiv:2002.05709. As lightly's NTXentLoss (T = 0.5) and pytorch-metric-learning's
    NTXentLoss (T = 0.07) with each sample a label of two embeddings.
    """

    first, second = Rows(), Rows()
    differentiable = ("first", "second")
    tasks = ("metric", "self-supervised")
    aliases = ("NTXent", "SimCLR")
    facts = Facts(non_negative=True, symmetric=True, cost="n^2")

    def formula(
        self, xp: Any, first: Array, second: Array, *, keep: Array | None = None, rows: Array | None = None
    ) -> Array:
        first, second = (self.compared(xp, side) for side in (first, second))
        own = diagonal(xp, first, rows)
        found = []
        for view, other in ((first, second), (second, first)):
            seeking = taken(xp, view, rows)
            across, beside = (products(xp, seeking, side) / self.temperature for side in (other, view))
            beside = xp.where(own, xp.full_like(beside, -math.inf), beside)  # a view is not its own rival
            found.append(surprise_at_own(xp, across, own, keep, others=beside))
        return (found[0] + found[1]) / 2


@dataclass(frozen=True, kw_only=True)
class SigmoidContrastive(PairsOfABatch):
    """Pairwise sigmoid loss (SigLIP): ℓᵢ = Σⱼ softplus(−zᵢⱼ (sim(qᵢ, kⱼ) / T + b)), zᵢⱼ = 1 where j = i, else −1.

    Shapes: queries and keys (N, D), as images and their texts, the i-th key being the i-th query's own; values (N,),
    each a sum over all keys. Unit: nats. Range: [0, ∞). temperature T > 0; bias b: negative, because N − 1 of N pairs
    are unlike ones. similarity: "cosine" (a zero vector has similarity 0 to everything) or "dot". Both T and b are
    learnt, from T = 0.1 and b = −10 on: with temperature=1, similarity="dot" and bias=0, of unit vectors of which one
    side is multiplied by 1/T and has b, the other 1 appended to it. No softmax over the batch: pairs do not compete,
    and small batches do. A masked pair is left out both as query and as other queries' key.
    Source: Zhai et al. 2023, arXiv:2303.15343. As open_clip's SigLipLoss.
    """

    bias: float = -10.0

    aliases = ("SigLIP",)
    facts = Facts(non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not math.isfinite(self.bias):
            raise ValueError(f"bias: expected a finite number, got {self.bias}")

    def formula(
        self, xp: Any, queries: Array, keys: Array, *, keep: Array | None = None, rows: Array | None = None
    ) -> Array:
        logits = self.scores(xp, queries, keys, rows) + self.bias
        each = xp.softplus(xp.where(diagonal(xp, queries, rows), -logits, logits))
        return xp.sum(each if keep is None else xp.where(xp.expand_dims(keep, axis=0), each, 0.0), axis=-1)


# -- groups of a batch -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SupervisedContrastive(AlikeRowsOfABatch):
    """Supervised contrastive loss: ℓᵢ = −mean over the others j of i's group of log softmax_{j≠i}(sim(xᵢ, xⱼ) / T).

    Shapes: embeddings (N, D); groups (N,) integers, equal for samples of one class; values (N,). Unit: nats. Range:
    [0, ∞). temperature T > 0. similarity: "cosine" (a zero vector has similarity 0 to everything), or "dot" of rows
    that are normalised already. Several views of a sample are rows of their own, of one group. A sample that is alone
    in its group has value 0, and counts in the mean; it is a rival of the others. A masked sample is left out of its
    group and as a rival.
    Source: Khosla et al. 2020, arXiv:2004.11362 (the form with the sum outside the logarithm). As
    pytorch-metric-learning's SupConLoss, which leaves samples that are alone out of the mean.
    """

    embeddings, groups = Rows(), Groups()
    differentiable = ("embeddings",)
    tasks = ("metric",)
    aliases = ("SupCon",)
    facts = Facts(non_negative=True, cost="n^2")

    def formula(
        self, xp: Any, embeddings: Array, groups: Array, *, keep: Array | None = None, rows: Array | None = None
    ) -> Array:
        embeddings = self.compared(xp, embeddings)
        like, unlike = relations(xp, groups, keep, rows)
        scores = products(xp, taken(xp, embeddings, rows), embeddings) / self.temperature
        scores = xp.where(like | unlike, scores, xp.full_like(scores, -math.inf))
        return -xp.mean_where(xp.log_softmax(scores), like, axis=-1)


# -- shared ------------------------------------------------------------------------------------------------------------


def products(xp: Any, x: Array, y: Array) -> Array:
    """The dot product of each row of x and each row of y."""
    return xp.matmul(x, xp.swapaxes(y, -1, -2))


def taken(xp: Any, batch: Array, rows: Array | None) -> Array:
    """These rows of a batch, None for all."""
    return batch if rows is None else xp.take(batch, rows)


def diagonal(xp: Any, batch: Array, rows: Array | None = None) -> Array:
    """Which of the N × N pairs of a batch (of these rows alone) are a row with itself."""
    count = xp.shape(batch)[0]
    return xp.one_hot(xp.arange(count, like=batch) if rows is None else rows, count) > 0


def off_diagonal(xp: Any, rows: Array) -> Array:
    """Which of the N × N pairs of N rows are two rows."""
    count = xp.shape(rows)[0]
    return xp.one_hot(xp.arange(count, like=rows), count) == 0


def surprise_at_own(xp: Any, scores: Array, own: Array, keep: Array | None, others: Array | None = None) -> Array:
    """−log softmaxⱼ of each row at its own column; `others` are N more columns of rivals."""
    parts = [scores] if others is None else [scores, others]
    if keep is not None:
        # A left-out key is no rival; a left-out query keeps its own, so that no row is empty.
        kept = xp.expand_dims(keep, axis=0)
        wanted = [own | kept, kept]
        parts = [xp.where(w, part, xp.full_like(part, -math.inf)) for w, part in zip(wanted, parts, strict=False)]
    every = parts[0] if others is None else xp.concatenate(parts, axis=-1)
    log_p = xp.log_softmax(every)[:, : xp.shape(scores)[1]]
    return -xp.sum(xp.where(own, log_p, xp.zeros_like(log_p)), axis=-1)


def relations(xp: Any, groups: Array, keep: Array | None, rows: Array | None = None) -> tuple[Array, Array]:
    """Which of the N × N pairs (of these rows alone) are of one group, and which of two.

    Without what is left out, and without i with i.
    """
    row, column = xp.expand_dims(taken(xp, groups, rows), axis=1), xp.expand_dims(groups, axis=0)
    like, unlike = xp.where(diagonal(xp, groups, rows), False, row == column), row != column
    if keep is None:
        return like, unlike
    both = xp.expand_dims(taken(xp, keep, rows), axis=1) & xp.expand_dims(keep, axis=0)
    return like & both, unlike & both

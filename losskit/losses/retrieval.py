"""Retrieval: embeddings and similarities of which what belongs together is to be found first, and cheaply."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Flags, Real, Rows
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.core.kinds import BatchwiseLoss
from losskit.core.loss import shape_fix
from losskit.losses.contrastive import RowsOfABatch, products, relations
from losskit.losses.metric import GroupLoss
from losskit.losses.ranking import ListwiseLoss, difference, log_sum_exp_up_to, of_kept
from losskit.losses.self_supervised import every_column, for_each
from losskit.losses.similarity import direction, pairwise_distances

__all__ = ["CoSENT", "FloatingPointOperations", "SmoothAveragePrecision", "SoftNearestNeighbor", "TupletMargin"]

Array = Any

# -- order -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class CoSENT(BatchwiseLoss):
    """Cosine sentence loss: L = log(1 + Σ e^(λ(sⱼ − sᵢ))) over all i, j of a batch with tᵢ > tⱼ.

    s are the similarities (cosines) of the batch's pairs of sentences, t how alike they are said to be: only their
    order counts, not their size. Shapes: prediction and target (N,); values (N,), all of them L. Unit: nats. Range:
    [0, ∞); 0 where all targets are one. scale λ > 0: 20 is for cosines. One number for a batch, from a sum over pairs
    of pairs, which grows with the batch; a single pair in wrong order weighs the more the farther it is. In time N log
    N, by sorting: for each j the running sum over what is to be above it.
    Source: J. Su 2022, CoSENT (a blog post, without a paper); in Li & Li 2023, arXiv:2309.12871. As
    sentence_transformers' CoSENTLoss, in time N²; its AnglELoss is this of other similarities. In the mean over pairs
    of pairs, each with a logarithm of its own, it is RankNet(sigma=λ).
    """

    scale: float = 20.0

    prediction, target = Real(), Real()
    tasks = ("metric", "ranking")
    aliases = ("CosineSentence", "AnglE")
    facts = Facts(convex=True, non_negative=True, cost="n log n")

    def __post_init__(self) -> None:
        positive(scale=self.scale)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        shape = xp.shape(bound["prediction"])
        if len(shape) != 1:
            raise ShapeError(
                f"prediction: expected one similarity for each pair, shape (N,), got {shape}"
                + shape_fix("prediction", shape, "prediction", shape[:1])
            )
        super().check_shapes(xp, bound)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        scores = prediction * self.scale
        down, up = (of_kept(xp, x, keep, -math.inf) for x in (-scores, scores))
        above = log_sum_exp_up_to(xp, down, -target, strictly=True)  # log Σ e^(−λsᵢ) over tᵢ > tⱼ
        return xp.zeros_like(prediction) + xp.softplus(xp.logsumexp(up + above))


@dataclass(frozen=True, kw_only=True)
class SmoothAveragePrecision(ListwiseLoss):
    """One minus average precision at soft ranks: ℓ = 1 − meanᵢ (1 + Σₚ σ((sₚ − sᵢ)/T)) / (1 + Σⱼ σ((sⱼ − sᵢ)/T)).

    i are the relevant items of a list, p the relevant ones but i, j all but i. Shapes: prediction and target (0 or 1)
    (N, L), a list for each query; values (N,). Unit: none. Range: [0, 1). temperature T > 0, in the scores' unit: 0.01
    is for cosines; towards 0 the soft ranks become the ranks, and the gradient vanishes but for almost equal scores.
    For retrieval in a batch: the batch's embeddings as queries, `x @ x.T`, with the diagonal masked. For a classifier's
    area under the precision-recall curve a batch is one list: `prediction[None], target[None]`. A list without anything
    relevant has value 0. Not convex. Time and memory N L².
    Source: Brown et al. 2020, arXiv:2007.12163; with a squared hinge in the place of σ and moving averages: Qi et al.
    2021, arXiv:2104.08736 (SOAP). As pytorch-metric-learning's SmoothAPLoss, which takes embeddings, counts the query
    itself among its relevant items, and leaves queries without others out of the mean.
    """

    temperature: float = 0.01

    target = Flags()
    tasks = ("ranking", "metric", "imbalance")
    aliases = ("SmoothAP", "ApproxAveragePrecision", "ApproxAP")
    facts = Facts(convex=False, smooth=2, non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(temperature=self.temperature)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        relevant, others = target > 0.5, target < 0.5
        if keep is not None:
            relevant, others = relevant & keep, others & keep
        ahead = xp.sigmoid(-difference(xp, prediction / self.temperature))  # of j before i at [i, j]
        # Itself an item is half ahead of by this count, and not by that of the formula.
        found, false = (xp.sum(xp.where(xp.expand_dims(side, -2), ahead, 0.0), axis=-1) for side in (relevant, others))
        # 1 − a/b as (b − a)/b: nothing cancels where what is relevant leads.
        return xp.mean_where(false / (0.5 + xp.where(relevant, found, 0.5) + false), relevant, axis=-1)


# -- groups of a batch -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SoftNearestNeighbor(GroupLoss):
    """Soft nearest neighbour loss: ℓᵢ = −log(Σₚ e^(−‖xᵢ − xₚ‖²/T) / Σⱼ e^(−‖xᵢ − xⱼ‖²/T)), p of i's group, j all but i.

    How probable it is that a neighbour, drawn by its nearness, is of one's own group: one near one is enough. Shapes:
    embeddings (N, D); groups (N,) integers, equal for samples that belong together; values (N,). Unit: nats. Range:
    [0, ∞). temperature T > 0, of the size of squared distances; 1 is neighbourhood components analysis. Subtracted it
    keeps groups entangled, as the paper uses it in hidden layers. A sample that is alone in its group has value 0, and
    counts in the mean. Time and memory N² D.
    Source: Goldberger et al. 2004, Neighbourhood components analysis, NIPS (its logarithmic form); Salakhutdinov &
    Hinton 2007, Learning a nonlinear embedding by preserving class neighbourhood structure, AISTATS; Frosst, Papernot &
    Hinton 2019, arXiv:1902.01889. As pytorch-metric-learning's NCALoss (softmax_scale = 1/T), which normalises first
    and leaves samples that are alone out of the mean.
    """

    temperature: float = 1.0

    aliases = ("NeighborhoodComponentsAnalysis",)
    facts = Facts(non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(temperature=self.temperature)

    def formula(self, xp: Any, embeddings: Array, groups: Array, *, keep: Array | None = None) -> Array:
        differences = xp.expand_dims(embeddings, axis=1) - xp.expand_dims(embeddings, axis=0)
        nearness = -xp.sum(xp.square(differences), axis=-1) / self.temperature
        like, unlike = relations(xp, groups, keep)
        own, other = (xp.logsumexp(xp.where(side, nearness, -math.inf)) for side in (like, unlike))
        # −log(a / (a + b)) as log(1 + b/a): accurate where the own group is much nearer, and where both are far.
        paired = xp.any(like, axis=-1)
        return xp.where(paired, xp.softplus(xp.where(paired, other, 0.0) - xp.where(paired, own, 0.0)), 0.0)


@dataclass(frozen=True, kw_only=True)
class TupletMargin(GroupLoss):
    """Tuplet margin loss: ℓᵢ = the mean over p of log(1 + Σₙ e^(s(cos θᵢₙ − cos(θᵢₚ − m)))), θ angles of embeddings.

    p are the others of i's group, n those of other groups: each p against all n. Shapes: embeddings (N, D); groups (N,)
    integers, equal for samples that belong together; values (N,). Unit: nats. Range: [0, ∞). scale s > 0; margin m in
    [0, π/2), in radians: like pairs need not be nearer than m, which keeps the hardest from ruling. A sample without a
    p or without an n has value 0 and counts in the mean. A zero vector has cosine 0 to everything. Between vectors of
    one direction, or of opposite ones, the derivative of the angle is taken as 0. Time and memory N² D.
    Source: Yu & Tao 2019, Deep metric learning with tuplet margin loss, ICCV (which adds a term for the variance within
    groups). As pytorch-metric-learning's TupletMarginLoss (margin in degrees, 5.73), which averages over all pairs.
    """

    scale: float = 64.0
    margin: float = 0.1

    facts = Facts(non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(scale=self.scale)
        if not 0 <= self.margin < math.pi / 2:
            raise ValueError(f"margin: expected an angle in radians from 0 to below pi/2, got {self.margin}")

    def formula(self, xp: Any, embeddings: Array, groups: Array, *, keep: Array | None = None) -> Array:
        unit, is_zero = direction(xp, embeddings)
        cosines = products(xp, unit, unit)
        like, unlike = relations(xp, groups, keep)
        # sin θ from the distance of the unit vectors, not from 1 − cos²: accurate where like pairs almost agree.
        apart = pairwise_distances(xp, unit, unit)
        rest = 1 - xp.square(apart) / 4
        flat = rest <= 0
        sine = xp.where(flat, 0.0, apart * xp.sqrt(xp.where(flat, 1.0, rest)))
        either = xp.expand_dims(is_zero, axis=0) | xp.expand_dims(is_zero, axis=1)
        sine = xp.where(either, 1.0, sine)
        turned = cosines * math.cos(self.margin) + sine * math.sin(self.margin)
        away = xp.logsumexp(xp.where(unlike, cosines * self.scale, -math.inf))
        each = xp.softplus(xp.expand_dims(away, axis=1) - turned * self.scale)
        return xp.mean_where(each, like, axis=-1)


# -- cost --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class FloatingPointOperations(RowsOfABatch):
    """FLOPS regulariser: L = Σⱼ (meanᵢ |xᵢⱼ|)² over the columns of a batch of sparse representations.

    A smooth stand-in for how many products an inverted index computes per query and document. Unlike a mean of
    magnitudes it presses most on columns that many samples use, so that what stays is spread evenly. Shapes: embeddings
    (N, V), as term weights over a vocabulary; values (N,), all of them L. Unit: the weights', squared. Range: [0, ∞).
    Times a small weight that grows in the first steps: at full weight from the start all columns die. The derivative at
    0 is 0. A masked sample is left out; a weight weighs values alone.
    Source: Paria et al. 2020, arXiv:2004.05665; Formal, Piwowarski & Clinchant 2021, arXiv:2107.05720 (SPLADE). As
    sentence_transformers' FlopsLoss without a threshold.
    """

    embeddings = Rows()
    differentiable = ("embeddings",)
    tasks = ("metric", "ranking")
    aliases = ("FLOPS",)
    facts = Facts(convex=True, non_negative=True)

    def formula(self, xp: Any, embeddings: Array, *, keep: Array | None = None) -> Array:
        usage = xp.mean_where(xp.abs(embeddings), every_column(xp, embeddings, keep), axis=0)
        return for_each(xp, xp.sum(xp.square(usage)), embeddings)

"""Learning to rank: scores of the items of a list (the documents of a query), of which better ones should come first.

Lists lie along the first axis, their items along the second. Lists of unlike lengths are padded, and the padding
masked: `mask` has the target's shape. A list that says nothing (no two items of unlike relevance, or nothing relevant)
has value 0 and gradient 0, and counts in a mean as any other: mask the whole list to leave it out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Domain, NonNegative, Real
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of, positive
from losskit.losses.relative import SampleLoss

__all__ = [
    "ApproxNDCG",
    "ApproxReciprocalRank",
    "LambdaLoss",
    "ListMLE",
    "ListNet",
    "PairwiseHinge",
    "RankNet",
]

Array = Any


@dataclass(frozen=True, kw_only=True)
class ListwiseLoss(SampleLoss):
    """The base: prediction (scores) and target (relevance, more is better) are (N, L): N lists of L items."""

    prediction, target = Real(), Real()
    tasks = ("ranking",)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        shape = xp.shape(bound["prediction"])
        if len(shape) != 2:
            raise ShapeError(f"prediction: expected (lists, items), two axes, got shape {shape}")


# -- pairs of items ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class RankNet(ListwiseLoss):
    """Pairwise logistic loss: ℓ = the mean of log(1 + e^(−σ(s_i − s_j))) over the pairs with y_i > y_j of a list.

    Shapes: prediction and target (N, L); values (N,). Unit: nats. Range: [0, ∞); log 2 for equal scores. sigma σ > 0
    scales the scores. Items of equal relevance make no pair. It counts every pair alike, at the top as at the bottom
    of the list: where only the top is seen, LambdaLoss or ApproxNDCG. Time and memory grow with L².
    Source: Burges et al. 2005, doi:10.1145/1102351.1102363. TF-Ranking's PairwiseLogisticLoss divides the sum over
    the pairs by the number of items, XGBoost's rank:pairwise does not divide it.
    """

    sigma: float = 1.0

    aliases = ("PairwiseLogistic", "PairLogit")
    facts = Facts(convex=True, smooth=2, non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(sigma=self.sigma)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        pairs = better(xp, target, keep)
        return xp.mean_where(xp.softplus(-self.sigma * lead(xp, prediction, pairs)), pairs, axis=(-2, -1))


@dataclass(frozen=True, kw_only=True)
class PairwiseHinge(ListwiseLoss):
    """Pairwise hinge loss: ℓ = the mean of max(0, m − (s_i − s_j)) over the pairs with y_i > y_j of a list.

    Shapes: prediction and target (N, L); values (N,). Range: [0, ∞). margin m > 0, in the scores' unit. Items of equal
    relevance make no pair. The derivative of a pair at the kink is 0. Time and memory grow with L². Of single pairs
    that lie apart, Hinge()(s_i − s_j, 1) is the same. For two levels of relevance in one long list AreaUnderCurve is
    the same in time L log L.
    Source: Herbrich, Graepel & Obermayer 2000, Large margin rank boundaries for ordinal regression; Joachims 2002,
    Optimizing search engines using clickthrough data, KDD (ranking SVM). TF-Ranking's PairwiseHingeLoss divides the
    sum over the pairs by the number of items.
    """

    margin: float = 1.0

    aliases = ("RankingSVM",)
    facts = Facts(convex=True, smooth=0, non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(margin=self.margin)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        pairs = better(xp, target, keep)
        return xp.mean_where(xp.relu(self.margin - lead(xp, prediction, pairs)), pairs, axis=(-2, -1))


@dataclass(frozen=True, kw_only=True)
class GainLoss(ListwiseLoss):
    """The base: relevance as a gain, "exponential" 2^y − 1 or "linear" y, discounted by the logarithm of the rank.

    2^y has to fit the dtype.
    """

    gain: Literal["exponential", "linear"] = "exponential"

    target = NonNegative()

    def __post_init__(self) -> None:
        one_of(("exponential", "linear"), gain=self.gain)

    def gains(self, xp: Any, target: Array, keep: Array | None, top: int | None = None) -> Array:
        """Gains as shares of the ideal list's discounted sum, of its `top` first items; 0 where nothing is relevant."""
        gains = xp.expm1(target * math.log(2)) if self.gain == "exponential" else target
        if keep is not None:
            gains = xp.where(keep, gains, 0.0)
        sorted_gains = xp.flip(xp.sort(gains))
        ideal = xp.sum(sorted_gains * discount(xp, ranks_of(xp, sorted_gains), top), axis=-1, keepdims=True)
        return gains / xp.where(ideal == 0, 1.0, ideal)


@dataclass(frozen=True, kw_only=True)
class LambdaLoss(GainLoss):
    """RankNet by what a pair matters for NDCG: ℓ = Σ w_ij · log(1 + e^(−σ(s_i − s_j))) over the pairs with y_i > y_j.

    weighting: w_ij = |G_i − G_j| times, with ranks r by the scores and D(r) = log₂(1 + r), "lambdarank"
    |1/D(r_i) − 1/D(r_j)|, which is what swapping the two would change of NDCG; "ndcg2" δ = 1/D(d) − 1/D(d + 1) for
    ranks d apart, with which the loss bounds 1 − NDCG more closely; "ndcg2++" the former + mu · δ. G is the gain over
    the ideal list's DCG, gain "exponential" 2^y − 1 or "linear" y. top: of NDCG@top: pairs of which none is ranked
    within it do not count, and discounts end there. Ranks are constants for the derivatives, of equal scores the first
    comes first: the value jumps where two scores cross.
    Shapes: prediction and target ≥ 0, (N, L); values (N,). Unit: nats (Wang et al. have bits). Range: [0, ∞).
    sigma σ > 0, mu ≥ 0. Time and memory grow with L².
    Source: Burges, Ragno & Le 2006, Learning to rank with nonsmooth cost functions, NIPS; Wang et al. 2018, The
    LambdaLoss framework for ranking metric optimization, CIKM. As allRank's lambdaLoss and sentence-transformers'
    LambdaLoss, which have bits; LightGBM's lambdarank and XGBoost's rank:ndcg are "lambdarank".
    """

    weighting: Literal["lambdarank", "ndcg2", "ndcg2++"] = "lambdarank"
    sigma: float = 1.0
    mu: float = 10.0
    top: int | None = None

    aliases = ("LambdaRank",)
    facts = Facts(non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(("lambdarank", "ndcg2", "ndcg2++"), weighting=self.weighting)
        positive(sigma=self.sigma)
        if not 0 <= self.mu < math.inf:
            raise ValueError(f"mu: expected a finite number >= 0, got {self.mu}")
        if self.top is not None and self.top < 1:
            raise ValueError(f"top: expected a number of items >= 1, or None for all, got {self.top}")

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        pairs, gains = better(xp, target, keep), self.gains(xp, target, keep, self.top)
        ranks = descending_ranks(xp, xp.stop_gradient(prediction), keep)
        weight = difference(xp, gains) * self.change(xp, ranks, pairs)
        loss = xp.softplus(-self.sigma * lead(xp, prediction, pairs))
        return xp.sum(xp.where(pairs, weight * loss, 0.0), axis=(-2, -1))

    def change(self, xp: Any, ranks: Array, pairs: Array) -> Array:
        """What the ranks of a pair count."""
        by_swap = xp.abs(difference(xp, discount(xp, ranks, self.top)))
        if self.weighting == "lambdarank":
            return by_swap
        apart = xp.where(pairs, xp.abs(difference(xp, ranks)), 1.0)  # nothing is 0 apart from what it is paired with
        by_distance = discount(xp, apart) - discount(xp, apart + 1)
        if self.top is not None:
            highest = xp.minimum(xp.expand_dims(ranks, -1), xp.expand_dims(ranks, -2))
            by_distance = xp.where(highest <= self.top, by_distance, 0.0)
        return by_distance if self.weighting == "ndcg2" else by_swap + self.mu * by_distance


# -- soft ranks --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ApproxNDCG(GainLoss):
    """One minus NDCG at soft ranks: ℓ = 1 − Σ_i G_i / log₂(1 + π_i), π_i = 1 + Σ_{j≠i} σ((s_j − s_i) / T).

    Shapes: prediction and target ≥ 0, (N, L); values (N,). Unit: none. Range: [0, 1]. temperature T > 0, in the scores'
    unit: towards 0 the soft ranks become the ranks, and the gradient vanishes but for almost equal scores. gain:
    "exponential" 2^y − 1 or "linear" y; G is the gain over the ideal list's DCG. The measure itself, and so not convex:
    from a poor start it hardly moves; begin with ListNet or RankNet. Time and memory grow with L².
    Source: Qin, Liu & Li 2010, doi:10.1007/s10791-009-9124-x. TF-Ranking's ApproxNDCGLoss is this minus 1, with
    T = 0.1; allRank's approxNDCGLoss has α = 1/T.
    """

    temperature: float = 1.0

    aliases = ("ApproximateNDCG",)
    facts = Facts(convex=False, smooth=2, non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(temperature=self.temperature)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        gains = self.gains(xp, target, keep)
        ranks = 1 + items_ahead(xp, prediction / self.temperature, keep)
        reached = xp.sum(gains * discount(xp, ranks), axis=-1)
        return xp.where(xp.sum(gains, axis=-1) == 0, 0.0, 1 - reached)


@dataclass(frozen=True, kw_only=True)
class ApproxReciprocalRank(ListwiseLoss):
    """One minus the reciprocal soft rank of what is relevant: ℓ = 1 − Σ_i y_i / π_i / Σ_i y_i, π as ApproxNDCG's.

    Shapes: prediction and target ≥ 0, (N, L); values (N,). Unit: none. Range: [0, 1). temperature T > 0, in the scores'
    unit. For lists with one relevant item (the answer, what was bought): of several it is the mean, which cannot reach
    0. Not convex. Time and memory grow with L².
    Source: Qin, Liu & Li 2010, doi:10.1007/s10791-009-9124-x. TF-Ranking's ApproxMRRLoss is this minus 1, with T = 0.1.
    """

    temperature: float = 1.0

    target = NonNegative()
    aliases = ("ApproxMRR",)
    facts = Facts(convex=False, smooth=2, non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(temperature=self.temperature)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        ahead = items_ahead(xp, prediction / self.temperature, keep)
        # 1 − 1/π as (π − 1)/π: nothing cancels where the relevant item leads.
        return xp.sum(proportions(xp, target, keep) * (ahead / (1 + ahead)), axis=-1)


# -- a distribution over the list --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ListNet(ListwiseLoss):
    """Cross-entropy of who comes first: ℓ = −Σ_i q_i log softmax(s)_i, q the target as a distribution over the list.

    distribution: "softmax" q = softmax(y) (ListNet's top-one probabilities), "proportional" q = y / Σy for y ≥ 0 (the
    softmax loss: for clicks and relevance of 0 and 1, where it bounds NDCG; a list with none has value 0).
    Shapes: prediction and target (N, L); values (N,). Unit: nats. Range: [0, ∞); its least is the entropy of q.
    In time L, with a gradient of softmax(s) − q: the loss to begin with. With an index for a target it is CrossEntropy.
    Source: Cao et al. 2007, Learning to rank: from pairwise approach to listwise approach, ICML; Bruch et al. 2019,
    doi:10.1145/3341981.3344221 ("proportional"), as TF-Ranking's SoftmaxLoss; optax.losses.ranking_softmax_loss has Σy
    times that.
    """

    distribution: Literal["softmax", "proportional"] = "softmax"

    aliases = ("ListwiseSoftmax", "RankingSoftmax")
    facts = Facts(convex=True, smooth=2, non_negative=True)

    def __post_init__(self) -> None:
        one_of(("softmax", "proportional"), distribution=self.distribution)

    @property
    def target(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return Real() if self.distribution == "softmax" else NonNegative()

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        if self.distribution == "softmax":
            shares = xp.softmax(of_kept(xp, target, keep, -math.inf))
        else:
            shares = proportions(xp, target, keep)
        log_p = xp.log_softmax(of_kept(xp, prediction, keep, -math.inf))
        return -xp.sum(shares * xp.where(shares == 0, 0.0, log_p), axis=-1)


@dataclass(frozen=True, kw_only=True)
class ListMLE(ListwiseLoss):
    """Likelihood of the right order: ℓ = Σ_i (log Σ_{j: y_j ≤ y_i} e^(s_j) − s_i), items drawn one after the other.

    The Plackett–Luce model: from what is left, an item is drawn with probability ∝ e^s. Items of equal relevance are
    each drawn from all of them and what is below (Breslow's way with ties): unlike a draw of their order, the value
    depends on nothing but the arguments. Shapes: prediction and target (N, L); values (N,). Unit: nats. Range: [0, ∞).
    In time L log L. All positions count alike; lists where most items are equal (clicks) are for ListNet.
    Source: Xia et al. 2008, doi:10.1145/1390156.1390306; Plackett 1975, Applied Statistics 24:193–202. Without ties as
    allRank's listMLE, TF-Ranking's and keras_rs's ListMLELoss, which break ties at random or as they come.
    """

    aliases = ("PlackettLuce",)
    facts = Facts(convex=True, smooth=2, non_negative=True, cost="n log n")

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        left = log_sum_exp_up_to(xp, of_kept(xp, prediction, keep, -math.inf), target)
        return xp.sum(of_kept(xp, left - prediction, keep, 0.0), axis=-1)


# -- what they are made of ---------------------------------------------------------------------------------------------


def of_kept(xp: Any, x: Array, keep: Array | None, otherwise: float) -> Array:
    """x, and another number where it is left out."""
    return x if keep is None else xp.where(keep, x, otherwise)


def better(xp: Any, target: Array, keep: Array | None) -> Array:
    """True at [i, j] where item i is to be above item j."""
    above = xp.expand_dims(target, -1) > xp.expand_dims(target, -2)
    return above if keep is None else above & xp.expand_dims(keep, -1) & xp.expand_dims(keep, -2)


def difference(xp: Any, x: Array) -> Array:
    """x_i − x_j at [i, j]."""
    return xp.expand_dims(x, -1) - xp.expand_dims(x, -2)


def lead(xp: Any, scores: Array, pairs: Array) -> Array:
    """s_i − s_j at [i, j] of the pairs, 0 elsewhere."""
    return xp.where(pairs, difference(xp, scores), 0.0)


def proportions(xp: Any, weights: Array, keep: Array | None) -> Array:
    """Weights as shares of their sum, 0 where all are 0."""
    weights = of_kept(xp, weights, keep, 0.0)
    total = xp.sum(weights, axis=-1, keepdims=True)
    return weights / xp.where(total == 0, 1.0, total)


def ranks_of(xp: Any, ordered: Array) -> Array:
    """1, 2, … along the last axis."""
    return xp.cast(xp.arange(xp.shape(ordered)[-1], like=ordered) + 1, ordered) + xp.zeros_like(ordered)


def descending_ranks(xp: Any, scores: Array, keep: Array | None) -> Array:
    """1 for the highest score, 2 for the next; of equal ones the first comes first, and what is left out last."""
    order = xp.argsort(-of_kept(xp, scores, keep, -math.inf))
    return xp.cast(xp.argsort(order) + 1, scores)


def discount(xp: Any, ranks: Array, top: int | None = None) -> Array:
    """1 / log₂(1 + rank); 0 below `top`."""
    value = math.log(2) / xp.log1p(ranks)
    return value if top is None else xp.where(ranks <= top, value, 0.0)


def items_ahead(xp: Any, scores: Array, keep: Array | None) -> Array:
    """Σ_{j≠i} σ(s_j − s_i) over the items that are kept: the soft rank less 1, accurate where it is nearly 0."""
    ahead = xp.sigmoid(-difference(xp, scores))
    others = xp.one_hot(xp.arange(xp.shape(scores)[-1], like=scores), xp.shape(scores)[-1]) == 0
    counted = others if keep is None else others & xp.expand_dims(keep, -2)
    return xp.sum(xp.where(counted, ahead, 0.0), axis=-1)


def log_sum_exp_up_to(xp: Any, scores: Array, key: Array, strictly: bool = False) -> Array:
    """log Σ e^(s_j) over the j with key_j ≤ key_i (or <), for each i along the last axis, in time n log n."""
    order = xp.argsort(key)
    ordered = xp.take_along_axis(key, order)
    begins = xp.concatenate([xp.ones_like(ordered[..., :1]) > 0, ordered[..., 1:] > ordered[..., :-1]], axis=-1)
    at, last = runs(xp, begins, key)
    running = xp.logcumsumexp(xp.take_along_axis(scores, order))
    if strictly:
        running = xp.concatenate([xp.full_like(running[..., :1], -math.inf), running[..., :-1]], axis=-1)
    running = xp.take_along_axis(running, at if strictly else last)
    return xp.take_along_axis(running, xp.argsort(order))


def runs(xp: Any, begins: Array, like: Array) -> tuple[Array, Array]:
    """For each place along the last axis, where its run begins and where it ends, of runs that begin where it is said.

    The first place begins one.
    """
    count = xp.shape(begins)[-1]
    place = xp.arange(count, like=like)
    run = xp.cumsum(xp.cast(begins, place)) - 1
    starts = xp.sort(xp.where(begins, place, count))  # those of the runs, in order, then `count` for what begins none
    after = xp.concatenate([starts[..., 1:], xp.zeros_like(starts[..., :1]) + count], axis=-1)
    return xp.take_along_axis(starts, run), xp.take_along_axis(after, run) - 1


def total_of_run(xp: Any, x: Array, first: Array, last: Array) -> Array:
    """For each place the sum over its run, in log₂(n) passes: no sum of other runs is rounded into it."""
    count = xp.shape(x)[-1]
    place, step = xp.cast(xp.arange(count, like=x), first), 1
    while step < count:
        earlier = xp.concatenate([xp.zeros_like(x[..., :step]), x[..., :-step]], axis=-1)
        x = x + xp.where(place - step >= first, earlier, 0.0)
        step *= 2
    return xp.take_along_axis(x, last)

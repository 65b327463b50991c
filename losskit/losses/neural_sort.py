"""NeuralSort: the order of a list as a matrix of which item is how probably at which rank, with a derivative.

P_ik = softmax over items k of ((L + 1 − 2i) s_k − Σ_j |s_k − s_j|) / T, for each rank i = 1 … L and scores s.
Source: Grover et al. 2019, arXiv:1903.08850.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, positive
from losskit.losses.ranking import GainLoss, ListwiseLoss, discount, of_kept, ranks_of

__all__ = ["NeuralNDCG", "NeuralSortCrossEntropy"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class NeuralSortCrossEntropy(ListwiseLoss):
    """Cross-entropy of which item is at each rank: ℓ = −(1/L) Σ_i Σ_k P_ik(y) log P_ik(s), P NeuralSort's matrix.

    P_i(s) = softmax over items k of ((L + 1 − 2i) s_k − Σ_j |s_k − s_j|) / T for each rank i = 1 … L. P(y), of the
    target, has a temperature of its own, target_temperature ≥ 0: 0 is the order itself, where equal items share their
    ranks; above, items of nearly equal relevance may also change places. Shapes: prediction and target (N, L); values
    (N,). Unit: nats. Range: [0, ∞); its least is the mean entropy of the rows of P(y). temperature T > 0, in the
    scores' unit. All ranks count alike, and a list of equal items asks for equal scores. Not convex. Where scores are
    equal the derivative is that of the order in which they come. Time and memory grow with L².
    Source: Grover et al. 2019, arXiv:1903.08850 (which has target_temperature 0). As TF-Ranking's
    NeuralSortCrossEntropyLoss, which has 1e-20 added inside the logarithm and leaves out lists without anything
    relevant.
    """

    temperature: float = 1.0
    target_temperature: float = 1.0

    aliases = ("NeuralSort",)
    facts = Facts(convex=lambda loss: False if loss.target_temperature else None, non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(temperature=self.temperature)
        non_negative(target_temperature=self.target_temperature)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        column = None if keep is None else xp.expand_dims(keep, -2)
        apart = distance_from_rank(xp, target, keep)
        if self.target_temperature:
            shares = xp.softmax(of_kept(xp, -apart / self.target_temperature, column, -math.inf))
        else:
            there = of_kept(xp, xp.cast(apart == 0, apart), column, 0.0)
            total = xp.sum(there, axis=-1, keepdims=True)
            shares = there / xp.where(total == 0, 1.0, total)
        log_p = log_of_sorting(xp, prediction / self.temperature, keep)
        surprise = -xp.sum(shares * xp.where(shares == 0, 0.0, log_p), axis=-1)
        return xp.mean_where(surprise, ranks_taken(xp, keep, surprise), axis=-1)


@dataclass(frozen=True, kw_only=True)
class NeuralNDCG(GainLoss):
    """One minus NDCG of what is softly at each rank: ℓ = 1 − Σ_i (Σ_k P_ik G_k) / log₂(1 + i), P NeuralSort's matrix.

    P_i = softmax over items k of ((L + 1 − 2i) s_k − Σ_j |s_k − s_j|) / T for each rank i, whose columns and rows are
    then divided by their sums in turn, `iterations` ≥ 0 times (Sinkhorn), so that each item is at one rank in all; 10
    leave columns within some percent of 1. Shapes: prediction and target ≥ 0, (N, L); values (N,). Unit: none. Range:
    [0, 1], but for what columns are off 1. temperature T > 0, in the scores' unit: towards 0 it is 1 − NDCG, and the
    gradient vanishes but for almost equal scores. gain: "exponential" 2^y − 1 or "linear" y; G is the gain over the
    ideal list's DCG. top: of NDCG@top. A list without any gain has value 0. Not convex: begin with ListNet or RankNet.
    Where scores are equal the derivative is that of the order in which they come. Time and memory grow with
    (1 + iterations) L².
    Source: Pobrotyn & Białobrzeski 2021, arXiv:2102.07831; iterations=0: Swezey et al. 2020, arXiv:2012.06731 (PiRank).
    allRank's neuralNDCG is this minus 1, with up to 50 iterations and lists without any gain left out of the mean;
    TF-Ranking's NeuralSortNDCGLoss is that of iterations=0.
    """

    temperature: float = 1.0
    iterations: int = 10
    top: int | None = None

    aliases = ("PiRank",)
    facts = Facts(convex=False, cost="n^2")

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(temperature=self.temperature)
        if self.iterations < 0:
            raise ValueError(f"iterations: expected a whole number >= 0, got {self.iterations}")
        if self.top is not None and self.top < 1:
            raise ValueError(f"top: expected a number of items >= 1, or None for all, got {self.top}")

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        gains = self.gains(xp, target, keep, self.top)
        log_p = log_of_sorting(xp, prediction / self.temperature, keep)
        if keep is not None:
            log_p = xp.where(xp.expand_dims(ranks_taken(xp, keep, gains), -1), log_p, -math.inf)
        turns = xp.arange(self.iterations, like=prediction)
        (log_p,) = xp.fold(lambda state, turn: (sums_of_one(xp, state[0]),), (log_p,), (turns,))
        found = xp.sum(xp.exp(log_p) * xp.expand_dims(gains, -2), axis=-1)
        reached = xp.sum(found * discount(xp, ranks_of(xp, gains), self.top), axis=-1)
        return xp.where(xp.sum(gains, axis=-1) == 0, 0.0, 1 - reached)


def ranks_taken(xp: Any, keep: Array | None, like: Array) -> Array | None:
    """True at the ranks that there are items for, None for all."""
    return None if keep is None else ranks_of(xp, like) <= xp.sum(xp.cast(keep, like), axis=-1, keepdims=True)


def log_of_sorting(xp: Any, scores: Array, keep: Array | None) -> Array:
    """log P at [i, k]: how probably the item of rank i is k; −∞ for what is left out."""
    column = None if keep is None else xp.expand_dims(keep, -2)
    return xp.log_softmax(of_kept(xp, -distance_from_rank(xp, scores, keep), column, -math.inf))


def distance_from_rank(xp: Any, x: Array, keep: Array | None) -> Array:
    """At [i, k] by how much item k misses rank i: |x_(i) − x_k| + 2 Σ |x_m − x_k| over the m ranked between the two.

    That is NeuralSort's (L + 1 − 2i) x_k − Σ_j |x_k − x_j| below the highest of its rank, as sums of gaps between
    neighbours: a gap g places from rank i counts 2g ± 1 times, and all have one sign, where those terms would cancel.
    """
    count = xp.shape(x)[-1]
    # Of equal ones the first comes first; what is left out comes last, and its gaps reach nothing that is kept.
    order = xp.argsort(-of_kept(xp, xp.stop_gradient(x), keep, -math.inf))
    ordered = xp.take_along_axis(x, order)
    place = xp.arange(count, like=x)
    beyond = xp.expand_dims(place[:-1], 0) - xp.expand_dims(place, 1)  # of the gap below place m at [i, m]
    passed = xp.abs(xp.cast(2 * beyond + 1, x)) * xp.expand_dims(ordered[..., :-1] - ordered[..., 1:], -2)
    nothing = xp.zeros_like(xp.expand_dims(x, -1))
    below = xp.cumsum(xp.where(beyond >= 0, passed, 0.0))
    above = xp.flip(xp.cumsum(xp.flip(xp.where(beyond < 0, passed, 0.0))))
    apart = xp.concatenate([nothing, below], axis=-1) + xp.concatenate([above, nothing], axis=-1)
    return xp.take_along_axis(apart, xp.broadcast_to(xp.expand_dims(xp.argsort(order), -2), xp.shape(apart)))


def sums_of_one(xp: Any, log_p: Array) -> Array:
    """Columns divided by their sums, then rows, in logarithms; what is left out has none."""
    for axis in (-2, -1):
        total = xp.logsumexp(log_p, axis=axis, keepdims=True)
        log_p = log_p - xp.where(total == -math.inf, 0.0, total)
    return log_p

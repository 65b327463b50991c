"""Ranks that have a derivative, as the nearest point to the scores among all averages of rankings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.losses.ranking import ListwiseLoss, of_kept, runs, total_of_run

__all__ = ["SoftSpearman"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class SoftSpearman(ListwiseLoss):
    """One minus Spearman's rank correlation, of soft ranks: ℓ = 6 Σᵢ (rᵢ(s) − rank yᵢ)² / (L(L² − 1)).

    r(s) is s/ε projected onto the permutahedron, the averages of all rankings: the ranks themselves, exactly, where
    scores are more than ε apart; where they are closer, their mean rank and by how much each differs from the others.
    Shapes: prediction and target (N, L); values (N,). Unit: none. Range: [0, 2]; ½ for equal scores, whose ranks are
    all the mean. For targets where only the order is meant, at all places alike. epsilon ε > 0, in the scores' unit:
    scores should come out about that far apart; where they are all further, the gradient is 0. Equal targets have their
    mean rank. Not convex; its gradient jumps where scores come to be ε apart. Time and memory grow with L², for all
    places of a list at once (one after the other, by pooling adjacent violators, it would be L log L).
    Source: Blondel et al. 2020, arXiv:2002.08871, with quadratic regularisation; torchsort's soft_rank is r(s).
    """

    epsilon: float = 1.0

    aliases = ("Spearman",)
    facts = Facts(convex=False, non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(epsilon=self.epsilon)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        present = xp.ones_like(prediction) if keep is None else xp.cast(keep, prediction)
        apart = soft_rank(xp, prediction / self.epsilon, present) - mean_rank(xp, target, present)
        n = xp.sum(present, axis=-1)
        return xp.sum(of_kept(xp, xp.square(apart), keep, 0.0), axis=-1) * (6 / xp.maximum(n * (n * n - 1), 6.0))


def mean_rank(xp: Any, x: Array, present: Array) -> Array:
    """1 for the smallest of those present, 2 for the next; of equal ones their mean."""
    own, other = xp.expand_dims(x, -1), xp.expand_dims(x, -2)
    beaten = xp.cast(own > other, x) + xp.cast(own == other, x) / 2
    return 0.5 + xp.sum(beaten * xp.expand_dims(present, -2), axis=-1)


def soft_rank(xp: Any, z: Array, present: Array) -> Array:
    """The projection of z onto the permutahedron of 1 … n, n of those present; what is not has no rank.

    From the highest down it is z less the nearest falling sequence to y = z − (n, n − 1, …), which is of means of runs
    of y. Where a run ends is constant for the derivatives.
    """
    order = xp.argsort(-xp.stop_gradient(z))
    order = xp.take_along_axis(order, xp.argsort(1 - xp.take_along_axis(present, order)))  # those present first
    z, present = xp.take_along_axis(z, order), xp.take_along_axis(present, order)
    place = xp.cast(xp.arange(xp.shape(z)[-1], like=z), z)
    y = z - (xp.sum(present, axis=-1, keepdims=True) - place)
    level = nearest_falling(xp, xp.stop_gradient(y), present > 0)
    begins = xp.concatenate([xp.ones_like(level[..., :1]) > 0, level[..., 1:] < level[..., :-1]], axis=-1)
    first, last = runs(xp, begins, z)
    mean = total_of_run(xp, y, first, last) / xp.cast(last - first + 1, z)
    return xp.take_along_axis(z - mean, xp.argsort(order))


def nearest_falling(xp: Any, y: Array, present: Array) -> Array:
    """The nearest sequence to y that never rises: v_i = min_{j ≤ i} max_{k ≥ i} of the mean of y_j … y_k.

    What is not present, at the end, lies below all that is.
    """
    count = xp.shape(y)[-1]
    y = xp.where(
        present, y, xp.min(xp.where(present, y, xp.max(y, axis=-1, keepdims=True)), axis=-1, keepdims=True) - 1
    )
    place = xp.cast(xp.arange(count, like=y), y)
    length = xp.expand_dims(place, 0) - xp.expand_dims(place, 1) + 1  # of j … k at [j, k]
    # A sum of its own for each j: differences of one running sum would lose what is small beside the first ones.
    sums = xp.cumsum(xp.where(length > 0, xp.expand_dims(y, -2), 0.0))
    highest = xp.where(length > 0, sums / xp.where(length > 0, length, 1.0), -math.inf)
    step = 1
    while step < count:  # the greatest of all k from i on, in log₂(n) passes
        later = xp.concatenate([highest[..., step:], xp.full_like(highest[..., :step], -math.inf)], axis=-1)
        highest = xp.where(later > highest, later, highest)
        step *= 2
    return xp.min(xp.where(length > 0, highest, math.inf), axis=-2)

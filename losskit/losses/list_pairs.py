"""More losses of the pairs of a list's items, as those of `ranking`: differences of scores, and how many are wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.losses.ranking import ListwiseLoss, better, lead

__all__ = ["PairwiseSoftZeroOne", "PairwiseSquaredError"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class PairwiseSoftZeroOne(ListwiseLoss):
    """How many pairs are the wrong way round, softly: ℓ = mean of σ(−(s_i − s_j) / T) over the pairs with y_i > y_j.

    Shapes: prediction and target (N, L); values (N,). Unit: none, a share of the pairs. Range: [0, 1]; ½ for equal
    scores. temperature T > 0, in the scores' unit: towards 0 it counts the wrong pairs, and the gradient vanishes but
    for almost equal scores. Bounded, so that a wrong relevance pulls little; so does a pair that is far wrong: begin
    with RankNet. Items of equal relevance make no pair. Time and memory grow with L².
    As TF-Ranking's PairwiseSoftZeroOneLoss, which divides the sum over the pairs by the number of items, and keras_rs'.
    """

    temperature: float = 1.0

    aliases = ("SoftZeroOne",)
    facts = Facts(convex=False, smooth=2, non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(temperature=self.temperature)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        pairs = better(xp, target, keep)
        return xp.mean_where(xp.sigmoid(-lead(xp, prediction, pairs) / self.temperature), pairs, axis=(-2, -1))


@dataclass(frozen=True, kw_only=True)
class PairwiseSquaredError(ListwiseLoss):
    """Squared error of differences: ℓ = the mean of ((s_i − s_j) − (y_i − y_j))² over all pairs i ≠ j of a list.

    In time L: it is 2/(L − 1) · Σᵢ (rᵢ − r̄)² of the residuals r = s − y, the squared error but for what all items of a
    list share. For graded targets whose level differs from list to list (ratings of users, prices of days). Shapes:
    prediction and target (N, L); values (N,). Unit: the target's, squared. Range: [0, ∞); 0 for a single item.
    Source: none; as TF-Ranking's PairwiseMSELoss. CatBoost's QueryRMSE is the root of the mean of (rᵢ − r̄)² over all
    items of all lists, with the same minimiser where lists are equally long.
    """

    aliases = ("PairwiseMSE", "PairwiseMeanSquaredError")
    facts = Facts(convex=True, smooth=2, non_negative=True, zero_at_target=True, symmetric=True)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        if keep is None:
            first = [x[:, :1] for x in (prediction, target)]
        else:
            place = xp.argmax(xp.cast(keep, prediction), axis=-1, keepdims=True)
            first = [xp.take_along_axis(x, place) for x in (prediction, target)]
        # Relative to one item, a constant for the derivatives: differences of large numbers that are close are exact.
        scores, relevance = prediction - xp.stop_gradient(first[0]), target - first[1]
        apart = scores - relevance
        centred = apart - xp.mean_where(apart, keep, axis=-1, keepdims=True)
        counted = xp.ones_like(apart) if keep is None else xp.cast(keep, apart)
        count = xp.sum(counted, axis=-1)
        return 2 * xp.sum(counted * xp.square(centred), axis=-1) / xp.maximum(count - 1, 1.0)

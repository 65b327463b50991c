"""Reductions: one meaning of "mean" for every loss, and terms that combine exactly across batches and ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from losskit.arrays import namespace
from losskit.core.errors import EmptyReductionError, ReductionError

if TYPE_CHECKING:
    from losskit.core.loss import Loss

Array = Any
Reduction = Literal["mean", "sum", "none"]
Empty = Literal["zero", "nan", "raise"]
_REDUCTIONS, _EMPTIES = get_args(Reduction), get_args(Empty)


@dataclass(frozen=True)
class Terms:
    """The parts of a mean: `total` = Σ weight·value, `weight` = Σ weight, `count` = how many values were not masked.

    Terms of micro-batches or ranks add up: (a + b).mean() is the mean over both, whatever their sizes.
    """

    total: Array
    weight: Array
    count: Array
    loss: Loss

    def __add__(self, other: Terms) -> Terms:
        if self.loss != other.loss:
            raise ReductionError(f"terms: expected terms of the same loss, got {self.loss} and {other.loss}")
        return Terms(self.total + other.total, self.weight + other.weight, self.count + other.count, self.loss)

    def mean(self, empty: Empty = "zero") -> Array:
        """total / weight, passed through what the loss does to a mean (RMSE: the root)."""
        xp = namespace(self.total)
        nothing = self.weight == 0
        if empty == "raise":
            if xp.is_traced(self.weight):
                raise ReductionError('empty="raise" needs concrete values; under a tracer use "zero" or "nan"')
            if bool(xp.to_numpy(nothing)):
                raise EmptyReductionError(
                    "mean: expected at least one entry with weight > 0, got none (all masked, ignored or weight 0); "
                    'fix: skip this batch, or pass empty="zero"'
                )
        # The divisor is replaced, not the quotient: 0/0 must reach neither value nor gradient.
        mean = self.total / xp.where(nothing, xp.ones_like(self.weight), self.weight)
        mean = self.loss.aggregate(xp, mean)
        if empty == "nan":
            return xp.where(nothing, xp.full_like(mean, float("nan")), mean)
        return mean


def checked(reduction: str, empty: str) -> None:
    """Raise ReductionError for a word that is none of ours."""
    if reduction not in _REDUCTIONS:
        raise ReductionError(f"reduction: expected one of {_REDUCTIONS}, got {reduction!r}")
    if empty not in _EMPTIES:
        raise ReductionError(f"empty: expected one of {_EMPTIES}, got {empty!r}")

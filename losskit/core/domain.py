"""Domains: what an argument of a loss may hold. A domain checks, describes, and says what replaces a masked entry."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy

from losskit.arrays.numpy import xp as plain
from losskit.core.errors import DomainError

Array = Any  # an array of any framework
SLACK = 0.01  # rows normalised in bfloat16 (half an ulp is 0.2 %), or rounded for storage, still are probabilities


@dataclass(frozen=True)
class Domain:
    """What one argument may hold.

    `columns`: the argument has a last axis of its own (class scores, embedding), which the values of the loss do not.
    `safe`: a value inside the domain, which a masked entry is replaced by before the formula sees it.
    `integer`: the values are indices and stay integers; everything else is brought to the prediction's dtype.
    """

    safe: float = 0.0
    columns: bool = False
    integer: bool = False

    convex: ClassVar[bool] = False
    """Whether what lies between two numbers inside is inside: then an array's smallest and largest speak for all."""

    def describe(self) -> str:
        return "any real number"

    def fix(self) -> str:
        """One line that mends a violation, empty when there is no general one."""
        return ""

    def filler(self, xp: Any, array: Array) -> Array:
        """An array like this one that holds nothing but what is inside the domain."""
        return xp.full_like(array, self.safe)

    def restricts(self) -> bool:
        """Whether anything lies outside."""
        return type(self).bad is not Domain.bad

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        """A boolean array that marks what lies outside, None when nothing can. NaN is inside: NaN in gives NaN out.

        Of a convex domain, `array` may be one Python number.
        """
        return None

    def check(self, xp: Any, name: str, array: Array, width: int | None = None) -> None:
        """Raise DomainError with the first bad index and value. `width` is the number of classes where that matters.

        Where the extremes do not tell, it looks in NumPy, whose operations cost less than a framework's calls.
        """
        if self.convex:
            low, high = xp.extremes(array)
            if low == low and not self.bad(xp, low, width) and not self.bad(xp, high, width):
                return
        values = xp.to_numpy(array)
        bad = self.bad(plain, values, width)
        if bad is not None and numpy.count_nonzero(bad):
            index = first_of(bad)
            value = values[index] if index else values
            where = f"[{', '.join(map(str, index))}]" if index else ""
            bounds = f" with {width} classes" if self.integer and width else ""
            fix = f"; fix: {self.fix()}" if self.fix() else ""
            raise DomainError(f"{name}{where}: expected {self.describe()}{bounds}, got {value}{fix}")


def first_of(bad: Any) -> tuple[int, ...]:
    """The index of the first True of a NumPy array, () where it is a single one."""
    return tuple(int(axis[0]) for axis in bad.nonzero()) if bad.ndim else ()


@dataclass(frozen=True)
class Interval(Domain):
    """Numbers between `lower` and `upper`; an open end is not itself allowed."""

    lower: float = -math.inf
    upper: float = math.inf
    lower_open: bool = False
    upper_open: bool = False

    convex = True

    def describe(self) -> str:
        if self.lower == -math.inf and self.upper == math.inf:
            return "any real number"
        left = "(" if self.lower_open or self.lower == -math.inf else "["
        right = ")" if self.upper_open or self.upper == math.inf else "]"
        return f"a number in {left}{self.lower:g}, {self.upper:g}{right}"

    def fix(self) -> str:
        if (self.lower, self.upper) == (0.0, 1.0):
            return "pass probabilities, or raw scores with input='logits'"
        return ""

    def restricts(self) -> bool:
        return self.lower > -math.inf or self.upper < math.inf

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        bad = None
        if self.lower > -math.inf:
            bad = array <= self.lower if self.lower_open else array < self.lower
        if self.upper < math.inf:
            above = array >= self.upper if self.upper_open else array > self.upper
            bad = above if bad is None else bad | above
        return bad


# Made once: a loss whose domain depends on its settings is asked for it several times a call.
_REAL = Interval()
_NON_NEGATIVE = Interval(lower=0.0, safe=1.0)
_POSITIVE = Interval(lower=0.0, lower_open=True, safe=1.0)
_PROBABILITY = Interval(lower=0.0, upper=1.0, safe=0.5)


def Real() -> Interval:
    """Any real number."""
    return _REAL


def NonNegative() -> Interval:
    """Numbers ≥ 0."""
    return _NON_NEGATIVE


def Positive() -> Interval:
    """Numbers > 0."""
    return _POSITIVE


def Probability() -> Interval:
    """Numbers in [0, 1]."""
    return _PROBABILITY


@dataclass(frozen=True)
class LogProbability(Interval):
    """Logarithms of probabilities, or sums or means of them: at most 0, up to the rounding of what they are sums of."""

    upper: float = 0.0
    safe: float = -1.0

    def describe(self) -> str:
        return "a log-probability, at most 0"

    def fix(self) -> str:
        return "pass sums of log_softmax's entries; a negative log-likelihood has the opposite sign"

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        return array > SLACK


@dataclass(frozen=True)
class Signs(Domain):
    """−1 or +1."""

    safe: float = 1.0

    def describe(self) -> str:
        return "-1 or +1"

    def fix(self) -> str:
        return "labels 0/1 become -1/+1 by 2 * target - 1"

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        return (array != 1) & (array != -1) & (array == array)


@dataclass(frozen=True)
class MultiHot(Domain):
    """Rows of 0 and 1: which of the labels a sample has."""

    columns: bool = True

    def describe(self) -> str:
        return "0 or 1"

    def fix(self) -> str:
        return "a row has a 1 for each label that holds, not the labels' indices"

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        return (array != 0) & (array != 1) & (array == array)


@dataclass(frozen=True)
class Flags(MultiHot):
    """0 or 1 for each value: whether something holds (a class, an event)."""

    columns: bool = False

    def fix(self) -> str:
        return "1 where it holds, 0 where it does not"


@dataclass(frozen=True)
class Counts(Domain):
    """Whole numbers 0, 1, 2, …"""

    safe: float = 1.0

    def describe(self) -> str:
        return "a whole number >= 0"

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        return (array < 0) | ((array != xp.floor(array)) & (array == array))


@dataclass(frozen=True)
class Groups(Domain):
    """Which group a sample belongs to, by any integers: samples with equal ones belong together."""

    integer: bool = True

    def describe(self) -> str:
        return "integers, equal for samples that belong together"


@dataclass(frozen=True)
class Cosines(Interval):
    """Cosines along the last axis: numbers in [−1, 1], up to the rounding of the unit vectors they are products of."""

    lower: float = -1.0
    upper: float = 1.0
    columns: bool = True

    def describe(self) -> str:
        return "cosines, numbers in [-1, 1]"

    def fix(self) -> str:
        return "divide the vectors by their lengths before they are multiplied"

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        return (array < -1 - SLACK) | (array > 1 + SLACK)


@dataclass(frozen=True)
class Rows(Domain):
    """Vectors along the last axis: any real numbers (embeddings, class scores)."""

    columns: bool = True


@dataclass(frozen=True)
class Simplex(Domain):
    """Probabilities along the last axis, each row summing to 1 within 1 %."""

    columns: bool = True

    convex = True

    def filler(self, xp: Any, array: Array) -> Array:
        return xp.full_like(array, 1.0 / xp.shape(array)[-1])

    def describe(self) -> str:
        return "rows of probabilities that sum to 1"

    def fix(self) -> str:
        return "divide each row by its sum, or pass raw scores with input='logits'"

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        return (array < 0) | (array > 1 + SLACK)

    def check(self, xp: Any, name: str, array: Array, width: int | None = None) -> None:
        values = xp.to_numpy(array)
        super().check(plain, name, values, width)
        _check_sums(name, plain.sum(values, axis=-1), SLACK, self)


@dataclass(frozen=True)
class LogSimplex(Domain):
    """Log-probabilities along the last axis: at most 0, their exponentials summing to 1."""

    columns: bool = True

    convex = True

    def filler(self, xp: Any, array: Array) -> Array:
        return xp.full_like(array, -math.log(xp.shape(array)[-1]))

    def describe(self) -> str:
        return "rows of log-probabilities whose exponentials sum to 1"

    def fix(self) -> str:
        return "apply log_softmax, or pass raw scores with input='logits'"

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        return array > SLACK

    def check(self, xp: Any, name: str, array: Array, width: int | None = None) -> None:
        values = xp.to_numpy(array)
        super().check(plain, name, values, width)
        # What a log-probability is off is its size in roundings: at most log C of them on the average of a row.
        slack = SLACK * max(1.0, math.log(values.shape[-1]))
        _check_sums(name, plain.sum(plain.exp(values), axis=-1), slack, self)


def _check_sums(name: str, sums: Any, slack: float, domain: Domain) -> None:
    """Raise DomainError for the first row whose probabilities do not sum to 1."""
    bad = abs(sums - 1.0) > slack
    if bad.any():
        index = first_of(bad)
        where = f"[{', '.join(map(str, index))}]" if index else ""
        raise DomainError(
            f"{name}{where}: expected {domain.describe()}, got a row with the sum {sums[index]:.6g}; "
            f"fix: {domain.fix()}"
        )


@dataclass(frozen=True)
class Labels(Domain):
    """Class indices 0 … C−1 (integers, one axis fewer than the scores) or, if `soft`, rows of class probabilities.

    `extra`: classes beyond the scores: 1 where C − 1 scores are thresholds between C ordered classes.
    """

    integer: bool = True
    soft: bool = True
    extra: int = 0

    convex = True

    def filler(self, xp: Any, array: Array) -> Array:
        return Simplex().filler(xp, array) if xp.is_floating(array) else xp.full_like(array, 0)

    def describe(self) -> str:
        return "class indices 0..C-1 (integers)" + (" or rows of probabilities" if self.soft else "")

    def check(self, xp: Any, name: str, array: Array, width: int | None = None) -> None:
        if xp.is_floating(array):
            Simplex().check(xp, name, array)
        else:
            super().check(xp, name, array, None if width is None else width + self.extra)

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        return (array < 0) | (array >= (width or 0))

    def fix(self) -> str:
        return "labels count from 0; name a label to leave out with ignore_index="


NAMED: dict[str, Domain] = {
    "real": Real(),
    "non_negative": NonNegative(),
    "positive": Positive(),
    "probability": Probability(),
    "signs": Signs(),
    "counts": Counts(),
    "groups": Groups(),
    "cosines": Cosines(),
    "rows": Rows(),
    "simplex": Simplex(),
    "log_simplex": LogSimplex(),
    "labels": Labels(),
}
"""The domains by the names that a search takes."""

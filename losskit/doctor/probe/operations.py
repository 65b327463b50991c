"""Operations that are not finite everywhere, as they are seen in a run, whatever computes them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from losskit.recording.facts import Operation, Place

DELICATE = frozenset(
    (
        *("log", "log2", "log10", "log1p", "logit", "exp", "expm1", "sqrt", "rsqrt", "pow", "div", "reciprocal"),
        *("acos", "asin", "atanh", "acosh", "hypot", "softmax", "log_softmax", "logsumexp", "std", "var", "norm"),
        *("cosh", "sinh", "tan", "erfinv"),
    )
)
SYNONYMS = {
    "arccos": "acos",
    "arcsin": "asin",
    "arctanh": "atanh",
    "arccosh": "acosh",
    "rdiv": "div",
    "divide": "div",
    "true_divide": "div",
    "power": "pow",
    "exponential": "exp",
}
# Where a finite value has a derivative that is not; a power below 1 is like the root.
STEEP: dict[str, Callable[[Any], Any]] = {
    "sqrt": lambda x: x == 0,
    "acos": lambda x: abs(x) == 1,
    "asin": lambda x: abs(x) == 1,
}


class Seen:
    """An Operation as it grows. `shape` is that of its argument."""

    def __init__(
        self, name: str, place: Place, of: tuple[str, ...], offset: float | None, shape: tuple[int, ...]
    ) -> None:
        self.name, self.place, self.of, self.offset, self.shape = name, place, of, offset, shape
        self.dtype = ""
        self.looks = self.infinite = self.steep = 0
        self.minimum, self.maximum = math.inf, -math.inf
        self.step: int | None = None

    def add(self, low: float, high: float, infinite: int, steep: int, step: int) -> None:
        """The extremes of one argument, and how many entries had no finite value, or no finite slope."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return  # it came broken
        self.minimum, self.maximum = min(self.minimum, low), max(self.maximum, high)
        self.infinite += infinite
        self.steep += steep
        if self.step is None and infinite + steep:
            self.step = step

    def fact(self) -> Operation:
        seen = self.minimum <= self.maximum
        return Operation(
            name=self.name,
            place=self.place,
            of=self.of,
            dtype=self.dtype,
            looks=self.looks,
            minimum=self.minimum if seen else None,
            maximum=self.maximum if seen else None,
            offset=self.offset,
            infinite=self.infinite,
            steep=self.steep,
            step=self.step,
        )


__all__ = ["DELICATE", "STEEP", "SYNONYMS", "Seen"]

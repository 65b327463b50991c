"""Axes: where a value stands between the two ends, which ticks to show, and which points of a long series to keep."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from losskit.report.html.numbers import number

_LARGEST = 1e300  # beyond it the width of an axis would overflow,
_SMALLEST = 1e-300  # below it a width would have no digits left
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high`, linear or logarithmic."""

    low: float
    high: float
    log: bool = False

    def position(self, values: np.ndarray | float) -> np.ndarray:
        """0 at `low`, 1 at `high`; what lies outside stands at the nearer end."""
        clipped = np.clip(np.asarray(values, dtype=np.float64), self.low, self.high)
        if self.log:
            return (np.log10(clipped) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))
        return (clipped - self.low) / (self.high - self.low)

    def ticks(self) -> list[tuple[float, str]]:
        """(position, label) of at most about six round values."""
        if self.log:
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            stride = max(1, math.ceil((last - first) / 5))
            values = [10.0**exponent for exponent in range(first, last + 1, stride)]
        else:
            step = _step(self.high - self.low)
            first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
            values = [index * step for index in range(first, last + 1)]
        labels, digits = [number(value) for value in values], 4
        while len(set(labels)) < len(labels) and digits < 16:  # a narrow axis far from zero: 2.300, 2.302, …
            labels, digits = [number(value, digits) for value in values], digits + 1
        return [(float(self.position(value)), label) for value, label in zip(values, labels, strict=True)]


def scale_of(values: Iterable[float], *, linear: bool = False, within: tuple[float, float] | None = None) -> Scale:
    """The axis for these values: unless `linear`, logarithmic when they are positive (or 0) and span over two decades.

    A linear axis ends on round values; `within` keeps it from going beyond what is possible (accuracy: 0 to 1).
    """
    array = np.asarray(list(values), dtype=np.float64)
    array = np.clip(array[np.isfinite(array)], -_LARGEST, _LARGEST)
    if array.size == 0:
        return Scale(0.0, 1.0)
    low, high = float(array.min()), float(array.max())
    positive = array[array > _SMALLEST]
    if not linear and low >= 0 and positive.size and high > 100 * positive.min():
        floor = max(math.floor(math.log10(positive.min())), math.ceil(math.log10(high)) - 20)
        return Scale(10.0**floor, 10.0 ** math.ceil(math.log10(high)), log=True)
    if high - low <= max(1e-9 * max(abs(low), abs(high)), _SMALLEST):
        pad = abs(low) / 2 if abs(low) > _SMALLEST else 0.5
        low, high = low - pad, high + pad
    elif 0 < low < 0.4 * high:  # near enough to zero that leaving it out would mislead
        low = 0.0
    for _ in range(2):  # the wider axis may take a wider step
        step = _step(high - low)
        low, high = step * math.floor(low / step + 1e-9), step * math.ceil(high / step - 1e-9)
    if within:
        low, high = max(low, within[0]), min(high, within[1])
        if low >= high:
            low, high = within
    return Scale(low, high)


def steps_scale(steps: Iterable[int]) -> Scale:
    """The axis of optimizer steps: from the first to the last, with no margin."""
    seen = list(steps)
    low, high = (float(min(seen)), float(max(seen))) if seen else (0.0, 1.0)
    return Scale(low, high if high > low else low + 1)


def decimate(values: np.ndarray, limit: int) -> np.ndarray:
    """Indices of at most `limit` values that keep the shape: the ends, and the extremes of every stretch.

    `values` are finite. A series that is short enough is kept whole.
    """
    if len(values) <= limit:
        return np.arange(len(values))
    kept = {0, len(values) - 1}
    for stretch in np.array_split(np.arange(len(values)), (limit - 2) // 2):
        kept.add(int(stretch[np.argmin(values[stretch])]))
        kept.add(int(stretch[np.argmax(values[stretch])]))
    return np.array(sorted(kept))


def running_median(steps: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The median of each stretch of the series, at the stretch's middle.

    Ten values or more to a stretch, and a hundred stretches at most.
    """
    parts = np.array_split(np.arange(len(values)), max(1, min(100, len(values) // 10)))
    return np.array([steps[part].mean() for part in parts]), np.array([np.median(values[part]) for part in parts])


def _step(width: float) -> float:
    """The round distance that makes four to six intervals of an axis this wide."""
    raw = width / 5
    power = 10.0 ** math.floor(math.log10(raw)) if raw > 1e-307 else 1e-307
    return next(step * power for step in _STEPS if step * power >= raw * (1 - 1e-9))

"""What a tensor looks like, told from NumPy arrays and merged over batches."""

from __future__ import annotations

import math

import numpy as np

from losskit.recording.facts import TensorFacts

DISTINCT = 64  # more different values than this are not counted
ENTRIES = 10_000  # of a larger batch, extremes and non-finite entries apart, only evenly spaced rows are looked at


class Moments:
    """Count, mean and squared deviations, merged by Chan, Golub & LeVeque (1983); scalars or one per column."""

    def __init__(self) -> None:
        self.count = 0
        self.mean: np.ndarray = np.zeros(())
        self.squares: np.ndarray = np.zeros(())

    def add(self, values: np.ndarray) -> None:
        """Values along axis 0, all finite."""
        count = len(values)
        if count == 0:
            return
        mean = values.mean(axis=0, dtype=np.float64)
        squares = ((values - mean) ** 2).sum(axis=0, dtype=np.float64)
        total = self.count + count
        delta = mean - self.mean
        self.squares = self.squares + squares + delta**2 * (self.count * count / total)
        self.mean = self.mean + delta * (count / total)
        self.count = total

    @property
    def std(self) -> np.ndarray:
        return np.sqrt(self.squares / max(self.count, 1))


class TensorSummary:
    """TensorFacts of a tensor seen batch after batch. The shape is that of the first batch."""

    def __init__(self) -> None:
        self.batches = 0
        self._shape: tuple[int, ...] = ()
        self._dtype = ""
        self._minimum, self._maximum = math.inf, -math.inf
        self._moments, self._columns = Moments(), Moments()
        self._columns_known = True
        self._non_finite = 0
        self._integral = True
        self._row_sums = (math.inf, -math.inf)
        self._distinct: dict[str, int] | None = {}

    def add(self, array: np.ndarray, dtype: str | None = None) -> None:
        """Look at one batch; `dtype` is the tensor's own name for its type when NumPy has none (bfloat16)."""
        if self.batches == 0:
            self._shape, self._dtype = tuple(array.shape), dtype or array.dtype.name
        self.batches += 1
        if array.dtype.kind not in "biuf" or array.size == 0:
            return
        whole = array.dtype.kind in "biu"
        low, high = float(array.min()), float(array.max())  # what is not finite shows in them
        complete = math.isfinite(low) and math.isfinite(high)
        if complete:
            values = _sample(array).astype(np.float64)  # a float16 or int8 sum would overflow
            flat = values.ravel()
        else:
            values = array.astype(np.float64)
            flat = values[np.isfinite(values)]
            self._non_finite += values.size - flat.size
        if flat.size:
            self._minimum = min(self._minimum, low if complete else float(flat.min()))
            self._maximum = max(self._maximum, high if complete else float(flat.max()))
            self._moments.add(flat)
            self._integral = self._integral and (whole or bool((flat == np.floor(flat)).all()))
            self._count(flat)
        if values.ndim >= 2 and complete:
            sums = values.sum(axis=1)
            self._row_sums = (min(self._row_sums[0], float(sums.min())), max(self._row_sums[1], float(sums.max())))
        if values.ndim == 2 and self._columns_known:
            self._columns_known = self._columns.count == 0 or self._columns.mean.shape == values.shape[1:]
            if self._columns_known and complete:
                self._columns.add(values)

    def facts(self) -> TensorFacts | None:
        if self.batches == 0:
            return None
        seen = self._moments.count > 0
        columns = self._columns_known and self._columns.count > 0 and self._columns.mean.size > 0
        column_std = self._columns.std
        return TensorFacts(
            shape=self._shape,
            dtype=self._dtype,
            batches=self.batches,
            minimum=self._minimum if seen else None,
            maximum=self._maximum if seen else None,
            mean=float(self._moments.mean) if seen else None,
            std=float(self._moments.std) if seen else None,
            non_finite=self._non_finite,
            integral=self._integral and seen,
            row_sum_minimum=_known(self._row_sums[0]),
            row_sum_maximum=_known(self._row_sums[1]),
            feature_mean_absolute_maximum=float(np.abs(self._columns.mean).max()) if columns else None,
            feature_std_minimum=float(column_std.min()) if columns else None,
            feature_std_maximum=float(column_std.max()) if columns else None,
            distinct=dict(self._distinct) if self._distinct and self._integral else None,
        )

    def _count(self, flat: np.ndarray) -> None:
        if self._distinct is None:
            return
        if not self._integral:
            self._distinct = None
            return
        keys, counts = np.unique(flat, return_counts=True)
        if len(keys) > DISTINCT:
            self._distinct = None
            return
        for key, count in zip(keys, counts, strict=True):
            name = str(int(key))
            self._distinct[name] = self._distinct.get(name, 0) + int(count)
        if len(self._distinct) > DISTINCT:
            self._distinct = None


def _sample(array: np.ndarray) -> np.ndarray:
    """About ENTRIES of the entries: evenly spaced rows, and of large rows evenly spaced entries of every channel."""
    if array.size > ENTRIES and array.ndim > 0:
        array = array[:: min(math.ceil(array.size / ENTRIES), len(array))]
        if array.size > ENTRIES and array.ndim > 2:
            array = array.reshape(*array.shape[:2], -1)
            array = array[:, :, :: min(math.ceil(array.size / ENTRIES), array.shape[2])]
    return array


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


__all__ = ["Moments", "TensorSummary"]

"""Trends told by ranks, so that neither the scale nor the tails of a loss decide."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from losskit.recording.recording import Signal

SIGNIFICANT = 0.01  # the level of a two-sided test below which a trend is believed


class Trend(NamedTuple):
    """A monotone trend: Theil–Sen `slope` per unit of position, Kendall's `tau` and the two-sided `probability`
    of a tau this large without any trend (1.0 when there are fewer than three values)."""

    slope: float
    tau: float
    probability: float

    @property
    def rising(self) -> bool:
        return self.slope > 0 and self.probability < SIGNIFICANT

    @property
    def falling(self) -> bool:
        return self.slope < 0 and self.probability < SIGNIFICANT


def rank_trend(values: np.ndarray, positions: np.ndarray | None = None) -> Trend:
    """Mann–Kendall test with Theil–Sen slope.

    S = Σ_{i<j} sign(vⱼ − vᵢ), tau = S / (n(n−1)/2), slope = median of (vⱼ − vᵢ)/(pⱼ − pᵢ). The probability is exact
    (inversions of a random permutation) up to 10 values without ties, else from the normal distribution with the tie
    correction. Non-finite values are left out. O(n²): give it `blocks` of a long series.
    Sources: Mann, Econometrica 13 (1945); Kendall, Rank Correlation Methods (1975); Sen, JASA 63 (1968).
    """
    values = np.asarray(values, dtype=np.float64)
    positions = np.arange(len(values), dtype=np.float64) if positions is None else np.asarray(positions, np.float64)
    kept = np.isfinite(values)
    values, positions = values[kept], positions[kept]
    n = len(values)
    if n < 3:
        return Trend(0.0, 0.0, 1.0)
    first, second = np.triu_indices(n, 1)
    rise = values[second] - values[first]
    pairs = n * (n - 1) / 2
    s = float(np.sign(rise).sum())
    slope = float(np.median(rise / (positions[second] - positions[first])))
    ties = np.unique(values, return_counts=True)[1]
    if n <= 10 and ties.max() == 1:
        return Trend(slope, s / pairs, _exact_probability(n, s))
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18
    if variance <= 0:  # all values equal
        return Trend(0.0, 0.0, 1.0)
    z = max(abs(s) - 1, 0) / math.sqrt(variance)
    return Trend(slope, s / pairs, math.erfc(z / math.sqrt(2)))


def _exact_probability(n: int, s: float) -> float:
    """Share of the n! orders whose |S| is at least this one's; S = pairs − 2·inversions."""
    counts = np.ones(1)
    for size in range(2, n + 1):
        counts = np.convolve(counts, np.ones(size))
    pairs = n * (n - 1) // 2
    scores = pairs - 2 * np.arange(pairs + 1)
    return float(counts[np.abs(scores) >= abs(s)].sum() / counts.sum())


def blocks(signal: Signal, count: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """The series as (mean steps, medians) of at most `count` consecutive blocks that span equally many steps.

    A median per block takes the noise of single batches out, and a series that was looked at more often in the
    beginning gets no heavier there. Blocks with nothing finite in them are left out.
    """
    steps, values = np.asarray(signal.steps, dtype=np.float64), signal.array()
    kept = np.isfinite(values)
    steps, values = steps[kept], values[kept]
    if not len(steps):
        return steps, values
    edges = np.linspace(steps[0], steps[-1], min(count, len(steps)) + 1)[1:-1]
    which = np.searchsorted(edges, steps, side="right")
    parts = [which == block for block in np.unique(which)]
    return np.array([steps[part].mean() for part in parts]), np.array(
        [float(np.median(values[part])) for part in parts]
    )

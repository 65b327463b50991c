"""A training loss that comes up again: more than the noise of batches explains."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from losskit.doctor.evidence.trend import SIGNIFICANT
from losskit.recording.recording import Recording

PARTS, LEAST = 20, 5  # consecutive parts of a run, and losses in each
_PAIRS = PARTS * (PARTS - 1) // 2  # pairs of parts, any of which could rise by chance
BEYOND = NormalDist().inv_cdf(1 - SIGNIFICANT / _PAIRS / 2)  # standard errors, two-sided (Bonferroni)


class Swing(NamedTuple):
    """Means over parts of a run whose loss fell and rose: the lowest one, the highest after it, and the last."""

    lowest: float
    highest: float  # after that
    end: float
    turns: int  # significant rises and falls, in alternation, from the first rise on


def swing(recording: Recording) -> Swing | None:
    """None when no later part of the run has a higher loss than an earlier one, by a test of their means.

    Welch's test of two means, its level divided by the number of pairs (Bonferroni). Means of parts average the noise
    of batches out: what is left of it is their standard error, from the scatter inside the parts.
    """
    values = recording.signal("loss").array()
    if len(values) < PARTS * LEAST or not np.isfinite(values).all():
        return None
    scale = float(np.abs(values).max()) or 1.0  # squares of a loss that diverged need not be finite
    parts = np.array_split(values / scale, PARTS)
    means = np.array([part.mean() for part in parts])
    errors = np.array([part.var(ddof=1) / len(part) for part in parts])
    turns, low, high, rising = 0, 0, 0, False
    for now in range(1, PARTS):  # low and high: the last extremes, since which the loss goes the other way
        if means[now] < means[low]:
            low = now
        if means[now] > means[high]:
            high = now
        if not rising and means[now] - means[low] > BEYOND * math.sqrt(errors[now] + errors[low]):
            turns, rising, high = turns + 1, True, now
        elif rising and means[high] - means[now] > BEYOND * math.sqrt(errors[now] + errors[high]):
            turns, rising, low = turns + 1, False, now
    if not turns:
        return None
    lowest = int(np.argmin(means[:-1]))
    highest = means[lowest:].max()
    return Swing(float(means[lowest] * scale), float(highest * scale), float(means[-1] * scale), turns)

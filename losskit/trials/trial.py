"""The outcome of one paired experiment."""

from __future__ import annotations

from dataclasses import dataclass, field

from losskit.recording.recording import Signal


@dataclass(frozen=True)
class Trial:
    """Original and variant, run with the same seeds under the same budget, compared on the task metric.

    `before[i]` and `after[i]` are the metric of the run with `seeds[i]` (None: that run gave no metric);
    `accepted` only when the variant is better beyond seed noise. `reason` says so in one sentence.
    """

    metric: str
    seeds: tuple[int, ...]
    before: tuple[float | None, ...]
    after: tuple[float | None, ...]
    accepted: bool
    reason: str
    seconds: float = 0.0
    before_curves: tuple[Signal, ...] = field(default=(), repr=False)  # the metric over steps, one per seed
    after_curves: tuple[Signal, ...] = field(default=(), repr=False)

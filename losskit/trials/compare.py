"""A paired experiment: original and variant with the same seeds, side by side, under one budget."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from losskit.recording.recording import Recording, Signal
from losskit.trials.trial import Trial
from losskit.trials.verdict import Outcome, Pair, hopeless, judge, outlasts

SURVIVAL = "share of steps with a finite loss"
Version = TypeVar("Version", bound=Hashable)

PARALLEL = min(2, os.cpu_count() or 1)  # the two runs of a pair share the machine, and so its load


def compare(
    original: Version,
    variant: Version,
    launch: Callable[[Version, int, float], Recording],
    *,
    seeds: Sequence[int],
    budget: float,
    expected: float,
) -> Trial:
    """Run both versions with each seed, and judge whether the variant has the better task metric.

    `launch(version, seed, seconds)` runs one version and returns what was recorded; a run that is not over after
    `seconds` is ended by it, and counts with what it has reached. It is called from up to PARALLEL threads.
    `budget` is in seconds for the whole trial; `expected` is how long the original takes alone. Each run may take
    its share of what is left, or three times `expected` when that fits.
    When the first seed shows no gain the others are not run; when the budget ends, what was run is judged.
    """
    start = time.monotonic()
    pairs: list[Pair] = []
    survivals: list[Pair] = []
    curves: list[tuple[Signal, Signal]] = []
    executor = ThreadPoolExecutor(PARALLEL, thread_name_prefix="trial")
    try:
        for index in range(len(seeds)):
            left = budget - (time.monotonic() - start)
            if left < expected:
                break
            rounds = (len(seeds) - index) * (2 // PARALLEL)
            seconds = min(left, max(left / rounds, 3 * expected))
            runs = [executor.submit(launch, version, seeds[index], seconds) for version in (original, variant)]
            before, after = (run.result() for run in runs)
            pairs.append(_pair(before, after))
            curves.append((_curve(before), _curve(after)))
            if (survival := _survival(before, after)) is not None:
                survivals.append(survival)
            if index == 0 and hopeless(pairs[0]) and not any(pair.gain > 0 for pair in survivals):
                break
    finally:
        # Not waited for: after Ctrl-C the owner of the runs ends them, here there would be no end to wait for.
        executor.shutdown(wait=False, cancel_futures=True)
    if len(survivals) == len(pairs) and any(pair.gain > 0 for pair in survivals):
        pairs, verdict = survivals, outlasts(survivals)
    else:
        verdict = judge(pairs)
    return Trial(
        metric=next((o.metric for pair in pairs for o in pair if o.metric), "none"),
        seeds=tuple(seeds[: len(pairs)]),
        before=tuple(pair.before.value for pair in pairs),
        after=tuple(pair.after.value for pair in pairs),
        accepted=verdict.accepted,
        reason=verdict.reason,
        seconds=time.monotonic() - start,
        before_curves=tuple(before for before, _ in curves),
        after_curves=tuple(after for _, after in curves),
    )


def _pair(before: Recording, after: Recording) -> Pair:
    """A variant that fails where the original does not has no metric, whatever it had reached by then."""
    broken = _failed(after) and not _failed(before)
    outcome = _outcome(after)
    return Pair(_outcome(before), outcome._replace(value=None) if broken else outcome)


def _outcome(recording: Recording) -> Outcome:
    metric = recording.metric
    return Outcome(None, None) if metric is None else Outcome(metric.name, metric.value, metric.chance, metric.count)


def _survival(before: Recording, after: Recording) -> Pair | None:
    """Where neither run has a task metric: the share of the steps in which the loss was a number; none of the changed
    version's where it did not fall over them."""
    losses = [recording.signal("loss").array() for recording in (before, after)]
    steps = max(map(len, losses))
    if not steps or any(_outcome(recording).value is not None for recording in (before, after)):
        return None
    first, second = (float(np.isfinite(one).sum()) / steps for one in losses)
    return Pair(Outcome(SURVIVAL, first), Outcome(SURVIVAL, 0.0 if _failed(after) or not _fell(losses[1]) else second))


def _fell(losses: np.ndarray) -> bool:
    """Whether the last tenth of the losses that are numbers lies below the first."""
    losses = losses[np.isfinite(losses)]
    part = max(len(losses) // 10, 1)
    return len(losses) > 1 and float(losses[-part:].mean()) < float(losses[:part].mean())


def _failed(recording: Recording) -> bool:
    end = recording.end
    return end is None or (end.exit != 0 and end.reason != "budget")


def _curve(recording: Recording) -> Signal:
    validated = recording.metric is not None and recording.metric.source == "validation"
    return recording.signal("validation/metric" if validated else "metric")


__all__ = ["PARALLEL", "compare"]

"""The learning rate over a run: what a schedule made of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from losskit.doctor.evidence.outcome import descent
from losskit.doctor.evidence.rate import the_optimizer
from losskit.doctor.evidence.trend import blocks, rank_trend
from losskit.recording.facts import ScheduleFacts
from losskit.recording.recording import Recording, Signal

# The mean of a rate over its peak: linear and cosine decay have 0.5, three decades of exponential decay, the widest
# that is customary, 1/ln 1000 = 0.145.
STARVED = 1 / math.log(1000)
DECADES = 1e-3  # of the peak: these three
GONE = 0.1  # of the peak
TRY_OUT = 50  # steps: fewer cannot settle anything


@dataclass(frozen=True)
class Course:
    """The rate over the run: its peak, its mean over all steps, its last value, and the step from which on it stays
    below a tenth of the peak (None when it does not), of so many `steps`."""

    peak: float
    mean: float
    end: float
    gone: int | None
    steps: int

    @property
    def starved(self) -> bool:
        if self.gone is None:
            return False
        soon = 2 * self.gone < self.steps and self.end < DECADES * self.peak
        return soon or self.mean < STARVED * self.peak


def course(recording: Recording) -> Course | None:
    """None when no rate was measured."""
    signal = recording.signal("rate")
    steps, rates = np.asarray(signal.steps, dtype=np.float64), signal.array()
    kept = np.isfinite(rates)
    steps, rates = steps[kept], rates[kept]
    if not len(rates):
        return None
    total = max(float(recording.progress.steps), steps[-1] + 1)
    lasted = np.diff(np.append(steps, total))  # a rate holds until another is measured
    peak = float(rates.max())
    above = np.flatnonzero(rates >= GONE * peak)
    gone = int(steps[above[-1] + 1]) if above[-1] + 1 < len(rates) else None
    return Course(peak, float((rates * lasted).sum() / lasted.sum()), float(rates[-1]), gone, int(total))


def the_schedule(recording: Recording) -> ScheduleFacts | None:
    one = the_optimizer(recording)
    return one.schedule if one is not None else None


def stepped_per_batch(recording: Recording) -> bool:
    """Whether the script steps its schedule after each optimizer step, in epochs of several."""
    schedule, one, epochs = the_schedule(recording), the_optimizer(recording), recording.progress.epochs
    if schedule is None or one is None or not schedule.steps:
        return False
    return schedule.steps >= 0.9 * one.steps and (epochs is None or one.steps > 2 * epochs)


def was_learning(recording: Recording, over: Course, until: int) -> bool:
    """Whether the loss still fell before that step, or had too few steps to settle: all that the schedule leaves move
    as far as a try-out at its peak."""
    if until < TRY_OUT or over.mean * recording.progress.steps < TRY_OUT * over.peak:
        return True
    signal = recording.signal("loss")
    before = Signal("loss")
    for step, value in signal:
        if step < until:
            before.append(step, value)
    steps, values = blocks(before)
    half = len(steps) // 2
    curve = descent(recording)
    return curve is not None and rank_trend(values[half:], steps[half:]).falling

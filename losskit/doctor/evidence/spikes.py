"""Single values of a series that leap out of those just before them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from losskit.recording.recording import Recording, Signal

WINDOW = 32  # values before one that say what is usual
LEAST = 8  # of them are needed
ERROR = 0.01  # the share of runs without any spike in which one may be seen
EPSILON = float(np.finfo(np.float32).eps)  # losses are float32 numbers: nothing is known below their rounding
MAD = 1.4826  # a normal distribution's standard deviation over its median absolute deviation


@dataclass(frozen=True)
class Spike:
    """A value `score` robust standard deviations above the median `usual` of those before; `steps` it took until the
    series was back at that (None: it was not, in the `left` values after it)."""

    step: int
    value: float
    usual: float
    score: float
    steps: int | None
    left: int


def spikes(signal: Signal, level: float) -> list[Spike]:
    """The spikes above `level`, in order.

    Cantelli's inequality bounds the share of values k deviations above the mean of any distribution by 1/(1 + k²).
    With n values to test, k = √(n/ERROR) keeps the probability of a single false one in the whole run below ERROR,
    whatever the noise is; the median and the median absolute deviation stand for mean and deviation, since spikes
    that went before must not hide the next one.
    """
    kept = [(step, value) for step, value in signal if np.isfinite(value)]
    steps, values = [step for step, _ in kept], np.array([value for _, value in kept])
    bound = np.sqrt(max(len(values), 1) / ERROR)
    found: list[Spike] = []
    for index in np.flatnonzero(values > level):
        before = values[max(index - WINDOW, 0) : index]
        if len(before) < LEAST:
            continue
        usual = float(np.median(before))
        deviation = MAD * float(np.median(np.abs(before - usual)))
        score = float((values[index] - usual) / max(deviation, EPSILON * abs(usual), 1e-30))
        if score > bound:
            back = np.flatnonzero(values[index:] <= usual + deviation)
            took = steps[index + int(back[0])] - steps[index] if len(back) else None
            found.append(Spike(steps[index], float(values[index]), usual, score, took, len(values) - int(index) - 1))
    return found


def loss_spikes(recording: Recording) -> list[Spike]:
    """Spikes of the training loss above what the untrained model scored: smaller ones are hard batches."""
    signal = recording.signal("loss")
    start = signal.finite()[:LEAST]
    return spikes(signal, float(start.max())) if len(start) == LEAST else []

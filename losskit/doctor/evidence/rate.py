"""The learning rate: what is customary for an optimizer, and how far it moves the weights in a step."""

from __future__ import annotations

import math

import numpy as np

from losskit.recording.facts import OptimizerFacts
from losskit.recording.recording import Recording, Signal

# Where a search for the rate begins: the frameworks' own defaults; for SGD, where they differ, Keras' 0.01
# (Bengio, Practical Recommendations for Gradient-Based Training, 2012: "a default value of 0.01").
CUSTOMARY = {
    "SGD": 1e-2, "ASGD": 1e-2, "Adam": 1e-3, "AdamW": 1e-3, "Adamax": 2e-3, "NAdam": 1e-3, "Nadam": 1e-3, "RAdam": 1e-3,
    "RMSprop": 1e-3, "Adagrad": 1e-2, "Adadelta": 1.0, "Lion": 1e-4, "Adafactor": 1e-2, "Muon": 1e-3,
}  # fmt: skip
SEARCHED, DECADES = 10, 100.0  # rates, and how many times the first the last is, in a search for one
DECADE = 10.0  # rates are searched on a logarithmic grid of decades: within one of the customary value is ordinary

# ‖step‖/‖weights‖ of a run that learns is about 1e-3 (cs231n, "Ratio of weights:updates"); TheDeepChecker
# (arXiv 2204.00694) takes log10 in [−4, −1] for normal.
SMALL_UPDATE, USUAL_UPDATE, LARGE_UPDATE = 1e-4, 1e-3, 1e-1


def the_optimizer(recording: Recording) -> OptimizerFacts | None:
    """The optimizer of a run that has one; None when several step."""
    stepping = [one for one in recording.optimizers if one.steps > 0] or recording.optimizers
    return stepping[0] if len(stepping) == 1 else None


def rate_of(recording: Recording) -> float | None:
    """The learning rate over the run: the median of what was measured, else the optimizer's setting."""
    measured = recording.signal("rate").finite()
    if len(measured):
        return float(np.median(measured))
    one = the_optimizer(recording)
    given = one.settings.get("lr", one.settings.get("learning_rate")) if one is not None else None
    return float(given) if isinstance(given, (int, float)) and not isinstance(given, bool) else None


def customary_rate(recording: Recording) -> float | None:
    one = the_optimizer(recording)
    return CUSTOMARY.get(one.kind) if one is not None else None


def effective_rate(recording: Recording) -> float | None:
    """η/(1 − momentum): how far SGD with momentum moves along a constant gradient, per step."""
    rate, one = rate_of(recording), the_optimizer(recording)
    momentum = one.settings.get("momentum", 0) if one is not None and one.kind == "SGD" else 0
    if rate is None or not isinstance(momentum, (int, float)) or not 0 <= momentum < 1:
        return rate
    return rate / (1 - momentum)


def ordinary_rate(recording: Recording) -> bool:
    """Whether the rate is at most a decade above the customary one (true when that is not known)."""
    rate, customary = rate_of(recording), customary_rate(recording)
    return rate is None or customary is None or rate <= DECADE * customary * (1 + 1e-6)  # float32 rounds


def range_test(recording: Recording) -> bool:
    """Whether the rate never falls and ends far above where it began: a search for a rate (Smith, arXiv 1506.01186),
    whose model is thrown away."""
    rates = recording.signal("rate").finite()
    return len(rates) >= SEARCHED and bool((np.diff(rates) > 0).all()) and rates[-1] >= DECADES * rates[0]


def update_ratios(recording: Recording) -> Signal:
    """The median over the layers of ‖step‖/‖weights‖, per step."""
    by_step: dict[int, list[float]] = {}
    for signal in recording.per_layer("update_ratio").values():
        for step, value in signal:
            if math.isfinite(value):
                by_step.setdefault(step, []).append(value)
    return Signal("update_ratio", sorted(by_step), [float(np.median(by_step[step])) for step in sorted(by_step)])


def at_full_rate(signal: Signal, recording: Recording) -> np.ndarray:
    """The finite values of a signal while the rate was at least half its peak: a schedule says nothing of its height by
    where it ends."""
    rates = recording.signal("rate")
    if not len(rates.finite()):
        return signal.finite()
    last = np.searchsorted(rates.steps, signal.steps, side="right") - 1
    full = rates.array()[np.maximum(last, 0)] >= rates.finite().max() / 2
    values = signal.array()[full]
    return values[np.isfinite(values)]


def largest_usual_update(recording: Recording) -> float | None:
    """Of the layers' medians over the run, the largest: no layer moves its weights further in a usual step."""
    medians = [float(np.median(s.finite())) for s in recording.per_layer("update_ratio").values() if len(s.finite())]
    return max(medians, default=None)

"""Whether a run computes in float16, whose numbers end at 65504 and begin at 6e-8, and what that did."""

from __future__ import annotations

import numpy as np

from losskit.doctor.evidence.place import first_site
from losskit.recording.facts import Place, Site
from losskit.recording.recording import Recording

LARGEST, SMALLEST = 65504.0, 2.0**-24  # float16: IEEE 754-2008, binary16
HALF, AUTOCAST = "float16", "autocast float16"


def half_place(recording: Recording) -> Place | None:
    """Where float16 is chosen; None when no line was seen to."""
    return next((site.place for site in recording.places("precision") if site.detail in (HALF, AUTOCAST)), None)


def unholdable(recording: Recording) -> Site | None:
    """The number in the script that is infinite or 0 in float16; None without one, or with several different ones."""
    sites = recording.places("constant")
    return sites[0] if len({site.detail for site in sites}) == 1 else None


def half_weights(recording: Recording) -> bool:
    """Whether the weights themselves, and so the optimizer's state, are float16 numbers."""
    return any(site.detail == HALF for site in recording.places("precision"))


def in_half(recording: Recording) -> bool:
    """Whether the model's predictions, or the weights, are float16 numbers."""
    types = [call.prediction.dtype for call in recording.training_losses() if call.prediction is not None]
    types += [operation.dtype for operation in recording.operations]
    return HALF in types or half_place(recording) is not None


def scaled(recording: Recording) -> bool:
    """Whether the loss is scaled up before its gradient is taken, as float16 needs it."""
    return first_site(recording, "scaler") is not None


def vanished_in_half(recording: Recording) -> list[str]:
    """Layers whose usual mean |gradient| is below the smallest number that float16 has."""
    layers = recording.per_layer("gradient_mean_absolute").items()
    return [name for name, signal in layers if len(signal.finite()) and float(np.median(signal.finite())) < SMALLEST]


def largest_value(recording: Recording) -> float | None:
    """The largest |number| seen going in, or coming out as a prediction."""
    facts = [recording.inputs, *(call.prediction for call in recording.training_losses())]
    extremes = [
        abs(one) for fact in facts if fact is not None for one in (fact.minimum, fact.maximum) if one is not None
    ]
    return max(extremes, default=None)

"""What a loss scores by chance: its value when the prediction does not depend on the input."""

from __future__ import annotations

import math

import numpy as np

from losskit.doctor.evidence.loss_calls import CLASSWISE
from losskit.recording.facts import LossCall, TensorFacts

BINARY = frozenset({"BinaryCrossEntropy"})
SQUARED = frozenset({"SquaredError", "HalfSquaredError", "RootMeanSquaredError"})
ABSOLUTE = frozenset({"AbsoluteError", "Huber", "SmoothL1", "LogCosh", "PseudoHuber"})


def chance_floor(call: LossCall) -> float | None:
    """The smallest loss that a constant prediction reaches on the targets seen; None when that cannot be told.

    Cross-entropy: the entropy of the labels −Σ pₖ ln pₖ, or ln K without their counts. Binary cross-entropy: the
    entropy at the mean target. Squared error: the variance of the targets (half of it for the half loss, its root for
    RMSE). Absolute error: σ·√(2/π), that of a normal sample. It is that of the value that backward ran on, a sum say.
    """
    target = call.target
    if target is None or call.arguments.get("weighted"):
        return None
    floor = _mean_floor(call, target)
    if floor is None:
        return None
    if call.scale is not None:
        return floor * call.scale * call.backwards_per_step
    if call.arguments.get("reduction") == "sum":
        rows = target.shape[0] if target.shape else 1
        floor *= rows if call.loss in CLASSWISE else math.prod(target.shape)
    return floor


def _mean_floor(call: LossCall, target: TensorFacts) -> float | None:
    if call.loss in CLASSWISE:
        if target.distinct and target.integral and len(target.distinct) > 1 and not _one_hot(call, target):
            return entropy({label: count for label, count in target.distinct.items() if int(label) >= 0})
        classes = class_count(call)
        return math.log(classes) if classes else None
    if target.mean is None or target.std is None:
        return None
    if call.loss in BINARY and 0 < target.mean < 1:
        return entropy({"0": 1 - target.mean, "1": target.mean})
    if call.loss == "SquaredError":
        return target.std**2
    if call.loss == "HalfSquaredError":
        return target.std**2 / 2
    if call.loss in SQUARED:
        return target.std
    if call.loss == "AbsoluteError":
        return target.std * math.sqrt(2 / math.pi)
    return None


def entropy(counts: dict[str, int] | dict[str, float]) -> float:
    """−Σ pₖ ln pₖ of the shares of these counts, in nats."""
    shares = np.array([count for count in counts.values() if count > 0], dtype=np.float64)
    shares /= shares.sum()
    return float(-(shares * np.log(shares)).sum())


def class_count(call: LossCall) -> int | None:
    """K of a classwise loss, from the class axis of its prediction (axis 1 in PyTorch, the last in Keras)."""
    shape = call.prediction.shape if call.prediction else ()
    if len(shape) < 2:
        return None
    return shape[-1] if call.written_by == "keras" else shape[1]


def class_counts(call: LossCall) -> dict[int, int] | None:
    """Class → number of targets seen, for index or 0/1 targets; None when they were not counted."""
    target = call.target
    if target is None or not target.distinct or call.loss not in CLASSWISE | BINARY or _one_hot(call, target):
        return None
    return {int(label): count for label, count in target.distinct.items() if int(label) >= 0}


def _one_hot(call: LossCall, target: TensorFacts) -> bool:
    return (
        call.prediction is not None
        and len(target.shape) > 1
        and target.shape == call.prediction.shape
        and (target.shape[-1] > 1)
    )

"""LK103: softmax over a single unit, or along an axis that is not the classes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from losskit.doctor.evidence.loss_calls import (
    CLASSWISE,
    columns,
    last_activation,
    named,
    place_of,
    rows_sum_to_one,
    trained_on,
)
from losskit.doctor.evidence.outcome import suffering
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import Activation, Event, LossCall, Place
from losskit.recording.recording import Recording

SINGLE = "This axis has size 1. The softmax operation will always return the value 1"


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    for call in trained_on(recording):
        activation = last_activation(call)
        if named(activation, "log", "log_clamped") and len(call.activations) > 1:
            activation = call.activations[1]  # the logarithm of a softmax
        if activation is None or not named(activation, "softmax", "log_softmax", "logsoftmax", "softmin"):
            continue
        finding = (
            _one_unit(rule, call, activation)
            or _wrong_axis(rule, call, activation)
            or _beside_the_classes(rule, call, activation)
        )
        if finding is not None:
            yield replace(finding, place=_made(recording, activation) or finding.place)
            return
    yield from _inside(rule, recording)


def _inside(rule: Rule, recording: Recording) -> Iterable[Finding]:
    """A softmax within the model that runs over a single entry, which Keras itself says."""
    told = [event for event in recording.events if _is_single(event) and event.place]
    harm = suffering(recording)
    if told and harm:
        yield rule.finding(
            f"This softmax runs over an axis of size 1: what comes out is 1, whatever goes in, and no gradient passes; "
            f"{harm}.",
            place=told[0].place,
            confidence=0.95,
            evidence={"shape": told[0].data.get("shape") or _shape(told[0].message)},
        )


def _made(recording: Recording, activation: Activation) -> Place | None:
    """Where the layer that applies it was made, with the axis; None for a function."""
    layers = (one for one in recording.layers if one.name == activation.layer and one.activation is not None)
    return next((one.place for one in layers), None)


def _is_single(event: Event) -> bool:
    return event.kind == "constant" or (event.kind == "warning" and SINGLE in event.message)


def _shape(message: str) -> list[int]:
    """``[64, 20, 1]`` of a message that names ``torch.Size([64, 20, 1])`` or ``(64, 20, 1)``."""
    found = re.search(r"shape [^\dN]*((?:\d+|None|, ?)+)", message)
    sizes = [size.strip() for size in found[1].split(",")] if found else []
    return [int(size) if size.isdigit() else 0 for size in sizes if size]


def _one_unit(rule: Rule, call: LossCall, activation: Activation) -> Finding | None:
    if call.prediction is None:
        return None
    shape = call.prediction.shape
    if columns(call.prediction) != 1 or len(shape) > 2:
        if activation.axis is not None or not _constant(call):  # None: squeezed away since
            return None
    elif len(shape) == 1 and not _constant(call):
        return None  # (N,): a column picked out of a softmax, or a softmax over the batch
    value = "0" if activation.name.startswith("log") else "1"
    return rule.finding(
        f"{activation.name} runs over a single unit, and its only possible value is then {value}: the prediction is "
        f"{value} for every sample, and no gradient reaches the model.",
        place=place_of(activation, call),
        confidence=0.98,
        evidence=_evidence(call, activation) | {"constant": _constant(call)},
    )


def _beside_the_classes(rule: Rule, call: LossCall, activation: Activation) -> Finding | None:
    """Of a map of predictions: torch's losses over classes take those along axis 1, whatever comes behind it."""
    prediction, axis = call.prediction, activation.axis
    if prediction is None or axis is None or len(prediction.shape) < 3 or call.written_by != "torch":
        return None
    if call.loss not in CLASSWISE or (call.expects == "logits" and activation.name != "log_softmax"):
        return None
    shape = prediction.shape
    if axis % len(shape) == 1:
        return None
    return rule.finding(
        f"{activation.name} runs along axis {axis} of {shape}, and the {shape[1]} classes are along axis 1: each class "
        f"is shared out among {shape[axis]} places, instead of each place among the classes.",
        place=place_of(activation, call),
        confidence=0.95,
        evidence=_evidence(call, activation),
    )


def _wrong_axis(rule: Rule, call: LossCall, activation: Activation) -> Finding | None:
    """Axis 0 of (N, C): the scores of one class compete over the samples of the batch."""
    prediction, axis = call.prediction, activation.axis
    if prediction is None or axis is None or len(prediction.shape) != 2 or (columns(prediction) or 1) < 2:
        return None
    if call.expects == "logits" and activation.name != "log_softmax":
        return None  # the loss applies its own along the right axis: LK101 removes this one
    if axis % 2 != 0 or (
        activation.name == "softmax" and activation is call.activations[0] and rows_sum_to_one(prediction)
    ):
        return None
    samples, classes = prediction.shape
    return rule.finding(
        f"{activation.name} runs along axis {axis}, which is the batch: each class is shared out among the {samples} "
        f"samples, instead of each sample among the {classes} classes. "
        "A prediction then depends on which other samples are in the batch.",
        place=place_of(activation, call),
        confidence=0.98,
        evidence=_evidence(call, activation),
    )


def _constant(call: LossCall) -> bool:
    facts = call.prediction
    return facts is not None and facts.minimum is not None and facts.minimum == facts.maximum


def _evidence(call: LossCall, activation: Activation) -> dict[str, object]:
    prediction = call.prediction
    return {
        "function": call.function,
        "activation": activation.name,
        "axis": activation.axis,
        "prediction_shape": list(prediction.shape) if prediction else None,
        "row_sum_minimum": prediction.row_sum_minimum if prediction else None,
        "row_sum_maximum": prediction.row_sum_maximum if prediction else None,
    }


RULE = Rule(
    code="LK103",
    name="softmax-axis",
    severity="error",
    what="Softmax shares out along the wrong axis: over a single output unit, the batch, or the places of a map.",
    why="Softmax makes the entries along its axis sum to 1. Of one entry it makes the constant 1, which has no "
    "gradient; along the batch it makes samples compete with each other.",
    fix="One output unit: sigmoid with binary cross-entropy. Several: softmax along the class axis (dim=1 or −1).",
    thresholds="None: the axis and the shape decide, within a Keras model its own warning of it. Rows that do sum to 1 "
    "speak against a wrong axis.",
    needs=("loss_calls", "Event"),
    false_alarms=0.0,
    check=check,
    explains=("LK404", "LK402", "LK301", "LK303", "LK304", "LK305", "LK403", "LK501", "LK503", "LK508"),
    settings=("activation", "()", "axis", "dim"),
)

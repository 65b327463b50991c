"""LK102: a loss for probabilities or log-probabilities receives raw scores."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.loss_calls import columns, last_activation, named, number, opening, trained_on, within
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import LossCall
from losskit.recording.recording import Recording


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    for call in trained_on(recording):
        finding = None
        if call.loss in ("BinaryCrossEntropy", "CrossEntropy", "Focal") and call.expects == "probabilities":
            finding = _probabilities(rule, call)
        elif call.loss == "NegativeLogLikelihood" and call.expects == "log_probabilities":
            finding = _log_probabilities(rule, call)
        if finding is not None:
            yield finding


def _probabilities(rule: Rule, call: LossCall) -> Finding | None:
    activation, prediction = last_activation(call), call.prediction
    if prediction is None or prediction.minimum is None or within(prediction, 0, 1):
        return None
    if call.loss == "CrossEntropy" and columns(prediction) == 1:
        return None  # a loss over classes on one output: LK104's
    ends = "a plain layer" if activation is None else activation.name
    return rule.finding(
        f"{opening(call)} takes probabilities, but the model ends in {ends} and gave it values from "
        f"{number(prediction.minimum)} to {number(prediction.maximum)}. {_consequence(call)}",
        place=call.created or call.place,
        confidence=0.98,
        evidence=_evidence(call),
    )


def _log_probabilities(rule: Rule, call: LossCall) -> Finding | None:
    """A log-probability is never above zero."""
    activation, prediction = last_activation(call), call.prediction
    if prediction is None or prediction.maximum is None or within(prediction, float("-inf"), 0):
        return None
    if named(activation, "softmax", "sigmoid") and within(prediction, 0, 1):
        return None  # probabilities without the logarithm: LK101's
    return rule.finding(
        f"{opening(call)} takes log-probabilities (never above 0), but received values up to "
        f"{number(prediction.maximum)}: nothing normalises the scores, so the loss falls without bound by making "
        "them larger and not by telling the classes apart.",
        place=call.created or call.place,
        confidence=0.98 if activation is None else 0.95,
        evidence=_evidence(call),
    )


def _consequence(call: LossCall) -> str:
    if call.written_by == "keras":
        return "Keras clips them into [0, 1] without a word: where they were outside, the gradient is zero."
    return "The logarithm of such a value is not defined: PyTorch stops, or the loss is NaN."


def _evidence(call: LossCall) -> dict[str, object]:
    activation, prediction = last_activation(call), call.prediction
    return {
        "function": call.function,
        "expects": call.expects,
        "activation": activation.name if activation is not None else None,
        "prediction_minimum": prediction.minimum if prediction else None,
        "prediction_maximum": prediction.maximum if prediction else None,
        "columns": columns(prediction),
    }


RULE = Rule(
    code="LK102",
    name="logits-as-probabilities",
    severity="error",
    what="The loss takes probabilities (or their logarithms), and the model gives raw scores.",
    why="The logarithm of a number outside (0, 1] is undefined, clipped, or unbounded below: the loss is NaN, has no "
    "gradient, or falls for ever without the model learning anything.",
    fix="Use the loss that takes raw scores (BCEWithLogitsLoss, CrossEntropyLoss, from_logits=True): it is also the "
    "numerically stable one.",
    thresholds="A value outside [0, 1] (log-probabilities: above 0) by more than rounding (0.01).",
    needs=("loss_calls",),
    false_alarms=0.0,
    check=check,
    explains=("LK201", "LK202", "LK206", "LK302", "LK303", "LK301", "LK404", "LK402", "LK403", "LK205", "LK401"),
)

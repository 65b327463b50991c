"""LK101: the loss applies an activation that the model has applied already."""

from __future__ import annotations

import math
from collections.abc import Iterable

from losskit.doctor.evidence.loss_calls import (
    are_probability_rows,
    columns,
    last_activation,
    named,
    number,
    opening,
    place_of,
    trained_on,
    within,
)
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import LossCall
from losskit.recording.recording import Recording


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    for call in trained_on(recording):
        finding = _logits(rule, call) or _recovered(rule, call) or _log_probabilities(rule, call)
        if finding is not None:
            yield finding


def _logits(rule: Rule, call: LossCall) -> Finding | None:
    """A function that takes raw scores, fed with scores that are squashed already."""
    if call.expects != "logits" or (columns(call.prediction) == 1 and call.loss == "CrossEntropy"):
        return None
    activation = last_activation(call)
    evidence = _evidence(call)
    inside = "sigmoid" if call.loss == "BinaryCrossEntropy" else "softmax"
    if named(activation, "softmax", "sigmoid", "hard_sigmoid", "hardsigmoid") and within(call.prediction, 0, 1):
        assert activation is not None
        if activation.name == "softmax" and columns(call.prediction) == 1:
            return None  # softmax over one unit is LK103's
        return rule.finding(
            f"The model ends in {activation.name}, and {call.function} applies {inside} again. {_floor(call)}",
            place=place_of(activation, call),
            confidence=0.98,
            evidence=evidence,
        )
    if named(activation, "log_softmax", "logsoftmax") and inside == "softmax":
        return rule.finding(
            f"The model ends in log_softmax, and {call.function} applies it again. "
            "That changes nothing (log-softmax of a log-softmax is itself), but one of the two is superfluous.",
            place=place_of(activation, call),
            confidence=0.98,
            evidence=evidence,
            severity="info",
        )
    if named(activation, "tanh", "relu", "relu6", "hardtanh", "softsign", "log_softmax", "logsigmoid", "log_sigmoid"):
        assert activation is not None
        if not _shows(activation.name, call):
            return None
        return rule.finding(
            f"{opening(call)} takes raw scores of any sign and size, but the model ends in {activation.name}, so that "
            f"it receives only {number(call.prediction and call.prediction.minimum)} to "
            f"{number(call.prediction and call.prediction.maximum)}: it cannot say how sure it is.",
            place=place_of(activation, call),
            confidence=0.9,
            evidence=evidence,
            severity="warning",
        )
    if activation is None and inside == "softmax" and are_probability_rows(call.prediction):
        return rule.finding(
            f"{opening(call)} takes raw scores, but every row it received lies in [0, 1] and sums to 1: softmax seems "
            f"to be applied before the loss, which applies it again. {_floor(call)}",
            place=place_of(None, call),
            confidence=0.8,
            evidence=evidence,
        )
    return None


def _recovered(rule: Rule, call: LossCall) -> Finding | None:
    """Keras on TensorFlow notices, warns, and takes the scores from before the activation; other backends do not."""
    activation = last_activation(call)
    if activation is None or not (call.arguments.get("logits_recovered") and call.arguments.get("from_logits")):
        return None
    return rule.finding(
        f"The model ends in {activation.name}, and {call.function} is told to expect raw scores (from_logits=True). "
        "TensorFlow takes the scores from before the activation, so this run is right, but on another backend the "
        "activation would be applied twice.",
        place=place_of(activation, call),
        confidence=0.95,
        evidence=_evidence(call),
        severity="warning",
    )


def _log_probabilities(rule: Rule, call: LossCall) -> Finding | None:
    """A function that takes log-probabilities, fed with probabilities."""
    if call.expects != "log_probabilities" or call.loss != "NegativeLogLikelihood":
        return None
    activation = last_activation(call)
    by_structure = named(activation, "softmax", "sigmoid") and within(call.prediction, 0, 1)
    if not by_structure and not (activation is None and are_probability_rows(call.prediction)):
        return None
    name = activation.name if activation is not None else "softmax"
    if name == "softmax" and columns(call.prediction) == 1:
        return None
    return rule.finding(
        f"{opening(call)} takes log-probabilities, but the model ends in {name}: without the logarithm the loss is "
        "minus the probability itself, between −1 and 0, and its gradient fades where the model is most wrong.",
        place=place_of(activation, call),
        confidence=0.98 if by_structure else 0.8,
        evidence=_evidence(call),
    )


def _shows(name: str, call: LossCall) -> bool:
    """Whether the values agree that the activation is what the loss received (no scaling after it)."""
    ranges = {"relu": (0, math.inf), "relu6": (0, 6), "log_softmax": (-math.inf, 0)}
    ranges |= {"logsigmoid": (-math.inf, 0), "log_sigmoid": (-math.inf, 0)}
    return within(call.prediction, *ranges.get(name, (-1, 1)))


def _floor(call: LossCall) -> str:
    """How low the loss can get when the scores are confined to [0, 1]: the best is one 1 among zeros."""
    classes = columns(call.prediction) or 1
    if call.loss == "BinaryCrossEntropy":
        return "Fed with values in [0, 1], the loss cannot fall below 0.313 for positives and 0.693 for negatives."
    floor = math.log(math.e + classes - 1) - 1
    return f"Fed with values in [0, 1], the loss cannot fall below {floor:.3f} for {classes} classes."


def _evidence(call: LossCall) -> dict[str, object]:
    activation, prediction = last_activation(call), call.prediction
    return {
        "function": call.function,
        "expects": call.expects,
        "activation": activation.name if activation is not None else None,
        "axis": activation.axis if activation is not None else None,
        "prediction_minimum": prediction.minimum if prediction else None,
        "prediction_maximum": prediction.maximum if prediction else None,
        "row_sum_minimum": prediction.row_sum_minimum if prediction else None,
        "row_sum_maximum": prediction.row_sum_maximum if prediction else None,
    }


RULE = Rule(
    code="LK101",
    name="double-activation",
    severity="error",
    what="The model ends in softmax or sigmoid, and the loss applies it once more (or wants the logarithm of it).",
    why="Scores confined to [0, 1] can never become sure: with 10 classes the cross-entropy stays above 1.46 however "
    "right the model is, and the gradient shrinks by the derivative of the second squashing.",
    fix="Let the model return raw scores and keep the loss, or keep the activation and use the loss for probabilities "
    "(BCELoss, NLLLoss on log_softmax, from_logits=False).",
    thresholds="None when the activation itself was seen. From values alone: all of them in [0, 1] and every row "
    "summing to 1, up to the rounding of a softmax in half precision (0.01).",
    needs=("loss_calls",),
    false_alarms=0.001,
    check=check,
    explains=("LK404", "LK402", "LK301", "LK304", "LK405", "LK508"),
    settings=("activation", "()"),
)

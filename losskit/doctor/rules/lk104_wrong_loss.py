"""LK104: the loss belongs to another task than the targets do."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.loss_calls import (
    CLASSWISE,
    REGRESSION,
    columns,
    evenness,
    is_one_hot,
    last_activation,
    named,
    number,
    opening,
    shapes,
    trained_on,
    values,
    within,
)
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import LossCall
from losskit.recording.recording import Recording

EVEN = 0.9  # of the largest possible entropy


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    # Least-squares GANs regress on 0 and 1 by intention; their players take steps of their own.
    adversarial = len(recording.optimizers) > 1 or len(recording.places("step")) > 1
    for call in trained_on(recording):
        finding = None
        if call.loss in REGRESSION:
            finding = _distance_for_classes(rule, call, adversarial)
        elif call.loss in CLASSWISE:
            finding = _classes_for_numbers(rule, call) or _classes_on_one_output(rule, call)
        elif call.loss == "BinaryCrossEntropy":
            finding = _binary_for_numbers(rule, call)
        if finding is not None:
            yield finding


def _distance_for_classes(rule: Rule, call: LossCall, adversarial: bool) -> Finding | None:
    """Squared or absolute error between scores of classes and class labels."""
    outputs, labels = columns(call.prediction) or 1, values(call.target)
    activation = last_activation(call)
    if call.target is None or not call.target.integral or len(labels) < 2:
        return None
    if outputs > 1 and is_one_hot(call.target):
        squashed = named(activation, "softmax", "sigmoid")
        return _found(
            rule,
            call,
            f"{opening(call)} measures the distance between {outputs} scores and one-hot classes. This is a "
            "classification: where the model is most wrong, "
            + (
                "the gradient through the squashing fades to nothing." if squashed else "it pulls no harder than usual."
            ),
            confidence=0.9 if squashed else 0.75,
            severity="warning",
        )
    indices = columns(call.target) == 1 and _from_zero_or_one(labels)
    if outputs > 1 and indices and len(labels) <= outputs + 1:
        return _found(
            rule,
            call,
            f"{opening(call)} compares the {outputs} outputs of the model with the number of the class "
            f"({labels[0]} … {labels[-1]}): the numbers are names, and every output is pulled to the same one.",
            confidence=0.95,
        )
    if outputs > 1 or adversarial:
        return None
    if labels in ((0, 1), (-1, 1)):
        squashed = named(activation, "sigmoid", "tanh")
        return _found(
            rule,
            call,
            f"{opening(call)} fits the two classes {labels[0]} and {labels[1]} as if they were measured numbers"
            + (
                f"; through the {activation.name} its gradient fades where the model is most wrong."
                if squashed and activation
                else "."
            ),
            confidence=0.85 if squashed else 0.7,
            severity="warning",
        )
    if indices and len(labels) > 2 and evenness(call.target) >= EVEN:
        return _found(
            rule,
            call,
            f"{opening(call)} fits one output to the class numbers {labels[0]} … {labels[-1]}, as if class "
            f"{labels[-1]} were {len(labels) - 1} times further from class {labels[0]} than class {labels[1]} is. "
            f"If these are classes, give the model {len(labels)} outputs and use cross-entropy.",
            confidence=0.6,
            severity="warning",
        )
    return None


def _classes_for_numbers(rule: Rule, call: LossCall) -> Finding | None:
    """Cross-entropy over classes against measured numbers."""
    target = call.target
    if target is None or target.minimum is None or target.integral or within(target, 0, 1):
        return None
    return _found(
        rule,
        call,
        f"{opening(call)} is for classes, but the targets are measured numbers from {number(target.minimum)} to "
        f"{number(target.maximum)}: this is a regression.",
        confidence=0.95,
    )


def _classes_on_one_output(rule: Rule, call: LossCall) -> Finding | None:
    """Cross-entropy over the classes of a model that has one output: there is nothing to choose between."""
    prediction = call.prediction
    if prediction is None or len(prediction.shape) != 2 or columns(prediction) != 1:
        return None
    if named(last_activation(call), "softmax", "log_softmax"):
        return None  # LK103 names the line of the softmax
    return _found(
        rule,
        call,
        f"{opening(call)} chooses between classes, but the model has one output: the only class has probability 1 "
        "whatever the model says, and no gradient tells it better. Two classes on one output are for binary "
        "cross-entropy.",
        confidence=0.97,
    )


def _binary_for_numbers(rule: Rule, call: LossCall) -> Finding | None:
    """Binary cross-entropy against measured numbers or more than two classes."""
    target = call.target
    if target is None or target.minimum is None or target.maximum is None or within(target, 0, 1):
        return None
    labels = values(target)
    if target.integral and len(labels) == 2:
        return None  # two classes under other names: LK107
    if target.integral and labels:
        seen = f"the targets are {len(labels)} classes ({labels[0]} … {labels[-1]})"
        advice = f"give the model {len(labels)} outputs and use cross-entropy."
    else:
        seen = f"the targets are measured numbers from {number(target.minimum)} to {number(target.maximum)}"
        advice = "this is a regression."
    return _found(rule, call, f"{opening(call)} is for yes or no, 1 or 0, but {seen}: {advice}", confidence=0.95)


def _from_zero_or_one(labels: tuple[int, ...]) -> bool:
    """0, 1, 2 … or 1, 2, 3 …: how people number classes."""
    return labels[0] in (0, 1) and labels == tuple(range(labels[0], labels[0] + len(labels)))


def _found(rule: Rule, call: LossCall, message: str, confidence: float, severity: str = "error") -> Finding:
    activation, target = last_activation(call), call.target
    evidence: dict[str, object] = {
        "function": call.function,
        "loss": call.loss,
        "activation": activation.name if activation is not None else None,
        **shapes(call),
        "target_dtype": target.dtype if target else None,
        "target_minimum": target.minimum if target else None,
        "target_maximum": target.maximum if target else None,
        "labels": list(values(target)),
        "one_hot": is_one_hot(target),
    }
    return rule.finding(
        message,
        place=call.created or call.place,
        confidence=confidence,
        evidence=evidence,
        severity="warning" if severity == "warning" else "error",
    )


RULE = Rule(
    code="LK104",
    name="wrong-loss-for-task",
    severity="error",
    what="The loss is made for another kind of target: a distance for classes, or a classification loss for numbers.",
    why="Class numbers are names, not amounts. A squared distance on squashed scores has its smallest gradient where "
    "the model is most wrong, and cross-entropy has no meaning for targets that are not probabilities.",
    fix="Classes: cross-entropy (binary cross-entropy for two classes on one output). Measured numbers: squared, "
    "absolute or Huber error.",
    thresholds="Class numbers on one output are only suspected when they are 0…K−1 or 1…K and almost equally frequent "
    "(entropy at least 0.9 of log K): counts and ratings, which are fair regression targets, are rarely so even.",
    needs=("loss_calls",),
    false_alarms=0.01,
    check=check,
    explains=(
        "LK102",
        "LK106",
        "LK404",
        "LK402",
        "LK301",
        "LK303",
        "LK304",
        "LK403",
        "LK405",
        "LK506",
        "LK206",
        "LK508",
    ),
    settings=("loss",),
)

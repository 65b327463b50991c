"""LK112: classes that exclude each other are asked of labels that do not, or the reverse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from losskit.doctor.evidence.loss_calls import (
    CLASSWISE,
    ROUNDING,
    columns,
    is_one_hot,
    last_activation,
    named,
    opening,
    rows_sum_to_one,
    shapes,
    trained_on,
    values,
)
from losskit.doctor.evidence.outcome import suffering
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import LossCall, Place, TensorFacts
from losskit.recording.recording import Recording


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    for call in trained_on(recording):
        finding = None
        if is_multi_hot(call.target):
            finding = _exclusive(rule, call)
        elif is_one_hot(call.target):
            finding = _independent(rule, recording, call)
        if finding is not None:
            yield finding


def is_multi_hot(facts: TensorFacts | None) -> bool:
    """Rows of zeros and ones with more than a single 1 in some of them."""
    if facts is None or (columns(facts) or 1) < 2 or values(facts) != (0, 1):
        return False
    return facts.row_sum_maximum is not None and facts.row_sum_maximum > 1 + ROUNDING


def _exclusive(rule: Rule, call: LossCall) -> Finding | None:
    """Several labels of a row may be 1, but a softmax shares one probability out among them."""
    softmax = named(last_activation(call), "softmax")
    if call.loss in CLASSWISE and call.prediction is not None and call.target is not None:
        if call.prediction.shape != call.target.shape:
            return None
        said, place = "chooses one class of", call.created or call.place
    elif call.loss == "BinaryCrossEntropy" and softmax and rows_sum_to_one(call.prediction):
        said, place = "receives a softmax, which chooses one class of", _activation_place(call)
    else:
        return None
    by_hand = call.written_by == "user"  # a multinomial likelihood of counts is written like this, and meant
    return _found(
        rule,
        call,
        f"{said} {columns(call.target)}, but rows of the targets have up to {_ones(call)} labels: their probabilities "
        "cannot all be near 1. Each label is a yes or no of its own.",
        "exclusive",
        place,
        0.95,
        "info" if by_hand else "error",
    )


def _independent(rule: Rule, recording: Recording, call: LossCall) -> Finding | None:
    """A yes or no per class where exactly one class is right."""
    if call.loss != "BinaryCrossEntropy" or call.prediction is None or call.target is None:
        return None
    if call.prediction.shape != call.target.shape:
        return None
    found = _found(
        rule,
        call,
        f"treats {columns(call.target)} classes as independent, but every row has exactly one. "
        "Cross-entropy with a softmax learns faster what they have in common.",
        "independent",
        call.created or call.place,
        0.6,
        "info" if suffering(recording) is None else "warning",
    )
    return replace(found, explains=())  # it slows a run down, and ruins none: other causes stand beside it


def _ones(call: LossCall) -> int:
    assert call.target is not None
    return round(call.target.row_sum_maximum or 0)


def _activation_place(call: LossCall) -> Place | None:
    activation = last_activation(call)
    return (activation.place if activation is not None else None) or call.created or call.place


def _found(
    rule: Rule, call: LossCall, said: str, how: str, place: Place | None, confidence: float, severity: str
) -> Finding:
    activation = last_activation(call)
    return rule.finding(
        f"{opening(call)} {said}",
        place=place,
        confidence=confidence,
        severity="info" if severity == "info" else "warning" if severity == "warning" else None,
        evidence={
            "function": call.function,
            "how": how,
            "activation": activation.name if activation is not None else None,
            "labels_per_row": _ones(call),
            **shapes(call),
        },
    )


RULE = Rule(
    code="LK112",
    name="exclusive-vs-multilabel",
    severity="error",
    what="A softmax chooses one class where several labels may hold at once, or a yes or no is asked of each class "
    "where exactly one holds.",
    why="The probabilities of a softmax sum to 1: of two labels that are both there each gets at most one half, and a "
    "sample without any label teaches nothing.",
    fix="Several labels at once: a sigmoid per label and binary cross-entropy. One class of many: softmax and "
    "cross-entropy.",
    thresholds="None: rows of zeros and ones that hold more than one 1 are not classes. The reverse is only mentioned, "
    "unless the run gains less than half of what chance leaves.",
    needs=("loss_calls",),
    false_alarms=0.002,
    check=check,
    explains=(
        *("LK101", "LK102", "LK103", "LK104", "LK107", "LK206", "LK301", "LK304", "LK402", "LK403", "LK404", "LK405"),
        *("LK503", "LK508"),
    ),
)

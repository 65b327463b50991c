"""LK204: a formula that is right on paper and overflows, or takes the logarithm of 0, in floating point."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.numbers import (
    EXPONENTIALS,
    UNINFORMATIVE,
    climbed,
    culprit,
    gradient_lost_at,
    lost_at,
    unstable,
)
from losskit.doctor.evidence.outcome import suffering
from losskit.doctor.evidence.rate import ordinary_rate
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import Operation
from losskit.recording.recording import Recording

SATURATED = 2.0  # an argument that is at most twice what was added to keep it from 0 is that number, not a probability

_STABLE = {
    "log(softmax)": "log_softmax, or a cross-entropy of the logits",
    "log(sigmoid)": "logsigmoid, or a binary cross-entropy of the logits",
    "log(1 − sigmoid)": "logsigmoid(−x), or a binary cross-entropy of the logits",
    "log(sum(exp))": "logsumexp",
    "log(exp / sum(exp))": "log_softmax, or a cross-entropy of the logits",
    "log(1 + exp)": "softplus",
    "exp / sum(exp)": "softmax",
    "1 / (1 + exp)": "sigmoid",
}


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    formulas = [(operation, words) for operation in recording.operations if (words := unstable(operation)) is not None]
    broke, trouble = culprit(recording), suffering(recording)
    lost = lost_at(recording) is not None or gradient_lost_at(recording) is not None
    for operation, words in formulas:
        harm, confidence = _harm(operation, broke, formulas, lost, trouble)
        severity = "info" if harm is None else "error" if confidence > 0.6 else "warning"
        said = f"; {harm}" if harm is not None else ", which did no harm in this run"
        yield rule.finding(
            f"{words} is written out{said}. Stable: {_STABLE.get(words, 'its argument bounded away from 0')}.",
            place=broke.place if harm is not None and broke is not None else operation.place,
            confidence=confidence if ordinary_rate(recording) or not climbed(recording) else confidence / 2,
            severity=severity,
            evidence={
                "operation": operation.name,
                "of": list(operation.of),
                "argument_minimum": operation.minimum,
                "argument_maximum": operation.maximum,
                "offset": operation.offset,
                "infinite_values": operation.infinite,
                "step": operation.step,
            },
        )


def _harm(
    operation: Operation,
    broke: Operation | None,
    formulas: list[tuple[Operation, str]],
    lost: bool,
    trouble: str | None,
) -> tuple[str | None, float]:
    """What it did, in words, and how sure that is; None for nothing."""
    if lost and operation is broke:
        return "it gave the first number that is not finite", 0.98
    if lost and broke is not None and broke.name in EXPONENTIALS and set(operation.of) & EXPONENTIALS:
        return "its exponential overflowed", 0.97
    feeds = broke is not None and broke.place == operation.place and broke.name not in UNINFORMATIVE
    if lost and (operation.infinite or feeds):
        return "its value was not finite, and what came after it was lost", 0.95
    if lost and broke is None and len(formulas) == 1 and not operation.offset:
        return "the loss was lost, and nothing else in it can give such a number", 0.85
    if trouble is not None and operation.infinite:
        return f"its value was not finite {operation.infinite} times, and {trouble}", 0.9
    low, offset = operation.minimum, operation.offset
    if trouble is not None and offset and low is not None and low <= SATURATED * offset:
        return f"it reached log({low:.1g}), where no gradient passes, and {trouble}", 0.5
    return None, 0.5


RULE = Rule(
    code="LK204",
    name="unstable-formula",
    severity="error",
    what=(
        "A logarithm of a softmax or sigmoid, a log-sum-exp or a softmax is written out operation by operation, and "
        "its values left the range of floating point."
    ),
    why=(
        "In float32 a sigmoid is exactly 1 above 17 and a softmax exactly 0 for a score 104 below the highest: the "
        "logarithm of what is left is infinite, and 0 · ∞ is NaN; exp overflows above 88.7."
    ),
    fix=(
        "Use the function that computes it in one step from the logits: log_softmax, logsigmoid, logsumexp, "
        "cross_entropy, binary_cross_entropy_with_logits; from_logits=True in Keras."
    ),
    thresholds=(
        "A value of the formula that is not finite, in a run whose loss or gradient was lost or that gained less than "
        "half of what chance leaves (error); an argument within twice of the ε added to it, in such a run (warning); "
        "else a remark. Source: Blanchard, Higham & Higham, Accurately computing the log-sum-exp and softmax functions "
        "(IMA J. Numer. Anal. 41, 2021)."
    ),
    needs=("Operation",),
    false_alarms=0.001,
    check=check,
    explains=("LK201", "LK202", "LK205", "LK206", "LK302", "LK404"),
)

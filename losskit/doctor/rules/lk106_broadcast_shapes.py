"""LK106: prediction and target have different shapes, and every prediction meets every target."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from losskit.doctor.evidence.loss_calls import CLASSWISE, columns, opening, shapes, trained_on, values
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import LossCall
from losskit.recording.recording import Recording


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    for call in trained_on(recording):
        if call.loss not in CLASSWISE and (finding := _broadcast(rule, call)) is not None:
            yield finding


def _broadcast(rule: Rule, call: LossCall) -> Finding | None:
    refused = call.loss == "BinaryCrossEntropy" and call.written_by == "torch"  # PyTorch stops over any difference
    if call.prediction is None or call.target is None or not (call.broadcast or refused):
        return None
    prediction, target = call.prediction.shape, call.target.shape
    combined = _combined(prediction, target)
    if combined is None or prod(target) == 1 or prod(combined) == max(prod(prediction), prod(target)):
        # One side repeated along an axis the other one has is often meant: a scalar, a weight per column.
        return _repeated(rule, call) if combined is not None and call.broadcast else None
    if refused:
        consequence = "PyTorch refuses them."
    else:
        consequence = (
            f"together they become {combined}, and every prediction is compared with every target of the batch. The "
            "best answer to that is the mean of the targets, whatever the input."
        )
    return rule.finding(
        f"{opening(call)} was given predictions of shape {prediction} and targets of shape {target}: {consequence}",
        place=call.called or call.place or call.created,
        confidence=0.98,
        evidence={"function": call.function, **shapes(call), "combined_shape": list(combined)},
    )


def _repeated(rule: Rule, call: LossCall) -> Finding | None:
    """(N, K) predictions against (N, 1) targets: each of the K outputs gets the same target.

    A loss that is not known may treat its columns differently, as quantiles of one target do.
    """
    if call.loss is None or call.loss == "Quantile":
        return None
    outputs = columns(call.prediction) or 1
    assert call.prediction is not None
    assert call.target is not None
    if outputs < 2 or call.target.shape != (call.prediction.shape[0], 1) or len(call.prediction.shape) != 2:
        return None
    if call.target.integral and 2 <= len(values(call.target)) <= outputs + 1:
        return None  # class numbers against the scores of classes: LK104
    return rule.finding(
        f"{opening(call)} was given predictions of shape {call.prediction.shape} and targets of shape "
        f"{call.target.shape}: each of the {outputs} outputs is fitted to the same target.",
        place=call.called or call.place or call.created,
        confidence=0.7,
        evidence={"function": call.function, **shapes(call)},
        severity="warning",
    )


def _combined(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...] | None:
    """The shape two shapes broadcast to; None when they do not."""
    length = max(len(first), len(second))
    pairs = zip((1,) * (length - len(first)) + first, (1,) * (length - len(second)) + second, strict=True)
    if any(a != b and 1 not in (a, b) for a, b in pairs):
        return None
    pairs = zip((1,) * (length - len(first)) + first, (1,) * (length - len(second)) + second, strict=True)
    return tuple(max(a, b) for a, b in pairs)


RULE = Rule(
    code="LK106",
    name="broadcast-shapes",
    severity="error",
    what="Predictions of shape (N, 1) meet targets of shape (N,), and the loss is computed over an N × N table.",
    why="Every prediction is compared with every target of its batch. The best constant answer, the mean of the "
    "targets, is then the best answer of all: the model learns nothing about the inputs.",
    fix="Give both the same shape: prediction.squeeze(-1), or target.unsqueeze(1).",
    thresholds="None: the shapes decide. A single target for all, and repetition along one axis only, pass.",
    needs=("loss_calls",),
    false_alarms=0.0,
    check=check,
    explains=("LK404", "LK402", "LK403", "LK405", "LK508", "LK301", "LK105"),
)

"""Remedies for LK106: the same shape on both sides of the loss."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit, loss
from losskit.doctor.remedies.source import Source, parenthesized
from losskit.recording.facts import LossCall
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterator[Edit]:
    call = loss.call_of(finding, recording)
    if call is None or call.prediction is None or call.target is None or finding.severity != "error":
        return
    if call.written_by == "user":
        yield from _by_hand(call, source)
        return
    of_prediction = len(call.prediction.shape) > len(call.target.shape)
    yield from _squeeze(recording, call, source)
    if of_prediction:
        yield from _unsqueeze(recording, call, source)


def _squeeze(recording: Recording, call: LossCall, text: str) -> Iterator[Edit]:
    """Take the axis of size 1 away from the side that has it, in every call whose shapes differ."""
    source = Source(text)
    changed = ""
    for use in loss.uses(source, recording, call):
        prediction, target = use.recorded.prediction, use.recorded.target
        if prediction is None or target is None or len(prediction.shape) == len(target.shape):
            continue
        arg = use.prediction if len(prediction.shape) > len(target.shape) else use.target
        loss.rewrite(source, arg, "{}.squeeze(-1)")
        changed = changed or source.code(arg.value)
    if changed:
        title = f"Give both the shape (N,): {changed}.squeeze(-1)"
        yield Edit("squeeze", title, source.text())


def _unsqueeze(recording: Recording, call: LossCall, text: str) -> Iterator[Edit]:
    source = Source(text)
    changed = ""
    for use in loss.uses(source, recording, call):
        prediction, target = use.recorded.prediction, use.recorded.target
        if prediction is not None and target is not None and len(prediction.shape) > len(target.shape):
            loss.rewrite(source, use.target, "{}.unsqueeze(1)")
            changed = changed or source.code(use.target.value)
    if changed:
        yield Edit("unsqueeze", f"Give both the shape (N, 1): {changed}.unsqueeze(1)", source.text())


def _by_hand(call: LossCall, text: str) -> Iterator[Edit]:
    """``(prediction - target) ** 2``: flatten both sides of the difference, whichever of them has the extra axis."""
    source = Source(text)
    assert call.place is not None
    differences = [
        node
        for node in source.nodes(cst.BinaryOperation)
        if isinstance(node.operator, cst.Subtract)
        and source.line(node) <= call.place.line <= source.last_line(node)
        and not any(isinstance(side, cst.BaseNumber) for side in (node.left, node.right))
    ]
    if len(differences) != 1:
        return
    for side in (differences[0].left, differences[0].right):
        source.replace(side, f"{parenthesized(source.code(side), side)}.view(-1)")
    yield Edit("flatten", "Give both the shape (N,) before the difference", source.text())

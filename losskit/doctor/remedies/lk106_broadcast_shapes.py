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
        yield from _by_hand(call, source, recording.framework == "keras")
        return
    of_prediction = len(call.prediction.shape) > len(call.target.shape)
    yield from _squeeze(recording, call, source)
    if of_prediction:
        yield from _unsqueeze(recording, call, source)


def _squeeze(recording: Recording, call: LossCall, text: str) -> Iterator[Edit]:
    """Take the axis of size 1 away from the side that has it, in every call whose shapes differ."""
    source = Source(text)
    sides = [(use.prediction if longer > 0 else use.target).value for use, longer in _unequal(source, recording, call)]
    for side in sides:
        source.replace(side, f"{parenthesized(source.code(side), side)}.squeeze(-1)")
    if sides:
        yield Edit("squeeze", f"Give both the shape (N,): {source.code(sides[0])}.squeeze(-1)", source.text())


def _unsqueeze(recording: Recording, call: LossCall, text: str) -> Iterator[Edit]:
    """Give the target the axis of size 1 that the prediction has."""
    source = Source(text)
    sides = [use.target.value for use, longer in _unequal(source, recording, call) if longer > 0]
    for side in sides:
        source.replace(side, f"{parenthesized(source.code(side), side)}.unsqueeze(1)")
    if sides:
        yield Edit("unsqueeze", f"Give both the shape (N, 1): {source.code(sides[0])}.unsqueeze(1)", source.text())


def _unequal(source: Source, recording: Recording, call: LossCall) -> Iterator[tuple[loss.Use, int]]:
    """The calls whose two sides differ in the number of axes, and how many more the prediction has."""
    for use in loss.uses(source, recording, call):
        if use.recorded is not None and use.recorded.prediction is not None and use.recorded.target is not None:
            longer = len(use.recorded.prediction.shape) - len(use.recorded.target.shape)
            if longer:
                yield use, longer


def _by_hand(call: LossCall, text: str, keras: bool) -> Iterator[Edit]:
    """``(prediction - target) ** 2``, written in one line with the mean or before it."""
    source = Source(text)
    difference = _difference(source, call)
    if difference is None:
        return
    left, right = difference.left, difference.right
    computed = [_is_computed(source, side) for side in (left, right)]
    if computed[0] == computed[1]:  # which is the prediction cannot be told: flatten both
        for side in (left, right):
            code = source.code(side)
            flat = f"{source.spell('keras.ops.ravel')}({code})" if keras else f"{parenthesized(code, side)}.view(-1)"
            source.replace(side, flat)
        yield Edit("flatten", "Give both the shape (N,) before the difference", source.text())
        return
    assert call.prediction is not None
    assert call.target is not None
    prediction, target = (left, right) if computed[0] else (right, left)
    side = prediction if len(call.prediction.shape) > len(call.target.shape) else target
    code = source.code(side)
    flat = f"{source.spell('keras.ops.squeeze')}({code}, -1)" if keras else f"{parenthesized(code, side)}.squeeze(-1)"
    source.replace(side, flat)
    yield Edit("squeeze", f"Give both the shape (N,): {flat}", source.text())


def _difference(source: Source, call: LossCall) -> cst.BinaryOperation | None:
    """The only subtraction of two things in the statement of the loss, else the last one before it."""
    assert call.place is not None
    line = call.place.line
    found = [
        node
        for node in source.nodes(cst.BinaryOperation)
        if isinstance(node.operator, cst.Subtract)
        and not any(isinstance(side, cst.BaseNumber) for side in (node.left, node.right))
    ]
    here = [node for node in found if source.line(node) <= line <= source.last_line(node)]
    before = [node for node in found if source.line(node) < line]
    return here[0] if len(here) == 1 else before[-1] if before and not here else None


def _is_computed(source: Source, side: cst.BaseExpression) -> bool:
    """Whether this is what a model was called for: ``model(x)``, or the name of such a result."""
    if isinstance(side, cst.Name):
        values = [
            node.value
            for node in source.nodes(cst.Assign)
            if [source.code(to.target) for to in node.targets] == [side.value]
        ]
        return any(isinstance(value, cst.Call) and _is_computed(source, value) for value in values)
    if not isinstance(side, cst.Call):
        return False
    name = source.qualified(side.func) or ""
    return not name.startswith(("torch.", "numpy.", "sklearn.")) and source.callee(side) not in ("float", "to", "view")

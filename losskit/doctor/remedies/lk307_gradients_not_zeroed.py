"""LK307: gradients set to zero once per step, before backward."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.loop import made, stepped
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    if finding.used_at is None:
        return
    tree = Source(source)
    backward = _backward(tree, finding.used_at.line)
    if backward is None:
        return
    name = stepped(tree, backward) or next(filter(None, (_made(tree, recording))), None)
    function = tree.ancestor(backward, cst.FunctionDef)
    if function is not None and function.name.value == "train_step" and recording.framework == "keras":
        name = "self"  # a Keras model on torch
    if name is None:
        text = _after_updates(tree)
        if text is not None:
            yield Edit("clear-gradients", "Clear the gradients after each update", text)
        return
    misplaced = next((call for call in tree.calls("zero_grad") if tree.line(call) == finding.used_at.line), None)
    if misplaced is not None:
        tree.remove_statement(misplaced)
    tree.insert_before(tree.line(backward), f"{name}.zero_grad()")
    yield Edit("zero-grad", f"Call {name}.zero_grad() before backward", tree.text())


def _backward(tree: Source, line: int) -> cst.Call | None:
    """The call of backward at that line, else the nearest one that is a statement of its own."""
    calls = [call for call in tree.calls("backward", "scale") if tree.ancestor(call, cst.SimpleStatementLine)]
    calls = [call for call in calls if tree.callee(call) == "backward"]
    return min(calls, key=lambda call: abs(tree.line(call) - line), default=None)


def _made(tree: Source, recording: Recording) -> Iterable[str | None]:
    for one in recording.optimizers:
        yield made(tree, one.place.line) if one.place is not None else None


def _after_updates(tree: Source) -> str | None:
    """A file that makes its steps itself: each update is followed by clearing what it used."""
    last: dict[tuple[object, str], cst.SimpleStatementLine] = {}
    for node in tree.nodes(cst.Attribute):
        statement = tree.ancestor(node, cst.SimpleStatementLine)
        if node.attr.value == "grad" and statement is not None:
            last[tree.parent(statement), tree.code(node.value)] = statement
    for (_, tensor), statement in last.items():
        tree.insert_after(tree.last_line(statement), f"{tensor}.grad = None")
    return tree.text() if last else None

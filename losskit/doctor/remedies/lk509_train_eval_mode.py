"""LK509: the mode set before training and before evaluation, and a dropout that follows it."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.loop import called_model
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    modes, place = recording.modes, finding.used_at
    if modes is None or place is None:
        return
    if place == modes.functional:
        text = _following(source, place.line)
        if text is not None:
            yield Edit("follow-mode", "Let dropout follow the model's mode", text)
        return
    if recording.framework == "keras" and place == modes.evaluated_at:
        text = _told_by_keras(source, place.line)
        if text is not None:
            yield Edit("follow-mode", "Let the layer follow the mode that the model is called in", text)
        return
    if recording.framework == "keras":
        text = _called_to_train(source, place.line)
        if text is not None:
            yield Edit("training-true", "Call the model in training mode", text)
        return
    tree = Source(source)
    evaluating = place == modes.evaluated_at
    name = called_model(tree, recording, place.line)
    if name is None:
        return
    if evaluating:
        tree.insert_before(_guard(tree, place.line), f"{name}.eval()")
    if not evaluating or not tree.calls("train"):
        _train_before(tree, modes.trained_at.line if modes.trained_at is not None else place.line, name)
    called = f"{name}.eval()" if evaluating else f"{name}.train()"
    yield Edit("mode", f"Call {called} before {'evaluation' if evaluating else 'each epoch of training'}", tree.text())


def _following(source: str, line: int) -> str | None:
    tree = Source(source)
    call = tree.call(line, "dropout")
    if call is not None:
        tree.set_argument(call, "training", "self.training", 2)
        return tree.text()
    for outer in tree.calls():
        inner = outer.func
        if tree.line(outer) == line and isinstance(inner, cst.Call) and "Dropout" in tree.callee(inner) and outer.args:
            rate = tree.argument(inner, "p", 0)
            given = f", {tree.code(rate.value)}" if rate is not None else ""
            dropout = tree.spell("torch.nn.functional.dropout")
            tree.replace(outer, f"{dropout}({tree.code(outer.args[0].value)}{given}, training=self.training)")
            return tree.text()
    return None


def _told_by_keras(source: str, line: int) -> str | None:
    """Without ``training=True``, there and wherever that method says so: with the method's own argument, if it has one,
    else with nothing, and Keras hands the mode on by itself."""
    tree = Source(source)
    method = next((one for one in tree.nodes(cst.FunctionDef) if tree.line(one) <= line <= tree.last_line(one)), None)
    for one in tree.nodes(cst.FunctionDef, method):  # the innermost
        method = one if tree.line(one) <= line <= tree.last_line(one) else method
    if method is None:
        return None
    takes = any(parameter.name.value == "training" for parameter in tree.nodes(cst.Param, method.params))
    changed = False
    for call in tree.nodes(cst.Call, method.body):
        arg = tree.argument(call, "training")
        if arg is not None and tree.code(arg.value) == "True":
            if takes:
                tree.replace(arg.value, "training")
            else:
                tree.remove_item(arg)
            changed = True
    return tree.text() if changed else None


def _called_to_train(source: str, line: int) -> str | None:
    tree = Source(source)
    calls = [call for call in tree.calls() if tree.line(call) <= line <= tree.last_line(call)]
    for call in calls:
        if tree.argument(call, "training") is not None or tree.code(call.func) in ("self", "model", "self.model"):
            tree.set_argument(call, "training", "True")
            return tree.text()
    return None


def _guard(tree: Source, line: int) -> int:
    """The line of the ``with torch.no_grad():`` around that line, else of the line's own statement."""
    statement = tree.statement(line)
    if statement is None:
        return line
    around: cst.CSTNode = statement
    while not isinstance(around, (cst.Module, cst.FunctionDef)):
        if isinstance(around, cst.With) and "no_grad" in tree.code(around.items[0].item):
            return tree.line(around)
        around = tree.parent(around)
    return tree.line(statement)


def _train_before(tree: Source, line: int, name: str) -> None:
    """Set training mode in each epoch: before a loop over batches, inside one that evaluates too."""
    loop = next((one for one in tree.nodes(cst.BaseCompoundStatement) if tree.line(one) == line), None)
    if not isinstance(loop, (cst.For, cst.While)):
        tree.insert_before(line, f"{name}.train()")
        return
    inside = [one for one in tree.nodes(cst.For, loop) if one is not loop]
    evaluates = any(tree.callee(call) == "eval" for call in tree.nodes(cst.Call, loop))
    first = loop.body.body[0] if inside or evaluates else loop
    tree.insert_before(tree.line(first), f"{name}.train()")

"""The parts of a training loop as a file writes them: the model, its optimizer, backward, step."""

from __future__ import annotations

import libcst as cst

from losskit.doctor.remedies.optimizer import optimizer_call
from losskit.doctor.remedies.source import Source, last_name
from losskit.recording.recording import Recording


def model_names(tree: Source, recording: Recording) -> list[str]:
    """How the file names its models (``net``, ``self.model``): what they are assigned to, whose methods it calls."""
    lines = [site.place.line for site in recording.places("model")]
    named = []
    for line in lines:
        inside = [node for node in tree.nodes(cst.Assign) if tree.line(node) <= line <= tree.last_line(node)]
        named += [tree.code(node.targets[0].target) for node in inside if isinstance(node.value, cst.Call)]
    for call in tree.calls("parameters", "train", "eval"):
        if isinstance(call.func, cst.Attribute):
            named.append(tree.code(call.func.value))
    return list(dict.fromkeys(named))


def called_model(tree: Source, recording: Recording, line: int) -> str | None:
    """The name of the model that is called on that line."""
    names = model_names(tree, recording)
    calls = (call for call in tree.calls() if tree.line(call) <= line <= tree.last_line(call))
    called = (tree.code(call.func) for call in calls if isinstance(call.func, (cst.Name, cst.Attribute)))
    return next((name for name in called if name in names), next(iter(names), None))


def stepped(tree: Source, backward: cst.Call) -> str | None:
    """The optimizer whose step follows that backward, as its function names it."""
    function = tree.ancestor(backward, cst.FunctionDef)
    steps = [call for call in tree.calls("step") if tree.ancestor(call, cst.FunctionDef) is function]
    names = [(tree.line(call), _optimizer(tree, call)) for call in steps]
    names = [(line, name) for line, name in names if name is not None and "sched" not in name.lower()]
    after = [name for line, name in names if line >= tree.line(backward)]
    return next(iter(after), names[0][1] if names else None)


def made(tree: Source, line: int) -> str | None:
    """The name of the optimizer that is made at that line."""
    call = optimizer_call(tree, line)
    assign = tree.parent(call) if call is not None else None
    return tree.code(assign.targets[0].target) if isinstance(assign, cst.Assign) else None


def _optimizer(tree: Source, step: cst.Call) -> str | None:
    if not isinstance(step.func, cst.Attribute):
        return None
    scaled = tree.argument(step, "optimizer", 0)  # of a GradScaler
    if scaled is not None and "scaler" in last_name(step.func.value).lower():
        return tree.code(scaled.value)
    return tree.code(step.func.value)


__all__ = ["called_model", "made", "model_names", "stepped"]

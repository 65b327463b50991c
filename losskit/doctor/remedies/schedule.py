"""Changes of what changes the learning rate: where a schedule is stepped, how fast it decays, whether it is there."""

from __future__ import annotations

import libcst as cst

from losskit.doctor.remedies.optimizer import number, set_traced
from losskit.doctor.remedies.source import Source
from losskit.recording.facts import ScheduleFacts
from losskit.recording.recording import Recording


def stepped_after_loop(source: str, line: int) -> str | None:
    """The `scheduler.step()` at that line moved behind the loop over batches that it is in."""
    tree = Source(source)
    statement = _step(tree, line)
    loop = tree.ancestor(statement, cst.For) if statement is not None else None
    if statement is None or loop is None:
        return None
    tree.remove_statement(statement)
    tree.insert_after(tree.line(loop), tree.code(statement))
    return tree.text()


def stepped_in_loop(source: str, line: int, optimizer_line: int) -> str | None:
    """The `scheduler.step()` at that line moved behind the optimizer's step."""
    tree = Source(source)
    statement = _step(tree, line)
    if statement is None or _step(tree, optimizer_line) is None:
        return None
    tree.remove_statement(statement)
    tree.insert_after(optimizer_line, tree.code(statement))
    return tree.text()


def not_stepped(source: str, line: int) -> str | None:
    """Without the `scheduler.step()` at that line: the rate stays as it is."""
    tree = Source(source)
    statement = _step(tree, line)
    if statement is None:
        return None
    tree.remove_statement(statement)
    return tree.text()


def without_callback(source: str, kind: str) -> str | None:
    """Keras's fit without that callback."""
    tree = Source(source)
    for call in tree.calls(kind):
        item = tree.parent(call)
        if isinstance(item, cst.Element):
            tree.remove_item(item)
            return tree.text()
        assign = tree.parent(call)
        if isinstance(assign, cst.Assign) and isinstance(assign.targets[0].target, cst.Name):
            name = assign.targets[0].target.value
            uses = [e for e in tree.nodes(cst.Element) if isinstance(e.value, cst.Name) and e.value.value == name]
            if len(uses) == 1:
                tree.remove_item(uses[0])
                return tree.text()
    return None


def slower_decay(source: str, schedule: ScheduleFacts, recording: Recording) -> str | None:
    """The same schedule, with a tenth of the rate left at the end of the run."""
    tree = Source(source)
    call = tree.call(schedule.place.line, schedule.kind) if schedule.place is not None else None
    if call is None:
        return None
    if schedule.kind == "ExponentialLR" and schedule.steps:
        set_traced(tree, call, "gamma", f"{0.1 ** (1 / schedule.steps):.3g}", recording, 1)
    elif schedule.kind == "StepLR" and schedule.steps:
        set_traced(tree, call, "step_size", str(max(schedule.steps // 2, 1)), recording, 1)
        gamma = schedule.settings.get("gamma")
        if isinstance(gamma, float) and gamma < 0.1:
            set_traced(tree, call, "gamma", "0.1", recording, 2)
    elif schedule.kind in ("ExponentialDecay", "InverseTimeDecay"):
        set_traced(tree, call, "decay_steps", str(recording.progress.steps), recording, 1)
        set_traced(tree, call, "decay_rate", "0.1" if schedule.kind == "ExponentialDecay" else "9", recording, 2)
    elif schedule.kind in ("CosineDecay", "PolynomialDecay"):
        set_traced(tree, call, "decay_steps", str(recording.progress.steps), recording, 1)
    else:
        return None
    return tree.text()


def constant_rate(source: str, schedule: ScheduleFacts) -> str | None:
    """The number that a Keras schedule begins with, in the schedule's place."""
    tree = Source(source)
    call = tree.call(schedule.place.line, schedule.kind) if schedule.place is not None else None
    initial = schedule.settings.get("initial_learning_rate")
    if call is None or not isinstance(initial, (int, float)):
        return None
    tree.replace(call, number(float(initial)))
    return tree.text()


def _step(tree: Source, line: int) -> cst.Expr | None:
    """The statement at that line, which is a call of some `step` and nothing else."""
    statement = tree.statement(line)
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    (small,) = statement.body
    called = isinstance(small, cst.Expr) and isinstance(small.value, cst.Call) and tree.callee(small.value) == "step"
    return small if called and isinstance(small, cst.Expr) else None

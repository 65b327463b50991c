"""How many epochs a script means to train for, and the line that decides when it stops sooner."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from types import FrameType
from typing import Any

from losskit.doctor.probe.blocks import epoch_loop
from losskit.doctor.probe.places import Places
from losskit.doctor.probe.session import Session
from losskit.doctor.syntax import called_name, nodes, parsed, reaches
from losskit.recording.facts import Place

PATIENCE = re.compile(r"patien|early|stopp|counter|\bbad_|stale|no_improve|since", re.IGNORECASE)


def note_epochs(session: Session, frame: FrameType | None) -> None:
    """Note the loop over epochs that this frame is in, and what may end it."""
    loop = epoch_loop(session.places, frame)
    if loop is None:
        return
    session.site("epochs", loop)
    session.progress = replace(session.progress, planned_epochs=_planned(session.places, frame, loop))
    line = patience_line(session.places.path(loop), loop.line)
    if line is not None:
        session.site("patience", replace(loop, line=line))


def _planned(places: Places, frame: FrameType | None, loop: Place) -> int | None:
    """The number of rounds of ``for epoch in range(…)`` at that line, in which this frame, or one that it was called
    from, is; None where the loop is another."""
    while frame is not None:
        node = _loop(frame.f_code.co_filename, loop.line) if places.of(frame) is not None else None
        if node is not None and reaches(node, frame.f_lineno):
            rounds = node.iter
            if not isinstance(rounds, ast.Call) or called_name(rounds) != "range" or rounds.keywords:
                return None
            numbers = [_value(one, frame) for one in rounds.args]
            plain = [one for one in numbers if isinstance(one, int)]
            return len(range(*plain)) if plain and len(plain) == len(numbers) else None
        frame = frame.f_back
    return None


def patience_line(filename: str, loop: int) -> int | None:
    """Where a loop that is left early decides so: the line that makes the object it asks, or the comparison by which
    the counter it looks at is set; None where nothing is waited for."""
    tree, node = parsed(filename), _loop(filename, loop)
    if tree is None or node is None:
        return None
    own = {one.name for one in nodes(tree, ast.ClassDef)}
    for test in _leaving(node):
        names = [one.id for one in ast.walk(test.test) if isinstance(one, ast.Name)]
        made = [one for one in nodes(tree, ast.Assign) if called_name(one.value) in own and _names(one) & set(names)]
        made = [one for one in made if PATIENCE.search(ast.unparse(one))]
        if not made and not PATIENCE.search(ast.unparse(test.test)):
            continue
        counting = [one for one in ast.walk(node) if isinstance(one, ast.If) and _counts(one, names)]
        return min((one.lineno for one in made), default=max((one.lineno for one in counting), default=test.lineno))
    return None


def _leaving(loop: ast.For) -> list[ast.If]:
    """The conditions under which the loop is left."""
    inner = [one for one in ast.walk(loop) if isinstance(one, (ast.For, ast.While)) and one is not loop]
    tests = [one for one in ast.walk(loop) if isinstance(one, ast.If)]
    tests = [one for one in tests if any(isinstance(node, (ast.Break, ast.Return)) for node in one.body)]
    return [one for one in tests if not any(reaches(other, one.lineno) for other in inner)]


def _counts(test: ast.If, names: list[str]) -> bool:
    """Whether one of the names is counted up under this condition, or under its opposite."""
    counted = [one for part in (*test.body, *test.orelse) for one in ast.walk(part) if isinstance(one, ast.AugAssign)]
    return any(isinstance(one.target, ast.Name) and one.target.id in names for one in counted)


def _names(assignment: ast.Assign) -> set[str]:
    return {one.id for one in assignment.targets if isinstance(one, ast.Name)}


def _loop(filename: str, line: int) -> ast.For | None:
    tree = parsed(filename)
    return next((one for one in nodes(tree, ast.For) if one.lineno == line), None) if tree is not None else None


def _value(node: ast.expr, frame: FrameType) -> Any:
    """What a number, a variable or an attribute is; None for what would have to be computed."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id, frame.f_globals.get(node.id))
    if isinstance(node, ast.Attribute):
        return getattr(_value(node.value, frame), "__dict__", {}).get(node.attr)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):  # range(1, epochs + 1)
        parts = _value(node.left, frame), _value(node.right, frame)
        return sum(parts) if all(isinstance(part, int) for part in parts) else None
    return None


__all__ = ["note_epochs", "patience_line"]

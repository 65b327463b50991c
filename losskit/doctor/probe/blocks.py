"""Where a line of a script stands: in which loop, under which `with`; and the lines that freeze weights."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from types import FrameType

from losskit.doctor.probe.places import Places
from losskit.doctor.syntax import Node, last_name, nodes, parsed, reaches
from losskit.recording.facts import Place

_GUARDS = ("no_grad", "inference_mode")
_CALLED = ("forward", "__call__", "call")  # methods that calling an object of a class calls
_SWITCHES = ("requires_grad", "trainable")


def guard_around(filename: str, place: Place) -> Place:
    """The `with torch.no_grad():` around a line, or the function that is decorated so; the line itself without one."""
    around = [node for node in _around(filename, place.line) if any(map(_guards, _conditions(node)))]
    return Place(place.file, max(node.lineno for node in around)) if around else place


def loop_around(filename: str, *lines: int) -> int | None:
    """The line of the innermost loop that all these lines are in."""
    inside = [set(_around(filename, line)) for line in lines]
    loops = [node for node in set.intersection(*inside) if isinstance(node, (ast.For, ast.While))] if inside else []
    return max((loop.lineno for loop in loops), default=None)


def epoch_loop(places: Places, frame: FrameType | None) -> Place | None:
    """The loop around what runs now whose variable is an epoch by its name; else the outermost one."""
    found: list[tuple[Place, str]] = []  # outermost first
    while frame is not None:
        place = places.of(frame) if places.is_users(frame.f_code) else None
        if place is not None:
            loops = _loops_around(frame.f_code.co_filename, frame.f_lineno)
            found[:0] = [(replace(place, line=loop.lineno), _counts(loop)) for loop in loops]
        frame = frame.f_back
    named = [place for place, name in found if "epoch" in name.lower()]
    return next(iter([*named, *(place for place, _ in found)]), None)


def freezing_lines(filename: str) -> list[int]:
    """The lines that say ``requires_grad = False`` (or a variable in its place), ``requires_grad_(False)`` or
    ``trainable = False``."""
    found = []
    for node in _nodes(filename, ast.Assign, ast.Call):
        if isinstance(node, ast.Assign) and not (isinstance(node.value, ast.Constant) and node.value.value):
            if any(isinstance(to, ast.Attribute) and to.attr in _SWITCHES for to in node.targets):
                found.append(node.lineno)
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if name == "requires_grad_" and node.args and _is_false(node.args[0]):
                found.append(node.lineno)
            found += [word.value.lineno for word in node.keywords if word.arg in _SWITCHES and _is_false(word.value)]
    return sorted(found)


def in_class(filename: str, line: int) -> bool:
    """Whether a line is part of what a class does when its objects are called."""
    around = [node for node in _around(filename, line) if isinstance(node, ast.FunctionDef)]
    return any(node.name in _CALLED for node in around)


def call_beside(filename: str, line: int, other: int) -> int | None:
    """The line that calls the function around `line`, the nearest to `other`; None where both are in one function."""
    functions = [node for node in _around(filename, line) if isinstance(node, ast.FunctionDef)]
    inner = max(functions, key=lambda node: node.lineno, default=None)
    if inner is None or inner.lineno <= other <= (inner.end_lineno or inner.lineno):
        return None
    names = {inner.name} if inner.name not in _CALLED else set(_objects(filename, inner))
    named = [node.lineno for node in _nodes(filename, ast.Call) if last_name(node.func) in names]
    return min(named, key=lambda found: abs(found - other), default=None)


def _objects(filename: str, method: ast.FunctionDef) -> Iterator[str]:
    """The variables that hold objects of the class that has this method."""
    owner = next((node.name for node in _nodes(filename, ast.ClassDef) if method in node.body), None)
    for node in _nodes(filename, ast.Assign):
        if isinstance(node.value, ast.Call) and last_name(node.value.func) == owner:
            yield from (last_name(target) for target in node.targets)


def _loops_around(filename: str, line: int) -> list[ast.For | ast.While]:
    """Outermost first, within the function that the line is in."""
    around = sorted(_around(filename, line), key=lambda node: node.lineno)
    functions = (node.lineno for node in around if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
    function = max(functions, default=0)
    return [node for node in around if isinstance(node, (ast.For, ast.While)) and node.lineno >= function]


def _counts(loop: ast.For | ast.While) -> str:
    return ast.unparse(loop.target if isinstance(loop, ast.For) else loop.test)


def _around(filename: str, line: int) -> Iterator[ast.stmt]:
    return (node for node in _nodes(filename, ast.stmt) if reaches(node, line))


def _conditions(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.With):
        return [item.context_expr for item in node.items]
    return node.decorator_list if isinstance(node, ast.FunctionDef) else []


def _guards(condition: ast.expr) -> bool:
    return last_name(condition.func if isinstance(condition, ast.Call) else condition) in _GUARDS


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def _nodes(filename: str, *kinds: type[Node]) -> tuple[Node, ...]:
    tree = parsed(filename)
    return () if tree is None else nodes(tree, *kinds)


__all__ = ["call_beside", "epoch_loop", "freezing_lines", "guard_around", "in_class", "loop_around"]

"""Where a line of a script stands: in which loop, under which `with`; and the lines that freeze weights."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from functools import lru_cache

from losskit.recording.facts import Place

_GUARDS = ("no_grad", "inference_mode")
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


def freezing_lines(filename: str) -> list[int]:
    """The lines that say ``requires_grad = False``, ``requires_grad_(False)`` or ``trainable = False``."""
    found = []
    for node in ast.walk(_tree(filename)):
        if isinstance(node, ast.Assign) and _is_false(node.value):
            if any(isinstance(to, ast.Attribute) and to.attr in _SWITCHES for to in node.targets):
                found.append(node.lineno)
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if name == "requires_grad_" and node.args and _is_false(node.args[0]):
                found.append(node.lineno)
            found += [word.value.lineno for word in node.keywords if word.arg in _SWITCHES and _is_false(word.value)]
    return sorted(found)


def call_beside(filename: str, line: int, other: int) -> int | None:
    """The line that calls the function around `line`, the nearest to `other`; None where both are in one function."""
    functions = [node for node in _around(filename, line) if isinstance(node, ast.FunctionDef)]
    inner = max(functions, key=lambda node: node.lineno, default=None)
    if inner is None or inner.lineno <= other <= (inner.end_lineno or inner.lineno):
        return None
    calls = [node for node in ast.walk(_tree(filename)) if isinstance(node, ast.Call)]
    named = [node.lineno for node in calls if _last_name(node.func) == inner.name]
    return min(named, key=lambda found: abs(found - other), default=None)


def _last_name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _around(filename: str, line: int) -> Iterator[ast.stmt]:
    for node in ast.walk(_tree(filename)):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno):
            yield node


def _conditions(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.With):
        return [item.context_expr for item in node.items]
    return node.decorator_list if isinstance(node, ast.FunctionDef) else []


def _guards(condition: ast.expr) -> bool:
    return _last_name(condition.func if isinstance(condition, ast.Call) else condition) in _GUARDS


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


@lru_cache(maxsize=16)
def _tree(filename: str) -> ast.Module:
    try:
        return ast.parse("".join(linecache.getlines(filename)))
    except (SyntaxError, ValueError):
        return ast.Module([], [])


__all__ = ["call_beside", "freezing_lines", "guard_around", "loop_around"]

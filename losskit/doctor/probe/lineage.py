"""What a variable went through before it was used, read off the source from its last line back to its first."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from losskit.doctor.orders import named

LONGEST = 10  # steps that are followed
_OF_ARGUMENTS = frozenset(("transform", "fit_transform", "permutation"))  # methods that give back what they are given


class Step(NamedTuple):
    """A line that gave a variable its value (`assigned`, `floored` when that was rounded down), or wrote into it."""

    line: int
    name: str
    how: Literal["assigned", "floored", "written"]
    value: ast.expr | None  # what the value was made of


@lru_cache(maxsize=16)
def parsed(filename: str) -> ast.Module | None:
    try:
        with open(filename, encoding="utf-8") as file:
            return ast.parse(file.read())
    except (OSError, ValueError, SyntaxError):
        return None


def lineage(tree: ast.Module, name: str, line: int) -> list[Step]:
    """The steps to the value that the name has at that line, the last one first.

    Where no line above gives it a value (a function further down does) the last one of the file counts.
    """
    steps, modules = sorted(_steps(tree), key=lambda step: step.line), _imported(tree)
    above = [step for step in steps if step.name == name and step.line < line]
    last = next(reversed(above or [step for step in steps if step.name == name]), None)
    way: list[Step] = []
    while last is not None and len(way) < LONGEST:
        way.append(last)
        source = last.name if last.how == "written" or last.value is None else _root(last.value, modules)
        last = next((step for step in reversed(steps) if step.name == source and step.line < last.line), None)
    return way


def _steps(tree: ast.Module) -> Iterator[Step]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for one, value in _unpacked(target, node.value):
                    yield from _given(node.lineno, one, value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from _given(node.lineno, node.target, node.value)
        elif isinstance(node, ast.AugAssign) and (name := named(node.target)) is not None:
            yield Step(node.lineno, name, "floored" if isinstance(node.op, ast.FloorDiv) else "written", node.target)


def _given(line: int, target: ast.expr, value: ast.expr) -> Iterator[Step]:
    whole = not isinstance(target, ast.Subscript)
    if isinstance(target, ast.Subscript) and isinstance(getattr(target.slice, "value", None), str):
        return  # a column of a table
    name = named(target if whole else target.value)
    if name is not None:
        floored = any(isinstance(node, ast.FloorDiv) for node in ast.walk(value))
        yield Step(line, name, "written" if not whole else "floored" if floored else "assigned", value)


def _unpacked(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each name of a tuple with what it is given; of a split in two each argument gives two."""
    if not isinstance(target, (ast.Tuple, ast.List)):
        yield target, value
        return
    count = len(target.elts)
    if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == count:
        values: list[ast.expr] = value.elts
    elif isinstance(value, ast.Call) and count == 2 * len(value.args):
        values = [argument for argument in value.args for _ in (0, 1)]
    elif isinstance(value, ast.Call) and count == len(value.args):
        values = value.args
    else:
        values = [value] * count
    yield from zip(target.elts, values, strict=True)


def _root(value: ast.expr, modules: set[str]) -> str | None:
    """The variable behind ``torch.tensor(X[:n] / 255)``, ``df.drop(columns=…).values`` or ``x.astype(float)``."""
    name = named(value)
    if name is not None and name.partition(".")[0] not in modules:
        return name if name.startswith("self.") else name.partition(".")[0]
    if isinstance(value, (ast.Attribute, ast.Subscript)):
        return _root(value.value, modules)
    if isinstance(value, ast.BinOp):
        return _root(value.left, modules) or _root(value.right, modules)
    if isinstance(value, ast.Call):
        method = value.func if isinstance(value.func, ast.Attribute) else None
        owner = None if method is None or method.attr in _OF_ARGUMENTS else _root(method.value, modules)
        return owner or (_root(value.args[0], modules) if value.args else None)
    return None


def _imported(tree: ast.Module) -> set[str]:
    imports = (node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom)))
    return {(alias.asname or alias.name).partition(".")[0] for node in imports for alias in node.names}


__all__ = ["Step", "lineage", "parsed"]

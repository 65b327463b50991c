"""Numbers in a script that float16 cannot hold: beyond 65504 they are infinite, below 6e-8 they are 0."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from losskit.doctor.syntax import called_name

LARGEST, SMALLEST = 65504.0, 2.0**-25  # below half of the smallest number, 2⁻²⁴, the nearest one is 0
_FILLING = frozenset(("where", "masked_fill", "masked_fill_", "full", "full_like", "fill", "fill_"))
_BOUNDING = frozenset(("maximum", "clamp", "clamp_min", "clip"))


def beyond_half(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, number) of those that arithmetic is done with, that arrays are filled with or bounded by.

    A name in capitals counts where it is used, and only there.
    """
    constants = dict(_named(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp):
            used = [node.left, node.right]
        elif isinstance(node, ast.Call) and called_name(node) in _FILLING | _BOUNDING:
            used = [*node.args, *(one.value for one in node.keywords)]
        else:
            continue
        for one in used:
            number = constants.get(one.id) if isinstance(one, ast.Name) else _number(one)
            if number is not None and (abs(number) > LARGEST or 0 < abs(number) < SMALLEST):
                yield one.lineno, f"{number:g}"


def _named(tree: ast.Module) -> Iterator[tuple[str, float]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            number = _number(node.value)
            if number is not None:
                yield node.targets[0].id, number


def _number(node: ast.expr) -> float | None:
    """A number with a fraction or an exponent, or below 0: a count is neither."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        value = node.operand.value
        return -float(value) if isinstance(value, (int, float)) else None
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, float) else None


__all__ = ["beyond_half"]

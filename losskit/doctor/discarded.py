"""Calls that a script makes for their result, and whose result it throws away: ``scaler.transform(X)`` on its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from losskit.doctor.orders import named
from losskit.doctor.syntax import nodes

_OF_ARGUMENTS = frozenset(("transform", "fit_transform", "nan_to_num", "clip", "standardize", "normalize", "scale"))
_METHODS = frozenset(("fillna", "dropna", "replace", "astype", "clip", "clamp", "div", "sub", "mul", "nan_to_num"))


class Discarded(NamedTuple):
    line: int
    name: str  # of the array that was meant to change


def discarded(tree: ast.Module) -> Iterator[Discarded]:
    """In the order of the text; none that work in place (``inplace=True``, ``out=``, a name ending in ``_``)."""
    for statement in nodes(tree, ast.Expr):
        call = statement.value
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        if any(word.arg in ("inplace", "out", "copy") for word in call.keywords):
            continue
        method, owner = call.func.attr, named(call.func.value)
        argument = named(call.args[0]) if call.args else None
        if method in _OF_ARGUMENTS and argument is not None:
            yield Discarded(statement.lineno, argument)
        elif method in _METHODS and owner is not None:
            yield Discarded(statement.lineno, owner)


__all__ = ["Discarded", "discarded"]

"""The syntax of a script's files, parsed once however many ask."""

from __future__ import annotations

import ast
import linecache
from functools import lru_cache
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)


@lru_cache(maxsize=16)
def parsed(filename: str) -> ast.Module | None:
    """The syntax of a file; None when it cannot be read, or is not Python."""
    lines = linecache.getlines(filename)
    try:
        return ast.parse("".join(lines)) if lines else None
    except (SyntaxError, ValueError):
        return None


@lru_cache(maxsize=256)
def nodes(tree: ast.Module, *kinds: type[Node]) -> tuple[Node, ...]:
    """Every node of these kinds, those on the outside first; found once for a file."""
    return tuple(node for node in ast.walk(tree) if isinstance(node, kinds))


@lru_cache(maxsize=16)
def imported_names(tree: ast.Module) -> frozenset[str]:
    """The names that imports bind."""
    aliases = (alias for node in nodes(tree, ast.Import, ast.ImportFrom) for alias in node.names)
    return frozenset((alias.asname or alias.name).partition(".")[0] for alias in aliases)


def called_name(call: ast.AST) -> str:
    """The last part of the called name: ``map`` of ``data.map(…)``; "" of what is no call of a name."""
    function = call.func if isinstance(call, ast.Call) else None
    return last_name(function) if function is not None else ""


def last_name(node: ast.expr) -> str:
    """``c`` of ``a.b.c``, the name of a name, "" of anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def reaches(node: ast.expr | ast.stmt, line: int) -> bool:
    """Whether the line is one of the node's."""
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def is_own(value: ast.expr) -> bool:
    """``self.x``."""
    return isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id == "self"


__all__ = ["Node", "called_name", "imported_names", "is_own", "last_name", "nodes", "parsed", "reaches"]

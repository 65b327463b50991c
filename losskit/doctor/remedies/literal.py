"""The number behind an expression, as a place in the text that can be changed."""

from __future__ import annotations

import ast

import libcst as cst

from losskit.doctor.remedies.source import Source
from losskit.doctor.syntax import nodes
from losskit.doctor.written import written

HERE = "<this file>"


def literal(tree: Source, expression: cst.BaseExpression, arguments: tuple[str, ...]) -> cst.BaseExpression | None:
    """The number that the expression gets, where the file writes it; None when it is not written in it, or was given on
    the command line."""
    if isinstance(expression, (cst.Float, cst.Integer)):
        return expression
    value = next((node for node in nodes(tree.syntax, ast.expr) if _is(tree, node, expression)), None)
    found = written(HERE, tree.syntax, value, given=arguments) if value is not None else None
    if found is None or found.file != HERE:
        return None
    return next((one for one in tree.nodes(cst.BaseNumber) if _is(tree, found.node, one)), None)


def _is(tree: Source, node: ast.expr, other: cst.CSTNode) -> bool:
    """Whether both stand for the same piece of the text."""
    if node.end_lineno is None or node.end_col_offset is None:
        return False
    return tree.span(other) == (
        tree.offset(node.lineno, node.col_offset),
        tree.offset(node.end_lineno, node.end_col_offset),
    )


__all__ = ["literal"]

"""The line on which a script writes down the loss that it differentiates, read off the source."""

from __future__ import annotations

import ast

from losskit.doctor.syntax import called_name, last_name, nodes, parsed, reaches

_OF_FUNCTION = ("value_and_grad", "grad")
FOLLOWED = 4  # names and calls, from one to the next


def formula_line(filename: str, line: int) -> int:
    """From ``tape.gradient(loss, …)``, ``loss.backward()`` or ``jax.value_and_grad(function)`` back to the formula,
    into the script's own functions; the line itself where it does not lead to one."""
    tree = parsed(filename)
    calls = nodes(tree, ast.Call) if tree is not None else ()
    for call in calls:
        if reaches(call, line) and tree is not None:
            name = called_name(call)
            if name == "gradient" and call.args:
                return _of(tree, call.args[0], line)
            if name == "backward" and isinstance(call.func, ast.Attribute):
                return _of(tree, call.func.value, line)
            if name in _OF_FUNCTION and call.args and (given := _returned(tree, call.args[0])) is not None:
                return _of(tree, given, given.lineno)
    return line


def _of(tree: ast.Module, value: ast.expr, line: int) -> int:
    """The line on which the value, as it is used on that line, is computed."""
    for _ in range(FOLLOWED):
        if isinstance(value, ast.Tuple) and value.elts:
            value = value.elts[0]
        elif isinstance(value, ast.Name):
            made = _made(tree, value.id, line)
            if made is None:
                return line
            value, line = made.value, made.lineno
        elif isinstance(value, ast.Call) and (returned := _returned(tree, value.func)) is not None:
            value, line = returned, returned.lineno
        else:
            break
    return line


def _made(tree: ast.Module, name: str, line: int) -> ast.Assign | None:
    """The last assignment to the name before the line, within the function that this is in."""
    around = [node for node in nodes(tree, ast.FunctionDef) if reaches(node, line)]
    first = max((node.lineno for node in around), default=0)
    assigned = (node for node in nodes(tree, ast.Assign) if first <= node.lineno <= line)
    named = [node for node in assigned if any(name == last_name(target) for target in _targets(node))]
    return max(named, key=lambda node: node.lineno, default=None)


def _targets(node: ast.Assign) -> list[ast.expr]:
    """What is assigned to; of several values the first, which is the loss."""
    return [target.elts[0] if isinstance(target, ast.Tuple) and target.elts else target for target in node.targets]


def _returned(tree: ast.Module, function: ast.expr) -> ast.expr | None:
    """What a function of the script gives back at its end, if it is one."""
    own = [node for node in nodes(tree, ast.FunctionDef) if node.name == last_name(function)]
    returns = [node.value for node in ast.walk(own[-1]) if isinstance(node, ast.Return) and node.value] if own else []
    return max(returns, key=lambda value: value.lineno, default=None)


__all__ = ["formula_line"]

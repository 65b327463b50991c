"""Where a value is written: from an expression back through variables, defaults, options and tables to its literal."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from losskit.doctor.syntax import called_name, imported_names, is_own, nodes, parsed, reaches

LONGEST = 8  # variables that are followed from one to the next
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Written(NamedTuple):
    file: str
    node: ast.expr

    @property
    def line(self) -> int:
        return self.node.lineno


def written(file: str, tree: ast.Module, value: ast.expr, name: str = "", given: Iterable[str] = ()) -> Written | None:
    """Where the value of an expression is written; None where it cannot be told.

    `name` is the argument that it is given as, which a table handed over with ``**`` holds; `given` is what the script
    got on its command line, of which the defaults say nothing.
    """
    known = frozenset(one.partition("=")[0].lstrip("-").replace("-", "_") for one in given if one.startswith("-"))
    return _followed(file, tree, value, name, known, LONGEST)


def _followed(
    file: str, tree: ast.Module, value: ast.expr, name: str, given: frozenset[str], left: int
) -> Written | None:
    if left == 0:
        return None
    if isinstance(value, ast.Dict):  # of **settings
        items = [item for key, item in zip(value.keys, value.values, strict=True) if _text(key) == name]
        return _followed(file, tree, items[0], name, given, left - 1) if items else None
    chosen = _chosen(value)
    if chosen is not None:
        return _followed(file, tree, chosen, name, given, left - 1) or Written(file, value)
    key = _key(value)
    if isinstance(value, ast.Name):
        found = list(_bound(tree, value))
    elif key is None:
        return Written(file, value)
    elif is_own(value):
        found = list(_attribute(tree, value, key))
    else:
        found = [] if key in given else list(_items(tree, key))
        found = found if len({ast.unparse(one) for one in found}) == 1 else []
    if found:
        return _followed(file, tree, found[0], name, given, left - 1)
    imported = _imported(file, tree, value)
    if imported is not None and (other := parsed(imported[0])) is not None:
        found = list(_assigned(other.body, imported[1]))
        return _followed(imported[0], other, found[-1], name, given, left - 1) if found else None
    return Written(file, value) if isinstance(value, ast.Attribute) and _root(value) in imported_names(tree) else None


def _bound(tree: ast.Module, name: ast.Name) -> Iterator[ast.expr]:
    """What a variable got where it is read, the last first: in its function, by the function's caller, by default, or
    at the top of the file."""
    for scope in sorted(_around(tree, name.lineno), key=lambda node: -node.lineno):
        inside = [one for one in _assigned(ast.walk(scope), name.id) if one.lineno < name.lineno]
        if inside:
            yield inside[-1]
            return
        parameters = [one.arg for one in (*scope.args.posonlyargs, *scope.args.args)]
        if name.id in parameters or name.id in (one.arg for one in scope.args.kwonlyargs):
            yield from _passed(tree, scope, name.id, parameters)
            return
    whole = list(_assigned(tree.body, name.id)) or list(_assigned(_outside_functions(tree), name.id))
    yield from reversed([one for one in whole if one.lineno < name.lineno] or whole)


def _passed(tree: ast.Module, function: Function, name: str, parameters: list[str]) -> Iterator[ast.expr]:
    """What callers in this file hand over, in the order of the text; else the default."""
    owner = _owner(tree, function)
    called = owner.name if owner is not None and function.name == "__init__" else function.name
    position = parameters.index(name) - (owner is not None) if name in parameters else None
    for call in (node for node in nodes(tree, ast.Call) if called_name(node) == called):
        named = [word.value for word in call.keywords if word.arg == name]
        at = [call.args[position]] if position is not None and position < len(call.args) else []
        yield from named or at or (_item(word.value, name) for word in call.keywords if word.arg is None)
    given = function.args
    defaults = dict(zip(reversed(parameters), reversed(given.defaults), strict=False))
    kept = {one.arg: value for one, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if value}
    if name in defaults | kept:
        yield (defaults | kept)[name]


def _item(table: ast.expr, key: str) -> ast.expr:
    """``table["key"]``, which ``**table`` hands over."""
    return ast.copy_location(ast.Subscript(table, ast.copy_location(ast.Constant(key), table), ast.Load()), table)


def _attribute(tree: ast.Module, value: ast.expr, key: str) -> Iterator[ast.expr]:
    """What ``self.key`` got in its class."""
    classes = [node for node in nodes(tree, ast.ClassDef) if reaches(node, value.lineno)]
    for owner in reversed(classes):
        for node in ast.walk(owner):
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None and node.lineno < value.lineno:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(isinstance(to, ast.Attribute) and to.attr == key for to in targets):
                    yield node.value
        yield from _assigned(owner.body, key)


def _items(tree: ast.Module, key: str) -> Iterator[ast.expr]:
    """What that key has in tables, as an option's default, in a class of settings, or in a call that makes one."""
    classes = {node.name for node in nodes(tree, ast.ClassDef)}
    makers = classes | {"dict", "SimpleNamespace", "Namespace"}
    made, told = [], []
    for node in nodes(tree, ast.Dict, ast.ClassDef, ast.Call):
        if isinstance(node, ast.Dict):
            told += [item for name, item in zip(node.keys, node.values, strict=True) if _text(name) == key]
        elif isinstance(node, ast.ClassDef):
            told += _assigned(node.body, key)
        elif called_name(node) == "add_argument":
            named = any((_text(one) or "").lstrip("-").replace("-", "_") == key for one in node.args)
            told += [word.value for word in node.keywords if named and word.arg == "default"]
        elif called_name(node) in makers:
            made += [word.value for word in node.keywords if word.arg == key]
    yield from made or told


def _assigned(among: Iterable[ast.AST], name: str) -> Iterator[ast.expr]:
    """What plain assignments among those nodes give that name."""
    for node in among:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for to in targets:
                if isinstance(to, ast.Name) and to.id == name:
                    yield node.value
                elif isinstance(to, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = zip(to.elts, node.value.elts, strict=False)
                    yield from (one for part, one in pairs if isinstance(part, ast.Name) and part.id == name)


def _imported(file: str, tree: ast.Module, value: ast.expr) -> tuple[str, str] | None:
    """(file, variable) of ``from config import LR`` and of ``config.LR``, where that is a file beside this one."""
    for node in nodes(tree, ast.Import, ast.ImportFrom):
        if isinstance(node, ast.ImportFrom) and isinstance(value, ast.Name) and node.module:
            named = next((one for one in node.names if (one.asname or one.name) == value.id), None)
            module, variable = node.module, named.name if named is not None else ""
        elif isinstance(node, ast.Import) and isinstance(value, ast.Attribute):
            named = next((one for one in node.names if (one.asname or one.name) == _root(value)), None)
            module, variable = named.name if named is not None else "", value.attr
        else:
            continue
        other = getattr(sys.modules.get(module), "__file__", None)
        if named is not None and other is not None and _is_beside(other, file):
            return other, variable
    return None


def _is_beside(other: str, file: str) -> bool:
    folder = os.path.dirname(os.path.realpath(file))
    return os.path.realpath(other).startswith(folder + os.sep) and f"{os.sep}site-packages{os.sep}" not in other


def _root(value: ast.expr) -> str:
    while isinstance(value, ast.Attribute):
        value = value.value
    return value.id if isinstance(value, ast.Name) else ""


def _chosen(value: ast.expr) -> ast.expr | None:
    """What decides: ``key`` of ``TABLE[key]`` and ``getattr(nn, key)``, ``x`` of ``float(x)`` and ``x + 1``."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Add, ast.Sub)) and _is_number(value.right):
        return value.left
    if isinstance(value, ast.Subscript) and not isinstance(value.slice, (ast.Constant, ast.Slice, ast.Tuple)):
        return value.slice
    called = value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else None
    if isinstance(value, ast.Call) and (called, len(value.args)) in {("getattr", 2), ("float", 1), ("int", 1)}:
        return value.args[-1]
    return None


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def _key(value: ast.expr) -> str | None:
    """``lr`` of ``args.lr``, ``config["lr"]`` and ``config.get("lr")``."""
    if isinstance(value, ast.Attribute):
        return value.attr
    if isinstance(value, ast.Subscript):
        return _text(value.slice)
    if isinstance(value, ast.Call) and called_name(value) == "get" and value.args:
        return _text(value.args[0])
    return None


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _around(tree: ast.Module, line: int) -> list[Function]:
    functions = nodes(tree, ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in functions if reaches(node, line)]


def _outside_functions(tree: ast.Module) -> list[ast.AST]:
    """Everything at the top of the file, in whatever block."""
    functions = nodes(tree, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    inner = {id(node) for function in functions for node in ast.walk(function)}
    return [node for node in ast.walk(tree) if id(node) not in inner]


def _owner(tree: ast.Module, function: Function) -> ast.ClassDef | None:
    return next((node for node in nodes(tree, ast.ClassDef) if function in node.body), None)


__all__ = ["Written", "written"]

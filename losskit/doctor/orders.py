"""Where a script changes the order of one array alone, so that its rows no longer go with those of another.

Read off the syntax: an order that two arrays are put into is shared; one that a single array is put into is not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Literal, NamedTuple

from losskit.doctor.syntax import called_name

DRAWN = frozenset(("randperm", "permutation", "choice", "randint", "argsort", "sample", "multinomial", "integers"))
MOVING = frozenset(("permutation", "shuffle", "sort", "sorted", "roll", "flip", "flipud", "sample", "shift"))
LISTED = frozenset(("listdir", "glob", "iglob", "rglob", "iterdir", "scandir"))  # in the order of names, or in none
SPLIT = "train_test_split"


class Reorder(NamedTuple):
    """An array put into an order of its own: picked out by an index, by a call, in place, beside another slice, or by a
    loader that shuffles; or one that has the order of a folder's files."""

    line: int
    name: str
    how: Literal["index", "call", "in place", "split", "offset", "files", "loader"]


def unshared(tree: ast.Module) -> list[Reorder]:
    """In the order of the text."""
    moved = {*_indexed(tree), *_called(tree), *_listed(tree), *_loaded(tree)}
    lines = {one.line for one in moved}
    return sorted(moved | {one for one in _offsets(tree) if one.line not in lines})


def _indexed(tree: ast.Module) -> Iterator[Reorder]:
    """``y[torch.randperm(n)]``, and ``y[order]`` where nothing else is put into that order."""
    orders = _orders(tree)
    users: dict[tuple[str, int], set[tuple[str, int]]] = {}
    for node in ast.walk(tree):
        base = _base(node) if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) else None
        if not isinstance(node, ast.Subscript) or base is None or base in orders:
            continue
        if any(called_name(call) in DRAWN for call in _calls(node.slice)):
            yield Reorder(node.lineno, base, "index")
        elif isinstance(name := _whole(node.slice), str) and name in orders:
            made = max((line for line in orders[name] if line < node.lineno), default=min(orders[name]))
            users.setdefault((name, made), set()).add((base, node.lineno))
    for uses in users.values():
        if len({base for base, _ in uses}) == 1:
            yield from (Reorder(line, base, "index") for base, line in uses)


def _orders(tree: ast.Module) -> dict[str, list[int]]:
    """Variables that hold an order, or a part of one, and the lines that give it to them."""
    indices = {_whole(node.slice) for node in ast.walk(tree) if isinstance(node, ast.Subscript)}
    found: dict[str, list[int]] = {}
    before = -1
    while before != len(found):
        before = len(found)
        for name, value, line in _assigned(tree):
            drawn = any(called_name(call) in DRAWN for call in _calls(value))
            part = isinstance(value, ast.Subscript) and _base(value) in found
            if name in indices and (drawn or part) and line not in found.setdefault(name, []):
                found[name].append(line)
        found = {name: lines for name, lines in found.items() if lines}
    for node in ast.walk(tree):  # order = np.arange(n); np.random.shuffle(order)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and called_name(node.value) == "shuffle":
            name = named(node.value.args[0]) if node.value.args else None
            if name in indices and name is not None:
                found.setdefault(name, []).append(node.lineno)
    return found


def _called(tree: ast.Module) -> Iterator[Reorder]:
    """``np.random.shuffle(y)``, ``y = np.sort(y)``, ``y.roll(1)``, ``train_test_split(y)``: of one array alone."""
    orders = _orders(tree)
    for statement in ast.walk(tree):
        if not isinstance(statement, (ast.Expr, ast.Assign)) or not isinstance(statement.value, ast.Call):
            continue
        call, name = statement.value, called_name(statement.value)
        if name == SPLIT:
            arrays = [named(one) for one in call.args]
            if len(arrays) == 1 and arrays[0] is not None:
                yield Reorder(statement.lineno, arrays[0], "split")
            continue
        if name not in MOVING:
            continue
        arrays = [found for one in call.args if (found := named(one)) is not None]
        owner = named(call.func.value) if isinstance(call.func, ast.Attribute) else None
        moved = arrays[0] if len(arrays) == 1 else owner if not arrays else None
        targets = [named(one) for one in statement.targets] if isinstance(statement, ast.Assign) else []
        if moved is not None and moved not in orders and not any(one in orders for one in targets):
            yield Reorder(statement.lineno, moved, "call" if isinstance(statement, ast.Assign) else "in place")


def _listed(tree: ast.Module) -> Iterator[Reorder]:
    """``names = sorted(os.listdir(folder))``, beside labels that are not read off the same names."""
    listed = [one for one in _assigned(tree) if any(called_name(call) in LISTED for call in _calls(one[1]))]
    if len({name for name, _, _ in listed}) == 1:
        yield from (Reorder(line, name, "files") for name, _, line in listed)


def _loaded(tree: ast.Module) -> Iterator[Reorder]:
    """``zip(DataLoader(inputs, shuffle=True), DataLoader(labels, shuffle=True))``, maybe by way of two variables."""
    loaders: dict[str | None, ast.Call] = {}
    for name, value, _ in _assigned(tree):
        if isinstance(value, ast.Call) and called_name(value) == "DataLoader":
            loaders[name] = value
    for pair in (call for call in _calls(tree) if called_name(call) == "zip" and len(call.args) == 2):
        both = [one if isinstance(one, ast.Call) else loaders.get(named(one)) for one in pair.args]
        if all(one is not None and called_name(one) == "DataLoader" and _shuffles(one) for one in both):
            for one in both:
                names = [node for node in ast.walk(one.args[0]) if named(node)] if one is not None and one.args else []
                if one is not None and names:
                    yield Reorder(one.lineno, named(names[-1]) or "", "loader")


def _shuffles(loader: ast.Call) -> bool:
    """Whether it draws an order, from no generator that it could share."""
    words = {word.arg: word.value for word in loader.keywords}
    shuffle = words.get("shuffle")
    return isinstance(shuffle, ast.Constant) and bool(shuffle.value) and "generator" not in words


def _offsets(tree: ast.Module) -> Iterator[Reorder]:
    """``xb, yb = X[i:i + 32], y[i + 1:i + 33]``: two arrays taken side by side at different places."""
    for body in (getattr(node, "body", None) for node in ast.walk(tree)):
        if not isinstance(body, list):
            continue
        parts = [part for statement in body for part in map(_innermost, _taken(statement))]
        places: dict[str | None, set[str]] = {}
        for part in parts:
            if part is not None:
                places.setdefault(_base(part), set()).add(ast.unparse(part.slice))
        before: ast.Subscript | None = None
        for part in parts:
            if part is None or not _moves(part.slice):
                before = None
                continue
            base = _base(part)
            alone = before is not None and places[_base(before)] != places[base]  # not each in the same parts
            if before is not None and alone and base is not None and _differ(before, part):
                yield Reorder(part.lineno, base, "offset")
            before = part


def _taken(statement: ast.stmt) -> list[ast.AST | None]:
    """What a statement gives to names, one by one."""
    value = getattr(statement, "value", None)
    return list(value.elts) if isinstance(value, ast.Tuple) else [value]


def _innermost(value: ast.AST | None) -> ast.Subscript | None:
    """The one subscript of an array in an expression."""
    found = [node for node in ast.walk(value) if isinstance(node, ast.Subscript)] if value is not None else []
    return found[0] if len(found) == 1 else None


def _moves(index: ast.expr) -> bool:
    """Whether the place depends on a variable."""
    return any(isinstance(node, ast.Name) for node in ast.walk(index))


def _differ(one: ast.Subscript, other: ast.Subscript) -> bool:
    """Whether two arrays are indexed by the same variables, differently."""
    names = [{node.id for node in ast.walk(index) if isinstance(node, ast.Name)} for index in (one.slice, other.slice)]
    return bool(names[0] & names[1]) and ast.unparse(one.slice) != ast.unparse(other.slice)


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple):
                    values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value] * len(target.elts)
                    pairs = list(zip(target.elts, values, strict=False))
                for one, value in pairs:
                    if (name := named(one)) is not None:
                        yield name, value, node.lineno
        elif isinstance(node, ast.For) and (name := named(node.target)) is not None:
            yield name, node.iter, node.lineno


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (one for one in ast.walk(node) if isinstance(one, ast.Call))


def named(node: ast.AST) -> str | None:
    """A variable, or an attribute of one: ``y``, ``self.y``, ``data.target``."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else None


def _whole(index: ast.expr) -> str | None:
    """The variable that an index is, also in its first dimension, or a part of it (``order[:32]``)."""
    if isinstance(index, ast.Tuple) and index.elts:
        index = index.elts[0]
    return _base(index) if isinstance(index, ast.Subscript) else named(index)


def _base(node: ast.AST) -> str | None:
    """The array of ``y[…]``, ``y.iloc[…]`` or ``y.values[…]``."""
    node = node.value if isinstance(node, ast.Subscript) else node
    while isinstance(node, ast.Attribute) and node.attr in ("iloc", "loc", "values"):
        node = node.value
    return named(node)


__all__ = ["Reorder", "named", "unshared"]

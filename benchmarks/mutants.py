"""Mutants of a loss: its formula, or a fact that it claims, with one thing changed.

A mutant is compiled from the changed source and put into the living function (its code object is exchanged) or class
(its facts are), so that nothing is imported again, no file is written, and everything is as before afterwards.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

LOSSES = Path(__file__).parents[1] / "losskit" / "losses"
STAGES = ("formula", "aggregate", "measure", "kept")
"""What a loss states as functions; the mutator starts from them and follows what they call."""

OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
OPPOSITES: dict[type[ast.AST], type[ast.AST]] = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}
SWAPPED = {"maximum": "minimum", "max": "min", "sum": "mean", "mean": "sum", "log": "log1p", "exp": "expm1"}
SWAPPED |= {value: name for name, value in SWAPPED.items() if name not in ("sum", "mean")}
DROPPED = ("abs", "clip", "relu", "safe_norm", "sqrt", "square", "stop_gradient")
"""Functions whose call is replaced by its first argument."""
STATISTICS = ("mean", "median")
DESCRIPTIONS = ("annotation", "returns", "decorator_list", "defaults", "kw_defaults")


@dataclass(frozen=True)
class Place:
    """A stretch of source that is mutated: a function, or one claim of a class's Facts."""

    module: ModuleType
    node: ast.AST
    put: Callable[[ast.Module], Callable[[], None]]
    """Installs what the changed module has in this place; returns what takes it out again."""
    is_fact: bool = False


@dataclass(frozen=True)
class Mutant:
    """One change: where, from what to what."""

    place: Place
    parent: ast.AST
    field: str
    index: int | None
    old: ast.AST
    new: ast.AST

    @property
    def file(self) -> str:
        """Its place among the losses."""
        path = Path(str(self.place.module.__file__))
        return path.relative_to(LOSSES).as_posix() if path.is_relative_to(LOSSES) else path.name

    @cached_property
    def change(self) -> str:
        """`before → after`, of the least expression that shows it; of a statement its first line."""
        shown = self.old if isinstance(self.old, ast.expr | ast.stmt) else self.parent
        before = ast.unparse(shown)
        with self._changed():
            after = ast.unparse(self.new if shown is self.old else shown)
        return " → ".join(text.splitlines()[0] for text in (before, after))

    @property
    def line(self) -> int:
        return self._at.lineno

    @property
    def column(self) -> int:
        return self._at.col_offset

    @property
    def _at(self) -> Any:
        return self.old if hasattr(self.old, "lineno") else self.parent

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column} {self.change}"

    @contextmanager
    def _changed(self) -> Iterator[None]:
        _set(self.parent, self.field, self.index, self.new)
        try:
            yield
        finally:
            _set(self.parent, self.field, self.index, self.old)

    @contextmanager
    def alive(self) -> Iterator[None]:
        """The loss with this change, inside the block."""
        with self._changed():
            remove = self.place.put(tree_of(self.place.module))
        try:
            yield
        finally:
            remove()


@cache
def tree_of(module: ModuleType) -> ast.Module:
    """The module's syntax, one tree for all its mutants."""
    return ast.parse(inspect.getsource(module))


def places_of(cls: type) -> list[Place]:
    """What of a loss is mutated: its formula, what that calls in the rooms of the losses, and the facts it states."""
    waiting = [getattr(cls, stage) for stage in STAGES if hasattr(cls, stage)]
    found: dict[FunctionType, Place] = {}
    while waiting:
        function = inspect.unwrap(waiting.pop(0))
        if function in found or not _is_of_a_loss(function, cls):
            continue
        found[function] = _function_place(function)
        waiting += _called(function, found[function].node, cls)
    return [*found.values(), *_claims(cls)]


def mutants_of(place: Place) -> Iterator[Mutant]:
    """Every change of every kind, in the order of the source."""
    for parent, field, index, old in _children(place.node):
        for new in replacements(old):
            yield Mutant(place, parent, field, index, old, _located(new, old, parent))


def replacements(node: ast.AST) -> Iterator[ast.AST]:
    """What a node is changed to."""
    if type(node) in OPERATORS:
        yield OPERATORS[type(node)]()
    if type(node) in OPPOSITES:
        yield OPPOSITES[type(node)]()
    match node:
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=float(value)):
            yield ast.Constant(value * 1.1 or 1.0)
        case ast.Constant(value=str(value)) if value in STATISTICS:
            yield ast.Constant(STATISTICS[1 - STATISTICS.index(value)])
        case ast.Attribute(value=ast.Name(id="math"), attr="inf"):
            yield ast.Constant(1.0)
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            yield left
            yield right
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.If(test=test, body=body, orelse=orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.Call(func=ast.Attribute(attr="where"), args=[_, yes, no]):
            yield yes
            yield no
        case ast.Call(func=ast.Attribute(value=library, attr=name), args=args, keywords=keywords):
            if name in SWAPPED:
                yield ast.Call(ast.Attribute(library, SWAPPED[name], ast.Load()), args, keywords)
            if name in DROPPED:
                yield args[0]


def _children(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """All that is below a node, as (parent, field, index in it, child); not what only describes: annotations."""
    for field, value in ast.iter_fields(node):
        if field in DESCRIPTIONS:
            continue
        for index, child in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(child, ast.AST):
                yield node, field, index, child
                yield from _children(child)


def _located(new: ast.AST, old: ast.AST, parent: ast.AST) -> ast.AST:
    at: Any = old if hasattr(old, "lineno") else parent
    if isinstance(new, ast.expr | ast.stmt) and not hasattr(new, "lineno"):
        ast.copy_location(new, at)
        ast.fix_missing_locations(new)
    return new


def _set(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


# -- functions -------------------------------------------------------------------------------------------------------


def _is_of_a_loss(function: Any, cls: type) -> bool:
    """Whether it is written where the loss's family is, or in another family's file."""
    package = cls.__module__.rpartition(".")[0]
    return isinstance(function, FunctionType) and (function.__module__ or "").rpartition(".")[0] == package


def _function_place(function: FunctionType) -> Place:
    module = inspect.getmodule(function)
    assert module is not None
    name = function.__qualname__

    def put(tree: ast.Module) -> Callable[[], None]:
        before = function.__code__
        function.__code__ = _code(compile(tree, str(module.__file__), "exec", dont_inherit=True), name)
        return lambda: setattr(function, "__code__", before)

    return Place(module, _definition(tree_of(module), name.split(".")), put)


def _definition(tree: Any, path: list[str]) -> ast.AST:
    """The function or class of a dotted name."""
    for name in path:
        tree = next(node for node in tree.body if getattr(node, "name", None) == name)
    return tree


def _code(code: CodeType, name: str) -> CodeType:
    """The code object of a qualified name inside a module's."""
    waiting = [code]
    while waiting:
        found = waiting.pop()
        if found.co_qualname == name:
            return found
        waiting += [constant for constant in found.co_consts if isinstance(constant, CodeType)]
    raise LookupError(f"{name}: not in {code.co_filename}")


def _called(function: FunctionType, node: ast.AST, cls: type) -> Iterator[Any]:
    """What a function calls by name, of its module or of the loss itself."""
    for call in ast.walk(node):
        match call:
            case ast.Call(func=ast.Name(id=name)) if name in function.__globals__:
                yield function.__globals__[name]
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                yield getattr(cls, name, None)


# -- facts -----------------------------------------------------------------------------------------------------------


def _claims(cls: type) -> Iterator[Place]:
    """Each claim that the class itself states, `facts = Facts(convex=True, …)`."""
    module = inspect.getmodule(cls)
    assert module is not None
    body: Any = _definition(tree_of(module), cls.__qualname__.split("."))
    for statement in body.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="facts")], value=ast.Call(keywords=keywords)):
                for keyword in keywords:
                    if keyword.arg != "cost":  # a growth rate, which no test of values can see
                        yield _claim_place(cls, module, keyword)


def _claim_place(cls: Any, module: ModuleType, keyword: ast.keyword) -> Place:
    def put(tree: ast.Module) -> Callable[[], None]:
        before = cls.__dict__["facts"]
        expression = compile(ast.Expression(keyword.value), str(module.__file__), "eval", dont_inherit=True)
        cls.facts = replace(before, **{str(keyword.arg): eval(expression, vars(module))})
        return lambda: setattr(cls, "facts", before)

    return Place(module, keyword, put, is_fact=True)

"""What a variable went through before it was used, read off the source from its last line back to its first."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from losskit.doctor.orders import named
from losskit.doctor.syntax import called_name, imported_names, nodes, reaches

Function = ast.FunctionDef | ast.Lambda
LONGEST = 10  # steps that are followed
_CONVERSIONS = frozenset(
    ("tensor", "as_tensor", "from_numpy", "Tensor", "FloatTensor", "convert_to_tensor", "train_test_split")
)  # of arrays that are ready for the model: what is to be done to arrays comes before
_WRAPPERS = frozenset(("enumerate", "tqdm", "list"))  # of what a loop goes over
_OF_ARGUMENTS = frozenset(("transform", "fit_transform", "permutation"))  # methods that give back what they are given


class Step(NamedTuple):
    """A line that gave a variable its value (`assigned`, `floored` when that was rounded down), or wrote into it."""

    line: int
    name: str
    how: Literal["assigned", "floored", "written"]
    value: ast.expr | None  # what the value was made of
    part: int | None = None  # of several values that a call gave, which

    @property
    def divided(self) -> bool:
        """Whether something was divided, or a root or logarithm taken, which may give what is no number."""
        parts = list(ast.walk(self.value)) if self.value is not None else []
        roots = any(isinstance(one, ast.Call) and called_name(one) in ("sqrt", "log", "log2", "log10") for one in parts)
        return roots or any(isinstance(one, ast.Div) for one in parts)

    @property
    def picked(self) -> bool:
        """Whether it only took some of another variable's rows, or all of them under another name."""
        return isinstance(self.value, (ast.Name, ast.Attribute, ast.Subscript))


def produced(tree: ast.Module, function: ast.AST) -> dict[str, list[Step]]:
    """What a function goes through to give a pair (``__getitem__``, a generator, what a pipeline maps), by role."""
    nodes = [node for node in ast.walk(function) if isinstance(node, (ast.Return, ast.Yield))]
    given = max(nodes, key=lambda node: node.lineno, default=None)
    value = function.body if isinstance(function, ast.Lambda) else given.value if given is not None else None
    if not isinstance(value, ast.Tuple) or len(value.elts) < 2:
        return {}
    inputs, targets = value.elts[:2]
    if len(value.elts) > 2 and _root(inputs, frozenset()) == _root(targets, frozenset()):
        targets = value.elts[-1]  # a pair of inputs, and what is to be said of it
    return {"inputs": entered(tree, _given_back(tree, inputs)), "targets": entered(tree, _given_back(tree, targets))}


def looped(tree: ast.Module, name: str, line: int) -> list[Step]:
    """The steps to what a name holds in a loop over batches that a function of the script makes:
    ``for xb, yb in batches(X, y, 32)``; none for any other name."""
    loops = [node for node in nodes(tree, ast.For) if reaches(node, line) and name in _loop(node)]
    loop = max(loops, key=lambda node: node.lineno, default=None)
    if loop is None:
        return []
    made, target = loop.iter, loop.target
    while isinstance(made, ast.Call) and called_name(made) in _WRAPPERS and made.args:
        if called_name(made) == "enumerate" and isinstance(target, ast.Tuple):
            target = target.elts[-1]
        made = made.args[0]
    function = function_named(tree, called_name(made)) if isinstance(made, ast.Call) else None
    if function is None or not isinstance(target, ast.Tuple) or len(target.elts) < 2:
        return []
    role = "inputs" if named(target.elts[0]) == name else "targets" if named(target.elts[-1]) == name else ""
    way = produced(tree, function).get(role, [])
    return way[1:] or way  # the function picks rows and converts them; what is to be done to the data comes before


def _given_back(tree: ast.Module, value: ast.expr) -> list[Step]:
    """The steps to a value that a function gives back."""
    name = named(value)
    if name is not None and (way := lineage(tree, name, value.lineno)):
        return way
    root = _root(value, imported_names(tree))
    own = [Step(value.lineno, root or "", "floored" if _floored(value) else "assigned", value)]
    return own + (lineage(tree, root, value.lineno) if root is not None else [])


def entered(tree: ast.Module, way: list[Step]) -> list[Step]:
    """The steps, with those inside a function of the script in the place of one that calls it, where the function is
    given data, converts or splits them: what is to be done to the data is done there."""
    for index, step in enumerate(way):
        call = step.value
        function = function_named(tree, named(call.func)) if isinstance(call, ast.Call) else None
        inside = [] if function is None else _inside(tree, function, step.part)
        if isinstance(call, ast.Call) and inside and (_is_given_data(call) or _converts(inside)):
            return way[:index] + inside + way[index + 1 :]
    return way


def _inside(tree: ast.Module, function: ast.FunctionDef, part: int | None) -> list[Step]:
    """The steps to what a function gives back, or to a part of that."""
    returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    value = returned[-1] if returned else None
    if isinstance(value, ast.Tuple) and part is not None and part < len(value.elts):
        value = value.elts[part]
    if value is None or (isinstance(value, ast.Tuple) and part is None):
        return []
    return [step for step in _given_back(tree, value) if reaches(function, step.line)]


def _is_given_data(call: ast.Call) -> bool:
    """Whether a variable, or what another call made, is handed over: not only numbers and texts."""
    given = [one.value if isinstance(one, (ast.Starred, ast.Subscript)) else one for one in call.args]
    return any(isinstance(one, ast.Call) or (isinstance(one, ast.Name) and not _is_constant(one.id)) for one in given)


def _is_constant(name: str) -> bool:
    """Whether it is written as one; a single letter is a matrix."""
    return name.isupper() and len(name) > 1


def _converts(inside: list[Step]) -> bool:
    return any(called_name(node) in _CONVERSIONS for step in inside if step.value for node in ast.walk(step.value))


def names_on(tree: ast.Module, way: list[Step]) -> set[str]:
    """The variables on the way, and all of the script's functions that are called or give something back there."""
    names = {step.name.rpartition(".")[2] for step in way}
    for step in way:
        around = [one for one in nodes(tree, ast.FunctionDef) if reaches(one, step.line)]
        functions = [one for one in around if any(isinstance(node, ast.Return) for node in ast.walk(one))]
        for node in ast.walk(step.value) if step.value is not None else ():
            function = function_named(tree, named(node.func)) if isinstance(node, ast.Call) else None
            functions += [function] if function is not None else []
        names |= {one.id for function in functions for one in ast.walk(function) if isinstance(one, ast.Name)}
    return names


def function_named(tree: ast.Module, name: str | None) -> ast.FunctionDef | None:
    return next((node for node in nodes(tree, ast.FunctionDef) if node.name == name), None)


def mapped(tree: ast.Module, way: list[Step]) -> Iterator[ast.AST]:
    """The functions of the script that a pipeline of data applies, the last one first."""
    for step in way:
        for node in ast.walk(step.value) if step.value is not None else ():
            if isinstance(node, ast.Call) and called_name(node) == "map" and node.args:
                function = node.args[0]
                found = function if isinstance(function, ast.Lambda) else function_named(tree, named(function))
                if found is not None:
                    yield found


def _floored(value: ast.AST) -> bool:
    return any(isinstance(node, ast.FloorDiv) for node in ast.walk(value))


def behind(tree: ast.Module, value: ast.expr) -> list[Step]:
    """The steps to what an expression is made of."""
    root = _root(value, imported_names(tree))
    return [] if root is None else lineage(tree, root, value.lineno + 1)


def lineage(tree: ast.Module, name: str, line: int) -> list[Step]:
    """The steps to the value that the name has at that line, the last one first.

    Where no line above gives it a value (a function further down does) the last one of its function counts; a name
    that is an argument or counts a loop there has none.
    """
    steps, modules = _steps(tree), imported_names(tree)
    functions = nodes(tree, ast.FunctionDef, ast.Lambda)
    last = _last(tree, functions, steps, name, line, True) or _handed_over(tree, functions, steps, name, line, modules)
    way: list[Step] = []
    while last is not None and len(way) < LONGEST:
        way.append(last)
        source = last.name if last.how == "written" or last.value is None else _root(last.value, modules)
        held = _attribute(last.value, steps)
        source = source if held is None or source is None or source.startswith("self.") else held
        if source is None:
            break
        before = _last(tree, functions, steps, source, last.line, False)
        last = before or _handed_over(tree, functions, steps, source, last.line, modules)
    return way


def _attribute(value: ast.expr | None, steps: Sequence[Step]) -> str | None:
    """``self.values`` for ``data.values[:n]``, where a class of the script gives itself that attribute."""
    while isinstance(value, (ast.Subscript, ast.Call)):
        value = value.value if isinstance(value, ast.Subscript) else next(iter(value.args), None)
    name = f"self.{value.attr}" if isinstance(value, ast.Attribute) else None
    return name if any(step.name == name for step in steps) else None


def _handed_over(
    tree: ast.Module,
    functions: Sequence[Function],
    steps: Sequence[Step],
    name: str,
    line: int,
    modules: frozenset[str],
) -> Step | None:
    """The last step of what a function that the line is in was called with under that name."""
    around = [node for node in functions if reaches(node, line)]
    owner = next((node for node in sorted(around, key=lambda node: -node.lineno) if name in _parameters(node)), None)
    if owner is None:
        return None
    called = owner.name if isinstance(owner, ast.FunctionDef) else _named(steps, owner)
    position = _parameters(owner).index(name)
    if called == "__init__":
        made = next((node for node in nodes(tree, ast.ClassDef) if owner in node.body), None)
        called, position = (None if made is None else made.name), position - 1
    for call in nodes(tree, ast.Call):
        if isinstance(call.func, ast.Name) and call.func.id == called:
            given = [word.value for word in call.keywords if word.arg == name] + call.args[position : position + 1]
            root = _root(given[0], modules) if given else None
            if root is not None:
                return _last(tree, functions, steps, root, call.lineno, True)
    return None


def _named(steps: Sequence[Step], function: ast.Lambda) -> str | None:
    return next((step.name for step in steps if step.value is function), None)


def _last(
    tree: ast.Module,
    functions: Sequence[Function],
    steps: Sequence[Step],
    name: str,
    line: int,
    below: bool,
) -> Step | None:
    """The last step above the line that gave the name its value, where the name is known; else, maybe, one below."""
    steps = [step for step in steps if step.name == name]
    around = [node for node in functions if reaches(node, line)] if "." not in name else []
    for scope in sorted(around, key=lambda node: -node.lineno):
        inside = [step for step in steps if reaches(scope, step.line)]
        above = [step for step in inside if step.line < line]
        if above or name in _bound(scope):
            return above[-1] if above else None
        if inside and below:
            return inside[-1]
    if "." not in name:
        inner = [node for node in functions if node not in around]
        steps = [step for step in steps if not any(reaches(one, step.line) for one in inner)]
    above = [step for step in steps if step.line < line]
    if above or not below or name in _counted(tree, line):
        return above[-1] if above else None
    return steps[-1] if steps else None


def _parameters(function: Function) -> list[str]:
    given = function.args
    return [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]


def _bound(function: Function) -> set[str]:
    """Names that a function is given, and those that count its loops."""
    return {*_parameters(function)} | {name for node in ast.walk(function) for name in _loop(node)}


def _counted(tree: ast.Module, line: int) -> set[str]:
    """Names that count the loops around a line."""
    around = nodes(tree, ast.For)
    return {name for node in around if reaches(node, line) for name in _loop(node)}


def _loop(node: ast.AST) -> set[str]:
    target = node.target if isinstance(node, (ast.For, ast.comprehension)) else None
    return {one.id for one in ast.walk(target) if isinstance(one, ast.Name)} if target is not None else set()


@lru_cache(maxsize=16)
def _steps(tree: ast.Module) -> tuple[Step, ...]:
    """Every step of the file, in the order of the text."""
    return tuple(sorted(_found(tree), key=lambda step: step.line))


def _found(tree: ast.Module) -> Iterator[Step]:
    own = {node.name for node in nodes(tree, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for part, (one, value) in enumerate(_unpacked(target, node.value, own)):
                    several = isinstance(target, (ast.Tuple, ast.List))
                    yield from _given(node.lineno, one, value, part if several else None)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from _given(node.lineno, node.target, node.value)
        elif isinstance(node, ast.AugAssign):
            part = node.target.value if isinstance(node.target, ast.Subscript) else node.target
            if (name := named(part)) is not None:
                yield Step(node.lineno, name, "floored" if isinstance(node.op, ast.FloorDiv) else "written", part)


def _given(line: int, target: ast.expr, value: ast.expr, part: int | None = None) -> Iterator[Step]:
    whole = not isinstance(target, ast.Subscript)
    if isinstance(target, ast.Subscript) and isinstance(getattr(target.slice, "value", None), str):
        return  # a column of a table
    name = named(target if whole else target.value)
    if name is not None:
        yield Step(line, name, "written" if not whole else "floored" if _floored(value) else "assigned", value, part)


def _unpacked(target: ast.expr, value: ast.expr, own: set[str]) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each name of a tuple with what it is given; of a split in two each argument gives two. What a function of the
    script's own does with its arguments is seen in it."""
    if not isinstance(target, (ast.Tuple, ast.List)):
        yield target, value
        return
    count = len(target.elts)
    if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == count:
        values: list[ast.expr] = value.elts
    elif called_name(value) in own:
        values = [value] * count
    elif isinstance(value, ast.Call) and count == 2 * len(value.args):
        values = [argument for argument in value.args for _ in (0, 1)]
    elif isinstance(value, ast.Call) and count == len(value.args):
        values = value.args
    else:
        values = [value] * count
    yield from zip(target.elts, values, strict=True)


def _root(value: ast.expr, modules: frozenset[str]) -> str | None:
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
    if isinstance(value, (ast.ListComp, ast.GeneratorExp)):
        return _root(value.generators[0].iter, modules)
    return None


__all__ = ["Step", "behind", "entered", "function_named", "lineage", "looped", "mapped", "names_on", "produced"]

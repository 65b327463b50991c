"""A formula and its derivative as a list of operations on one element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import torch
from torch.fx.experimental.proxy_tensor import make_fx

from losskit.arrays import namespace
from losskit.core.loss import Loss

xp = namespace(torch.empty(0))
Operation = tuple[Any, ...]
"""(name, operand, …), operands by their places in the list; leaves are ("constant", number), ("truth", yes or no) and
("input", k)."""
EXAMPLES = (7, 11)
"""How many elements are traced with: twice, since a formula that uses their number has it for a constant."""


class Unsupported(Exception):
    """A formula that does something to its arrays that this cannot say of one element."""


class Program:
    """Operations, each once: what was said before, in these words or in others that are told to mean the same, is
    found again. `value` and `gradients` are places in the list."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._places: dict[Operation, int] = {}
        self.value = 0
        self.gradients: tuple[int, ...] = ()

    def add(self, name: str, *operands: Any) -> int:
        """The place of an operation."""
        known = self._simplified(name, operands)
        if known is not None:
            return known
        if name in COMMUTATIVE:
            operands = tuple(sorted(operands))
        operation = (name, *operands)
        if operation not in self._places:
            self._places[operation] = len(self.operations)
            self.operations.append(operation)
        return self._places[operation]

    def number(self, place: int) -> float | None:
        """What a constant is, None for anything else."""
        name, *operands = self.operations[place]
        return operands[0] if name == "constant" else None

    def is_condition(self, place: int) -> bool:
        name, *operands = self.operations[place]
        return name in CONDITIONS or (name == "where" and self.is_condition(operands[1]))

    def needed(self) -> list[int]:
        """The places that value and gradients come from, in order."""
        found, open_ = set(), [self.value, *self.gradients]
        while open_:
            place = open_.pop()
            if place not in found:
                found.add(place)
                name, *operands = self.operations[place]
                open_ += [] if name in LEAVES else operands
        return sorted(found)

    def _simplified(self, name: str, operands: tuple[Any, ...]) -> int | None:
        """The same number, in fewer operations or in the form that the other branch of a formula has."""
        if name in LEAVES:
            return None
        numbers = [self.number(place) for place in operands]
        if name in FOLDED and None not in numbers:
            with numpy.errstate(all="ignore"):
                return self.add("constant", float(FOLDED[name](*map(numpy.float32, numbers))))
        if (name == "mul" and numbers[1] == 1) or (name == "div" and numbers[1] == 1):
            return operands[0]
        if name == "mul" and numbers[0] == 1:
            return operands[1]
        if name == "mul" and -1 in numbers:
            return self.add("neg", operands[0 if numbers[1] == -1 else 1])
        inner, *rest = self.operations[operands[0]]
        if name == "neg" and inner == "neg":
            return rest[0]
        if name == "abs" and inner in ("neg", "abs"):
            return self.add("abs", rest[0])
        if name in MIRRORED and inner == "neg" and numbers[1] == 0:
            return self.add(MIRRORED[name], rest[0], operands[1])
        if name == "add":
            return self._added(*operands)
        return self._chosen(*operands) if name == "where" else None

    def _added(self, x: int, y: int) -> int | None:
        """Branches that were differentiated apart, together: a where c, else 0, plus b where not c, else 0."""
        for one, other in ((x, y), (y, x)):
            both = self._joined(one, other)
            if both is not None:
                return both
            name, *terms = self.operations[one]
            if name == "add":  # (p + a) + 0 or (p + 0) + b: nothing is rounded otherwise
                for kept, term in (terms, terms[::-1]):
                    both = self._joined(term, other)
                    if both is not None:
                        return self.add("add", kept, both)
        return None

    def _joined(self, x: int, y: int) -> int | None:
        of_x, of_y = self._branches(x), self._branches(y)
        if of_x is None or of_y is None or of_x[0] != of_y[0]:
            return None
        if self.number(of_x[2]) == 0 and self.number(of_y[1]) == 0:
            return self.add("where", of_x[0], of_x[1], of_y[2])
        if self.number(of_x[1]) == 0 and self.number(of_y[2]) == 0:
            return self.add("where", of_x[0], of_y[1], of_x[2])
        return None

    def _branches(self, place: int) -> tuple[int, int, int] | None:
        """(condition, yes, no) of a choice, or of a choice taken negative."""
        name, *operands = self.operations[place]
        if name == "where":
            return operands[0], operands[1], operands[2]
        if name == "neg" and self.operations[operands[0]][0] == "where":
            condition, yes, no = self.operations[operands[0]][1:]
            return condition, self.add("neg", yes), self.add("neg", no)
        return None

    def _chosen(self, condition: int, yes: int, no: int) -> int | None:
        """−|x| where it is written as "−x where x > 0, else x": softplus of x and of −x then share an exponential."""
        if yes == no:
            return yes
        for branch, place in ((yes, 1), (no, 2)):  # what is chosen within a branch by the same condition is known
            inner, *parts = self.operations[branch]
            if inner == "where" and parts[0] == condition:
                return self.add("where", condition, *((parts[place], no) if place == 1 else (yes, parts[place])))
        name, *compared = self.operations[condition]
        if name not in ("gt", "lt") or self.number(compared[1]) != 0:
            return None
        if self.operations[yes] == ("neg", no) and compared[0] == no:
            return self._signed(name == "lt", no)
        if self.operations[no] == ("neg", yes) and compared[0] == yes:
            return self._signed(name == "gt", yes)
        return None

    def _signed(self, positive: bool, place: int) -> int:
        size = self.add("abs", place)
        return size if positive else self.add("neg", size)


LEAVES = {"constant", "truth", "input"}
COMMUTATIVE = {"add", "mul", "eq", "ne", "or", "and"}
CONDITIONS = {"truth", "gt", "lt", "ge", "le", "eq", "ne", "or", "and", "not"}
MIRRORED = {"gt": "lt", "lt": "gt", "ge": "le", "le": "ge"}
FOLDED: dict[str, Callable[..., Any]] = {
    "add": numpy.add,
    "sub": numpy.subtract,
    "mul": numpy.multiply,
    "div": numpy.divide,
    "neg": numpy.negative,
}


def trace(loss: Loss, names: tuple[str, ...], wrt: tuple[int, ...]) -> Program:
    """The program of a loss whose inputs go by these names, and of its derivatives by those at `wrt`.

    Raises Unsupported where the formula looks at more than one element, or calls what is not in the table.
    """
    program, other = (_traced(loss, names, wrt, count) for count in EXAMPLES)
    if program.operations != other.operations:
        raise Unsupported("a formula that knows how many elements there are")
    return program


def _traced(loss: Loss, names: tuple[str, ...], wrt: tuple[int, ...], count: int) -> Program:
    def summed(*arrays: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        values = loss.formula(xp, **dict(zip(names, arrays, strict=True)))
        return values.sum(), values

    try:
        graph = make_fx(torch.func.grad(summed, argnums=wrt, has_aux=True))(*examples(names, count))
    except Exception as error:  # a formula may do anything: looking at values, say, which there are none of here
        raise Unsupported(f"{type(error).__name__}: {error}") from error
    graph.graph.eliminate_dead_code()
    program = Program()
    places: dict[Any, Any] = {}
    inputs = iter(range(len(names)))
    for node in graph.graph.nodes:
        if node.op == "placeholder":
            places[node] = program.add("input", next(inputs))
        elif node.op == "get_attr":
            places[node] = _constant(program, getattr(graph, node.target))
        elif node.op == "output":
            gradients, value = node.args[0]
            program.value, program.gradients = places[value], tuple(places[each] for each in gradients)
        else:
            _follow(program, places, node, count)
    return program


def examples(names: tuple[str, ...], count: int = 1) -> list[torch.Tensor]:
    """Inputs to trace with; what they hold is not looked at."""
    return [torch.full((count,), 0.5) for _ in names]


def _constant(program: Program, array: torch.Tensor) -> int:
    if array.numel() != 1:
        raise Unsupported("an array of constants")
    return program.add("constant", float(array))


def _follow(program: Program, places: dict[Any, Any], node: Any, count: int) -> None:
    if not isinstance(node.target, torch._ops.OpOverload) or not isinstance(node.meta["val"], torch.Tensor):
        raise Unsupported(str(node.target))
    name = node.target._schema.name.removeprefix("aten::")
    overload = node.target._overloadname
    if name == "sum":  # the sum that is differentiated; nothing but its ones comes from it
        if node.meta["val"].shape != () or node.args[0].meta["val"].shape != (count,):
            raise Unsupported("a sum over something else than the elements")
        places[node] = None
        return
    shape = node.meta["val"].shape
    if shape not in ((), (count,)):
        raise Unsupported(f"{name} of shape {tuple(shape)}")
    if name in ("scalar_tensor", "full", "full_like", "ones_like", "zeros_like"):
        number = {"ones_like": 1.0, "zeros_like": 0.0}.get(name)
        filled = node.args[0] if name == "scalar_tensor" else node.args[1] if number is None else number
        places[node] = _filled(program, filled)
        return
    operands = [places[each] if isinstance(each, torch.fx.Node) else each for each in node.args]
    if name in UNCHANGED:
        places[node] = operands[0]
        return
    if name == "_to_copy":
        became, was = node.meta["val"].dtype, node.args[0].meta["val"].dtype
        if became is not torch.float32 or was not in (torch.float32, torch.bool):
            raise Unsupported(f"{was} made {became}")
        places[node] = operands[0] if was is became else program.add("where", operands[0], *_ones(program))
        return
    if node.kwargs:
        raise Unsupported(f"{name} with {sorted(node.kwargs)}")
    if name == "pow":
        if overload != "Tensor_Scalar":
            raise Unsupported("a power that is no constant")
        places[node] = _power(program, operands[0], float(operands[1]))
        return
    if None in operands or name not in OPERATIONS:
        raise Unsupported(name)
    operands = [
        place if isinstance(given, torch.fx.Node) else _filled(program, given)
        for place, given in zip(operands, node.args, strict=True)
    ]
    places[node] = OPERATIONS[name](program, *operands)


def _filled(program: Program, number: bool | float) -> int:
    return program.add("truth", number) if isinstance(number, bool) else program.add("constant", float(number))


def _ones(program: Program) -> tuple[int, int]:
    return program.add("constant", 1.0), program.add("constant", 0.0)


def _power(program: Program, x: int, exponent: float) -> int:
    if exponent == 0:
        return program.add("constant", 1.0)
    if exponent == 0.5:
        return program.add("sqrt", x)
    if exponent < 0 and exponent == int(exponent):
        return program.add("div", program.add("constant", 1.0), _power(program, x, -exponent))
    if exponent == int(exponent) and 1 <= exponent <= 16:
        found, count = x, 1
        while 2 * count <= exponent:
            found, count = program.add("mul", found, found), 2 * count
        return found if count == exponent else program.add("mul", found, _power(program, x, exponent - count))
    if exponent == int(exponent):
        raise Unsupported(f"the power {exponent}")
    return program.add("pow", x, program.add("constant", exponent))


def _plain(name: str) -> Callable[..., int]:
    return lambda program, *operands: program.add(name, *operands)


UNCHANGED = {"expand", "detach", "lift_fresh_copy", "clone", "alias"}
OPERATIONS: dict[str, Callable[..., int]] = {
    **{name: _plain(name) for name in ("add", "sub", "mul", "div", "neg", "abs")},
    **{name: _plain(name) for name in ("sqrt", "exp", "expm1", "log", "log1p")},
    **{name: _plain(name) for name in ("gt", "lt", "ge", "le", "eq", "ne", "where", "maximum", "minimum")},
    "sgn": _plain("sign"),
    "sign": _plain("sign"),
    "bitwise_or": _plain("or"),
    "bitwise_and": _plain("and"),
    "logical_or": _plain("or"),
    "logical_and": _plain("and"),
    "logical_not": _plain("not"),
    "bitwise_not": _plain("not"),
    "rsub": lambda program, x, y: program.add("sub", y, x),
    "reciprocal": lambda program, x: program.add("div", program.add("constant", 1.0), x),
    "masked_fill_": lambda program, x, where, filler: program.add("where", where, filler, x),
    "masked_fill": lambda program, x, where, filler: program.add("where", where, filler, x),
}

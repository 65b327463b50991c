"""Where the settings of what a script constructed and called are written, told when it is over."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from losskit.doctor.probe.session import Session
from losskit.doctor.syntax import called_name, is_own, nodes, parsed, reaches
from losskit.doctor.written import Written, written
from losskit.recording.facts import Layer, LossCall, OptimizerFacts, Place, ScheduleFacts, Setting, Site

NUMBER = "number"  # of times that a loop over a range runs
CALLEE = "()"  # the name of the function that is called, among those of its arguments
INNERMOST = ""  # in place of a called name: whatever is called, with keywords
FACTOR = "*"  # in place of a called name and of an argument: what a value on the line is multiplied by
Callee = tuple[str, tuple[str, ...]]  # what is called, and what it takes by position

_FIT: Callee = ("fit", ("x", "y", "batch_size", "epochs"))
_SITES: dict[str, list[Callee]] = {
    "loader": [("DataLoader", ("dataset", "batch_size"))],
    "fit": [_FIT],
    "epochs": [_FIT, ("range", ())],
    "loss": [("compile", ("optimizer", "loss"))],
    "penalty": [(FACTOR, ())],
}
_INITIAL: list[Callee] = [
    ("constant_", ("tensor", "val")),
    ("normal_", ("tensor", "mean", "std")),
    ("uniform_", ("tensor", "a", "b")),
]
_PENALTIES: list[Callee] = [("l2", ("l2",)), ("L2", ("l2",)), ("l1", ("l1",)), ("L1", ("l1",))]
_OF_OPTIMIZERS = {"torch": ("params", "lr"), "keras": ("learning_rate",)}
_OF_LAYERS = {"Dense": ("units", "activation"), "Activation": ("activation",)}
_OF_DROPOUT = {"torch": ("p",), "keras": ("rate",)}
_OF_SCHEDULES = {
    "StepLR": ("optimizer", "step_size", "gamma"),
    "MultiStepLR": ("optimizer", "milestones", "gamma"),
    "ExponentialLR": ("optimizer", "gamma"),
    "CosineAnnealingLR": ("optimizer", "T_max"),
    "ExponentialDecay": ("initial_learning_rate", "decay_steps", "decay_rate"),
    "InverseTimeDecay": ("initial_learning_rate", "decay_steps", "decay_rate"),
    "CosineDecay": ("initial_learning_rate", "decay_steps"),
}


class Call(NamedTuple):
    """A line and what is called there; `held` says whether that may stand there under the name of a variable."""

    place: Place
    name: str
    parameters: tuple[str, ...] = ()
    held: bool = False


def settings(session: Session, given: Sequence[str]) -> Iterator[Setting]:
    """`given` is what the script got on its command line."""
    for call in dict.fromkeys(_calls(session)):
        path = session.places.path(call.place)
        for name, found in written_elsewhere(path, call.place.line, call.name, call.parameters, given, call.held):
            here = os.path.samefile(found.file, path)
            place = Place(call.place.file, found.line) if here else session.places.in_file(found.file, found.line)
            yield Setting(name, call.place, place)


def _calls(session: Session) -> Iterator[Call]:
    """The calls whose settings a rule may speak of."""
    framework = session.framework or ""
    for fact in session.facts():
        match fact:
            case OptimizerFacts(kind=kind):
                if fact.place is not None:
                    yield Call(fact.place, kind, _OF_OPTIMIZERS.get(framework, ()), held=True)
                if isinstance(schedule := fact.schedule, ScheduleFacts) and schedule.place is not None:
                    yield Call(schedule.place, schedule.kind, _OF_SCHEDULES.get(schedule.kind, ()), held=True)
            case LossCall(created=Place() as place):
                yield Call(place, INNERMOST)
            case Layer():
                yield from _of_layer(fact, framework)
            case Site(kind=kind, place=place):
                yield from (Call(place, *callee) for callee in _SITES.get(kind, ()))
            case _:
                pass


def _of_layer(layer: Layer, framework: str) -> Iterator[Call]:
    parameters = _OF_DROPOUT.get(framework, ()) if "Dropout" in layer.kind else _OF_LAYERS.get(layer.kind, ())
    if layer.place is not None:
        yield Call(layer.place, layer.kind, parameters, held=True)
    for place in (layer.activated, layer.initialised, layer.regularised):  # arguments of a call of many lines
        if place is not None and place != layer.place:
            yield Call(place, layer.kind, parameters)
    for place, callees in ((layer.initialised, _INITIAL), (layer.biased, _INITIAL), (layer.regularised, _PENALTIES)):
        yield from (Call(place, *callee) for callee in callees if place is not None)


def written_elsewhere(
    file: str, line: int, callee: str, parameters: Iterable[str], given: Iterable[str] = (), held: bool = False
) -> Iterator[tuple[str, Written]]:
    """(argument, where its value is written) for those of the call at that line whose value stands on another line.

    `callee` is the class or function that was called, and with `held` may stand there under a variable's name;
    `parameters` are the names of what it takes by position; `given` are the options of the command line, whose
    defaults say nothing.
    """
    tree = parsed(file)
    if tree is None:
        return
    if callee == FACTOR:
        yield from _factors(file, tree, line)
        return
    call = _call(tree, line, callee, held)
    if call is None:
        return
    if callee == "range":
        parameters = (NUMBER,) if len(call.args) == 1 else ("start", NUMBER)
    for name, value in _arguments(call, tuple(parameters), callee):
        found = written(file, tree, value, name, given)
        if found is not None and (found.file != file or not call.lineno <= found.line <= (call.end_lineno or 0)):
            yield name, found


def _factors(file: str, tree: ast.Module, line: int) -> Iterator[tuple[str, Written]]:
    """The numbers that something on the line is multiplied by, where they have a name."""
    over = [node for node in nodes(tree, ast.BinOp) if reaches(node, line)]
    for product in (node for node in over if isinstance(node.op, ast.Mult)):
        for factor in (product.left, product.right):
            found = None if isinstance(factor, ast.BinOp) else written(file, tree, factor)
            number = isinstance(found.node, ast.Constant) and isinstance(found.node.value, float) if found else False
            if found is not None and number and found.line != line:
                yield FACTOR, found


def _call(tree: ast.Module, line: int, callee: str, held: bool) -> ast.Call | None:
    """The call of that name at the line; else, if asked for, that of a variable, which holds it."""
    over = [node for node in nodes(tree, ast.Call) if reaches(node, line)]
    if callee == INNERMOST:
        return next((node for node in reversed(over) if node.keywords), None)
    named = [node for node in over if called_name(node) == callee]
    variables = [
        node for node in over if isinstance(node.func, (ast.Name, ast.Call, ast.Subscript)) or is_own(node.func)
    ]
    made = [node for node in variables if not isinstance(node.func, (ast.Name, ast.Attribute))]  # getattr(nn, name)()
    return next(iter(named or ((made or variables[-1:]) if held else [])), None)


def _arguments(call: ast.Call, parameters: tuple[str, ...], callee: str) -> Iterator[tuple[str, ast.expr]]:
    if callee not in (called_name(call), INNERMOST):
        yield CALLEE, call.func
    if not any(isinstance(one, ast.Starred) for one in call.args):
        yield from zip(parameters, call.args, strict=False)
    for word in call.keywords:
        if word.arg is not None:
            yield word.arg, word.value
        else:  # **settings
            told = {word.arg for word in call.keywords}
            yield from ((name, word.value) for name in parameters if name not in told)


__all__ = ["CALLEE", "FACTOR", "NUMBER", "settings", "written_elsewhere"]

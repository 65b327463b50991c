"""Where the settings of what a script constructed and called are written, told when it is over."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from losskit.doctor.probe.session import Session
from losskit.doctor.probe.written import FACTOR, INNERMOST, written_elsewhere
from losskit.recording.facts import Layer, LossCall, OptimizerFacts, Place, ScheduleFacts, Setting, Site

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


__all__ = ["settings"]

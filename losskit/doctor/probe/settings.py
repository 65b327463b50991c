"""Where the settings of what a script constructed and called are written, told when it is over."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from losskit.doctor.probe.session import Session
from losskit.doctor.probe.written import FACTOR, written_elsewhere
from losskit.recording.facts import Layer, OptimizerFacts, Place, Setting, Site

# What was called at a site of that kind, and what it takes by position.
_SITES = {
    "loader": [("DataLoader", ("dataset", "batch_size"))],
    "fit": [("fit", ("x", "y", "batch_size", "epochs"))],
    "epochs": [("fit", ("x", "y", "batch_size", "epochs")), ("range", ())],
    "loss": [("compile", ("optimizer", "loss"))],
    "penalty": [(FACTOR, ())],
}
_INITIAL = [
    ("constant_", ("tensor", "val")),
    ("normal_", ("tensor", "mean", "std")),
    ("uniform_", ("tensor", "a", "b")),
]
_PENALTIES = [("l2", ("l2",)), ("L2", ("l2",)), ("l1", ("l1",)), ("L1", ("l1",))]
_OF_OPTIMIZERS = {"torch": ("params", "lr"), "keras": ("learning_rate",)}
_OF_LAYERS = {"Dense": ("units", "activation"), "Activation": ("activation",)}
_OF_DROPOUT = {"torch": ("p",), "keras": ("rate",)}


def settings(session: Session, given: Sequence[str]) -> Iterator[Setting]:
    """`given` is what the script got on its command line."""
    for call, callee, parameters in dict.fromkeys(_calls(session)):
        path = session.places.path(call)
        for name, found in written_elsewhere(path, call.line, callee, parameters, given):
            here = os.path.samefile(found.file, path)
            place = Place(call.file, found.line) if here else session.places.in_file(found.file, found.line)
            yield Setting(name, call, place)


def _calls(session: Session) -> Iterator[tuple[Place, str, tuple[str, ...]]]:
    """(line, called name, what it takes by position) of the calls whose settings a rule may speak of."""
    framework = session.framework or ""
    for fact in session.facts():
        match fact:
            case OptimizerFacts(kind=kind, place=Place() as place):
                yield place, kind, _OF_OPTIMIZERS.get(framework, ())
            case Layer(kind=kind):
                parameters = _OF_DROPOUT.get(framework, ()) if "Dropout" in kind else _OF_LAYERS.get(kind, ())
                places = (fact.place, fact.activated, fact.initialised, fact.regularised)
                yield from ((place, kind, parameters) for place in places if place is not None)
                told = [(fact.initialised, _INITIAL), (fact.biased, _INITIAL), (fact.regularised, _PENALTIES)]
                yield from ((place, *call) for place, calls in told if place is not None for call in calls)
            case Site(kind=kind, place=place):
                yield from ((place, *call) for call in _SITES.get(kind, ()))
            case _:
                pass


__all__ = ["settings"]

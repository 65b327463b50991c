"""Operations of a Keras loss that are not finite everywhere, and the lines that choose float16."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import numpy as np

from losskit.doctor.probe.keras_arrays import array_of
from losskit.doctor.probe.keras_calls import Calls, FunctionCall
from losskit.doctor.probe.keras_model import activations_before
from losskit.doctor.probe.operations import DELICATE, STEEP, SYNONYMS, Seen
from losskit.doctor.probe.session import Session
from losskit.recording.facts import Operation, Place


class Numbers:
    """What the functions that a script calls itself were given, in the steps that are looked at."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen: dict[tuple[str, Place], Seen] = {}

    def look(self, calls: Calls, model: Any) -> None:
        for call in (*calls.activations, *calls.operations):
            name = SYNONYMS.get(call.name, call.name)
            if name in DELICATE and call.place is not None and call.arguments:
                self._add(name, call.place, call, calls, model)

    def _add(self, name: str, place: Place, call: FunctionCall, calls: Calls, model: Any) -> None:
        argument = call.arguments[1 if name == "div" and len(call.arguments) > 1 else 0]
        if not hasattr(argument, "shape"):  # a number
            return
        key = name, place
        if key not in self._seen:
            # A function that arithmetic stands before: what it works on is the model's output all the same.
            behind = activations_before(argument, model, calls) or activations_before(None, model, calls)
            of = tuple(activation.name for activation in behind)
            self._seen[key] = Seen(name, place, of, _bound(argument, calls), tuple(argument.shape))
        seen = self._seen[key]
        seen.looks += 1
        try:
            values, result = np.asarray(array_of(argument)), np.asarray(array_of(call.output))
        except (TypeError, ValueError, NotImplementedError):  # in a traced function there are none
            return
        if not values.size or values.dtype.kind != "f":
            return
        seen.dtype = values.dtype.name
        steep = STEEP.get(name)
        at_edge = 0 if steep is None else int(steep(values).sum())
        low, high = float(values.min()), float(values.max())
        seen.add(low, high, int((~np.isfinite(result)).sum()), at_edge, self._session.step)

    def summary(self) -> Iterable[Operation]:
        return [one.fact() for one in self._seen.values()]


def watch_precision(session: Session, keras: Any) -> None:
    """Note the lines that choose a number type of 16 bits, and those that scale losses for it."""
    weights, computed = (lambda name: name), (lambda name: f"autocast {name.removeprefix('mixed_')}")
    for module, name in (
        (keras.mixed_precision, "set_global_policy"),
        (keras.mixed_precision, "set_dtype_policy"),
        (keras.config, "set_dtype_policy"),
    ):
        _note(session, module, name, lambda name: computed(name) if "mixed_" in name else weights(name))
    for module in (keras.config, keras.backend):
        _note(session, module, "set_floatx", weights)
    scaler = keras.optimizers.LossScaleOptimizer
    construct = scaler.__init__

    @wraps(construct)
    def __init__(self: Any, *arguments: Any, **named: Any) -> None:
        with session.budget:
            session.site("scaler", session.place(), "on")
        construct(self, *arguments, **named)

    scaler.__init__ = __init__


def _note(session: Session, module: Any, name: str, told: Callable[[str], str]) -> None:
    function = getattr(module, name)

    @wraps(function)
    def noted(policy: Any) -> Any:
        with session.budget:
            chosen = policy if isinstance(policy, str) else getattr(policy, "name", "")
            if chosen.endswith("float16"):
                session.site("precision", session.place(), told(chosen))
        return function(policy)

    setattr(module, name, noted)


def _bound(argument: Any, calls: Calls) -> float | None:
    """The bound that an argument was clipped to from below."""
    made = calls.maker(argument)
    if made is None or made.name != "clip":
        return None
    low = made.named.get("x_min", made.arguments[1] if len(made.arguments) > 1 else None)
    return float(low) if isinstance(low, (int, float)) else None


__all__ = ["Numbers", "watch_precision"]

"""What one batch brought, on every Keras backend: its loss, prediction and target leave the step beside its logs.

Keras turns `train_step` into a compiled function on JAX and TensorFlow, so nothing inside can be read from outside.
But a compiled function may return more: while `train_step` is traced (or run, on torch) its loss is overheard, and
what was heard is returned as one more entry of the logs, which is taken out again before Keras sees them. The step
computes the same numbers as before; the tests compare the weights bit by bit.

What leaves a step costs time, which counts where steps are short. On TensorFlow it stays in variables (keras_notes).
On JAX a long training of short steps is compiled a second time as Keras would, and runs like that while nobody listens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import wraps
from types import CodeType
from typing import Any, Protocol

from losskit.doctor.probe.keras_arrays import unpacked
from losskit.doctor.probe.keras_notes import Notes
from losskit.doctor.probe.keras_own_steps import is_own, overhearing

HEARD = "_losskit_heard"
ENTRIES = 1 << 20  # of a larger prediction only the first rows leave the step
_PARAMETERS = ("x", "y", "y_pred", "sample_weight", "training")  # of Model.compute_loss
_JAX_PARAMETERS = ("metrics_variables", "unscaled_loss", "x", "y", "y_pred", "sample_weight")

Hear = Callable[..., dict[str, Any]]  # what was heard in the step that just ended: at least the entries named, or all


class Listener(Protocol):
    """Who is told about steps. `arguments` are those of `model.train_function` (test_function)."""

    inside: bool  # a step runs

    def sleeps(self, model: Any) -> bool:
        """Whether this training step is only counted."""
        ...

    def unheard(self, compiled_in: float) -> bool:
        """Whether such a step may run as Keras would compile it, for which it has to be compiled once more: that took
        so many seconds the first time."""
        ...

    def slept(self, hear: Hear) -> None:
        """After such a step."""
        ...

    def begins(self, model: Any, phase: str, arguments: tuple[Any, ...]) -> None:
        """Before a step."""
        ...

    def differentiated(self, code: CodeType, line: int) -> None:
        """A step of the script's own, which calls no `compute_loss`, takes its gradient on this line."""
        ...

    def ended(self, model: Any, phase: str, heard: dict[str, Any], output: Any) -> None:
        """After it. `heard`: loss, inputs, prediction, target, weight, as far as they were overheard."""
        ...


class Drawn:
    """The batches of a JAX step, which is handed the iterator and draws one: the last one is kept."""

    def __init__(self, iterator: Iterator[Any]) -> None:
        self.batch: Any = None
        self._iterator = iterator
        self._ahead: list[Any] = []

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        self.batch = self._ahead.pop() if self._ahead else next(self._iterator)
        return self.batch

    def peek(self) -> Any:
        """The batch to come."""
        if not self._ahead:
            self._ahead.append(next(self._iterator))
        return self._ahead[0]

    def heard(self) -> dict[str, Any]:
        """What the last batch is made of."""
        return parts_of(self.batch)


def parts_of(batch: Any) -> dict[str, Any]:
    """Inputs, target and weight of a batch, as far as it has them."""
    return {
        name: value
        for name, value in zip(("inputs", "target", "weight"), unpacked(batch), strict=True)
        if value is not None
    }


def listen_to_steps(model_class: type, backend: str, listener: Listener) -> None:
    """From now on, tell the listener about every training and evaluation step of Keras's own loops."""
    for phase in ("train", "test"):
        _hook_maker(model_class, backend, phase, listener)


def _hook_maker(model_class: Any, backend: str, phase: str, listener: Listener) -> None:
    maker, step, function = f"make_{phase}_function", f"{phase}_step", f"{phase}_function"
    make = getattr(model_class, maker)

    @wraps(make)
    def make_function(self: Any, force: bool = False) -> Any:
        if getattr(self, function) is not None and not force:
            return make(self, force)
        compiled = backend != "torch"
        notes = Notes(HEARD) if backend == "tensorflow" else None
        if compiled and _can_return_more(self):
            with nullcontext() if notes is None else notes.taken(self):
                vars(self)[step] = _telling(self, getattr(self, step), backend, listener)
                try:
                    result = make(self, force)
                finally:
                    vars(self).pop(step, None)  # it was there for the time of the making only
        else:
            result = make(self, force)
        called = getattr(self, function)
        if not compiled and not self.jit_compile:
            called = _telling(self, called, backend, listener)

        def made_by_keras() -> Callable[..., Any]:
            make(self, True)
            ours, theirs = told, getattr(self, function)
            setattr(self, function, ours)
            return theirs

        told = _told(self, called, phase, listener, notes, made_by_keras)
        setattr(self, function, told)
        return result

    setattr(model_class, maker, make_function)


def _told(
    model: Any,
    function: Callable[..., Any],
    phase: str,
    listener: Listener,
    notes: Notes | None,
    made_by_keras: Callable[[], Callable[..., Any]],
) -> Callable[..., Any]:
    """The step function, with the listener told before and after."""
    trains = phase == "train"
    compiled_in: float | None = None  # seconds; the first call compiles
    without: Callable[..., Any] | None = None  # what is heard

    def run(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, Hear]:
        """What the step returns, and what was heard."""
        listener.inside = True
        try:
            output = function(*arguments)
        finally:
            listener.inside = False
        logs = output[0] if isinstance(output, tuple) else output  # JAX: (logs, state)
        heard = logs.pop(HEARD, None) if isinstance(logs, dict) else None
        if heard is None:
            return output, _nothing if notes is None else notes.read
        return output, lambda *names: heard

    @wraps(function)
    def called(*arguments: Any) -> Any:
        nonlocal compiled_in, without
        if trains and listener.sleeps(model):
            unheard = compiled_in is not None and listener.unheard(compiled_in)
            if unheard and without is None:
                without = made_by_keras()
            alone = without if unheard else None
            output, hear = run(function if alone is None else alone, arguments)
            listener.slept(hear if alone is None else _nothing)
            return output
        drawn = None
        if len(arguments) == 2:  # JAX: (state, iterator)
            drawn = Drawn(arguments[1])
            arguments = (arguments[0], drawn)
        listener.begins(model, phase, arguments)
        began = time.perf_counter()
        output, hear = run(function, arguments)
        if compiled_in is None:
            compiled_in = time.perf_counter() - began
        heard = hear()
        if heard and drawn is not None:
            heard.update(drawn.heard())
        listener.ended(model, phase, heard, output)
        return output

    return called


def _nothing(*names: str) -> dict[str, Any]:
    """What is heard of a step that runs as Keras compiles it."""
    return {}


def _telling(model: Any, step: Callable[..., Any], backend: str, listener: Listener) -> Callable[..., Any]:
    """The step, returning what was overheard with its logs.

    On JAX `compute_loss` runs inside the gradient, whose values may not leave it; the metrics are updated outside.
    """
    name = "_update_metrics_variables" if backend == "jax" else "compute_loss"
    heard: dict[str, Any] = {}
    own = is_own(model)

    @wraps(step)
    def telling(*arguments: Any) -> Any:
        heard.clear()
        method = getattr(model, name)
        vars(model)[name] = _overheard(method, backend, heard)
        otherwise: dict[str, Any] = {}
        lines: list[tuple[CodeType, int]] = []
        try:
            with (
                overhearing(model, backend, lambda frame: lines.append((frame.f_code, frame.f_lineno)), otherwise)
                if own
                else nullcontext()
            ):
                output = step(*arguments)
        finally:
            vars(model).pop(name, None)
        if otherwise and "loss" not in heard:
            for code, line in lines[:1]:
                listener.differentiated(code, line)
            heard.update(otherwise)
        if own and heard and backend != "jax":  # what the step did not hand on is in its batch
            batch = parts_of(arguments[0][0] if backend == "torch" else arguments[0])
            heard.update({name: part for name, part in batch.items() if name not in heard})
        logs, rest = (output[0], output[1:]) if isinstance(output, tuple) else (output, None)
        if not isinstance(logs, dict) or not heard:
            return output
        logs = {**logs, HEARD: dict(heard)}
        return logs if rest is None else (logs, *rest)

    return telling


def _overheard(method: Callable[..., Any], backend: str, heard: dict[str, Any]) -> Callable[..., Any]:
    """The method that is handed inputs, target, prediction and loss, telling them to `heard`."""

    def overheard(*arguments: Any, **named: Any) -> Any:
        result = method(*arguments, **named)
        if backend == "jax":
            given = dict(zip(_JAX_PARAMETERS, arguments, strict=False)) | named
            heard["loss"], heard["prediction"] = given["unscaled_loss"], _first_rows(given["y_pred"])
            return result
        given = dict(zip(_PARAMETERS, arguments, strict=False)) | named
        prediction = given.get("y_pred")
        if prediction is not None:
            heard["prediction"] = _detached(_first_rows(prediction))
        heard["loss"] = _detached(result)
        for name, entry in (("x", "inputs"), ("y", "target"), ("sample_weight", "weight")):
            if given.get(name) is not None:
                heard[entry] = given[name]
        return result

    return overheard


def _can_return_more(model: Any) -> bool:
    """Of several steps in one call only the last would be heard; TensorFlow's replicas return values of one shape."""
    strategy = getattr(model, "distribute_strategy", None)
    return model.steps_per_execution == 1 and (strategy is None or strategy.num_replicas_in_sync == 1)


def _detached(value: Any) -> Any:
    """Without PyTorch's graph, which would otherwise live as long as the value is kept."""
    if isinstance(value, dict):
        return {key: _detached(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_detached(one) for one in value]
    return value.detach() if hasattr(value, "detach") else value


def _first_rows(prediction: Any) -> Any:
    shape = getattr(prediction, "shape", None)
    if shape is None or len(shape) < 2:
        return prediction
    row = 1
    for size in shape[1:]:
        row *= size or 1
    rows = max(ENTRIES // max(row, 1), 1)
    return prediction if shape[0] is not None and shape[0] <= rows else prediction[:rows]


__all__ = ["ENTRIES", "HEARD", "Hear", "Listener", "listen_to_steps"]

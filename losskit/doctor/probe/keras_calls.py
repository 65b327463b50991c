"""What is called inside a step that is looked at: layers, activation functions and losses, and what came out of them.

Only while somebody collects. Functions are wrapped in the modules the script takes them from, for that time alone, so
that a model keeps referring to Keras's own functions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from losskit.doctor.probe.keras_losses import FUNCTIONS
from losskit.doctor.probe.places import Places
from losskit.recording.facts import Place

ACTIVATIONS = (
    *("softmax", "log_softmax", "sigmoid", "hard_sigmoid", "log_sigmoid", "tanh", "relu", "relu6", "leaky_relu", "elu"),
    *("selu", "gelu", "silu", "softplus", "softsign", "exp", "exponential", "log", "abs", "square", "clip"),
)
OPERATIONS = (  # not finite everywhere; log and exp are among the activations
    *("sqrt", "rsqrt", "log1p", "log2", "log10", "power", "pow", "divide", "true_divide", "reciprocal", "expm1"),
    *("arccos", "acos", "arcsin", "asin", "arctanh", "atanh", "hypot", "logsumexp", "norm", "std"),
)
_KERAS = ("keras", "keras._tf_keras.keras")
_ACTIVATION_MODULES = (
    *(f"{keras}.{module}" for keras in _KERAS for module in ("ops", "activations")),
    *("jax.nn", "jax.numpy", "tensorflow", "tensorflow.nn", "tensorflow.math"),
)


@dataclass
class FunctionCall:
    """A call of an activation function or a loss function that the script made itself."""

    name: str
    function: Any
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    output: Any
    place: Place | None

    @property
    def axis(self) -> int | None:
        """Of a softmax."""
        given = self.named.get("axis", self.arguments[1] if len(self.arguments) > 1 else -1)
        return given if "softmax" in self.name and isinstance(given, int) else None


@dataclass
class Calls:
    """Everything collected in one step."""

    inputs: dict[int, Any] = field(default_factory=dict)  # id of a layer or model → its first argument
    outputs: dict[int, Any] = field(default_factory=dict)  # → its output; the last called is last
    activations: list[FunctionCall] = field(default_factory=list)
    operations: list[FunctionCall] = field(default_factory=list)
    losses: list[FunctionCall] = field(default_factory=list)  # also objects of a loss class
    stopped: list[FunctionCall] = field(default_factory=list)  # calls of stop_gradient

    @property
    def cuts(self) -> list[Place]:
        """Lines past which no gradient goes back."""
        return [call.place for call in self.stopped if call.place is not None]

    def maker(self, tensor: Any) -> FunctionCall | None:
        """The activation function that put this tensor out."""
        return next((call for call in reversed(self.activations) if call.output is tensor), None)


_collected: Calls | None = None


def collect_outputs(layer_class: Any, loss_class: Any, places: Places) -> None:
    """Let `collecting` see what layers put out, and the loss objects that the script calls itself."""
    call, measure = layer_class.__call__, loss_class.__call__

    @wraps(call)
    def call_layer(self: Any, *arguments: Any, **named: Any) -> Any:
        output = call(self, *arguments, **named)
        if _collected is not None:
            _collected.outputs.pop(id(self), None)  # of several calls the last counts, also for the order
            _collected.outputs[id(self)] = output
            _collected.inputs[id(self)] = arguments[0] if arguments else None
        return output

    @wraps(measure)
    def call_loss(self: Any, *arguments: Any, **named: Any) -> Any:
        output = measure(self, *arguments, **named)
        if _collected is None:
            return output
        frame = sys._getframe(1)
        if places.is_users(frame.f_code):
            call = FunctionCall(type(self).__name__, self, arguments, named, output, places.of(frame))
            _collected.losses.append(call)
        return output

    layer_class.__call__, loss_class.__call__ = call_layer, call_loss


@contextmanager
def collecting(into: Calls, places: Places) -> Iterator[None]:
    """Calls go to `into` for the time of the block."""
    global _collected
    before, _collected = _collected, into
    replaced = [*_wrap(_ACTIVATION_MODULES, ACTIVATIONS, into.activations, places)]
    replaced += _wrap((*_ACTIVATION_MODULES, "tensorflow.linalg"), OPERATIONS, into.operations, places)
    replaced += _wrap([f"{keras}.losses" for keras in _KERAS], FUNCTIONS, into.losses, places)
    replaced += _wrap(("keras.ops", "jax.lax", "tensorflow"), ("stop_gradient",), into.stopped, places)
    try:
        yield
    finally:
        _collected = before
        for module, name, function in replaced:
            setattr(module, name, function)


def _wrap(modules: Any, names: Any, into: list[FunctionCall], places: Places) -> Iterator[tuple[Any, str, Any]]:
    for module in filter(None, map(_module, modules)):
        for name in names:
            function = vars(module).get(name)
            if callable(function):
                setattr(module, name, _noted(name, function, into, places))
                yield module, name, function


def _module(name: str) -> Any:
    """A module that the script's framework has loaded; tensorflow.nn is one under another name."""
    top, _, inner = name.partition(".")
    if top == "tensorflow" and inner:
        return getattr(sys.modules.get(top), inner, None)
    return sys.modules.get(name)


def _noted(name: str, function: Callable[..., Any], into: list[FunctionCall], places: Places) -> Callable[..., Any]:
    @wraps(function)
    def noted(*arguments: Any, **named: Any) -> Any:
        output = function(*arguments, **named)
        frame = sys._getframe(1)
        if places.is_users(frame.f_code):  # frameworks call these functions too, inside their own
            into.append(FunctionCall(name, function, arguments, named, output, places.of(frame)))
        return output

    return noted


__all__ = ["Calls", "FunctionCall", "collect_outputs", "collecting"]

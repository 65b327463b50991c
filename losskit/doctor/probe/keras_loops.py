"""Training loops that a script writes itself with Keras: a loss object, a gradient, `optimizer.apply`.

Seen where they run eagerly (torch, TensorFlow without tf.function). In a compiled function they are traced once and
then run unseen; that is said.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from losskit.doctor.probe.keras_model import identity
from losskit.doctor.probe.keras_places import step_line
from losskit.doctor.probe.keras_training import Training
from losskit.doctor.probe.session import WARM_UP, Session
from losskit.recording.facts import Place

HOOKED = "_losskit_hooked"
TRACED = (
    "a training loop runs in a compiled function (tf.function, jax.jit): its losses, predictions and gradients were "
    "not seen"
)


class Loops:
    """Follows the loops that are not Keras's own."""

    def __init__(self, session: Session, training: Training, backend: str) -> None:
        self.models: weakref.WeakSet[Any] = weakref.WeakSet()  # every one that was constructed
        self._session, self._training, self._backend = session, training, backend
        self._fed: tuple[Any, Place | None, dict[str, Any]] | None = None  # (loss, where it was called, heard)
        self._gradient_of: Any = None  # what the tape last differentiated
        self._applying = False

    def watch_calls(self, kind: Any) -> None:
        """Hear of the losses that the script calls itself: `Loss.__call__`, and a class's own."""
        method = vars(kind).get("__call__")
        if method is not None and not hasattr(method, HOOKED):
            kind.__call__ = self._loss_called(method)
            setattr(kind.__call__, HOOKED, True)

    def _loss_called(self, method: Callable[..., Any]) -> Callable[..., Any]:

        @wraps(method)
        def __call__(loss: Any, y_true: Any, y_pred: Any, *arguments: Any, **named: Any) -> Any:
            value = method(loss, y_true, y_pred, *arguments, **named)
            if not self._by_hand():
                return value
            frame = sys._getframe(1)
            if self._session.places.is_users(frame.f_code):
                with self._session.budget:
                    if is_concrete(value, self._backend):
                        heard = {"loss": _detached(value), "prediction": _detached(y_pred), "target": _detached(y_true)}
                        self._heard(loss, self._session.places.of(frame), heard, y_pred)
            return value

        return __call__

    def _heard(self, loss: Any, place: Place | None, heard: dict[str, Any], prediction: Any) -> None:
        if self._backend == "torch" and not prediction.requires_grad:  # called without a gradient: it evaluates
            self._training.evaluated_by_hand(heard)
            return
        self._fed = (loss, place, heard)

    def gradient_taken(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """`tf.GradientTape.gradient`."""

        @wraps(method)
        def gradient(tape: Any, target: Any, *arguments: Any, **named: Any) -> Any:
            if self._by_hand() and is_concrete(target, self._backend):
                self._gradient_of = target
            return method(tape, target, *arguments, **named)

        return gradient

    def applied(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """`Optimizer.apply`: inside Keras's own loops it hands over the gradients, elsewhere it is the step."""

        @wraps(method)
        def apply(optimizer: Any, grads: Any, trainable_variables: Any = None) -> Any:
            looks, by_hand = self._training.looks, self._by_hand()
            if trainable_variables is not None and self._session.step < WARM_UP:
                trainable_variables = list(trainable_variables)
                self._training.handed |= {identity(variable) for variable in trainable_variables}
                self._session.site("step", step_line(self._session.places, sys._getframe(1)))
            unwatched = not (by_hand or (looks is not None and looks.watching))
            if unwatched or self._applying or self._session.closed:
                return method(optimizer, grads, trainable_variables)
            self._session.site("step", step_line(self._session.places, sys._getframe(1)))
            grads = list(grads)
            eager = all(is_concrete(gradient, self._backend) for gradient in grads if gradient is not None)
            with self._session.budget:
                variables = list(trainable_variables or optimizer._trainable_variables)
                if by_hand:
                    self._before(optimizer, variables, eager)
                if eager and self._training.looks is not None:
                    self._training.looks.received(grads, variables)
            self._applying = True
            try:
                result = method(optimizer, grads, trainable_variables)
            finally:
                self._applying = False
            if by_hand and eager:
                self._after()
            return result

        return apply

    def _by_hand(self) -> bool:
        """Whether neither Keras's loops nor the probe is at work."""
        return not self._training.inside and not self._session.budget.watching

    def _before(self, optimizer: Any, variables: list[Any], eager: bool) -> None:
        if not eager:
            self._session.event("blind", TRACED)
            return
        place = self._session.place()
        self._session.site("step", place)
        model = self._model_of(variables)
        if model is None:
            self._session.event("blind", "the variables that are trained belong to no model of Keras", place)
        else:
            self._training.by_hand_begins(model, optimizer)

    def _after(self) -> None:
        (loss, place, heard), self._fed = self._fed or (None, None, {}), None
        if self._gradient_of is not None:
            heard, self._gradient_of = heard | {"loss": self._gradient_of}, None
        self._training.by_hand_ended(loss, place, heard)

    def _model_of(self, variables: Iterable[Any]) -> Any:
        """The smallest model that holds them all; of equals (one wrapped in another) the first."""
        wanted = {identity(v) for v in variables}
        holders = [m for m in self.models if m.built and wanted <= {identity(v) for v in m.trainable_variables}]
        return min(holders, key=lambda model: len(model.trainable_variables), default=None)


def is_concrete(tensor: Any, backend: str) -> bool:
    """Whether a tensor has values now, and is not one that stands for values of a function being traced."""
    if backend == "torch":
        return getattr(tensor, "device", None) is not None and tensor.device.type != "meta"
    if backend == "jax":
        from jax import Array
        from jax.core import Tracer

        return isinstance(tensor, Array) and not isinstance(tensor, Tracer)
    return hasattr(tensor, "numpy")


def _detached(tensor: Any) -> Any:
    return tensor.detach() if hasattr(tensor, "detach") else tensor


__all__ = ["Loops", "is_concrete"]

"""Hooks on Keras 3, whatever its backend: set once, when the script has imported it."""

from __future__ import annotations

import inspect
import sys
import weakref
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from losskit.doctor.probe.keras_calls import collect_outputs
from losskit.doctor.probe.keras_facts import CompileCall, FitSettings, ModelFacts
from losskit.doctor.probe.keras_loops import Loops
from losskit.doctor.probe.keras_modes import ModeWatch
from losskit.doctor.probe.keras_numbers import watch_precision
from losskit.doctor.probe.keras_places import (
    ACTIVATION_PLACE,
    INITIALIZER_PLACE,
    PLACE,
    argument_place,
    argument_value,
    place_of,
    same,
)
from losskit.doctor.probe.keras_schedules import CALLBACKS, STOPPING, watch
from losskit.doctor.probe.keras_steps import listen_to_steps
from losskit.doctor.probe.keras_training import Training
from losskit.doctor.probe.keras_weights import LeftGradients, mark_given, mark_loaded
from losskit.doctor.probe.origins import Origins
from losskit.doctor.probe.seeds import shifted
from losskit.doctor.probe.session import FOLLOWED, Session


def install(session: Session) -> None:
    """Watch what the script builds, compiles, fits and evaluates with Keras from here on."""
    import keras

    backend = keras.backend.backend()
    _note_backend(session, backend)
    _seed(session, backend)
    hooks = Hooks(session, backend)
    loops = Loops(session, hooks.training, backend)
    _note_construction(session, keras, loops)
    watch_precision(session, keras)
    collect_outputs(keras.Layer, keras.losses.Loss, session.places)
    listen_to_steps(keras.Model, backend, hooks.training)
    for name in ("compile", "fit", "evaluate", "train_on_batch"):
        # In the class that has it: a model whose `compile` is not that of Keras's trainer is not compiled when loaded.
        owner = next(cls for cls in keras.Model.__mro__ if name in vars(cls))
        setattr(owner, name, getattr(hooks, name)(vars(owner)[name]))
    keras.optimizers.Optimizer.apply = loops.applied(keras.optimizers.Optimizer.apply)
    loops.watch_calls(keras.losses.Loss)
    session.summaries.append(ModeWatch(session, hooks.training, keras).summary)
    mark_loaded(keras)
    if backend == "torch":
        hooks.training.left_gradients = LeftGradients(session)
    if backend == "tensorflow":
        import tensorflow as tf

        tf.GradientTape.gradient = loops.gradient_taken(tf.GradientTape.gradient)


class Hooks:
    """The methods of `keras.Model` that the script calls, each with what is noted when it does."""

    def __init__(self, session: Session, backend: str) -> None:
        self.session = session
        self.training = Training(session, backend, self._facts)
        self._backend = backend
        self._origins = Origins(session)
        self._compiled: dict[int, CompileCall] = {}
        self._fit = FitSettings()
        self._fitting = 0  # depth of fit calls that run
        self._fitted: weakref.WeakSet[Any] = weakref.WeakSet()  # models that fit has trained
        self._trained_on: Any = None  # the inputs given to fit
        self._validated = False  # fit has had data of its own to validate on
        session.restarts.append(self._forget)

    def _facts(self, model: Any) -> ModelFacts:
        return ModelFacts(self.session, self._backend, model, self._compiled.get(id(model), CompileCall()), self._fit)

    def compile(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def compile(model: Any, *arguments: Any, **named: Any) -> Any:
            call = CompileCall()
            with self.session.budget:
                frame, places = sys._getframe(1), self.session.places
                call = CompileCall(
                    places.here(frame),
                    argument_place(places, frame, "loss", 1),
                    argument_place(places, frame, "optimizer", 0),
                )
                self._compiled[id(model)] = call
                self._note_compiled(call)
            result = method(model, *arguments, **named)
            with self.session.budget:
                given = named.get("optimizer", arguments[0] if arguments else None)
                if not hasattr(given, "apply") and model.optimizer is not None:  # made by Keras, of a name
                    vars(model.optimizer)[PLACE] = call.optimizer
                self.training.compiled_again(model, call)
            return result

        return compile

    def _note_compiled(self, call: CompileCall) -> None:
        for kind, place in (("compile", call.place), ("loss", call.loss), ("optimizer", call.optimizer)):
            self.session.site(kind, place)

    def fit(self, method: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(method)

        @wraps(method)
        def fit(model: Any, *arguments: Any, **named: Any) -> Any:
            with self.session.budget:
                self._next(model)
                self.session.site("fit", self.session.place())
                self.session.site("epochs", argument_place(self.session.places, sys._getframe(1), "epochs", 3))
                bound = signature.bind(model, *arguments, **named)
                self._fit_called(bound.arguments)
                bound.arguments["callbacks"] = _with(bound.arguments.get("callbacks"), epochs_of(self.training))
                arguments, named = bound.args[1:], bound.kwargs
            self._fitting += 1
            try:
                return method(model, *arguments, **named)
            finally:
                self._fitting -= 1
                self._fitted.add(model)

        return fit

    def _next(self, model: Any) -> None:
        """A model that fit has not trained before, after one that it has: that training is over, this one begins."""
        facts = self.training.facts
        if facts is None or facts.model is model or facts.model not in self._fitted or not self.session.step:
            return
        if self._fitting or model in self._fitted or self.session.trainings == FOLLOWED:
            return
        mark_given(facts.model)
        self.session.restart()
        self._note_compiled(self._compiled.get(id(model), CompileCall()))

    def _forget(self) -> None:
        self.training.forget()
        self._origins, self._fit = Origins(self.session), FitSettings()
        self._trained_on, self._validated = None, False

    def _fit_called(self, given: dict[str, Any]) -> None:
        self._trained_on = given.get("x")
        if given.get("y") is None and self._trained_on is not None:
            self._origins.note_given(self._trained_on)
        for position, (role, name) in enumerate((("inputs", "x"), ("targets", "y"), ("weights", "sample_weight"))):
            if given.get(name) is not None:
                self._origins.note(role, *same(given[name]))
                if role != "weights":
                    places, frame = self.session.places, sys._getframe(2)
                    self._origins.note_written(role, frame, argument_value(places, frame, name, position))
        self._validated |= given.get("validation_data") is not None or bool(given.get("validation_split"))
        settings: dict[str, Any] = {}
        if given.get("class_weight") is not None:
            settings["class_weight"] = {str(key): float(value) for key, value in given["class_weight"].items()}
        if given.get("sample_weight") is not None:
            settings["sample_weight"] = True
        self._fit.arguments = settings
        callbacks = given.get("callbacks") or ()
        callbacks = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]
        self._fit.schedulers = tuple(one for one in callbacks if type(one).__name__ in CALLBACKS)
        for stopping in (one for one in callbacks if type(one).__name__ == STOPPING):
            self.session.site("patience", place_of(stopping))
        progress, epochs = self.session.progress, given.get("epochs", 1)
        if isinstance(epochs, int):
            planned = (progress.planned_epochs or 0) + epochs - int(given.get("initial_epoch") or 0)
            self.session.progress = replace(progress, planned_epochs=planned)

    def train_on_batch(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def train_on_batch(model: Any, *arguments: Any, **named: Any) -> Any:
            with self.session.budget:
                self.session.site("fit", self.session.place(), "train_on_batch")
                if self.session.step == 0:
                    places, frame = self.session.places, sys._getframe(1)
                    for position, (role, name) in enumerate((("inputs", "x"), ("targets", "y"))):
                        self._origins.note_written(role, frame, argument_value(places, frame, name, position))
            return method(model, *arguments, **named)

        return train_on_batch

    def evaluate(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """A pass counts as validation inside fit; elsewhere when it is on other data and fit had none of its own."""

        @wraps(method)
        def evaluate(model: Any, *arguments: Any, **named: Any) -> Any:
            counts = False
            with self.session.budget:
                self.session.site("eval", self.session.place())
                inputs = named.get("x", arguments[0] if arguments else None)
                ours = self.training.facts is not None and self.training.facts.model is model
                counts = ours and (self._fitting > 0 or not (self._validated or inputs is self._trained_on))
                if counts:
                    self.training.evaluation_began()
            result = method(model, *arguments, **named)
            if counts:
                self.training.evaluation_ended(_loss_of(result))
            return result

        return evaluate


def epochs_of(training: Training) -> Any:
    """A callback that tells where epochs begin and end."""
    from keras.callbacks import Callback

    class Epochs(Callback):
        async_safe = True  # it looks at no batch: Keras may go on dispatching the others as it would

        def on_train_begin(self, logs: Any = None) -> None:
            training.training_began(self.model)

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            training.epoch_began(self.model)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            training.epoch_ended(self.model)

    return Epochs()


def _with(callbacks: Any, ours: Any) -> Any:
    """The callbacks given to fit, and ours after them."""
    from keras.callbacks import CallbackList

    if isinstance(callbacks, CallbackList):
        callbacks.callbacks.append(ours)
        ours.set_model(callbacks.model)
        return callbacks
    if callbacks is None:
        return [ours]
    return [*callbacks, ours] if isinstance(callbacks, (list, tuple)) else [callbacks, ours]


def _loss_of(result: Any) -> float | None:
    """The loss among what `evaluate` returned."""
    if isinstance(result, dict):
        result = result.get("loss")
    elif isinstance(result, (list, tuple)):
        result = result[0] if result else None
    return None if result is None else float(result)


def _note_backend(session: Session, backend: str) -> None:
    session.versions["keras_backend"] = backend
    module = sys.modules.get(backend)
    if module is not None:
        session.versions[backend] = str(getattr(module, "__version__", "unknown"))


def _note_construction(session: Session, keras: Any, loops: Loops) -> None:
    """Remember the line where each layer, operation, loss and optimizer was constructed, and the models."""
    new = keras.Operation.__new__

    def __new__(cls: Any, *arguments: Any, **named: Any) -> Any:
        instance = new(cls, *arguments, **named)
        with session.budget:
            vars(instance)[PLACE] = session.place()
            if named.get("activation") is not None:
                vars(instance)[ACTIVATION_PLACE] = argument_place(session.places, sys._getframe(1), "activation")
            if named.get("kernel_initializer") is not None:
                place = argument_place(session.places, sys._getframe(1), "kernel_initializer")
                vars(instance)[INITIALIZER_PLACE] = place
            if isinstance(instance, keras.Model):
                loops.models.add(instance)
        return instance

    keras.Operation.__new__ = __new__
    watch(keras, lambda method: _noting(session, method, lambda _: None))
    for penalty in (keras.regularizers.L1, keras.regularizers.L2, keras.regularizers.L1L2):
        penalty.__init__ = _noting(session, penalty.__init__, lambda _: None)
    optimizer, loss = keras.optimizers.Optimizer, keras.losses.Loss
    optimizer.__init__ = _noting(session, optimizer.__init__, lambda _: session.claim("keras"))
    loss.__init__ = _noting(session, loss.__init__, lambda one: loops.watch_calls(type(one)))


def _noting(session: Session, method: Callable[..., None], then: Callable[[Any], object]) -> Callable[..., None]:
    """A constructor that keeps the line it was called from."""

    @wraps(method)
    def __init__(self: Any, *arguments: Any, **named: Any) -> None:
        with session.budget:
            vars(self)[PLACE] = session.places.constructor(self)
            then(self)
        method(self, *arguments, **named)

    return __init__


def _seed(session: Session, backend: str) -> None:
    """TensorFlow's own seed; those of Python, NumPy and torch are shifted already, and Keras draws from them."""
    if session.seed_offset is not None and backend == "tensorflow":
        import tensorflow as tf

        tf.random.set_seed(session.seed_offset)
        tf.random.set_seed = shifted(tf.random.set_seed, session.seed_offset)


__all__ = ["install"]

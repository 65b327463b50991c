"""In which mode a Keras model is called, where dropout or batch normalisation make that matter."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import numpy as np

from losskit.doctor.probe.keras_arrays import array_of
from losskit.doctor.probe.keras_loops import is_concrete
from losskit.doctor.probe.keras_places import step_line
from losskit.doctor.probe.keras_training import Training
from losskit.doctor.probe.session import Session
from losskit.recording.facts import Modes, Place

SAMPLES = 3  # of one prediction: two are those of the last epoch, and of the end
_KINDS = ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "BatchNormalization")


class ModeWatch:
    """Listens to the layers themselves: `call` is told by Keras whether it trains. Compiled steps are heard once."""

    def __init__(self, session: Session, training: Training, keras: Any) -> None:
        self._session, self._training = session, training
        self._modes: dict[str, list[bool]] = {}  # kind → whether its calls were in training mode
        self._place: Place | None = None
        self._evaluating = 0  # calls of predict and evaluate that run
        self._normalised: Place | None = None  # where a normalisation is told to train in evaluation
        self._asked = Asked()
        session.restarts.append(self._forget)
        for name in ("predict", "predict_on_batch", "evaluate", "test_on_batch"):
            setattr(keras.Model, name, self._evaluates(getattr(keras.Model, name)))
        for kind in _KINDS:
            cls = getattr(keras.layers, kind)
            if "call" in vars(cls):
                cls.call = self._heard(cls.call)

    def summary(self) -> Iterable[Any]:
        modes = [training for calls in self._modes.values() for training in calls]
        if modes:
            evaluation, asked = not any(modes), self._normalised or self._asked.place
            wrong = asked is not None
            yield Modes(
                layers=tuple(sorted(self._modes)),
                trained=1,
                trained_in_evaluation=int(evaluation),
                first_in_evaluation=evaluation,
                trained_at=self._place,
                evaluated=int(wrong),
                evaluated_in_training=int(wrong),
                evaluated_at=asked,
                decided=wrong,
            )

    def _forget(self) -> None:
        self._modes, self._place, self._normalised, self._asked = {}, None, None, Asked()

    def _heard(self, call: Callable[..., Any]) -> Callable[..., Any]:
        watched = self._training

        @wraps(call)
        def heard(layer: Any, inputs: Any, *arguments: Any, **named: Any) -> Any:
            if watched.inside and watched.phase == "train" and self._session.step < 2:
                training = bool(named.get("training", arguments[0] if arguments else False))
                rate = getattr(layer, "rate", 1)
                if rate and getattr(layer, "trainable", True):
                    self._modes.setdefault(type(layer).__name__, []).append(training)
                    self._place = self._place or step_line(self._session.places, sys._getframe(1))
            elif self._evaluating or (watched.inside and watched.phase == "test") or self._is_asked(layer):
                self._in_evaluation(layer, inputs, bool(named.get("training", arguments[0] if arguments else False)))
            return call(layer, inputs, *arguments, **named)

        return heard

    def _is_asked(self, layer: Any) -> bool:
        """Whether the script calls the trained model itself, and not to train it."""
        facts = self._training.facts
        if self._training.inside or facts is None or not self._session.step or self._session.budget.watching:
            return False
        if facts.by_hand and not _without_gradients(self._training.backend):
            return False
        return any(layer is one for one in facts.model._flatten_layers())

    def _in_evaluation(self, layer: Any, inputs: Any, training: bool) -> None:
        """A normalisation over the batch at hand is never meant; dropout may be kept on, to sample predictions."""
        if not training:
            return
        if type(layer).__name__ != "BatchNormalization":
            if not self._evaluating and is_concrete(inputs, self._training.backend):
                with self._session.budget:
                    self._asked.hear(layer, array_of(inputs), self._session.step, self._session.place())
        elif self._normalised is None:
            self._normalised = self._session.place()

    def _evaluates(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def evaluates(*arguments: Any, **named: Any) -> Any:
            self._evaluating += 1
            try:
                return function(*arguments, **named)
            finally:
                self._evaluating -= 1

        return evaluates


class Asked:
    """Hears of dropout at work in what a script asks its trained model. The same inputs again and again between two
    steps are predictions that are sampled on purpose."""

    def __init__(self) -> None:
        self._place: Place | None = None
        self._sampled = False
        self._layer: Any = None  # the first of the model, whose inputs are the same for the same data
        self._step, self._known = 0, Counter[tuple[tuple[int, ...], float]]()

    @property
    def place(self) -> Place | None:
        """Where the model is asked; None where it samples."""
        return None if self._sampled else self._place

    def hear(self, layer: Any, inputs: np.ndarray, step: int, place: Place | None) -> None:
        self._layer = self._layer or layer
        if layer is not self._layer:
            return
        if step != self._step:
            self._step, self._known = step, Counter()
        known = inputs.shape, float(inputs.sum(dtype=np.float64))
        self._known[known] += 1
        self._sampled |= self._known[known] >= SAMPLES
        self._place = self._place or place


def _without_gradients(backend: str) -> bool:
    if backend != "torch":
        return False
    import torch

    return not torch.is_grad_enabled()


__all__ = ["ModeWatch"]

"""In which mode a Keras model is called, where dropout or batch normalisation make that matter."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from losskit.doctor.probe.keras_places import step_line
from losskit.doctor.probe.keras_training import Training
from losskit.doctor.probe.session import Session
from losskit.recording.facts import Modes, Place

_KINDS = ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "BatchNormalization")


class ModeWatch:
    """Listens to the layers themselves: `call` is told by Keras whether it trains. Compiled steps are heard once."""

    def __init__(self, session: Session, training: Training, keras: Any) -> None:
        self._session, self._training = session, training
        self._modes: dict[str, list[bool]] = {}  # kind → whether its calls were in training mode
        self._place: Place | None = None
        self._evaluating = 0  # calls of predict and evaluate that run
        self._normalised: Place | None = None  # where a normalisation is told to train in evaluation
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
            evaluation, wrong = not any(modes), self._normalised is not None
            yield Modes(
                layers=tuple(sorted(self._modes)),
                trained=1,
                trained_in_evaluation=int(evaluation),
                first_in_evaluation=evaluation,
                trained_at=self._place,
                evaluated=int(wrong),
                evaluated_in_training=int(wrong),
                evaluated_at=self._normalised,
                decided=wrong,
            )

    def _forget(self) -> None:
        self._modes, self._place, self._normalised = {}, None, None

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
            elif self._evaluating or (watched.inside and watched.phase == "test") or self._asked(layer):
                self._in_evaluation(layer, bool(named.get("training", arguments[0] if arguments else False)))
            return call(layer, inputs, *arguments, **named)

        return heard

    def _asked(self, layer: Any) -> bool:
        """Whether the script calls the trained model itself, and wants no gradient of it."""
        facts = self._training.facts
        if self._training.inside or facts is None or self._training.backend != "torch" or not self._session.step:
            return False
        import torch

        return not torch.is_grad_enabled() and any(layer is one for one in facts.model._flatten_layers())

    def _in_evaluation(self, layer: Any, training: bool) -> None:
        """Dropout may be kept on purpose, to sample predictions; a normalisation over the batch at hand is not."""
        if training and type(layer).__name__ == "BatchNormalization" and self._normalised is None:
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


__all__ = ["ModeWatch"]

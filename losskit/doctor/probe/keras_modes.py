"""In which mode a Keras model is called in its training step, where dropout or batch normalisation make that matter."""

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
        for kind in _KINDS:
            cls = getattr(keras.layers, kind)
            if "call" in vars(cls):
                cls.call = self._heard(cls.call)

    def summary(self) -> Iterable[Any]:
        modes = [training for calls in self._modes.values() for training in calls]
        if modes:
            evaluation = not any(modes)
            yield Modes(
                layers=tuple(sorted(self._modes)),
                trained=1,
                trained_in_evaluation=int(evaluation),
                first_in_evaluation=evaluation,
                trained_at=self._place,
            )

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
            return call(layer, inputs, *arguments, **named)

        return heard


__all__ = ["ModeWatch"]

"""What changes the learning rate in a Keras script: a schedule given to the optimizer, or a callback of fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from losskit.doctor.probe.keras_places import place_of
from losskit.recording.facts import ScheduleFacts

CALLBACKS = ("LearningRateScheduler", "ReduceLROnPlateau")
STOPPING = "EarlyStopping"
_CALLBACK_SETTINGS = ("monitor", "mode", "factor", "patience", "min_lr", "min_delta", "cooldown")


def watch(keras: Any, noting: Callable[[Callable[..., None]], Callable[..., None]]) -> None:
    """Let the constructors of schedules keep the line they were called from."""
    schedules = keras.optimizers.schedules
    found = [cls for cls in vars(schedules).values() if isinstance(cls, type)]
    for cls in [*found, *(getattr(keras.callbacks, name) for name in (*CALLBACKS, STOPPING))]:
        if "__init__" in vars(cls):
            cls.__init__ = noting(cls.__init__)


def schedule_facts(optimizer: Any, callbacks: Iterable[Any] = ()) -> ScheduleFacts | None:
    """The schedule that the optimizer was given, else the callback that sets its rate; None for a constant rate."""
    schedule = getattr(optimizer, "_learning_rate", None)
    if schedule is not None and hasattr(schedule, "get_config"):
        config = schedule.get_config()
        return ScheduleFacts(type(schedule).__name__, place_of(schedule), _plain(config))
    for callback in callbacks:
        settings = {name: getattr(callback, name) for name in _CALLBACK_SETTINGS if hasattr(callback, name)}
        return ScheduleFacts(type(callback).__name__, place_of(callback), _plain(settings))
    return None


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if isinstance(value, (bool, int, float, str, list, tuple))}


__all__ = ["CALLBACKS", "STOPPING", "schedule_facts", "watch"]

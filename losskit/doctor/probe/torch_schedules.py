"""What changes the learning rate in a PyTorch script, and optimizers that are constructed again and again."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import torch
from torch.optim import Optimizer, lr_scheduler

from losskit.doctor.probe.replaced import Replaced
from losskit.doctor.probe.session import Session
from losskit.recording.facts import Place, ScheduleFacts

_PLAIN = (bool, int, float, str, list, tuple)
_INTERNAL = ("last_epoch", "base_lrs", "num_bad_epochs", "best", "cooldown_counter", "verbose", "mode_worse", "T_cur")


@dataclass
class _Stepped:
    """How often a schedule was stepped, and from where first."""

    count: int = 0
    place: Place | None = None


class Schedules:
    """Follows learning-rate schedules: what they are, how often and where they are stepped."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._of: dict[int, tuple[ScheduleFacts, _Stepped]] = {}  # by the id of the optimizer: its last schedule
        self._steps: weakref.WeakKeyDictionary[Any, _Stepped] = weakref.WeakKeyDictionary()

    def watch(self, replaced: Replaced) -> None:
        for cls in vars(lr_scheduler).values():
            if isinstance(cls, type) and not issubclass(cls, Optimizer) and "step" in vars(cls):
                replaced.put(cls, "step", self._counted(vars(cls)["step"]))

    def made(self, schedule: Any, optimizer: Optimizer, place: Place | None) -> None:
        """A constructor has ended; the step that it makes by itself does not count."""
        stepped = self._steps[schedule] = _Stepped()
        facts = ScheduleFacts(type(schedule).__name__, place, _settings(schedule, optimizer))
        self._of[id(optimizer)] = facts, stepped

    def of(self, key: int) -> ScheduleFacts | None:
        """The schedule of the optimizer with that id."""
        if key not in self._of:
            return None
        facts, stepped = self._of[key]
        return ScheduleFacts(facts.kind, facts.place, facts.settings, stepped.count, stepped.place)

    def _counted(self, step: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(step)
        def counted(schedule: Any, *args: Any, **kwargs: Any) -> Any:
            stepped = self._steps.get(schedule)
            if stepped is not None and not self._session.closed:
                stepped.count += 1
                if stepped.place is None or isinstance(schedule, lr_scheduler.ReduceLROnPlateau):
                    with self._session.budget:
                        self._first(stepped, schedule, args, kwargs)
            return step(schedule, *args, **kwargs)

        return counted

    def _first(self, stepped: _Stepped, schedule: Any, args: Any, kwargs: Any) -> None:
        stepped.place = stepped.place or self._session.place()
        if isinstance(schedule, lr_scheduler.ReduceLROnPlateau):
            self._session.measure("schedule/metric", _number(args[0] if args else kwargs["metrics"]))


class Remade:
    """Tells an optimizer that is constructed at the same line over the same parameters as one before."""

    def __init__(self) -> None:
        self._known: dict[tuple[Place | None, int], tuple[weakref.ref[torch.Tensor], int, int]] = {}

    def made(self, optimizer: Optimizer, place: Place | None) -> tuple[int, int | None]:
        """(times made until now, the id of the one before)."""
        first = next((p for group in optimizer.param_groups for p in group["params"]), None)
        if first is None:
            return 1, None
        reference, times, before = self._known.get((place, id(first)), (None, 0, None))
        if reference is None or reference() is not first:
            times, before = 0, None
        self._known[place, id(first)] = weakref.ref(first), times + 1, id(optimizer)
        return times + 1, before


def _settings(schedule: Any, optimizer: Optimizer) -> dict[str, Any]:
    """The numbers and words a schedule was given; the peak that a cycle gives the optimizer."""
    settings = {
        name: value
        for name, value in vars(schedule).items()
        if not name.startswith("_") and name not in _INTERNAL and isinstance(value, _PLAIN)
    }
    if isinstance(getattr(schedule, "milestones", None), dict):  # a Counter
        settings["milestones"] = sorted(_numbers(schedule.milestones))
    peak = optimizer.param_groups[0].get("max_lr")
    if isinstance(peak, (int, float)):
        settings["max_lr"] = float(peak)
    return settings


def _number(value: Any) -> float:
    return float(value.detach() if isinstance(value, torch.Tensor) else value)


def _numbers(values: Iterable[Any]) -> list[float]:
    return [value for value in values if isinstance(value, (int, float))]


__all__ = ["Remade", "Schedules"]

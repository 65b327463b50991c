"""Steps that are only counted: hooks write one entry each into a log, which is read on waking."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch.optim import Optimizer

from losskit.doctor.probe.session import Session

INFINITY = float("inf")
Value = float | torch.Tensor


class Slept(NamedTuple):
    """What a log says. Optimizers are named by their ids; the value of a step is what backward was called on in it."""

    steps: dict[int, int]  # by optimizer
    rates: list[tuple[int, int, float]]  # (step, optimizer, rate) where an optimizer's rate changed
    losses: list[tuple[int, int, Value]]  # (step, optimizer, value)
    unfinished: list[Value]  # of a step that is not over
    trained_on: list[Any]  # data sets
    yielded: list[Any]  # the data set of the last batch, when nothing was trained on it yet


class Asleep:
    """Between two looks each backward and each step costs about a microsecond: what they mean is found out on waking.

    An entry of the log is the value that backward was called on, a step as (optimizer, rate), or [data set], of which a
    loader has yielded a batch.
    """

    def __init__(self, session: Session) -> None:
        self.left = 0  # coming steps that are only counted
        self.log: list[Value | tuple[Optimizer, float] | list[Any]] = []
        self._session = session
        self._step = 0  # at which the log begins

    def begin(self, steps: int) -> None:
        self.left, self._step = steps, self._session.step

    def backward(self, value: Any) -> bool:
        """Log the value that backward is called on; False when it must be looked at after all."""
        try:
            if value.is_cpu:
                number = value.item()
                if -INFINITY < number < INFINITY:
                    self.log.append(number)
                    return True
            elif value.numel() == 1:
                self.log.append(value.detach())  # to be read later, together with others
                return True
        except (AttributeError, RuntimeError, TypeError):  # several values
            pass
        return False

    def stepped(self, optimizer: Optimizer) -> None:
        self.log.append((optimizer, optimizer.param_groups[0].get("lr", 0.0)))
        self.left -= 1
        self._session.step += 1

    def wake(self) -> Slept:
        """Everything that happened in between."""
        log, self.log, self.left = self.log, [], 0
        slept = Slept({}, [], [], [], [], [])
        step, steps, rates = self._step, slept.steps, dict[int, float]()
        value: Value | None = None
        for entry in log:
            if type(entry) is tuple:
                optimizer, rate = entry
                key = id(optimizer)
                steps[key] = steps.get(key, 0) + 1
                if rates.get(key) != rate:
                    rates[key] = rate
                    slept.rates.append((step, key, float(rate)))
                if value is not None:
                    slept.losses.append((step, key, value))
                    value = None
                step += 1
            elif type(entry) is list:
                slept.yielded[:] = entry
            else:
                value = entry if value is None else value + entry  # pyright: ignore[reportOperatorIssue, reportAssignmentType]
                if slept.yielded:
                    slept.trained_on.append(slept.yielded.pop())
        if value is not None:
            slept.unfinished.append(value)
        return slept


__all__ = ["Asleep"]

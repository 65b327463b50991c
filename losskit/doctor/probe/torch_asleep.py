"""Steps that are only counted: hooks write one entry each into a log, which is read on waking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch.optim import Optimizer

from losskit.doctor.probe.session import Session

INFINITY = float("inf")


class Step(NamedTuple):
    """One step as it is read from the log: its number, and the values that backward was called on in it."""

    number: int
    optimizer: Optimizer
    rate: float
    losses: list[float | torch.Tensor]


class Asleep:
    """Between two looks each backward and each step costs a microsecond: what they mean is found out on waking."""

    def __init__(self, session: Session) -> None:
        self.left = 0  # coming steps that are only counted
        self._session = session
        self._log: list[float | torch.Tensor | tuple[Optimizer, float]] = []
        self._step = 0  # at which the log begins

    def begin(self, steps: int) -> None:
        self.left, self._step = steps, self._session.step

    def backward(self, value: object, in_step: bool) -> bool:
        """Log the value that backward is called on; False when it must be looked at after all.

        Of the calls of a closure in one step the first counts.
        """
        if type(value) is not torch.Tensor or value.numel() != 1:
            return False
        if not in_step or not self._log or type(self._log[-1]) is tuple:
            if not value.is_cpu:  # to be read later, together with others
                self._log.append(value.detach())
                return True
            number = value.item()
            if not -INFINITY < number < INFINITY:
                return False
            self._log.append(number)
        return True

    def stepped(self, optimizer: Optimizer) -> None:
        self._log.append((optimizer, optimizer.param_groups[0].get("lr", 0.0)))
        self._session.step += 1
        self.left -= 1

    def wake(self) -> Iterator[Step | float | torch.Tensor]:
        """The steps that were counted, and then the values of a step that is not over."""
        log, self._log, self.left = self._log, [], 0
        number, losses = self._step, list[float | torch.Tensor]()
        for entry in log:
            if isinstance(entry, tuple):
                yield Step(number, *entry, losses)
                number, losses = number + 1, []
            else:
                losses.append(entry)
        yield from losses


__all__ = ["Asleep", "Step"]

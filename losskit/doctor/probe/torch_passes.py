"""Where evaluation passes of a PyTorch script begin and end: at its guards, and where it sets the mode of a model."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import torch
from torch import nn

from losskit.doctor.probe.replaced import Replaced
from losskit.doctor.probe.session import Allowance, Session
from losskit.doctor.probe.torch_data import Pairs
from losskit.doctor.probe.torch_guards import Guards
from losskit.doctor.probe.torch_losses import Losses
from losskit.doctor.probe.torch_modes import ModeWatch
from losskit.doctor.probe.torch_provenance import Provenance

FIRST_PASSES = 3  # that are looked at whatever they cost
PART = 1 / 2  # of the budget may go to evaluation passes


@dataclass
class Moment:
    """What the script is doing."""

    looked_at: bool = True  # the coming step
    in_step: bool = False
    in_backward: bool = False


class Passes:
    """Hears of passes. `wake` reads what was logged until now."""

    def __init__(
        self,
        session: Session,
        now: Moment,
        provenance: Provenance,
        losses: Losses,
        pairs: Pairs,
        modes: ModeWatch,
        wake: Callable[[], None],
    ) -> None:
        self._session, self._now, self._provenance = session, now, provenance
        self._losses, self._pairs, self._modes, self._wake = losses, pairs, modes, wake
        self._guards = Guards(session)
        self._evaluating = False
        self._count = 0
        self._allowance = Allowance(session.budget, PART)
        self._setting_mode = False

    def watch(self, replaced: Replaced) -> None:
        for guard in (torch.no_grad, torch.inference_mode):
            replaced.put(guard, "__enter__", self._around_enter(guard.__enter__))
        replaced.put(nn.Module, "train", self._around_train(nn.Module.train))

    def step_ended(self) -> None:
        """The script trains: a pass is over."""
        self._guards.end_pass(self._pairs.evaluated_held_out)
        self._evaluating = False
        self._allowance.end()

    def _around_enter(self, enter: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(enter)
        def entering(guard: Any) -> Any:
            busy = self._evaluating or self._now.in_step or self._now.in_backward or torch.compiler.is_compiling()
            if not busy and self._guards.heard(sys._getframe(1)) and not self._session.closed_to("torch"):
                with self._session.budget:
                    self._begin()
            return enter(guard)

        return entering

    def _around_train(self, train: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(train)
        def set_mode(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
            if self._setting_mode or torch.compiler.is_compiling():  # a module sets those in it
                return train(module, *args, **kwargs)
            self._setting_mode = True
            try:
                return train(module, *args, **kwargs)
            finally:
                self._setting_mode = False
                with self._session.budget:
                    self._mode_set(module)

        return set_mode

    def _mode_set(self, module: nn.Module) -> None:
        if self._session.closed_to("torch"):
            return
        if module.training:
            if self._provenance.on and not self._now.looked_at:  # the pass is over
                self._provenance.stop()
            return
        frame = self._session.places.frame(sys._getframe(2))
        if frame is not None and not self._evaluating and self._guards.heard(frame):
            place = self._session.place()
            self._session.site("eval", place)
            self._modes.evaluation_set(place)
            self._begin()

    def _begin(self) -> None:
        """A pass may begin. Its calls of loss functions are always heard; its comparisons, which take the function mode
        to be seen, if there is time, and in a trial."""
        self._evaluating = True
        self._wake()
        self._count += 1
        self._modes.pass_begins()
        self._pairs.begin_pass()
        self._losses.listening = True
        due = self._count <= FIRST_PASSES or self._session.in_trial or self._allowance.due(self._count)
        if due and self._pairs.only_compared and not self._provenance.on:
            self._allowance.begin(self._count)
            self._provenance.start()


__all__ = ["Moment", "Passes"]

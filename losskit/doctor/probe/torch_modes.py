"""In which mode a torch model is trained and evaluated, where dropout or batch normalisation make that matter."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.dropout import _DropoutNd

from losskit.doctor.probe.blocks import guard_around, loop_around
from losskit.doctor.probe.replaced import Replaced
from losskit.doctor.probe.session import Session
from losskit.doctor.probe.torch_data import Pairs
from losskit.doctor.probe.torch_model import Model
from losskit.recording.facts import Modes, Place


class ModeWatch:
    """Looks at the mode at the first step, at the first after each evaluation pass, and when a pass calls the model."""

    def __init__(self, session: Session, model: Model, pairs: Pairs) -> None:
        self._session, self._model, self._pairs = session, model, pairs
        self._modes = Modes()
        self._trained: dict[nn.Module, list[nn.Module]] = {}  # roots that an optimizer holds → their layers with modes
        self._due = True  # to look at the coming step
        self._handles: list[Any] = []
        self._evaluated_on: Any = None  # what the model was called with in this pass
        self._set_at: Place | None = None  # where the model was set to evaluation mode
        model.construction_listeners.append(self.made_in_forward)

    def watch(self, replaced: Replaced) -> None:
        replaced.put(nn.functional, "dropout", self._around_dropout(nn.functional.dropout))

    def stepped(self, optimizer: torch.optim.Optimizer) -> None:
        if not self._due:
            return
        self._due = False
        self.let_go()
        held = {id(p) for group in optimizer.param_groups for p in group["params"]}
        roots = [root for root in self._model.roots if any(id(p) in held for p in root.parameters())]
        for root in roots:  # not one trained before, which may be a teacher by now
            if root not in self._trained:
                self._trained[root] = [module for module in root.modules() if _has_modes(module)]
        layers = [layer for root in roots for layer in self._trained[root]]
        if not layers:
            return
        modes = self._modes
        evaluation = not any(layer.training for layer in layers) and not any(root.training for root in roots)
        self._modes = replace(
            modes,
            layers=tuple(sorted({type(layer).__name__ for layer in layers})),
            trained=modes.trained + 1,
            trained_in_evaluation=modes.trained_in_evaluation + evaluation,
            first_in_evaluation=evaluation if modes.trained == 0 else modes.first_in_evaluation,
        )

    def evaluation_set(self, place: Place | None) -> None:
        self._set_at = self._set_at or place

    def pass_begins(self) -> None:
        """An evaluation pass may begin: see in which mode the model is called in it."""
        self._due = True
        if not self._handles:
            self._evaluated_on = None
            self._handles = [root.register_forward_pre_hook(self._called) for root in self._trained]

    def made_in_forward(self, module: nn.Module) -> None:
        """A dropout layer that is new each time it is used knows nothing of the model's mode."""
        if isinstance(module, _DropoutNd) and self._modes.functional is None:
            self._modes = replace(self._modes, functional=self._session.place())

    def summary(self) -> Iterable[Any]:
        place = self._model.called_at
        if place is not None and self._modes.trained:
            lines = [place.line] + ([self._set_at.line] if self._set_at and self._set_at.file == place.file else [])
            path = self._session.places.path(place)
            loop = loop_around(path, *lines) or loop_around(path, place.line)
            self._modes = replace(self._modes, trained_at=place if loop is None else Place(place.file, loop))
        if self._modes.layers or self._modes.functional:
            yield replace(self._modes, decided=self._pairs.decided)

    def _called(self, root: nn.Module, arguments: tuple[Any, ...]) -> None:
        with self._session.budget:
            if torch.is_grad_enabled() and root.training:  # training goes on: no pass was made
                self.let_go()
                return
            again = self._evaluated_on is not None and arguments and arguments[0] is self._evaluated_on
            training = root.training and any(layer.training for layer in self._trained[root])
            modes = self._modes
            if again and training:  # called twice with the same: dropout is on for the sake of its randomness
                self.let_go()
                self._modes = replace(modes, evaluated_in_training=modes.evaluated_in_training - 1)
            elif self._evaluated_on is not None:
                self.let_go()
            elif arguments:
                self._evaluated_on = arguments[0]
                self._modes = replace(
                    modes,
                    evaluated=modes.evaluated + 1,
                    evaluated_in_training=modes.evaluated_in_training + training,
                    evaluated_at=self._pass_place() if training else modes.evaluated_at,
                )

    def _pass_place(self) -> Place | None:
        """Where the pass that runs begins: before it the mode should have been set."""
        place = self._session.place()
        return None if place is None else guard_around(self._session.places.path(place), place)

    def let_go(self) -> None:
        """Stop listening to the calls of an evaluation pass."""
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def _around_dropout(self, function: Callable[..., Any]) -> Callable[..., Any]:
        session, model = self._session, self._model

        @wraps(function)
        def dropout(input: Any, *arguments: Any, **named: Any) -> Any:
            unsaid = len(arguments) < 2 and "training" not in named
            if unsaid and model.roots and not model.training and not torch.compiler.is_compiling():
                frame = sys._getframe(1)
                if self._modes.functional is None and session.places.is_users(frame.f_code):
                    self._modes = replace(self._modes, functional=session.places.of(frame))
            return function(input, *arguments, **named)

        return dropout


def _has_modes(module: nn.Module) -> bool:
    if isinstance(module, _DropoutNd):
        return module.p > 0
    return isinstance(module, _NormBase) and module.track_running_stats


__all__ = ["ModeWatch"]

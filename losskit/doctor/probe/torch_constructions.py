"""What a PyTorch script constructs, and where: layers, optimizers, schedules, loaders, data sets."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from torch.utils.data import DataLoader, TensorDataset

from losskit.doctor.probe.origins import Origins
from losskit.doctor.probe.replaced import Replaced
from losskit.doctor.probe.session import Session
from losskit.doctor.probe.torch_model import Model
from losskit.doctor.probe.torch_optimizers import Optimizers
from losskit.doctor.probe.torch_provenance import same
from losskit.doctor.probe.torch_schedules import Schedules
from losskit.recording.facts import Place


class Constructions:
    """Hooks on constructors. `optimizer_made` is called after each optimizer's, `grown` when a line makes a layer for
    the first time after one: training goes on with another model. `another` is asked at each optimizer whether it
    begins another training, of which it hears then."""

    def __init__(
        self,
        session: Session,
        model: Model,
        optimizers: Optimizers,
        schedules: Schedules,
        origins: Origins,
        optimizer_made: Callable[[], None],
        grown: Callable[[], None],
        another: Callable[[Optimizer], bool],
    ) -> None:
        self._session, self._model, self._origins = session, model, origins
        self._optimizers, self._schedules, self._then = optimizers, schedules, optimizer_made
        self._grown, self._another = grown, another

    def watch(self, replaced: Replaced) -> None:
        self._put(replaced, nn.Module, self._module, first=True)
        self._put(replaced, Optimizer, self._optimizer)
        for schedule in (LRScheduler, ReduceLROnPlateau):
            self._put(replaced, schedule, self._scheduler)
        self._put(replaced, DataLoader, lambda loader, *_, **__: self._constructed(loader, "loader"))
        self._put(replaced, TensorDataset, self._dataset)

    def _module(self, module: nn.Module, *args: Any, **kwargs: Any) -> None:
        place = self._model.constructed(module)
        if self._optimizers and self._session.site("late", place, type(module).__name__):
            self._model.weights.watch()
            self._grown()

    def _optimizer(self, optimizer: Optimizer, *args: Any, **kwargs: Any) -> None:
        if not self._another(optimizer):
            self.optimizer(optimizer)

    def optimizer(self, optimizer: Optimizer) -> None:
        """An optimizer's constructor has run."""
        self._optimizers.made(optimizer, self._constructed(optimizer, "optimizer"))
        self._then()

    def _scheduler(self, scheduler: Any, optimizer: Optimizer, *args: Any, **kwargs: Any) -> None:
        self._schedules.made(scheduler, optimizer, self._constructed(scheduler, "scheduler"))
        self._optimizers.scheduled(optimizer, type(scheduler).__name__)

    def _dataset(self, dataset: TensorDataset, *tensors: torch.Tensor) -> None:
        place = self._session.places.constructor(dataset)
        for role, tensor in zip(("inputs", "targets"), tensors, strict=False):
            self._origins.keep(id(dataset), role, place, *same(tensor))

    def _constructed(self, thing: Any, kind: str) -> Place | None:
        """The line that asked for `thing`, of which a constructor is running."""
        place = self._session.places.constructor(thing)
        self._session.site(kind, place, type(thing).__name__)
        return place

    def _put(self, replaced: Replaced, cls: type, hook: Callable[..., Any], first: bool = False) -> None:
        """Call `hook` after (or before) the constructor of a class."""
        construct, session = cls.__init__, self._session

        @wraps(construct)
        def constructor(*args: Any, **kwargs: Any) -> None:
            if torch.compiler.is_compiling() or session.closed_to("torch"):
                construct(*args, **kwargs)
                return
            if first:
                with session.budget:
                    hook(*args, **kwargs)
                construct(*args, **kwargs)
                return
            construct(*args, **kwargs)
            with session.budget:
                hook(*args, **kwargs)

        replaced.put(cls, "__init__", constructor)


__all__ = ["Constructions"]

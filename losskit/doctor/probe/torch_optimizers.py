"""The optimizers of a PyTorch script: how they were made, what they hold, how often they stepped."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from dataclasses import replace

import torch
from torch.optim import Optimizer

from losskit.doctor.probe.torch_schedules import Remade
from losskit.recording.facts import OptimizerFacts, Place


class Optimizers:
    """Those that are made, by their ids; `primary` is the one that stepped first: `loss` and `rate` are its."""

    def __init__(self) -> None:
        self.primary: int | None = None
        self._known: dict[int, tuple[weakref.ref[Optimizer], OptimizerFacts]] = {}
        self._steps: dict[int, int] = {}
        self._remade = Remade()

    def __bool__(self) -> bool:
        return bool(self._known)

    def __iter__(self) -> Iterator[Optimizer]:
        """Those that are still there."""
        return (one for reference, _ in self._known.values() if (one := reference()) is not None)

    def made(self, optimizer: Optimizer, place: Place | None) -> None:
        groups = optimizer.param_groups
        given = optimizer.defaults | (groups[0] if len(groups) == 1 else {})
        settings = {k: v for k, v in given.items() if isinstance(v, (bool, int, float, str, tuple))}
        held = sum(p.numel() for group in groups for p in group["params"])
        times, before = self._remade.made(optimizer, place)
        if before is not None and before != id(optimizer):  # it goes on where that one was
            self._known.pop(before, None)
            self._steps[id(optimizer)] = self._steps.pop(before, 0)
            self.primary = id(optimizer) if self.primary == before else self.primary
        facts = OptimizerFacts(type(optimizer).__name__, place, settings, held, made=times)
        self._known[id(optimizer)] = (weakref.ref(optimizer), facts)

    def scheduled(self, optimizer: Optimizer, kind: str) -> None:
        if id(optimizer) in self._known:
            reference, facts = self._known[id(optimizer)]
            self._known[id(optimizer)] = (reference, replace(facts, scheduler=kind))

    @property
    def places(self) -> set[Place | None]:
        """The lines that made them."""
        return {facts.place for _, facts in self._known.values()}

    @property
    def steps(self) -> int:
        """That the primary one has made."""
        return self._steps.get(self.primary or 0, 0)

    def stepped(self, key: int, steps: int = 1) -> None:
        self._steps[key] = self._steps.get(key, 0) + steps

    def facts(self, trainable: Iterable[tuple[str, torch.Tensor]]) -> Iterator[tuple[int, OptimizerFacts]]:
        """(id, facts) of each; missing is what is trainable and none of them holds."""
        held = {id(p) for optimizer in self for group in optimizer.param_groups for p in group["params"]}
        missing = tuple(name for name, p in trainable if id(p) not in held) if held else ()
        for key, (_, facts) in self._known.items():
            yield key, replace(facts, steps=self._steps.get(key, 0), missing=missing)


__all__ = ["Optimizers"]

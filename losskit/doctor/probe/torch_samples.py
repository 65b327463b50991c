"""The sample of pairs of a torch script: what the model is given, and the targets that the loss then is."""

from __future__ import annotations

import weakref
from collections.abc import Hashable, Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.utils.data import Dataset

from losskit.doctor.probe.samples import Samples, rows
from losskit.doctor.probe.session import Session
from losskit.doctor.probe.torch_model import Model
from losskit.doctor.probe.torch_provenance import Provenance, source
from losskit.doctor.probe.torch_tensors import numpy
from losskit.recording.facts import DataFacts

SEARCHED = 1 << 22  # entries of an array that is searched for numbers that are not finite
DEEP = 3  # data sets within data sets
PASSES = 3  # evaluation passes that are heard, to meet data that is held out
IGNORED = -100  # what PyTorch's losses leave out


class TorchSamples:
    """Pairs of training come from steps that are looked at, pairs of evaluation from the first pass over each source.

    Only during such a pass a hook hears what the model is given. `data` is what batches are taken from.
    """

    def __init__(self, session: Session, provenance: Provenance, model: Model, data: list[weakref.ref[Any]]) -> None:
        self._session, self._provenance, self._model = session, provenance, model
        self._samples = Samples()
        self._given: np.ndarray | None = None  # rows the model was given, until the loss is called
        self._times = 0  # that it was given some, until then
        self._hook: Any = None
        self._passed: set[Hashable] = set()  # sources whose first pass is over
        self._in_pass: set[Hashable] = set()
        self._passes = 0
        self._data, self._searched = data, 0
        model.input_listeners.append(self._trains_on)
        session.summaries.append(self._summary)

    def _trains_on(self, tensor: torch.Tensor) -> None:
        """The model is given this in training."""
        self._times += self._model.tensors_given
        if self._samples.full or tensor.ndim == 0:
            return
        if not self._data and self._provenance.on:
            origin = source(self._provenance.node(tensor)).reference()
            self._data.append(weakref.ref(tensor if origin is None else origin))
        self._given = rows(numpy(tensor.detach().flatten(1) if tensor.ndim > 1 else tensor.detach()))

    def trained(self, target: torch.Tensor) -> None:
        """The loss of what was given last."""
        given, self._given = self._given, None
        several, self._times = self._times > 1, 0
        if given is None or not target.ndim or len(target) != len(given):
            return
        labels = numpy(target)
        if labels.ndim == 1 and (labels == IGNORED).any():
            given, labels = given[labels != IGNORED], labels[labels != IGNORED]
        self._samples.trained(given, labels, several)

    # evaluation
    def begin_pass(self) -> None:
        """Hear what the model is given, unless everything that is evaluated is known."""
        if self._hook is None and self._model.roots and not self._passed and self._passes < PASSES:
            self._passes += 1
            self._hook = register_module_forward_pre_hook(self._evaluates_on)

    def _evaluates_on(self, module: torch.nn.Module, arguments: tuple[Any, ...]) -> None:
        if torch.compiler.is_compiling() or self._session.closed_to("torch"):
            return
        if any(module is root for root in self._model.roots):
            with self._session.budget:
                tensor = next((one for one in arguments if isinstance(one, torch.Tensor)), None)
                self._given = None if tensor is None or tensor.ndim == 0 else rows(numpy(tensor))

    def evaluated(self, source: Hashable, target: torch.Tensor) -> None:
        given, self._given = self._given, None
        if given is not None and source not in self._passed and target.ndim and len(target) == len(given):
            self._in_pass.add(source)
            self._samples.evaluated(source, given, numpy(target))

    def end_pass(self) -> None:
        if self._hook is not None:
            self._hook.remove()
        self._hook = None
        self._times = 0
        self._passed |= self._in_pass
        self._in_pass.clear()

    def _summary(self) -> Iterator[DataFacts | None]:
        if self._session.framework == "torch":
            self._search()
            yield self._samples.facts(self._session.metric.validation_source)

    def _search(self) -> None:
        """Tell of numbers that are not finite in what batches are taken from: not every batch is looked at."""
        new, self._searched = self._data[self._searched :], len(self._data)
        for array in _arrays([reference() for reference in new]):
            total = array.sum()
            if not np.isfinite(float(total)) and not bool(np.isfinite(numpy(torch.as_tensor(array))).all()):
                tensor = "input" if array.ndim > 1 else "target"
                self._session.event("non-finite", f"{tensor} of the data set", tensor=tensor, layer=None)


def _arrays(things: Iterable[Any], depth: int = 0) -> Iterator[Any]:
    """The arrays of real numbers in these, in their attributes, and in the data sets these are parts of."""
    for thing in things:
        if isinstance(thing, torch.Tensor):
            if thing.is_floating_point() and thing.numel() <= SEARCHED:
                yield thing.detach()
        elif isinstance(thing, np.ndarray):
            if thing.dtype.kind == "f" and thing.size <= SEARCHED:
                yield thing
        elif isinstance(thing, Dataset) and depth < DEEP:
            yield from _arrays(vars(thing).values(), depth + 1)
        elif isinstance(thing, tuple) and depth < DEEP:
            yield from _arrays(thing, depth + 1)


__all__ = ["TorchSamples"]

"""Which data a torch script is working on, and its predictions paired with their targets."""

from __future__ import annotations

import weakref
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import Any

import torch
from torch.utils.data import Subset, TensorDataset

from losskit.doctor.probe.origins import Origins
from losskit.doctor.probe.session import Session
from losskit.doctor.probe.torch_model import Model
from losskit.doctor.probe.torch_provenance import RESHAPING, Node, Provenance, memory, reshapings, same, source
from losskit.doctor.probe.torch_samples import TorchSamples
from losskit.doctor.probe.torch_tensors import numpy

TOGETHER = 32  # batches whose metric is computed at once when a step is not looked at
SMALL = 1 << 16  # entries of a prediction that is kept for that
_DRAWN = frozenset(("bernoulli", "multinomial", "poisson", "normal", "argmax", "max", "softmax", "sigmoid"))
_DECISIONS = frozenset(("argmax", "max", "topk", "round", "gt", "ge", "greater", "sign", "heaviside"))


class Data:
    """The loader that yielded last, and which data has been trained on.

    Data is named by its data set when a loader yields it, else by the memory of the tensor the targets come from.
    """

    def __init__(self, session: Session, origins: Origins) -> None:
        self._session, self._origins = session, origins
        self._fresh: int | None = None  # the data set of the last batch, until it is trained on
        self._trained: set[int] = set()
        self._sizes: dict[int, int] = {}
        self._tensors: dict[int, tuple[weakref.ref[torch.Tensor], int, int]] = {}  # with the memory trained on
        self._epochs: dict[int, int] = {}
        self._batch: tuple[int, int] | None = None  # rows of a batch, and of the tensor it was taken from
        self.taken_from: list[weakref.ref[Any]] = []  # the data sets of loaders, and the tensor of the first inputs

    def yielded(self, dataset: Any) -> None:
        self._fresh = id(dataset)
        if self._fresh not in self._sizes and hasattr(dataset, "__len__"):
            self._sizes[self._fresh] = len(dataset)
            with suppress(TypeError):  # a list, which nothing can point at without holding it
                self.taken_from.append(weakref.ref(dataset))
            if not isinstance(dataset, TensorDataset):  # which is known since it was made
                self._origins.keep_held(self._fresh, dataset.dataset if isinstance(dataset, Subset) else dataset)

    def exhausted(self, dataset: Any) -> None:
        """A loader has come to its end: an epoch, when its data is trained on."""
        name = id(dataset)
        self._epochs[name] = self._epochs.get(name, 0) + 1
        if name in self._trained:
            epochs = max(self._epochs[one] for one in self._trained if one in self._epochs)
            self._session.progress = replace(self._session.progress, epochs=epochs)

    def trained(self) -> None:
        """Backward was called: what was yielded last is training data."""
        if self._fresh in self._trained:
            self._fresh = None
        elif self._fresh is not None:
            self._trained.add(self._fresh)
            self._origins.trained_on(self._fresh)
            self._session.metric.forget(self._fresh)
            if self._session.progress.training_samples is None:
                size = self._sizes.get(self._fresh)
                self._session.progress = replace(self._session.progress, training_samples=size)
            self._fresh = None

    def compared(self) -> None:
        """A training loss was called, which may stop the run, with what was yielded last."""
        if self._fresh is not None:
            self._origins.trained_on(self._fresh)

    def is_trained_on(self, source: Hashable) -> bool:
        return source in self._trained

    def trained_with(self, way: list[torch.Tensor], picked: tuple[int, int] | None) -> None:
        """The last of these is training data: the part that the others are views of, or between the rows that were
        picked out of it; all if they are copies made otherwise."""
        target, origin = way[0], way[-1]
        begin, end = memory(origin)
        for tensor in way:
            if begin <= tensor.data_ptr() < end:
                begin, end = memory(tensor)
                if picked is not None and tensor is not target and len(tensor):
                    row = (end - begin) // len(tensor)
                    begin, end = begin + picked[0] * row, min(begin + (picked[1] + 1) * row, end)
                break
        reference, first, last = self._tensors.get(id(origin), (None, begin, end))
        if reference is None or reference() is not origin:
            self._tensors = {key: known for key, known in self._tensors.items() if known[0]() is not None}
            first, last = begin, end
        self._tensors[id(origin)] = (weakref.ref(origin), min(first, begin), max(last, end))
        if origin.ndim and target.ndim and origin.numel():
            _, first, last = self._tensors[id(origin)]
            whole = memory(origin)
            self._batch = (len(target), len(origin) * (last - first) // (whole[1] - whole[0]))

    def count_epochs(self) -> None:
        """Without a loader an epoch is as many steps as it takes to go through the tensor the batches come from."""
        if self._batch is not None and self._batch[0] <= self._batch[1] and not self._sizes:
            progress, (rows, samples) = self._session.progress, self._batch
            epochs = self._session.step * rows // samples
            self._session.progress = replace(progress, training_samples=samples, epochs=epochs)

    def source(self, target: torch.Tensor) -> Hashable:
        """A name for the data of an evaluation batch; "training" when it is data that is trained on."""
        if self._fresh is not None:
            return "training" if self._fresh in self._trained else self._fresh
        begin, end = memory(target)
        for reference, first, last in self._tensors.values():
            origin = reference()
            if origin is not None and origin.device == target.device and begin < last and first < end:
                return "training"
        return "held out"


class Pair:
    """A prediction and its target; of evaluation data its `source`."""

    def __init__(self, prediction: torch.Tensor, target: torch.Tensor, scores: str, source: Hashable) -> None:
        self.prediction, self.target = prediction.detach(), target.detach()
        self.scores, self.source = scores, source
        self._versions = _version(prediction), _version(target)

    def like(self, other: Pair) -> bool:
        """Whether the two can be put into one batch."""
        one, two = self.prediction, other.prediction
        return (
            one.ndim > 0
            and (one.shape[1:], self.target.shape[1:]) == (two.shape[1:], other.target.shape[1:])
            and (self.scores, self.source) == (other.scores, other.source)
        )

    @property
    def unchanged(self) -> bool:
        """Whether the script has not overwritten them in the meantime."""
        return self._versions == (_version(self.prediction), _version(self.target))


class Pairs:
    """Predictions with their targets, from loss calls and from comparisons, on their way to the task metric."""

    def __init__(self, session: Session, provenance: Provenance, model: Model, data: Data, origins: Origins) -> None:
        self._session, self._provenance, self._model, self._data = session, provenance, model, data
        self._origins = origins
        self._primary: str | None = None  # the loss whose predictions are the task's
        self._self_made: set[str | None] = set()  # losses whose targets the model makes
        self._seen_this_step = False
        self._waiting: list[Pair] = []  # of one source
        self._last_evaluated: weakref.ref[torch.Tensor] | None = None  # the targets of the last pair
        self._losses: dict[Hashable, list[torch.Tensor]] = {}
        self._source: Hashable = None
        self.decided = False  # classes, from predictions that no gradient is asked for
        self._passed_to_loss = False  # are the predictions of evaluation passes
        self._samples = TorchSamples(session, provenance, model, data.taken_from)
        provenance.listeners.append(self._compare)

    def add(self, prediction: torch.Tensor, target: torch.Tensor, scores: str, phase: str, loss: str | None) -> None:
        """A loss was called with these two."""
        if phase == "evaluation":
            self._passed_to_loss = True
            self._evaluate(prediction, target, scores, self._way(target, through_index=False)[-1])
        elif self._own_output(target, loss):
            return
        elif not self._seen_this_step and not target.requires_grad and self._primary in (None, loss or "unnamed"):
            self._primary = loss or "unnamed"
            self._seen_this_step = True
            if self._provenance.on:
                way = self._way(target)
                self._data.compared()
                self._data.trained_with(way, self._picked(target))
                self._origins.note("targets", *same(way[-1]))
                self._samples.trained(target)
            self._wait(Pair(prediction, target, scores, None))

    def _own_output(self, target: torch.Tensor, loss: str | None) -> bool:
        """Whether the targets are what the model itself drew or said (an action, a pseudo-label): no task is told by
        them."""
        if self._provenance.on and self._primary is None:
            node = source(_alone(source(self._provenance.node(target)), target))
            if node.operation in _DRAWN and node.inputs and node.inputs[0].derived:
                self._self_made.add(loss)
        return loss in self._self_made

    def evaluated(self, loss: torch.Tensor) -> None:
        """The value of a loss in an evaluation pass."""
        if loss.numel() == 1 and self._source is not None:
            self._losses.setdefault(self._source, []).append(loss.detach().reshape(()))

    @property
    def only_compared(self) -> bool:
        """Whether the function mode is needed to see evaluation passes: no loss function was called in them so far."""
        return not self._passed_to_loss

    @property
    def evaluated_held_out(self) -> bool:
        """Whether this evaluation pass is one, over data that is not trained on."""
        return self._source not in (None, "training")

    def stepped(self) -> None:
        """The step is over, and with it an evaluation pass that came before it."""
        self._seen_this_step = False
        self._samples.end_pass()
        if self._source is not None:
            self.end_pass()

    def begin_pass(self) -> None:
        """An evaluation pass may begin."""
        self._samples.begin_pass()

    def end_pass(self) -> None:
        self.flush()
        session = self._session
        value = session.metric.end_pass()
        if value is not None:
            session.measure("validation/metric", value)
        losses = self._losses.get(session.metric.validation_source)
        if losses:
            session.measure("validation/loss", float(torch.stack([loss.float() for loss in losses]).mean()))
        self._losses.clear()
        self._last_evaluated = self._source = None
        fact = session.metric.fact()
        if fact is not None and fact.source == "validation":
            session.progress = replace(session.progress, validation_samples=fact.count)

    def _wait(self, pair: Pair) -> None:
        """Give the pair to the metric, with others like it; at once while steps are looked at one by one."""
        if self._waiting and not self._waiting[0].like(pair):
            self.flush()
        self._waiting.append(pair)
        if self._provenance.on or len(self._waiting) >= TOGETHER or pair.prediction.numel() > SMALL:
            self.flush()

    def flush(self) -> None:
        """Give the metric what has been waiting."""
        waiting, self._waiting = [pair for pair in self._waiting if pair.unchanged], []
        if not waiting:
            return
        prediction = _joined([pair.prediction for pair in waiting])
        target = _joined([pair.target for pair in waiting])
        metric, (first, *_) = self._session.metric, waiting
        if first.source is not None:
            source = "training" if self._data.is_trained_on(first.source) else first.source
            metric.evaluate_on(prediction, target, first.scores, source)
        elif (value := metric.train_on(prediction, target, first.scores)) is not None:
            self._session.measure("metric", value)

    def _evaluate(self, prediction: torch.Tensor, target: torch.Tensor, scores: str, origin: torch.Tensor) -> None:
        if self._last_evaluated is not None and self._last_evaluated() is origin:
            return  # its loss and its accuracy: one prediction
        self._last_evaluated = weakref.ref(origin)
        self._source = self._data.source(origin)
        if self._source != "training" and not self._data.is_trained_on(self._source):
            self._samples.evaluated(self._source, target)
        self._wait(Pair(prediction, target, scores, self._source))

    def _way(self, target: torch.Tensor, through_index: bool = True) -> list[torch.Tensor]:
        """The targets, what they were made of by reshaping, converting and picking out, and so on to the first."""
        way = [target]
        if self._provenance.on:
            for node, before in pairwise(reshapings(self._provenance.node(target))):
                if node.operation == "getitem" and not through_index:
                    break
                tensor = before.reference() if before.operation is None else before.tensor()
                way += [] if tensor is None else [tensor]
        return way

    def _picked(self, target: torch.Tensor) -> tuple[int, int] | None:
        """The first and the last of the rows that the targets were picked out as, where numbers of rows did that."""
        for node in reshapings(self._provenance.node(target)):
            index = node.argument(1, "index") if node.operation == "getitem" else None
            rows = index.tensor() if isinstance(index, Node) else None
            if rows is not None and rows.dtype == torch.long and rows.ndim == 1 and rows.numel() and rows.min() >= 0:
                return int(rows.min()), int(rows.max())
        return None

    def _compare(self, node: Node, result: torch.Tensor) -> None:
        """Decisions compared with targets: ``prediction.argmax(1) == y`` and the like."""
        if node.operation in ("argmax", "topk") and node.inputs and node.inputs[0].derived and not node.inputs[0].grad:
            self.decided = True
        if node.operation not in ("eq", "ne") or len(node.inputs) != 2:
            return
        for one, other in (node.inputs, node.inputs[::-1]):
            decided = _decided(one)
            if decided is None or other.derived:
                continue
            scores, prediction, target = decided[1], decided[0].tensor(), other.reference()
            if prediction is None or target is None or (decided[0].grad and self._model.training) or target.ndim == 0:
                return
            self._evaluate(prediction, target, scores, self._way(target, through_index=False)[-1])
            return


def _alone(node: Node, tensor: torch.Tensor) -> Node:
    """Which of several tensors that were broadcast together this one was."""
    if node.operation != "broadcast_tensors":
        return node
    known = ((one, one.tensor()) for one in node.inputs)
    return next((one for one, held in known if held is not None and held.data_ptr() == tensor.data_ptr()), node)


def _joined(tensors: list[torch.Tensor]) -> Any:
    return numpy(torch.cat(tensors) if len(tensors) > 1 else tensors[0])


def _version(tensor: torch.Tensor) -> int:
    return 0 if tensor.is_inference() else tensor._version


def _decided(node: Node) -> tuple[Node, str] | None:
    """The scores that a decision was made from, and what they mean."""
    scores = None
    while node.inputs and (node.operation in RESHAPING or node.operation in _DECISIONS):
        if node.operation in ("gt", "ge", "greater"):
            scores = "logits" if node.scalar == 0 else "probabilities"
        elif node.operation in ("argmax", "max", "topk"):
            scores = "values"
        elif node.operation in _DECISIONS:
            scores = "probabilities" if node.operation == "round" else "logits"
        node = node.inputs[0]
    return None if scores is None or not node.derived else (node, scores)


__all__ = ["Data", "Pairs"]

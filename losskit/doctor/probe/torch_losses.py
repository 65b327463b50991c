"""The loss calls of a torch script: torch's own functions, wrapped where they live, and those written by hand."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from losskit.doctor.probe.blocks import call_beside, in_class
from losskit.doctor.probe.places import outside
from losskit.doctor.probe.replaced import Replaced
from losskit.doctor.probe.session import Session
from losskit.doctor.probe.tensors import TensorSummary
from losskit.doctor.probe.torch_data import Pairs
from losskit.doctor.probe.torch_empty import averaged_over_nothing
from losskit.doctor.probe.torch_handwritten import Term, terms
from losskit.doctor.probe.torch_model import Model
from losskit.doctor.probe.torch_provenance import Node, Provenance
from losskit.doctor.probe.torch_tensors import numpy
from losskit.doctor.probe.torch_terms import note_unequal_terms
from losskit.doctor.probe.torch_tracing import tracing
from losskit.recording.facts import Activation, LossCall, Place


class Known(NamedTuple):
    """A loss function of torch: its name in the catalogue, what it takes, and how its two arguments are called."""

    loss: str
    expects: str
    prediction: str = "input"
    target: str = "target"


KNOWN = {
    "binary_cross_entropy": Known("BinaryCrossEntropy", "probabilities"),
    "binary_cross_entropy_with_logits": Known("BinaryCrossEntropy", "logits"),
    "cosine_embedding_loss": Known("CosineEmbedding", "values", "input1"),
    "cross_entropy": Known("CrossEntropy", "logits"),
    "ctc_loss": Known("ConnectionistTemporalClassification", "log_probabilities", "log_probs", "targets"),
    "gaussian_nll_loss": Known("GaussianLikelihood", "values"),
    "hinge_embedding_loss": Known("HingeEmbedding", "values"),
    "huber_loss": Known("Huber", "values"),
    "kl_div": Known("KLDivergence", "log_probabilities"),
    "l1_loss": Known("AbsoluteError", "values"),
    "margin_ranking_loss": Known("MarginRanking", "values", "input1"),
    "mse_loss": Known("SquaredError", "values"),
    "multi_margin_loss": Known("WestonWatkins", "values"),
    "multilabel_margin_loss": Known("MultilabelMargin", "values"),
    "multilabel_soft_margin_loss": Known("MultilabelSoftMargin", "logits"),
    "nll_loss": Known("NegativeLogLikelihood", "log_probabilities"),
    "poisson_nll_loss": Known("PoissonLikelihood", "values"),
    "smooth_l1_loss": Known("SmoothL1", "values"),
    "soft_margin_loss": Known("SoftMargin", "values"),
    "triplet_margin_loss": Known("Triplet", "values", "anchor", "positive"),
    "triplet_margin_with_distance_loss": Known("Triplet", "values", "anchor", "positive"),
}
_TENSORS = ("weight", "pos_weight", "var")  # arguments of which only the presence is told
_HANDWRITTEN, _UNKNOWN = "the hand-written loss", "backward"
_CLASSWISE = frozenset(("CrossEntropy", "NegativeLogLikelihood"))
_BROADCASTING = frozenset(
    ("SquaredError", "AbsoluteError", "Huber", "SmoothL1", "KLDivergence", "SoftMargin", "PoissonLikelihood")
)


class Record:
    """A LossCall as it grows."""

    def __init__(self, loss: str | None, function: str, expects: str | None, place: Place | None, phase: str) -> None:
        self.loss, self.function, self.expects, self.place, self.phase = loss, function, expects, place, phase
        self.created: Place | None = None
        self.calls = 0
        self.prediction, self.target = TensorSummary(), TensorSummary()
        self.activations: tuple[Activation, ...] = ()
        self.arguments: dict[str, Any] = {}
        self.broadcast = self.negated = False
        self.entries = 0  # that the last call had the mean or the sum of
        self.scale: float | None = None
        self.ignored = Ignored()
        self._backwards, self._steps, self._last_step = 0, 0, -1

    def differentiated(self, terms: list[Term], step: int) -> None:
        """Backward is called on a value that this loss is in, once or more, for the step of that number."""
        # What both sides of a comparison learn, as those of two embeddings, has no right sign.
        self.negated = all(one.negated and not (one.target is not None and one.target.derived) for one in terms)
        entries = self.entries if self.arguments.get("reduction") == "sum" else 1
        scales = [one.scale for one in terms]
        self.scale = None if None in scales else entries * sum(one for one in scales if one is not None)
        for divisor in (one.divisor.tensor() for one in terms if one.divisor is not None):
            if divisor is not None:
                least = self.arguments.get("least_divisor", float("inf"))
                self.arguments["least_divisor"] = min(least, float(divisor))
        self._steps += step != self._last_step
        self._backwards, self._last_step = self._backwards + 1, step

    @property
    def is_mean(self) -> bool:
        """Whether it is known to enter the value as the mean over a batch."""
        return self.scale is not None and self.scale <= 1 and self.arguments.get("reduction", "mean") == "mean"

    def fact(self) -> LossCall:
        return LossCall(
            loss=self.loss,
            function=self.function,
            written_by="user" if self.function in (_HANDWRITTEN, _UNKNOWN) else "torch",
            expects=self.expects,
            place=self.place,
            created=self.created,
            phase=self.phase,
            calls=self.calls,
            prediction=self.prediction.facts(),
            target=self.target.facts(),
            activations=self.activations,
            arguments=self.arguments | self.ignored.told(),
            broadcast=self.broadcast,
            negated=self.negated,
            scale=self.scale,
            backwards_per_step=max(round(self._backwards / max(self._steps, 1)), 1),
        )


_OF_DIRECTIONS = ("CosineDistance",)  # of two vectors whose lengths do not count: no score of their entries means much


class Ignored:
    """Targets that a loss over classes was told to ignore."""

    def __init__(self) -> None:
        self._targets = self._ignored = self._batches = self._empty = 0

    def add(self, target: torch.Tensor, index: int) -> None:
        ignored = int((target == index).sum())
        self._targets, self._ignored = self._targets + target.numel(), self._ignored + ignored
        self._batches, self._empty = self._batches + 1, self._empty + (ignored == target.numel())

    def told(self) -> dict[str, float]:
        """The share of the targets, and of the batches in which none is left; nothing where none is ignored."""
        if not self._ignored:
            return {}
        return {"ignored": self._ignored / self._targets, "empty_batches": self._empty / self._batches}


class Losses:
    """Finds and describes the loss calls, and hands predictions with their targets to the task metric."""

    def __init__(self, session: Session, provenance: Provenance, model: Model, pairs: Pairs) -> None:
        self._session, self._provenance, self._model, self._pairs = session, provenance, model, pairs
        self._records: dict[tuple[Place | None, str, str], Record] = {}
        self._scores: dict[str, str] = {}
        self._unresolved: list[Record] = []
        self._inside = False
        self._broken = False  # a value was no number
        self._last: tuple[Any, int] | None = None  # target of the last mean over classes, and what it ignores
        self.listening = True  # to the calls of torch's functions
        self._replaced = Replaced()

    def wrap_all(self) -> None:
        """Put a wrapper around each loss function where modules and scripts take it from."""
        for name, known in KNOWN.items():
            if hasattr(F, name):
                self._replaced.put(F, name, self._wrapped(name, known, getattr(F, name)))

    def unwrap_all(self) -> None:
        """Put torch's own functions back."""
        self._replaced.restore()

    def _wrapped(self, name: str, known: Known, function: Callable[..., Any]) -> Callable[..., Any]:
        names = tuple(inspect.signature(function).parameters)
        first, second = names.index(known.prediction), names.index(known.target)
        classwise = known.loss in _CLASSWISE

        @wraps(function)
        def loss(*args: Any, **kwargs: Any) -> Any:
            if classwise and len(args) > second:
                averaged = kwargs.get("reduction", "mean") == "mean"
                self._last = (args[second], kwargs.get("ignore_index", -100)) if averaged else None
            if not self.listening or self._inside or tracing() or self._session.closed_to("torch"):
                return function(*args, **kwargs)
            record = prediction = None
            with self._session.budget:
                prediction = args[first] if len(args) > first else kwargs.get(known.prediction)
                target = args[second] if len(args) > second else kwargs.get(known.target)
                if self._provenance.on:
                    record = self._looked_at(name, prediction, target, dict(zip(names, args, strict=False)) | kwargs)
                self._pair(known, self._scores.get(name, known.expects), prediction, target, kwargs)
            self._inside = True
            try:
                result = function(*args, **kwargs)
            finally:
                self._inside = False
            if record is not None or not torch.is_grad_enabled():
                with self._session.budget:
                    self._returned(record, prediction, result)
            return result

        return loss

    def _pair(self, known: Known, scores: str, prediction: Any, target: Any, kwargs: dict[str, Any]) -> None:
        if isinstance(prediction, torch.Tensor) and isinstance(target, torch.Tensor):
            if target.requires_grad and not prediction.requires_grad:  # given the other way round
                prediction, target = target, prediction
            if known.loss == "PoissonLikelihood" and kwargs.get("log_input", True):
                prediction = prediction.detach().exp()
            if known.loss == "KLDivergence" and bool((target <= 0).all()):  # logarithms of the target's probabilities
                target = target.exp()
            self._pairs.add(prediction, target, scores, self._phase(prediction), known.loss)

    def _returned(self, record: Record | None, prediction: Any, result: Any) -> None:
        if not isinstance(prediction, torch.Tensor) or not isinstance(result, torch.Tensor):
            return
        if record is not None:
            self._provenance.node(result).call = record
        if self._phase(prediction) == "evaluation":
            self._pairs.evaluated(result)

    def _phase(self, prediction: torch.Tensor) -> str:
        """Evaluation when nothing is being trained: no gradient, or a model in eval()."""
        if not (torch.is_grad_enabled() and prediction.requires_grad):
            return "evaluation"
        return "train" if self._model.training else "evaluation"

    def _looked_at(self, name: str, prediction: Any, target: Any, arguments: dict[str, Any]) -> Record | None:
        if not isinstance(prediction, torch.Tensor) or not isinstance(target, torch.Tensor):
            return None
        known, phase = KNOWN[name], self._phase(prediction)
        module = _loss_module(sys._getframe())
        function = name if module is None else type(module).__name__
        record = self._record(known.loss, function, known.expects, self._session.place(), phase)
        record.created = None if module is None else self._model.created(module)
        if record.created is not None:
            self._session.site("loss", record.created, function)
        record.arguments = _described(arguments)
        record.entries = target.numel() if known.loss in _CLASSWISE else prediction.numel()
        if known.loss in _CLASSWISE and not target.is_floating_point():
            record.ignored.add(target, arguments.get("ignore_index", -100))
        node = self._provenance.node(prediction)
        self._saw(record, node, prediction, target)
        record.broadcast = known.loss in _BROADCASTING and prediction.shape != target.shape
        self._scores[name] = _meaning(known.expects, record.activations)
        self._unresolved.append(record)
        return record

    def _record(self, loss: str | None, function: str, expects: str | None, place: Place | None, phase: str) -> Record:
        identity = (place, function, phase)
        if identity not in self._records:
            self._records[identity] = Record(loss, function, expects, place, phase)
        return self._records[identity]

    def _saw(self, record: Record, node: Node, prediction: torch.Tensor | None, target: torch.Tensor | None) -> None:
        record.calls += 1
        activations = self._provenance.activations(node)
        same = [one.name for one in activations] == [one.name for one in record.activations]
        if not same or any(one.layer for one in activations):  # a look without layer hooks knows no better
            record.activations = activations
        if prediction is not None:
            values = numpy(prediction)
            record.prediction.add(values, str(prediction.dtype).removeprefix("torch."))
            if record.phase == "train":
                self._describe_predictions(values)
        if target is not None:
            record.target.add(numpy(target), str(target.dtype).removeprefix("torch."))
            facts = record.target.facts()
            if facts is not None and facts.non_finite:
                self._model.non_finite("target", None)

    def _describe_predictions(self, values: Any) -> None:
        if values.dtype.kind != "f" or values.size == 0:
            return
        self._session.measure("prediction/mean", float(values.mean(dtype="float64")))
        self._session.measure("prediction/std", float(values.std(dtype="float64")))
        if values.ndim and len(values) > 1:
            spread = float((values.max(axis=0) - values.min(axis=0)).max())
            scale = float(abs(values).max())
            self._session.measure("prediction/constant", float(spread <= 1e-6 * scale))

    @property
    def by_hand(self) -> bool:
        """Whether the training loss is one that the script wrote."""
        return any(function == _HANDWRITTEN and phase == "train" for _, function, phase in self._records)

    # what backward was called on
    def trained_on(self, value: torch.Tensor) -> None:
        """Read the losses off the value that is about to be differentiated."""
        known: set[int] = set()
        trained: dict[int, tuple[Record, list[Term]]] = {}
        for term in terms(self._provenance.node(value)):
            record = term.node.call
            if isinstance(record, Record):
                known.add(id(record))
                self._move(record, "train")
            else:
                record = self._handwritten(term)
            trained.setdefault(id(record), (record, []))[1].append(term)
        for record, found in trained.values():
            record.differentiated(found, self._session.step)
        mean = next((record for record, _ in trained.values() if record.is_mean), None)
        if mean is not None and (shape := mean.prediction.facts()) is not None and shape.shape:
            note_unequal_terms(self._session, self._provenance.node(value), shape.shape[0])
        for record in self._unresolved:
            if known and id(record) not in known and record.phase == "train" and record.calls == 1:
                self._move(record, "evaluation")
        self._unresolved.clear()

    def _move(self, record: Record, phase: str) -> None:
        """File a call under another phase, unless that one is known already."""
        if record.phase == phase or (record.place, record.function, phase) in self._records:
            return
        del self._records[record.place, record.function, record.phase]
        record.phase = phase
        self._records[record.place, record.function, phase] = record

    def _handwritten(self, term: Term) -> Record:
        function = _UNKNOWN if term.loss is None else _HANDWRITTEN
        record = self._record(term.loss, function, term.expects, term.node.place, "train")
        prediction = term.prediction.tensor()
        target = None if term.target is None else term.target.tensor()
        self._saw(record, term.prediction, prediction if term.target is not None or term.loss else None, target)
        record.broadcast = term.broadcast
        if prediction is not None and target is not None and term.loss not in _OF_DIRECTIONS:
            scores = _meaning(term.expects or "values", record.activations)
            self._pairs.add(prediction, target, scores, "train", term.loss)
        return record

    def non_finite(self, value: torch.Tensor) -> None:
        """The first value that is no number, before backward is called on it: was it averaged over nothing?"""
        if self._broken:
            return
        self._broken = True
        with self._session.budget:
            what = averaged_over_nothing(value)
            if what is not None:
                self._session.event("empty", what, self._session.place())

    def _last_was_empty(self) -> bool:
        """Whether the run, if it is over, has ended with a mean over ignored targets, and without its backward."""
        if self._last is None or not isinstance(self._last[0], torch.Tensor) or self._last[0].is_floating_point():
            return False
        return bool((self._last[0] == self._last[1]).all())

    def _called(self, record: Record) -> Place | None:
        """Where the script calls the loss that it wrote as a class; a function of its own is mended where it stands."""
        model, place = self._model.called_at, record.place
        if (
            record.function not in (_HANDWRITTEN, _UNKNOWN)
            or model is None
            or place is None
            or place.file != model.file
        ):
            return None
        if record.loss is not None and not in_class(self._session.places.path(place), place.line):
            return None
        line = call_beside(self._session.places.path(place), place.line, model.line)
        return None if line is None else Place(place.file, line)

    def summary(self) -> Iterable[LossCall]:
        told = [replace(record.fact(), called=self._called(record)) for record in self._records.values()]
        if not self._last_was_empty():
            return told
        return [
            replace(one, arguments=one.arguments | {"ends_empty": True}) if one.loss in _CLASSWISE else one
            for one in told
        ]


def _meaning(expects: str, activations: tuple[Activation, ...]) -> str:
    """What one score per row means: a probability once a sigmoid or a softmax made it, whatever the loss expects."""
    if activations and activations[0].name in ("sigmoid", "softmax", "hardsigmoid", "clamp"):
        return "probabilities" if activations[0].name != "clamp" else expects
    return expects


def _loss_module(frame: Any) -> nn.Module | None:
    """The nn.…Loss whose forward is calling."""
    frame = outside(frame)
    while frame is not None and "torch" in frame.f_code.co_filename:
        module = frame.f_locals.get("self") if frame.f_code.co_name == "forward" else None
        if isinstance(module, nn.modules.loss._Loss):
            return module
        frame = frame.f_back
    return None


def _described(arguments: dict[str, Any]) -> dict[str, Any]:
    described = {
        name: value
        for name, value in arguments.items()
        if isinstance(value, (bool, int, float, str)) and name not in ("size_average", "reduce")
    }
    described.setdefault("reduction", "mean")
    if any(arguments.get(name) is not None for name in _TENSORS):
        described["weighted"] = True
    return described


__all__ = ["Losses"]

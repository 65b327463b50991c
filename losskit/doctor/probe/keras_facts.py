"""What is known of the model that trains: its layers, losses and optimizer as facts, kept up to date as the run goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from losskit.doctor.probe.keras_losses import ELEMENTWISE, LossDescription, describe
from losskit.doctor.probe.keras_model import (
    array_of,
    layer_facts,
    leaf_layers,
    optimizer_facts,
    output_activations,
    place_of,
)
from losskit.doctor.probe.session import Session
from losskit.doctor.probe.tensors import TensorSummary
from losskit.recording.facts import Activation, Layer, LossCall, OptimizerFacts, Place

_SQUASHING = frozenset(("sigmoid", "softmax", "hard_sigmoid"))


@dataclass
class CompileCall:
    """Where `compile` was called, and where its arguments stand."""

    place: Place | None = None
    loss: Place | None = None
    optimizer: Place | None = None


@dataclass
class FitSettings:
    """What a call of `fit` says about the loss and the learning rate beyond `compile`."""

    arguments: dict[str, Any] = field(default_factory=dict)
    schedulers: tuple[str, ...] = ()


@dataclass
class FedLoss:
    """One loss of the model: what it is, and what it was fed."""

    told: LossDescription
    place: Place | None
    path: tuple[Any, ...] = ()
    activations: tuple[Activation, ...] = ()
    prediction: TensorSummary = field(default_factory=TensorSummary)
    target: TensorSummary = field(default_factory=TensorSummary)
    broadcast: bool = False

    @property
    def scores(self) -> str:
        """What one score per row means: a squashed one is a probability, whatever the loss takes it for."""
        if self.activations and self.activations[0].name in _SQUASHING:
            return "probabilities"
        return self.told.expects or "values"

    def fact(self, calls: int, arguments: dict[str, Any]) -> LossCall:
        return LossCall(
            loss=self.told.loss,
            function=self.told.function,
            written_by=self.told.written_by,
            expects=self.told.expects,
            place=self.place,
            created=self.told.created or self.place,
            calls=calls,
            prediction=self.prediction.facts(),
            target=self.target.facts(),
            activations=self.activations,
            arguments=self.told.arguments | arguments,
            broadcast=self.broadcast,
        )


class ModelFacts:
    """Facts of one model in training."""

    def __init__(self, session: Session, backend: str, model: Any, compiled: CompileCall, fit: FitSettings) -> None:
        self.model = model
        self.fit = fit
        self.non_finite = False  # the loss has been, once
        self._session, self._backend, self._compiled = session, backend, compiled
        self._losses: list[FedLoss] | None = None
        self._inputs = TensorSummary()
        self._layers: list[Layer] = []
        self._shapes_known = False
        self._optimizer: OptimizerFacts | None = None
        self._iterations = (0, 0)  # of the optimizer, at which step of the session
        self._rate: float | None = None  # when the optimizer's variables could last be read

    # layers and optimizer
    def begin(self) -> None:
        """Training begins: weights are those of the start."""
        self.synchronised(self._session.step)
        if not self._layers and all(layer.built for layer in leaf_layers(self.model)):
            self._tell_layers({})

    def complete(self, outputs: dict[int, Any]) -> None:
        """After a step every layer is built, and after a look the shapes of the outputs are known."""
        if self._shapes_known or (self._layers and not outputs):
            return
        self._shapes_known = bool(outputs)
        self._tell_layers({i: tuple(output.shape) for i, output in outputs.items() if hasattr(output, "shape")})

    def _tell_layers(self, shapes: dict[int, tuple[int, ...]]) -> None:
        if self._layers:
            found = [shapes.get(id(layer)) for layer in leaf_layers(self.model)]
            self._layers = [
                replace(layer, output_shape=shape or layer.output_shape)
                for layer, shape in zip(self._layers, found, strict=True)
            ]
        elif self._backend != "jax" or all(v.value is not None for v in self.model.variables):
            self._layers = list(layer_facts(self.model, shapes))
        for layer in self._layers:
            self._session.fact(layer)

    def synchronised(self, step: int) -> None:
        """The optimizer's variables can be read now (inside an epoch JAX holds them)."""
        optimizer = self.model.optimizer
        if optimizer is None:
            return
        self._iterations = (int(array_of(optimizer.iterations)), step)
        self._rate = float(array_of(optimizer.learning_rate))
        place = place_of(optimizer) or self._compiled.optimizer
        self._optimizer = optimizer_facts(optimizer, place, self.fit.schedulers, self.model)

    def rate(self, step: int) -> float | None:
        """The learning rate at this step; on JAX, a rate without a schedule is that of the epoch's start."""
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        if optimizer is None:
            return None
        schedule = optimizer._learning_rate
        if hasattr(schedule, "get_config"):  # a function of the iterations
            iterations, at = self._iterations
            return float(array_of(schedule(iterations + step - at)))
        return self._rate if self._backend == "jax" else float(array_of(optimizer.learning_rate))

    # losses
    @property
    def loss_place(self) -> Place | None:
        return self._losses[0].place if self._losses else self._compiled.loss

    def inputs_seen(self, inputs: Any) -> None:
        from keras import tree

        leaves = [leaf for leaf in tree.flatten(inputs) if hasattr(leaf, "shape")]
        if leaves:
            self._inputs.add(array_of(leaves[0]))

    def losses_fed(
        self, heard: list[dict[str, Any]], look: bool, targets: bool
    ) -> tuple[np.ndarray, np.ndarray, str] | None:
        """Tell the losses what they were fed in these steps; returns the first one's (prediction, target, scores)."""
        first = None
        for index, loss in enumerate(self._found_losses() if heard else []):
            joined = _joined([(_at(loss.path, one["prediction"]), _at(loss.path, one["target"])) for one in heard])
            if joined is None:
                continue
            prediction, target = joined
            loss.broadcast |= loss.told.function in ELEMENTWISE and _broadcasts(prediction.shape, target.shape)
            if look:
                loss.prediction.add(_classes_first(prediction, prediction.ndim))
            if targets:
                loss.target.add(_classes_first(target, prediction.ndim))
            if index == 0:
                first = (_classes_first(prediction, prediction.ndim), _labels(prediction, target), loss.scores)
        return first

    def joined(self, heard: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray, str] | None:
        """(prediction, target, scores) of several batches, for the first loss."""
        losses = self._found_losses() if heard else []
        if not losses:
            return None
        path = losses[0].path
        joined = _joined([(_at(path, one["prediction"]), _at(path, one["target"])) for one in heard])
        if joined is None:
            return None
        prediction, target = joined
        return _classes_first(prediction, prediction.ndim), _labels(prediction, target), losses[0].scores

    def changing(self) -> Iterator[Any]:
        """The facts that change as the run goes."""
        for loss in self._losses or []:
            yield loss.fact(self._session.step, self.fit.arguments)
        yield self._inputs.facts()
        if self._optimizer is not None:
            yield replace(self._optimizer, steps=self._session.step)

    def _found_losses(self) -> list[FedLoss]:
        """The losses, once the first step has resolved their names."""
        if self._losses is None:
            compiled = self.model._compile_loss
            resolved = [] if compiled is None else compiled._flat_losses or []
            activations = output_activations(self.model)
            self._losses = [
                FedLoss(
                    told=self._effective(describe(one.loss, place_of(one.loss)), activations if index == 0 else ()),
                    place=self._compiled.loss,
                    path=one.path,
                    activations=activations if index == 0 else (),
                )
                for index, one in enumerate(resolved)
            ]
        return self._losses

    def _effective(self, told: LossDescription, activations: tuple[Activation, ...]) -> LossDescription:
        """TensorFlow's cross-entropies take the logits from behind a softmax or sigmoid, whatever `from_logits` says."""
        behind = bool(activations) and activations[0].name in ("softmax", "sigmoid") and "from_logits" in told.arguments
        if self._backend != "tensorflow" or not behind or self.model.compute_dtype != "float32":
            return told
        return replace(told, expects="probabilities", arguments=told.arguments | {"logits_recovered": True})


def _joined(pairs: list[tuple[Any, Any]]) -> tuple[np.ndarray, np.ndarray] | None:
    """Predictions and targets of several batches, one after the other; None when there is nothing to compare."""
    if any(not hasattr(one, "shape") or len(one.shape) == 0 for pair in pairs for one in pair):
        return None
    predictions, targets = zip(*((array_of(p), array_of(t)[: len(p)]) for p, t in pairs), strict=True)
    if len({p.shape[1:] for p in predictions}) > 1 or len({t.shape[1:] for t in targets}) > 1:
        return predictions[-1], targets[-1]
    return np.concatenate(predictions), np.concatenate(targets)


def _at(path: Iterable[Any], structure: Any) -> Any:
    for key in path:
        structure = structure[key]
    return structure


def _classes_first(array: np.ndarray, rank: int) -> np.ndarray:
    """Keras has the classes on the last axis, a Recording on axis 1."""
    return np.moveaxis(array, -1, 1) if array.ndim == rank > 2 else array


def _labels(prediction: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The target as the task metric reads it: Keras takes class indices of any dtype."""
    indices = target.size * prediction.shape[-1] == prediction.size and prediction.shape[-1] > 1
    if indices and target.dtype.kind == "f" and bool((target == np.floor(target)).all()):
        target = target.astype(np.int64)
    return _classes_first(target, prediction.ndim)


def _broadcasts(prediction: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Whether the shapes still differ after Keras has squeezed or added a last axis of size 1."""
    if len(prediction) == len(target) + 1 and prediction[-1] == 1:
        prediction = prediction[:-1]
    elif len(target) == len(prediction) + 1 and target[-1] == 1:
        target = target[:-1]
    return prediction != target


__all__ = ["CompileCall", "FitSettings", "ModelFacts"]

"""What is known of the model that trains: its layers, losses and optimizer as facts, kept up to date as it runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from losskit.doctor.probe.blocks import freezing_lines
from losskit.doctor.probe.keras_arrays import array_of, at, broadcasts, classes_first, joined, labels
from losskit.doctor.probe.keras_behaviour import Behaviour, averages_nothing, behaviour
from losskit.doctor.probe.keras_calls import Calls, FunctionCall
from losskit.doctor.probe.keras_losses import ELEMENTWISE, LossDescription, SampleWeights, describe, describe_call
from losskit.doctor.probe.keras_model import (
    activations_before,
    layer_facts,
    leaf_layers,
    left_out,
    optimizer_facts,
)
from losskit.doctor.probe.keras_numbers import Numbers
from losskit.doctor.probe.keras_own_steps import recognised
from losskit.doctor.probe.keras_places import place_of
from losskit.doctor.probe.session import Session
from losskit.doctor.probe.tensors import TensorSummary
from losskit.recording.facts import Activation, Layer, LossCall, OptimizerFacts, Place

OWN_TRIES = 3
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
    schedulers: tuple[Any, ...] = ()  # callbacks that set the rate


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
    users: Any = None  # the loss object, when the script wrote what it computes
    behaves: Behaviour | None = None
    example: tuple[np.ndarray, np.ndarray] | None = None  # target and prediction that it was tried on

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
            negated=self.behaves is not None and self.behaves.rises,
            scale=self._scale(),
        )

    def tried(self, target: np.ndarray, prediction: np.ndarray) -> None:
        """Try a loss of the script's own once."""
        if self.users is not None and self.behaves is None:
            self.behaves = Behaviour()  # unless it goes well: one that cannot be called like this is not tried again
            self.behaves = behaviour(self.users, target, prediction)
            self.example = target, prediction

    def averages_nothing(self, target: np.ndarray, prediction: np.ndarray) -> bool:
        """Whether the loss of the script's own is no number because none of these targets counts."""
        if self.users is None or self.example is None:
            return False
        return averages_nothing(self.users, (target, prediction), self.example)

    def _scale(self) -> float | None:
        """Of a sum over the batch: its rows; of what is averaged otherwise nothing is known."""
        facts = self.prediction.facts()
        summed = self.told.arguments.get("reduction") == "sum" or (self.behaves is not None and self.behaves.sums)
        return float(facts.shape[0]) if summed and facts is not None and facts.shape else None


class ModelFacts:
    """Facts of one model in training."""

    def __init__(self, session: Session, backend: str, model: Any, compiled: CompileCall, fit: FitSettings) -> None:
        self.model = model
        self.fit = fit
        self._numbers = Numbers(session)
        self.non_finite = False  # the loss has been, once
        self._session, self._backend, self._compiled = session, backend, compiled
        self._losses: list[FedLoss] | None = None
        self._inputs = TensorSummary()
        self._weights = SampleWeights()
        self._layers: list[Layer] = []
        self.by_hand = False  # the script writes the loop itself
        self._applied: Any = None  # the optimizer of such a loop
        self._own_tries = 0  # batches of a step of the script's own that no known loss explained
        self.own_known = False  # one did
        self._way_known = False
        self._activations: tuple[Activation, ...] | None = None
        self._inner: LossDescription | None = None  # the library's loss that the user's own one calls
        self.begun = False
        self._optimizer: OptimizerFacts | None = None
        self._iterations = (0, 0)  # of the optimizer, at which step of the session
        self._rate: float | None = None  # when the optimizer's variables could last be read

    # layers and optimizer
    def begin(self) -> None:
        """Training begins: weights are those of the start."""
        self.begun = True
        self.synchronised()
        if self.optimizer is not None:
            place = place_of(self.optimizer) or self._compiled.optimizer
            self._optimizer = optimizer_facts(self.optimizer, place, self.fit.schedulers, self.model)
        if not self._layers and all(layer.built for layer in leaf_layers(self.model)):
            self._tell_layers({})

    def trained_by(self, optimizer: Any) -> None:
        """The script's own loop applies this optimizer."""
        if not self.by_hand:
            self.by_hand, self._applied = True, optimizer
            self.begin()

    def compiled_again(self, compiled: CompileCall) -> None:
        """What was told of the losses stands; others begin."""
        self._compiled, self._losses = compiled, None
        self._way_known, self._activations, self._inner = False, None, None

    @property
    def optimizer(self) -> Any:
        """Without a loss scaler around it."""
        optimizer = self._applied if self.by_hand else self.model.optimizer
        return getattr(optimizer, "inner_optimizer", optimizer)

    def trained(self) -> None:
        """After a step every layer is built."""
        if not self._layers:
            self._tell_layers({})

    def called(self, calls: Calls) -> None:
        """What a step called, as long as its tensors live: the shapes of outputs, and the way to the loss."""
        self._numbers.look(calls, self.model)
        if self.by_hand:
            self.inputs_seen(calls.inputs.get(id(self.model)))
        for place in calls.cuts:
            self._session.site("cut", place)
        if not self._way_known and id(self.model) in calls.outputs:
            self._way_known = True
            self._tell_layers({i: tuple(out.shape) for i, out in calls.outputs.items() if hasattr(out, "shape")})
            self._follow_the_way(calls)

    def _tell_layers(self, shapes: dict[int, tuple[int, ...]]) -> None:
        if self._layers:
            found = [shapes.get(id(layer)) for layer in leaf_layers(self.model)]
            self._layers = [
                replace(layer, output_shape=shape or layer.output_shape)
                for layer, shape in zip(self._layers, found, strict=True)
            ]
        else:
            self._layers = list(layer_facts(self.model, shapes))
        for layer in self._layers:
            self._session.fact(layer)
        if any(layer.random and layer.parameters and not layer.trainable for layer in self._layers):
            places = self._session.places
            for line in freezing_lines(places.script):
                self._session.site("frozen", places.in_file(places.script, line))

    def synchronised(self) -> None:
        """The optimizer's variables can be read now (inside an epoch JAX holds them)."""
        optimizer = self.optimizer
        if optimizer is None:
            return
        if _is_schedule(optimizer._learning_rate):
            self._iterations = (int(array_of(optimizer.iterations)), self._session.step)
        else:
            self._rate = float(array_of(optimizer.learning_rate))

    @property
    def scheduled(self) -> bool:
        """Whether the optimizer was given a schedule: then the rate of any step is known."""
        return self.optimizer is not None and _is_schedule(self.optimizer._learning_rate)

    def rate(self, step: int) -> float | None:
        """The learning rate at this step; on JAX, a rate without a schedule is that of the epoch's start."""
        optimizer = self.optimizer
        if optimizer is None:
            return None
        schedule = optimizer._learning_rate
        if _is_schedule(schedule):
            iterations, at = self._iterations
            return float(array_of(schedule(iterations + step - at)))
        return self._rate if self._backend == "jax" else float(array_of(optimizer.learning_rate))

    # losses
    @property
    def loss_place(self) -> Place | None:
        return self._losses[0].place if self._losses else self._compiled.loss

    def weights_seen(self, weights: Any) -> None:
        """The weights of the samples of a batch (those of its classes among them), None without any."""
        from keras import tree

        self._weights.add([array_of(one) for one in tree.flatten(weights) if hasattr(one, "shape")])

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
            batch = joined([(at(loss.path, one["prediction"]), at(loss.path, one["target"])) for one in heard])
            if batch is None:
                continue
            prediction, target = batch
            loss.broadcast |= loss.told.function in ELEMENTWISE and broadcasts(prediction.shape, target.shape)
            if look:
                loss.tried(target, prediction)
                loss.prediction.add(classes_first(prediction, prediction.ndim))
            if targets:
                loss.target.add(classes_first(target, prediction.ndim))
            if index == 0:
                first = (classes_first(prediction, prediction.ndim), labels(prediction, target), loss.scores)
        return first

    def averages_nothing(self, heard: dict[str, Any]) -> bool:
        """Whether the first loss is no number in this step because no target counts."""
        if not self._losses or "prediction" not in heard or "target" not in heard:
            return False
        batch = joined([(heard["prediction"], heard["target"])])
        return batch is not None and self._losses[0].averages_nothing(batch[1], batch[0])

    def joined(self, heard: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray, str] | None:
        """(prediction, target, scores) of several batches, for the first loss."""
        losses = self._found_losses() if heard else []
        if not losses:
            return None
        path = losses[0].path
        batch = joined([(at(path, one["prediction"]), at(path, one["target"])) for one in heard])
        if batch is None:
            return None
        prediction, target = batch
        return classes_first(prediction, prediction.ndim), labels(prediction, target), losses[0].scores

    def changing(self, gradients: dict[str, int], handed: set[int]) -> Iterator[Any]:
        """The facts that change as the run goes; `gradients` is what the optimizer's say of theirs, `handed` are the
        variables that the script hands to an optimizer itself."""
        known = self._way_known or self._session.step > 1  # TensorFlow's first look comes after the first step
        for loss in (self._losses or []) if known else []:
            yield loss.fact(self._session.step, self.fit.arguments | self._weights.told())
        yield self._inputs.facts()
        yield from self._numbers.summary()
        if self._optimizer is not None:
            missing = left_out(self.model, handed)
            yield replace(self._optimizer, steps=self._session.step, missing=missing, **gradients)

    def _found_losses(self) -> list[FedLoss]:
        """The losses, once the first step has resolved their names."""
        from keras import tree

        if self._losses is None:
            compiled = None if self.by_hand else self.model._compile_loss
            given = tree.flatten(
                getattr(self.model, "loss", None)
            )  # an object of the user's; what Keras made of a name has no line
            self._losses = [
                self._fed(one.loss, any(one.loss is user for user in given), self._compiled.loss, one.path)
                for one in (compiled and compiled._flat_losses) or []
            ]
            if not self._losses:  # the model's own compute_loss
                self._losses = [FedLoss(LossDescription(None, "compute_loss", "user", None), self._compiled.place)]
            self._way_to_loss()
        return self._losses

    def own_step(self, heard: dict[str, Any], place: Place | None) -> bool:
        """Whether it is known what a step of the script's own compares the prediction with: the target of the batch."""
        if self.own_known or self._own_tries >= OWN_TRIES or not {"loss", "prediction", "target"} <= heard.keys():
            return self.own_known
        batch = joined([(heard["prediction"], heard["target"])])
        found = None if batch is None else recognised(float(array_of(heard["loss"])), *batch)
        if found is None:
            self._own_tries += 1
            return False
        told, broadcast = found
        self._losses, self.own_known = [FedLoss(told, place, broadcast=broadcast)], True
        self._way_to_loss()
        return True

    def fed_by_hand(self, loss: Any, place: Place | None) -> None:
        """The script's own loop calls this loss object at that line."""
        if self._losses is None:
            self._losses = [self._fed(loss, True, place)]
            self._way_to_loss()

    def _fed(self, loss: Any, constructed: bool, place: Place | None, path: tuple[Any, ...] = ()) -> FedLoss:
        """A resolved Keras loss that is called at that place; `constructed` by the script."""
        told = describe(loss, place_of(loss) if constructed else None)
        if told.loss is not None or not hasattr(loss, "call"):
            return FedLoss(told, place, path)
        written = self._session.places.end(getattr(loss, "fn", None) or type(loss).call)
        return FedLoss(replace(told, created=written or told.created), place, path, users=loss)

    def _follow_the_way(self, calls: Calls) -> None:
        """From the model's output to the first loss: activations, and a loss called inside the user's own."""
        prediction = None
        for call in calls.losses:
            told = describe_call(call.function, call.arguments, call.named, call.place)
            if told.loss is not None:
                self._inner = told
                target, prediction = _target_and_prediction(call)
                if self.by_hand and self._losses is None:  # a function of keras.losses, seen at looks only
                    self._losses = [FedLoss(told, call.place)]
                    self.losses_fed([{"prediction": prediction, "target": target}], look=True, targets=True)
        if self._losses is None and prediction is None and len(getattr(self.model, "outputs", None) or ()) > 1:
            return  # which of them it is fed, its path will say, and the graph the rest
        path = self._losses[0].path if self._losses else ()
        self._activations = activations_before(prediction, self.model, calls, path)
        if not self._activations and prediction is not None:  # Keras may have made another tensor of the output
            self._activations = activations_before(None, self.model, calls, path)
        self._way_to_loss()

    def _way_to_loss(self) -> None:
        """Tell the first loss what it is fed; a model's graph tells it before anything was called."""
        if not self._losses:
            return
        first = self._losses[0]
        if first.told.loss is None and self._inner is not None:
            first.told = self._inner
        if self._activations is None:
            first.activations = activations_before(None, self.model, None, first.path)
        else:
            first.activations = self._activations
        first.told = self._effective(first.told, first.activations)

    def _effective(self, told: LossDescription, activations: tuple[Activation, ...]) -> LossDescription:
        """TensorFlow's cross-entropies take the logits from behind a softmax or sigmoid, whatever they are told."""
        behind = bool(activations) and activations[0].name in ("softmax", "sigmoid") and "from_logits" in told.arguments
        if self._backend != "tensorflow" or not behind or self.model.compute_dtype != "float32":
            return told
        return replace(told, expects="probabilities", arguments=told.arguments | {"logits_recovered": True})


def _is_schedule(rate: Any) -> bool:
    """Whether a learning rate is a function of the iterations."""
    return hasattr(rate, "get_config")


def _target_and_prediction(call: FunctionCall) -> tuple[Any, Any]:
    given = dict(zip(("y_true", "y_pred"), call.arguments, strict=False)) | call.named
    return given.get("y_true"), given.get("y_pred")


__all__ = ["CompileCall", "FitSettings", "ModelFacts"]

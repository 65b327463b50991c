"""One step looked at closely: gradients, what the layers put out, how far the weights moved.

On torch (and wherever Keras runs eagerly) the real gradients and outputs pass by. In a compiled step they do not: there
they are computed once more, on the same batch and with the same random numbers, in a call that changes no variable.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np

from losskit.doctor.probe.flat import DEAD, FLAT_ENDS
from losskit.doctor.probe.keras_arrays import array_of
from losskit.doctor.probe.keras_calls import Calls, collecting
from losskit.doctor.probe.keras_model import activation_name, layer_name, leaf_layers
from losskit.doctor.probe.places import Places
from losskit.doctor.probe.session import WARM_UP, Session

CLOSE_LOOKS = (0, 1, 3, 7)  # of the first steps; where a look is a second computation, ten of them would be too many
OTHERS = 3  # batches in a row that are shaped unlike those before are no remainder: another fit has begun
ROWS = 64  # of a batch, for what is told of layers' outputs


class Looks:
    """When a step is looked at closely, and how, for one model."""

    def __init__(self, session: Session, backend: str, model: Any, called: Callable[[Calls], None]) -> None:
        self._session, self._model = session, model
        self._called = called  # is told what the step called, while its tensors live
        self._recompute = None if backend == "torch" else Recomputation(model, backend, session.places, called)
        self._wanted, self._failed = True, False
        self._look: Look | None = None
        self._calls: Calls | None = None
        self._collecting = ExitStack()

    def stepped(self) -> None:
        """Count a step, and hear whether the next one shall be looked at."""
        look = self._session.stepped()
        step = self._session.step
        self._wanted = look and (self._recompute is None or step >= WARM_UP or step in CLOSE_LOOKS)

    @property
    def wanted(self) -> bool:
        """Whether the next step shall be looked at."""
        return self._wanted and not self._failed

    @property
    def watching(self) -> bool:
        """Whether the step that runs now is looked at."""
        return self._look is not None

    def watch(self) -> None:
        """The next step runs eagerly: let what happens in it pass by."""
        if self._look is not None:
            return
        self._look = Look(self._model, self._model.trainable_variables)
        self._calls = Calls()
        self._collecting.enter_context(collecting(self._calls, self._session.places))

    def recompute(self, batch: tuple[Any, Any, Any], state: tuple[Any, ...]) -> None:
        """The next step is compiled: compute what happens in it. `batch` is (inputs, target, weight).

        `state` is that of a JAX step, which alone holds the variables while it trains; () on TensorFlow.
        """
        weights = state[0] if state else self._model.trainable_variables
        if self._recompute is None:
            self._look = Look(self._model, weights)
        elif self._recompute.suits(batch):
            look = Look(self._model, weights)
            self._failed = True  # unless it goes well: a model that cannot be called like this is not asked again
            look.norms, look.outputs = self._recompute(batch, state)
            self._failed = False
            self._look = look

    def is_unknown(self) -> None:
        """A step of the script's own cannot be computed once more: only how far its weights move is seen."""
        self._recompute, self._failed = None, False

    def received(self, gradients: Iterable[Any], variables: Iterable[Any]) -> None:
        """The real gradients, as the optimizer is given them."""
        if self._look is not None:
            self._look.received(gradients, variables)

    def ended(self, state: tuple[Any, ...] = ()) -> bool:
        """The step is over: write what was seen; returns whether it was looked at."""
        look, self._look = self._look, None
        calls, self._calls = self._calls, None
        self._collecting.close()
        if look is None:
            return False
        if calls is not None:
            look.outputs = calls.outputs
            self._called(calls)
        for name, value in look.signals(state[0] if state else self._model.trainable_variables):
            self._session.measure(name, value)
        return True


class Look:
    """What is seen of one step. `weights` are the trainable ones before it."""

    def __init__(self, model: Any, weights: Iterable[Any]) -> None:
        self.norms: list[tuple[float, float]] | None = None  # (L2 norm, Σ|g|) per trainable variable
        self.outputs: dict[int, Any] = {}
        self._variables = {id(variable): index for index, variable in enumerate(model.trainable_variables)}
        self._layers = leaf_layers(model)
        self._before = [array_of(weight).copy() for weight in weights]

    def received(self, gradients: Iterable[Any], variables: Iterable[Any]) -> None:
        found = {id(v): _norm_and_sum(g) for g, v in zip(gradients, variables, strict=True) if g is not None}
        self.norms = [found.get(variable, (0.0, 0.0)) for variable in self._variables]

    def signals(self, weights: Iterable[Any]) -> Iterator[tuple[str, float]]:
        """(name, value) of everything seen. `weights` are those after the step."""
        moves = [float(np.linalg.norm(array_of(b) - a)) for a, b in zip(self._before, weights, strict=True)]
        if self.norms is not None:
            yield "gradient_norm", math.hypot(*(norm for norm, _ in self.norms))
        taken: set[str] = set()
        for layer in self._layers:
            name = layer_name(layer, taken)
            own = [self._variables[id(v)] for v in layer.trainable_variables if id(v) in self._variables]
            if own:
                yield from self._of_weights(name, own, moves)
            if id(layer) in self.outputs:
                yield from _of_output(name, layer, self.outputs[id(layer)])

    def _of_weights(self, name: str, own: list[int], moves: list[float]) -> Iterator[tuple[str, float]]:
        if self.norms is not None:
            size = sum(self._before[i].size for i in own)
            yield f"gradient_norm/{name}", math.hypot(*(self.norms[i][0] for i in own))
            yield f"gradient_mean_absolute/{name}", sum(self.norms[i][1] for i in own) / max(size, 1)
        weights = math.hypot(*(float(np.linalg.norm(self._before[i])) for i in own))
        yield f"weight_norm/{name}", weights
        if weights > 0:
            yield f"update_ratio/{name}", math.hypot(*(moves[i] for i in own)) / weights


class Recomputation:
    """Gradients and outputs of a model whose real ones stay inside a compiled step (JAX, TensorFlow)."""

    def __init__(self, model: Any, backend: str, places: Places, called: Callable[[Calls], None]) -> None:
        self._model, self._places, self._called = model, places, called
        self._shapes: list[tuple[int, ...]] | None = None
        self._others = 0  # batches of another shape in a row
        self._compute: Callable[..., Any] = self._jax() if backend == "jax" else self._tensorflow

    def suits(self, batch: tuple[Any, Any, Any]) -> bool:
        """Whether a look at this batch needs no other compilation than the first one (the last batch is smaller)."""
        from keras import tree

        shapes = [tuple(leaf.shape) for leaf in tree.flatten(batch) if leaf is not None]
        self._shapes = self._shapes or shapes
        self._others = 0 if shapes == self._shapes else self._others + 1
        if self._others > OTHERS:
            self._shapes, self._others = shapes, 0
        return shapes == self._shapes

    def __call__(
        self, batch: tuple[Any, Any, Any], state: tuple[Any, ...]
    ) -> tuple[list[tuple[float, float]], dict[int, Any]]:
        """(L2 norm, Σ|g|) per trainable variable, and outputs by the id of the layer."""
        norms, outputs = self._compute(batch, state)
        return [(float(norm), float(total)) for norm, total in norms], outputs

    def _jax(self) -> Callable[..., Any]:
        import jax
        import jax.numpy as jnp

        model = self._model
        layers = [id(layer) for layer in leaf_layers(model)]

        def loss(trainable: Any, others: Any, optimizer: Any, metrics: Any, batch: Any) -> Any:
            calls = Calls()
            with collecting(calls, self._places):
                _, (value, prediction, *_) = model.compute_loss_and_updates(
                    trainable, others, metrics, *batch, training=True, optimizer_variables=optimizer
                )
            calls.outputs[id(model)] = prediction
            self._called(calls)
            return value, [calls.outputs[i][:ROWS] if _is_array(calls.outputs.get(i)) else None for i in layers]

        @jax.jit
        def measure(state: Any, batch: Any) -> Any:
            gradients, outputs = jax.grad(loss, has_aux=True)(*state, batch)
            return [(jnp.linalg.norm(g.ravel()), jnp.abs(g).sum()) for g in gradients], outputs

        def compute(batch: Any, state: tuple[Any, ...]) -> Any:
            norms, outputs = measure(state, batch)
            return norms, {i: output for i, output in zip(layers, outputs, strict=True) if output is not None}

        return compute

    def _tensorflow(self, batch: tuple[Any, Any, Any], state: tuple[Any, ...]) -> Any:
        import tensorflow as tf
        from keras import StatelessScope

        model, (inputs, target, weight) = self._model, batch
        calls = Calls()
        with tf.GradientTape() as tape, ExitStack() as scopes:
            # A weight penalty asks the scope for the weights.
            scopes.enter_context(StatelessScope([(v, v.value) for v in model.trainable_variables]))
            scopes.enter_context(collecting(calls, self._places))
            settings = {"training": True} if model._call_has_training_arg else {}
            prediction = model(inputs, **settings)
            loss = model._compute_loss(x=inputs, y=target, y_pred=prediction, sample_weight=weight, training=True)
        self._called(calls)
        gradients = tape.gradient(loss, [variable.value for variable in model.trainable_variables])
        return [(0.0, 0.0) if g is None else _norm_and_sum(tf.convert_to_tensor(g)) for g in gradients], calls.outputs


def _norm_and_sum(gradient: Any) -> tuple[float, float]:
    values = array_of(gradient)
    return float(np.linalg.norm(values)), float(np.abs(values).sum(dtype=np.float64))


def _of_output(name: str, layer: Any, output: Any) -> Iterator[tuple[str, float]]:
    if not _is_array(output):
        return
    values = array_of(output[:ROWS])
    if values.dtype.kind != "f" or values.size == 0:
        return
    yield f"output_std/{name}", float(values.std(dtype=np.float64))
    activation = activation_name(layer)
    if activation in DEAD:
        units = np.moveaxis(values, 1 if _channels_first(layer) else -1, 0)
        yield f"dead_fraction/{name}", float((units <= 0).reshape(len(units), -1).all(axis=1).mean())
    elif activation in FLAT_ENDS:
        low, high = FLAT_ENDS[activation]
        yield f"saturated_fraction/{name}", float(((values <= low) | (values >= high)).mean())


def _is_array(output: Any) -> bool:
    return hasattr(output, "shape") and len(output.shape) >= 1


def _channels_first(layer: Any) -> bool:
    return getattr(layer, "data_format", None) == "channels_first"


__all__ = ["Looks"]

"""A `train_step` that the script writes itself, without `compute_loss`: what its model put out, and its loss.

Nothing says what the step compares the prediction with. That it is the target of the batch is found by computing the
losses people write: one of them gives the value that was differentiated, or the batch says nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import numpy as np

from losskit.doctor.probe.keras_losses import LossDescription

CLOSE = 1e-3  # of a loss: it is computed anew in another order, perhaps from half precision
TINY = 1e-7  # keeps the logarithm of a probability finite, as in Keras


Note = Callable[[Any], None]  # is given the frame that differentiates


@contextmanager
def overhearing(model: Any, backend: str, note: Note, heard: dict[str, Any]) -> Iterator[None]:
    """While the model's step runs (or is traced): its first prediction, and the value that is differentiated."""
    inner: dict[str, Any] = heard if backend != "jax" else {}  # of a value inside a gradient, which may not leave it
    vars(model)["call"] = _predicting(model.call, inner)
    if backend == "torch":
        import torch

        owner, names, differentiating = torch.Tensor, ("backward",), _of_backward
    elif backend == "tensorflow":
        import tensorflow as tf

        owner, names, differentiating = tf.GradientTape, ("gradient",), _of_tape
    else:
        import jax

        owner, names, differentiating = jax, ("value_and_grad", "grad"), _of_function
    originals = {name: getattr(owner, name) for name in names}
    for name, method in originals.items():
        setattr(owner, name, differentiating(method, note, inner, heard))
    try:
        yield
    finally:
        vars(model).pop("call", None)
        for name, method in originals.items():
            setattr(owner, name, method)


def _predicting(call: Callable[..., Any], inner: dict[str, Any]) -> Callable[..., Any]:
    traced = _graph()

    @wraps(call)
    def predicting(*arguments: Any, **named: Any) -> Any:
        output = call(*arguments, **named)
        if hasattr(output, "shape") and _graph() is traced:  # what belongs to an inner function may not leave it
            inner.setdefault("prediction", output.detach() if hasattr(output, "detach") else output)
        return output

    return predicting


def _graph() -> Any:
    """The function that TensorFlow is tracing; None where there is none."""
    tf = sys.modules.get("tensorflow")
    return None if tf is None or tf.executing_eagerly() else tf.compat.v1.get_default_graph()


def _of_backward(method: Callable[..., Any], note: Note, inner: dict[str, Any], heard: dict[str, Any]) -> Any:
    @wraps(method)
    def backward(tensor: Any, *arguments: Any, **named: Any) -> Any:
        heard.setdefault("loss", tensor.detach())
        note(sys._getframe(1))
        return method(tensor, *arguments, **named)

    return backward


def _of_tape(method: Callable[..., Any], note: Note, inner: dict[str, Any], heard: dict[str, Any]) -> Any:
    traced = _graph()

    @wraps(method)
    def gradient(tape: Any, target: Any, *arguments: Any, **named: Any) -> Any:
        if hasattr(target, "shape") and _graph() is traced:
            heard.setdefault("loss", target)
            note(sys._getframe(1))
        return method(tape, target, *arguments, **named)

    return gradient


def _of_function(method: Callable[..., Any], note: Note, inner: dict[str, Any], heard: dict[str, Any]) -> Any:
    """`jax.value_and_grad`, `jax.grad`: the function is asked to hand out, beside what it returns, what was heard."""
    with_value = method.__name__ == "value_and_grad"

    @wraps(method)
    def differentiate(function: Callable[..., Any], *arguments: Any, has_aux: bool = False, **named: Any) -> Any:
        note(sys._getframe(1))

        @wraps(function)
        def telling(*given: Any, **settings: Any) -> Any:
            result = function(*given, **settings)
            value = result[0] if has_aux else result
            told, inner_now = {"loss": value, **inner}, result[1] if has_aux else None
            inner.clear()
            return value, (inner_now, told)

        differentiated = method(telling, *arguments, has_aux=True, **named)

        @wraps(function)
        def called(*given: Any, **settings: Any) -> Any:
            first, second = differentiated(*given, **settings)
            (value, (aux, told)), gradients = (first, second) if with_value else ((None, second), first)
            for name, one in told.items():
                heard.setdefault(name, one)
            if with_value:
                return ((value, aux) if has_aux else value), gradients
            return (gradients, aux) if has_aux else gradients

        return called

    return differentiate


def recognised(loss: float, prediction: np.ndarray, target: np.ndarray) -> tuple[LossDescription, bool] | None:
    """Which loss of prediction and target has this value, and whether it compared every one with every other."""
    if prediction.dtype.kind != "f" or not np.isfinite(loss) or loss == 0:
        return None
    p, t = prediction.astype(np.float64), target.astype(np.float64)
    for name, expects, value, broadcast in _candidates(p, t):
        if abs(value - loss) <= CLOSE * abs(loss):
            return LossDescription(name, "the loss of train_step", "user", expects), broadcast
    return None


def _candidates(p: np.ndarray, t: np.ndarray) -> Iterator[tuple[str, str, float, bool]]:
    """(catalogue class, what it takes for a prediction, value, whether shapes were broadcast)."""
    with np.errstate(all="ignore"):
        if p.size == t.size:
            yield from ((*one, False) for one in _elementwise(p, t.reshape(p.shape)))
        if p.shape != t.shape and p.ndim <= 2 and t.ndim <= 2 and p.size == t.size > 1:
            yield from ((*one, True) for one in _elementwise(*np.broadcast_arrays(p, t)))
        if p.ndim == 2 and p.shape[1] > 1:
            labels = t if t.shape == p.shape else None
            if t.size == len(p) and bool(((t >= 0) & (t < p.shape[1]) & (t == np.floor(t))).all()):
                labels = np.eye(p.shape[1])[t.reshape(-1).astype(int)]
            if labels is not None:
                top = p.max(axis=1, keepdims=True)
                logarithms = p - top - np.log(np.exp(p - top).sum(axis=1, keepdims=True))
                yield "CrossEntropy", "logits", float(-(labels * logarithms).sum(axis=1).mean()), False
                clipped = np.log(np.clip(p, TINY, 1 - TINY))
                yield "CrossEntropy", "probabilities", float(-(labels * clipped).sum(axis=1).mean()), False


def _elementwise(p: np.ndarray, t: np.ndarray) -> Iterator[tuple[str, str, float]]:
    yield "SquaredError", "values", float(((p - t) ** 2).mean())
    yield "AbsoluteError", "values", float(np.abs(p - t).mean())
    yield "BinaryCrossEntropy", "logits", float((np.maximum(p, 0) - p * t + np.log1p(np.exp(-np.abs(p)))).mean())
    clipped = np.clip(p, TINY, 1 - TINY)
    yield "BinaryCrossEntropy", "probabilities", float(-(t * np.log(clipped) + (1 - t) * np.log1p(-clipped)).mean())


def is_own(model: Any) -> bool:
    """Whether the training step is the script's, and not Keras's."""
    return not (type(model).train_step.__module__ or "").startswith("keras.")


__all__ = ["is_own", "overhearing", "recognised"]

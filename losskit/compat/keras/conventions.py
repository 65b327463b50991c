"""Keras's conventions, said once: ranks and dtypes, what a mask leaves out, and what fixed=True puts in their place."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

import keras

# Keras keeps a mask beside a tensor that takes no attributes, as JAX's do not, and has no public name for either way.
from keras.src.backend.common.masking import get_keras_mask, set_keras_mask

from losskit.arrays.keras import xp
from losskit.core.errors import DomainError, ShapeError
from losskit.core.loss import HALF, Loss, fits, shape_fix

__all__ = [
    "Pair",
    "check_same_shape",
    "flat_samples",
    "get_keras_mask",
    "mean_of_what_is_left",
    "pair",
    "row_mean",
    "scores",
    "set_keras_mask",
    "whole_labels",
    "within_epsilon",
]

ops = keras.ops
Array = Any


@dataclass(frozen=True)
class Pair:
    """Target and prediction in the dtype the formula runs in, Keras's mask, and the dtype that goes back.

    With fixed, values are those of the loss itself: its checks of shapes and domains, and the mask before the formula.
    """

    target: Array
    prediction: Array
    mask: Array | None
    dtype: str
    fixed: bool

    def values(self, loss: Loss, target: Array | None = None) -> Array:
        """One value for each entry or row."""
        target = self.target if target is None else target
        if self.fixed:
            return loss(self.prediction, target, mask=self.mask, reduction="none")
        return loss.formula(xp, self.prediction, target)

    def with_axis_last(self, axis: int) -> Pair:
        if axis in (-1, len(self.prediction.shape) - 1):
            return self
        return replace(
            self, prediction=ops.moveaxis(self.prediction, axis, -1), target=ops.moveaxis(self.target, axis, -1)
        )

    def back(self, values: Array) -> Array:
        return xp.cast(values, self.dtype)


def pair(y_true: Array, y_pred: Array, fixed: bool, *, aligned: bool = True) -> Pair:
    """What a loss was given. Losses that are not `aligned` leave ranks that differ to broadcasting, unless fixed."""
    mask = get_keras_mask(y_pred)
    y_pred = ops.convert_to_tensor(y_pred)
    if not xp.is_floating(y_pred):
        y_pred = xp.cast(y_pred, keras.config.floatx())
    dtype = xp.dtype_name(y_pred)
    inside = "float32" if dtype in HALF else dtype
    target, prediction = xp.cast(ops.convert_to_tensor(y_true), inside), xp.cast(y_pred, inside)
    if aligned or fixed:
        target, prediction = same_rank(target, prediction)
    return Pair(target, prediction, mask, dtype, fixed)


def same_rank(target: Array, prediction: Array) -> tuple[Array, Array]:
    """Keras's way with ranks one apart: a last axis of length 1 is dropped, or added to what has one axis."""
    if len(target.shape) == len(prediction.shape) + 1:
        prediction, target = _fitted(prediction, target)
    elif len(prediction.shape) == len(target.shape) + 1:
        target, prediction = _fitted(target, prediction)
    return target, prediction


def _fitted(lower: Array, higher: Array) -> tuple[Array, Array]:
    if higher.shape[-1] != 1:
        return lower, higher
    return (ops.expand_dims(lower, -1), higher) if len(lower.shape) == 1 else (lower, ops.squeeze(higher, -1))


def row_mean(loss: Loss, given: Pair, axis: Any = -1) -> Array:
    """The mean of an elementwise loss over the last axis, Keras's value of a sample."""
    return given.back(ops.mean(given.values(loss), axis=axis))


def check_same_shape(given: Pair) -> None:
    """Raise ValueError, in Keras's words, unless target and prediction have one shape."""
    target, prediction = given.target.shape, given.prediction.shape
    if not fits(tuple(target), tuple(prediction)):
        raise ValueError(
            f"Arguments `target` and `output` must have the same shape. Received: target.shape={tuple(target)}, "
            f"output.shape={tuple(prediction)}"
        )


def scores(from_logits: bool) -> Literal["logits", "probabilities"]:
    return "logits" if from_logits else "probabilities"


def within_epsilon(p: Array) -> Array:
    """Probabilities held within [ε, 1 − ε], ε = keras.config.epsilon()."""
    epsilon = keras.config.epsilon()
    return xp.clip(p, epsilon, 1 - epsilon)


def whole_labels(y_true: Array) -> Array:
    """Labels as integers; DomainError where a fraction would be lost."""
    y_true = ops.convert_to_tensor(y_true)
    if not xp.is_floating(y_true):
        return y_true
    labels = xp.cast(y_true, "int32")
    if not xp.is_traced(y_true) and not xp.on_accelerator(y_true):
        bad = xp.to_numpy(xp.cast(labels, y_true) != y_true)
        if bad.any():
            index = tuple(int(axis[0]) for axis in bad.nonzero())
            raise DomainError(
                f"y_true{list(index)}: expected whole class indices, got {xp.to_numpy(y_true)[index]}; "
                "fix: for rows of probabilities take categorical_crossentropy"
            )
    return labels


def mean_of_what_is_left(values: Array, weight: Array | None, keep: Array | None, reduction: str | None) -> Array:
    """losskit's reduction: a mean divides by the sum of the weights that are not masked, and is 0 where that is 0.

    weight: of the values' shape or of its leading axes, with an axis of length 1 behind if need be; else ShapeError.
    """
    weights = ops.ones_like(values)
    if weight is not None:
        weights = weights * _leading("sample_weight", xp.cast(ops.convert_to_tensor(weight), values), values)
    if keep is not None:
        keep = ops.broadcast_to(_leading("mask", ops.convert_to_tensor(keep), values), ops.shape(values))
        weights = xp.where(keep, weights, 0.0)
        values = xp.where(keep, values, 0.0)
    values = values * weights
    if reduction in (None, "none"):
        return values
    total = ops.sum(values)
    if reduction == "sum":
        return total
    divisor = ops.sum(weights)
    return total / xp.where(divisor == 0, 1.0, divisor)


def _leading(name: str, array: Array, values: Array) -> Array:
    shape = tuple(values.shape)
    while len(array.shape) > len(shape) and array.shape[-1] == 1:
        array = ops.squeeze(array, -1)
    own = tuple(array.shape)
    if len(own) > len(shape) or not fits(own, shape[: len(own)]):
        raise ShapeError(
            f"{name}: expected the shape {shape} of the values, or its leading axes, got {own}"
            + shape_fix(name, own, name, shape)
        )
    for _ in range(len(shape) - len(own)):
        array = ops.expand_dims(array, -1)
    return array


def flat_samples(given: Pair, axis: Any) -> tuple[Pair, tuple[Array, ...]]:
    """Both as (samples, entries), the axes in `axis` being a sample's own (None: all), and the shape of the samples."""
    rank = len(given.prediction.shape)
    own = tuple(range(rank)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    own = tuple(each % rank for each in own)
    kept = tuple(each for each in range(rank) if each not in own)
    sizes = [given.prediction.shape[each] for each in own]
    entries = -1 if not kept else math.prod(sizes)

    def flat(x: Array) -> Array:
        return ops.reshape(ops.transpose(x, (*kept, *own)), (1 if not kept else -1, entries))

    shape: Any = ops.shape(given.prediction)
    mask = given.mask
    if mask is not None:  # of samples, or of entries
        mask = flat(ops.broadcast_to(_leading("mask", mask, given.prediction), shape))
    samples = replace(given, target=flat(given.target), prediction=flat(given.prediction), mask=mask)
    return samples, tuple(shape[each] for each in kept)

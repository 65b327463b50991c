"""Keras's losses of class probabilities: cross-entropies, focal losses, generalised cross-entropy."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import keras

from losskit.arrays.keras import xp
from losskit.compat.keras.conventions import (
    Pair,
    check_same_shape,
    pair,
    row_mean,
    scores,
    set_keras_mask,
    whole_labels,
    within_epsilon,
)
from losskit.core.loss import fits
from losskit.losses import BinaryCrossEntropy, BinaryFocal, CrossEntropy, Focal, GeneralizedCrossEntropy
from losskit.losses.classification import power

__all__ = [
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "sparse_categorical_crossentropy",
]

Array = Any


def binary_crossentropy(
    y_true: Array,
    y_pred: Array,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
    *,
    fixed: bool = False,
) -> Array:
    """As keras.losses.binary_crossentropy: the mean over axis of −y log p − (1 − y) log(1 − p).

    Shapes: alike, else ValueError. Probabilities are held within [ε, 1 − ε], beyond which their gradient is 0.
    fixed=True: losskit.BinaryCrossEntropy: nothing is held, so a certain miss gives ∞; DomainError for probabilities or
    targets outside [0, 1].
    """
    given = _binary(y_true, y_pred, label_smoothing, fixed)
    if not fixed and not from_logits:
        given = replace(given, prediction=within_epsilon(given.prediction))
    smoothing = label_smoothing if fixed else 0.0
    return row_mean(BinaryCrossEntropy(input=scores(from_logits), label_smoothing=smoothing), given, axis)


def binary_focal_crossentropy(
    y_true: Array,
    y_pred: Array,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
    *,
    fixed: bool = False,
) -> Array:
    """As keras.losses.binary_focal_crossentropy: (1 − pₜ)^gamma times the binary cross-entropy, the mean over axis.

    pₜ = y p + (1 − y)(1 − p), y smoothed; apply_class_balancing: times alpha where y is 1, 1 − alpha where it is 0.
    Shapes: alike, else ValueError. Probabilities are held within [ε, 1 − ε] in the cross-entropy. Of logits the formula
    is exact, where Keras takes their sigmoid first and loses value and gradient beyond ±16.
    fixed=True: losskit.BinaryFocal, whose soft targets mix the two classes' values instead; nothing is held;
    DomainError for probabilities or targets outside [0, 1].
    """
    given = _binary(y_true, y_pred, label_smoothing, fixed)
    y, p = given.target, given.prediction
    if fixed:
        y = y * (1 - label_smoothing) + label_smoothing / 2
        balance = (1 - alpha, alpha) if apply_class_balancing else None
        loss = BinaryFocal(input=scores(from_logits), gamma=gamma, class_weight=balance)
        return row_mean(loss, replace(given, target=y), axis)
    held = p if from_logits else within_epsilon(p)
    surprise = BinaryCrossEntropy(input=scores(from_logits)).formula(xp, held, y)
    likely, unlikely = (xp.sigmoid(p), xp.sigmoid(-p)) if from_logits else (p, 1 - p)
    values = power(xp, y * unlikely + (1 - y) * likely, gamma) * surprise if gamma else surprise
    if apply_class_balancing:
        values = (y * alpha + (1 - y) * (1 - alpha)) * values
    return given.back(xp.mean(values, axis=axis))


def _binary(y_true: Array, y_pred: Array, label_smoothing: float, fixed: bool) -> Pair:
    given = pair(y_true, y_pred, fixed, aligned=False)
    if fixed:
        return given
    check_same_shape(given)
    if label_smoothing:
        given = replace(given, target=given.target * (1 - label_smoothing) + label_smoothing / 2)
    return given


def categorical_crossentropy(
    y_true: Array,
    y_pred: Array,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
    *,
    fixed: bool = False,
) -> Array:
    """As keras.losses.categorical_crossentropy: −Σ y log p along axis, of rows of class probabilities.

    Shapes: alike, else ValueError. Probabilities are divided by their sum and held within [ε, 1 − ε]. Smoothed targets
    share label_smoothing among as many classes as the last axis has, whatever axis says.
    fixed=True: losskit.CrossEntropy: nothing is divided or held; rows of p and y that do not sum to 1 are a
    DomainError; label_smoothing goes by the classes along axis.
    """
    given = _rows(y_true, y_pred, from_logits, label_smoothing, axis, fixed)
    smoothing = label_smoothing if fixed else 0.0
    loss = CrossEntropy(input=scores(from_logits), label_smoothing=smoothing)
    return given.back(given.values(loss))


def categorical_focal_crossentropy(
    y_true: Array,
    y_pred: Array,
    alpha: float | tuple[float, ...] | list[float] = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
    *,
    fixed: bool = False,
) -> Array:
    """As keras.losses.categorical_focal_crossentropy: −Σ alpha y (1 − p)^gamma log p along axis.

    alpha: one number, or one for each class. Shapes, probabilities and label_smoothing as in categorical_crossentropy;
    of logits the formula is exact, where Keras takes their softmax first and loses the gradient.
    fixed=True: losskit.Focal of targets that sum to 1, smoothed by the classes along axis; as categorical_crossentropy.
    """
    given = _rows(y_true, y_pred, from_logits, label_smoothing, axis, fixed)
    loss = Focal(input=scores(from_logits), gamma=gamma)
    weight = xp.asarray(alpha, like=given.prediction)
    if not fixed:
        return given.back(given.values(loss, weight * given.target))
    classes = given.prediction.shape[-1]
    row = given.target * (1 - label_smoothing) + label_smoothing / classes
    if isinstance(alpha, (int, float)):
        return given.back(alpha * given.values(loss, row))
    return given.back(given.values(replace(loss, class_weight=tuple(alpha)), row))


def _rows(y_true: Array, y_pred: Array, from_logits: bool, label_smoothing: float, axis: int, fixed: bool) -> Pair:
    if isinstance(axis, bool):
        raise ValueError(f"`axis` must be of type `int`. Received: axis={axis} of type {type(axis)}")
    given = pair(y_true, y_pred, fixed, aligned=False)
    if given.prediction.shape[-1] == 1:
        warnings.warn(
            "expected y_pred.shape to be (batch_size, num_classes) with num_classes > 1. Received: "
            f"y_pred.shape={tuple(given.prediction.shape)}. Consider using 'binary_crossentropy' if you only have "
            "2 classes.",
            SyntaxWarning,
            stacklevel=3,
        )
    if fixed:
        return given.with_axis_last(axis)
    check_same_shape(given)
    if label_smoothing:
        shared = label_smoothing / given.target.shape[-1]
        given = replace(given, target=given.target * (1 - label_smoothing) + shared)
    given = given.with_axis_last(axis)
    return given if from_logits else replace(given, prediction=_normalised(given.prediction))


def _normalised(p: Array) -> Array:
    return within_epsilon(p / xp.sum(p, axis=-1, keepdims=True))


def sparse_categorical_crossentropy(
    y_true: Array,
    y_pred: Array,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
    *,
    fixed: bool = False,
) -> Array:
    """As keras.losses.sparse_categorical_crossentropy: −log p of the labelled class along axis.

    Shapes: y_pred with C entries along axis, y_true of the other axes, or with 1 there; else ValueError, as for another
    axis than the last on TensorFlow and JAX. Labels ignore_class get 0, and a Keras mask that leaves them out.
    Probabilities as in categorical_crossentropy. A label out of range is what keras.ops.one_hot makes of it: on JAX and
    TensorFlow the value 0, on torch an error.
    fixed=True: losskit.CrossEntropy, along any axis: a label out of range or not whole is a DomainError on every
    backend, as are rows of p that do not sum to 1.
    """
    labels = whole_labels(y_true) if fixed else xp.cast(keras.ops.convert_to_tensor(y_true), "int32")
    given = pair(labels, y_pred, fixed=False, aligned=False)
    rank = len(given.prediction.shape)
    if len(labels.shape) == rank and labels.shape[axis] == 1:
        labels = xp.squeeze(labels, axis)
    rows: Any = given.prediction if axis in (-1, rank - 1) else keras.ops.moveaxis(given.prediction, axis, -1)
    if not fixed:
        _check_labels(labels, given.prediction, axis)
    kept: Any = None if ignore_class is None else labels != ignore_class
    if fixed:
        loss = CrossEntropy(input=scores(from_logits), ignore_index=ignore_class)
        values = loss(rows, labels, mask=given.mask, reduction="none")
    else:
        if kept is not None:
            labels, rows = xp.where(kept, labels, 0), xp.where(xp.expand_dims(kept, -1), rows, 1.0)
        rows = rows if from_logits else _normalised(rows)
        row = keras.ops.one_hot(labels, rows.shape[-1], dtype=xp.dtype_name(rows))
        values = CrossEntropy(input=scores(from_logits)).formula(xp, rows, row)
    if kept is None:
        return given.back(values)
    values = given.back(xp.where(kept, values, 0.0))
    set_keras_mask(values, mask=kept)
    return values


def _check_labels(labels: Array, y_pred: Array, axis: int) -> None:
    """Raise ValueError where Keras does: labels that do not fit; on TensorFlow and JAX another axis than the last."""
    shape, rank = list(xp.shape(y_pred)), len(y_pred.shape)
    backend = keras.config.backend()
    if backend == "tensorflow" and axis not in (-1, rank - 1):
        raise ValueError(f"Only axis=-1 is currently supported. Received: axis={axis}")
    del shape[axis if backend == "torch" else -1]
    if not fits(xp.shape(labels), tuple(shape)):
        raise ValueError(
            "Arguments `target` and `output` must have the same shape up until the last dimension: "
            f"target.shape={xp.shape(labels)}, output.shape={xp.shape(y_pred)}"
        )


def categorical_generalized_cross_entropy(y_true: Array, y_pred: Array, q: float, *, fixed: bool = False) -> Array:
    """As keras.losses.categorical_generalized_cross_entropy: (1 − p^q) / q, p the probability of the labelled class.

    Shapes: y_pred (…, C) probabilities, y_true (…) labels.
    fixed=True: losskit.GeneralizedCrossEntropy: labels may have a last axis of length 1; labels out of range or not
    whole, and rows that do not sum to 1, are a DomainError.
    """
    loss = GeneralizedCrossEntropy(input="probabilities", q=q)
    if not fixed:
        labels = xp.cast(keras.ops.convert_to_tensor(y_true), "int32")
        given = pair(labels, y_pred, fixed, aligned=False)
        row = keras.ops.one_hot(labels, given.prediction.shape[-1], dtype=xp.dtype_name(given.prediction))
        return given.back(given.values(loss, row))
    labels = whole_labels(y_true)
    if len(xp.shape(labels)) == len(y_pred.shape) and xp.shape(labels)[-1] == 1:
        labels = xp.squeeze(labels, -1)
    given = pair(labels, y_pred, fixed, aligned=False)
    return given.back(given.values(loss, labels))

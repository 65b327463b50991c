"""optax's regression losses and cosine."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from losskit.arrays.jax import xp
from losskit.compat.optax.conventions import Array, Axis, back, check_floating, check_same_shape, rows, values, wide
from losskit.core.kinds import ElementwiseLoss
from losskit.losses import CosineDistance, HalfSquaredError, Huber, LogCosh, SquaredError
from losskit.losses.similarity import length

__all__ = ["cosine_distance", "cosine_similarity", "huber_loss", "l2_loss", "log_cosh", "squared_error"]


def squared_error(predictions: Array, targets: Array | None = None, *, fixed: bool = False) -> Array:
    """As optax.squared_error: (predictions − targets)², or predictions² without targets; one value per entry.

    Shapes: alike, else ValueError; TypeError unless predictions are floats. fixed=True: losskit.SquaredError; the same.
    """
    return _of_residual(SquaredError(), predictions, targets, fixed, alike=True)


def l2_loss(predictions: Array, targets: Array | None = None, *, fixed: bool = False) -> Array:
    """As optax.l2_loss: half of squared_error."""
    return _of_residual(HalfSquaredError(), predictions, targets, fixed, alike=True)


def huber_loss(predictions: Array, targets: Array | None = None, *, delta: Any = 1.0, fixed: bool = False) -> Array:
    """As optax.huber_loss: ½r² for r = |predictions − targets| ≤ delta, else delta (r − ½ delta).

    Shapes: any that broadcast. fixed=True: losskit.Huber: ShapeError instead of broadcasting; delta is a Python number
    above 0, else ValueError.
    """
    if fixed:
        return _of_residual(Huber(delta=delta), predictions, targets, fixed)
    check_floating(predictions=predictions)
    unit = _of_residual(Huber(), predictions / delta, None if targets is None else targets / delta, fixed)
    return delta * delta * unit  # so that delta may be traced


def log_cosh(predictions: Array, targets: Array | None = None, *, fixed: bool = False) -> Array:
    """As optax.log_cosh: log cosh(predictions − targets), exact for small residuals, where optax's is 0.

    Shapes and fixed=True as in huber_loss.
    """
    return _of_residual(LogCosh(), predictions, targets, fixed)


def _of_residual(
    loss: ElementwiseLoss, predictions: Array, targets: Array | None, fixed: bool, *, alike: bool = False
) -> Array:
    check_floating(predictions=predictions)
    prediction = wide(predictions)
    if targets is None:
        target = jnp.zeros_like(prediction)
    else:
        if alike:
            check_same_shape(predictions=predictions, targets=targets)
        target = wide(targets).astype(prediction.dtype)
    like = predictions if targets is None else jnp.result_type(predictions, targets)
    return back(values(loss, prediction, target, fixed), like)


def cosine_similarity(
    predictions: Array,
    targets: Array,
    *,
    epsilon: Any = 0.0,
    axis: Axis = -1,
    where: Array | None = None,
    fixed: bool = False,
) -> Array:
    """As optax.cosine_similarity: the cosine along axis, squared lengths raised to epsilon; `where` leaves entries out.

    Shapes: any that broadcast. A zero vector has similarity 0 and gradient 0, where optax has NaN for epsilon=0.
    fixed=True: one minus losskit.CosineDistance: ShapeError instead of broadcasting.
    """
    check_floating(predictions=predictions, targets=targets)
    if fixed:
        check_same_shape(predictions=predictions, targets=targets)
    kept, (prediction, target) = rows(axis, where, wide(predictions), wide(targets))
    if kept is not None:
        prediction, target = (jnp.where(kept, each, 0.0) for each in (prediction, target))
    cosine = 1.0 - CosineDistance().formula(xp, prediction, target)
    for vector in (prediction, target):
        size, least = length(xp, vector), jnp.sqrt(jnp.asarray(epsilon, vector.dtype))
        short = size < least
        cosine = cosine * jnp.where(short, size / jnp.where(short, least, 1.0), 1.0)
    return back(cosine, predictions)


def cosine_distance(
    predictions: Array,
    targets: Array,
    *,
    epsilon: Any = 0.0,
    axis: Axis = -1,
    where: Array | None = None,
    fixed: bool = False,
) -> Array:
    """As optax.cosine_distance: one minus cosine_similarity."""
    return 1.0 - cosine_similarity(predictions, targets, epsilon=epsilon, axis=axis, where=where, fixed=fixed)

"""optax's Dice losses."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from losskit.arrays.jax import xp
from losskit.compat.optax.conventions import Array, check_same_shape
from losskit.core.checks import values_are_checked
from losskit.core.domain import Probability
from losskit.losses import Tversky

__all__ = ["binary_dice_loss", "dice_loss", "multiclass_generalized_dice_loss"]


def dice_loss(
    predictions: Array,
    targets: Array,
    *,
    class_weights: Array | None = None,
    smooth: Any = 1.0,
    alpha: Any = 0.5,
    beta: Any = 0.5,
    apply_softmax: bool = True,
    reduction: str = "mean",
    ignore_background: bool = False,
    axis: int | tuple[int, ...] | None = None,
    fixed: bool = False,
) -> Array:
    """As optax.losses.dice_loss: 1 − (TP + smooth) / (TP + alpha FP + beta FN + smooth) of each class, then reduced.

    Shapes: predictions and targets (N, …, C), either without C = 1; sums over axis (None: all between); values (N) for
    "mean" and "sum" over classes, (N, C) for "none". Logits get a softmax, or a sigmoid for C = 1; with
    apply_softmax=False rows must sum to 1. class_weights (C) multiply; a mean divides by C. ValueError for shapes, rows
    and reductions that do not fit. fixed=True: losskit.Tversky: a mean divides by the sum of class_weights, one class
    without softmax is any mask in [0, 1], and targets outside [0, 1] are a DomainError.
    """
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"Unsupported reduction: {reduction}")
    p, t = _with_classes(predictions, targets)
    check_same_shape(predictions=p, targets=t)
    classes = p.shape[-1]
    if fixed and values_are_checked(xp, t):
        Probability().check(xp, "targets", t)
    if apply_softmax:
        absent = xp.sigmoid(-p) if classes == 1 else -xp.expm1(xp.log_softmax(p))
        p = xp.sigmoid(p) if classes == 1 else xp.softmax(p)
    else:
        _check_probabilities(p, one_mask=fixed and classes == 1)
        absent = 1 - p
    axis = tuple(range(1, p.ndim - 1)) if axis is None else axis
    found, false, missed = (xp.sum(each, axis=axis) for each in (p * t, p * (1 - t), absent * t))
    loss = Tversky(input="probabilities", smooth=0.0)
    value = _ratio(loss, alpha * false + beta * missed, found, smooth)
    weights = jnp.ones(classes, value.dtype)
    if class_weights is not None:
        weights = jnp.asarray(class_weights)
        if weights.ndim != 1:
            raise ValueError(f"class_weights: expected one axis, got {weights.ndim}")
        value = value * weights
    if ignore_background and classes > 1:
        value, weights = value[..., 1:], weights[1:]
    if reduction == "none":
        return value
    total = xp.sum(value, axis=-1)
    if reduction == "sum":
        return total
    divisor = xp.sum(weights) if fixed else value.shape[-1]
    return total / divisor


def _ratio(loss: Tversky, wrong: Array, right: Array, smooth: Any) -> Array:
    """wrong / (right + smooth + wrong): `smooth` stands on both sides of the overlap, and may be traced."""
    return loss.ratio(xp, wrong, right + smooth)


def _with_classes(predictions: Array, targets: Array) -> tuple[Array, Array]:
    p, t = jnp.asarray(predictions), jnp.asarray(targets)
    if p.ndim == t.ndim - 1:
        p = p[..., None]
    if t.ndim == p.ndim - 1:
        t = t[..., None]
    return p, t


def _check_probabilities(p: Array, one_mask: bool) -> None:
    if not values_are_checked(xp, p):
        return
    if one_mask:
        Probability().check(xp, "predictions", p)
        return
    sums = jnp.sum(p, axis=-1)
    if not jnp.allclose(sums, 1.0, rtol=1e-5):
        raise ValueError(
            "When apply_softmax=False, predictions must be valid probability distributions that sum to 1 along the "
            f"class axis. Found sum range: [{jnp.min(sums):.6f}, {jnp.max(sums):.6f}]"
        )


def multiclass_generalized_dice_loss(
    predictions: Array,
    targets: Array,
    *,
    smooth: Any = 1.0,
    apply_softmax: bool = True,
    ignore_background: bool = False,
    fixed: bool = False,
) -> Array:
    """As optax.losses.multiclass_generalized_dice_loss: the mean of dice_loss, classes weighing 1 / (size² + 1e-7).

    Shapes: (N, …, C) alike, else ValueError; a scalar. The weights are scaled to a mean of 1.
    fixed=True: as dice_loss; a class that the batch has not weighs 0, where in optax it weighs more than all others.
    """
    check_same_shape(predictions=predictions, targets=targets)
    size = jnp.sum(targets, axis=tuple(range(jnp.ndim(targets) - 1)))
    weights = 1.0 / (jnp.square(size) + 1e-7)
    if fixed:
        weights = jnp.where(size == 0, 0.0, weights)
    total = jnp.sum(weights)
    weights = weights / jnp.where(total == 0, 1.0, total) * weights.shape[0]
    value = dice_loss(
        predictions,
        targets,
        class_weights=weights,
        smooth=smooth,
        apply_softmax=apply_softmax,
        reduction="none",
        ignore_background=ignore_background,
        fixed=fixed,
    )
    return jnp.mean(value)


def binary_dice_loss(
    predictions: Array, targets: Array, *, smooth: Any = 1.0, apply_sigmoid: bool = True, fixed: bool = False
) -> Array:
    """As optax.losses.binary_dice_loss: dice_loss of one class.

    Shapes: (N, …) or (N, …, 1) alike; values (N). Without apply_sigmoid optax asks of probabilities that each be 1.
    fixed=True: as dice_loss: any mask in [0, 1].
    """
    if jnp.ndim(predictions) == jnp.ndim(targets) and jnp.shape(predictions)[-1] != 1:
        predictions, targets = jnp.asarray(predictions)[..., None], jnp.asarray(targets)[..., None]
    return dice_loss(predictions, targets, smooth=smooth, apply_softmax=apply_sigmoid, fixed=fixed)

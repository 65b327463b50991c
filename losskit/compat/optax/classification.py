"""optax's losses of class probabilities: cross-entropies, focal and poly losses, divergences."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from losskit.arrays.jax import xp
from losskit.compat.optax.conventions import (
    Array,
    Axis,
    back,
    check_floating,
    check_rows,
    check_same_shape,
    rows,
    values,
    wide,
)
from losskit.losses import (
    BinaryCrossEntropy,
    BinaryFocal,
    CrossEntropy,
    GeneralizedCrossEntropy,
    GeneralizedKLDivergence,
    KLDivergence,
    Poly1CrossEntropy,
)
from losskit.losses.classification import power

__all__ = [
    "generalized_kl_divergence",
    "kl_divergence",
    "kl_divergence_with_log_targets",
    "poly_loss_cross_entropy",
    "safe_softmax_cross_entropy",
    "sigmoid_binary_cross_entropy",
    "sigmoid_focal_loss",
    "softmax_cross_entropy",
    "softmax_cross_entropy_with_integer_labels",
]


def sigmoid_binary_cross_entropy(logits: Array, labels: Array, *, fixed: bool = False) -> Array:
    """As optax.sigmoid_binary_cross_entropy: −y log p − (1 − y) log(1 − p), one value per entry.

    Shapes: any that broadcast. TypeError unless logits are floats. Infinite logits give NaN.
    fixed=True: losskit.BinaryCrossEntropy: a right answer is 0 also at infinite logits; DomainError for labels outside
    [0, 1]; ShapeError instead of broadcasting.
    """
    check_floating(logits=logits)
    z, y = wide(logits), _like(labels, logits)
    loss = BinaryCrossEntropy()
    if fixed:
        return back(loss(z, y, reduction="none"), logits)
    return back(loss.mixed(xp, *loss.surprises(xp, z, z), y), logits)  # both sides, for the gradient by the labels


def _like(labels: Array, logits: Array) -> Array:
    return jnp.asarray(labels).astype(wide(logits).dtype)


def sigmoid_focal_loss(
    logits: Array, labels: Array, *, alpha: Any = None, gamma: Any = 2.0, fixed: bool = False
) -> Array:
    """As optax.sigmoid_focal_loss: (1 − pₜ)^gamma times the cross-entropy, pₜ = y p + (1 − y)(1 − p).

    Shapes: any that broadcast. With alpha the value of label y counts alpha y + (1 − alpha)(1 − y).
    fixed=True: losskit.BinaryFocal, whose soft labels mix the two classes' values; alpha and gamma are Python numbers;
    errors as in sigmoid_binary_cross_entropy.
    """
    check_floating(logits=logits)
    z, y = wide(logits), _like(labels, logits)
    if fixed:
        balance = None if alpha is None else (1 - alpha, alpha)
        return back(BinaryFocal(gamma=gamma, class_weight=balance)(z, y, reduction="none"), logits)
    loss = BinaryCrossEntropy()
    surprise = loss.mixed(xp, *loss.surprises(xp, z, z), y)
    value = power(xp, y * xp.sigmoid(-z) + (1 - y) * xp.sigmoid(z), gamma) * surprise
    return back(value if alpha is None else (alpha * y + (1.0 - alpha) * (1 - y)) * value, logits)


def softmax_cross_entropy(
    logits: Array, labels: Array, axis: Axis = -1, where: Array | None = None, *, fixed: bool = False
) -> Array:
    """As optax.softmax_cross_entropy: −Σ labels · log softmax(logits) over axis, of what `where` leaves.

    Shapes: any that broadcast; one value per row. TypeError unless logits are floats. NaN where a logit is −inf.
    fixed=True: losskit.CrossEntropy: a share of 0 counts 0 whatever its logit; DomainError unless labels sum to 1;
    ShapeError instead of broadcasting.
    """
    check_floating(logits=logits)
    if fixed:
        check_same_shape(logits=logits, labels=labels)
    kept, (z, y) = rows(axis, where, wide(logits), _like(labels, logits))
    loss = CrossEntropy()
    if kept is not None:
        z, y = jnp.where(kept, z, -jnp.inf), jnp.where(kept, y, 0.0)
    if fixed:
        if kept is None:
            check_rows(loss, z, y)
        return back(loss.formula(xp, z, y), logits)
    log_p = loss.log_probabilities(xp, z)
    log_p = log_p if kept is None else jnp.where(kept, log_p, 0.0)
    return back(-jnp.sum(y * log_p, axis=-1), logits)


def safe_softmax_cross_entropy(logits: Array, labels: Array, *, fixed: bool = False) -> Array:
    """As optax.safe_softmax_cross_entropy: softmax_cross_entropy along the last axis with 0 · log 0 = 0.

    Shapes: any that broadcast. fixed=True: as softmax_cross_entropy.
    """
    check_floating(logits=logits)
    if fixed:
        return softmax_cross_entropy(logits, labels, fixed=True)
    y, log_p = _like(labels, logits), CrossEntropy().log_probabilities(xp, wide(logits))
    log_p = jnp.where((y == 0) & ~jnp.isfinite(log_p), 0.0, log_p)
    return back(-jnp.sum(y * log_p, axis=-1), logits)


def softmax_cross_entropy_with_integer_labels(
    logits: Array,
    labels: Array,
    axis: int | tuple[int, ...] = -1,
    where: Array | None = None,
    *,
    fixed: bool = False,
) -> Array:
    """As optax.softmax_cross_entropy_with_integer_labels: log Σ exp(logits) over what `where` leaves, − the label's.

    Shapes: labels as logits without axis, or without all axes of a tuple, whose classes are counted in its order; one
    value per row, 0 where `where` leaves nothing. TypeError unless logits are floats and labels integers; ValueError
    for another axis. A label of C or more gives NaN; −1 is the last class.
    fixed=True: losskit.CrossEntropy: DomainError for a label out of range.
    """
    check_floating(logits=logits)
    if not jnp.issubdtype(jax.dtypes.result_type(labels), jnp.integer):
        raise TypeError(f"labels: expected integers, got {jax.dtypes.result_type(labels)}")
    if not isinstance(axis, (int, tuple)):
        raise ValueError(f"Keyword argument 'axis' must be of type 'int' or 'tuple[int, ...]', got {type(axis)}.")
    if isinstance(axis, int) and not -jnp.ndim(logits) <= axis < jnp.ndim(logits):
        raise ValueError(f"axis {axis} is out of bounds for array of dimension {jnp.ndim(logits)}")
    kept, (z,) = rows(axis, where, wide(logits))
    label, loss = jnp.asarray(labels), CrossEntropy()
    if fixed:
        check_rows(loss, z, label)
    if kept is None:
        return back(loss.formula(xp, z, label), logits)
    normalizer = xp.logsumexp(jnp.where(kept, z, -jnp.inf))
    any_left = jnp.any(kept, axis=-1)
    return back(jnp.where(any_left, normalizer - loss.chosen(xp, z, label), 0.0), logits)


def poly_loss_cross_entropy(
    logits: Array,
    labels: Array,
    *,
    epsilon: Any = 2.0,
    axis: Axis = -1,
    where: Array | None = None,
    fixed: bool = False,
) -> Array:
    """As optax.losses.poly_loss_cross_entropy: softmax_cross_entropy + epsilon Σ labels (1 − p).

    Shapes and `where` as in softmax_cross_entropy; TypeError also unless labels are floats.
    fixed=True: losskit.Poly1CrossEntropy, errors as there; epsilon is a Python number ≥ −1, else ValueError.
    """
    check_floating(logits=logits, labels=labels)
    if fixed:
        check_same_shape(logits=logits, labels=labels)
    kept, (z, y) = rows(axis, where, wide(logits), _like(labels, logits))
    if kept is not None:
        z, y = jnp.where(kept, z, -jnp.inf), jnp.where(kept, y, 0.0)
    if fixed:
        return back(values(Poly1CrossEntropy(epsilon=epsilon), z, y, kept is None), logits)
    # The generalised cross-entropy of q = 1 is Σ labels (1 − p); this way epsilon may be traced.
    value = CrossEntropy().formula(xp, z, y) + epsilon * GeneralizedCrossEntropy(q=1.0).formula(xp, z, y)
    return back(value, logits)


def kl_divergence(
    log_predictions: Array, targets: Array, axis: Axis = -1, where: Array | None = None, *, fixed: bool = False
) -> Array:
    """As optax.kl_divergence: Σ targets · (log targets − log_predictions) over axis, of what `where` leaves.

    Shapes: any that broadcast; one value per row. TypeError unless both are floats.
    fixed=True: losskit.KLDivergence: DomainError unless both are distributions; ShapeError instead of broadcasting.
    """
    check_floating(log_predictions=log_predictions, targets=targets)
    if fixed:
        check_same_shape(log_predictions=log_predictions, targets=targets)
    kept, (log_p, t) = rows(axis, where, wide(log_predictions), wide(targets))
    t = t if kept is None else jnp.where(kept, t, 0.0)
    loss = KLDivergence(input="log_probabilities")
    return back(values(loss, log_p, t, fixed and kept is None), log_predictions)


def kl_divergence_with_log_targets(
    log_predictions: Array, log_targets: Array, axis: Axis = -1, where: Array | None = None, *, fixed: bool = False
) -> Array:
    """As optax.losses.kl_divergence_with_log_targets: kl_divergence of exp(log_targets).

    A target of −inf counts 0, not NaN.
    """
    check_floating(log_predictions=log_predictions, log_targets=log_targets)
    return kl_divergence(log_predictions, jnp.exp(log_targets), axis, where, fixed=fixed)


def generalized_kl_divergence(
    log_predictions: Array, targets: Array, axis: Axis = -1, where: Array | None = None, *, fixed: bool = False
) -> Array:
    """As optax.losses.generalized_kl_divergence: kl_divergence + Σ exp(log_predictions) − targets, of positive numbers.

    Shapes and `where` as in kl_divergence. fixed=True: losskit.GeneralizedKLDivergence summed over axis: DomainError
    for targets below 0; ShapeError instead of broadcasting.
    """
    check_floating(log_predictions=log_predictions, targets=targets)
    if fixed:
        check_same_shape(log_predictions=log_predictions, targets=targets)
    kept, (log_p, t) = rows(axis, where, wide(log_predictions), wide(targets))
    if kept is not None:
        log_p, t = jnp.where(kept, log_p, 0.0), jnp.where(kept, t, 1.0)  # where the divergence is 0
    return back(jnp.sum(values(GeneralizedKLDivergence(), log_p, t, fixed), axis=-1), log_predictions)

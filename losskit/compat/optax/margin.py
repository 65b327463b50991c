"""optax's losses of margins: hinge, perceptron, sparsemax."""

from __future__ import annotations

import jax.numpy as jnp

from losskit.compat.optax.conventions import Array, back, check_same_shape, values, wide
from losskit.core.loss import Loss
from losskit.losses import CrammerSinger, Hinge, SmoothHinge, Sparsemax

__all__ = [
    "hinge_loss",
    "multiclass_hinge_loss",
    "multiclass_perceptron_loss",
    "multiclass_sparsemax_loss",
    "perceptron_loss",
    "sparsemax_loss",
]


def hinge_loss(predictor_outputs: Array, targets: Array, *, fixed: bool = False) -> Array:
    """As optax.losses.hinge_loss: max(0, 1 − predictor_outputs · targets), targets −1 or +1; one value per entry.

    Shapes: any that broadcast. The derivative at the kink is 0, optax's ½.
    fixed=True: losskit.Hinge: DomainError for labels 0 and 1, ShapeError instead of broadcasting.
    """
    return _of_signs(Hinge(), predictor_outputs, targets, fixed)


def perceptron_loss(predictor_outputs: Array, targets: Array, *, fixed: bool = False) -> Array:
    """As optax.losses.perceptron_loss: max(0, −predictor_outputs · targets).

    Shapes: alike, else ValueError. Kink and fixed=True as in hinge_loss.
    """
    check_same_shape(predictor_outputs=predictor_outputs, targets=targets)
    return _of_signs(Hinge(margin=0.0), predictor_outputs, targets, fixed)


def _of_signs(loss: Loss, outputs: Array, targets: Array, fixed: bool) -> Array:
    prediction = wide(outputs) * 1.0
    target = jnp.asarray(targets).astype(prediction.dtype)
    return back(values(loss, prediction, target, fixed), jnp.result_type(outputs, targets))


def sparsemax_loss(logits: Array, labels: Array, *, fixed: bool = False) -> Array:
    """As optax.losses.sparsemax_loss, of labels 0 and 1: 0 where the margin is above 1, linear where it is below −1.

    Shapes: any that broadcast. A label that is not 0 counts as 1.
    fixed=True: losskit.SmoothHinge(gamma=2) of 2 · labels − 1: DomainError for other labels; ShapeError instead of
    broadcasting.
    """
    prediction, label = wide(logits), jnp.asarray(labels)
    sign = jnp.where(label != 0, 1.0, -1.0) if not fixed else 2.0 * label - 1.0
    return back(values(SmoothHinge(gamma=2.0), prediction, sign.astype(prediction.dtype), fixed), logits)


def multiclass_hinge_loss(scores: Array, labels: Array, *, fixed: bool = False) -> Array:
    """As optax.losses.multiclass_hinge_loss: max(0, 1 + the highest other score − that of the label).

    Shapes: scores (…, C), labels (…) integers; values (…). Equal highest scores share the gradient.
    fixed=True: losskit.CrammerSinger: DomainError for a label out of range, where optax takes the score for 0.
    """
    return _of_labels(CrammerSinger(), scores, labels, fixed)


def multiclass_perceptron_loss(scores: Array, labels: Array, *, fixed: bool = False) -> Array:
    """As optax.losses.multiclass_perceptron_loss: the highest score − that of the label.

    Shapes and fixed=True as in multiclass_hinge_loss. The derivative at scores that are all alike is 0.
    """
    return _of_labels(CrammerSinger(margin=0.0), scores, labels, fixed)


def multiclass_sparsemax_loss(scores: Array, labels: Array, *, fixed: bool = False) -> Array:
    """As optax.losses.multiclass_sparsemax_loss, of scores projected onto the probabilities.

    Shapes: scores (N, C), labels (N) integers; values (N). fixed=True: losskit.Sparsemax: DomainError for a label out
    of range.
    """
    return _of_labels(Sparsemax(), scores, labels, fixed)


def _of_labels(loss: Loss, scores: Array, labels: Array, fixed: bool) -> Array:
    return back(values(loss, wide(scores), jnp.asarray(labels), fixed), scores)

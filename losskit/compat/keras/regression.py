"""Keras's regression losses, and its divergences and similarity: one value per sample, the mean over the last axis."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras

from losskit.arrays.keras import xp
from losskit.compat.keras.conventions import Pair, pair, row_mean
from losskit.losses import (
    AbsoluteError,
    AbsolutePercentageError,
    CosineDistance,
    Huber,
    KLDivergence,
    LogCosh,
    PoissonNegativeLogLikelihood,
    SquaredError,
    SquaredLogError,
)

__all__ = [
    "cosine_similarity",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
]

Array = Any


def mean_squared_error(y_true: Array, y_pred: Array, *, fixed: bool = False) -> Array:
    """As keras.losses.mean_squared_error: the mean of (y_pred − y_true)² over the last axis.

    Shapes: any that broadcast; where one rank is one less, a last axis of length 1 is added or dropped first.
    fixed=True: losskit.SquaredError: shapes that differ otherwise raise ShapeError, and what y_pred's Keras mask leaves
    out reaches neither value nor gradient.
    """
    return row_mean(SquaredError(), pair(y_true, y_pred, fixed))


def mean_absolute_error(y_true: Array, y_pred: Array, *, fixed: bool = False) -> Array:
    """As keras.losses.mean_absolute_error: |y_pred − y_true|; shapes and fixed=True as in mean_squared_error."""
    return row_mean(AbsoluteError(), pair(y_true, y_pred, fixed))


def mean_absolute_percentage_error(y_true: Array, y_pred: Array, *, fixed: bool = False) -> Array:
    """As keras.losses.mean_absolute_percentage_error: 100 |y_pred − y_true| / max(|y_true|, ε).

    ε is keras.config.epsilon(). Shapes and fixed=True as in mean_squared_error.
    """
    return 100 * row_mean(AbsolutePercentageError(epsilon=keras.config.epsilon()), pair(y_true, y_pred, fixed))


def mean_squared_logarithmic_error(y_true: Array, y_pred: Array, *, fixed: bool = False) -> Array:
    """As keras.losses.mean_squared_logarithmic_error: (log(1 + y_pred) − log(1 + y_true))², both raised to ε.

    Shapes as in mean_squared_error. A prediction below ε has gradient 0.
    fixed=True: losskit.SquaredLogError, of anything above −1 and nothing raised; else DomainError.
    """
    given = pair(y_true, y_pred, fixed)
    if not fixed:
        target, prediction = (xp.maximum(each, keras.config.epsilon()) for each in (given.target, given.prediction))
        given = replace(given, target=target, prediction=prediction)
    return row_mean(SquaredLogError(), given)


def huber(y_true: Array, y_pred: Array, delta: float = 1.0, *, fixed: bool = False) -> Array:
    """As keras.losses.huber: ½r² for r = |y_pred − y_true| ≤ delta, else delta (r − ½ delta).

    Shapes and fixed=True as in mean_squared_error. ValueError unless delta > 0.
    """
    return row_mean(Huber(delta=delta), pair(y_true, y_pred, fixed))


def log_cosh(y_true: Array, y_pred: Array, *, fixed: bool = False) -> Array:
    """As keras.losses.log_cosh: log cosh(y_pred − y_true), but exact for small residuals, where Keras's is 0.

    Shapes and fixed=True as in mean_squared_error.
    """
    return row_mean(LogCosh(), pair(y_true, y_pred, fixed))


def poisson(y_true: Array, y_pred: Array, *, fixed: bool = False) -> Array:
    """As keras.losses.poisson: y_pred − y_true · log(y_pred + ε), of predicted means.

    Shapes: any that broadcast. NaN for a mean below −ε.
    fixed=True: losskit.PoissonNegativeLogLikelihood without log y_true!, no ε: DomainError unless means are above 0 and
    targets are counts; ShapeError instead of broadcasting.
    """
    given = pair(y_true, y_pred, fixed, aligned=False)
    loss = PoissonNegativeLogLikelihood(input="mean")
    if fixed:
        given.values(loss)  # for its checks
    shift = 0.0 if fixed else keras.config.epsilon()
    mean = given.prediction + shift
    if fixed and given.mask is not None:
        mean = xp.where(xp.expand_dims(given.mask, -1), mean, 1.0)
    values = loss.formula(xp, mean, xp.zeros_like(mean)) - given.target * xp.log(mean) - shift
    return given.back(xp.mean(values, axis=-1))


def kl_divergence(y_true: Array, y_pred: Array, *, fixed: bool = False) -> Array:
    """As keras.losses.kl_divergence: Σ y_true · log(y_true / y_pred) over the last axis, both held within [ε, 1].

    Shapes: any that broadcast. fixed=True: losskit.KLDivergence of rows that sum to 1, else DomainError; nothing is
    held, so a class that only the target has gives ∞; ShapeError instead of broadcasting.
    """
    given = pair(y_true, y_pred, fixed, aligned=False)
    if not fixed:
        target, prediction = (xp.clip(each, keras.config.epsilon(), 1.0) for each in (given.target, given.prediction))
        given = replace(given, target=target, prediction=prediction)
    return given.back(given.values(KLDivergence(input="probabilities")))


def cosine_similarity(y_true: Array, y_pred: Array, axis: int = -1, *, fixed: bool = False) -> Array:
    """As keras.losses.cosine_similarity: minus the cosine along axis; 0 for a zero vector, with gradient 0.

    Shapes as in mean_squared_error. fixed=True: losskit.CosineDistance, which is 0 where directions agree and 1 for a
    zero vector; ShapeError instead of broadcasting.
    """
    given: Pair = pair(y_true, y_pred, fixed).with_axis_last(axis)
    distance = given.values(CosineDistance())
    return given.back(distance if fixed else distance - 1)

"""Keras's overlap losses of masks."""

from __future__ import annotations

from typing import Any

import keras

from losskit.arrays.keras import xp
from losskit.compat.keras.conventions import flat_samples, pair
from losskit.losses import Dice, Tversky

__all__ = ["dice", "tversky"]

Array = Any
Axes = int | tuple[int, ...] | list[int] | None


def dice(y_true: Array, y_pred: Array, axis: Axes = None, *, fixed: bool = False) -> Array:
    """As keras.losses.dice: 1 − 2 Σ y_true · y_pred / (Σ y_true + Σ y_pred + ε), the sums over axis (None: over all).

    Shapes: alike. With nothing to find and nothing found it is 1.
    fixed=True: losskit.Dice(smooth=ε) of probabilities, 0 there; DomainError outside [0, 1].
    """
    given, shape = flat_samples(pair(y_true, y_pred, fixed, aligned=False), axis)
    epsilon = keras.config.epsilon()
    loss = Dice(input="probabilities", smooth=epsilon if fixed else 0.0)
    if fixed:
        values = given.values(loss)
    else:
        found, false, missed = loss.counts(xp, given.prediction, given.target, None)
        values = loss.ratio(xp, false + missed + epsilon, 2 * found)
    return given.back(xp.reshape(values, shape))


def tversky(
    y_true: Array, y_pred: Array, alpha: float = 0.5, beta: float = 0.5, axis: Axes = None, *, fixed: bool = False
) -> Array:
    """As keras.losses.tversky of Keras 3.15: alpha weighs what was missed and beta what was found falsely.

    Σ y_true · y_pred over itself + alpha Σ y_true (1 − y_pred) + beta Σ (1 − y_true) y_pred + ε, taken from 1, the sums
    over axis (None: over all). Shapes: alike. With nothing to find and nothing found it is 1.
    fixed=True: losskit.Tversky(smooth=ε) of probabilities, alpha and beta as Keras documents them (and mends after
    3.15): of false positives, of false negatives. 0 for nothing at all; DomainError outside [0, 1].
    """
    given, shape = flat_samples(pair(y_true, y_pred, fixed, aligned=False), axis)
    epsilon = keras.config.epsilon()
    if fixed:
        loss = Tversky(input="probabilities", smooth=epsilon, alpha=alpha, beta=beta)
        return given.back(xp.reshape(given.values(loss), shape))
    loss = Tversky(input="probabilities", smooth=0.0)
    found, false, missed = loss.counts(xp, given.prediction, given.target, None)
    return given.back(xp.reshape(loss.ratio(xp, alpha * missed + beta * false + epsilon, found), shape))

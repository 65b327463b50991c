"""Keras's hinge losses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from losskit.arrays.keras import xp
from losskit.compat.keras.conventions import Pair, pair, row_mean
from losskit.core.checks import values_are_checked
from losskit.core.domain import Simplex
from losskit.losses import CrammerSinger, Hinge, SquaredHinge

__all__ = ["categorical_hinge", "hinge", "squared_hinge"]

Array = Any


def hinge(y_true: Array, y_pred: Array, *, fixed: bool = False) -> Array:
    """As keras.losses.hinge: max(0, 1 − y_true · y_pred); where all labels of a batch are 0 or 1 they become −1 and +1.

    Shapes: any that broadcast. fixed=True: losskit.Hinge: after that change any other label is a DomainError;
    ShapeError instead of broadcasting.
    """
    return row_mean(Hinge(), _signs(pair(y_true, y_pred, fixed, aligned=False)))


def squared_hinge(y_true: Array, y_pred: Array, *, fixed: bool = False) -> Array:
    """As keras.losses.squared_hinge: max(0, 1 − y_true · y_pred)²; labels, shapes and fixed=True as in hinge."""
    return row_mean(SquaredHinge(), _signs(pair(y_true, y_pred, fixed, aligned=False)))


def _signs(given: Pair) -> Pair:
    binary = xp.all((given.target == 0) | (given.target == 1))
    return replace(given, target=xp.where(binary, 2 * given.target - 1, given.target))


def categorical_hinge(y_true: Array, y_pred: Array, *, fixed: bool = False) -> Array:
    """As keras.losses.categorical_hinge: max(0, 1 + max((1 − y_true) · y_pred) − Σ y_true · y_pred), of one-hot rows.

    Shapes: rows (…, C) that broadcast. The own class counts as a rival of score 0: scores below 0 are pushed apart too.
    fixed=True: losskit.CrammerSinger, whose rivals are the other classes alone; DomainError unless rows sum to 1.
    """
    given = pair(y_true, y_pred, fixed, aligned=False)
    if fixed:
        if values_are_checked(xp, given.target):
            Simplex().check(xp, "y_true", given.target)
        return given.back(given.values(CrammerSinger(), xp.argmax(given.target, axis=-1)))
    own = xp.sum(given.target * given.prediction, axis=-1)
    rival = xp.max((1 - given.target) * given.prediction, axis=-1)
    return given.back(Hinge().formula(xp, own - rival, 1.0))

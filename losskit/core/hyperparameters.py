"""Checks of hyper-parameters: what is wrong is said when a loss is made, not when it is called."""

from __future__ import annotations

import math


def positive(**given: float) -> None:
    """Raise ValueError unless every value is a finite number > 0: `positive(delta=self.delta)`."""
    for name, value in given.items():
        if not 0 < value < math.inf:
            raise ValueError(f"{name}: expected a finite number > 0, got {value}")


def fraction(**given: float) -> None:
    """Raise ValueError unless every value lies strictly between 0 and 1."""
    for name, value in given.items():
        if not 0 < value < 1:
            raise ValueError(f"{name}: expected a number between 0 and 1, both excluded, got {value}")


def non_negative(**given: float) -> None:
    """Raise ValueError unless every value is a finite number >= 0."""
    for name, value in given.items():
        if not 0 <= value < math.inf:
            raise ValueError(f"{name}: expected a finite number >= 0, got {value}")


def one_of(words: tuple[str, ...], **given: str) -> None:
    """Raise ValueError unless every value is one of the words."""
    for name, value in given.items():
        if value not in words:
            raise ValueError(f"{name}: expected one of {words}, got {value!r}")

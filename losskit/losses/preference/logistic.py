"""What the preference losses share: the logistic loss of a margin with labels that may be wrong."""

from __future__ import annotations

from typing import Any

Array = Any


def logistic(xp: Any, margin: Array, label_smoothing: float) -> Array:
    """−(1 − ε) log σ(h) − ε log σ(−h), by log σ(−h) = log σ(h) − h."""
    sure = xp.softplus(-margin)
    return sure + label_smoothing * margin if label_smoothing else sure


def check_label_smoothing(value: float) -> None:
    """Raise ValueError unless the value is a share of wrong labels: below ½."""
    if not 0 <= value < 0.5:
        raise ValueError(f"label_smoothing: expected a number in [0, 0.5), got {value}")

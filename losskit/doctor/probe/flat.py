"""Activation functions with flat parts, where hardly any gradient passes: what counts as dead, and as saturated."""

from __future__ import annotations

DEAD = frozenset(("relu", "relu6", "threshold"))  # no gradient where they put out zero
FLAT_ENDS = {  # (low, high), there and beyond: tanh' and sigmoid' are below 0.02 and 0.01
    "tanh": (-0.99, 0.99),
    "sigmoid": (0.01, 0.99),
    "hard_tanh": (-1.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "hardtanh": (-1.0, 1.0),  # as torch writes them
    "hardsigmoid": (0.0, 1.0),
}

__all__ = ["DEAD", "FLAT_ENDS"]

"""Regression that lets small residuals be: support vector regression's losses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative
from losskit.core.kinds import ElementwiseLoss

__all__ = ["EpsilonInsensitive", "SquaredEpsilonInsensitive"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class InsensitiveLoss(ElementwiseLoss):
    """The base: what a residual exceeds `epsilon` by (≥ 0, in the target's unit); within it nothing pulls."""

    epsilon: float = 0.1

    prediction, target = Real(), Real()
    tasks = ("regression",)

    def __post_init__(self) -> None:
        non_negative(epsilon=self.epsilon)

    def excess(self, xp: Any, prediction: Array, target: Array) -> Array:
        """max(0, |p − t| − ε), with derivative 0 at the tube's edge."""
        return xp.relu(xp.abs(prediction - target) - self.epsilon)


@dataclass(frozen=True, kw_only=True)
class EpsilonInsensitive(InsensitiveLoss):
    """Absolute error outside a tube: ℓ = max(0, |p − t| − ε).

    Shapes: prediction and target alike, any. Unit: the target's. Range: [0, ∞). epsilon ε ≥ 0, in the target's unit:
    residuals below it are as good as none; 0 gives the absolute error. The gradient at |p − t| = ε is 0.
    Samples within the tube have no gradient: they are not support vectors. Source: Vapnik 1995, The Nature of
    Statistical Learning Theory. As scikit-learn's SGDRegressor(loss="epsilon_insensitive") and SVR.
    """

    facts = Facts(convex=True, smooth=0, gradient_bound=1.0, non_negative=True, zero_at_target=True, symmetric=True)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return self.excess(xp, prediction, target)


@dataclass(frozen=True, kw_only=True)
class SquaredEpsilonInsensitive(InsensitiveLoss):
    """Squared error outside a tube: ℓ = max(0, |p − t| − ε)².

    Shapes: prediction and target alike, any. Unit: the target's, squared. Range: [0, ∞). epsilon ε ≥ 0, in the
    target's unit: residuals below it are as good as none; 0 gives the squared error. Smooth at the tube's edge, but
    outliers pull without bound. As scikit-learn's SGDRegressor and LinearSVR
    (loss="squared_epsilon_insensitive").
    """

    facts = Facts(
        convex=True,
        smooth=lambda loss: 1 if loss.epsilon else 2,
        gradient_bound=math.inf,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        if self.epsilon == 0:
            return xp.square(prediction - target)  # of the residual itself: its curvature at 0 is 2
        return xp.square(self.excess(xp, prediction, target))

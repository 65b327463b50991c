"""Point regression: squared, absolute, and what lies between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Real
from losskit.core.facts import Facts
from losskit.core.kinds import ElementwiseLoss

__all__ = ["Huber", "SquaredError"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class SquaredError(ElementwiseLoss):
    """The square of the residual: ℓ = (p − t)². Its minimiser is the mean.

    Shapes: prediction and target alike, any. Unit: the target's, squared. Range: [0, ∞).
    The gradient grows with the residual without bound: one outlier can dominate a batch.
    Source: Legendre 1805; Gauss 1809. As torch.nn.MSELoss, keras.losses.MeanSquaredError, optax.squared_error.
    """

    prediction, target = Real(), Real()
    tasks = ("regression",)
    aliases = ("MSE", "MeanSquaredError", "L2Loss")
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
        minimiser="mean",
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return xp.square(prediction - target)


@dataclass(frozen=True, kw_only=True)
class Huber(ElementwiseLoss):
    """Quadratic near zero, linear in the tails: ℓ = ½r² for r = |p − t| ≤ δ, else δ(r − ½δ).

    Shapes: prediction and target alike, any. Unit: the target's, squared. Range: [0, ∞). delta > 0, in the target's
    unit. Outliers beyond delta pull with the constant force delta. Source: Huber 1964, doi:10.1214/aoms/1177703732.
    As torch.nn.HuberLoss, keras.losses.Huber; torch.nn.SmoothL1Loss(beta) is Huber(delta=beta) / beta.
    """

    delta: float = 1.0

    prediction, target = Real(), Real()
    tasks = ("regression",)
    facts = Facts(
        convex=True,
        smooth=1,
        gradient_bound=lambda loss: loss.delta,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def __post_init__(self) -> None:
        if not self.delta > 0:
            raise ValueError(f"delta: expected a number > 0, got {self.delta}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        r = prediction - target
        inner = xp.clip(r, -self.delta, self.delta)  # the square never sees the tail: it cannot overflow there
        return inner * (r - inner / 2)

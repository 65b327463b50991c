"""Robust regression by redescending pulls: beyond some residual a sample does not count at all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Real
from losskit.core.facts import Facts
from losskit.core.kinds import ElementwiseLoss
from losskit.losses.robust import RobustLoss

__all__ = ["Andrews", "Hampel", "Talwar"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class Andrews(RobustLoss):
    """Andrews' sine wave: ℓ = c²(1 − cos x) for |x| ≤ π, else 2c², x = (p − t) / c. Its gradient is c sin x.

    About ½(p − t)² near zero. Shapes: prediction and target alike, any. Unit: the target's, squared. Range: [0, 2c²].
    scale c > 0, in the target's unit: beyond πc a residual has no pull at all, so start from a good guess, or from
    Huber. The default is 95 % efficient where residuals are normal with standard deviation 1: set it to 1.339 times
    yours. Source: Andrews 1974, doi:10.1080/00401706.1974.10489233; the constant: Holland & Welsch 1977,
    doi:10.1080/03610927708827533. As statsmodels.robust.norms.AndrewWave, whose a is c.
    """

    scale: float = 1.339

    facts = Facts(
        convex=False,
        smooth=1,
        gradient_bound=lambda loss: loss.scale,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        x = xp.clip(self.residual(prediction, target), -math.pi, math.pi)
        return 2 * xp.square(self.scale * xp.sin(x / 2))  # 1 − cos x = 2 sin²(x/2), which does not cancel


@dataclass(frozen=True, kw_only=True)
class Hampel(ElementwiseLoss):
    """Hampel's three parts: the gradient is r for |r| ≤ a, ±a up to b, falls to 0 at c and stays there; r = p − t.

    ℓ = ½r², then a(|r| − ½a), then ½a(b + c − a) − ½a(c − |r|)²/(c − b), then ½a(b + c − a).
    Shapes: prediction and target alike, any. Unit: the target's, squared. Range: [0, ½a(b + c − a)]. The bends
    0 < a ≤ b < c are in the target's unit; the defaults are for residuals of standard deviation 1.
    Sound residuals count as in Huber; beyond c a sample has no pull at all, so start from a good guess, or from Huber.
    Source: Hampel 1974, doi:10.1080/01621459.1974.10482962. As statsmodels.robust.norms.Hampel.
    """

    a: float = 2.0
    b: float = 4.0
    c: float = 8.0

    prediction, target = Real(), Real()
    tasks = ("regression",)
    facts = Facts(
        convex=False,
        smooth=1,
        gradient_bound=lambda loss: loss.a,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def __post_init__(self) -> None:
        if not 0 < self.a <= self.b < self.c < math.inf:
            raise ValueError(f"a, b, c: expected finite numbers with 0 < a <= b < c, got {self.a}, {self.b}, {self.c}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        r = prediction - target
        size = xp.abs(r)
        falling = size > self.b
        near = xp.where(falling, 0.0, r)
        inner = xp.clip(near, -self.a, self.a)
        # Measured from c, where it ends: there its gradient is small, and would cancel if measured from b.
        left = self.c - xp.clip(xp.where(falling, size, self.b), self.b, self.c)
        top = self.a * (self.b + self.c - self.a) / 2
        return xp.where(falling, top - self.a / (2 * (self.c - self.b)) * xp.square(left), inner * (near - inner / 2))


@dataclass(frozen=True, kw_only=True)
class Talwar(RobustLoss):
    """Truncated squares: ℓ = ½r² for r = |p − t| < c, else ½c².

    Shapes: prediction and target alike, any. Unit: the target's, squared. Range: [0, ½c²]. scale c > 0, in the
    target's unit: samples nearer count as in half the squared error, the others not at all (the gradient at r = c
    is 0). Which they are can change from step to step: start from a good guess, or from Huber. The default is 95 %
    efficient where residuals are normal with standard deviation 1: set it to 2.795 times yours.
    Source: Hinich & Talwar 1975, A simple method for robust regression, Journal of the American Statistical
    Association 70. As statsmodels.robust.norms.TrimmedMean, whose c defaults to 2.
    """

    scale: float = 2.795

    aliases = ("TruncatedSquaredError",)
    facts = Facts(
        convex=False,
        smooth=0,
        gradient_bound=lambda loss: loss.scale,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        r = prediction - target
        counts = xp.abs(r) < self.scale
        return xp.where(counts, xp.square(xp.where(counts, r, 0.0)) / 2, self.scale**2 / 2)

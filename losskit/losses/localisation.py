"""Coordinates and heatmaps: losses that refine landmarks and boxes which are nearly right."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Probability, Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.core.kinds import ElementwiseLoss
from losskit.losses.likelihood.gamma_function import log1p_ratio

__all__ = ["AdaptiveWing", "BalancedL1", "Wing"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class Wing(ElementwiseLoss):
    """Wing loss: ℓ = w log(1 + r/ε) for r = |p − t| < w, else r − C, with C = w − w log(1 + w/ε).

    Shapes: prediction and target alike, any (coordinates). Unit: the target's. Range: [0, ∞). width w > 0 is where
    small residuals end, epsilon ε > 0 how sharp the tip is, both in the target's unit; the defaults are for pixels.
    The smaller a residual the more it pulls, up to w/ε: landmarks that are nearly right are still refined. The pull
    does not shrink towards p = t, where the gradient is 0: lower the rate in the end. At r = w the gradient is the mean
    of the one-sided ones.
    Source: Feng et al. 2018, arXiv:1711.06753. As pytorch_toolbelt's WingLoss, whose defaults are w = 5, ε = ½.
    """

    width: float = 10.0
    epsilon: float = 2.0

    prediction, target = Real(), Real()
    tasks = ("landmarks", "regression")
    facts = Facts(
        convex=False,
        smooth=0,
        gradient_bound=lambda loss: max(loss.width / loss.epsilon, 1.0),
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def __post_init__(self) -> None:
        positive(width=self.width, epsilon=self.epsilon)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        size = xp.abs(prediction - target)
        # As the sum of the two parts: C is a difference of large numbers where ε is small.
        tip = self.width * xp.log1p(xp.minimum(size, self.width) / self.epsilon)
        return tip + xp.maximum(size - self.width, 0.0)


@dataclass(frozen=True, kw_only=True)
class AdaptiveWing(ElementwiseLoss):
    """Wing loss of heatmaps: ℓ = ω log(1 + (r/ε)^(α − t)) for r = |p − t| < θ, else A(r − θ) + its value at θ.

    A is the slope at θ, so that there is no kink. Shapes: prediction and target alike, any (pixels of heatmaps);
    targets in [0, 1]. Unit: none. Range: [0, ∞). alpha α > 2 and, all > 0, omega ω, epsilon ε and theta θ.
    Where the target is near 1 (foreground) the exponent is near 1: small residuals pull as in Wing; in the background
    it is near 2: they fade as in a square. The curvature at p = t is infinite for t > α − 2, and taken as 0.
    Source: Wang, Bo & Fuxin 2019, arXiv:1904.07399, whose weight map is `weight=` here.
    """

    alpha: float = 2.1
    omega: float = 14.0
    epsilon: float = 1.0
    theta: float = 0.5

    prediction, target = Real(), Probability()
    tasks = ("landmarks", "regression")
    facts = Facts(
        convex=lambda loss: _bends_up(loss.theta / loss.epsilon, loss.alpha),
        non_negative=True,
        zero_at_target=True,
        symmetric=False,
    )

    def __post_init__(self) -> None:
        positive(omega=self.omega, epsilon=self.epsilon, theta=self.theta)
        if not 2 < self.alpha < math.inf:
            raise ValueError(f"alpha: expected a finite number > 2, got {self.alpha}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        size, exponent = xp.abs(prediction - target), self.alpha - target
        perfect = size == 0  # a power's second derivative is infinite there, and its first one's factor 0
        near = xp.minimum(xp.where(perfect, self.theta, size), self.theta) / self.epsilon
        tip = self.omega * xp.log1p(xp.power(near, exponent))
        edge = xp.power(xp.full_like(target, self.theta / self.epsilon), exponent)
        slope = self.omega / self.theta * exponent * edge / (1 + edge)
        return xp.where(perfect, 0.0, tip) + slope * xp.maximum(size - self.theta, 0.0)


@dataclass(frozen=True, kw_only=True)
class BalancedL1(ElementwiseLoss):
    """Balanced L1: the gradient is α log(1 + bx) for x = |p − t|/β < 1, else γ, with b such that α log(1 + b) = γ.

    ℓ = β(α/b · ((1 + bx) log(1 + bx) − bx)), then linear. Shapes: prediction and target alike, any (box offsets). Unit:
    the target's. Range: [0, ∞). alpha α, gamma γ and beta β > 0; β is in the target's unit, the others set slopes:
    the smaller α, the more small residuals pull; γ is the pull of outliers.
    Source: Pang et al. 2019, arXiv:1904.02701 (β = 1). As mmdet.models.losses.BalancedL1Loss, whose beta is a threshold
    alone: for β ≠ 1 its gradient jumps there, this one's does not.
    """

    alpha: float = 0.5
    gamma: float = 1.5
    beta: float = 1.0

    prediction, target = Real(), Real()
    tasks = ("detection", "regression")
    facts = Facts(
        convex=True,
        smooth=1,
        gradient_bound=lambda loss: loss.gamma,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def __post_init__(self) -> None:
        positive(alpha=self.alpha, gamma=self.gamma, beta=self.beta)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        r = (prediction - target) / self.beta
        x = xp.where(r > 0, r, -r)  # unlike abs, smooth from the left at 0, where the curvature is not 0
        b = math.expm1(self.gamma / self.alpha)
        y = b * xp.minimum(x, 1.0)
        # (1 + y) log(1 + y) − y is about ½y² near 0, and lost in the difference; log(1 + y)/y − 1 keeps it.
        tip = self.alpha / b * y * (xp.log1p(y) + log1p_ratio(xp, y))
        return self.beta * (tip + self.gamma * xp.maximum(x - 1, 0.0))


def _bends_up(edge: float, alpha: float) -> bool:
    """Whether log(1 + xⁿ) is convex up to the edge for n = α − 1 … α: xⁿ ≤ n − 1, which is worst at one of the two."""
    return all(edge**n <= n - 1 for n in (alpha - 1, alpha))

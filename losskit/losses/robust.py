"""Robust regression: losses that outliers pull on less than on a square, and Barron's family that joins them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.core.kinds import ElementwiseLoss
from losskit.losses.likelihood.gamma_function import log1p_ratio
from losskit.losses.regression import FAR

__all__ = ["AbsolutePower", "Barron", "Cauchy", "Fair", "GemanMcClure", "Tukey", "Welsch"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class RobustLoss(ElementwiseLoss):
    """The base: a function of the residual in units of `scale` (> 0, in the target's unit), the size of an inlier's."""

    scale: float = 1.0

    prediction, target = Real(), Real()
    tasks = ("regression",)

    def __post_init__(self) -> None:
        positive(scale=self.scale)

    def residual(self, prediction: Array, target: Array) -> Array:
        """x = (p − t) / scale."""
        return (prediction - target) / self.scale


@dataclass(frozen=True, kw_only=True)
class AbsolutePower(ElementwiseLoss):
    """A power of the residual: ℓ = |p − t|^q. 1 is the absolute error, 2 the squared one.

    Shapes: prediction and target alike, any. Unit: the target's, to the power q. Range: [0, ∞). exponent q ≥ 1:
    the less, the less outliers pull. Unlike Huber's, its shape is the same at every size of residual: nothing is to be
    set to the target's unit. For q < 2 the curvature at p = t is infinite, and taken as 0.
    As CatBoost's Lq.
    """

    exponent: float = 1.5

    prediction, target = Real(), Real()
    tasks = ("regression",)
    aliases = ("Lq", "Lp")
    facts = Facts(
        convex=True,
        smooth=lambda loss: 0 if loss.exponent == 1 else 2 if loss.exponent >= 2 else None,  # infinite curvature at 0
        gradient_bound=lambda loss: 1.0 if loss.exponent == 1 else math.inf,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
        minimiser=lambda loss: {1: "median", 2: "mean"}.get(loss.exponent),
    )

    def __post_init__(self) -> None:
        if not 1 <= self.exponent < math.inf:
            raise ValueError(f"exponent: expected a finite number >= 1, got {self.exponent}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        r = prediction - target
        if self.exponent == 2:
            return xp.square(r)  # of the residual itself: its curvature at 0 is 2
        size = xp.abs(r)
        perfect = size == 0  # a power's second derivative is infinite there, and its first one's factor 0
        return xp.where(perfect, 0.0, xp.power(xp.where(perfect, 1.0, size), self.exponent))


@dataclass(frozen=True, kw_only=True)
class Fair(RobustLoss):
    """Fair's loss: ℓ = c²(|r|/c − log(1 + |r|/c)), r = p − t.

    About ½r² near zero and c|r| in the tails, nearing it more slowly than Huber: outliers pull with a force below c.
    Shapes: prediction and target alike, any. Unit: the target's, squared. Range: [0, ∞). scale c > 0, in the target's
    unit. Convex, and curved everywhere, so that Newton's steps are defined: usual in gradient boosting.
    Source: Fair 1974, On the robust estimation of econometric models, Annals of Economic and Social Measurement 3.
    As LightGBM's fair, whose fair_c is c.
    """

    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=lambda loss: loss.scale,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        r = self.residual(prediction, target)
        x = xp.where(r > 0, r, -r)  # unlike abs, smooth from the left at 0, where the curvature is 1
        # x − log(1 + x) is about ½x² near 0, and lost in the difference; log(1 + x)/x − 1 keeps it.
        return self.scale**2 * (-x * log1p_ratio(xp, x))


@dataclass(frozen=True, kw_only=True)
class Cauchy(RobustLoss):
    """Lorentzian: ℓ = log(1 + ½x²), x = (p − t) / c.

    Shapes: prediction and target alike, any. Unit: none. Range: [0, ∞). scale c > 0, in the target's unit.
    Not convex: outliers pull ever less (as 2/r), so start from a good guess, or from Huber. It is Barron(alpha=0).
    Source: Black & Anandan 1996, doi:10.1006/cviu.1996.0006, in the scaling of Barron 2019, arXiv:1701.03077.
    As kornia.losses.CauchyLoss.
    """

    aliases = ("Lorentzian",)
    facts = Facts(
        convex=False,
        smooth=2,
        gradient_bound=lambda loss: math.sqrt(0.5) / loss.scale,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return _log_one_plus_square(xp, self.residual(prediction, target) / math.sqrt(2))


@dataclass(frozen=True, kw_only=True)
class GemanMcClure(RobustLoss):
    """Bounded loss: ℓ = 2x² / (x² + 4), x = (p − t) / c.

    Shapes: prediction and target alike, any. Unit: none. Range: [0, 2). scale c > 0, in the target's unit.
    Outliers hardly pull (as 1/r³): a far start does not move. It is Barron(alpha=-2).
    Source: Geman & McClure 1985, Proc. Statistical Computing Section, ASA, in the scaling of Barron 2019,
    arXiv:1701.03077. As kornia.losses.GemanMcclureLoss.
    """

    facts = Facts(
        convex=False,
        smooth=2,
        gradient_bound=lambda loss: 0.75**1.5 / loss.scale,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        h = self.residual(prediction, target) / 2
        large = xp.abs(h) > 1
        s = xp.square(xp.where(large, 1.0, h) / xp.where(large, h, 1.0))  # h² or 1/h², whichever is at most 1
        return xp.where(large, 2.0, 2 * s) / (1 + s)


@dataclass(frozen=True, kw_only=True)
class Welsch(RobustLoss):
    """Bounded loss, also Leclerc or correntropy: ℓ = 1 − exp(−½x²), x = (p − t) / c.

    Shapes: prediction and target alike, any. Unit: none. Range: [0, 1]. scale c > 0, in the target's unit.
    Outliers beyond a few c do not pull at all: a far start does not move. It is Barron(alpha=-inf).
    Source: Dennis & Welsch 1978, doi:10.1080/03610917808812083, in the scaling of Barron 2019, arXiv:1701.03077.
    As kornia.losses.WelschLoss.
    """

    aliases = ("Leclerc", "Correntropy")
    facts = Facts(
        convex=False,
        smooth=2,
        gradient_bound=lambda loss: math.exp(-0.5) / loss.scale,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return -xp.expm1(-(xp.square(self.residual(prediction, target)) / 2))


@dataclass(frozen=True, kw_only=True)
class Tukey(RobustLoss):
    """Biweight: ℓ = c²/6 · (1 − (1 − x²)³) for |x| ≤ 1, else c²/6, x = (p − t) / c.

    About ½(p − t)² near zero. Shapes: prediction and target alike, any. Unit: the target's, squared. Range: [0, c²/6].
    scale c > 0, in the target's unit: beyond it a residual has no pull at all. The default is 95 % efficient where
    residuals are normal with standard deviation 1: set it to 4.685 times yours.
    Source: Beaton & Tukey 1974, doi:10.1080/00401706.1974.10489171; the constant: Holland & Welsch 1977,
    doi:10.1080/03610927708827533.
    """

    scale: float = 4.685

    aliases = ("Biweight", "Bisquare")
    facts = Facts(
        convex=False,
        smooth=2,
        gradient_bound=lambda loss: 0.64 / math.sqrt(5) * loss.scale,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        u = xp.square(xp.clip(self.residual(prediction, target), -1.0, 1.0))
        return self.scale**2 / 6 * (u * (3 - u * (3 - u)))


@dataclass(frozen=True, kw_only=True)
class Barron(RobustLoss):
    """The general robust loss: ℓ = |α − 2|/α · ((x²/|α − 2| + 1)^(α/2) − 1), x = (p − t) / c.

    alpha α says how robust: 2 is half the squared error, 1 pseudo-Huber, 0 Cauchy, −2 Geman–McClure, −∞ Welsch, each as
    the limit, and accurate near it. Shapes: prediction and target alike, any. Unit: none. Range: [0, ∞), bounded for
    α < 0. scale c > 0, in the target's unit. Convex for α ≥ 1. ValueError for α = +∞ or NaN.
    Source: Barron 2019, arXiv:1701.03077. As robust_loss_pytorch.lossfun.
    """

    alpha: float = 1.0

    facts = Facts(
        convex=lambda loss: loss.alpha >= 1,
        smooth=2,
        gradient_bound=lambda loss: _steepest(loss.alpha) / loss.scale,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.alpha < math.inf:
            raise ValueError(f"alpha: expected a finite number or -inf, got {self.alpha}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        if abs(self.alpha) < 1e-20:  # here and below: nearer to the limit than float64 can tell
            return Cauchy(scale=self.scale).formula(xp, prediction, target)
        if self.alpha < -1e20:
            return Welsch(scale=self.scale).formula(xp, prediction, target)
        x, a = self.residual(prediction, target), self.alpha
        if a == 2:
            return xp.square(x) / 2
        b = abs(a - 2)
        exponent = a / 2 * _log_one_plus_square(xp, x / math.sqrt(b))
        if a < 0:
            return b / a * xp.expm1(exponent)
        # Beyond e the power is taken directly: an exponent's rounding error grows with its size.
        large = exponent > 1
        tip = b / a * xp.expm1(xp.where(large, 0.0, exponent))
        tail = b ** (1 - a / 2) / a * xp.power(_hypotenuse(xp, x, math.sqrt(b)), a) - b / a
        return xp.where(large, tail, tip)


def _log_one_plus_square(xp: Any, x: Array) -> Array:
    """log(1 + x²), without the overflow of x²."""
    size = xp.abs(x)
    far = size > FAR
    return xp.where(far, 2 * xp.log(xp.where(far, size, 1.0)), xp.log1p(xp.square(xp.where(far, 0.0, x))))


def _hypotenuse(xp: Any, x: Array, leg: float) -> Array:
    """√(x² + leg²), without the overflow of x²."""
    size = xp.abs(x)
    far = size > FAR * leg
    return xp.where(far, size, leg * xp.sqrt(1 + xp.square(xp.where(far, 0.0, x) / leg)))


def _steepest(alpha: float) -> float:
    """sup |dℓ/dx|: x (x²/|α − 2| + 1)^(α/2 − 1) is greatest at x² = (2 − α)/(1 − α)."""
    if alpha > 1:
        return math.inf
    if alpha == 1:
        return 1.0
    if alpha == -math.inf:
        return math.exp(-0.5)
    return math.exp((alpha - 1) / 2 * math.log1p(1 / (1 - alpha)))

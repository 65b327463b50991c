"""Point regression: squared, absolute, and what lies between them; relative errors; quantiles and expectiles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Interval, Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import fraction, positive
from losskit.core.kinds import ElementwiseLoss

__all__ = [
    "AbsoluteError",
    "AbsolutePercentageError",
    "Expectile",
    "HalfSquaredError",
    "Huber",
    "LogCosh",
    "PseudoHuber",
    "Quantile",
    "RootMeanSquaredError",
    "SmoothL1",
    "SquaredError",
    "SquaredLogError",
]

Array = Any

# √(1 + u²) is u, to the precision of float64, for u beyond this; its square does not overflow before it in float32.
FAR = 1e9


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
class HalfSquaredError(ElementwiseLoss):
    """Half the square of the residual: ℓ = ½(p − t)². Its gradient is the residual, its minimiser the mean.

    Shapes: prediction and target alike, any. Unit: the target's, squared. Range: [0, ∞).
    Source: Gauss 1809. As optax.l2_loss, scikit-learn's HalfSquaredError.
    """

    prediction, target = Real(), Real()
    tasks = ("regression",)
    aliases = ("HalfMSE",)
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
        return xp.square(prediction - target) / 2


@dataclass(frozen=True, kw_only=True)
class AbsoluteError(ElementwiseLoss):
    """The magnitude of the residual: ℓ = |p − t|. Its minimiser is the median.

    Shapes: prediction and target alike, any. Unit: the target's. Range: [0, ∞). The gradient at p = t is 0.
    Every residual pulls alike, so outliers do not dominate; near the optimum steps do not shrink: lower the rate or
    take Huber. Source: Laplace 1774. As torch.nn.L1Loss, keras.losses.MeanAbsoluteError.
    """

    prediction, target = Real(), Real()
    tasks = ("regression",)
    aliases = ("MAE", "MeanAbsoluteError", "L1Loss")
    facts = Facts(
        convex=True,
        smooth=0,
        gradient_bound=1.0,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
        minimiser="median",
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return xp.abs(prediction - target)


@dataclass(frozen=True, kw_only=True)
class RootMeanSquaredError(ElementwiseLoss):
    """The root of the mean square: L = √(Σw(p − t)² / Σw), one number for a batch. Its minimiser is the mean.

    Shapes: prediction and target alike, any. Unit: the target's. Range: [0, ∞). Only reduction="mean".
    The gradient at a perfect fit is 0 (the bare root has NaN there). Its direction is that of SquaredError, its length
    does not shrink near the optimum. Exact while the squares fit the dtype (residuals below 1e19 in float32).
    Terms of micro-batches combine to the root over all of them, which a mean of roots is not.
    As sklearn.metrics.root_mean_squared_error, keras.metrics.RootMeanSquaredError.
    """

    prediction, target = Real(), Real()
    tasks = ("regression",)
    aliases = ("RMSE",)
    reductions = ("mean",)
    facts = Facts(
        convex=True,
        smooth=0,
        gradient_bound=1.0,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
        minimiser="mean",
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return xp.square(prediction - target)

    def aggregate(self, xp: Any, mean: Array) -> Array:
        perfect = mean == 0  # the root's slope is infinite there
        return xp.where(perfect, 0.0, xp.sqrt(xp.where(perfect, 1.0, mean)))


@dataclass(frozen=True, kw_only=True)
class Huber(ElementwiseLoss):
    """Quadratic near zero, linear in the tails: ℓ = ½r² for r = |p − t| ≤ δ, else δ(r − ½δ).

    Shapes: prediction and target alike, any. Unit: the target's, squared. Range: [0, ∞). delta > 0, in target units.
    Outliers beyond delta pull with the constant force delta. Source: Huber 1964, doi:10.1214/aoms/1177703732.
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
        positive(delta=self.delta)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        r = prediction - target
        inner = xp.clip(r, -self.delta, self.delta)  # the square never sees the tail: it cannot overflow there
        return inner * (r - inner / 2)


@dataclass(frozen=True, kw_only=True)
class SmoothL1(ElementwiseLoss):
    """Absolute error with a rounded tip: ℓ = ½r²/β for r = |p − t| ≤ β, else r − ½β. It is Huber(delta=β) / β.

    Shapes: prediction and target alike, any. Unit: the target's. Range: [0, ∞). beta > 0, in the target's unit.
    Unlike Huber's, its slope in the tails stays 1 whatever beta is: usual for box coordinates.
    Source: Girshick 2015, arXiv:1504.08083. As torch.nn.SmoothL1Loss (where beta may be 0: that is AbsoluteError).
    """

    beta: float = 1.0

    prediction, target = Real(), Real()
    tasks = ("regression",)
    facts = Facts(convex=True, smooth=1, gradient_bound=1.0, non_negative=True, zero_at_target=True, symmetric=True)

    def __post_init__(self) -> None:
        positive(beta=self.beta)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        r = prediction - target
        inner = xp.clip(r, -self.beta, self.beta)
        return inner / self.beta * (r - inner / 2)


@dataclass(frozen=True, kw_only=True)
class LogCosh(ElementwiseLoss):
    """The logarithm of the hyperbolic cosine: ℓ = log cosh(p − t). Its gradient is tanh(p − t).

    About ½r² near zero and r − log 2 in the tails: Huber without a kink in the curvature, but with the bend fixed at 1:
    scale the targets accordingly. Shapes: prediction and target alike, any. Range: [0, ∞).
    Source: Saleh & Saleh 2022, arXiv:2208.04564. As keras.losses.LogCosh, optax.log_cosh (both 0 for small residuals,
    by cancellation: at r = 1e-4 in float32).
    """

    prediction, target = Real(), Real()
    tasks = ("regression",)
    facts = Facts(convex=True, smooth=2, gradient_bound=1.0, non_negative=True, zero_at_target=True, symmetric=True)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        r = prediction - target
        size = xp.abs(r)
        small = size < 1
        # cosh r = 1 + q² / 2(1 + q) with q = eʳ − 1: nothing cancels near 0.
        q = xp.expm1(xp.where(small, r, 0.0))
        tip = xp.log1p(q * q / (2 * (1 + q)))
        tail = size + (xp.log1p(xp.exp(-2 * size)) - math.log(2))
        return xp.where(small, tip, tail)


@dataclass(frozen=True, kw_only=True)
class PseudoHuber(ElementwiseLoss):
    """A smooth Huber: ℓ = δ²(√(1 + (r/δ)²) − 1), r = p − t.

    About ½r² near zero and δ|r| in the tails. Shapes: prediction and target alike, any. Unit: the target's, squared.
    Range: [0, ∞). delta > 0, in the target's unit.
    Source: Charbonnier et al. 1994, doi:10.1109/ICIP.1994.413553. As XGBoost's reg:pseudohubererror;
    kornia's charbonnier_loss is this with δ = 1.
    """

    delta: float = 1.0

    prediction, target = Real(), Real()
    tasks = ("regression",)
    aliases = ("Charbonnier",)
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=lambda loss: loss.delta,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def __post_init__(self) -> None:
        positive(delta=self.delta)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        r = prediction - target
        size = xp.abs(r)
        far = size > FAR * self.delta
        near = xp.where(far, 0.0, r)
        # √(1 + u²) − 1 = u² / (√(1 + u²) + 1), which does not cancel.
        tip = xp.square(near) / (xp.sqrt(1 + xp.square(near / self.delta)) + 1)
        return xp.where(far, self.delta * (size - self.delta), tip)


@dataclass(frozen=True, kw_only=True)
class AbsolutePercentageError(ElementwiseLoss):
    """The residual relative to the target: ℓ = |p − t| / max(|t|, ε), as a fraction (0.05 is five percent).

    Shapes: prediction and target alike, any. Unit: none. Range: [0, ∞). The gradient at p = t is 0. epsilon > 0, in the
    target's unit, is what counts as a target's least size: targets near 0 get weights up to 1/ε, so set it to the size
    below which differences do not matter. Predicting too low is punished less than too high: it pulls to low values.
    Source: Makridakis 1993, doi:10.1016/0169-2070(93)90079-3. As sklearn.metrics.mean_absolute_percentage_error;
    keras.losses.MeanAbsolutePercentageError is 100 times this.
    """

    epsilon: float = 1e-7

    prediction, target = Real(), Real()
    tasks = ("regression",)
    aliases = ("MAPE", "MeanAbsolutePercentageError")
    facts = Facts(
        convex=True,
        smooth=0,
        gradient_bound=lambda loss: 1 / loss.epsilon,
        non_negative=True,
        zero_at_target=True,
        symmetric=False,
    )

    def __post_init__(self) -> None:
        positive(epsilon=self.epsilon)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return xp.abs(prediction - target) / xp.maximum(xp.abs(target), self.epsilon)


@dataclass(frozen=True, kw_only=True)
class SquaredLogError(ElementwiseLoss):
    """The squared difference of logarithms: ℓ = (log(1 + p) − log(1 + t))².

    Shapes: prediction and target alike, any, both > −1. Unit: none. Range: [0, ∞).
    For positive targets over several magnitudes: factors count, not differences. Not convex beyond p = e(1 + t) − 1.
    DomainError for p ≤ −1, where peers clip and the gradient dies: end the model in softplus or exp.
    Derivatives are exact while (1 + p)² and (1 + t)² fit the dtype (below 1e19 in float32).
    As keras.losses.MeanSquaredLogarithmicError, sklearn.metrics.mean_squared_log_error.
    """

    prediction, target = Interval(lower=-1.0, lower_open=True), Interval(lower=-1.0, lower_open=True)
    tasks = ("regression",)
    aliases = ("MSLE", "MeanSquaredLogarithmicError")
    facts = Facts(
        convex=False,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        above = prediction >= target
        low, high = xp.where(above, target, prediction), xp.where(above, prediction, target)
        # log(1 + high) − log(1 + low), but by the difference, which is exact where the logarithms would cancel.
        return xp.square(xp.log1p((high - low) / (1 + low)))


@dataclass(frozen=True, kw_only=True)
class Quantile(ElementwiseLoss):
    """Pinball loss: ℓ = max(τu, (τ − 1)u), u = t − p. Its minimiser is the τ-quantile.

    Shapes: prediction and target alike, any. Unit: the target's. Range: [0, ∞). level τ in (0, 1); ½ gives half the
    absolute error. The derivative at p = t is ½ − τ, the middle of its one-sided ones.
    Source: Koenker & Bassett 1978, doi:10.2307/1913643. As sklearn.metrics.mean_pinball_loss, XGBoost's
    reg:quantileerror, tfa.losses.PinballLoss.
    """

    level: float = 0.5

    prediction, target = Real(), Real()
    tasks = ("regression",)
    aliases = ("Pinball",)
    facts = Facts(
        convex=True,
        smooth=0,
        gradient_bound=lambda loss: max(loss.level, 1 - loss.level),
        non_negative=True,
        zero_at_target=True,
        symmetric=lambda loss: loss.level == 0.5,
        minimiser="quantile",
        level=lambda loss: loss.level,
    )

    def __post_init__(self) -> None:
        fraction(level=self.level)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        u = target - prediction
        return xp.maximum(self.level * u, (self.level - 1) * u)


@dataclass(frozen=True, kw_only=True)
class Expectile(ElementwiseLoss):
    """Asymmetric squares: ℓ = τu² for u = t − p > 0, else (1 − τ)u². Its minimiser is the τ-expectile.

    Shapes: prediction and target alike, any. Unit: the target's, squared. Range: [0, ∞). level τ in (0, 1); ½ gives
    half the squared error. Expectiles are to the mean what quantiles are to the median: smooth, but moved by outliers.
    Source: Newey & Powell 1987, doi:10.2307/1911031. As CatBoost's Expectile.
    """

    level: float = 0.5

    prediction, target = Real(), Real()
    tasks = ("regression",)
    facts = Facts(
        convex=True,
        smooth=lambda loss: 2 if loss.level == 0.5 else 1,
        gradient_bound=math.inf,
        non_negative=True,
        zero_at_target=True,
        symmetric=lambda loss: loss.level == 0.5,
        minimiser="expectile",
        level=lambda loss: loss.level,
    )

    def __post_init__(self) -> None:
        fraction(level=self.level)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        u = target - prediction
        square = xp.square(u)
        return xp.where(u > 0, self.level * square, (1 - self.level) * square)

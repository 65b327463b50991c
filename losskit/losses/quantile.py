"""Quantiles beyond the one: smoothed, several at once, of a logarithm, and the intervals between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from losskit.core.domain import NonNegative, Probability, Real, Rows
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import fraction, non_negative, positive
from losskit.core.kinds import ElementwiseLoss, RowwiseLoss

__all__ = ["ImplicitQuantile", "IntervalScore", "LogLinearQuantile", "MultiQuantile", "QuantileHuber"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class QuantileHuber(ElementwiseLoss):
    """Pinball loss with a rounded tip: ℓ = |τ − [u < 0]| · h(u), u = t − p, h = ½u²/δ for |u| ≤ δ, else |u| − ½δ.

    Shapes: prediction and target alike, any. Unit: the target's. Range: [0, ∞). level τ in (0, 1). delta > 0, in the
    target's unit: small residuals have small gradients, so that steps settle. The price is the minimiser: a little
    nearer to the mean than the τ-quantile, within δ of it; δ → 0 is Quantile.
    Source: Dabney et al. 2018, arXiv:1710.10044 (without the 1/δ), arXiv:1806.06923 (with it). neuralforecast's
    HuberQLoss is δ times this.
    """

    level: float = 0.5
    delta: float = 1.0

    prediction, target = Real(), Real()
    tasks = ("regression", "forecasting", "reinforcement")
    aliases = ("HuberQuantile",)
    facts = Facts(
        convex=True,
        smooth=1,
        gradient_bound=lambda loss: max(loss.level, 1 - loss.level),
        non_negative=True,
        zero_at_target=True,
        symmetric=lambda loss: loss.level == 0.5,
    )

    def __post_init__(self) -> None:
        fraction(level=self.level)
        positive(delta=self.delta)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        u = target - prediction
        inner = xp.clip(u, -self.delta, self.delta)  # the square never sees the tail: it cannot overflow there
        size = inner / self.delta * (u - inner / 2)
        return xp.where(u > 0, self.level * size, (1 - self.level) * size)


@dataclass(frozen=True, kw_only=True)
class ImplicitQuantile(ElementwiseLoss):
    """Pinball loss with a level for each value: ℓ = max(τu, (τ − 1)u), u = t − p. For implicit quantile networks.

    Shapes: prediction, target and level τ alike, any; τ in [0, 1]. Unit: the target's. Range: [0, ∞). A network is
    given τ, drawn anew and uniformly for each value, and answers with that quantile: one network holds the whole
    distribution, and the expectation over τ is half its continuous ranked probability score. delta δ ≥ 0 rounds the tip
    as QuantileHuber does: |τ − [u < 0]| · h(u), h = ½u²/δ for |u| ≤ δ, else |u| − ½δ. The gradient at the kink of δ = 0
    is the mean of the one-sided ones. One level for all values is Quantile.
    Source: Dabney et al. 2018, arXiv:1806.06923 (δ = 1). As neuralforecast's IQLoss, which draws τ itself.
    """

    delta: float = 0.0

    prediction, target, level = Real(), Real(), Probability()
    tasks = ("regression", "forecasting", "reinforcement")
    aliases = ("IQN", "IQLoss")
    facts = Facts(
        convex=True,
        smooth=lambda loss: 1 if loss.delta else 0,
        gradient_bound=1.0,
        non_negative=True,
        zero_at_target=True,
    )

    def __post_init__(self) -> None:
        non_negative(delta=self.delta)

    def formula(self, xp: Any, prediction: Array, target: Array, level: Array) -> Array:
        u = target - prediction
        if self.delta == 0:
            return xp.maximum(level * u, (level - 1) * u)
        inner = xp.clip(u, -self.delta, self.delta)  # the square never sees the tail: it cannot overflow there
        size = inner / self.delta * (u - inner / 2)
        return xp.where(u > 0, level * size, (1 - level) * size)


@dataclass(frozen=True, kw_only=True)
class MultiQuantile(RowwiseLoss):
    """Pinball losses of several quantiles: ℓ = meanₖ max(τₖuₖ, (τₖ − 1)uₖ) + λ Σₖ max(0, pₖ − pₖ₊₁), uₖ = t − pₖ.

    levels τ₁ < τ₂ < … in (0, 1), one for each column of the prediction. crossing λ ≥ 0 punishes a quantile that lies
    above the next one; it moves no quantile where they are in order. Shapes: prediction (…, Q), target (…); values (…).
    Unit: the target's. Range: [0, ∞). The derivative at pₖ = t is that of Quantile, at pₖ = pₖ₊₁ that of order.
    With levels that are symmetric around ½ it is half the weighted interval score, and with many equally spaced ones
    half the continuous ranked probability score.
    Source: Koenker & Bassett 1978, doi:10.2307/1913643. As CatBoost's MultiQuantile and neuralforecast's MQLoss;
    pytorch_forecasting's QuantileLoss has a factor 2. None has a crossing penalty.
    """

    levels: tuple[float, ...] = (0.1, 0.5, 0.9)
    crossing: float = 0.0

    prediction, target = Rows(), Real()
    tasks = ("regression", "forecasting")
    aliases = ("MQLoss", "MultiPinball")
    facts = Facts(
        convex=True,
        smooth=0,
        gradient_bound=lambda loss: None if loss.crossing else _steepest(loss.levels),
        non_negative=True,
        proper=True,
    )

    def __post_init__(self) -> None:
        levels = tuple(float(level) for level in self.levels)
        fraction(**{f"levels[{k}]": level for k, level in enumerate(levels)})
        if not levels or any(low >= high for low, high in pairwise(levels)):
            raise ValueError(f"levels: expected at least one, in increasing order, got {levels}")
        non_negative(crossing=self.crossing)
        object.__setattr__(self, "levels", levels)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        u = xp.expand_dims(target, -1) - prediction
        levels = xp.asarray(self.levels, like=prediction)
        value = xp.mean(xp.maximum(levels * u, (levels - 1) * u), axis=-1)
        if self.crossing == 0 or len(self.levels) == 1:
            return value
        return value + self.crossing * xp.sum(xp.relu(prediction[..., :-1] - prediction[..., 1:]), axis=-1)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        _check_columns(xp, bound["prediction"], len(self.levels), f"one column for each of the levels {self.levels}")


@dataclass(frozen=True, kw_only=True)
class IntervalScore(RowwiseLoss):
    """Winkler's score of a prediction interval [l, u]: ℓ = (u − l) + 2/α · (max(0, l − t) + max(0, t − u)).

    The interval's width, and a fine for each target outside it. Its minimiser is the central interval that holds
    1 − α of the targets: l is the α/2-quantile and u the (1 − α/2)-quantile.
    Shapes: prediction (…, 2) with the columns l and u, target (…); values (…). Unit: the target's. Range: [0, ∞), also
    where l > u, which is fined on both sides. alpha α in (0, 1): 0.1 for intervals of 90 %.
    The derivative at l = t or u = t is the mean of the one-sided ones. It is 2/α times the sum of the two Quantile
    losses: MultiQuantile(levels=(α/2, 1 − α/2)) times 4/α.
    Source: Winkler 1972, doi:10.1080/01621459.1972.10481224; Gneiting & Raftery 2007, doi:10.1198/016214506000001437,
    eq. 43. As scoringrules.interval_score, which takes the bounds as two arrays.
    """

    alpha: float = 0.1

    prediction, target = Rows(), Real()
    tasks = ("regression", "forecasting")
    aliases = ("Winkler", "WinklerScore")
    facts = Facts(
        convex=True,
        smooth=0,
        gradient_bound=lambda loss: math.sqrt(2) * (2 / loss.alpha - 1),
        non_negative=True,
        proper=True,
    )

    def __post_init__(self) -> None:
        fraction(alpha=self.alpha)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        above, below = prediction[..., 0] - target, target - prediction[..., 1]
        outside = 2 / self.alpha
        # The width is −above − below: each side's share joins its fine, so that nothing large cancels.
        return xp.maximum(-above, (outside - 1) * above) + xp.maximum(-below, (outside - 1) * below)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        _check_columns(xp, bound["prediction"], 2, "the columns lower and upper")


@dataclass(frozen=True, kw_only=True)
class LogLinearQuantile(ElementwiseLoss):
    """Pinball loss of a quantile predicted as its logarithm: ℓ = max(τu, (τ − 1)u), u = t − eᶻ.

    Shapes: prediction z and target alike, any; targets ≥ 0. Unit: the target's. Range: [0, ∞). level τ in (0, 1); eᶻ at
    the minimum is the τ-quantile. For positive targets over several magnitudes: the error counts in the target's unit,
    the model is multiplicative. Not convex below the target, where the gradient fades as eᶻ: start at its size.
    Infinite where eᶻ exceeds the dtype (z > 88 in float32). The derivative at eᶻ = t is the mean of the one-sided ones.
    Source: Koenker & Bassett 1978, doi:10.2307/1913643. As CatBoost's LogLinQuantile, whose alpha is τ.
    """

    level: float = 0.5

    prediction, target = Real(), NonNegative()
    tasks = ("regression",)
    aliases = ("LogLinQuantile",)
    facts = Facts(convex=False, smooth=0, gradient_bound=math.inf, non_negative=True)

    def __post_init__(self) -> None:
        fraction(level=self.level)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        u = target - xp.exp(prediction)
        return xp.maximum(self.level * u, (self.level - 1) * u)


def _check_columns(xp: Any, prediction: Array, count: int, what: str) -> None:
    found = xp.shape(prediction)[-1]
    if found is not None and found != count:
        raise ShapeError(f"prediction: expected {what} along the last axis, {count}, got shape {xp.shape(prediction)}")


def _steepest(levels: tuple[float, ...]) -> float:
    """sup ‖∂ℓ/∂prediction‖ without a crossing penalty: low quantiles above the target, high ones below it."""
    return math.sqrt(sum(max(level, 1 - level) ** 2 for level in levels)) / len(levels)

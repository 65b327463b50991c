"""Errors relative to something: both sizes, a naive forecast, the signal's energy, the scale of a scene."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Positive, Real
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.core.kinds import ElementwiseLoss, StructuredLoss
from losskit.core.loss import fits, shape_fix

__all__ = [
    "AbsoluteScaledError",
    "ErrorToSignalRatio",
    "RelativeSquaredError",
    "ScaleInvariantLog",
    "SymmetricAbsolutePercentageError",
]

Array = Any


@dataclass(frozen=True, kw_only=True)
class SymmetricAbsolutePercentageError(ElementwiseLoss):
    """The residual relative to the mean of both sizes: ℓ = 2|p − t| / max(|p| + |t|, ε), as a fraction.

    Shapes: prediction and target alike, any. Unit: none. Range: [0, 2]; 2 wherever the signs differ. epsilon > 0, in
    the target's unit, is the least sum of sizes that is divided by: two zeros have loss 0 and gradient 0 (the bare
    quotient is NaN there). The gradient at p = t and at p = 0 is the mean of the one-sided ones.
    Not symmetric in over- and underestimation, and not convex: where the signs differ there is no pull at all, so start
    from positive predictions of positive targets. Exact while (|p| + |t|)² fits the dtype (below 1e19 in float32).
    Source: Makridakis 1993, doi:10.1016/0169-2070(93)90079-3. As neuralforecast's SMAPE; CatBoost's is 100 times
    this; Darts' SmapeLoss is half of it, and by default takes the divisor as a constant.
    """

    epsilon: float = 1e-7

    prediction, target = Real(), Real()
    tasks = ("regression", "forecasting")
    aliases = ("SMAPE", "SymmetricMeanAbsolutePercentageError")
    facts = Facts(
        convex=False,
        smooth=0,
        gradient_bound=lambda loss: 4 / loss.epsilon,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def __post_init__(self) -> None:
        positive(epsilon=self.epsilon)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        sizes = xp.abs(prediction) + xp.abs(target)
        return 2 * xp.abs(prediction - target) / xp.maximum(sizes, self.epsilon)


@dataclass(frozen=True, kw_only=True)
class AbsoluteScaledError(ElementwiseLoss):
    """The residual relative to what a naive forecast misses by: ℓ = |p − t| / scale.

    scale > 0 is the mean of |yₜ − yₜ₋ₘ| over the series' own past, m its season (1: none): 1 is as good as repeating
    the last season. It makes series of different units count alike. Compute it once per series, from training data,
    and give it in the prediction's shape: `numpy.broadcast_to(scale[:, None], prediction.shape)`.
    Shapes: prediction, target and scale alike, any. Unit: none. Range: [0, ∞). The gradient at p = t is 0.
    DomainError for a scale of 0 (a constant past), where peers divide 0 by 0 or drop the series: mask it instead.
    Source: Hyndman & Koehler 2006, doi:10.1016/j.ijforecast.2006.03.001. neuralforecast's MASE and
    pytorch_forecasting's MASE take the past itself.
    """

    prediction, target, scale = Real(), Real(), Positive()
    tasks = ("regression", "forecasting")
    aliases = ("MASE", "MeanAbsoluteScaledError")
    facts = Facts(
        convex=True,
        smooth=0,
        gradient_bound=math.inf,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
        minimiser="median",
    )

    def formula(self, xp: Any, prediction: Array, target: Array, scale: Array) -> Array:
        return xp.abs(prediction - target) / scale


@dataclass(frozen=True, kw_only=True)
class SampleLoss(StructuredLoss):
    """The base: sums over each sample; all inputs have one shape (N, …), of at least two axes, values (N,)."""

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        first = self.inputs[0]
        expected = xp.shape(bound[first])
        if len(expected) < 2:
            raise ShapeError(
                f"{first}: expected samples along the first axis and what each consists of along the others, got shape "
                f"{expected}; fix: for one sample, {first} = {first}[None], and so with the other inputs"
            )
        for name in list(bound)[1:]:
            shape = xp.shape(bound[name])
            if not fits(shape, expected):
                raise ShapeError(
                    f"{name}: expected the shape of {first}, {expected}, got {shape}"
                    + shape_fix(name, shape, first, expected)
                )

    def parts(self, xp: Any, array: Array) -> tuple[int, ...]:
        """The axes of one sample."""
        return tuple(range(1, len(xp.shape(array))))


@dataclass(frozen=True, kw_only=True)
class ErrorToSignalRatio(SampleLoss):
    """The energy of the error relative to that of the signal: ℓ = Σ(p − t)² / (Σt² + ε), over each sample.

    Shapes: prediction and target alike, (N, …) with at least two axes; values (N,). Unit: none. Range: [0, ∞); 1 for
    silence. epsilon > 0, in the target's unit squared, is what keeps a silent target from dividing by 0.
    For audio, with prediction and target pre-emphasised alike: quiet signals count as much as loud ones.
    A mask has the target's shape: padding can be left out. Exact while the squares fit the dtype.
    Source: Wright & Välimäki 2020, arXiv:1911.08922. As auraloss.time.ESRLoss, which has a ratio for each channel:
    move channels to the first axis for that.
    """

    epsilon: float = 1e-8

    prediction, target = Real(), Real()
    tasks = ("audio",)
    aliases = ("ESR",)
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=True,
        zero_at_target=True,
        symmetric=False,
    )

    def __post_init__(self) -> None:
        positive(epsilon=self.epsilon)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        # Masked entries are 0 in both, and add nothing to either sum.
        axes = self.parts(xp, target)
        energy = xp.sum(xp.square(target), axis=axes)
        return xp.sum(xp.square(prediction - target), axis=axes) / (energy + self.epsilon)


@dataclass(frozen=True, kw_only=True)
class RelativeSquaredError(SampleLoss):
    """The squared error relative to a benchmark's: ℓ = Σ(p − t)² / (Σ(b − t)² + ε), over each sample (a series).

    Shapes: prediction, target and benchmark b alike, (N, …) with at least two axes; values (N,). Unit: none. Range:
    [0, ∞); 1 is as good as the benchmark: the last value, the same season's, the mean of the past. No gradient flows
    to it. epsilon > 0, in the target's unit squared, is for benchmarks without an error.
    A mask has the target's shape: steps without a target can be left out. Exact while the squares fit the dtype.
    Source: Hyndman & Koehler 2006, doi:10.1016/j.ijforecast.2006.03.001. As neuralforecast's relMSE, which takes the
    ratio once, of all series together.
    """

    epsilon: float = 1e-8

    prediction, target, benchmark = Real(), Real(), Real()
    tasks = ("forecasting",)
    aliases = ("RelMSE", "RelativeMeanSquaredError")
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=True,
        zero_at_target=True,
        symmetric=False,
    )

    def __post_init__(self) -> None:
        positive(epsilon=self.epsilon)

    def formula(self, xp: Any, prediction: Array, target: Array, benchmark: Array) -> Array:
        # Masked entries are 0 in all three, and add nothing to either sum.
        axes = self.parts(xp, target)
        reference = xp.sum(xp.square(benchmark - target), axis=axes)
        return xp.sum(xp.square(prediction - target), axis=axes) / (reference + self.epsilon)


@dataclass(frozen=True, kw_only=True)
class ScaleInvariantLog(SampleLoss):
    """SILog: ℓ = √(mean d² − λ(mean d)²), d = log p − log t, over each sample (an image's pixels).

    variance_focus λ in [0, 1]: 0 is the root mean squared log error, 1 ignores a common factor of all predictions (the
    scale of the scene). root=False leaves the root out. Shapes: prediction and target alike, (N, …) with at least two
    axes; values (N,). Unit: none. Range: [0, ∞). The root's gradient at a perfect fit is 0 (the bare root has NaN).
    DomainError for depths ≤ 0: end the model in softplus or exp, and mask pixels without a depth (peers write 0 there).
    Source: Eigen, Puhrsch & Fergus 2014, arXiv:1406.2283 (λ = ½, no root). Many depth repositories have
    10 times this with λ = 0.85, over all pixels of a batch at once: `loss(prediction.reshape(1, -1), …)`.
    """

    variance_focus: float = 0.5
    root: bool = True

    prediction, target = Positive(), Positive()
    tasks = ("depth",)
    aliases = ("SILog",)
    facts = Facts(
        convex=False,
        smooth=lambda loss: 0 if loss.root else 2,
        gradient_bound=math.inf,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def __post_init__(self) -> None:
        if not 0 <= self.variance_focus <= 1:
            raise ValueError(f"variance_focus: expected a number from 0 to 1, got {self.variance_focus}")

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        d, axes = _log_ratio(xp, prediction, target), self.parts(xp, target)
        present = xp.ones_like(d) if keep is None else xp.cast(keep, d)
        count = xp.sum(present, axis=axes, keepdims=True)
        count = xp.where(count == 0, 1.0, count)
        middle = xp.sum(d, axis=axes, keepdims=True) / count  # masked entries are 1 in both: d = 0
        # mean d² − λ(mean d)² as a sum of squares: nothing cancels where the predictions are off by a common factor.
        spread = xp.sum(present * xp.square(d - middle) / count, axis=axes)
        value = spread + (1 - self.variance_focus) * xp.square(xp.sum(d / count, axis=axes))
        if not self.root:
            return value
        perfect = value == 0  # the root's slope is infinite there
        return xp.where(perfect, 0.0, xp.sqrt(xp.where(perfect, 1.0, value)))


def _log_ratio(xp: Any, p: Array, t: Array) -> Array:
    """log p − log t, by the difference where p is near t: it is exact there, and the logarithms would cancel."""
    near = xp.abs(p - t) < t / 2
    close = xp.log1p(xp.where(near, p - t, 0.0) / t)
    return xp.where(near, close, xp.log(xp.where(near, 1.0, p) / xp.where(near, 1.0, t)))

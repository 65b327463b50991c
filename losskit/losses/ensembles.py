"""Scores of ensembles: M equally likely members, numbers or vectors, against what came true."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Real, Rows
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, positive
from losskit.core.kinds import RowwiseLoss, StructuredLoss

__all__ = [
    "DawidSebastianiScore",
    "EnergyScore",
    "EnsembleContinuousRankedProbabilityScore",
    "VariogramScore",
]

Array = Any


# -- of numbers --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class EnsembleContinuousRankedProbabilityScore(RowwiseLoss):
    """CRPS of M equally likely members: ℓ = 1/M Σᵢ |xᵢ − t| − 1/2M² Σᵢⱼ |xᵢ − xⱼ|, in O(M log M) by sorting.

    Shapes: prediction (…, M), target (…); values (…). Unit: the target's. Range: [0, ∞); the absolute error for M = 1.
    fair: divide the second sum by 2M(M − 1) (M ≥ 2, else ShapeError): the expectation is then that of M → ∞, and
    members drawn from the target's distribution are best. Trains generators of samples and ensembles without a
    likelihood; each member's gradient depends on its rank and side only, and is that of its branch where two meet.
    lower and upper, in the target's unit, make it the threshold-weighted CRPS of what happens between them, None for
    no end (heat, heavy rain): members and target are first brought to the nearest value between. A member outside has
    no gradient.
    Source: Hersbach 2000, doi:10.1175/1520-0434(2000)015<0559:DOTCRP>2.0.CO;2; fair: Ferro 2014, doi:10.1002/qj.2270;
    lower, upper: Allen, Ginsbourger & Ziegel 2023, doi:10.1137/22M1532184. As scoringrules' and properscoring's
    crps_ensemble, the former's estimator="fair", and its twcrps_ensemble with a and b.
    """

    fair: bool = False
    lower: float | None = None
    upper: float | None = None

    prediction, target = Rows(), Real()
    tasks = ("regression",)
    aliases = ("EnsembleCRPS", "CRPS")
    facts = Facts(convex=False, smooth=0, non_negative=True, cost="n log n")

    def __post_init__(self) -> None:
        ends = [end for end in (self.lower, self.upper) if end is not None]
        if not all(-math.inf < end < math.inf for end in ends) or (len(ends) == 2 and not ends[0] < ends[1]):
            raise ValueError(f"lower, upper: expected finite numbers, lower < upper, got {self.lower} and {self.upper}")

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        _check_members(self.fair, xp.shape(bound["prediction"])[-1])

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        members = xp.shape(prediction)[-1]
        prediction, target = (self.within(xp, x) for x in (prediction, target))
        # Sorted first: a far target would round the differences to one.
        apart = xp.sort(prediction) - xp.expand_dims(target, axis=-1)
        rank = xp.cast(xp.arange(members, like=apart), apart)
        # The two sums are one, in which nothing cancels: a member counts by how many lie on its far side from t.
        own = 0.0 if self.fair else 0.5
        below, above = rank + own, (members - 1) - rank + own
        pairs = members * (members - 1) if self.fair else members**2
        return xp.sum(xp.where(apart > 0, above, -below) * (2 / pairs) * apart, axis=-1)

    def within(self, xp: Any, x: Array) -> Array:
        """The nearest value between the thresholds."""
        if self.lower is not None:
            x = xp.where(x < self.lower, self.lower, x)
        return x if self.upper is None else xp.where(x > self.upper, self.upper, x)


def _check_members(fair: bool, members: int | None, fix: str = "fair=False") -> None:
    if fair and members == 1:
        raise ShapeError(f"prediction: the spread is that of at least 2 members, got 1; fix: {fix}")


@dataclass(frozen=True, kw_only=True)
class DawidSebastianiScore(RowwiseLoss):
    """Mean and variance of M members as a forecast: ℓ = (t − m)² / v + log v, m = mean xᵢ, v = Σ (xᵢ − m)²/(M − 1) + ε.

    Shapes: prediction (…, M), target (…); values (…). Unit: none. Range: any real number. biased: divide by M instead
    of M − 1 (which takes M ≥ 2, else ShapeError). epsilon ε > 0, in the target's unit squared, is what members that are
    all alike are taken to vary. Shape does not count: for the whole distribution, and where outliers should not rule,
    EnsembleContinuousRankedProbabilityScore. Of a predicted mean and variance it is twice GaussianNegativeLogLikelihood
    less log 2π. Exact while the squares fit the dtype.
    Source: Dawid & Sebastiani 1999, doi:10.1214/aos/1018031101. As scoringrules' dssuv_ensemble, without ε.
    """

    biased: bool = False
    epsilon: float = 1e-6

    prediction, target = Rows(), Real()
    tasks = ("regression",)
    aliases = ("DawidSebastiani", "DSS")
    facts = Facts(convex=False, smooth=2, non_negative=False)

    def __post_init__(self) -> None:
        positive(epsilon=self.epsilon)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        _check_members(not self.biased, xp.shape(bound["prediction"])[-1], "biased=True")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        members = xp.shape(prediction)[-1]
        # Relative to one member, a constant for the derivatives: differences of large numbers that are close are exact.
        origin = xp.stop_gradient(prediction[..., :1])
        apart = prediction - origin
        mean = xp.mean(apart, axis=-1, keepdims=True)
        divisor = members if self.biased else members - 1
        variance = xp.sum(xp.square(apart - mean), axis=-1) / divisor + self.epsilon
        return xp.square((target - origin[..., 0]) - mean[..., 0]) / variance + xp.log(variance)


# -- of vectors --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class VectorEnsemble(StructuredLoss):
    """The base: prediction (N, M, D), target (N, D), a mask (N,); values (N,)."""

    prediction, target = Rows(), Rows()
    tasks = ("regression",)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        shape = xp.shape(bound["prediction"])
        if len(shape) != 3:
            raise ShapeError(f"prediction: expected (samples, members, dimensions), got {shape}")
        super().check_shapes(xp, bound)

    def _keep(self, xp: Any, bound: dict[str, Array], mask: Array | None) -> Array | None:
        if mask is None:
            return None
        mask, samples = xp.asarray(mask, like=bound["target"]), xp.shape(bound["target"])[:1]
        if xp.shape(mask) != samples:
            raise ShapeError(f"mask: expected {samples}, one entry for each sample, got {xp.shape(mask)}")
        return mask & xp.cast(xp.ones_like(bound["target"][..., 0]), "bool")


@dataclass(frozen=True, kw_only=True)
class EnergyScore(VectorEnsemble):
    """CRPS of vectors: ℓ = 1/M Σᵢ ‖xᵢ − t‖ − 1/2M² Σᵢⱼ ‖xᵢ − xⱼ‖ of M equally likely members.

    Shapes: prediction (N, M, D), target (N, D), a mask (N,); values (N,). Unit: the target's. Range: [0, ∞).
    fair: divide the second sum by 2M(M − 1) (M ≥ 2, else ShapeError), as EnsembleContinuousRankedProbabilityScore,
    which for D = 1 it is. Time and memory grow with M². Tells wrong means and spreads well, wrong correlations badly:
    VariogramScore beside it.
    The derivative of a distance at 0 is taken as 0. Exact while distances have a square in the dtype.
    Source: Gneiting & Raftery 2007, doi:10.1198/016214506000001437. As scoringrules' es_ensemble.
    """

    fair: bool = False

    facts = Facts(convex=False, smooth=0, non_negative=True, cost="n^2")

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        _check_members(self.fair, xp.shape(bound["prediction"])[1])

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        members = xp.shape(prediction)[1]
        away = xp.safe_norm(prediction - xp.expand_dims(target, axis=1))
        apart = xp.safe_norm(xp.expand_dims(prediction, axis=1) - xp.expand_dims(prediction, axis=2))
        pairs = members * (members - 1) if self.fair else members**2
        return xp.sum(away, axis=-1) / members - xp.sum(apart, axis=(1, 2)) / (2 * pairs)


@dataclass(frozen=True, kw_only=True)
class VariogramScore(VectorEnsemble):
    """How far coordinates lie from each other: ℓ = Σⱼₖ wⱼₖ (|tⱼ − tₖ|^p − mean over members |xⱼ − xₖ|^p)².

    Shapes: prediction (N, M, D), target (N, D), a mask (N,); values (N,). Unit: the target's to the power 2p. Range:
    [0, ∞). order p > 0: 0.5 (the default) and 1 are usual, the smaller the less outliers count. pair_weights w, D × D
    numbers ≥ 0, None for 1 each: say, 1 / distance of the places. It sees wrong correlations (in space, in time,
    between variables), and no shift that all coordinates share: add EnergyScore, or a score of each coordinate. Time
    and memory grow with M·D². Where two coordinates of a member are equal the derivative (infinite for p < 1) is taken
    as 0. Exact while the distances to the power 2p fit the dtype.
    Source: Scheuerer & Hamill 2015, doi:10.1175/MWR-D-14-00269.1. As scoringrules' vs_ensemble and R's
    vs_sample.
    """

    order: float = 0.5
    pair_weights: tuple[tuple[float, ...], ...] | None = None

    facts = Facts(
        smooth=lambda loss: 2 if loss.order >= 2 else 0 if loss.order == 1 else None, non_negative=True, cost="n^2"
    )

    def __post_init__(self) -> None:
        positive(order=self.order)
        if self.pair_weights is not None:
            rows = tuple(tuple(float(weight) for weight in row) for row in self.pair_weights)
            if any(len(row) != len(rows) for row in rows):
                raise ValueError(f"pair_weights: expected as many columns as rows, got rows of {[*map(len, rows)]}")
            for j, row in enumerate(rows):
                non_negative(**{f"pair_weights[{j}][{k}]": weight for k, weight in enumerate(row)})
            object.__setattr__(self, "pair_weights", rows)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        width = xp.shape(bound["prediction"])[-1]
        if self.pair_weights is not None and len(self.pair_weights) != width:
            raise ShapeError(
                f"pair_weights: expected {width} × {width} numbers, for each pair of the dimensions of prediction, "
                f"got {len(self.pair_weights)} × {len(self.pair_weights)}"
            )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        short = self.distances(xp, target) - xp.mean(self.distances(xp, prediction), axis=1)
        squares = xp.square(short)
        if self.pair_weights is not None:
            squares = xp.asarray(self.pair_weights, like=squares) * squares
        return xp.sum(squares, axis=(-2, -1))

    def distances(self, xp: Any, x: Array) -> Array:
        """|xⱼ − xₖ|^p at [j, k]."""
        apart = xp.expand_dims(x, -1) - xp.expand_dims(x, -2)
        if self.order == 2:
            return xp.square(apart)
        alike = apart == 0  # the slope of a power below 1 is infinite there
        return xp.where(alike, 0.0, xp.power(xp.abs(xp.where(alike, 1.0, apart)), self.order))

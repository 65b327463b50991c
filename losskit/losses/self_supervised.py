"""Self-supervised learning without rivals: two views agree, and the representation does not collapse."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Rows
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, positive
from losskit.core.kinds import RowwiseLoss
from losskit.losses.contrastive import RowsOfABatch, off_diagonal, products
from losskit.losses.correlation import centred
from losskit.losses.similarity import direction, length

__all__ = ["Alignment", "BarlowTwins", "KoLeo", "SelfDistillation", "Uniformity", "VICReg"]

Array = Any

# -- two views ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class BarlowTwins(RowsOfABatch):
    """Barlow Twins: L = Σⱼ (1 − Cⱼⱼ)² + λ Σⱼₖ Cⱼₖ² over j ≠ k, C the correlations between the views' columns.

    Shapes: first and second (N, D), the i-th rows being views of one sample; values (N,), all of them L. Range: [0, ∞).
    Unit: none. redundancy λ ≥ 0. A column that is constant in a batch has no correlation: it counts 1, without a
    gradient. Batches of some hundreds, D of some thousands. A masked sample is left out; a weight weighs values alone.
    Computed with 1 − C as half a squared distance: accurate where views agree.
    Source: Zbontar et al. 2021, arXiv:2103.03230. As lightly's BarlowTwinsLoss, whose batch normalisation adds 1e-5 to
    the variances.
    """

    redundancy: float = 0.005

    first, second = Rows(), Rows()
    differentiable = ("first", "second")
    tasks = ("self-supervised",)
    facts = Facts(non_negative=True, symmetric=True, cost="d^2")

    def __post_init__(self) -> None:
        non_negative(redundancy=self.redundancy)

    def formula(self, xp: Any, first: Array, second: Array, *, keep: Array | None = None) -> Array:
        # Of each column, now a row, the direction in which its samples lie: the product of two is their correlation.
        columns = [xp.swapaxes(centred(xp, rows, every_column(xp, rows, keep)), 0, 1) for rows in (first, second)]
        (u, u_is_zero), (v, v_is_zero) = (direction(xp, rows) for rows in columns)
        missed = xp.where(u_is_zero | v_is_zero, 1.0, xp.sum(xp.square(u - v), axis=-1) / 2)
        beside = xp.where(off_diagonal(xp, u), xp.square(products(xp, u, v)), 0.0)
        return for_each(xp, xp.sum(xp.square(missed)) + self.redundancy * xp.sum(beside), first)


@dataclass(frozen=True, kw_only=True)
class VICReg(RowsOfABatch):
    """Variance, invariance and covariance: L = a · mean (x − y)² + b · Σ V / 2 + c · Σ K, sums over the views x and y.

    V = meanⱼ max(0, 1 − √(Varⱼ + ε)) keeps every column's deviation above 1, K = Σⱼₖ Covⱼₖ² / D over j ≠ k makes
    columns tell different things; variances divide by N − 1. Shapes: first and second (N, D), the i-th rows being views
    of one sample; values (N,): a times the mean square of their difference, plus what all have in common. Range: [0,
    ∞). invariance a, variance b and covariance c, all ≥ 0: with 0 a term is off. epsilon ε > 0. Not normalised: scale
    matters. A masked sample is left out; a weight does not weigh variances.
    Source: Bardes, Ponce & LeCun 2021, arXiv:2105.04906, with the factors of its published code (the paper sums squares
    over columns and does not halve V). As lightly's VICRegLoss.
    """

    invariance: float = 25.0
    variance: float = 25.0
    covariance: float = 1.0
    epsilon: float = 1e-4

    first, second = Rows(), Rows()
    differentiable = ("first", "second")
    tasks = ("self-supervised",)
    aliases = ("VarianceInvarianceCovariance",)
    facts = Facts(non_negative=True, symmetric=True, cost="d^2")

    def __post_init__(self) -> None:
        non_negative(invariance=self.invariance, variance=self.variance, covariance=self.covariance)
        positive(epsilon=self.epsilon)

    def formula(self, xp: Any, first: Array, second: Array, *, keep: Array | None = None) -> Array:
        value = self.invariance * xp.mean(xp.square(first - second), axis=-1)
        for rows in (first, second):
            covariances = covariance(xp, rows, keep)
            apart = off_diagonal(xp, covariances)
            variances = xp.sum(xp.where(apart, 0.0, covariances), axis=-1)
            flat = xp.mean(xp.relu(1 - xp.sqrt(variances + self.epsilon)))
            shared = xp.sum(xp.where(apart, xp.square(covariances), 0.0)) / xp.shape(covariances)[0]
            value = value + (flat * (self.variance / 2) + shared * self.covariance)
        return value


@dataclass(frozen=True, kw_only=True)
class Alignment(RowwiseLoss):
    """Alignment of two views: ℓ = ‖x/‖x‖ − y/‖y‖‖^α.

    Shapes: first and second (…, D), views of one sample; values (…). Range: [0, 2^α]. power α ≥ 1; 2 is twice
    CosineDistance. Where a vector is zero its direction is undefined: value 2^{α/2}, that of a right angle, gradient 0.
    Alone it collapses to one point: beside it Uniformity of each view.
    Source: Wang & Isola 2020, arXiv:2005.10242.
    """

    power: float = 2.0

    first, second = Rows(), Rows()
    differentiable = ("first", "second")
    tasks = ("self-supervised", "metric")
    facts = Facts(convex=False, gradient_bound=math.inf, non_negative=True, symmetric=True)

    def __post_init__(self) -> None:
        if not 1 <= self.power < math.inf:
            raise ValueError(f"power: expected a finite number >= 1, got {self.power}")

    def formula(self, xp: Any, first: Array, second: Array) -> Array:
        (x, x_is_zero), (y, y_is_zero) = (direction(xp, rows) for rows in (first, second))
        undefined = x_is_zero | y_is_zero
        if self.power == 2:
            return xp.where(undefined, 2.0, xp.sum(xp.square(x - y), axis=-1))
        return xp.power(xp.where(undefined, math.sqrt(2), length(xp, x - y)), self.power)


# -- spread ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Uniformity(RowsOfABatch):
    """Uniformity on the sphere: L = log mean exp(−t ‖u − v‖²) over the pairs u ≠ v of a batch of directions.

    Shapes: embeddings (N, D), which are normalised; values (N,), all of them L. Unit: nats. Range: [−4t, 0]; 0 where
    all directions are one, and for a batch of one. scale t > 0. A zero vector has cosine 0 to everything. Beside
    Alignment: alone it spreads what belongs together, too.
    Source: Wang & Isola 2020, arXiv:2005.10242.
    """

    scale: float = 2.0

    embeddings = Rows()
    differentiable = ("embeddings",)
    tasks = ("self-supervised", "metric")
    facts = Facts(non_negative=False, cost="n^2")

    def __post_init__(self) -> None:
        positive(scale=self.scale)

    def formula(self, xp: Any, embeddings: Array, *, keep: Array | None = None) -> Array:
        unit, _ = direction(xp, embeddings)
        pairs = off_diagonal(xp, unit)
        if keep is not None:
            pairs = pairs & (xp.expand_dims(keep, axis=0) & xp.expand_dims(keep, axis=1))
        count = xp.sum(xp.cast(pairs, unit))
        nothing = count == 0
        # ‖u − v‖² = 2 − 2 cos of unit vectors: an ulp of 2 is as much as its exponential can tell.
        exponents = (products(xp, unit, unit) - 1) * (2 * self.scale)
        total = xp.logsumexp(xp.logsumexp(xp.where(pairs, exponents, -math.inf)))
        mean = xp.where(nothing, 0.0, total) - xp.log(xp.where(nothing, 1.0, count))
        return for_each(xp, mean, embeddings)


@dataclass(frozen=True, kw_only=True)
class KoLeo(RowsOfABatch):
    """Kozachenko–Leonenko entropy: ℓᵢ = −log(minⱼ ‖uᵢ − uⱼ‖ + ε), the distance of a direction to the nearest other one.

    Shapes: embeddings (N, D), which are normalised; values (N,). Unit: nats. Range: [−log(2 + ε), −log ε]. epsilon
    ε > 0: how near counts as the same. Of neighbours that are equally near by their products the first counts. A sample
    alone has value 0. A small weight beside a loss that learns something. A zero vector has cosine 0 to everything.
    Source: Sablayrolles et al. 2019, arXiv:1806.03198. As DINOv2's KoLeoLoss and lightly's, which also add ε to each
    difference.
    """

    epsilon: float = 1e-8

    embeddings = Rows()
    differentiable = ("embeddings",)
    tasks = ("self-supervised", "metric")
    aliases = ("KozachenkoLeonenko",)
    facts = Facts(cost="n^2")

    def __post_init__(self) -> None:
        positive(epsilon=self.epsilon)

    def formula(self, xp: Any, embeddings: Array, *, keep: Array | None = None) -> Array:
        unit, _ = direction(xp, embeddings)
        others = off_diagonal(xp, unit)
        if keep is not None:
            others = others & xp.expand_dims(keep, axis=0)
        # Whichever is nearest by its product; the distance to it is that of the difference, which keeps its digits.
        cosines = xp.stop_gradient(products(xp, unit, unit))
        nearest = xp.argmax(xp.where(others, cosines, -math.inf), axis=-1)
        distance = length(xp, unit - xp.take(unit, nearest))
        return xp.where(xp.any(others, axis=-1), -xp.log(distance + self.epsilon), 0.0)


# -- a teacher ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SelfDistillation(RowwiseLoss):
    """DINO's cross-entropy: ℓ = −Σ q log p, q = softmax(t / T_t) of the teacher, p = softmax(s / T_s) of the student.

    Shapes: prediction (student's scores) and target (teacher's scores, without their running mean: `teacher - center`)
    (…, K); values (…), one for each pair of views, or patch (iBOT). Unit: nats. Range: [0, ∞). student_temperature T_s
    and teacher_temperature T_t, both > 0. T_t < T_s makes the teacher surer than the student (sharpening), the centre
    keeps one score from winning everywhere; the two together prevent collapse. The teacher gets no gradient: its
    weights are a running mean of the student's. Scores of one temperature, as a divergence: KnowledgeDistillation.
    Source: Caron et al. 2021, arXiv:2104.14294; Zhou et al. 2021, arXiv:2111.07832 (iBOT). lightly's DINOLoss also
    keeps the centre.
    """

    student_temperature: float = 0.1
    teacher_temperature: float = 0.04

    prediction, target = Rows(), Rows()
    tasks = ("self-supervised", "distillation")
    aliases = ("DINO", "IBOT")
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=lambda loss: math.sqrt(2) / loss.student_temperature,
        non_negative=True,
    )

    def __post_init__(self) -> None:
        positive(student_temperature=self.student_temperature, teacher_temperature=self.teacher_temperature)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        share = xp.softmax(target / self.teacher_temperature)
        return -xp.sum(share * xp.log_softmax(prediction / self.student_temperature), axis=-1)


# -- shared ------------------------------------------------------------------------------------------------------------


def for_each(xp: Any, number: Array, rows: Array) -> Array:
    """One number of a whole batch as the value of each of its rows."""
    return xp.zeros_like(rows[:, 0]) + number


def every_column(xp: Any, rows: Array, keep: Array | None) -> Array | None:
    """Which rows are kept, for each of their columns."""
    return None if keep is None else xp.expand_dims(keep, axis=-1) & xp.cast(xp.ones_like(rows), "bool")


def covariance(xp: Any, rows: Array, keep: Array | None) -> Array:
    """The covariances of the columns over the rows that are kept, divided by their number − 1; 0 of a single row."""
    c = xp.swapaxes(centred(xp, rows, every_column(xp, rows, keep)), 0, 1)
    count = xp.sum(xp.ones_like(rows[:, 0]) if keep is None else xp.cast(keep, rows))
    return products(xp, c, c) / xp.where(count > 1, count - 1, 1.0)

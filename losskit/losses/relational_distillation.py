"""Distillation of relations: how a teacher's samples, classes or positions lie to each other, not what each one is.

So student and teacher may have features of other widths. The teacher gets no gradient.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Rows
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, one_of, positive
from losskit.core.kinds import StructuredLoss
from losskit.core.loss import fits, shape_fix
from losskit.losses.contrastive import RowsOfABatch, off_diagonal, products
from losskit.losses.correlation import centred
from losskit.losses.regression import Huber
from losskit.losses.self_supervised import every_column
from losskit.losses.similarity import direction, pairwise_distances

__all__ = ["AttentionTransfer", "RelationalDistillation", "SimilarityPreserving", "StrongerTeacherDistillation"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class FeaturesOfABatch(RowsOfABatch):
    """The base: the student's and the teacher's features of the same N samples, which may have other widths."""

    prediction, target = Rows(), Rows()
    tasks = ("distillation",)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        student, teacher = xp.shape(bound["prediction"]), xp.shape(bound["target"])
        widths_alone_differ = len(student) == len(teacher) == 2 and fits(student[:1], teacher[:1])
        if not widths_alone_differ:
            super().check_shapes(xp, bound)


@dataclass(frozen=True, kw_only=True)
class RelationalDistillation(FeaturesOfABatch):
    """RKD: ℓᵢ = the mean of h(rₛ − rₜ) over the relations r of sample i to others, h(x) = ½x² to |x| = 1, then |x| − ½.

    relation: "distance": r = ‖xᵢ − xⱼ‖ over its mean over the batch's pairs, for each j; "angle": r = the cosine of the
    angle at xᵢ between xⱼ and xₖ, for each j ≠ k. Shapes: prediction (student's features) (N, D) and target (teacher's)
    (N, E); values (N,). Unit: none. Range: [0, ∞); for angles up to 3/2. The paper adds once the first and twice the
    second: `RelationalDistillation() + 2 * RelationalDistillation(relation="angle")`. Scale, place and turn of the
    features do not count. The derivative of a distance of 0 is taken as 0, and so is the cosine of an angle with a side
    of length 0. A batch of one, or two for angles, has value 0. A masked sample is in no relation. Time and memory: of
    distances N² (D + E), of angles N² (N + D + E).
    Source: Park et al. 2019, arXiv:1904.05068. As the authors' code and RepDistiller's RKDLoss but for the divisor,
    which there is N² and N³, pairs of a sample with itself included.
    """

    relation: Literal["distance", "angle"] = "distance"

    aliases = ("RKD", "RelationalKnowledgeDistillation")
    facts = Facts(
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
        cost=lambda loss: "n^2" if loss.relation == "distance" else "n^3",
    )

    def __post_init__(self) -> None:
        one_of(("distance", "angle"), relation=self.relation)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        pairs = off_diagonal(xp, prediction)
        if keep is not None:
            pairs = pairs & (xp.expand_dims(keep, axis=0) & xp.expand_dims(keep, axis=1))
        if self.relation == "distance":
            student, teacher = (self.distances(xp, rows, pairs) for rows in (prediction, target))
            return xp.mean_where(Huber().formula(xp, student, teacher), pairs, axis=-1)
        student, teacher = (self.cosines(xp, rows) for rows in (prediction, target))
        two = xp.expand_dims(pairs, axis=1) & xp.expand_dims(pairs, axis=2) & off_diagonal(xp, prediction)
        return xp.mean_where(Huber().formula(xp, student, teacher), two, axis=(-2, -1))

    def distances(self, xp: Any, rows: Array, pairs: Array) -> Array:
        """‖xᵢ − xⱼ‖ over their mean, 0 where all rows are one."""
        found = pairwise_distances(xp, rows, rows)
        mean = xp.mean_where(found, pairs)
        return found / xp.where(mean == 0, 1.0, mean)

    def cosines(self, xp: Any, rows: Array) -> Array:
        """At [i, j, k] the cosine of the angle at xᵢ between xⱼ and xₖ."""
        sides = xp.expand_dims(rows, axis=0) - xp.expand_dims(rows, axis=1)  # xⱼ − xᵢ at [i, j]
        return products(xp, *(direction(xp, sides)[0],) * 2)


@dataclass(frozen=True, kw_only=True)
class SimilarityPreserving(FeaturesOfABatch):
    """SPKD: L = ‖Gₛ − Gₜ‖² / N² (Frobenius), G the products of the samples' features, each row at length 1.

    Samples that the teacher finds alike are to be so for the student. Shapes: prediction (student's features) (N, D),
    target (teacher's) (N, E), of convolutions flattened: `x.reshape(len(x), -1)`; values (N,), ‖gₛ − gₜ‖² / N of the
    rows, whose mean is L. Unit: none. Range of the mean: [0, 4/N]: its weight is large, 3000 in the paper. A row of
    zeros stays one, without a gradient. A masked sample is left out of all rows. Time N² (D + E). Exact while squares
    of features fit the dtype.
    Source: Tung & Mori 2019, arXiv:1907.09682. As RepDistiller's Similarity, torchdistill's SPKDLoss.
    """

    aliases = ("SPKD",)
    facts = Facts(non_negative=True, zero_at_target=True, symmetric=True, cost="n^2")

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        student, teacher = (self.similarities(xp, rows, keep) for rows in (prediction, target))
        count = xp.sum(xp.ones_like(prediction[:, 0]) if keep is None else xp.cast(keep, prediction))
        return xp.sum(xp.square(student - teacher), axis=-1) / xp.maximum(count, 1.0)

    def similarities(self, xp: Any, rows: Array, keep: Array | None) -> Array:
        """The rows' products, those of each row at length 1."""
        found = products(xp, rows, rows)
        return direction(xp, found if keep is None else xp.where(xp.expand_dims(keep, axis=0), found, 0.0))[0]


@dataclass(frozen=True, kw_only=True)
class StrongerTeacherDistillation(RowsOfABatch):
    """DIST: L = T² (β · mean over samples of 1 − ρ(pᵢ, qᵢ) + γ · mean over classes of 1 − ρ(p.ₖ, q.ₖ)).

    ρ is Pearson's correlation, p = softmax(z/T) of the student, q = softmax(y/T) of the teacher: within a sample the
    classes (inter-class), within a class the samples (intra-class) are to be in the teacher's proportions, not at its
    values, which a much stronger teacher has too far away. Shapes: prediction (student's logits) and target (teacher's)
    (N, C); values (N,), shares of the samples in L, whose mean it is. Unit: none. Range of the mean: [0, 2T² (β + γ)].
    temperature T > 0; inter β ≥ 0 and intra γ ≥ 0. Where the probabilities of a sample, or of a class, are all alike
    for either, the correlation is not defined: 1 − ρ counts 1, without a gradient; so for each class of a batch of one.
    Computed as half a squared distance: accurate where the two almost agree. A masked sample is left out of the
    classes' correlations. Large batches: γ's part is of a batch.
    Source: Huang et al. 2022, arXiv:2205.10536. As the authors' code and torchdistill's DISTLoss, which add 1e-8 to the
    deviations' product.
    """

    temperature: float = 1.0
    inter: float = 1.0
    intra: float = 1.0

    prediction, target = Rows(), Rows()
    tasks = ("distillation",)
    aliases = ("DIST",)
    facts = Facts(non_negative=True, symmetric=True)

    def __post_init__(self) -> None:
        positive(temperature=self.temperature)
        non_negative(inter=self.inter, intra=self.intra)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        p, q = (xp.softmax(scores / self.temperature) for scores in (prediction, target))
        across = [xp.swapaxes(centred(xp, xp.swapaxes(x, 0, 1), None), 0, 1) for x in (p, q)]
        value = self.inter * xp.sum(misses(xp, *across), axis=-1)
        within = [xp.swapaxes(centred(xp, x, every_column(xp, x, keep)), 0, 1) for x in (p, q)]
        count = xp.sum(xp.ones_like(p[:, 0]) if keep is None else xp.cast(keep, p))
        # Of a class without a correlation every sample has the same share of the 1.
        share = xp.sum(xp.swapaxes(misses(xp, *within, count=count), 0, 1), axis=-1) * count / xp.shape(p)[-1]
        return self.temperature**2 * (value + self.intra * share)


def misses(xp: Any, p: Array, q: Array, count: Array | None = None) -> Array:
    """1 − cos of each pair of rows, as what their entries add to it; a 1 in equal parts where a row is 0."""
    (u, u_is_zero), (v, v_is_zero) = (direction(xp, rows) for rows in (p, q))
    equal = 1 / xp.shape(p)[-1] if count is None else 1 / xp.maximum(count, 1.0)
    return xp.where(xp.expand_dims(u_is_zero | v_is_zero, -1), equal, xp.square(u - v) / 2)


@dataclass(frozen=True, kw_only=True)
class AttentionTransfer(StructuredLoss):
    """Activation-based attention transfer: ℓ = ‖Aₛ/‖Aₛ‖ − Aₜ/‖Aₜ‖‖², A = Σ over channels of |f|^p at each position.

    Where a convolutional student looks is to be where the teacher does. Shapes: prediction (student's features) (N, …,
    C) and target (teacher's) (N, …, C'), channels last (`losskit.torch.module(loss, axis=1)` takes (N, C, H, W)), of
    the same positions and any channels; values (N,). Unit: none. Range: [0, 2]. power p ≥ 1: the larger, the more the
    strongest channel rules. Layers are terms of an objective. Where all features of a sample are 0 there is no
    attention: it counts as the zero vector, without a gradient. A mask has the positions' shape: what is masked is left
    out of both. Exact while p-th powers fit the dtype.
    Source: Zagoruyko & Komodakis 2016, arXiv:1612.03928 (with the norm, not its square, in the formula; its published
    code has the mean of the squares over positions, as RepDistiller's Attention has).
    """

    power: float = 2.0

    prediction, target = Rows(), Rows()
    example_shapes = ((1, 3, 3), (1, 3, 2))
    tasks = ("distillation", "image")
    facts = Facts(convex=False, non_negative=True, zero_at_target=True, symmetric=True)

    def __post_init__(self) -> None:
        if not 1 <= self.power < math.inf:
            raise ValueError(f"power: expected a finite number >= 1, got {self.power}")

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        student, teacher = (self.attention(xp, features, keep) for features in (prediction, target))
        return xp.sum(xp.square(student - teacher), axis=-1)

    def attention(self, xp: Any, features: Array, keep: Array | None) -> Array:
        """Where a sample's features are large, its positions as a row of length 1."""
        sizes = xp.sum(xp.power(xp.abs(features), self.power), axis=-1)
        sizes = sizes if keep is None else xp.where(keep, sizes, 0.0)
        return direction(xp, xp.reshape(sizes, (xp.shape(sizes)[0], -1)))[0]

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        student, teacher = xp.shape(bound["prediction"]), xp.shape(bound["target"])
        if len(student) < 3 or not fits(teacher[:-1], student[:-1]):
            raise ShapeError(
                f"target: expected features of shape (N, …, C) at the positions of prediction, "
                f"which has the shape {student}, got {teacher}"
                + shape_fix("target", teacher, "prediction", (*student[:-1], *teacher[len(student) - 1 : len(student)]))
            )

    def _keep(self, xp: Any, bound: dict[str, Array], mask: Array | None) -> Array | None:
        """(N, …): of a position all channels count, or none."""
        return super()._keep(xp, bound | {"target": bound["target"][..., 0]}, mask)

"""Classification where some labels are wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy

from losskit.core.domain import Labels
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative
from losskit.core.kinds import ClasswiseLoss
from losskit.losses.confidence import entropy

__all__ = [
    "BackwardCorrectedCrossEntropy",
    "BootstrappedCrossEntropy",
    "ForwardCorrectedCrossEntropy",
    "NormalizedCrossEntropy",
    "ReverseCrossEntropy",
    "SymmetricCrossEntropy",
    "TaylorCrossEntropy",
]

Array = Any


def _largest_weight(loss: ClasswiseLoss) -> float:
    return max(loss.class_weight or (1.0,))


def _proper_where(loss: ClasswiseLoss, holds: bool) -> bool | None:
    """Class weights shift the best prediction; where a class is ignored nothing is claimed."""
    return None if loss.ignore_index is not None else holds and loss.class_weight is None


# -- bounded by the probability of a wrong class -----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ReverseCrossEntropy(ClasswiseLoss):
    """Cross-entropy with prediction and target exchanged: ℓ = −Σₖ pₖ max(log tₖ, A).

    Shapes: prediction (…, C); target (…) class indices or (…, C) probabilities; values (…). Range: [0, −A].
    log_zero A < 0 stands for log 0. For a class index it is −A (1 − p_y), so −A times GeneralizedCrossEntropy(q=1) and
    −A/2 times the absolute error Σₖ |pₖ − tₖ| (MAE). Labels that are flipped at random do not change which prediction
    is best, but it learns slowly by itself: add an active loss, NormalizedCrossEntropy() + ReverseCrossEntropy() (Ma et
    al. 2020, arXiv:2006.13554) or use SymmetricCrossEntropy. class_weight counts the whole row, by the target.
    Source: Wang et al. 2019, arXiv:1908.06112 (released code clips targets at 1e-4: log_zero=-9.21).
    """

    log_zero: float = -4.0

    tasks = ("multiclass",)
    aliases = ("RCE",)
    facts = Facts(
        convex=lambda loss: loss.input != "logits",
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        # ‖∂ℓ/∂z‖ = −A p · √2 (1 − p) with the rest on one class, largest at p = ½.
        gradient_bound=lambda loss: (
            -loss.log_zero * _largest_weight(loss) / math.sqrt(8) if loss.input == "logits" else None
        ),
        non_negative=True,
        proper=lambda loss: _proper_where(loss, False),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _below_zero(self.log_zero)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return self.counted(xp, _reversed(xp, self, self.log_zero, prediction, target), prediction, target)


@dataclass(frozen=True, kw_only=True)
class SymmetricCrossEntropy(ClasswiseLoss):
    """Cross-entropy both ways round: ℓ = −α Σₖ tₖ log pₖ − β Σₖ pₖ max(log tₖ, A).

    Shapes: prediction (…, C); target (…) class indices or (…, C) probabilities; values (…). Range: [0, ∞). alpha α ≥ 0
    learns, beta β ≥ 0 holds out against wrong labels; log_zero A < 0 stands for log 0. It is α · CrossEntropy() +
    β · ReverseCrossEntropy(); for a class index −α log p_y − β A (1 − p_y). Fewer classes and more noise want a smaller
    α. Source: Wang et al. 2019, arXiv:1908.06112 (released code clips targets at 1e-4: log_zero=-9.21).
    """

    alpha: float = 0.1
    beta: float = 1.0
    log_zero: float = -4.0

    tasks = ("multiclass",)
    aliases = ("SCE",)
    facts = Facts(
        convex=lambda loss: True if loss.input != "logits" or loss.beta == 0 else None,
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        gradient_bound=lambda loss: _steepest_symmetric(loss) if loss.input == "logits" else None,
        non_negative=True,
        proper=lambda loss: _proper_where(loss, loss.beta == 0),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(alpha=self.alpha, beta=self.beta)
        if not self.alpha + self.beta:
            raise ValueError("alpha, beta: expected at least one above 0")
        _below_zero(self.log_zero)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        active = self.mixed(xp, -self.log_chosen(xp, prediction, target), target)
        passive = self.counted(xp, _reversed(xp, self, self.log_zero, prediction, target), prediction, target)
        return self.alpha * active + self.beta * passive


def _steepest_symmetric(loss: SymmetricCrossEntropy) -> float:
    """‖∂ℓ/∂z‖ = (α + bp) · √2 (1 − p), b = −βA, with the rest on one class: largest at p = (b − α) / 2b, or at 0."""
    a, b = loss.alpha, -loss.beta * loss.log_zero
    return math.sqrt(2) * _largest_weight(loss) * ((a + b) ** 2 / (4 * b) if b > a else a)


def _reversed(xp: Any, loss: ClasswiseLoss, log_zero: float, prediction: Array, target: Array) -> Array:
    """−Σₖ pₖ max(log tₖ, A): of what is never negative, so that 1 − p_y keeps its digits."""
    if loss.input == "logits":
        p = xp.softmax(prediction)
    else:
        p = xp.exp(prediction) if loss.input == "log_probabilities" else prediction
    if xp.is_floating(target):
        none = target == 0
        cost = xp.where(none, -log_zero, xp.minimum(-xp.log(xp.where(none, 1.0, target)), -log_zero))
    else:
        cost = xp.where(xp.one_hot(target, xp.shape(prediction)[-1]) > 0, 0.0, -log_zero * xp.ones_like(p))
    return xp.sum(p * cost, axis=-1)


def _below_zero(log_zero: float) -> None:
    if not -math.inf < log_zero < 0:
        raise ValueError(f"log_zero: expected a finite number < 0, got {log_zero}")


@dataclass(frozen=True, kw_only=True)
class NormalizedCrossEntropy(ClasswiseLoss):
    """Cross-entropy over that of all classes: ℓ = log p_y / Σₖ log pₖ.

    Shapes: prediction (…, C) logits, C ≥ 2; target (…) class indices or (…, C) probabilities, which mix the classes'
    values; values (…). Range: [0, 1]. The values of all classes sum to 1, so that labels flipped at random do not
    change which prediction is best; its gradient fades as predictions become sure, of whatever class: add a passive
    loss, as in NormalizedCrossEntropy() + ReverseCrossEntropy().
    Source: Ma et al. 2020, arXiv:2006.13554.
    """

    tasks = ("multiclass",)
    aliases = ("NCE", "NormalisedCrossEntropy")
    facts = Facts(convex=False, smooth=2, non_negative=True, proper=lambda loss: _proper_where(loss, False))

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.input != "logits":
            raise ValueError(f"input: normalised cross-entropy needs logits, got input={self.input!r}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        surprises = -xp.log_softmax(prediction)
        return self.mixed(xp, self.chosen(xp, surprises, target), target) / xp.sum(surprises, axis=-1)


@dataclass(frozen=True, kw_only=True)
class TaylorCrossEntropy(ClasswiseLoss):
    """The first terms of the Taylor series of cross-entropy: ℓ = Σₙ (1 − p_y)ⁿ / n, n = 1 … N.

    Shapes: prediction (…, C); target (…) class indices or (…, C) probabilities, which mix the classes' values; values
    (…). Range: [0, Σₙ 1/n]. order N ≥ 1: 1 is GeneralizedCrossEntropy(q=1), many are cross-entropy. Bounded, so that
    wrong labels pull less: for noisy labels; small orders are slower to learn hard classes.
    Source: Feng et al. 2020, doi:10.24963/ijcai.2020/305.
    """

    order: int = 2

    tasks = ("multiclass",)
    facts = Facts(
        convex=lambda loss: loss.input == "probabilities",
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        gradient_bound=lambda loss: _steepest_taylor(loss) if loss.input == "logits" else None,
        non_negative=True,
        proper=lambda loss: _proper_where(loss, False),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.order != int(self.order) or self.order < 1:
            raise ValueError(f"order: expected a whole number >= 1, got {self.order}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        if self.input == "probabilities":
            q = 1 - self.chosen(xp, prediction, target, harmless=0.5)
        else:
            q = -xp.expm1(self.log_chosen(xp, prediction, target))
        value = xp.full_like(q, 1 / self.order)
        for n in range(self.order - 1, 0, -1):
            value = 1 / n + q * value
        return self.mixed(xp, q * value, target)


def _steepest_taylor(loss: TaylorCrossEntropy) -> float:
    """‖∂ℓ/∂z‖ = (1 − qᴺ) · √2 q, q = 1 − p, with the rest on one class: largest at qᴺ = 1 / (N + 1)."""
    n = loss.order
    return math.sqrt(2) * _largest_weight(loss) * (n + 1) ** (-1 / n) * n / (n + 1)


# -- labels mixed with the prediction ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class BootstrappedCrossEntropy(ClasswiseLoss):
    """Cross-entropy with a target that is in part the prediction: ℓ = −Σₖ (β tₖ + (1 − β) p̂ₖ) log pₖ.

    p̂ is the prediction p itself (soft, so that ℓ is β · CrossEntropy + (1 − β) H(p)) or, if hard, its most probable
    class. Shapes: prediction (…, C); target (…) class indices or (…, C) probabilities; values (…). Unit: nats.
    Range: [0, ∞). beta β in [0, 1]: 1 is CrossEntropy; the source has 0.95 for soft and 0.8 for hard. A label that the
    model disagrees with pulls less; start with CrossEntropy, for an untrained prediction is no evidence. class_weight
    counts the whole row in the second term, by the target.
    Source: Reed et al. 2014, arXiv:1412.6596. Gradients flow through p̂ too where it is soft.
    """

    beta: float = 0.95
    hard: bool = False

    tasks = ("multiclass",)
    aliases = ("Bootstrapping",)
    facts = Facts(
        convex=lambda loss: True if loss.beta == 1 else None,
        smooth=lambda loss: (0 if loss.hard and loss.beta < 1 else 2) if loss.input == "logits" else None,
        non_negative=True,
        proper=lambda loss: _proper_where(loss, loss.beta == 1),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.beta <= 1:
            raise ValueError(f"beta: expected a number in [0, 1], got {self.beta}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        value = self.mixed(xp, -self.log_chosen(xp, prediction, target), target)
        if self.hard:
            own = -xp.max(self.log_probabilities(xp, prediction), axis=-1)
        else:
            own = entropy(xp, self.input, prediction)
        return self.beta * value + (1 - self.beta) * self.counted(xp, own, prediction, target)


# -- known rates of confusion ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class CorrectedCrossEntropy(ClasswiseLoss):
    """The base of losses that know how labels are confused.

    transition: C rows of C probabilities, transition[i][j] that the label is j where the class is i.
    """

    transition: tuple[tuple[float, ...], ...]

    target = Labels(soft=False)
    tasks = ("multiclass",)

    def __post_init__(self) -> None:
        super().__post_init__()
        rows = tuple(tuple(float(share) for share in row) for row in self.transition)
        object.__setattr__(self, "transition", rows)
        if not rows or any(len(row) != len(rows) for row in rows):
            raise ValueError("transition: expected as many rows as columns, one for each class")
        for i, row in enumerate(rows):
            if min(row) < 0 or abs(math.fsum(row) - 1) > 1e-6:
                raise ValueError(f"transition[{i}]: expected probabilities that sum to 1, got {row}")

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        classes = xp.shape(bound["prediction"])[-1]
        if len(self.transition) != classes:
            raise ShapeError(
                f"transition: expected one row for each of the {classes} classes of prediction, "
                f"got {len(self.transition)}"
            )


def _inverse(transition: tuple[tuple[float, ...], ...]) -> tuple[tuple[float, ...], ...] | None:
    """The inverse of a matrix, None where it has none that is worth its digits."""
    matrix = numpy.array(transition)
    if numpy.linalg.cond(matrix) > 1e8:
        return None
    return tuple(map(tuple, numpy.linalg.inv(matrix).tolist()))


@dataclass(frozen=True, kw_only=True)
class ForwardCorrectedCrossEntropy(CorrectedCrossEntropy):
    """Cross-entropy of the labels as they are confused: ℓ = −log Σᵢ pᵢ Tᵢy, for T the transition from class to label.

    Shapes: prediction (…, C); target (…) class indices; values (…). Unit: nats. Range: [0, ∞). transition T: see the
    base. Trained with it p itself aims at the true classes: predict without T. Estimate T on few clean samples, or from
    what a first model says of samples it is sure of.
    Source: Patrini et al. 2017, arXiv:1609.03683.
    """

    aliases = ("ForwardCorrection",)
    facts = Facts(
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        non_negative=True,
        # By the distribution of the classes, under that of the labels.
        proper=lambda loss: True if _inverse(loss.transition) and _proper_where(loss, True) else None,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        columns = tuple(zip(*self.transition, strict=True))
        if self.input == "probabilities":
            shares = xp.take(xp.asarray(columns, like=prediction), target)
            return self.mixed(xp, -xp.log(xp.sum(prediction * shares, axis=-1)), target)
        logs = [[math.log(share) if share > 0 else -math.inf for share in column] for column in columns]
        log_shares = xp.take(xp.asarray(logs, like=prediction), target)
        return self.mixed(xp, -xp.logsumexp(self.log_probabilities(xp, prediction) + log_shares), target)


@dataclass(frozen=True, kw_only=True)
class BackwardCorrectedCrossEntropy(CorrectedCrossEntropy):
    """Cross-entropy whose mean over confused labels is that over true ones: ℓ = −Σⱼ (T⁻¹)_yj log pⱼ.

    Shapes: prediction (…, C); target (…) class indices; values (…). Unit: nats. Range: (−∞, ∞): some classes count
    negatively, and a model that can fit single samples is rewarded without end; ForwardCorrectedCrossEntropy is safer.
    transition T: C rows of C probabilities, transition[i][j] that the label is j where the class is i; ValueError where
    it has no inverse.
    Source: Patrini et al. 2017, arXiv:1609.03683.
    """

    counts: ClassVar[tuple[tuple[float, ...], ...]] = ()  # T⁻¹, of each loss its own: made once, not in every call

    aliases = ("BackwardCorrection",)
    facts = Facts(
        # In logits log Σ exp z − ⟨c, z⟩, for the row c of T⁻¹ sums to 1.
        convex=lambda loss: None if loss.input == "probabilities" else True,
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        gradient_bound=lambda loss: _steepest_backward(loss) if loss.input == "logits" else None,
        non_negative=lambda loss: None if loss.ignore_index is not None or loss.class_weight else _no_negative(loss),
        # By the distribution of the classes, under that of the labels.
        proper=lambda loss: _proper_where(loss, True) or None,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        inverse = _inverse(self.transition)
        if inverse is None:
            raise ValueError("transition: expected a matrix that can be inverted; fix: ForwardCorrectedCrossEntropy")
        object.__setattr__(self, "counts", inverse)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        counts = xp.take(xp.asarray(self.counts, like=prediction), target)
        unused = counts == 0  # 0 · ∞ must reach neither value nor derivative
        if self.input == "probabilities":
            surprises = -xp.log(xp.where(unused, 0.5, prediction))
        else:
            surprises = -xp.where(unused, -1.0, self.log_probabilities(xp, prediction))
        return self.mixed(xp, xp.sum(counts * surprises, axis=-1), target)


def _steepest_backward(loss: BackwardCorrectedCrossEntropy) -> float:
    """‖p − c‖ is largest where all probability is on one class."""
    inverse = numpy.array(loss.counts)
    lengths = numpy.linalg.norm(numpy.eye(len(inverse))[:, None] - inverse, axis=-1).max(axis=0)
    return float(numpy.max(lengths * numpy.array(loss.class_weight or 1.0)))


def _no_negative(loss: BackwardCorrectedCrossEntropy) -> bool:
    return numpy.array(loss.counts).min() >= 0

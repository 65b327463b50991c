"""Dense detection: a score for every place of an image, almost all of them background."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Domain, Rows
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative
from losskit.core.kinds import RowwiseLoss
from losskit.losses.classification import BinaryFocal, BinaryLoss, power

__all__ = ["DistributionFocal", "GaussianFocal", "QualityFocal", "Varifocal"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class GaussianFocal(BinaryFocal):
    """Penalty-reduced focal loss of a heat map: ℓ = (1 − p)^γ (−log p) where t = 1, else (1 − t)^δ p^γ (−log(1 − p)).

    Shapes: prediction and target alike, any. Unit: nats. Range: [0, ∞). Targets are 1 at key points and fall off around
    them, as Gaussians: beside a key point a high score costs little. gamma ≥ 0, decay δ ≥ 0 (the paper's α and β).
    class_weight: (of all others, of the key points). The papers divide the sum by the number of key points: take
    reduction="sum" and do so, the mean here is over places.
    Source: Law & Deng 2018, arXiv:1808.01244. As mmdet's GaussianFocalLoss (which adds 1e-12 inside the logarithms).
    """

    decay: float = 4.0

    tasks = ("detection",)
    aliases = ("PenaltyReducedFocal",)
    facts = Facts(
        convex=lambda loss: loss.gamma == 0 if loss.input == "logits" else True,
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        non_negative=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(decay=self.decay)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        peak = self.peak(xp, target)
        value = super().formula(xp, prediction, peak)
        return value * xp.where(peak == 1, 1.0, xp.power(1 - target, self.decay))

    def measure(self, xp: Any, *inputs: Array) -> Array | None:
        return super().measure(xp, inputs[0], self.peak(xp, inputs[1]))

    def peak(self, xp: Any, target: Array) -> Array:
        """1 at key points, 0 elsewhere."""
        return xp.cast(target == 1, target)


@dataclass(frozen=True, kw_only=True)
class QualityFocal(BinaryLoss):
    """Quality focal loss: ℓ = |t − p|^β · BCE(p, t), of a score that predicts how well its box fits.

    Shapes: prediction and target alike, any. Unit: nats. Range: [0, ∞). target: the quality (IoU with the object) at
    the object's class, 0 elsewhere. beta ≥ 2: 2 in the paper. Of a certain t the minimum is at p = t, with value 0; of
    a random one it is not at the mean.
    Source: Li et al. 2020, arXiv:2006.04388. As mmdet's QualityFocalLoss.
    """

    beta: float = 2.0

    tasks = ("detection",)
    aliases = ("QFL",)
    facts = Facts(
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        non_negative=True,
        zero_at_target=lambda loss: True if loss.input == "probabilities" else None,
        proper=False,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 2 <= self.beta < math.inf:  # below 2 the curvature is infinite at p = t
            raise ValueError(f"beta: expected a finite number >= 2, got {self.beta}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        value = self.mixed(xp, *self.both_surprises(xp, prediction, target), target)
        if self.input == "logits":
            p, q = xp.sigmoid(prediction), xp.sigmoid(-prediction)
        else:
            p, q = prediction, 1 - prediction
        # t − p without 1 − p: nothing cancels where t is 0 or 1.
        apart = target * q - (1 - target) * p
        weight = xp.square(apart) if self.beta == 2 else power(xp, xp.abs(apart), self.beta)
        return weight * value


@dataclass(frozen=True, kw_only=True)
class Varifocal(BinaryLoss):
    """Varifocal loss: ℓ = t · BCE(p, t) where t > 0, else α p^γ (−log(1 − p)).

    Shapes: prediction and target alike, any. Unit: nats. Range: [0, ∞). target: the quality (IoU with the object) at
    the object's class, 0 elsewhere. Only negatives are focused (gamma ≥ 0, alpha ≥ 0); positives weigh as they fit.
    Of a certain t > 0 the minimum is at p = t, where the value is t times the entropy of t.
    Source: Zhang et al. 2020, arXiv:2008.13367. As mmdet's VarifocalLoss.
    """

    alpha: float = 0.75
    gamma: float = 2.0

    tasks = ("detection",)
    aliases = ("VFL",)
    facts = Facts(
        convex=lambda loss: loss.gamma == 0 or loss.input == "probabilities",
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        non_negative=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(alpha=self.alpha, gamma=self.gamma)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        positive, negative = self.sides(xp, prediction, target)
        of_positive, of_negative = self.surprises(xp, positive, negative)
        if self.gamma:
            easy = (
                xp.exp(-self.gamma * xp.softplus(-negative))
                if self.input == "logits"
                else power(xp, negative, self.gamma)
            )
        else:
            easy = xp.ones_like(negative)
        return self.mixed(
            xp, target * of_positive, xp.where(target > 0, target, self.alpha * easy) * of_negative, target
        )


@dataclass(frozen=True)
class Position(Domain):
    """A place among C bins: a number in [0, C − 1]."""

    convex = True

    def describe(self) -> str:
        return "a number from 0 to the last bin, C - 1"

    def fix(self) -> str:
        return "divide distances by the stride, and leave out objects that no bin reaches"

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        beyond = array < 0
        return beyond if width is None else beyond | (array > width - 1)


@dataclass(frozen=True, kw_only=True)
class DistributionFocal(RowwiseLoss):
    """Distribution focal loss (DFL): ℓ = −(i + 1 − t) log pᵢ − (t − i) log pᵢ₊₁, p = softmax(z), i = ⌊t⌋.

    Shapes: prediction (…, C) logits of the bins 0 … C − 1; target (…) numbers in [0, C − 1]; values (…). Unit: nats.
    Range: [0, ∞). A coordinate is predicted as a distribution over bins, and read as its mean Σ k·pₖ: cross-entropy
    against the two bins beside the target. At t = C − 1 the last bin takes it all. It focuses by its targets; there is
    no γ. DomainError for a target beyond the bins.
    Source: Li et al. 2020, arXiv:2006.04388. As mmdet's DistributionFocalLoss, the DFL of ultralytics (which clamps
    targets below the last bin, at C − 1.01).
    """

    prediction, target = Rows(), Position()
    tasks = ("detection",)
    aliases = ("DFL",)
    facts = Facts(convex=True, smooth=2, gradient_bound=math.sqrt(2), non_negative=True)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        bins = xp.cast(xp.arange(xp.shape(prediction)[-1], like=prediction), prediction)
        place = xp.expand_dims(target, -1)
        # Rounded once for the two bins beside the target, each from its own side; 0 for all others.
        share = xp.relu(xp.where(bins > place, place - (bins - 1), (bins + 1) - place))
        log_p = xp.log_softmax(prediction)
        return -xp.sum(share * xp.where(share == 0, -1.0, log_p), axis=-1)

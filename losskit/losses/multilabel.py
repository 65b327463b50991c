"""Several labels at once: each sample has any number of them, and most labels are absent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import MultiHot, Probability, Real, Rows
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, positive
from losskit.core.kinds import ElementwiseLoss, RowwiseLoss
from losskit.losses.classification import BinaryLoss, power

__all__ = ["Asymmetric", "Hill", "LogSumExpPairwise", "MultiLabelMargin", "ZeroBoundedPairwiseRanking"]

Array = Any


# -- a score and its label ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Asymmetric(BinaryLoss):
    """Asymmetric loss: ℓ = −t (1 − p)^γ₊ log p − (1 − t) q^γ₋ log(1 − q), with q = max(p − m, 0).

    Shapes: prediction and target alike, any; each entry is a label of its own. Unit: nats. Range: [0, ∞); with a
    margin negatives end at −log m. gamma_positive and gamma_negative ≥ 0 weigh easy positives and negatives down;
    margin m in [0, 1) leaves out negatives below m, and pulls less at probable ones, which are often unlabelled
    positives. Both gammas and m at 0: BinaryCrossEntropy; equal gammas and m = 0: BinaryFocal. Not proper: its
    probabilities need calibration. The derivative at the kink p = m is 0. Leave out unknown labels with a mask.
    Source: Ridnik et al. 2021, arXiv:2009.14119. As timm.loss.AsymmetricLossMultiLabel, which sums, and clamps
    probabilities at 1e-8: sure mistakes have no gradient there.
    """

    gamma_positive: float = 1.0
    gamma_negative: float = 4.0
    margin: float = 0.05

    tasks = ("multilabel", "binary")
    aliases = ("ASL",)
    facts = Facts(
        smooth=lambda loss: _smoothness(loss) if loss.input == "logits" else None,
        non_negative=True,
        proper=lambda loss: (
            loss.gamma_positive == loss.gamma_negative == loss.margin == 0 and loss.class_weight is None
        ),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(gamma_positive=self.gamma_positive, gamma_negative=self.gamma_negative)
        if not 0 <= self.margin < 1:
            raise ValueError(f"margin: expected a number in [0, 1), got {self.margin}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        positive, negative = self.sides(xp, prediction, target)
        of_positive, of_negative = self.surprises(xp, positive, negative)
        p = xp.sigmoid(negative) if self.input == "logits" else negative
        if self.margin:
            p = xp.relu(p - self.margin)
            of_negative = -xp.log1p(-p)
        if self.gamma_positive:
            # In logits by the logarithm: x^γ has no derivative at 0 for γ < 1.
            easy = (
                xp.exp(-self.gamma_positive * xp.softplus(positive))
                if self.input == "logits"
                else power(xp, 1 - positive, self.gamma_positive)
            )
            of_positive = easy * of_positive
        if self.gamma_negative:
            # Without a margin p may underflow where the logit does not: by the logarithm too.
            easy = (
                xp.exp(-self.gamma_negative * xp.softplus(-negative))
                if self.input == "logits" and not self.margin
                else power(xp, p, self.gamma_negative)
            )
            of_negative = easy * of_negative
        return self.mixed(xp, of_positive, of_negative, target)


def _smoothness(loss: Asymmetric) -> int:
    """Beside the margin the value grows as q^(γ₋ + 1)."""
    if loss.margin == 0:
        return 2
    return 2 if loss.gamma_negative > 1 else 1 if loss.gamma_negative > 0 else 0


@dataclass(frozen=True, kw_only=True)
class Hill(ElementwiseLoss):
    """Hill loss, for missing labels: ℓ = t · (1 − p̃)^γ · (−log p̃) + (1 − t) · (λ − p) p², p̃ = σ(z − m), p = σ(z).

    Shapes: prediction (logits) and target in [0, 1] alike, any; each entry is a label of its own. Range: [0, ∞).
    gamma ≥ 0 and margin m (in logits) focus on positives that are neither lost nor done; ceiling λ ≥ 1: the pull on
    negatives ebbs away towards p = 1 and turns round beyond p = 2λ/3, for these are often positives that nobody
    labelled. Where all labels are known Asymmetric does better.
    Source: Zhang et al. 2021, arXiv:2112.07368.
    """

    gamma: float = 2.0
    margin: float = 1.0
    ceiling: float = 1.5

    prediction, target = Real(), Probability()
    tasks = ("multilabel",)
    facts = Facts(convex=False, smooth=2, non_negative=True)

    def __post_init__(self) -> None:
        non_negative(gamma=self.gamma)
        if not -math.inf < self.margin < math.inf:
            raise ValueError(f"margin: expected a finite number, got {self.margin}")
        if not 1 <= self.ceiling < math.inf:
            raise ValueError(f"ceiling: expected a finite number >= 1, got {self.ceiling}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        shifted = prediction - self.margin
        positive = xp.exp(-self.gamma * xp.softplus(shifted)) * xp.softplus(-shifted)
        # λ − p as (λ − 1) + (1 − p): with λ = 1 nothing is lost where p is nearly 1.
        negative = (xp.sigmoid(-prediction) + (self.ceiling - 1)) * xp.square(xp.sigmoid(prediction))
        return xp.where(target == 0, 0.0, target * positive) + (1 - target) * negative


# -- a row of scores and its labels ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class MultiLabelRow(RowwiseLoss):
    """The base: a row of scores, of which those of the labels that hold should stand above the others."""

    prediction, target = Rows(), MultiHot()
    tasks = ("multilabel",)


@dataclass(frozen=True, kw_only=True)
class MultiLabelMargin(MultiLabelRow):
    """Multi-label hinge: ℓ = Σ max(0, m − (z_i − z_j)) / L over the labels i that hold and j that do not.

    Shapes: prediction (…, L) scores, target (…, L) of 0 and 1; values (…). Range: [0, ∞). margin m > 0.
    A row whose labels all hold, or of which none does, has value 0. Time and memory grow with L².
    The derivative of a pair at the kink is 0. As torch.nn.MultiLabelMarginLoss, which takes the labels' indices, ended
    by −1, and has m = 1.
    """

    margin: float = 1.0

    aliases = ("MultiLabelHinge",)
    facts = Facts(convex=True, smooth=0, non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(margin=self.margin)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        holds = target == 1
        pair = xp.expand_dims(holds, -1) & xp.expand_dims(target == 0, -2)
        gap = xp.expand_dims(prediction, -2) - xp.expand_dims(prediction, -1)  # z_j − z_i at [i, j]
        short = xp.relu(self.margin + xp.where(pair, gap, 0.0))
        return xp.sum(xp.where(pair, short, 0.0), axis=(-2, -1)) / xp.shape(prediction)[-1]


@dataclass(frozen=True, kw_only=True)
class LogSumExpPairwise(MultiLabelRow):
    """Log-sum-exp pairwise loss (LSEP): ℓ = log(1 + A · B), A = (Σ e^{z_j/Tₙ})^Tₙ, B = (Σ e^{−z_i/Tₚ})^Tₚ.

    Shapes: prediction (…, L) scores, target (…, L) of 0 and 1; values (…). Unit: nats. Range: [0, ∞). j runs over the
    labels that do not hold, i over those that do: with temperatures 1 it is log(1 + Σ e^{z_j − z_i}) over all pairs, in
    time L. Temperatures > 0: a higher one listens to more than the worst score. Only differences of scores count: it
    ranks, and says nothing about where labels begin; ZeroBoundedPairwiseRanking puts that at 0.
    A row whose labels all hold, or of which none does, has value 0.
    The two-way loss (Kobayashi 2023, CVPR) is this with temperature_positive=4 over rows plus the same over columns,
    loss(z, t) + loss(z.T, t.T), each a mean over what has a label: mask the others.
    Source: Li, Song & Luo 2017, arXiv:1704.03135.
    """

    temperature_positive: float = 1.0
    temperature_negative: float = 1.0

    aliases = ("LSEP",)
    facts = Facts(convex=True, smooth=2, gradient_bound=math.sqrt(2), non_negative=True)

    def __post_init__(self) -> None:
        positive(temperature_positive=self.temperature_positive, temperature_negative=self.temperature_negative)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        # Of an empty set the logarithm of the sum is −∞, with gradient 0, and softplus of that is 0.
        absent = xp.where(target == 0, prediction / self.temperature_negative, -math.inf)
        present = xp.where(target == 1, -prediction / self.temperature_positive, -math.inf)
        return xp.softplus(
            self.temperature_negative * xp.logsumexp(absent) + self.temperature_positive * xp.logsumexp(present)
        )


@dataclass(frozen=True, kw_only=True)
class ZeroBoundedPairwiseRanking(MultiLabelRow):
    """Zero-bounded log-sum-exp pairwise ranking (ZLPR): ℓ = log(1 + Σ e^{−z_i}) + log(1 + Σ e^{z_j}).

    Shapes: prediction (…, L) scores, target (…, L) of 0 and 1; values (…). Unit: nats. Range: [0, ∞). i runs over the
    labels that hold, j over those that do not: as LogSumExpPairwise with a further label fixed at score 0 between them,
    so predict what is above 0. With one label that holds it is a softmax against that threshold; unlike a sum of binary
    cross-entropies it does not grow with the number of absent labels.
    Source: Su et al. 2022, arXiv:2208.02955.
    """

    aliases = ("ZLPR", "MultiLabelCategoricalCrossEntropy")
    facts = Facts(convex=True, smooth=2, gradient_bound=math.sqrt(2), non_negative=True)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        zero = xp.zeros_like(prediction[..., :1])
        present = xp.where(target == 1, -prediction, -math.inf)
        absent = xp.where(target == 0, prediction, -math.inf)
        return xp.logsumexp(xp.concatenate([zero, present], axis=-1)) + xp.logsumexp(
            xp.concatenate([zero, absent], axis=-1)
        )

"""Consistency: predictions that should agree, of one sample dropped out twice, mixed with another, or augmented."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Labels, Probability, Rows
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative
from losskit.core.kinds import ClasswiseLoss, RowwiseLoss
from losskit.losses.divergence import excess, log_difference

__all__ = ["JensenShannonConsistency", "MixupCrossEntropy", "PseudoLabelCrossEntropy", "RegularizedDropout"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class RegularizedDropout(ClasswiseLoss):
    """R-Drop: ℓ = CE(p, t) + CE(q, t) + ½α (KL(p ‖ q) + KL(q ‖ p)) of two passes, p and q, with dropout.

    Shapes: prediction and second (…, C), logits of the same inputs; target (…) class indices or (…, C) probabilities;
    values (…). Unit: nats. Range: [0, ∞). alpha α ≥ 0: 1 to 5 in the paper. class_weight counts the whole row in the
    last term, by the target. Gradients flow to both. Two passes cost twice the time: stack the inputs in one batch.
    Source: Liang et al. 2021, arXiv:2106.14448.
    """

    alpha: float = 1.0

    second = Rows()
    differentiable = ("prediction", "second")
    tasks = ("multiclass", "regularisation")
    aliases = ("RDrop",)
    facts = Facts(smooth=2, non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(alpha=self.alpha)
        if self.input != "logits":
            raise ValueError(f"input: RegularizedDropout is of logits, got input={self.input!r}")

    def formula(self, xp: Any, prediction: Array, target: Array, second: Array) -> Array:
        value = sum(self.mixed(xp, -self.log_chosen(xp, z, target), target) for z in (prediction, second))
        log_p, log_q = xp.log_softmax(prediction), xp.log_softmax(second)
        # A product of two differences of one sign: never negative, unlike the sum of the two divergences.
        apart = xp.sum((xp.exp(log_p) - xp.exp(log_q)) * log_difference(xp, log_p, log_q), axis=-1)
        return value + self.alpha / 2 * self.counted(xp, apart, prediction, target)


@dataclass(frozen=True, kw_only=True)
class JensenShannonConsistency(ClasswiseLoss):
    """AugMix: ℓ = CE(p, t) + λ/3 (KL(p ‖ m) + KL(q ‖ m) + KL(r ‖ m)), m = (p + q + r)/3, of a sample and two views.

    Shapes: prediction, second and third (…, C), logits of the clean sample and of two augmentations of it; target (…)
    class indices or (…, C) probabilities; values (…). Unit: nats. Range: [0, ∞), the second term at most λ log 3.
    consistency λ ≥ 0: 12 in the paper. class_weight counts the whole row in the second term, by the target. Only the
    clean sample is compared with the target; gradients flow to all three. The three passes cost three times the time:
    stack the inputs in one batch.
    Source: Hendrycks et al. 2019, arXiv:1912.02781, whose code holds m within [1e-7, 1]. As timm's JsdCrossEntropy,
    which takes the three stacked along the batch.
    """

    consistency: float = 12.0

    second, third = Rows(), Rows()
    differentiable = ("prediction", "second", "third")
    tasks = ("multiclass", "regularisation")
    aliases = ("AugMix", "JSDCrossEntropy")
    facts = Facts(smooth=2, non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(consistency=self.consistency)
        if self.input != "logits":
            raise ValueError(f"input: JensenShannonConsistency is of logits, got input={self.input!r}")

    def formula(self, xp: Any, prediction: Array, target: Array, second: Array, third: Array) -> Array:
        value = self.mixed(xp, -self.log_chosen(xp, prediction, target), target)
        rows = [xp.log_softmax(z) for z in (prediction, second, third)]
        shares = [xp.exp(row) for row in rows]
        mean = (shares[0] + shares[1] + shares[2]) / 3
        # Terms that are never negative: where the three nearly agree, nothing cancels.
        apart = sum(xp.sum(excess(xp, shares[i], mean, self._log_mean(xp, rows, i)), axis=-1) for i in range(len(rows)))
        return value + self.consistency / 3 * self.counted(xp, apart, prediction, target)

    def _log_mean(self, xp: Any, rows: list[Array], i: int) -> Array:
        """log m − log pᵢ of each class, accurate also where the three agree; 0 where none has it."""
        leads = [log_difference(xp, row, rows[i]) for row in rows]
        near = xp.abs(leads[0]) + xp.abs(leads[1]) + xp.abs(leads[2]) < 1
        close = [xp.expm1(xp.where(near, lead, 0.0)) for lead in leads]
        far = xp.logsumexp(xp.stack([xp.where(near, 0.0, lead) for lead in leads], axis=-1)) - math.log(3)
        return xp.where(near, xp.log1p((close[0] + close[1] + close[2]) / 3), far)


@dataclass(frozen=True, kw_only=True)
class MixupCrossEntropy(RowwiseLoss):
    """Cross-entropy of a mixture of two samples: ℓ = λ CE(z, t) + (1 − λ) CE(z, u). For mixup and CutMix.

    Shapes: prediction (…, C), logits of the mixed input; target t and other u (…), class indices of the two samples;
    share λ (…) in [0, 1], that of the first (in CutMix its area); values (…). Unit: nats. Range: [0, ∞).
    As CrossEntropy with the target λ·onehot(t) + (1 − λ)·onehot(u), without rows of probabilities.
    Source: Zhang et al. 2017, arXiv:1710.09412; CutMix: Yun et al. 2019, arXiv:1905.04899.
    """

    prediction, target, other, share = Rows(), Labels(soft=False), Labels(soft=False), Probability()
    tasks = ("multiclass", "regularisation")
    aliases = ("CutMixCrossEntropy",)
    facts = Facts(convex=True, smooth=2, gradient_bound=math.sqrt(2), non_negative=True)

    def formula(self, xp: Any, prediction: Array, target: Array, other: Array, share: Array) -> Array:
        surprise = -xp.log_softmax(prediction)
        first, second = (
            xp.take_along_axis(surprise, xp.expand_dims(labels, -1), axis=-1)[..., 0] for labels in (target, other)
        )
        # What has no share is replaced: 0 · ∞ must reach neither value nor derivative.
        first, second = xp.where(share == 0, 0.0, first), xp.where(share == 1, 0.0, second)
        return share * first + (1 - share) * second


@dataclass(frozen=True, kw_only=True)
class PseudoLabelCrossEntropy(RowwiseLoss):
    """Cross-entropy with the class a teacher is sure of: ℓ = CE(z, argmax q) where max q ≥ τ, else 0. FixMatch.

    q = softmax(teacher). Shapes: prediction and teacher (…, C), logits: in FixMatch of one model, for a strongly and a
    weakly augmented view of an unlabelled sample, in others the teacher is a moving average of the model; values (…).
    Unit: nats. Range: [0, ∞). No gradient flows to the teacher. threshold τ in [0, 1): 0 believes every label. A mean
    divides by all rows, not only those that are sure, so that the weight of this term grows as the model learns.
    Source: Lee 2013, Pseudo-Label, ICML workshop; Sohn et al. 2020, arXiv:2001.07685.
    """

    threshold: float = 0.95

    prediction, teacher = Rows(), Rows()
    tasks = ("multiclass", "semi-supervised")
    aliases = ("FixMatch", "PseudoLabel")
    facts = Facts(convex=True, smooth=2, gradient_bound=math.sqrt(2), non_negative=True)

    def __post_init__(self) -> None:
        if not 0 <= self.threshold < 1:
            raise ValueError(f"threshold: expected a number in [0, 1), got {self.threshold}")

    def formula(self, xp: Any, prediction: Array, teacher: Array) -> Array:
        teacher = xp.stop_gradient(teacher)
        label = xp.argmax(teacher, axis=-1, keepdims=True)
        sure = xp.max(xp.softmax(teacher), axis=-1) >= self.threshold
        value = -xp.take_along_axis(xp.log_softmax(prediction), label, axis=-1)[..., 0]
        return xp.where(sure, value, 0.0)

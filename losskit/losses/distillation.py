"""Knowledge distillation: what a student learns from a teacher's scores. A loss on true labels is added to them:
`losskit.CrossEntropy() + 0.5 * losskit.KnowledgeDistillation(temperature=4.0)` is an objective.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Labels, Real, Rows
from losskit.core.facts import Facts
from losskit.core.hyperparameters import fraction, non_negative, positive
from losskit.core.kinds import ElementwiseLoss, RowwiseLoss
from losskit.losses.divergence import excess, log_difference, to_the_mixture

__all__ = [
    "DecoupledDistillation",
    "JensenShannonDistillation",
    "KnowledgeDistillation",
    "MarginDistillation",
    "ReverseKLDistillation",
    "TotalVariationDistillation",
]

Array = Any


@dataclass(frozen=True, kw_only=True)
class SoftenedDistillation(RowwiseLoss):
    """The base: a divergence of p = softmax(z/T) of the student and q = softmax(y/T) of the teacher, times T².

    temperature T > 0. T² keeps the size of the gradient, which falls as 1/T², beside that of a loss on labels.
    """

    temperature: float = 2.0

    prediction, target = Rows(), Rows()
    tasks = ("distillation",)

    def __post_init__(self) -> None:
        positive(temperature=self.temperature)

    def softened(self, xp: Any, prediction: Array, target: Array) -> tuple[Array, Array, Array]:
        """log p, log q and log p − log q, 0 where neither has the class."""
        log_p, log_q = (xp.log_softmax(scores / self.temperature) for scores in (prediction, target))
        return log_p, log_q, log_difference(xp, log_p, log_q)


@dataclass(frozen=True, kw_only=True)
class KnowledgeDistillation(SoftenedDistillation):
    """Hinton's distillation: ℓ = T² KL(q ‖ p), q = softmax(y/T) of the teacher, p = softmax(z/T) of the student.

    Shapes: prediction (student's logits) and target (teacher's logits) (…, C); values (…), one per row or token. Unit:
    nats. Range: [0, ∞). temperature T > 0: the higher, the more the teacher's view of wrong classes counts.
    Accurate also where student and teacher nearly agree. Scores of −∞ in both are classes that neither has. With T = 1,
    of scores at x + r and at x, it is virtual adversarial training (`losskit.torch.VirtualAdversarial` finds r).
    Source: Hinton, Vinyals & Dean 2015, arXiv:1503.02531. As torchdistill's KDLoss (its second term) and
    keras.distillation.LogitsDistillation (which averages over classes, too); the teacher's probabilities instead of its
    scores: KLDivergence.
    """

    aliases = ("KD", "HintonDistillation", "SoftTargetDistillation")
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=lambda loss: math.sqrt(2) * loss.temperature,
        non_negative=True,
        zero_at_target=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        log_p, log_q, ratio = self.softened(xp, prediction, target)
        return self.temperature**2 * xp.sum(excess(xp, xp.exp(log_q), xp.exp(log_p), ratio), axis=-1)


@dataclass(frozen=True, kw_only=True)
class ReverseKLDistillation(SoftenedDistillation):
    """Distillation that seeks modes: ℓ = T² KL(p ‖ q), p of the student's softened scores, q of the teacher's.

    A small student that cannot be right everywhere stays where the teacher is, instead of covering all of it.
    Shapes: prediction (student's logits) and target (teacher's logits) (…, C); values (…), one per row or token. Unit:
    nats. Range: [0, ∞). temperature T > 0.
    Source: Gu et al. 2023, arXiv:2306.08543 (MiniLLM, by policy gradients over whole answers; this is its divergence
    per token). As TRL's GKDTrainer with beta=1, which has no T².
    """

    temperature: float = 1.0

    aliases = ("MiniLLM",)
    facts = Facts(convex=False, smooth=2, gradient_bound=math.inf, non_negative=True, zero_at_target=True)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        log_p, log_q, ratio = self.softened(xp, prediction, target)
        return self.temperature**2 * xp.sum(excess(xp, xp.exp(log_p), xp.exp(log_q), -ratio), axis=-1)


@dataclass(frozen=True, kw_only=True)
class JensenShannonDistillation(SoftenedDistillation):
    """Distillation by the generalised Jensen–Shannon divergence: ℓ = T² (π KL(q ‖ m) + (1 − π) KL(p ‖ m)).

    m = πq + (1 − π)p mixes the softened scores of teacher (q) and student (p). Shapes: prediction (student's logits)
    and target (teacher's logits) (…, C); values (…), one per row or token. Unit: nats. Range: from 0 to T² times the
    entropy of (π, 1 − π). temperature T > 0; share π in (0, 1): from covering the teacher (π → 0) to seeking its modes.
    Source: Agarwal et al. 2023, arXiv:2306.13649 (GKD; π is its β). As TRL's GKDTrainer and Liger's fused JSD, which
    have no T², and of which beta=0 and beta=1 are KnowledgeDistillation and ReverseKLDistillation.
    """

    temperature: float = 1.0
    share: float = 0.5

    aliases = ("GKD", "GeneralizedKnowledgeDistillation")
    facts = Facts(
        convex=False, smooth=2, non_negative=True, zero_at_target=True, symmetric=lambda loss: loss.share == 0.5
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction(share=self.share)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        log_p, log_q, ratio = self.softened(xp, prediction, target)
        parts = to_the_mixture(xp, xp.exp(log_p), xp.exp(log_q), ratio, self.share)
        return self.temperature**2 * xp.sum(parts, axis=-1)


@dataclass(frozen=True, kw_only=True)
class TotalVariationDistillation(SoftenedDistillation):
    """Distillation by total variation: ℓ = T²/2 · Σₖ |pₖ − qₖ| of the softened scores of student and teacher.

    Shapes: prediction (student's logits) and target (teacher's logits) (…, C); values (…), one per row or token. Unit:
    none. Range: [0, T²]. temperature T > 0. Symmetric and bounded; the derivative at pₖ = qₖ is 0.
    Source: Wen et al. 2023, arXiv:2307.15190 (f-divergences for sequences). As Liger's TVD loss (T = 1).
    """

    temperature: float = 1.0

    aliases = ("TVDDistillation",)
    facts = Facts(
        convex=False,
        smooth=0,
        gradient_bound=lambda loss: loss.temperature * math.sqrt(2) / 4,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        log_p, log_q, _ = self.softened(xp, prediction, target)
        return self.temperature**2 / 2 * xp.sum(xp.abs(xp.exp(log_p) - xp.exp(log_q)), axis=-1)


@dataclass(frozen=True, kw_only=True)
class DecoupledDistillation(SoftenedDistillation):
    """DKD: ℓ = T² (α KL of the pair (target, not target) + β KL among the other classes), of teacher from student.

    KnowledgeDistillation weighs the second part by the teacher's doubt, 1 − q of the target: what it knows of the other
    classes is lost where it is sure. Shapes: prediction (student's logits) and teacher (its logits) (…, C), target (…)
    class indices; values (…). Unit: nats. Range: [0, ∞). temperature T > 0; target_weight α and other_weight β, both
    ≥ 0 (β is usually 2 to 10). Source: Zhao et al. 2022, arXiv:2203.08679. As mdistiller's DKD.
    """

    temperature: float = 4.0
    target_weight: float = 1.0
    other_weight: float = 8.0

    teacher, target = Rows(), Labels(soft=False)
    aliases = ("DKD",)
    facts = Facts(smooth=2, non_negative=True, zero_at_target=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(target_weight=self.target_weight, other_weight=self.other_weight)

    def formula(self, xp: Any, prediction: Array, teacher: Array, target: Array) -> Array:
        own = xp.one_hot(target, xp.shape(prediction)[-1], dtype=prediction) > 0
        student, teaching = (self.parts(xp, scores / self.temperature, own) for scores in (prediction, teacher))
        divergences = [
            xp.sum(excess(xp, xp.exp(q), xp.exp(p), log_difference(xp, p, q)), axis=-1)
            for p, q in zip(student, teaching, strict=True)
        ]
        pair, others = divergences
        return self.temperature**2 * (self.target_weight * pair + self.other_weight * others)

    def parts(self, xp: Any, scores: Array, own: Array) -> tuple[Array, Array]:
        """Logarithms of (p, 1 − p) of the target, and of the distribution over the other classes."""
        others = xp.where(own, xp.full_like(scores, -math.inf), scores)
        # One score against all others together: both logarithms are accurate, also where p is nearly 1.
        ahead = xp.sum(xp.where(own, scores, 0.0), axis=-1) - xp.logsumexp(others)
        return xp.stack([xp.log_sigmoid(ahead), xp.log_sigmoid(-ahead)], axis=-1), xp.log_softmax(others)


@dataclass(frozen=True, kw_only=True)
class MarginDistillation(ElementwiseLoss):
    """MarginMSE: ℓ = ((s⁺ − s⁻) − t)², the student's margin of a relevant over an irrelevant document, t the teacher's.

    Shapes: positive s⁺, negative s⁻ (the student's scores) and target t (the teacher's margin) alike, any. Unit: the
    scores', squared. Range: [0, ∞). Only differences are learned, so student and teacher may score on other levels.
    Source: Hofstätter et al. 2020, arXiv:2010.02666. As sentence_transformers' MarginMSELoss.
    """

    positive, negative, target = Real(), Real(), Real()
    differentiable = ("positive", "negative")
    tasks = ("distillation", "ranking")
    aliases = ("MarginMSE",)
    facts = Facts(convex=True, smooth=2, gradient_bound=math.inf, non_negative=True)

    def formula(self, xp: Any, positive: Array, negative: Array, target: Array) -> Array:
        return xp.square((positive - negative) - target)

"""Divergences that measure against a mixture of the two distributions: bounded, whatever either of them lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from losskit.core.facts import Facts
from losskit.core.hyperparameters import fraction
from losskit.losses.divergence import Divergence, between_distributions, excess, log_mixture, smooth_in_logits

__all__ = ["SkewKLDivergence", "TriangularDiscrimination"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class SkewKLDivergence(Divergence):
    """Skew divergence: ℓ = KL(t ‖ αt + (1 − α)p), the target against a mixture of itself with the prediction.

    Shapes: prediction (…, C), target (…, C) probabilities; values (…). Unit: nats. Range: [0, −log α]. skew α in
    (0, 1): the smaller, the nearer to KLDivergence, but a class that the prediction lacks costs −log α at most, and
    pulls with a bounded gradient: for distillation from a teacher that has many classes which a student has not.
    reverse=True is KL(p ‖ αp + (1 − α)t), as near to ReverseKLDivergence. A teacher's scores, softened or not, are
    passed as softmax(scores / T). Of rows that do not sum to 1 it is Σₖ tₖ log(tₖ/mₖ) − tₖ + mₖ, m the mixture.
    Source: Lee 2001, On the effectiveness of the skew divergence for statistical language analysis, AISTATS; for
    distillation: Ko, Kim, Chen & Yun 2024, arXiv:2402.03898 (DistiLLM: SKL and SRKL).
    """

    skew: float = 0.1
    reverse: bool = False

    aliases = ("SkewKL", "SkewDivergence", "AlphaSkew")
    facts = Facts(
        convex=between_distributions,
        smooth=smooth_in_logits,
        non_negative=True,
        zero_at_target=between_distributions,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction(skew=self.skew)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        p, ratio = self.probabilities(xp, prediction), self.log_ratio(xp, prediction, target)
        base, other, ratio = (p, target, -ratio) if self.reverse else (target, p, ratio)
        mixture = self.skew * base + (1 - self.skew) * other
        return xp.sum(excess(xp, base, mixture, log_mixture(xp, ratio, 1 - self.skew)), axis=-1)


@dataclass(frozen=True, kw_only=True)
class TriangularDiscrimination(Divergence):
    """Triangular discrimination: ℓ = Σₖ (pₖ − tₖ)² / (pₖ + tₖ). Half of it is known as Vincze and Le Cam's distance.

    Shapes: prediction (…, C), target (…, C) probabilities; values (…). Unit: none. Range: [0, 2]. Symmetric and
    bounded, without logarithms: twice the χ²-divergence of either from their mean; near the target it is about KL,
    everywhere between 2 and 4 times Hellinger. Classes that neither has count 0.
    Source: Topsøe 2000, Some inequalities for information divergence and related measures of discrimination, IEEE
    Transactions on Information Theory.
    """

    aliases = ("Triangular", "VinczeLeCam")
    facts = Facts(
        convex=between_distributions,
        smooth=smooth_in_logits,
        non_negative=True,
        zero_at_target=between_distributions,
        symmetric=between_distributions,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        p = self.probabilities(xp, prediction)
        nowhere = (p == 0) & (target == 0)
        both = xp.where(nowhere, 1.0, p + target)
        gap = p - target
        return xp.sum(gap * (gap / both), axis=-1)

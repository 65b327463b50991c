"""Single answers with a verdict, wanted or not: no pairs are needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from losskit.core.domain import LogProbability, NonNegative, Probability, Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, positive
from losskit.core.kinds import ElementwiseLoss

__all__ = ["BinaryClassifierOptimization", "KahnemanTverskyOptimization"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class KahnemanTverskyOptimization(ElementwiseLoss):
    """KTO: ℓ = t·w₁·σ(−β(a − z)) + (1 − t)·w₀·σ(β(a − z)), a the answer's log-ratio to the reference, t = 1 if wanted.

    Shapes: log_probability and reference (of whole answers), target (0, 1 or between) and baseline z ≥ 0 alike, any.
    z is the divergence of the policy from the reference that answers are judged by: max(0, the mean log-ratio of
    answers paired with other prompts), one number for all, made without a gradient (full_like it). Without it z is 0:
    TRL's "apo_zero_unpaired". Range: [0, max(w₀, w₁)]. beta > 0. desirable w₁ and undesirable w₀, both ≥ 0: set them so
    that w₁ × wanted answers : w₀ × unwanted ones lies between 1 : 1 and 4 : 3.
    Not convex: answers far from the baseline hardly pull, so neither do wrong verdicts.
    Source: Ethayarajh et al. 2024, arXiv:2402.01306. As TRL's KTOTrainer (desirable_weight, undesirable_weight).
    """

    beta: float = 0.1
    desirable: float = 1.0
    undesirable: float = 1.0

    log_probability, reference = LogProbability(), LogProbability()
    target, baseline = Probability(), NonNegative()
    differentiable = ("log_probability",)
    tasks = ("preference",)
    aliases = ("KTO",)
    facts = Facts(
        convex=False,
        smooth=2,
        gradient_bound=lambda loss: loss.beta / 4 * max(loss.desirable, loss.undesirable),
        non_negative=True,
    )

    def __post_init__(self) -> None:
        positive(beta=self.beta)
        non_negative(desirable=self.desirable, undesirable=self.undesirable)

    def formula(
        self, xp: Any, log_probability: Array, reference: Array, target: Array, baseline: Array | None = None
    ) -> Array:
        ratio = log_probability - reference
        h = self.beta * (ratio if baseline is None else ratio - baseline)
        return target * self.desirable * xp.sigmoid(-h) + (1 - target) * self.undesirable * xp.sigmoid(h)


@dataclass(frozen=True, kw_only=True)
class BinaryClassifierOptimization(ElementwiseLoss):
    """BCO: ℓ = −t log σ(βa − δ) − (1 − t) log σ(δ − βa), a the answer's log-ratio to the reference, t = 1 if wanted.

    Shapes: log_probability and reference (of whole answers), target (0, 1 or between) and baseline δ alike, any.
    δ is the running mean of the rewards βa of wanted and of unwanted answers, one number for all, made without a
    gradient (full_like it); 0 without it. Unit: nats. Range: (0, ∞). beta > 0.
    The sum over a chosen and a rejected answer is TRL's DPO loss_type="bco_pair".
    Source: Jung et al. 2024, arXiv:2404.04656. As TRL's BCOTrainer.
    """

    beta: float = 0.1

    log_probability, reference = LogProbability(), LogProbability()
    target, baseline = Probability(), Real()
    differentiable = ("log_probability",)
    tasks = ("preference",)
    aliases = ("BCO",)
    facts = Facts(convex=True, smooth=2, gradient_bound=lambda loss: loss.beta, non_negative=True)

    def __post_init__(self) -> None:
        positive(beta=self.beta)

    def formula(
        self, xp: Any, log_probability: Array, reference: Array, target: Array, baseline: Array | None = None
    ) -> Array:
        reward = self.beta * (log_probability - reference)
        h = reward if baseline is None else reward - baseline
        return target * xp.softplus(-h) + (1 - target) * xp.softplus(h)

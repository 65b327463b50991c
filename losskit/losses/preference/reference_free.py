"""Pairs of answers, of which one is preferred, by scores or log-probabilities alone: no reference model is asked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import LogProbability, NonNegative, Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, positive
from losskit.core.kinds import ElementwiseLoss
from losskit.losses.preference.logistic import check_label_smoothing, logistic

__all__ = [
    "BradleyTerry",
    "ContrastivePreferenceOptimization",
    "OddsRatioPreferenceOptimization",
    "SimplePreferenceOptimization",
]

Array = Any


@dataclass(frozen=True, kw_only=True)
class BradleyTerry(ElementwiseLoss):
    """Reward model: ℓ = −log σ(c − r − m) + η(c + r)², c and r the scores of the chosen and the rejected answer.

    Shapes: chosen, rejected and margin m ≥ 0 (how clearly the one was preferred; optional, 0 without it) alike, any.
    Unit: nats. Range: (0, ∞). centering η ≥ 0 keeps scores about 0, which differences leave open (0.01 is usual).
    Source: Bradley & Terry 1952, Biometrika 39:324–345; the margin: Touvron et al. 2023, arXiv:2307.09288; centring:
    Eisenstein et al. 2023, arXiv:2312.09244. As TRL's RewardTrainer (its center_rewards_coefficient).
    """

    centering: float = 0.0

    chosen, rejected, margin = Real(), Real(), NonNegative()
    differentiable = ("chosen", "rejected")
    tasks = ("preference", "ranking")
    aliases = ("RewardModel",)
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=lambda loss: 1.0 if loss.centering == 0 else math.inf,
        non_negative=True,
    )

    def __post_init__(self) -> None:
        non_negative(centering=self.centering)

    def formula(self, xp: Any, chosen: Array, rejected: Array, margin: Array | None = None) -> Array:
        ahead = chosen - rejected
        value = xp.softplus(-(ahead if margin is None else ahead - margin))
        return value + self.centering * xp.square(chosen + rejected) if self.centering else value


@dataclass(frozen=True, kw_only=True)
class ContrastivePreferenceOptimization(ElementwiseLoss):
    """CPO: ℓ = −log σ(β(c − r)) − αc, c and r the log-probabilities of the chosen and the rejected answer.

    DPO with a uniform reference, and the likelihood of the chosen answer, which keeps the policy where it is right.
    Shapes: chosen and rejected alike, any: log-probabilities of whole answers. Unit: nats. Range: (0, ∞). beta β > 0;
    likelihood α ≥ 0. label_smoothing ε in [0, ½) as in DirectPreferenceOptimization.
    Source: Xu et al. 2024, arXiv:2401.08417. As TRL's CPOTrainer (α is its cpo_alpha, where the likelihood is a mean
    over tokens).
    """

    beta: float = 0.1
    likelihood: float = 1.0
    label_smoothing: float = 0.0

    chosen, rejected = LogProbability(), LogProbability()
    differentiable = ("chosen", "rejected")
    tasks = ("preference",)
    aliases = ("CPO",)
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=lambda loss: loss.beta * (1 - loss.label_smoothing) + loss.likelihood,
        non_negative=True,
    )

    def __post_init__(self) -> None:
        positive(beta=self.beta)
        non_negative(likelihood=self.likelihood)
        check_label_smoothing(self.label_smoothing)

    def formula(self, xp: Any, chosen: Array, rejected: Array) -> Array:
        return logistic(xp, self.beta * (chosen - rejected), self.label_smoothing) - self.likelihood * chosen


@dataclass(frozen=True, kw_only=True)
class SimplePreferenceOptimization(ElementwiseLoss):
    """SimPO: ℓ = −log σ(β(c − r) − γ), c and r the mean log-probabilities per token of the two answers.

    Shapes: chosen and rejected alike, any; means over tokens, so that length earns nothing. Unit: nats. Range: (0, ∞).
    beta β > 0; margin γ ≥ 0, in units of β·c (the defaults are the paper's, which writes γ/β = 0.55).
    alpha α bends the reward: (1 − e^(−αc))/α in the place of c (AlphaPO); 0 is c itself. With α > 0 the value is
    infinite or NaN where e^(−αc) exceeds the dtype. label_smoothing ε in [0, ½) as in DirectPreferenceOptimization.
    Source: Meng, Xia & Chen 2024, arXiv:2405.14734; AlphaPO: Gupta et al. 2025, arXiv:2501.03884. As TRL's CPOTrainer
    with loss_type="simpo" and cpo_alpha=0 (its simpo_gamma and alpha).
    """

    beta: float = 2.5
    margin: float = 1.375
    alpha: float = 0.0
    label_smoothing: float = 0.0

    chosen, rejected = LogProbability(), LogProbability()
    differentiable = ("chosen", "rejected")
    tasks = ("preference",)
    aliases = ("SimPO", "AlphaPO")
    facts = Facts(
        convex=lambda loss: True if loss.alpha == 0 or (loss.alpha > 0 and loss.label_smoothing == 0) else None,
        smooth=2,
        gradient_bound=lambda loss: (
            loss.beta * (1 - loss.label_smoothing) if loss.alpha == 0 else math.inf if loss.alpha > 0 else None
        ),
        non_negative=True,
    )

    def __post_init__(self) -> None:
        positive(beta=self.beta)
        non_negative(margin=self.margin)
        check_label_smoothing(self.label_smoothing)
        if not math.isfinite(self.alpha):
            raise ValueError(f"alpha: expected a finite number, got {self.alpha}")

    def formula(self, xp: Any, chosen: Array, rejected: Array) -> Array:
        ahead = self.reward(xp, chosen) - self.reward(xp, rejected)
        return logistic(xp, self.beta * ahead - self.margin, self.label_smoothing)

    def reward(self, xp: Any, log_probability: Array) -> Array:
        """(1 − e^(−αc))/α, accurate also for small α."""
        if self.alpha == 0:
            return log_probability
        return xp.expm1(-self.alpha * log_probability) / -self.alpha


@dataclass(frozen=True, kw_only=True)
class OddsRatioPreferenceOptimization(ElementwiseLoss):
    """ORPO: ℓ = −c − β log σ(log odds(c) − log odds(r)), odds(c) = eᶜ/(1 − eᶜ), c and r mean log-probabilities.

    Fine-tuning and preference in one: the likelihood of the chosen answer, and its odds against the rejected one's.
    Shapes: chosen and rejected alike, any; means over tokens. Unit: nats. Range: [0, ∞). beta β > 0 is the paper's λ.
    A chosen answer that is certain (log-probability 0) costs nothing, a rejected one is infinite; where both are, their
    odds count as equal. Derivatives are exact while (1 − eᶜ)² fits the dtype.
    Source: Hong, Lee & Thorne 2024, arXiv:2403.07691. As TRL's ORPOTrainer.
    """

    beta: float = 0.1

    chosen, rejected = LogProbability(), LogProbability()
    differentiable = ("chosen", "rejected")
    tasks = ("preference",)
    aliases = ("ORPO",)
    facts = Facts(convex=False, smooth=2, gradient_bound=math.inf, non_negative=True)

    def __post_init__(self) -> None:
        positive(beta=self.beta)

    def formula(self, xp: Any, chosen: Array, rejected: Array) -> Array:
        # Where the chosen answer is ahead, the odds against it are a number of at most 1, also where its probability
        # is 1; where it is behind, their logarithm is a number of at least 0.
        ahead = chosen >= rejected
        against = _odds(xp, xp.where(ahead, chosen, 0.0), xp.where(ahead, rejected, -1.0))
        lost = xp.where(ahead, False, rejected == 0)
        low, high = xp.where(ahead, -1.0, chosen), xp.where(ahead | lost, -0.5, rejected)
        log_odds = xp.where(lost, math.inf, (high - low) + xp.log(xp.expm1(low) / xp.expm1(high)))
        behind = log_odds + xp.log1p(xp.exp(-log_odds))
        return -chosen + self.beta * xp.where(ahead, xp.log1p(against), behind)


def _odds(xp: Any, chosen: Array, rejected: Array) -> Array:
    """odds(r) / odds(c) for c ≥ r; 1 where both probabilities are 1."""
    certain = rejected == 0  # and so is what is chosen
    doubts = xp.expm1(chosen) / xp.where(certain, -1.0, xp.expm1(rejected))
    return xp.exp(rejected - chosen) * xp.where(certain, 1.0, doubts)

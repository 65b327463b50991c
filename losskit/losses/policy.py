"""Reinforcement learning: losses of a policy's log-probabilities and of a value function.

Values are per action (per token of a language model): how they are averaged is the weights' and the mask's business.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Domain, Probability, Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import fraction, non_negative, one_of, positive
from losskit.core.kinds import SCORE_DOMAINS, ElementwiseLoss, RowwiseLoss, ScoreInput
from losskit.losses.confidence import entropy

__all__ = [
    "ClippedPolicy",
    "ClippedValue",
    "GroupRelativePolicyOptimization",
    "NegativeEntropy",
    "PolicyGradient",
    "SampledKLDivergence",
    "TemporalDifference",
]

Array = Any


@dataclass(frozen=True, kw_only=True)
class PolicyGradient(ElementwiseLoss):
    """REINFORCE: ℓ = −A log π(a), whose gradient is the policy gradient. Its value means nothing; only its slope does.

    Shapes: log_probability (of the action that was taken; a density's logarithm too) and advantage A alike, any.
    Range: any real number. The advantage is the return less a baseline (RLOO: less the mean return of the other
    samples), made without a gradient. For samples of an older policy weight by the ratio π/π_old, made without a
    gradient: clipped from above that is CISPO. Source: Williams 1992, doi:10.1007/BF00992696. As
    rlax.policy_gradient_loss.
    """

    log_probability, advantage = Real(), Real()
    differentiable = ("log_probability",)
    tasks = ("reinforcement",)
    aliases = ("REINFORCE", "RLOO")
    facts = Facts(convex=True, smooth=2, gradient_bound=math.inf, non_negative=False)

    def formula(self, xp: Any, log_probability: Array, advantage: Array) -> Array:
        return -advantage * log_probability


@dataclass(frozen=True, kw_only=True)
class ClippedSurrogate(ElementwiseLoss):
    """The base: PPO's clipped ratio of the policy to the one that took the actions.

    clip ε in (0, 1): the ratio is held above 1 − ε for A < 0 and below 1 + ε for A > 0. clip_high: ε of the upper bound
    (DAPO's clip-higher), None for clip. dual_clip c > 1 + ε: a bound on the ratio for A < 0, too; None for none.
    """

    clip: float = 0.2
    clip_high: float | None = None
    dual_clip: float | None = None

    log_probability, old_log_probability, advantage = Real(), Real(), Real()
    differentiable = ("log_probability",)
    tasks = ("reinforcement",)

    def __post_init__(self) -> None:
        fraction(clip=self.clip)
        if self.clip_high is not None:
            positive(clip_high=self.clip_high)
        if self.dual_clip is not None and not 1 < self.dual_clip < math.inf:
            raise ValueError(f"dual_clip: expected a finite number > 1, got {self.dual_clip}")

    def surrogate(self, xp: Any, log_probability: Array, old_log_probability: Array, advantage: Array) -> Array:
        """−min(rA, clip(r)A): for A ≥ 0 the ratio is bounded from above, for A < 0 from below (and by dual_clip)."""
        log_ratio = log_probability - old_log_probability
        highest = math.log1p(self.clip if self.clip_high is None else self.clip_high)
        # Bounded before the exponential: what is clipped away cannot overflow.
        gained, lost = xp.minimum(log_ratio, highest), xp.maximum(log_ratio, math.log1p(-self.clip))
        if self.dual_clip is not None:
            lost = xp.minimum(lost, math.log(self.dual_clip))
        return -advantage * xp.exp(xp.where(advantage >= 0, gained, lost))


def _unbounded(loss: ClippedSurrogate) -> float | None:
    """The ratio has no bound for A < 0, unless dual_clip gives one."""
    return math.inf if loss.dual_clip is None else None


@dataclass(frozen=True, kw_only=True)
class ClippedPolicy(ClippedSurrogate):
    """PPO: ℓ = −min(rA, clip(r, 1 − ε, 1 + ε)·A), r = π/π_old the ratio of the probabilities of the action taken.

    Steps that would carry the ratio further than ε in the direction of its advantage have no gradient.
    Shapes: log_probability and old_log_probability (of the action taken, under the policy and under the one that took
    it; densities' logarithms too) and advantage A alike, any. Range: any real number. clip ε in (0, 1); clip_high and
    dual_clip are DAPO's and dual-clip PPO's. Exact while r fits the dtype; without dual_clip it is unbounded for A < 0.
    Source: Schulman et al. 2017, arXiv:1707.06347; dual clip: Ye et al. 2020 (AAAI); clip-higher: Yu et al.
    2025, arXiv:2503.14476. As rlax.clipped_surrogate_pg_loss; TRL's, CleanRL's and Stable-Baselines3's PPO.
    """

    aliases = ("PPO", "ClippedSurrogateObjective")
    facts = Facts(convex=False, smooth=0, gradient_bound=_unbounded, non_negative=False)

    def formula(self, xp: Any, log_probability: Array, old_log_probability: Array, advantage: Array) -> Array:
        return self.surrogate(xp, log_probability, old_log_probability, advantage)


@dataclass(frozen=True, kw_only=True)
class GroupRelativePolicyOptimization(ClippedSurrogate):
    """GRPO, one token: ℓ = −min(rA, clip(r, 1 − ε, 1 + ε)·A) + β(eᵈ − 1 − d), d = log π_ref − log π.

    Shapes: log_probability, old_log_probability, advantage A and reference (log π_ref; optional: no divergence without
    it) alike: (answers, tokens), or (answers,) for GSPO with its mean log-ratios. A is the reward of the whole answer
    less its group's mean, over its standard deviation (Dr. GRPO: not over it), for each of its tokens. Range: any real
    number. clip ε in (0, 1), clip_high, dual_clip as in ClippedPolicy; beta β ≥ 0.
    The mean over all tokens is DAPO's; weight = 1 / tokens of the answer is GRPO's; sum over a constant is Dr. GRPO's.
    Source: Shao et al. 2024, arXiv:2402.03300; Liu et al. 2025, arXiv:2503.20783 (Dr. GRPO); Yu et al. 2025,
    arXiv:2503.14476 (DAPO); Zheng et al. 2025, arXiv:2507.18071 (GSPO). As TRL's GRPOTrainer (beta is 0 there).
    """

    beta: float = 0.04

    reference = Real()
    aliases = ("GRPO", "DAPO")
    facts = Facts(convex=False, smooth=0, gradient_bound=_unbounded, non_negative=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(beta=self.beta)

    def formula(
        self,
        xp: Any,
        log_probability: Array,
        old_log_probability: Array,
        advantage: Array,
        reference: Array | None = None,
    ) -> Array:
        value = self.surrogate(xp, log_probability, old_log_probability, advantage)
        if reference is None or self.beta == 0:
            return value
        return value + self.beta * xp.exp_remainder(reference - log_probability)


@dataclass(frozen=True, kw_only=True)
class SampledKLDivergence(ElementwiseLoss):
    """KL(π ‖ π_ref) estimated from a sample a ~ π, by d = log π_ref(a) − log π(a): k1 = −d, k2 = ½d², k3 = eᵈ − 1 − d.

    Shapes: log_probability and reference alike, any. Unit: nats. Range: k1 any real number, k2 and k3 [0, ∞).
    estimator: "k1" is unbiased and varies most, "k2" is biased, "k3" is unbiased and never negative. That is said of
    their values: as a loss the gradient of k2 is, in expectation, that of KL(π ‖ π_ref); k1's is 0 and k3's that of
    KL(π_ref ‖ π). k3 is accurate for small d, where the bare formula is rounding noise (at d = 1e-4 in float32).
    Source: Schulman 2020, Approximating KL divergence, joschu.net/blog/kl-approx.html. k3 is GRPO's penalty.
    """

    estimator: Literal["k1", "k2", "k3"] = "k3"

    log_probability, reference = Real(), Real()
    differentiable = ("log_probability",)
    tasks = ("reinforcement", "preference")
    aliases = ("KLPenalty",)
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=lambda loss: 1.0 if loss.estimator == "k1" else math.inf,
        non_negative=lambda loss: loss.estimator != "k1",
        zero_at_target=True,
        symmetric=lambda loss: loss.estimator == "k2",
    )

    def __post_init__(self) -> None:
        one_of(("k1", "k2", "k3"), estimator=self.estimator)

    def formula(self, xp: Any, log_probability: Array, reference: Array) -> Array:
        d = reference - log_probability
        if self.estimator == "k1":
            return -d
        return xp.square(d) / 2 if self.estimator == "k2" else xp.exp_remainder(d)


@dataclass(frozen=True, kw_only=True)
class NegativeEntropy(RowwiseLoss):
    """Minus the entropy: ℓ = Σₖ pₖ log pₖ. Added with a small weight it keeps a policy exploring (the entropy bonus).

    Shapes: prediction (…, C); values (…). Unit: nats. Range: [−log C, 0]. input: what the prediction holds: "logits",
    "log_probabilities" or "probabilities". Classes with p = 0 count 0. As a penalty on a classifier's confidence it is
    Pereyra et al. 2017, arXiv:1701.06548. Source: Williams & Peng 1991, doi:10.1080/09540099108946587. As
    rlax.entropy_loss.
    """

    input: ScoreInput = "logits"

    tasks = ("reinforcement", "regularisation")
    aliases = ("EntropyBonus", "ConfidencePenalty")
    facts = Facts(
        convex=lambda loss: loss.input == "probabilities" or None,
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        non_negative=False,
    )

    def __post_init__(self) -> None:
        one_of(tuple(SCORE_DOMAINS), input=self.input)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return SCORE_DOMAINS[self.input]

    def formula(self, xp: Any, prediction: Array) -> Array:
        return -entropy(xp, self.input, prediction)


@dataclass(frozen=True, kw_only=True)
class ClippedValue(ElementwiseLoss):
    """PPO's value function: ℓ = ½ max((v − R)², (clip(v, v_old − ε, v_old + ε) − R)²), R the return.

    A prediction that moved towards the return by more than ε since the data were made has no gradient. Shapes:
    prediction v, target R and old_prediction v_old alike, any. Unit: the return's, squared. Range: [0, ∞).
    clip ε > 0, in the return's unit: the default is for returns of about 1. Source: OpenAI Baselines' PPO2. As TRL's
    PPO (with ½, as here).
    """

    clip: float = 0.2

    prediction, target, old_prediction = Real(), Real(), Real()
    tasks = ("reinforcement",)
    aliases = ("ClippedValueLoss",)
    facts = Facts(convex=True, smooth=0, gradient_bound=math.inf, non_negative=True)

    def __post_init__(self) -> None:
        positive(clip=self.clip)

    def formula(self, xp: Any, prediction: Array, target: Array, old_prediction: Array) -> Array:
        error, moved = prediction - target, prediction - old_prediction
        held = (old_prediction - target) + xp.where(moved > 0, self.clip, xp.full_like(moved, -self.clip))
        held = xp.where(xp.abs(moved) > self.clip, held, error)  # not clipped it is the error, to the last digit
        return xp.square(xp.where(xp.abs(held) > xp.abs(error), held, error)) / 2


@dataclass(frozen=True, kw_only=True)
class TemporalDifference(ElementwiseLoss):
    """TD(0): ℓ = ½δ², δ = r + γv′ − v; with `delta` Huber's function of it. The value v′ of the next state is constant.

    Shapes: prediction v, reward r, next_prediction v′ and discount γ alike, any; γ in [0, 1], 0 where an episode ended.
    Unit: the reward's, squared. Range: [0, ∞). No gradient reaches v′ (the semi-gradient; v′ may come from a target
    network, or be a maximum over actions: Q-learning). delta > 0, in the reward's unit: beyond it the pull is constant
    (DQN has 1); None for the square throughout. Source: Sutton 1988, Machine Learning 3:9–44; Mnih et al. 2015,
    Nature 518:529–533 (DQN). rlax.td_learning is δ alone.
    """

    delta: float | None = None

    prediction, reward, next_prediction = Real(), Real(), Real()
    discount = Probability()
    tasks = ("reinforcement",)
    aliases = ("TD", "TDError")
    facts = Facts(
        convex=True,
        smooth=lambda loss: 2 if loss.delta is None else 1,
        gradient_bound=lambda loss: math.inf if loss.delta is None else loss.delta,
        non_negative=True,
    )

    def __post_init__(self) -> None:
        if self.delta is not None:
            positive(delta=self.delta)

    def formula(self, xp: Any, prediction: Array, reward: Array, next_prediction: Array, discount: Array) -> Array:
        error = prediction - (reward + discount * next_prediction)
        inner = error if self.delta is None else xp.clip(error, -self.delta, self.delta)
        return inner * (error - inner / 2)

"""Classification that holds back overconfidence, or what is least believed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, positive
from losskit.core.kinds import ClasswiseLoss, ScoreInput
from losskit.losses.similarity import direction

__all__ = [
    "ConfidencePenalizedCrossEntropy",
    "DynamicFineTuning",
    "LogitNormCrossEntropy",
    "MarginSmoothedCrossEntropy",
]

Array = Any


def entropy(xp: Any, holds: ScoreInput, prediction: Array) -> Array:
    """H(p) = −Σₖ pₖ log pₖ of what is predicted; 0 · log 0 is 0."""
    if holds == "probabilities":
        return -xp.sum(xp.xlogy(prediction, prediction), axis=-1)
    log_p = xp.log_softmax(prediction) if holds == "logits" else prediction
    log_p = xp.where(log_p == -math.inf, 0.0, log_p)  # 0 · (−∞) must reach neither value nor derivative
    return -xp.sum(xp.exp(log_p) * log_p, axis=-1)


@dataclass(frozen=True, kw_only=True)
class ConfidencePenalizedCrossEntropy(ClasswiseLoss):
    """Cross-entropy less a share of the prediction's entropy: ℓ = −Σₖ tₖ log pₖ − β H(p).

    Shapes: prediction (…, C); target (…) class indices or (…, C) probabilities; values (…). Unit: nats.
    Range: [−β log C, ∞). beta β ≥ 0: 0 is CrossEntropy. class_weight counts the whole row in the second term, by the
    target. Like label smoothing it keeps a model from being sure of the training set, without a say in how the rest is
    shared out; its probabilities are flatter than the truth.
    Source: Pereyra et al. 2017, arXiv:1701.06548.
    """

    beta: float = 0.1

    tasks = ("multiclass",)
    facts = Facts(
        convex=lambda loss: True if loss.beta == 0 else False if loss.input == "logits" else None,
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        non_negative=lambda loss: True if loss.beta == 0 else None,
        proper=lambda loss: None if loss.ignore_index is not None else loss.beta == 0 and loss.class_weight is None,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(beta=self.beta)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        value = self.mixed(xp, -self.log_chosen(xp, prediction, target), target)
        return value - self.beta * self.counted(xp, entropy(xp, self.input, prediction), prediction, target)


@dataclass(frozen=True, kw_only=True)
class LogitNormCrossEntropy(ClasswiseLoss):
    """Cross-entropy of logits brought to one length: ℓ = CrossEntropy(z / (T ‖z‖), t).

    Shapes: prediction (…, C) logits; target (…) class indices or (…, C) probabilities; values (…). Unit: nats.
    Range: (0, log(1 + (C − 1) e^(2/T))). temperature T > 0: small ones allow sure predictions. Only the direction of z
    is trained, so that its length stays free to tell known inputs from unknown ones; for out-of-distribution detection.
    At z = 0 there is no direction: value log C, gradient 0. Elsewhere the gradient grows as 1/‖z‖.
    Source: Wei et al. 2022, arXiv:2205.09310 (whose code adds 1e-7 to the length). As pytorch_ood's LogitNorm.
    """

    temperature: float = 0.04

    tasks = ("multiclass",)
    aliases = ("LogitNorm",)
    facts = Facts(convex=False, gradient_bound=math.inf, non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(temperature=self.temperature)
        if self.input != "logits":
            raise ValueError(f"input: only logits have a length to normalise, got input={self.input!r}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        unit, _ = direction(xp, prediction)
        return self.mixed(xp, -self.log_chosen(xp, unit / self.temperature, target), target)


@dataclass(frozen=True, kw_only=True)
class DynamicFineTuning(ClasswiseLoss):
    """Cross-entropy weighed by how likely the target is already: ℓ = −Σₖ tₖ p̄ₖ log pₖ, p̄ = p held constant.

    Shapes: prediction (…, C) logits; target (…) class indices or (…, C) probabilities; values (…). Unit: nats. Range:
    [0, 1/e] for an index. The gradient is that of CrossEntropy times p of the target, that of −p: a token that the
    model would hardly say pulls hardly. For fine-tuning a model that can do the task in the main; from random weights
    it does not start. Exact while p fits the dtype (log p > −87 in float32). What is differentiated is not the value
    alone: finite differences of it give another gradient.
    Source: Wu et al. 2025, arXiv:2508.05629. As TRL's SFTConfig(loss_type="dft").
    """

    tasks = ("multiclass",)
    aliases = ("DFT",)
    facts = Facts(non_negative=True, gradient_bound=lambda loss: max(loss.class_weight or (1.0,)) * math.sqrt(2) / 4)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.input != "logits":
            raise ValueError(f"input: expected logits, whose gradient is weighed, got input={self.input!r}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        log_p = self.log_chosen(xp, prediction, target)
        # p log p is 0 at p = 0, and so is its derivative: 0 · (−∞) must reach neither.
        log_p = xp.where(log_p == -math.inf, 0.0, log_p)
        return self.mixed(xp, -xp.stop_gradient(xp.exp(log_p)) * log_p, target)


@dataclass(frozen=True, kw_only=True)
class MarginSmoothedCrossEntropy(ClasswiseLoss):
    """Margin-based label smoothing (MbLS): ℓ = CrossEntropy(z, t) + λ meanₖ max(0, maxⱼ zⱼ − zₖ − m).

    Shapes: prediction (…, C) logits; target (…) class indices or (…, C) probabilities; values (…). Unit: nats.
    Range: [0, ∞). margin m ≥ 0, in the logits' unit: how far a class may fall behind the top one for nothing; with 0
    it pulls all logits together, much as label smoothing does. smoothing λ ≥ 0: 0 is CrossEntropy. class_weight counts
    the whole row in the second term, by the target. For calibration: probabilities below e^−m do not get less.
    The derivative at a kink (a class just m behind) is 0; classes that share the top share its pull.
    Source: Liu, Ben Ayed, Galdran & Dolz 2022, arXiv:2111.15430 (whose code has m = 10, λ = 0.1).
    """

    margin: float = 10.0
    smoothing: float = 0.1

    tasks = ("multiclass",)
    aliases = ("MbLS", "MarginBasedLabelSmoothing")
    facts = Facts(convex=True, smooth=lambda loss: None if loss.smoothing else 2, non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(margin=self.margin, smoothing=self.smoothing)
        if self.input != "logits":
            raise ValueError(f"input: a margin is between logits, got input={self.input!r}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        value = self.mixed(xp, -self.log_chosen(xp, prediction, target), target)
        behind = xp.max(prediction, axis=-1, keepdims=True) - prediction
        excess = xp.mean(xp.relu(behind - self.margin), axis=-1)
        return value + self.smoothing * self.counted(xp, excess, prediction, target)

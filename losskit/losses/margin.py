"""Classification by margin: scores against labels −1 and +1, or one score above all others."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Labels, Real, Signs
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, positive
from losskit.core.kinds import ClasswiseLoss, ElementwiseLoss

__all__ = [
    "CrammerSinger",
    "Exponential",
    "Hinge",
    "ModifiedHuber",
    "Ramp",
    "Savage",
    "SmoothHinge",
    "SoftMargin",
    "SquaredHinge",
    "Tangent",
    "Unhinged",
    "WestonWatkins",
]

Array = Any
STEEPEST_TANGENT = 6.168571308828051  # where v (2 arctan v − 1) = 1, at v = -0.513247


@dataclass(frozen=True, kw_only=True)
class Hinge(ElementwiseLoss):
    """Hinge loss: ℓ = max(0, m − t·z), targets −1 or +1.

    Shapes: prediction and target alike, any. Range: [0, ∞). margin m ≥ 0; 0 is the perceptron's loss, whose minimum is
    at scores of 0 too. The derivative at the kink t·z = m is 0: with margin=0 a model that starts from scores of
    exactly 0 does not move.
    Source: Cortes & Vapnik 1995, doi:10.1007/BF00994018; margin=0: Rosenblatt 1958, Psychological Review 65:386–408.
    As keras.losses.Hinge (which also takes labels 0 and 1), optax.hinge_loss, scikit-learn's loss="hinge"; margin=0 as
    optax.losses.perceptron_loss (derivative ½ at the kink), scikit-learn's loss="perceptron" (derivative 1 there).
    """

    margin: float = 1.0

    prediction, target = Real(), Signs()
    tasks = ("binary",)
    facts = Facts(convex=True, smooth=0, gradient_bound=1.0, non_negative=True)

    def __post_init__(self) -> None:
        non_negative(margin=self.margin)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return xp.relu(self.margin - target * prediction)


@dataclass(frozen=True, kw_only=True)
class SquaredHinge(ElementwiseLoss):
    """Squared hinge loss: ℓ = max(0, m − t·z)², targets −1 or +1.

    Shapes: prediction and target alike, any. Range: [0, ∞). margin m > 0.
    Source: Chang, Hsieh & Lin 2008 (L2-SVM), JMLR 9:1369–1398. As keras.losses.SquaredHinge, scikit-learn's
    "squared_hinge".
    """

    margin: float = 1.0

    prediction, target = Real(), Signs()
    tasks = ("binary",)
    facts = Facts(convex=True, smooth=1, gradient_bound=math.inf, non_negative=True)

    def __post_init__(self) -> None:
        positive(margin=self.margin)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return xp.square(xp.relu(self.margin - target * prediction))


@dataclass(frozen=True, kw_only=True)
class Exponential(ElementwiseLoss):
    """Exponential loss, which AdaBoost minimises: ℓ = exp(−t·z), targets −1 or +1.

    Shapes: prediction and target alike, any. Range: (0, ∞); infinite where the dtype ends (−t·z > 88 in float32).
    A wrong label pulls exponentially: not for noisy labels; SoftMargin grows linearly instead.
    Source: Freund & Schapire 1997, doi:10.1006/jcss.1997.1504; Friedman, Hastie & Tibshirani 2000,
    doi:10.1214/aos/1016218223.
    """

    prediction, target = Real(), Signs()
    tasks = ("binary",)
    facts = Facts(convex=True, smooth=2, gradient_bound=math.inf, non_negative=True)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return xp.exp(-target * prediction)


@dataclass(frozen=True, kw_only=True)
class SoftMargin(ElementwiseLoss):
    """Logistic loss on labels −1 and +1: ℓ = log(1 + exp(−t·z)).

    Shapes: prediction and target alike, any. Unit: nats. Range: [0, ∞). As BinaryCrossEntropy on labels 0 and 1.
    Source: Friedman, Hastie & Tibshirani 2000, doi:10.1214/aos/1016218223. As torch.nn.SoftMarginLoss (which overflows
    below −88 in float32).
    """

    prediction, target = Real(), Signs()
    tasks = ("binary",)
    facts = Facts(convex=True, smooth=2, gradient_bound=1.0, non_negative=True)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return xp.softplus(-target * prediction)


@dataclass(frozen=True, kw_only=True)
class ModifiedHuber(ElementwiseLoss):
    """Modified Huber loss for labels −1 and +1: ℓ = max(0, 1 − t·z)² where t·z ≥ −1, else −4·t·z.

    Shapes: prediction and target alike, any. Range: [0, ∞). The squared hinge with a linear tail, so that a wrong label
    pulls no more than 4. A score between −1 and 1 says a probability: p = (1 + z) / 2. Four times SmoothHinge(gamma=2).
    Source: Zhang 2004, Solving large scale linear prediction problems using stochastic gradient descent algorithms,
    ICML. As scikit-learn's loss="modified_huber".
    """

    prediction, target = Real(), Signs()
    tasks = ("binary",)
    facts = Facts(convex=True, smooth=1, gradient_bound=4.0, non_negative=True, proper=True)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return _rounded_hinge(xp, target * prediction, 2.0)


@dataclass(frozen=True, kw_only=True)
class SmoothHinge(ElementwiseLoss):
    """Hinge loss with its corner rounded: ℓ = (1 − t·z)² / 2γ within γ below the margin 1, then 1 − γ/2 − t·z.

    Shapes: prediction and target alike, any; targets −1 or +1. Range: [0, ∞). gamma γ > 0 is the width of the rounding:
    towards 0 it is Hinge. For solvers that need a gradient without jumps.
    Source: Shalev-Shwartz & Zhang 2013, Stochastic dual coordinate ascent methods for regularized loss minimization,
    JMLR 14; γ = 1: Rennie & Srebro 2005, Loss functions for preference levels, IJCAI workshop. gamma=2 is
    optax.losses.sparsemax_loss (labels 0 and 1 there).
    """

    gamma: float = 1.0

    prediction, target = Real(), Signs()
    tasks = ("binary",)
    facts = Facts(convex=True, smooth=1, gradient_bound=1.0, non_negative=True)

    def __post_init__(self) -> None:
        positive(gamma=self.gamma)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return _rounded_hinge(xp, target * prediction, self.gamma) / (2 * self.gamma)


def _rounded_hinge(xp: Any, margin: Array, width: float) -> Array:
    """h² for h = max(0, 1 − margin) up to the width, then its tangent; without the overflow of h²."""
    h = xp.relu(1 - margin)
    inner = xp.minimum(h, width)
    return inner * (2 * h - inner)


@dataclass(frozen=True, kw_only=True)
class Ramp(ElementwiseLoss):
    """Hinge loss cut off: ℓ = min(1 − s, max(0, 1 − t·z)), targets −1 or +1.

    Shapes: prediction and target alike, any. Range: [0, 1 − s]. s < 1 is the score t·z at which the loss stops growing:
    what is more wrong than that no longer pulls. Not convex, and without gradient for a start that is far wrong: begin
    with Hinge where labels are noisy. The derivatives at both kinks are 0.
    Source: Collobert, Sinz, Weston & Bottou 2006, Trading convexity for scalability, ICML.
    """

    s: float = 0.0

    prediction, target = Real(), Signs()
    tasks = ("binary",)
    aliases = ("TruncatedHinge",)
    facts = Facts(convex=False, smooth=0, gradient_bound=1.0, non_negative=True)

    def __post_init__(self) -> None:
        if not -math.inf < self.s < 1:
            raise ValueError(f"s: expected a finite number < 1, got {self.s}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        distance = 1 - target * prediction
        height = 1 - self.s
        return xp.where(distance >= height, height, xp.relu(distance))


@dataclass(frozen=True, kw_only=True)
class Savage(ElementwiseLoss):
    """Savage loss: ℓ = 1 / (1 + exp(t·z))² = (1 − p)², p = σ(t·z) the probability given to the label; targets −1 or +1.

    Shapes: prediction and target alike, any. Range: (0, 1). The Brier score of a logit: bounded, so that outliers and
    wrong labels hardly pull, nor does a start that is far wrong. z is the log odds; in the paper it is half of that,
    ℓ = 1 / (1 + exp(2·t·z))².
    Source: Masnadi-Shirazi & Vasconcelos 2008, On the design of loss functions for classification, NIPS 21.
    """

    prediction, target = Real(), Signs()
    tasks = ("binary",)
    facts = Facts(convex=False, smooth=2, gradient_bound=8 / 27, non_negative=True, proper=True)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return xp.square(xp.sigmoid(-target * prediction))


@dataclass(frozen=True, kw_only=True)
class Tangent(ElementwiseLoss):
    """Tangent loss, which TangentBoost minimises: ℓ = (2 arctan(t·z) − 1)², targets −1 or +1.

    Shapes: prediction and target alike, any. Range: [0, (π + 1)²). Bounded on both sides: outliers and wrong labels
    hardly pull, nor does a start that is far wrong, and what is right by more than t·z = tan ½ costs, too: up to
    (π − 1)², so that scores do not run away. A score between −tan ½ and tan ½ says a probability: p = ½ + arctan z.
    Source: Masnadi-Shirazi, Mahadevan & Vasconcelos 2010, On the design of robust classifiers for computer vision,
    CVPR.
    """

    prediction, target = Real(), Signs()
    tasks = ("binary",)
    facts = Facts(convex=False, smooth=2, gradient_bound=STEEPEST_TANGENT, non_negative=True, proper=True)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return xp.square(2 * xp.arctan(target * prediction) - 1)


@dataclass(frozen=True, kw_only=True)
class Unhinged(ElementwiseLoss):
    """Hinge loss that is not cut off at 0: ℓ = 1 − t·z, targets −1 or +1.

    Shapes: prediction and target alike, any. Range: (−∞, ∞): without a penalty on the weights it falls for ever. With
    one, labels that are flipped at random do not change which model is best.
    Source: van Rooyen, Menon & Williamson 2015, arXiv:1505.07634.
    """

    prediction, target = Real(), Signs()
    tasks = ("binary",)
    facts = Facts(convex=True, smooth=2, gradient_bound=1.0, non_negative=False)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return 1 - target * prediction


@dataclass(frozen=True, kw_only=True)
class CrammerSinger(ClasswiseLoss):
    """Multi-class hinge of Crammer and Singer: ℓ = max(0, m + maxⱼ≠y zⱼ − z_y).

    Shapes: prediction (…, C) scores, C ≥ 2; target (…) class indices; values (…). Range: [0, ∞). margin m ≥ 0; 0 is the
    multi-class perceptron's loss, which does not move from scores that are all alike: the derivative at the kink is 0.
    Only the strongest rival pulls; equal rivals share the pull.
    Source: Crammer & Singer 2001, JMLR 2:265–292. As keras.losses.CategoricalHinge,
    optax.losses.multiclass_hinge_loss; margin=0 as optax.losses.multiclass_perceptron_loss.
    """

    margin: float = 1.0

    target = Labels(soft=False)
    tasks = ("multiclass",)
    aliases = ("MulticlassHinge", "CategoricalHinge")
    facts = Facts(
        convex=True,
        smooth=0,
        gradient_bound=lambda loss: math.sqrt(2) * max(loss.class_weight or (1.0,)),
        non_negative=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(margin=self.margin)
        if self.input != "logits":
            raise ValueError(f"input: a margin is between scores, got input={self.input!r}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        own = xp.one_hot(target, xp.shape(prediction)[-1]) > 0
        rival = xp.max(xp.where(own, xp.full_like(prediction, -math.inf), prediction), axis=-1)
        value = xp.relu(self.margin + (rival - self.chosen(xp, prediction, target)))
        return self.mixed(xp, value, target)


@dataclass(frozen=True, kw_only=True)
class WestonWatkins(ClasswiseLoss):
    """Multi-class hinge of Weston and Watkins, the mean over classes: ℓ = Σⱼ≠y max(0, m + zⱼ − z_y)^p / C.

    Shapes: prediction (…, C) scores; target (…) class indices; values (…). Range: [0, ∞). margin m > 0; power p is 1 or
    2. Every rival within the margin pulls, where CrammerSinger has only the strongest. The derivative at a kink is 0.
    Source: Weston & Watkins 1999, Support vector machines for multi-class pattern recognition, ESANN (the sum, not the
    mean). As torch.nn.MultiMarginLoss, whose mean divides by N where losskit's divides by the sum of class weights.
    """

    margin: float = 1.0
    power: Literal[1, 2] = 1

    target = Labels(soft=False)
    tasks = ("multiclass",)
    aliases = ("MultiMargin",)
    facts = Facts(
        convex=True,
        smooth=lambda loss: loss.power - 1,
        # With power 1 it is √((C − 1) / C) times the largest weight, for C classes, which a loss does not know.
        gradient_bound=lambda loss: math.inf if loss.power == 2 and any(loss.class_weight or (1.0,)) else None,
        non_negative=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(margin=self.margin)
        if self.power not in (1, 2):
            raise ValueError(f"power: expected 1 or 2, got {self.power}")
        if self.input != "logits":
            raise ValueError(f"input: a margin is between scores, got input={self.input!r}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        classes = xp.shape(prediction)[-1]
        own = xp.one_hot(target, classes) > 0
        lead = prediction - xp.expand_dims(self.chosen(xp, prediction, target), axis=-1)
        hinges = xp.where(own, 0.0, xp.relu(self.margin + lead))
        return self.mixed(xp, xp.sum(xp.power(hinges, self.power), axis=-1) / classes, target)

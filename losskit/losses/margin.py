"""Classification by margin: scores against labels −1 and +1, or one score above all others."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Labels, Real, Signs
from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.core.kinds import ClasswiseLoss, ElementwiseLoss

__all__ = ["CrammerSinger", "Exponential", "Hinge", "SoftMargin", "SquaredHinge"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class Hinge(ElementwiseLoss):
    """Hinge loss: ℓ = max(0, m − t·z), targets −1 or +1.

    Shapes: prediction and target alike, any. Range: [0, ∞). margin m > 0. The derivative at the kink t·z = m is 0.
    Source: Cortes & Vapnik 1995, doi:10.1007/BF00994018. As keras.losses.Hinge (which also takes labels 0 and 1),
    optax.hinge_loss, scikit-learn's loss="hinge".
    """

    margin: float = 1.0

    prediction, target = Real(), Signs()
    tasks = ("binary",)
    facts = Facts(convex=True, smooth=0, gradient_bound=1.0, non_negative=True)

    def __post_init__(self) -> None:
        positive(margin=self.margin)

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
class CrammerSinger(ClasswiseLoss):
    """Multi-class hinge of Crammer and Singer: ℓ = max(0, m + maxⱼ≠y zⱼ − z_y).

    Shapes: prediction (…, C) scores, C ≥ 2; target (…) class indices; values (…). Range: [0, ∞). margin m > 0.
    Only the strongest rival pulls; equal rivals share the pull.
    Source: Crammer & Singer 2001, JMLR 2:265–292. As keras.losses.CategoricalHinge, optax.multiclass_hinge_loss.
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
        positive(margin=self.margin)
        if self.input != "logits":
            raise ValueError(f"input: a margin is between scores, got input={self.input!r}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        own = xp.one_hot(target, xp.shape(prediction)[-1]) > 0
        rival = xp.max(xp.where(own, xp.full_like(prediction, -math.inf), prediction), axis=-1)
        value = xp.relu(self.margin + (rival - self.chosen(xp, prediction, target)))
        return self.mixed(xp, value, target)

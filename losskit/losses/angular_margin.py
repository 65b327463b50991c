"""Classification by angle: a margin on the cosine between an embedding and its own class's vector."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Cosines, Domain, Labels
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, positive
from losskit.core.kinds import ClasswiseLoss
from losskit.losses.classification import Focal
from losskit.losses.similarity import direction

__all__ = ["AdditiveAngularMargin", "AngularSoftmax", "FocalCosine", "LargeMarginCosine"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class CosineMarginLoss(ClasswiseLoss):
    """The base: CrossEntropy(s · z, y), z the cosines of which the own class's is lowered to ψ(cos θ_y).

    prediction: the cosines of an embedding with each class's vector, unit vectors of both multiplied:
    `normalize(embeddings) @ normalize(class_vectors).T`. Predict with their argmax. scale s > 0: a softmax of numbers
    in [−1, 1] can not become sure. Several vectors for a class (sub-centres): the largest cosine of them.
    """

    scale: float = 64.0

    target = Labels(soft=False)
    tasks = ("metric",)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return Cosines()

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(scale=self.scale)
        if self.input != "logits":
            raise ValueError(f"input: a margin is between cosines, got input={self.input!r}")

    def cross_entropy(self, xp: Any, cosines: Array, lowered: Array, target: Array) -> Array:
        """CrossEntropy of s times the cosines, the own class's replaced by ψ of it."""
        own = xp.one_hot(target, xp.shape(cosines)[-1]) > 0
        scores = self.scale * xp.where(own, lowered, cosines)
        return self.mixed(xp, -self.log_chosen(xp, scores, target), target)


def steepest(loss: Any, slope: float) -> float | None:
    """The largest gradient, where the own cosine counts `slope` times; it is reached where p_y can come near 0."""
    return loss.scale * math.hypot(1.0, slope) * max(loss.class_weight or (1.0,)) if loss.scale >= 4 else None


@dataclass(frozen=True, kw_only=True)
class AdditiveAngularMargin(CosineMarginLoss):
    """Additive angular margin (ArcFace): ℓ = CrossEntropy(s · z, y), z_k = cos θ_k, but z_y = cos(θ_y + m).

    Shapes: prediction (…, C) cosines (unit embeddings times unit class vectors); target (…) class indices; values (…).
    Unit: nats. Range: [0, ∞). margin m in (0, π), in radians; scale s > 0. Beyond θ_y = π − m, where the cosine would
    rise again, z_y = cos θ_y − m sin m, which falls on. By the cosine the gradient grows as 1 / sin θ_y without bound;
    by the embedding it does not; at cos θ_y = ±1 that part is taken as 0. Predict with argmax cos θ. The margin of
    cosines, LargeMarginCosine, is easier to train.
    Source: Deng et al. 2019, arXiv:1801.07698. As pytorch-metric-learning's ArcFaceLoss (which holds the class
    vectors); insightface's present code leaves out the branch beyond π − m.
    """

    margin: float = 0.5

    aliases = ("ArcFace", "AAMSoftmax")
    facts = Facts(convex=False, gradient_bound=math.inf, non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.margin < math.pi:
            raise ValueError(f"margin: expected an angle in radians between 0 and pi, got {self.margin}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        squared = (1 - prediction) * (1 + prediction)  # 1 − c² would lose the digits that 1 − c has
        flat = squared <= 0  # also where the product of two unit vectors was rounded to a number beyond 1
        sine = xp.where(flat, 0.0, xp.sqrt(xp.where(flat, 1.0, squared)))
        turned = prediction * math.cos(self.margin) - sine * math.sin(self.margin)
        beyond = prediction - self.margin * math.sin(self.margin)
        lowered = xp.where(prediction > -math.cos(self.margin), turned, beyond)
        return self.cross_entropy(xp, prediction, lowered, target)


@dataclass(frozen=True, kw_only=True)
class LargeMarginCosine(CosineMarginLoss):
    """Large margin cosine loss (CosFace): ℓ = CrossEntropy(s · z, y), z_k = cos θ_k, but z_y = cos θ_y − m.

    Shapes: prediction (…, C) cosines (unit embeddings times unit class vectors); target (…) class indices; values (…).
    Unit: nats. Range: [0, ∞). margin m ≥ 0 (0 is the normalised softmax); scale s > 0. Predict with argmax cos θ. A
    margin for each class, the larger the rarer: LabelDistributionAwareMargin.
    Source: Wang et al. 2018, arXiv:1801.09414; Wang et al. 2018, arXiv:1801.05599 (AM-Softmax). As
    pytorch-metric-learning's CosFaceLoss (which holds the class vectors).
    """

    margin: float = 0.35

    aliases = ("CosFace", "AMSoftmax", "NormalizedSoftmax")
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=lambda loss: steepest(loss, 1.0),
        non_negative=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(margin=self.margin)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return self.cross_entropy(xp, prediction, prediction - self.margin, target)


@dataclass(frozen=True, kw_only=True)
class AngularSoftmax(CosineMarginLoss):
    """Angular softmax (SphereFace): ℓ = CrossEntropy(s · z, y), z_k = cos θ_k, but z_y = (−1)ʲ cos(m θ_y) − 2j.

    j is the number of whole turns of π in m θ_y, so that z_y falls all the way from 1 at θ_y = 0 to 1 − 2m at π.
    Shapes: prediction (…, C) cosines (unit embeddings times unit class vectors); target (…) class indices; values (…).
    Unit: nats. Range: [0, ∞). margin m: a whole number ≥ 1 (1 is the normalised softmax); scale s > 0, for which the
    paper and pytorch-metric-learning's SphereFaceLoss have the embedding's length. Predict with argmax cos θ. Hard to
    train from the start, for which the paper mixes ψ with the bare cosine; AdditiveAngularMargin is not.
    cos(m θ) is computed as Chebyshev's polynomial of the cosine: without an angle, and with finite derivatives.
    Source: Liu et al. 2017, arXiv:1704.08063.
    """

    margin: int = 4
    scale: float = 30.0

    aliases = ("SphereFace", "ASoftmax")
    facts = Facts(
        convex=lambda loss: loss.margin == 1,
        smooth=lambda loss: 2 if loss.margin == 1 else 1,
        gradient_bound=lambda loss: steepest(loss, loss.margin**2),
        non_negative=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.margin != int(self.margin) or self.margin < 1:
            raise ValueError(f"margin: expected a whole number >= 1, got {self.margin}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        before, polynomial = xp.ones_like(prediction), prediction
        for _ in range(int(self.margin) - 1):
            before, polynomial = polynomial, prediction * polynomial * 2 - before
        lowered = polynomial
        for j in range(1, int(self.margin)):
            beyond = prediction < math.cos(j * math.pi / self.margin)
            lowered = xp.where(beyond, (polynomial if j % 2 == 0 else -polynomial) - 2 * j, lowered)
        return self.cross_entropy(xp, prediction, lowered, target)


@dataclass(frozen=True, kw_only=True)
class FocalCosine(ClasswiseLoss):
    """Cosine loss of a row of scores and its class, with a focal part: ℓ = 1 − u_y + λ (1 − p_y)^γ (−log p_y).

    u = z/‖z‖ is the direction of the scores, u_y its cosine with the one-hot target, p = softmax(u). Shapes: prediction
    (…, C) scores; target (…) class indices; values (…). Range: [0, 2 + λ(2 + log C)). focal λ ≥ 0: 0 is the cosine
    loss, for small data sets, without pre-training; gamma γ ≥ 0: 0 makes the second part CrossEntropy. The length of
    the scores is free: there is no overconfidence to learn, and p says no probability, as its logits lie in [−1, 1].
    At z = 0 there is no direction: the gradient is 0. Elsewhere it grows as 1/‖z‖.
    Source: Barz & Denzler 2019, arXiv:1901.09054; focal: Kim et al. 2020, arXiv:2007.07805. As pytorch_toolbelt's
    FocalCosineLoss, whose xent is λ.
    """

    focal: float = 0.1
    gamma: float = 2.0

    target = Labels(soft=False)
    tasks = ("multiclass",)
    aliases = ("CosineClassification",)
    facts = Facts(convex=False, gradient_bound=math.inf, non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(focal=self.focal, gamma=self.gamma)
        if self.input != "logits":
            raise ValueError(f"input: only logits have a direction, got input={self.input!r}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        unit, _ = direction(xp, prediction)
        cosine, own = self.chosen(xp, unit, target), xp.one_hot(target, xp.shape(unit)[-1]) > 0
        # 1 − u_y as what the other entries leave of the length 1: nothing cancels where the two almost agree.
        ahead = cosine > 0
        rest = xp.sum(xp.where(own, 0.0, xp.square(unit)), axis=-1)
        away = xp.where(ahead, rest / (1 + xp.where(ahead, cosine, 0.0)), 1 - cosine)
        focal = Focal(gamma=self.gamma).formula(xp, unit, target)
        return self.mixed(xp, away + self.focal * focal, target)

"""Segmentation by the distance to the true boundary, and to the predicted one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Domain, NonNegative, Probability, Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of, positive
from losskit.core.kinds import ElementwiseLoss

__all__ = ["Boundary", "HausdorffDistanceTransform"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class Boundary(ElementwiseLoss):
    """Boundary loss: ℓ = φ p, with φ the signed distance to the true boundary, below 0 inside of the object.

    Shapes: prediction and target alike, any (pixels); target is φ, made once from the true mask: scipy's
    distance_transform_edt of the background less that of the object. Unit: that of φ. Range: (−∞, ∞), with the least
    sum for the true mask. p = sigmoid of the prediction, or the prediction itself for input="probabilities" (a softmax,
    against one distance map for each class). Counts pixels by how far off they are, where Dice and cross-entropy count
    them alike; alone it may end in an empty mask: add a Dice, as Dice() + w * Boundary() with w growing from 0.01.
    Source: Kervadec et al. 2019, arXiv:1812.07032.
    """

    input: Literal["logits", "probabilities"] = "logits"

    target = Real()
    tasks = ("segmentation",)
    facts = Facts(
        convex=lambda loss: loss.input == "probabilities",
        smooth=2,
        gradient_bound=float("inf"),
        non_negative=False,
    )

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return Real() if self.input == "logits" else Probability()

    def __post_init__(self) -> None:
        one_of(("logits", "probabilities"), input=self.input)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return target * (xp.sigmoid(prediction) if self.input == "logits" else prediction)


@dataclass(frozen=True, kw_only=True)
class HausdorffDistanceTransform(ElementwiseLoss):
    """Hausdorff loss by distance transforms: ℓ = (p − t)² (d_p^α + d_t^α), d distances of a pixel to the boundaries.

    A stand-in for the largest distance between the predicted and the true boundary: an error counts by how far it lies
    from both. Shapes: prediction, target in [0, 1] (the mask), prediction_distance d_p ≥ 0 and target_distance d_t ≥ 0
    alike, any (pixels). Of a mask d is `scipy.ndimage.distance_transform_edt(mask) + distance_transform_edt(1 - mask)`,
    that of the prediction's mask (p > ½) made anew in each step; neither gets a gradient. Unit: the distances', to the
    power α. Range: [0, ∞). alpha α > 0; the paper takes 2. p = sigmoid of the prediction, or the prediction itself for
    input="probabilities". Beside a Dice, which alone knows of overlap. Exact while powers of distances fit the dtype.
    Source: Karimi & Salcudean 2019, arXiv:1904.10030 (equation 8). As monai.losses.HausdorffDTLoss, which makes the
    distances itself.
    """

    alpha: float = 2.0
    input: Literal["logits", "probabilities"] = "logits"

    target, prediction_distance, target_distance = Probability(), NonNegative(), NonNegative()
    tasks = ("segmentation",)
    aliases = ("HausdorffDT",)
    facts = Facts(
        convex=lambda loss: loss.input == "probabilities",
        smooth=2,
        gradient_bound=float("inf"),
        non_negative=True,
        zero_at_target=lambda loss: True if loss.input == "probabilities" else None,
        symmetric=lambda loss: True if loss.input == "probabilities" else None,
        minimiser="probability",
    )

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return Real() if self.input == "logits" else Probability()

    def __post_init__(self) -> None:
        positive(alpha=self.alpha)
        one_of(("logits", "probabilities"), input=self.input)

    def formula(
        self, xp: Any, prediction: Array, target: Array, prediction_distance: Array, target_distance: Array
    ) -> Array:
        if self.input == "logits":
            # p − t without 1 − p: nothing cancels where t is 0 or 1.
            apart = (1 - target) * xp.sigmoid(prediction) - target * xp.sigmoid(-prediction)
        else:
            apart = prediction - target
        reach = xp.power(prediction_distance, self.alpha) + xp.power(target_distance, self.alpha)
        return xp.square(apart) * reach

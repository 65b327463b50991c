"""Segmentation by the distance to the true boundary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Domain, Probability, Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of
from losskit.core.kinds import ElementwiseLoss

__all__ = ["Boundary"]

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

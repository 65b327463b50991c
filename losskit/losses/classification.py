"""Classification by probability: cross-entropies and what is built on them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.facts import Facts
from losskit.core.kinds import ClasswiseLoss

__all__ = ["CrossEntropy"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class CrossEntropy(ClasswiseLoss):
    """Softmax cross-entropy: ℓ = −Σₖ qₖ log softmax(z)ₖ, with q the target smoothed: (1 − s)·t + s/C.

    Shapes: prediction (…, C); target (…) class indices or (…, C) probabilities; values (…). Unit: nats.
    Range: [0, ∞). label_smoothing s in [0, 1). class_weight multiplies each class's part; the divisor of a mean is the
    weight of the (unsmoothed) target, whether it comes as index or as probabilities.
    Source: Bridle 1990, doi:10.1007/978-3-642-76153-9_28; label smoothing: Szegedy et al. 2015, arXiv:1512.00567.
    As torch.nn.CrossEntropyLoss (which divides by N for probability targets), keras.losses.CategoricalCrossentropy and
    SparseCategoricalCrossentropy (from_logits=True), optax.softmax_cross_entropy.
    """

    label_smoothing: float = 0.0

    tasks = ("multiclass",)
    aliases = ("CE", "SoftmaxCrossEntropy", "CategoricalCrossEntropy")
    facts = Facts(
        convex=lambda loss: loss.input == "logits",
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        gradient_bound=lambda loss: (
            math.sqrt(2) * max(loss.class_weight or (1.0,)) if loss.input == "logits" else math.inf
        ),
        non_negative=True,
        proper=lambda loss: loss.label_smoothing == 0 and loss.class_weight is None,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.label_smoothing < 1:
            raise ValueError(f"label_smoothing: expected a number in [0, 1), got {self.label_smoothing}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        surprise = -self.log_probabilities(xp, prediction)
        weights = self.weights(xp, surprise)
        if weights is not None:
            surprise = weights * surprise
        value = self.expected(xp, surprise, target)
        if self.label_smoothing:
            value = (1 - self.label_smoothing) * value + self.label_smoothing * xp.mean(surprise, axis=-1)
        return value

"""Ordered classes by labels that are softened to one peak: binomial and geometric shares of the neighbours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.facts import Facts
from losskit.core.hyperparameters import fraction, one_of
from losskit.losses.ordinal import OrdinalClasses

__all__ = ["UnimodalCrossEntropy"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class UnimodalCrossEntropy(OrdinalClasses):
    """Cross-entropy with unimodal labels: ℓ = −Σₖ ((1 − η)·onehot(y)ₖ + η qₖ) log pₖ, q with its peak at y.

    distribution: "binomial" is that of C − 1 trials with the chance 0.1 + 0.8 y/(C − 1) each: wide, and from 10 classes
    on with its peak beside the lowest and the highest class; "geometric" leaves 1 − α to the class and shares out α by
    α^|k − y|. Exponential labels are SoftOrdinalCrossEntropy's. alpha α in (0, 1) is for the geometric ones. share η in
    (0, 1]: how much of the label is softened. Shapes: prediction (…, C), C ≥ 2; target (…) class indices; values (…).
    Unit: nats. Range: at least the entropy of the label. The network learns the softened labels: its probabilities are
    wider than the truth.
    Source: Liu et al. 2020, doi:10.1016/j.neucom.2020.01.025 ("binomial"); Haas & Hüllermeier 2023, Rectifying bias in
    ordinal observational data using unimodal label smoothing, ECML PKDD ("geometric"). As dlordinal's
    BinomialCrossEntropyLoss and GeometricCrossEntropyLoss.
    """

    distribution: Literal["binomial", "geometric"] = "binomial"
    alpha: float = 0.1
    share: float = 1.0

    aliases = ("BinomialCrossEntropy", "UnimodalLabelSmoothing")
    facts = Facts(convex=True, smooth=lambda loss: 2 if loss.input == "logits" else None, non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(("binomial", "geometric"), distribution=self.distribution)
        fraction(alpha=self.alpha)
        if not 0 < self.share <= 1:
            raise ValueError(f"share: expected a number in (0, 1], got {self.share}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        softened = self.binomial if self.distribution == "binomial" else self.geometric
        own = xp.one_hot(target, xp.shape(prediction)[-1], prediction)
        label = (1 - self.share) * own + self.share * softened(xp, prediction, target)
        # Where a softened label underflows to 0 it is no claim: 0 · (−∞) must reach neither value nor derivative.
        none = label == 0
        if self.input == "probabilities":
            log_p = xp.log(xp.where(none, 0.5, prediction))
        else:
            log_p = xp.where(none, -1.0, self.log_probabilities(xp, prediction))
        return self.mixed(xp, -xp.sum(label * log_p, axis=-1), target)

    def binomial(self, xp: Any, prediction: Array, target: Array) -> Array:
        """The binomial probability of each class, by its logarithm: powers and binomials do not overflow."""
        last = xp.shape(prediction)[-1] - 1
        ways = [math.lgamma(last + 1) - math.lgamma(k + 1) - math.lgamma(last - k + 1) for k in range(last + 1)]
        classes = xp.cast(xp.arange(last + 1, like=prediction), prediction)
        # As far from the lowest class as from the highest, so that the two ends are alike.
        from_low, from_high = (xp.expand_dims(xp.cast(each, prediction), -1) for each in (target, last - target))
        hit, miss = (0.1 + 0.8 / max(last, 1) * each for each in (from_low, from_high))
        log_share = classes * xp.log(hit) + (last - classes) * xp.log(miss)
        return xp.exp(xp.asarray(ways, like=prediction) + log_share)

    def geometric(self, xp: Any, prediction: Array, target: Array) -> Array:
        """1 − α for the class, α shared out among the others."""
        distances = self.distances(xp, prediction, target)
        own = distances == 0
        powers = xp.where(own, 0.0, xp.exp(math.log(self.alpha) * (distances - 1)))
        return xp.where(own, 1 - self.alpha, self.alpha * (powers / xp.sum(powers, axis=-1, keepdims=True)))

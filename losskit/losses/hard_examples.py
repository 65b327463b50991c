"""The hardest examples of a batch, and nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Domain, Labels
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of
from losskit.core.kinds import SCORE_DOMAINS, BatchwiseLoss, ScoreInput
from losskit.losses.classification import CrossEntropy

__all__ = ["HardExampleCrossEntropy"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class HardExampleCrossEntropy(BatchwiseLoss):
    """Online hard example mining (OHEM): the mean cross-entropy of the hardest share k of a batch (top-k).

    Shapes: prediction (N, …, C); target (N, …) class indices or (N, …, C) probabilities; values (N, …): n/K times the
    cross-entropy of the K = ⌊kn⌋ hardest (at least one) of all n entries, pixels included, 0 of the others; their mean
    is the loss. Unit: nats. Range: [0, ∞). share k in (0, 1]: 1 is CrossEntropy. Which are the hardest is constant for
    the derivatives; of equal ones the first are. ignore_index: class indices equal to it are left out, as if masked.
    For detection and segmentation, where most entries are easy and soon say nothing; wrong labels are the hardest of
    all, so not for noisy ones. Weights count in the mean, not in what is hard.
    Source: Shrivastava, Gupta & Girshick 2016, arXiv:1604.03540. As nnU-Net's TopKLoss, whose k is in percent; MMSeg's
    OHEMPixelSampler takes what is below a probability instead.
    """

    share: float = 0.25
    input: ScoreInput = "logits"
    ignore_index: int | None = None

    target = Labels()
    tasks = ("multiclass", "segmentation", "imbalance")
    aliases = ("OHEM", "TopKCrossEntropy", "OnlineHardExampleMining")
    facts = Facts(non_negative=True, cost="n log n")

    def __post_init__(self) -> None:
        one_of(tuple(SCORE_DOMAINS), input=self.input)
        if not 0 < self.share <= 1:
            raise ValueError(f"share: expected a number in (0, 1], got {self.share}")

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return SCORE_DOMAINS[self.input]

    def kept(self, xp: Any, *inputs: Array) -> Array | None:
        target = inputs[1]
        return None if self.ignore_index is None or xp.is_floating(target) else target != self.ignore_index

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        values = CrossEntropy(input=self.input).formula(xp, prediction, target)
        hardness = xp.stop_gradient(values if keep is None else xp.where(keep, values, -math.inf))
        flat = xp.reshape(hardness, (-1,))
        count = xp.sum(xp.ones_like(values) if keep is None else xp.cast(keep, values))
        chosen, hardest = highest(xp, flat, self.share, count)
        chosen = xp.reshape(chosen, (-1, *xp.shape(values)[1:]))
        return xp.where(chosen, (count / hardest) * values, 0.0)


def highest(xp: Any, x: Array, share: float, count: Array) -> tuple[Array, Array]:
    """Which entries of the last axis are the highest share of a count, at least one, and how many those are.

    Of equal ones the first are. What is not to be counted holds −∞.
    """
    taken = xp.maximum(xp.floor(share * count + 1e-4), 1.0)  # 0.07 · 100 is 7
    return xp.cast(xp.argsort(xp.argsort(-x)), x) < taken, taken

"""Sparse classification: losses whose predicted probabilities can be exactly 0."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.facts import Facts
from losskit.core.kinds import ClasswiseLoss

__all__ = ["Entmax15", "Sparsemax"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class FenchelYoung(ClasswiseLoss):
    """The base: ℓ = Ω*(z) + Ω(t) − ⟨z, t⟩, for a convex Ω; the prediction is the p that maximises ⟨z, p⟩ − Ω(p).

    Its gradient is p − t. Computed as a sum of what is never negative: how far p is from t as Ω measures it, and for
    each class with p = 0 its share in the target times what its score lacks to get a probability.
    """

    tasks = ("multiclass",)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.input != "logits":
            raise ValueError(f"input: {type(self).__name__} maps scores to probabilities, got input={self.input!r}")

    def rows(self, xp: Any, prediction: Array, target: Array) -> Array:
        """The target as rows of probabilities."""
        return target if xp.is_floating(target) else xp.one_hot(target, xp.shape(prediction)[-1], prediction)


def _steepest(loss: FenchelYoung) -> float:
    """‖p − t‖ is at most √2: all probability on one wrong class."""
    return math.sqrt(2) * max(loss.class_weight or (1.0,))


def _proper(loss: FenchelYoung) -> bool | None:
    return None if loss.ignore_index is not None else loss.class_weight is None


@dataclass(frozen=True, kw_only=True)
class Sparsemax(FenchelYoung):
    """Sparsemax loss: ℓ = ½‖t − z‖² − ½‖p − z‖², where p is z projected onto the probabilities.

    Shapes: prediction (…, C) scores; target (…) class indices or (…, C) probabilities; values (…). Range: [0, ∞), and
    exactly 0 where the target's class leads by 1. p = max(0, z − τ), with τ such that it sums to 1. For outputs and
    attention in which most classes should get no probability at all. class_weight counts the whole row, by the target.
    Source: Martins & Astudillo 2016, arXiv:1602.02068; Blondel, Martins & Niculae 2019, arXiv:1901.02324. As
    optax.losses.multiclass_sparsemax_loss, tfa.losses.sparsemax_loss, entmax.SparsemaxLoss; of two classes,
    SmoothHinge(gamma=2).
    """

    facts = Facts(convex=True, smooth=1, gradient_bound=_steepest, non_negative=True, proper=_proper)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        t, z = self.rows(xp, prediction, target), _below_top(xp, prediction)
        ordered, ranks = _descending(xp, z)
        inside = _support(xp, z, ordered, 1 + ranks * ordered > xp.cumsum(ordered, axis=-1))
        size = xp.sum(xp.cast(inside, z), axis=-1, keepdims=True)
        threshold = (xp.sum(xp.where(inside, z, 0.0), axis=-1, keepdims=True) - 1) / size
        apart = xp.square(xp.where(inside, z - threshold, 0.0) - t) / 2
        value = xp.sum(apart + t * _lacking(xp, inside, threshold - z, t), axis=-1)
        return self.counted(xp, value, prediction, target)


@dataclass(frozen=True, kw_only=True)
class Entmax15(FenchelYoung):
    """1.5-entmax loss, between cross-entropy and sparsemax: ℓ = Ω*(z) + Ω(t) − ⟨z, t⟩ with Ω(p) = 4/3 Σₖ (pₖ^1.5 − pₖ).

    Shapes: prediction (…, C) scores; target (…) class indices or (…, C) probabilities; values (…). Range: [0, ∞), and
    exactly 0 where the target's class leads by 2. p = max(0, z/2 − τ)², with τ such that it sums to 1. As sparse
    outputs as the data wants, with a curvature that does not jump. class_weight counts the whole row, by the target.
    Source: Peters, Niculae & Martins 2019, arXiv:1905.05702; Blondel, Martins & Niculae 2019, arXiv:1901.02324. As
    entmax.Entmax15Loss.
    """

    aliases = ("Tsallis15",)
    facts = Facts(convex=True, smooth=2, gradient_bound=_steepest, non_negative=True, proper=_proper)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        t, x = self.rows(xp, prediction, target), _below_top(xp, prediction) / 2
        ordered, ranks = _descending(xp, x)
        # What is more than 1 below the top is outside: held at 2 below, so that its square does not overflow.
        ordered = xp.maximum(ordered, -2.0)
        means = xp.cumsum(ordered, axis=-1) / ranks
        spreads = xp.cumsum(xp.square(ordered), axis=-1) - ranks * xp.square(means)
        inside = _support(xp, x, ordered, means - xp.sqrt(xp.relu(1 - spreads) / ranks) <= ordered)
        size = xp.sum(xp.cast(inside, x), axis=-1, keepdims=True)
        mean = xp.sum(xp.where(inside, x, 0.0), axis=-1, keepdims=True) / size
        spread = xp.sum(xp.square(xp.where(inside, x - mean, 0.0)), axis=-1, keepdims=True)
        threshold = mean - xp.sqrt((1 - spread) / size)
        root_p, root_t = xp.where(inside, x - threshold, 0.0), xp.sqrt(t)
        # 2/3 p^1.5 − 2 t √p + 4/3 t^1.5, of which nothing cancels here.
        apart = xp.square(root_p - root_t) * (root_p + 2 * root_t) * (2 / 3)
        value = xp.sum(apart + 2 * t * _lacking(xp, inside, threshold - x, t), axis=-1)
        return self.counted(xp, value, prediction, target)


def _below_top(xp: Any, scores: Array) -> Array:
    """Scores less the largest one, which is a constant for the derivatives: neither p nor the loss depends on it."""
    return scores - xp.stop_gradient(xp.max(scores, axis=-1, keepdims=True))


def _descending(xp: Any, scores: Array) -> tuple[Array, Array]:
    """The scores from the largest down, as constants, and their ranks 1, 2, …"""
    ordered = xp.flip(xp.sort(xp.stop_gradient(scores), axis=-1), axis=-1)
    return ordered, xp.cast(xp.arange(xp.shape(scores)[-1], like=ordered) + 1, ordered)


def _support(xp: Any, scores: Array, ordered: Array, holds: Array) -> Array:
    """Which classes have a probability: down to the lowest for which the condition on its rank holds, ties included."""
    lowest = xp.min(xp.where(holds, ordered, math.inf), axis=-1, keepdims=True)
    return xp.stop_gradient(scores) >= lowest


def _lacking(xp: Any, inside: Array, distance: Array, t: Array) -> Array:
    """How far below the threshold a score is, where the target has a share in it: elsewhere it may be −inf."""
    return xp.where(inside | (t == 0), 0.0, distance)

"""Classification by tempered logarithms and exponentials."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.facts import Facts
from losskit.core.kinds import ClasswiseLoss

__all__ = ["BiTemperedLogistic"]

Array = Any
NEWTON_STEPS = 6  # with the two that follow, enough for 30 000 classes and any t2


@dataclass(frozen=True, kw_only=True)
class BiTemperedLogistic(ClasswiseLoss):
    """Bi-tempered logistic loss: bounded by t1 < 1, and with a heavy-tailed softmax by t2 > 1.

    ℓ = Σₖ tₖ (log₁ tₖ − log₁ pₖ) − (tₖ^(2 − t1) − pₖ^(2 − t1)) / (2 − t1), where log₁ x = (x^(1 − t1) − 1) / (1 − t1),
    pₖ = (1 + (t2 − 1)(λ − zₖ))^(−1 / (t2 − 1)) and λ makes p sum to 1. Shapes: prediction (…, C) logits; target (…)
    class indices or (…, C) probabilities; values (…). Range: [0, 1 / (1 − t1)]. t1 in [0, 1]: below 1 an outlier far
    from its class pulls no more; t2 ≥ 1: above 1 a wrong label near the boundary pulls less. Both 1 are CrossEntropy
    (less the target's entropy). λ is found to the last digit, by Newton's method. class_weight counts the whole row, by
    the target. Predict with the p of the formula: softmax(z) is not it.
    Source: Amid et al. 2019, arXiv:1906.03361. As google/bi-tempered-loss (which takes 5 steps of a fixed point),
    pytorch-toolbelt's BiTemperedLogisticLoss.
    """

    t1: float = 0.8
    t2: float = 1.2

    tasks = ("multiclass",)
    facts = Facts(
        convex=lambda loss: True if loss.t1 == loss.t2 == 1 else None,
        smooth=2,
        non_negative=True,
        proper=lambda loss: None if loss.ignore_index is not None else loss.class_weight is None,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.t1 <= 1:
            raise ValueError(f"t1: expected a number in [0, 1], got {self.t1}")
        if not 1 <= self.t2 < math.inf:
            raise ValueError(f"t2: expected a finite number >= 1, got {self.t2}")
        if self.input != "logits":
            raise ValueError(f"input: the tempered softmax is of logits, got input={self.input!r}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        log_p = xp.log_softmax(prediction) if self.t2 == 1 else _log_tempered_softmax(xp, prediction, self.t2 - 1)
        t = target if xp.is_floating(target) else xp.one_hot(target, xp.shape(prediction)[-1], prediction)
        some = t > 0  # what has no share in the target has no logarithm of it
        log_t = xp.log(xp.where(some, t, 1.0))
        gap = self.log_1(xp, log_t) - self.log_1(xp, xp.where(some, log_p, 0.0))
        # p^b − t^b: less 1 each where both are near it, so that what is left of them has its digits.
        b = 2 - self.t1
        more = xp.where(some, xp.expm1(b * log_p) - xp.expm1(b * log_t), xp.exp(b * log_p))
        return self.counted(xp, xp.sum(t * gap + more / b, axis=-1), prediction, target)

    def log_1(self, xp: Any, log_x: Array) -> Array:
        """(x^(1 − t1) − 1) / (1 − t1), of log x."""
        return xp.expm1((1 - self.t1) * log_x) / (1 - self.t1) if self.t1 < 1 else log_x


def _log_tempered_softmax(xp: Any, logits: Array, c: float) -> Array:
    """log p for p = (1 + d + x)^(−1/c), x how far a logit is below the top, times c, and d ≥ 0 such that p sums to 1.

    The steps are Newton's for (Σp)^(−c) = 1. A power mean of order −1/c is concave, so they come to d from below, and
    as it is nearly straight they are few. The last two see the derivatives of x: one step from the solution has its
    first derivative, two have its second. For the top itself x is 0 and nothing else, and its p is known by 1 − p: both
    keep their digits where p nears 1.
    """
    index = xp.argmax(xp.stop_gradient(logits), axis=-1, keepdims=True)
    is_top = xp.arange(xp.shape(logits)[-1], like=logits) == index
    below = c * xp.where(is_top, 0.0, xp.take_along_axis(logits, index, axis=-1) - logits)
    d = xp.zeros_like(below[..., :1])
    for x in [xp.stop_gradient(below)] * NEWTON_STEPS + [below] * 2:
        log_b = xp.log1p(d + x)
        too_much = xp.sum(xp.where(is_top, xp.expm1(-log_b / c), xp.exp(-log_b / c)), axis=-1, keepdims=True)
        slope = xp.sum(xp.exp(-log_b / c - log_b), axis=-1, keepdims=True)
        d = d + (1 + too_much) * xp.expm1(c * xp.log1p(too_much)) / slope
    return -xp.log1p(d + below) / c

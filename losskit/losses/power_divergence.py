"""Divergences by a power of the ratio of two distributions: Amari's α, Rényi's, χ²."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.losses.divergence import Divergence, KLDivergence, between_distributions, smooth_in_logits

__all__ = ["AlphaDivergence", "ChiSquared", "RenyiDivergence"]

Array = Any


@dataclass(frozen=True)
class Side:
    """One of the two distributions: its numbers, their logarithms (0 for those of 0), and which of them are 0."""

    numbers: Array
    logarithms: Array
    absent: Array


@dataclass(frozen=True, kw_only=True)
class PowerDivergence(Divergence):
    """The base: divergences that are made of the sum Σₖ tₖ^α pₖ^(1−α)."""

    def sides(self, xp: Any, prediction: Array, target: Array) -> tuple[Side, Side, Array]:
        """Prediction, target and log p − log t, 0 where one of them is 0: what is infinite reaches no derivative."""
        no_p, no_t = self.absent(xp, prediction), target == 0
        if self.input == "probabilities":
            log_p = xp.log(xp.where(no_p, 1.0, prediction))
        else:
            log_p = xp.where(no_p, 0.0, self.log_probabilities(xp, prediction))
        log_t = xp.log(xp.where(no_t, 1.0, target))
        ratio = xp.where(no_p | no_t, 0.0, self.log_ratio(xp, prediction, target))
        return Side(self.probabilities(xp, prediction), log_p, no_p), Side(target, log_t, no_t), ratio


def amari(xp: Any, p: Side, t: Side, ratio: Array, alpha: float) -> Array:
    """(t^α p^(1−α) − αt − (1−α)p) / α(α−1) of each class, never negative; its limit where α is 0 or 1."""
    # D_α(t ‖ p) is D_{1−α}(p ‖ t): of the two the one in whose terms less cancels.
    return _relative(xp, 1 - alpha, t, p, ratio) if alpha >= 0.5 else _relative(xp, alpha, p, t, -ratio)


def _relative(xp: Any, c: float, base: Side, other: Side, y: Array) -> Array:
    """(c·other + (1 − c)·base − other^c base^(1−c)) / c(1 − c) for c ≤ ½, with y = log(other/base).

    With R(y) = eʸ − 1 − y it is base·(c·R(y) − R(cy)) / c(1 − c): for c < 0 nothing cancels, and near y = 0 little.
    """
    b = base.numbers
    far = y > 1  # there eʸ may overflow, and the base underflow: base·eʸ is the other
    tail, tip = xp.where(far, y, 1.0), xp.where(far, 0.0, y)
    value = xp.where(far, other.numbers - b * (1 + tail), b * xp.exp_remainder(tip))
    if c != 0:
        far = c * y > 1
        tail, tip = xp.where(far, y, 0.0), xp.where(far, 0.0, y)
        power = xp.exp(xp.where(far, (1 - c) * base.logarithms + c * other.logarithms, 0.0))
        value = (c * value - xp.where(far, power - b * (1 + c * tail), b * xp.exp_remainder(c * tip))) / (c * (1 - c))
    if c > 0:  # far below 0 the linear parts of R would cancel
        below = y < -1
        tail = xp.where(below, y, -1.0)
        value = xp.where(below, b * ((c * xp.expm1(tail) - xp.expm1(c * tail)) / (c * (1 - c))), value)
    value = xp.where(other.absent, b / c if c > 0 else math.inf, value)
    return xp.where(base.absent, other.numbers / (1 - c), value)


@dataclass(frozen=True, kw_only=True)
class AlphaDivergence(PowerDivergence):
    """Amari's α-divergence: ℓ = (Σₖ tₖ^α pₖ^(1−α) − 1) / α(α − 1), a family from KL one way to KL the other.

    alpha α, any finite number: 1 is KLDivergence and 0 ReverseKLDivergence, the limits; ½ is 4 times Hellinger, 2 half
    of ChiSquared, −1 half of ChiSquared(reverse=True). A large α asks the prediction to cover the target, a small one
    to have nothing where the target has nothing. Shapes: prediction (…, C), target (…, C) probabilities; values (…).
    Unit: none. Range: [0, ∞]; infinite, for α ≥ 1, where the target has what the prediction has not, and for α ≤ 0
    where it is the other way round; for α between at most 1 / α(1 − α). Of rows that do not sum to 1 it is
    Σₖ (tₖ^α pₖ^(1−α) − αtₖ − (1 − α)pₖ) / α(α − 1), as in Cichocki & Amari. Exact while the powers fit the dtype: with
    α = 2, of logits that differ by 80 at most in float32.
    Source: Amari 1985, Differential-Geometrical Methods in Statistics (whose α is 1 − 2α or 2α − 1 here); Cichocki &
    Amari 2010, doi:10.3390/e12061532, with this α.
    """

    alpha: float = 0.5

    aliases = ("AmariAlpha", "AmariAlphaDivergence")
    facts = Facts(
        convex=between_distributions,
        smooth=smooth_in_logits,
        non_negative=True,
        zero_at_target=between_distributions,
        symmetric=lambda loss: (loss.alpha == 0.5) if loss.input == "probabilities" else None,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not -math.inf < self.alpha < math.inf:
            raise ValueError(f"alpha: expected a finite number, got {self.alpha}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return xp.sum(amari(xp, *self.sides(xp, prediction, target), self.alpha), axis=-1)


@dataclass(frozen=True, kw_only=True)
class ChiSquared(PowerDivergence):
    """χ²-divergence: ℓ = Σₖ (tₖ − pₖ)² / pₖ, Pearson's; with `reverse` Σₖ (pₖ − tₖ)² / tₖ, Neyman's.

    Shapes: prediction (…, C), target (…, C) probabilities; values (…). Unit: none. Range: [0, ∞]; infinite where the
    divisor is 0 and the other is not. Near the target twice KL; far from it, it grows as the square of the ratio: a
    class that is missed costs far more than with KL, so start from logits of moderate size (exact while their
    differences stay below 80 in float32). Times the number of observations whose shares the target holds, it is
    Pearson's statistic of their fit to the prediction.
    Source: Pearson 1900, Philosophical Magazine 50:157–175; Neyman 1949, Berkeley Symposium on Mathematical Statistics
    and Probability. Which of the two bears which name varies: see the formula.
    """

    reverse: bool = False

    aliases = ("ChiSquare", "ChiSquaredDivergence", "PearsonChiSquared")
    facts = Facts(
        convex=between_distributions,
        smooth=smooth_in_logits,
        non_negative=True,
        zero_at_target=between_distributions,
        symmetric=lambda loss: False if loss.input == "probabilities" else None,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        alpha = -1.0 if self.reverse else 2.0
        return 2 * xp.sum(amari(xp, *self.sides(xp, prediction, target), alpha), axis=-1)


@dataclass(frozen=True, kw_only=True)
class RenyiDivergence(PowerDivergence):
    """Rényi divergence of the target from the prediction: ℓ = log(Σₖ tₖ^α pₖ^(1−α)) / (α − 1).

    order α > 0: 1 is KLDivergence, the limit; ½ is twice Bhattacharyya; 2 is log(1 + χ²). It grows with the order.
    Shapes: prediction (…, C), target (…, C) probabilities; values (…). Unit: nats. Range: [0, ∞]; infinite where the
    two have no class in common and, for α ≥ 1, where the target has what the prediction has not. A monotone function of
    AlphaDivergence with the same α, in which a large divergence pulls less: for order above 1 the better to train with.
    Of a target that does not sum to 1 the sum is divided by what it sums to, as Rényi has it.
    Source: Rényi 1961, Berkeley Symposium on Mathematical Statistics and Probability; van Erven & Harremoës 2014,
    arXiv:1206.2459.
    """

    order: float = 0.5

    aliases = ("Renyi",)
    facts = Facts(
        convex=between_distributions,
        smooth=smooth_in_logits,
        non_negative=True,
        symmetric=lambda loss: (loss.order == 0.5) if loss.input == "probabilities" else None,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(order=self.order)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        a = self.order
        if a == 1:
            return KLDivergence(input=self.input).formula(xp, prediction, target) / xp.sum(target, axis=-1)
        p, t, ratio = self.sides(xp, prediction, target)
        log_terms = a * t.logarithms + (1 - a) * p.logarithms
        log_terms = xp.where(p.absent, math.inf if a > 1 else -math.inf, log_terms)
        share = xp.sum(target, axis=-1)
        log_sum = xp.logsumexp(xp.where(t.absent, -math.inf, log_terms)) - xp.log(share)
        # Where the two nearly agree the sum is nearly 1. By how much it is not, terms of one sign say accurately, and
        # what the prediction's row sums to (that of logits to 1).
        near = xp.abs(log_sum) < 0.5
        row = xp.expand_dims(near, -1)
        close = Side(p.numbers, xp.where(row, p.logarithms, 0.0), p.absent & row)
        terms = amari(xp, close, t, xp.where(row, ratio, 0.0), a)
        surplus = (1.0 if self.input == "logits" else xp.sum(p.numbers, axis=-1)) - share
        excess = xp.where(near, (a * xp.sum(terms, axis=-1) - surplus) / share, 0.0)
        return xp.where(near, xp.log1p((a - 1) * excess), log_sum) / (a - 1)

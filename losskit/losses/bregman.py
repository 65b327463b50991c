"""Bregman divergences: how far a convex function lies, at the target, above its tangent at the prediction.

Of all of them the mean of the targets is the best constant prediction; they differ in what an error counts where. The
squared error is the one of φ = x² (losskit.SquaredError), the I-divergence that of x log x
(losskit.GeneralizedKLDivergence).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Domain, NonNegative, Positive, Probability, Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of
from losskit.core.kinds import ElementwiseLoss
from losskit.losses.divergence import excess, log_quotient
from losskit.losses.power_divergence import Side, amari

__all__ = ["BetaDivergence", "BregmanDivergence"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class BetaDivergence(ElementwiseLoss):
    """β-divergence of positive numbers: ℓ = (t^β − βt p^(β−1) + (β − 1) p^β) / β(β − 1), φ = x^β / β(β − 1).

    beta β, any finite number: 0, the default, is the Itakura–Saito divergence t/p − log(t/p) − 1, of ratios alone; 1 is
    GeneralizedKLDivergence, t log(t/p) − t + p; 2 half the squared error; each as the exact limit. What an error counts
    grows as p^(β−2) with the size of the numbers: 0 for spectra whose quiet parts matter, 1 for counts. Shapes:
    prediction and target alike, any; predictions > 0, targets > 0 for β ≤ 0 and ≥ 0 for β > 0. Unit: the target's to
    the power β. Range: [0, ∞). Convex for 1 ≤ β ≤ 2 alone; for others begin near the target. Of a positive μ = e^z with
    the likelihood's own terms: Tweedie, of power 2 − β. Exact while powers and ratios of the numbers fit the dtype.
    Source: Itakura & Saito 1968, 6th International Congress on Acoustics (β = 0); Basu, Harris, Hjort & Jones 1998,
    Biometrika; as here: Févotte & Idier 2010, arXiv:1010.1763. As a term of scikit-learn's NMF(beta_loss=…), which sums
    them.
    """

    beta: float = 0.0

    prediction = Positive()
    tasks = ("regression", "audio")
    aliases = ("ItakuraSaito", "BetaDiv")
    facts = Facts(
        convex=lambda loss: 1 <= loss.beta <= 2,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=True,
        zero_at_target=True,
        symmetric=lambda loss: loss.beta == 2,
        minimiser="mean",
    )

    @property
    def target(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return NonNegative() if self.beta > 0 else Positive()

    def __post_init__(self) -> None:
        if not -math.inf < self.beta < math.inf:
            raise ValueError(f"beta: expected a finite number, got {self.beta}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        if self.beta == 2:  # without a logarithm it is good for every size
            return xp.square(prediction - target) / 2
        nothing = target == 0
        t = xp.where(nothing, 1.0, target)
        ratio = xp.where(nothing, 0.0, log_quotient(xp, prediction, t))
        near = xp.abs(ratio) < 1
        # Two ways to have it without differences of what is nearly equal: for numbers that are, and for others.
        close, beside = xp.where(near, prediction, 1.0), xp.where(near, t, 1.0)
        p_side, t_side = (Side(each, xp.log(each), each == 0) for each in (close, beside))
        tip = xp.power(close, self.beta - 1) * amari(xp, p_side, t_side, xp.where(near, ratio, 0.0), self.beta)
        far = _between(xp, self.beta, prediction, t, ratio) - t * _between(xp, self.beta - 1, prediction, t, ratio)
        value = xp.where(near, tip, far)
        return xp.where(nothing, xp.power(prediction, self.beta) / self.beta, value) if self.beta > 0 else value


def _between(xp: Any, a: float, p: Array, t: Array, log_ratio: Array) -> Array:
    """∫ₜᵖ s^(a−1) ds = (pᵃ − tᵃ)/a, its limit log(p/t) for a = 0."""
    if a == 0:
        return log_ratio
    rising = a * log_ratio > 0
    rest = xp.expm1(xp.where(rising, -a * log_ratio, a * log_ratio))  # what the larger power has more, as its share
    return xp.where(rising, -rest, rest) * xp.power(xp.where(rising, p, t), a) / a


GENERATORS: dict[str, tuple[Domain, bool]] = {
    "bit_entropy": (Probability(), True),
    "exponential": (Real(), False),
    "softplus": (Real(), False),
}
"""What the numbers of each generator may be, and whether its divergence is convex in the prediction."""


@dataclass(frozen=True, kw_only=True)
class BregmanDivergence(ElementwiseLoss):
    """Bregman divergence of a chosen generator φ: ℓ = φ(t) − φ(p) − φ′(p)(t − p).

    generator: "bit_entropy", φ = x log x + (1 − x) log(1 − x): t log(t/p) + (1 − t) log((1 − t)/(1 − p)), the binary
    cross-entropy less the target's own entropy, so that it is 0 for p = t; "exponential", φ = eˣ: what an error counts
    grows with p, so that large targets are met first; "softplus", φ = log(1 + eˣ): of logits, the divergence
    KL(σ(p) ‖ σ(t)) of one binary distribution from another, in which logits that are far on the same side are alike.
    Others have classes of their own: x² SquaredError, powers and −log x BetaDivergence, x log x
    GeneralizedKLDivergence. Shapes: prediction and target alike, any; in [0, 1] for "bit_entropy", any real numbers for
    the others. Unit: nats; of "exponential" that of eᵗ. Range: [0, ∞); ∞ too where p is 0 or 1 and t is not.
    Convex for "bit_entropy" alone. Exact, for "exponential", while eᵖ and eᵗ fit the dtype (88 in float32).
    Source: Bregman 1967, doi:10.1016/0041-5553(67)90040-7; Banerjee, Merugu, Dhillon & Ghosh 2005, Clustering with
    Bregman divergences, Journal of Machine Learning Research 6:1705–1749.
    """

    generator: Literal["bit_entropy", "exponential", "softplus"] = "bit_entropy"

    tasks = ("regression",)
    aliases = ("Bregman",)
    facts = Facts(
        convex=lambda loss: GENERATORS[loss.generator][1],
        smooth=2,
        gradient_bound=lambda loss: None if loss.generator == "softplus" else math.inf,
        non_negative=True,
        zero_at_target=True,
        symmetric=False,
        minimiser="mean",
    )

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return GENERATORS[self.generator][0]

    @property
    def target(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return GENERATORS[self.generator][0]

    def __post_init__(self) -> None:
        one_of(tuple(GENERATORS), generator=self.generator)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        formulas = {"bit_entropy": _bit_entropy, "exponential": _exponential, "softplus": _softplus}
        return formulas[self.generator](xp, prediction, target)


def _bit_entropy(xp: Any, p: Array, t: Array) -> Array:
    rest = 1 - t
    # log((1 − p)/(1 − t)) by p − t: 1 − p and 1 − t are rounded, and their difference would be one of roundings.
    near = xp.abs(p - t) < rest / 2
    tip = xp.log1p(xp.where(near, t - p, 0.0) / xp.where(near, rest, 1.0))
    certain, impossible = t == 1, p == 1
    log_p = xp.where(impossible, -math.inf, xp.log1p(-xp.where(near | impossible, 0.5, p)))
    log_t = xp.log1p(-xp.where(near | certain, 0.5, t))
    ratio = xp.where(near, tip, xp.where(near, 0.0, log_p) - log_t)
    return excess(xp, t, p, log_quotient(xp, p, t)) + excess(xp, rest, 1 - p, ratio)


def _exponential(xp: Any, p: Array, t: Array) -> Array:
    """eᵖ(eᵈ − 1 − d) with d = t − p."""
    far = t - p > 1  # there eᵈ may overflow, and eᵖ underflow
    d, high = xp.where(far, 0.0, t - p), xp.where(far, t, 0.0)
    tail = xp.exp(high) - xp.exp(p) * (1 + xp.where(far, t - p, 0.0))
    return xp.where(far, tail, xp.exp(p) * xp.exp_remainder(d))


def _softplus(xp: Any, p: Array, t: Array) -> Array:
    """log(1 + q(eᵈ − 1)) − qd with q = σ(p) and d = t − p; of q > ½ with both signs turned round, which is the same."""
    p, t = xp.where(p > 0, -p, p), xp.where(p > 0, -t, t)
    q, d = xp.sigmoid(p), t - p
    near = xp.abs(d) < 1
    step = xp.where(near, d, 0.0)
    # With R(x) = eˣ − 1 − x it is q·R(d) − R(log(1 + q(eᵈ − 1))), of which the second is at most half of the first.
    tip = q * xp.exp_remainder(step) - xp.exp_remainder(xp.log1p(q * xp.expm1(step)))
    return xp.where(near, tip, xp.softplus(t) - xp.softplus(p) - q * d)

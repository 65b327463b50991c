"""Proper scores of forecasts other than the likelihood: CRPS, in the target's unit; Brier and spherical."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import NonNegative, Real
from losskit.core.facts import Facts
from losskit.core.kinds import ClasswiseLoss, ElementwiseLoss
from losskit.losses.classification import BinaryLoss
from losskit.losses.regression import LogCosh
from losskit.losses.survival import log_normal_tail

__all__ = [
    "BinaryBrierScore",
    "BrierScore",
    "ExponentialContinuousRankedProbabilityScore",
    "GaussianContinuousRankedProbabilityScore",
    "LaplaceContinuousRankedProbabilityScore",
    "LogNormalContinuousRankedProbabilityScore",
    "LogisticContinuousRankedProbabilityScore",
    "SphericalScore",
]

Array = Any


@dataclass(frozen=True, kw_only=True)
class GaussianContinuousRankedProbabilityScore(ElementwiseLoss):
    """CRPS of a normal forecast: ℓ = r erf(z/√2) + σ(2φ(z) − 1/√π), r = p − t, z = r/σ, σ² = eˢ, s the log-variance.

    Shapes: prediction, target and log_variance alike, any. Unit: the target's. Range: (0, ∞); |r| as σ → 0.
    In place of GaussianNegativeLogLikelihood where outliers should not rule: a far target pulls with force 1, not r/σ².
    Exact while 1/σ and σr fit the dtype (−176 < s < 80 in float32).
    Source: Gneiting & Raftery 2007, doi:10.1198/016214506000001437. As scoringrules' crps_normal and R's crps_norm,
    which take σ.
    """

    prediction, target, log_variance = Real(), Real(), Real()
    tasks = ("regression",)
    aliases = ("GaussianCRPS", "NormalCRPS")
    differentiable = ("prediction", "log_variance")
    facts = Facts(convex=True, smooth=2, gradient_bound=1.0, non_negative=True, symmetric=True, proper=True)

    def formula(self, xp: Any, prediction: Array, target: Array, log_variance: Array) -> Array:
        r, sigma, inverse = prediction - target, xp.exp(log_variance / 2), xp.exp(-log_variance / 2)
        size = xp.abs(r)
        # Beyond 40 σ the normal density is 0 in every precision, and z², or z itself, may overflow.
        far = size * inverse > 40
        near = xp.where(far, 0.0, r)
        z = near * inverse
        density = xp.exp(-xp.square(z) / 2) * math.sqrt(2 / math.pi)
        core = near * xp.erf(z * math.sqrt(0.5)) + sigma * density
        return xp.where(far, size, core) - sigma / math.sqrt(math.pi)


@dataclass(frozen=True, kw_only=True)
class LogisticContinuousRankedProbabilityScore(ElementwiseLoss):
    """CRPS of a logistic forecast: ℓ = σ(2 log(2 cosh(½z)) − 1), z = r/σ, r = p − t, σ = eˢ, s the log-scale.

    Shapes: prediction, target and log_scale alike, any. Unit: the target's. Range: (0, ∞). A far target pulls with
    force 1. Exact while 1/σ and σr fit the dtype (−88 < s < 40 in float32).
    Source: Jordan, Krüger & Lerch 2019, J. Statistical Software 90 (arXiv:1709.04743). As scoringrules' crps_logistic.
    """

    prediction, target, log_scale = Real(), Real(), Real()
    tasks = ("regression",)
    aliases = ("LogisticCRPS",)
    differentiable = ("prediction", "log_scale")
    facts = Facts(convex=True, smooth=2, gradient_bound=1.0, non_negative=True, symmetric=True, proper=True)

    def formula(self, xp: Any, prediction: Array, target: Array, log_scale: Array) -> Array:
        far, z, size, scale = _scaled(xp, prediction - target, log_scale)
        core = 2 * LogCosh().formula(xp, z / 2, xp.zeros_like(z)) + (math.log(4) - 1)
        return xp.where(far, size - scale, scale * core)


@dataclass(frozen=True, kw_only=True)
class LaplaceContinuousRankedProbabilityScore(ElementwiseLoss):
    """CRPS of a Laplace forecast: ℓ = |r| + b e^(−|r|/b) − ¾b, r = p − t, b = eˢ, s the log-scale.

    Shapes: prediction, target and log_scale alike, any. Unit: the target's. Range: (0, ∞). Unlike the likelihood it is
    smooth at p = t. A far target pulls with force 1. Exact while 1/b and br fit the dtype (−88 < s < 40 in float32).
    Source: Jordan, Krüger & Lerch 2019, J. Statistical Software 90 (arXiv:1709.04743). As scoringrules' crps_laplace.
    """

    prediction, target, log_scale = Real(), Real(), Real()
    tasks = ("regression",)
    aliases = ("LaplaceCRPS",)
    differentiable = ("prediction", "log_scale")
    facts = Facts(convex=True, smooth=2, gradient_bound=1.0, non_negative=True, symmetric=True, proper=True)

    def formula(self, xp: Any, prediction: Array, target: Array, log_scale: Array) -> Array:
        far, z, size, scale = _scaled(xp, prediction - target, log_scale)
        # Not abs, whose second derivative at 0 is 0: the sum has one there, that of its branch z ≤ 0.
        z = xp.where(z > 0, z, -z)
        return xp.where(far, size - 0.75 * scale, scale * (z + xp.exp(-z) - 0.75))


def _scaled(xp: Any, residual: Array, log_scale: Array) -> tuple[Array, Array, Array, Array]:
    """Whether the residual is beyond 1000 scales; z, or 0 where it is; the residual's size; and the scale.

    There exponentials of −|z| are 0 in every precision, and z may overflow.
    """
    scale, inverse, size = xp.exp(log_scale), xp.exp(-log_scale), xp.abs(residual)
    far = size * inverse > 1000
    return far, xp.where(far, 0.0, residual) * inverse, size, scale


@dataclass(frozen=True, kw_only=True)
class ExponentialContinuousRankedProbabilityScore(ElementwiseLoss):
    """CRPS of an exponential forecast of mean μ = eᵖ: ℓ = t + 2μ e^(−t/μ) − 1½μ.

    Shapes: prediction (log-mean) and target alike, any; targets ≥ 0. Unit: the target's. Range: (0, ∞). For waiting
    times: a long one costs its length, not its multiple of μ. Exact while 1/μ and μt fit the dtype (−88 < p < 40 in
    float32). Source: Jordan, Krüger & Lerch 2019, J. Statistical Software 90 (arXiv:1709.04743). As scoringrules'
    crps_exponential, which takes the rate 1/μ.
    """

    prediction, target = Real(), NonNegative()
    tasks = ("regression",)
    aliases = ("ExponentialCRPS",)
    facts = Facts(convex=False, smooth=2, gradient_bound=math.inf, non_negative=True, symmetric=False, proper=True)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        far, z, _, mean = _scaled(xp, target, prediction)
        return xp.where(far, target - 1.5 * mean, mean * (z + 2 * xp.exp(-z) - 1.5))


@dataclass(frozen=True, kw_only=True)
class LogNormalContinuousRankedProbabilityScore(ElementwiseLoss):
    """CRPS of a forecast whose logarithm is normal: ℓ = t·erf(z/√2) − m(erf((z − σ)/√2) + erf(σ/2)), z = (log t − p)/σ.

    p is the log-median, σ² = eˢ with s the log-variance of the logarithm, m = e^(p + σ²/2) the mean. Shapes:
    prediction, target and log_variance alike, any; targets ≥ 0. Unit: the target's. Range: (0, ∞). For amounts over
    several magnitudes (rain, prices, durations): unlike LogNormalNegativeLogLikelihood it counts errors in the target's
    unit, and takes a target of 0. Exact while e^(p + σ²/4) and 1/σ fit the dtype (−160 < s, p + σ²/4 < 88 in float32).
    Source: Baran & Lerch 2015, arXiv:1407.3252; Jordan, Krüger & Lerch 2019, J. Statistical Software 90
    (arXiv:1709.04743). As scoringrules' crps_lognormal and R's crps_lnorm, which take σ.
    """

    prediction, target, log_variance = Real(), NonNegative(), Real()
    tasks = ("regression",)
    aliases = ("LogNormalCRPS",)
    differentiable = ("prediction", "log_variance")
    facts = Facts(convex=False, smooth=2, gradient_bound=math.inf, non_negative=True, symmetric=False, proper=True)

    def formula(self, xp: Any, prediction: Array, target: Array, log_variance: Array) -> Array:
        inverse, none, wide = xp.exp(-log_variance / 2), target == 0, log_variance > 0
        shift = xp.log(xp.where(none, 1.0, target)) - prediction
        # Beyond 1000 σ the normal density is 0 in every precision, and z², or z itself, may overflow.
        far = none | (xp.abs(shift) * inverse > 1000)
        edge = 1000.0 * xp.sign(xp.where(none, -1.0, shift))
        z = xp.where(far, edge, xp.where(far, 0.0, shift) * inverse)
        # The two error functions agree for a wide forecast, up to what its mean, which may overflow, is as much larger.
        # So there by the logarithms of the tails that are left of them.
        spread = xp.exp(xp.where(wide, log_variance, 0.0) / 2)
        log_mean = xp.where(wide, prediction, 0.0) + xp.square(spread) / 2
        tails = (log_normal_tail(xp, spread - z), log_normal_tail(xp, spread * math.sqrt(0.5)))
        above, below = (2 * xp.exp(log_mean + tail) for tail in tails)
        sigma = xp.exp(xp.where(wide, 0.0, log_variance) / 2)
        mean = xp.exp(xp.where(wide, 0.0, prediction) + xp.square(sigma) / 2)
        narrow = mean * (xp.erf((z - sigma) * math.sqrt(0.5)) + xp.erf(sigma / 2))
        return target * xp.erf(z * math.sqrt(0.5)) - xp.where(wide, above - below, narrow)


@dataclass(frozen=True, kw_only=True)
class BinaryBrierScore(BinaryLoss):
    """The squared error of a probability: ℓ = (p − t)² for t of 0 or 1, p = σ(z).

    Shapes: prediction and target alike, any. Range: [0, 1]. Soft targets mix the two classes' values. As a loss of
    logits it is not convex, and a confident error hardly pulls: robust to wrong labels, slow from a bad start.
    Source: Brier 1950, Monthly Weather Review 78, 1–3. As scikit-learn's brier_score_loss and scoringrules'
    brier_score, of probabilities.
    """

    facts = Facts(
        convex=lambda loss: loss.input == "probabilities",
        smooth=2,
        gradient_bound=lambda loss: (8 / 27 if loss.input == "logits" else 2) * max(loss.class_weight or (1.0,)),
        non_negative=True,
        proper=lambda loss: loss.class_weight is None,
        minimiser=lambda loss: "probability" if loss.class_weight is None else None,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        if self.input == "logits":  # 1 − p as it is, not as a difference
            p, q = xp.sigmoid(prediction), xp.sigmoid(-prediction)
        else:
            p, q = prediction, 1 - prediction
        return self.mixed(xp, xp.square(q), xp.square(p), target)


@dataclass(frozen=True, kw_only=True)
class BrierScore(ClasswiseLoss):
    """The quadratic score: ℓ = Σₖ (pₖ − yₖ)², y the one-hot target.

    Shapes: prediction (…, C); target class indices (…) or rows of class probabilities, which mix the classes' values.
    Range: [0, 2]; for two classes twice BinaryBrierScore. Proper, and bounded where CrossEntropy is infinite: robust to
    wrong labels, but as a loss of logits not convex, and slow from a bad start.
    Source: Brier 1950, Monthly Weather Review 78, 1–3. As scikit-learn's brier_score_loss(scale_by_half=False).
    """

    tasks = ("multiclass",)
    aliases = ("QuadraticScore",)
    facts = Facts(
        convex=lambda loss: loss.input == "probabilities",
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        non_negative=True,
        proper=lambda loss: loss.class_weight is None,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        if self.input == "probabilities":
            p, q = prediction, 1 - prediction
        else:  # 1 − p as it is, not as a difference
            log_p = self.log_probabilities(xp, prediction)
            p, q = xp.exp(log_p), -xp.expm1(log_p)
        shares = one_row(xp, self, target, p)
        # Class j has qⱼ² + Σ_{k≠j} pₖ²: pₖ² counts by the shares of the classes other than k. Beside the likeliest they
        # are summed: of 1 − its share, nearly all may be rounded away.
        top = likeliest(xp, p)
        beside = xp.sum(xp.where(top, 0.0, shares), axis=-1, keepdims=True) + xp.zeros_like(p)
        rest = xp.where(top, beside, xp.sum(shares, axis=-1, keepdims=True) - shares)
        return xp.sum(shares * xp.square(q) + rest * xp.square(p), axis=-1)


@dataclass(frozen=True, kw_only=True)
class SphericalScore(ClasswiseLoss):
    """The spherical score as a loss: ℓ = 1 − p_y / ‖p‖.

    Shapes: prediction (…, C); target class indices (…) or rows of class probabilities, which mix the classes' values.
    Range: [0, 1]. Proper and bounded: robust to wrong labels, but as a loss of logits not convex, and slow from a bad
    start. Source: Good 1971; Gneiting & Raftery 2007, doi:10.1198/016214506000001437 (whose score is p_y / ‖p‖).
    """

    tasks = ("multiclass",)
    facts = Facts(
        convex=False,
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        non_negative=True,
        proper=lambda loss: loss.class_weight is None,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        p = {"logits": xp.softmax, "log_probabilities": xp.exp, "probabilities": lambda p: p}[self.input](prediction)
        squares, top = xp.square(p), likeliest(xp, p)
        total = xp.sum(squares, axis=-1, keepdims=True)
        beside = xp.sum(xp.where(top, 0.0, squares), axis=-1, keepdims=True) + xp.zeros_like(p)
        others = xp.where(top, beside, total - squares)
        # 1 − pⱼ/‖p‖ = Σ_{k≠j} pₖ² / ‖p‖(‖p‖ + pⱼ), in which nothing cancels.
        length = xp.sqrt(total)
        return xp.sum(one_row(xp, self, target, p) * (others / (length * (length + p))), axis=-1)


def likeliest(xp: Any, p: Array) -> Array:
    """True at the first of each row's greatest entries."""
    return xp.one_hot(xp.argmax(xp.stop_gradient(p), axis=-1), xp.shape(p)[-1], dtype=p) > 0


def one_row(xp: Any, loss: ClasswiseLoss, target: Array, like: Array) -> Array:
    """How much each class counts: target · class_weight, an index as a row that is 0 elsewhere."""
    rows = target if xp.is_floating(target) else xp.one_hot(target, xp.shape(like)[-1], dtype=like)
    return rows if loss.class_weight is None else rows * xp.asarray(loss.class_weight, like=like)

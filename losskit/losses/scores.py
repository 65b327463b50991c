"""Proper scores of forecasts other than the likelihood: CRPS and its kin, in the target's unit; Brier and spherical."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import NonNegative, Real, Rows
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.kinds import ClasswiseLoss, ElementwiseLoss, RowwiseLoss, StructuredLoss
from losskit.losses.classification import BinaryLoss
from losskit.losses.regression import LogCosh

__all__ = [
    "BinaryBrierScore",
    "BrierScore",
    "EnergyScore",
    "EnsembleContinuousRankedProbabilityScore",
    "ExponentialContinuousRankedProbabilityScore",
    "GaussianContinuousRankedProbabilityScore",
    "LaplaceContinuousRankedProbabilityScore",
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
class EnsembleContinuousRankedProbabilityScore(RowwiseLoss):
    """CRPS of M equally likely members: ℓ = 1/M Σᵢ |xᵢ − t| − 1/2M² Σᵢⱼ |xᵢ − xⱼ|, in O(M log M) by sorting.

    Shapes: prediction (…, M), target (…); values (…). Unit: the target's. Range: [0, ∞); the absolute error for M = 1.
    fair: divide the second sum by 2M(M − 1) (M ≥ 2, else ShapeError): the expectation is then that of M → ∞, and
    members drawn from the target's distribution are best. Trains generators of samples and ensembles without a
    likelihood; each member's gradient depends on its rank and side only, and is that of its branch where two meet.
    Source: Hersbach 2000, doi:10.1175/1520-0434(2000)015<0559:DOTCRP>2.0.CO;2; fair: Ferro 2014, doi:10.1002/qj.2270.
    As scoringrules' and properscoring's crps_ensemble, the former's estimator="fair".
    """

    fair: bool = False

    prediction, target = Rows(), Real()
    tasks = ("regression",)
    aliases = ("EnsembleCRPS", "CRPS")
    facts = Facts(convex=False, smooth=0, non_negative=True, cost="n log n")

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        _check_members(self.fair, xp.shape(bound["prediction"])[-1])

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        members = xp.shape(prediction)[-1]
        # Sorted first: a far target would round the differences to one.
        apart = xp.sort(prediction) - xp.expand_dims(target, axis=-1)
        rank = xp.cast(xp.arange(members, like=apart), apart)
        # The two sums are one, in which nothing cancels: a member counts by how many lie on its far side from t.
        own = 0.0 if self.fair else 0.5
        below, above = rank + own, (members - 1) - rank + own
        pairs = members * (members - 1) if self.fair else members**2
        return xp.sum(xp.where(apart > 0, above, -below) * (2 / pairs) * apart, axis=-1)


def _check_members(fair: bool, members: int | None) -> None:
    if fair and members == 1:
        raise ShapeError("prediction: fair=True takes the spread of at least 2 members, got 1; fix: fair=False")


@dataclass(frozen=True, kw_only=True)
class EnergyScore(StructuredLoss):
    """CRPS of vectors: ℓ = 1/M Σᵢ ‖xᵢ − t‖ − 1/2M² Σᵢⱼ ‖xᵢ − xⱼ‖ of M equally likely members.

    Shapes: prediction (N, M, D), target (N, D), a mask (N,); values (N,). Unit: the target's. Range: [0, ∞).
    fair: divide the second sum by 2M(M − 1) (M ≥ 2, else ShapeError), as EnsembleContinuousRankedProbabilityScore,
    which for D = 1 it is. Time and memory grow with M². Tells wrong means and spreads well, wrong correlations badly.
    The derivative of a distance at 0 is taken as 0. Exact while distances have a square in the dtype.
    Source: Gneiting & Raftery 2007, doi:10.1198/016214506000001437. As scoringrules' es_ensemble.
    """

    fair: bool = False

    prediction, target = Rows(), Rows()
    tasks = ("regression",)
    facts = Facts(convex=False, smooth=0, non_negative=True, cost="n^2")

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        shape = xp.shape(bound["prediction"])
        if len(shape) != 3:
            raise ShapeError(f"prediction: expected (samples, members, dimensions), got {shape}")
        super().check_shapes(xp, bound)
        _check_members(self.fair, shape[1])

    def _keep(self, xp: Any, bound: dict[str, Array], mask: Array | None) -> Array | None:
        if mask is None:
            return None
        mask, samples = xp.asarray(mask, like=bound["target"]), xp.shape(bound["target"])[:1]
        if xp.shape(mask) != samples:
            raise ShapeError(f"mask: expected {samples}, one entry for each sample, got {xp.shape(mask)}")
        return mask & xp.cast(xp.ones_like(bound["target"][..., 0]), "bool")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        members = xp.shape(prediction)[1]
        away = xp.safe_norm(prediction - xp.expand_dims(target, axis=1))
        apart = xp.safe_norm(xp.expand_dims(prediction, axis=1) - xp.expand_dims(prediction, axis=2))
        pairs = members * (members - 1) if self.fair else members**2
        return xp.sum(away, axis=-1) / members - xp.sum(apart, axis=(1, 2)) / (2 * pairs)


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

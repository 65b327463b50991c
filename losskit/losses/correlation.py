"""Agreement over a batch: how predictions and targets vary together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Real
from losskit.core.facts import Facts
from losskit.core.kinds import BatchwiseLoss
from losskit.losses.similarity import direction

__all__ = ["Concordance", "Pearson", "RSquared"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class AgreementLoss(BatchwiseLoss):
    """The base: shares of the samples in one number for a batch, their mean. Each column is a batch of its own.

    Masked samples are left out of the moments too. A weight weighs the shares alone, and the mean over micro-batches is
    not that of the whole: take batches as large as fit. The moments are those of the population: divided by N.
    """

    prediction, target = Real(), Real()
    tasks = ("regression",)


@dataclass(frozen=True, kw_only=True)
class Concordance(AgreementLoss):
    """One minus Lin's concordance: L = 1 − 2cov(p, t) / (σ²ₚ + σ²ₜ + (μₚ − μₜ)²), over the batch.

    The mean square of p − t over what it would be if both had their mean and variance but were independent: a sample's
    share is ℓᵢ = (pᵢ − tᵢ)² / (σ²ₚ + σ²ₜ + (μₚ − μₜ)²).
    Shapes: prediction and target alike, (N, …); values alike, their mean over N is the loss. Unit: none. Range of the
    mean: [0, 2]; 1 for predictions without a relation to the target, as a constant is. Unlike Pearson it punishes a
    wrong offset or spread. Where all predictions and targets are one number, value and gradient are 0.
    Usual for valence and arousal in emotion recognition. Source: Lin 1989, doi:10.2307/2532051. torchmetrics'
    ConcordanceCorrCoef divides the variances by N − 1.
    """

    aliases = ("CCC", "ConcordanceCorrelation")
    facts = Facts(non_negative=True, zero_at_target=True, symmetric=True)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        r = prediction - target
        p, t = centred(xp, prediction, keep), centred(xp, target, keep)
        # A constant for the derivatives, which do not depend on it: the squares neither overflow nor vanish.
        sizes = xp.maximum(xp.maximum(xp.abs(p), xp.abs(t)), xp.abs(r))
        scale = xp.stop_gradient(_one_for_zero(xp, xp.max(sizes, axis=0, keepdims=True)))
        r, p, t = r / scale, p / scale, t / scale
        apart = average(xp, xp.square(p) + xp.square(t), keep) + xp.square(average(xp, r, keep))
        return xp.square(r) / _one_for_zero(xp, apart)


@dataclass(frozen=True, kw_only=True)
class Pearson(AgreementLoss):
    """One minus Pearson's correlation: L = 1 − cov(p, t) / (σₚσₜ), over the batch.

    Half the mean square of the difference of the standard scores: a sample's share is ℓᵢ = ½(zᵢ(p) − zᵢ(t))². Never
    negative, and accurate where the two almost agree. Shapes: prediction and target alike, (N, …); values alike, their
    mean over N is the loss. Unit: none. Range of the mean: [0, 2]. Offset and scale of the predictions do not count:
    where they do, take Concordance. Where predictions or targets are all alike the correlation is not defined: value
    1, gradient 0. The gradient grows as 1/σₚ.
    Source: Pearson 1895, doi:10.1098/rspl.1895.0041. As one minus torchmetrics' PearsonCorrCoef.
    """

    aliases = ("PearsonCorrelation", "CorrelationDistance")
    facts = Facts(non_negative=True, symmetric=True)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        rows = [xp.swapaxes(centred(xp, x, keep), 0, -1) for x in (prediction, target)]
        (p, p_is_zero), (t, t_is_zero) = (direction(xp, row) for row in rows)
        share = xp.square(xp.swapaxes(p - t, 0, -1)) / 2
        share = share * total(xp, xp.ones_like(share), keep)
        undefined = xp.swapaxes(xp.expand_dims(p_is_zero | t_is_zero, -1), 0, -1)
        return xp.where(undefined, 1.0, share)


@dataclass(frozen=True, kw_only=True)
class RSquared(AgreementLoss):
    """One minus the coefficient of determination: L = 1 − R² = Σ(p − t)² / Σ(t − mean t)², over the batch.

    The squared error relative to that of the mean of the batch's targets: a sample's share is (pᵢ − tᵢ)² / σ²ₜ. Shapes:
    prediction and target alike, (N, …); values alike, their mean over N is the loss. Unit: none. Range: [0, ∞); 1 is as
    good as the mean. Makes outputs of different units count alike, but batches by how their targets happen to vary:
    where the variance of all targets is known, SquaredError with targets divided by it is steadier. Where all targets
    of a batch are alike R² is not defined: value 1, gradient 0.
    Source: Wright 1921, Correlation and causation; Nash & Sutcliffe 1970, doi:10.1016/0022-1694(70)90255-6, whose
    efficiency is R². As one minus sklearn.metrics.r2_score (which for constant targets is 0, or 1 where they are met).
    """

    aliases = ("R2", "NashSutcliffe", "FractionOfVarianceUnexplained")
    facts = Facts(convex=True, non_negative=True, symmetric=False, minimiser="mean")

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        t = centred(xp, target, keep)
        largest = xp.max(xp.abs(t), axis=0, keepdims=True)
        undefined = largest == 0
        scale = _one_for_zero(xp, largest)  # the squares of what is left neither overflow nor vanish
        variance = xp.where(undefined, 1.0, average(xp, xp.square(t / scale), keep))
        share = xp.square(xp.where(undefined, 0.0, (prediction - target) / scale)) / variance
        return xp.where(undefined, 1.0, share)


def total(xp: Any, x: Array, keep: Array | None) -> Array:
    """The sum over the batch of what is kept, as a batch of one."""
    return xp.sum(x if keep is None else xp.where(keep, x, 0.0), axis=0, keepdims=True)


def average(xp: Any, x: Array, keep: Array | None) -> Array:
    """The mean over the batch of what is kept, 0 where that is nothing, as a batch of one."""
    return xp.mean_where(x, keep, axis=0, keepdims=True)


def centred(xp: Any, x: Array, keep: Array | None) -> Array:
    """x minus its mean over the batch, 0 where it is left out, and exactly 0 where all entries are alike.

    First relative to one of the entries, a constant for the derivatives, which do not depend on it: the mean of equal
    numbers may be rounded to another one, and the differences of large numbers that are close are exact.
    """
    if keep is None:
        origin = x[:1]
    else:
        origin = xp.take_along_axis(x, xp.argmax(xp.cast(keep, x), axis=0, keepdims=True), axis=0)
    x = x - xp.stop_gradient(origin)
    x = x - average(xp, x, keep)
    return x if keep is None else xp.where(keep, x, 0.0)


def _one_for_zero(xp: Any, x: Array) -> Array:
    """A divisor, 1 where it would be 0."""
    return xp.where(x == 0, 1.0, x)

"""Gradient harmonising: examples weigh less the more others of the batch pull as hard as they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Domain, Probability, Real
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of, positive
from losskit.core.kinds import BatchwiseLoss
from losskit.losses.classification import BinaryCrossEntropy
from losskit.losses.regression import PseudoHuber

__all__ = ["GradientHarmonizedClassification", "GradientHarmonizedRegression"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class HarmonizedLoss(BatchwiseLoss):
    """The base: a loss of each entry, weighed by how many have a gradient of about its size g, from 0 to 1.

    The sizes fall into `bins` bins of equal width; the weight is N / (n R), R how many of the N entries share the bin,
    n how many bins hold any. A mean is then the mean over the bins of their mean losses. Weights and what bin an entry
    is in are constants for the derivatives.
    """

    bins: int = 10

    prediction, target = Real(), Real()

    def __post_init__(self) -> None:
        if self.bins < 1:
            raise ValueError(f"bins: expected a number of bins >= 1, got {self.bins}")

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        if not xp.shape(bound["prediction"]):
            raise ShapeError("prediction: expected a batch along the first axis, got a scalar")
        super().check_shapes(xp, bound)

    def weights(self, xp: Any, size: Array, keep: Array | None) -> Array:
        """N / (n R) of each entry, from the size of its gradient."""
        place = xp.minimum(xp.floor(xp.stop_gradient(size) * self.bins), self.bins - 1.0)  # a size of 1 is in the last
        if keep is not None:
            place = xp.where(keep, place, -1.0)  # in no bin

        def fill(state: tuple[Array, ...], number: tuple[Array, ...]) -> tuple[Array, ...]:
            crowd, filled = state
            inside = place == number[0]
            held = xp.sum(xp.cast(inside, size))
            return xp.where(inside, held, crowd), filled + xp.cast(held > 0, size)

        # Bin by bin: all at once would hold as many arrays of the batch's size.
        start = xp.zeros_like(place), xp.zeros_like(xp.sum(place))
        crowd, filled = xp.fold(fill, start, (xp.cast(xp.arange(self.bins, like=size), size),))
        shared = crowd * filled
        return xp.sum(xp.cast(place >= 0, size)) / xp.where(shared == 0, 1.0, shared)


@dataclass(frozen=True, kw_only=True)
class GradientHarmonizedClassification(HarmonizedLoss):
    """GHM-C: ℓᵢ = wᵢ BCE(pᵢ, tᵢ), wᵢ = N / (n Rᵢ), Rᵢ how many entries have |p − t| in the same of M bins as i.

    n is how many bins hold any entry: the mean is that over the bins of their mean cross-entropies, so that neither the
    many easy entries nor the outliers, which a model that has converged still misses by far, make up the loss. Shapes:
    prediction and target alike, (N, …); values alike; all entries make one batch, further axes included. Unit: nats.
    Range: [0, ∞). bins M ≥ 1: 10 to 30; 1 is BinaryCrossEntropy. input: "logits" or "probabilities"; the size of the
    gradient is that by the logit. Weights w are constants for the derivatives: finite differences of the value give
    another gradient, and the value jumps where an entry comes into another bin. For dense detection; small batches give
    noisy weights. Masked entries are in no bin; a weight weighs values alone.
    Source: Li, Liu & Wang 2018, arXiv:1811.05181, who have M for n. As mmdet's GHMC, which has n, and optionally a
    running mean of R.
    """

    input: Literal["logits", "probabilities"] = "logits"

    target = Probability()
    tasks = ("binary", "multilabel", "detection", "imbalance")
    aliases = ("GHMC", "GHM")
    facts = Facts(convex=lambda loss: loss.bins == 1, non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(("logits", "probabilities"), input=self.input)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return Real() if self.input == "logits" else Probability()

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        if self.input == "logits":
            p, q = xp.sigmoid(prediction), xp.sigmoid(-prediction)
        else:
            p, q = prediction, 1 - prediction
        # p − t as (1 − t)p − t(1 − p): nothing cancels where t is 0 or 1.
        size = xp.abs((1 - target) * p - target * q)
        return self.weights(xp, size, keep) * BinaryCrossEntropy(input=self.input).formula(xp, prediction, target)


@dataclass(frozen=True, kw_only=True)
class GradientHarmonizedRegression(HarmonizedLoss):
    """GHM-R: ℓᵢ = wᵢ (√(dᵢ² + μ²) − μ), d = p − t, wᵢ = N / (n Rᵢ), Rᵢ how many have |d|/√(d² + μ²) in the bin of i.

    A smooth absolute error, whose gradients come in all sizes, so that there is something to be harmonised: of M bins n
    hold any entry, and the mean is that over them of their mean errors. Shapes: prediction and target alike, (N, …);
    values alike; all entries make one batch, further axes included. Unit: the target's. Range: [0, ∞). mu μ > 0, in the
    target's unit, the error at which the gradient begins to level off; bins M ≥ 1: 1 is PseudoHuber(delta=μ) / μ.
    Weights w are constants for the derivatives: finite differences of the value give another gradient, and the value
    jumps where an entry comes into another bin. For offsets of boxes, where outliers otherwise rule; small batches give
    noisy weights. Masked entries are in no bin; a weight weighs values alone.
    Source: Li, Liu & Wang 2018, arXiv:1811.05181, who have M for n. As mmdet's GHMR, which has n, and optionally a
    running mean of R.
    """

    mu: float = 0.02

    tasks = ("regression", "detection")
    aliases = ("GHMR",)
    facts = Facts(convex=lambda loss: loss.bins == 1, non_negative=True, zero_at_target=True, symmetric=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(mu=self.mu)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        x = xp.abs(prediction - target) / self.mu
        far = x > 1
        ratio = xp.where(far, 1.0, x) / xp.where(far, x, 1.0)  # x or 1/x, whichever is at most 1: its square fits
        size = xp.where(far, 1.0, ratio) / xp.sqrt(1 + xp.square(ratio))
        error = PseudoHuber(delta=self.mu).formula(xp, prediction, target) / self.mu
        return self.weights(xp, size, keep) * error

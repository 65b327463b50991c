"""What steadies generative models: regularisers beside a GAN's losses, and weights of a diffusion model's steps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import NonNegative, Real, Rows
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of, positive
from losskit.core.kinds import ElementwiseLoss
from losskit.losses.contrastive import RowsOfABatch, off_diagonal, products
from losskit.losses.self_supervised import every_column, for_each
from losskit.losses.similarity import direction

__all__ = ["FeatureMatching", "LeCam", "MinSignalToNoiseRatio", "PullingAway"]

Array = Any

# -- beside a GAN's losses ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class LeCam(ElementwiseLoss):
    """LeCam regularisation of a discriminator: ℓ = (real − a_fake)² + (fake − a_real)², a the scores' running means.

    Beside a discriminator's loss, for few data: it keeps either side's scores near the mean of the other's, so that
    they do not run away. Shapes: real, fake (scores), real_average and fake_average alike, any: `numpy.full_like(real,
    average)`. The means (over steps, by a rate such as 0.99, from steps before this one) get no gradient. Unit: the
    scores', squared. Range: [0, ∞).
    Source: Tseng et al. 2021, arXiv:2104.03310. Code often cuts off where scores have crossed, max(0, real − a_fake)²
    and max(0, a_real − fake)², which the formula does not.
    """

    real, fake, real_average, fake_average = Real(), Real(), Real(), Real()
    differentiable = ("real", "fake")
    tasks = ("adversarial",)
    facts = Facts(convex=True, smooth=2, gradient_bound=math.inf, non_negative=True)

    def formula(self, xp: Any, real: Array, fake: Array, real_average: Array, fake_average: Array) -> Array:
        return xp.square(real - fake_average) + xp.square(fake - real_average)


@dataclass(frozen=True, kw_only=True)
class FeatureMatching(RowsOfABatch):
    """Feature matching: L = ‖mean of the features of real samples − mean of those of generated ones‖².

    For the generator, in the place of a score or beside it: features are a layer of the discriminator's. Shapes: real
    and fake (N, D), samples of one size, of convolutions flattened; values (N,), all of them L. Unit: the features',
    squared. Range: [0, ∞). Means only: for more of the distributions MaximumMeanDiscrepancy, CorrelationAlignment. The
    order of either does not matter. A masked row is left out of both; a weight weighs values alone.
    Source: Salimans et al. 2016, arXiv:1606.03498.
    """

    real, fake = Rows(), Rows()
    differentiable = ("real", "fake")
    tasks = ("adversarial", "matching")
    facts = Facts(convex=True, non_negative=True, zero_at_target=True, symmetric=True)

    def formula(self, xp: Any, real: Array, fake: Array, *, keep: Array | None = None) -> Array:
        apart = xp.mean_where(real - fake, every_column(xp, real, keep), axis=0)
        return for_each(xp, xp.sum(xp.square(apart)), real)


@dataclass(frozen=True, kw_only=True)
class PullingAway(RowsOfABatch):
    """Pulling-away term: ℓᵢ = the mean over the others j of a batch of cos²(xᵢ, xⱼ), x of generated samples.

    Beside a generator's loss (EnergyGenerator), against samples that are all alike. Shapes: embeddings (N, D), of the
    discriminator; values (N,). Range: [0, 1]. Opposite vectors count as like ones: it makes them orthogonal, for which
    N ≤ D is needed. A zero vector has cosine 0 to everything; a batch of one has value 0. A masked sample is nobody's
    other one. In time N² D.
    Source: Zhao, Mathieu & LeCun 2016, arXiv:1609.03126 (EBGAN-PT).
    """

    embeddings = Rows()
    differentiable = ("embeddings",)
    tasks = ("adversarial", "metric")
    facts = Facts(non_negative=True, cost="n^2")

    def formula(self, xp: Any, embeddings: Array, *, keep: Array | None = None) -> Array:
        unit, _ = direction(xp, embeddings)
        pairs = off_diagonal(xp, unit)
        if keep is not None:
            pairs = pairs & xp.expand_dims(keep, axis=0)
        return xp.mean_where(xp.square(products(xp, unit, unit)), pairs, axis=-1)


# -- diffusion ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class MinSignalToNoiseRatio(ElementwiseLoss):
    """Min-SNR-γ of a diffusion model: ℓ = w (p − t)², w = min(SNR, γ)/SNR, by the signal-to-noise ratio of the step.

    Steps of little noise count as SNR in the clean sample's error, without bound: here they count γ at most.
    parameterization: what is predicted: "noise" ε, w as above; "sample" x₀, w = min(SNR, γ); "velocity" v, w = min(SNR,
    γ) / (SNR + 1): in each the weight of the sample's error is min(SNR, γ). Shapes: prediction, target and
    signal_to_noise ≥ 0 (ᾱ/(1 − ᾱ) of the step) alike, any: `numpy.broadcast_to(snr[:, None, None, None],
    prediction.shape)`. A mean is over all values, weights not in its divisor. Unit: the target's, squared. Range:
    [0, ∞). gamma γ > 0. SNR 0, as of schedules that end in pure noise: for "noise" w is 1, the limit.
    Source: Hang et al. 2023, arXiv:2303.09556. As snr_gamma in the training scripts of diffusers.
    """

    gamma: float = 5.0
    parameterization: Literal["noise", "sample", "velocity"] = "noise"

    prediction, target, signal_to_noise = Real(), Real(), NonNegative()
    tasks = ("diffusion", "regression")
    aliases = ("MinSNR",)
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
        minimiser="mean",
    )

    def __post_init__(self) -> None:
        positive(gamma=self.gamma)
        one_of(("noise", "sample", "velocity"), parameterization=self.parameterization)

    def formula(self, xp: Any, prediction: Array, target: Array, signal_to_noise: Array) -> Array:
        if self.parameterization == "noise":
            weight = self.gamma / xp.maximum(signal_to_noise, self.gamma)  # min(SNR, γ)/SNR, also at 0
        else:
            weight = xp.minimum(signal_to_noise, self.gamma)
            weight = weight if self.parameterization == "sample" else weight / (signal_to_noise + 1)
        return weight * xp.square(prediction - target)

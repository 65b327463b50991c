"""Divergences between two distributions over classes, and between two normal distributions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Domain, NonNegative, Rows, Simplex
from losskit.core.facts import Facts
from losskit.core.hyperparameters import fraction, one_of
from losskit.core.kinds import SCORE_DOMAINS, RowwiseLoss, ScoreInput
from losskit.losses.likelihood.link import LogLinkLoss

__all__ = [
    "Bhattacharyya",
    "GaussianKLDivergence",
    "GeneralizedKLDivergence",
    "Hellinger",
    "Jeffreys",
    "JensenShannon",
    "KLDivergence",
    "ReverseKLDivergence",
    "TotalVariation",
]

Array = Any


@dataclass(frozen=True, kw_only=True)
class Divergence(RowwiseLoss):
    """The base: a row of class scores against a row of probabilities. input: what the prediction holds."""

    input: ScoreInput = "logits"

    target = Simplex()
    tasks = ("distribution",)

    def __post_init__(self) -> None:
        one_of(tuple(SCORE_DOMAINS), input=self.input)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return SCORE_DOMAINS[self.input]

    def probabilities(self, xp: Any, prediction: Array) -> Array:
        """p of every class."""
        return xp.exp(self.log_probabilities(xp, prediction)) if self.input != "probabilities" else prediction

    def log_probabilities(self, xp: Any, prediction: Array) -> Array:
        """log p of every class, of logits or of themselves."""
        return xp.log_softmax(prediction) if self.input == "logits" else prediction

    def log_ratio(self, xp: Any, prediction: Array, target: Array) -> Array:
        """log p − log t of every class, 0 where neither has it."""
        if self.input == "probabilities":
            return log_quotient(xp, prediction, target)
        return log_difference(xp, self.log_probabilities(xp, prediction), xp.log(target))

    def absent(self, xp: Any, prediction: Array) -> Array:
        """Which classes the prediction does not have at all: not those whose p only underflows."""
        return prediction == 0 if self.input == "probabilities" else prediction == -math.inf


def between_distributions(loss: Divergence) -> bool | None:
    """What holds between two rows of probabilities is claimed where the prediction is one."""
    return True if loss.input == "probabilities" else None


def smooth_in_logits(loss: Divergence) -> int | None:
    return 2 if loss.input == "logits" else None


@dataclass(frozen=True, kw_only=True)
class KLDivergence(Divergence):
    """Kullback–Leibler divergence of the target from the prediction: ℓ = Σₖ tₖ (log tₖ − log pₖ) = KL(t ‖ p).

    Shapes: prediction (…, C), target (…, C) probabilities; values (…), one per row (a mean is the true KL, PyTorch's
    "batchmean"). Unit: nats. Range: [0, ∞]. Classes with tₖ = 0 count 0, whatever pₖ is.
    Source: Kullback & Leibler 1951, doi:10.1214/aoms/1177729694.
    As torch.nn.KLDivLoss (which takes log-probabilities: input="log_probabilities"), keras.losses.KLDivergence.
    """

    aliases = ("KL", "KLD", "KullbackLeibler")
    facts = Facts(
        convex=True,
        smooth=smooth_in_logits,
        gradient_bound=lambda loss: {"logits": math.sqrt(2), "log_probabilities": 1.0}.get(loss.input, math.inf),
        non_negative=True,
        zero_at_target=between_distributions,
        proper=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        absent = target == 0
        # Replaced before the product and the logarithm: 0 · (−inf) and log 0 must not reach a derivative.
        if self.input == "probabilities":
            log_p = xp.log(xp.where(absent, 1.0, prediction))
        else:
            rows = xp.log_softmax(prediction) if self.input == "logits" else prediction
            log_p = xp.where(absent, 0.0, rows)
        return xp.sum(target * (xp.log(xp.where(absent, 1.0, target)) - log_p), axis=-1)


@dataclass(frozen=True, kw_only=True)
class ReverseKLDivergence(Divergence):
    """Kullback–Leibler divergence of the prediction from the target: ℓ = Σₖ pₖ (log pₖ − log tₖ) = KL(p ‖ t).

    It seeks modes: mass where the target has none is what costs, so the prediction settles on a part of the target
    (KLDivergence covers all of it). Shapes: prediction (…, C), target (…, C) probabilities; values (…). Unit: nats.
    Range: [0, ∞]; infinite where the target is 0 and the prediction is not. Not proper: its expectation under random
    targets has another minimiser. Source: Kullback & Leibler 1951, doi:10.1214/aoms/1177729694.
    """

    aliases = ("ReverseKL",)
    facts = Facts(
        convex=between_distributions,
        smooth=smooth_in_logits,
        non_negative=True,
        zero_at_target=between_distributions,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        p, absent, impossible = self.probabilities(xp, prediction), self.absent(xp, prediction), target == 0
        # 0 · ∞ must reach neither value nor derivative.
        ratio = xp.where(absent | impossible, 0.0, self.log_ratio(xp, prediction, target))
        return xp.sum(xp.where(absent, 0.0, xp.where(impossible, math.inf, p * ratio)), axis=-1)


@dataclass(frozen=True, kw_only=True)
class Jeffreys(Divergence):
    """Both Kullback–Leibler divergences together: ℓ = Σₖ (pₖ − tₖ)(log pₖ − log tₖ) = KL(p ‖ t) + KL(t ‖ p).

    Shapes: prediction (…, C), target (…, C) probabilities; values (…). Unit: nats. Range: [0, ∞]; infinite where one of
    the two is 0 and the other is not. Symmetric, unlike either part; JensenShannon is that, too, and bounded.
    Source: Jeffreys 1946, Proceedings of the Royal Society A 186:453–461.
    """

    aliases = ("SymmetricKL", "JDivergence")
    facts = Facts(
        convex=between_distributions,
        smooth=smooth_in_logits,
        non_negative=True,
        zero_at_target=between_distributions,
        symmetric=between_distributions,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        p, absent, impossible = self.probabilities(xp, prediction), self.absent(xp, prediction), target == 0
        either = absent | impossible
        terms = (p - target) * xp.where(either, 0.0, self.log_ratio(xp, prediction, target))
        one = xp.where(absent, target > 0, impossible)
        return xp.sum(xp.where(one, math.inf, terms), axis=-1)


@dataclass(frozen=True, kw_only=True)
class JensenShannon(Divergence):
    """Jensen–Shannon divergence: ℓ = π KL(t ‖ m) + (1 − π) KL(p ‖ m), m = πt + (1 − π)p; π = ½ is the usual one.

    Shapes: prediction (…, C), target (…, C) probabilities; values (…). Unit: nats. Range: from 0 to the entropy of
    (π, 1 − π), which is log 2 for π = ½. Bounded, so that a wrong target pulls less than with KL. share π in (0, 1):
    ℓ/π tends to KL(t ‖ p) for π → 0, ℓ/(1 − π) to KL(p ‖ t) for π → 1.
    Source: Lin 1991, doi:10.1109/18.61115; with π as β for distillation: Agarwal et al. 2023, arXiv:2306.13649.
    """

    share: float = 0.5

    aliases = ("JS", "JSD", "JensenShannonDivergence", "GeneralizedJensenShannon")
    facts = Facts(
        convex=between_distributions,
        smooth=smooth_in_logits,
        non_negative=True,
        zero_at_target=between_distributions,
        symmetric=lambda loss: (loss.share == 0.5) if loss.input == "probabilities" else None,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction(share=self.share)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        p, ratio = self.probabilities(xp, prediction), self.log_ratio(xp, prediction, target)
        return xp.sum(to_the_mixture(xp, p, target, ratio, self.share), axis=-1)


@dataclass(frozen=True, kw_only=True)
class TotalVariation(Divergence):
    """Total variation distance: ℓ = ½ Σₖ |pₖ − tₖ|, the largest difference of the two probabilities of any event.

    Shapes: prediction (…, C), target (…, C) probabilities; values (…). Unit: none, a probability. Range: [0, 1]. The
    derivative at pₖ = tₖ is 0. Not proper; robust: one wrong target costs 1 at most.
    Source: Levin & Peres 2017, Markov Chains and Mixing Times, section 4.1. As Liger's TVD loss.
    """

    aliases = ("TVD", "TotalVariationDistance")
    facts = Facts(
        convex=between_distributions,
        smooth=lambda loss: 0 if loss.input == "logits" else None,
        gradient_bound=lambda loss: {"logits": math.sqrt(2) / 4, "log_probabilities": 0.5}.get(loss.input),
        non_negative=True,
        zero_at_target=between_distributions,
        symmetric=between_distributions,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return xp.sum(xp.abs(self.probabilities(xp, prediction) - target), axis=-1) / 2


@dataclass(frozen=True, kw_only=True)
class Hellinger(Divergence):
    """Squared Hellinger distance: ℓ = ½ Σₖ (√pₖ − √tₖ)² = 1 − Σₖ √(pₖtₖ).

    Shapes: prediction (…, C), target (…, C) probabilities; values (…). Unit: none. Range: [0, 1]. Bounded, symmetric,
    and about ¼ of KL near the target. Source: Hellinger 1909, Journal für die reine und angewandte Mathematik 136.
    """

    aliases = ("SquaredHellinger",)
    facts = Facts(
        convex=between_distributions,
        smooth=smooth_in_logits,
        non_negative=True,
        zero_at_target=between_distributions,
        symmetric=between_distributions,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        if self.input == "probabilities":
            nowhere = (prediction == 0) & (target == 0)  # the slope of a root is infinite there
            root_p, root_t = (xp.sqrt(xp.where(nowhere, 1.0, each)) for each in (prediction, target))
            gap = (prediction - target) / (root_p + root_t)  # √p − √t, exact where they are near
        else:  # √p as an exponential, whose slope is finite where p is 0
            gap = xp.exp(self.log_probabilities(xp, prediction) / 2) - xp.sqrt(target)
        return xp.sum(xp.square(gap), axis=-1) / 2


@dataclass(frozen=True, kw_only=True)
class Bhattacharyya(Divergence):
    """Bhattacharyya distance: ℓ = −log Σₖ √(pₖtₖ). Half the Rényi divergence of order ½.

    Shapes: prediction (…, C), target (…, C) probabilities; values (…). Unit: nats. Range: [0, ∞]; infinite where the
    two have no class in common. Symmetric. Source: Bhattacharyya 1943, Bulletin of the Calcutta Mathematical Society
    35:99–109.
    """

    aliases = ("BhattacharyyaDistance",)
    facts = Facts(
        convex=between_distributions,
        smooth=smooth_in_logits,
        non_negative=True,
        symmetric=between_distributions,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        if self.input == "probabilities":
            either = (prediction == 0) | (target == 0)  # the slope of a root is infinite at 0
            root_p, root_t = (xp.sqrt(xp.where(either, 1.0, each)) for each in (prediction, target))
            return -xp.log(xp.sum(xp.where(either, 0.0, root_p * root_t), axis=-1))
        return -xp.logsumexp((self.log_probabilities(xp, prediction) + xp.log(target)) / 2)


@dataclass(frozen=True, kw_only=True)
class GeneralizedKLDivergence(LogLinkLoss):
    """I-divergence of positive numbers, which need not sum to 1: ℓ = t log(t/μ) − t + μ; μ for t = 0.

    Shapes: prediction and target alike, any; targets ≥ 0. Unit: the target's. Range: [0, ∞). input: "log_mean" (the
    default: the prediction is log μ) or "mean" (μ > 0). For spectra, intensities, counts (half the Poisson deviance),
    non-negative matrix factorisation. Exact while μ, and for "mean" its square, fits the dtype.
    Source: Csiszár 1975, Annals of Probability 3:146–158. As optax.losses.convex_kl_divergence (summed over the last
    axis), half of sklearn.metrics.mean_poisson_deviance.
    """

    target = NonNegative()
    aliases = ("IDivergence", "GeneralizedKL", "ConvexKLDivergence")
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=math.inf,
        non_negative=True,
        zero_at_target=lambda loss: True if loss.input == "mean" else None,
        minimiser=lambda loss: "log_mean" if loss.input == "log_mean" else "mean",
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        if self.input == "mean":
            return excess(xp, target, prediction, log_quotient(xp, prediction, target))
        absent = target == 0
        ratio = xp.where(absent, 0.0, prediction - xp.log(xp.where(absent, 1.0, target)))
        return excess(xp, target, xp.exp(prediction), ratio)


@dataclass(frozen=True, kw_only=True)
class GaussianKLDivergence(RowwiseLoss):
    """KL of a diagonal normal from a standard one: ℓ = ½ Σₖ (μₖ² + e^sₖ − 1 − sₖ), s = log σ². The KL term of a VAE.

    Shapes: mean μ and log_variance s (…, D); values (…), summed over the D latent coordinates, so that a mean is per
    sample (one over coordinates, too, would weigh it down D-fold). prior_mean ν and prior_log_variance r (…, D),
    optional: another normal to be near, ½ Σₖ ((μₖ − νₖ)² e^−rₖ + e^(sₖ−rₖ) − 1 − (sₖ − rₖ)). Unit: nats. Range: [0, ∞).
    Exact while e^s fits the dtype (s < 88 in float32). Accurate near the prior, where the bare sum cancels.
    Source: Kingma & Welling 2013, arXiv:1312.6114, appendix B.
    """

    mean, log_variance = Rows(), Rows()
    prior_mean, prior_log_variance = Rows(), Rows()
    differentiable = ("mean", "log_variance", "prior_mean", "prior_log_variance")
    tasks = ("generative",)
    aliases = ("GaussianKL", "VAEKLDivergence")
    facts = Facts(convex=True, smooth=2, gradient_bound=math.inf, non_negative=True)

    def formula(
        self,
        xp: Any,
        mean: Array,
        log_variance: Array,
        prior_mean: Array | None = None,
        prior_log_variance: Array | None = None,
    ) -> Array:
        shift = mean if prior_mean is None else mean - prior_mean
        if prior_log_variance is not None:
            shift, log_variance = shift * xp.exp(-prior_log_variance / 2), log_variance - prior_log_variance
        return xp.sum(xp.square(shift) + xp.exp_remainder(log_variance), axis=-1) / 2


def log_difference(xp: Any, log_p: Array, log_t: Array) -> Array:
    """log p − log t, 0 where both probabilities are 0."""
    nowhere = xp.where(log_p == -math.inf, log_t == -math.inf, False)
    return xp.where(nowhere, 0.0, xp.where(nowhere, 0.0, log_p) - xp.where(nowhere, 0.0, log_t))


def log_quotient(xp: Any, p: Array, t: Array) -> Array:
    """log p − log t of numbers ≥ 0, accurate also where they nearly agree; 0 where both are 0."""
    near = xp.abs(p - t) < t / 2
    tip = xp.log1p(xp.where(near, p - t, 0.0) / xp.where(near, t, 1.0))
    log_p, log_t = (_log(xp, xp.where(near, 1.0, each)) for each in (p, t))
    return xp.where(near, tip, log_difference(xp, log_p, log_t))


def _log(xp: Any, x: Array) -> Array:
    """log x, with derivative 0 at 0: it is multiplied by 0 there."""
    return xp.where(x == 0, -math.inf, xp.log(xp.where(x == 0, 1.0, x)))


def excess(xp: Any, a: Array, b: Array, log_ratio: Array) -> Array:
    """a log(a/b) − a + b of numbers ≥ 0 with log(b/a) given; b where a is 0. Summed over distributions it is KL(a ‖ b).

    Never negative: what −a + b adds, which sums to 0, takes from each term what cancels among them near a = b.
    """
    absent = a == 0
    ratio = xp.where(absent, 0.0, log_ratio)  # 0 · ∞ must reach neither value nor derivative
    near = xp.abs(ratio) < 1
    tip = a * xp.exp_remainder(xp.where(near, ratio, 0.0))
    return xp.where(absent, b, xp.where(near, tip, (b - a) - a * ratio))


def to_the_mixture(xp: Any, p: Array, t: Array, log_ratio: Array, share: float) -> Array:
    """π·excess(t, m) + (1 − π)·excess(p, m) for m = πt + (1 − π)p, with log(p/t) given."""
    mixture = share * t + (1 - share) * p
    of_target = excess(xp, t, mixture, log_mixture(xp, log_ratio, 1 - share))
    of_prediction = excess(xp, p, mixture, log_mixture(xp, -log_ratio, share))
    return share * of_target + (1 - share) * of_prediction


def log_mixture(xp: Any, x: Array, share: float) -> Array:
    """log(1 + share·(eˣ − 1)), without the overflow of eˣ."""
    large = x > 1
    tail = xp.where(large, x, 1.0)
    tip = xp.log1p(share * xp.expm1(xp.where(large, 0.0, x)))
    return xp.where(large, tail + xp.log(share + (1 - share) * xp.exp(-tail)), tip)

"""Adversarial pairs: what the discriminator and the generator of a GAN minimise. Scores are logits, not probabilities.

A discriminator loss takes the scores of as many real as generated samples, a generator loss the scores of generated
ones; a mean is then E[real part] + E[generated part], as the papers write it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.arrays import namespace
from losskit.core.domain import NonNegative, Probability, Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.core.kinds import BatchwiseLoss, ElementwiseLoss

__all__ = [
    "BoundaryEquilibriumDiscriminator",
    "EnergyDiscriminator",
    "EnergyGenerator",
    "HingeDiscriminator",
    "HingeGenerator",
    "LeastSquaresDiscriminator",
    "LeastSquaresGenerator",
    "MinimaxDiscriminator",
    "MinimaxGenerator",
    "NonSaturatingGenerator",
    "RelativisticAverageDiscriminator",
    "RelativisticAverageGenerator",
    "RelativisticDiscriminator",
    "RelativisticGenerator",
    "WassersteinDiscriminator",
    "WassersteinGenerator",
]

Array = Any


@dataclass(frozen=True, kw_only=True)
class MinimaxDiscriminator(ElementwiseLoss):
    """Discriminator of the original GAN, minimax and non-saturating: ℓ = −log σ(real) − log(1 − σ(fake)).

    Shapes: real and fake alike, any. Unit: nats. Range: [0, ∞). Source: Goodfellow et al. 2014, arXiv:1406.2661.
    """

    real, fake = Real(), Real()
    differentiable = ("real", "fake")
    tasks = ("adversarial",)
    aliases = ("NonSaturatingDiscriminator",)
    facts = Facts(convex=True, smooth=2, gradient_bound=1.0, non_negative=True)

    def formula(self, xp: Any, real: Array, fake: Array) -> Array:
        return xp.softplus(-real) + xp.softplus(fake)


@dataclass(frozen=True, kw_only=True)
class MinimaxGenerator(ElementwiseLoss):
    """Generator of the original game: ℓ = log(1 − σ(fake)).

    It saturates where the discriminator wins, which NonSaturatingGenerator does not.
    Shapes: any. Unit: nats. Range: (−∞, 0). Source: Goodfellow et al. 2014, arXiv:1406.2661.
    """

    fake = Real()
    differentiable = ("fake",)
    tasks = ("adversarial",)
    facts = Facts(convex=False, smooth=2, gradient_bound=1.0, non_negative=False)

    def formula(self, xp: Any, fake: Array) -> Array:
        return -xp.softplus(fake)


@dataclass(frozen=True, kw_only=True)
class NonSaturatingGenerator(ElementwiseLoss):
    """Generator that maximises log D: ℓ = −log σ(fake). Its gradient is largest where the discriminator wins.

    Shapes: any. Unit: nats. Range: (0, ∞). Source: Goodfellow et al. 2014, arXiv:1406.2661, section 3.
    """

    fake = Real()
    differentiable = ("fake",)
    tasks = ("adversarial",)
    facts = Facts(convex=True, smooth=2, gradient_bound=1.0, non_negative=True)

    def formula(self, xp: Any, fake: Array) -> Array:
        return xp.softplus(-fake)


@dataclass(frozen=True, kw_only=True)
class LeastSquaresDiscriminator(ElementwiseLoss):
    """Discriminator of LSGAN: ℓ = ½ (real − 1)² + ½ fake².

    Shapes: real and fake alike, any. Range: [0, ∞). Source: Mao et al. 2016, arXiv:1611.04076.
    """

    real, fake = Real(), Real()
    differentiable = ("real", "fake")
    tasks = ("adversarial",)
    facts = Facts(convex=True, smooth=2, gradient_bound=math.inf, non_negative=True)

    def formula(self, xp: Any, real: Array, fake: Array) -> Array:
        return (xp.square(real - 1) + xp.square(fake)) / 2


@dataclass(frozen=True, kw_only=True)
class LeastSquaresGenerator(ElementwiseLoss):
    """Generator of LSGAN: ℓ = ½ (fake − 1)².

    Shapes: any. Range: [0, ∞). Source: Mao et al. 2016, arXiv:1611.04076.
    """

    fake = Real()
    differentiable = ("fake",)
    tasks = ("adversarial",)
    facts = Facts(convex=True, smooth=2, gradient_bound=math.inf, non_negative=True)

    def formula(self, xp: Any, fake: Array) -> Array:
        return xp.square(fake - 1) / 2


@dataclass(frozen=True, kw_only=True)
class HingeDiscriminator(ElementwiseLoss):
    """Discriminator of the hinge game: ℓ = max(0, 1 − real) + max(0, 1 + fake).

    Shapes: real and fake alike, any. Range: [0, ∞). The derivative at a kink is 0.
    Source: Lim & Ye 2017, arXiv:1705.02894.
    """

    real, fake = Real(), Real()
    differentiable = ("real", "fake")
    tasks = ("adversarial",)
    facts = Facts(convex=True, smooth=0, gradient_bound=1.0, non_negative=True)

    def formula(self, xp: Any, real: Array, fake: Array) -> Array:
        return xp.relu(1 - real) + xp.relu(1 + fake)


@dataclass(frozen=True, kw_only=True)
class HingeGenerator(ElementwiseLoss):
    """Generator of the hinge game: ℓ = −fake.

    Shapes: any. Range: (−∞, ∞). Source: Lim & Ye 2017, arXiv:1705.02894.
    """

    fake = Real()
    differentiable = ("fake",)
    tasks = ("adversarial",)
    facts = Facts(convex=True, smooth=2, gradient_bound=1.0, non_negative=False)

    def formula(self, xp: Any, fake: Array) -> Array:
        return -fake


@dataclass(frozen=True, kw_only=True)
class WassersteinDiscriminator(ElementwiseLoss):
    """Critic of the Wasserstein GAN: ℓ = fake − real. The critic must be kept 1-Lipschitz (clipping, penalty, norm).

    Shapes: real and fake alike, any. Range: (−∞, ∞). Source: Arjovsky, Chintala & Bottou 2017, arXiv:1701.07875.
    """

    real, fake = Real(), Real()
    differentiable = ("real", "fake")
    tasks = ("adversarial",)
    aliases = ("WassersteinCritic",)
    facts = Facts(convex=True, smooth=2, gradient_bound=1.0, non_negative=False)

    def formula(self, xp: Any, real: Array, fake: Array) -> Array:
        return fake - real


@dataclass(frozen=True, kw_only=True)
class WassersteinGenerator(ElementwiseLoss):
    """Generator of the Wasserstein GAN: ℓ = −fake.

    Shapes: any. Range: (−∞, ∞). Source: Arjovsky, Chintala & Bottou 2017, arXiv:1701.07875.
    """

    fake = Real()
    differentiable = ("fake",)
    tasks = ("adversarial",)
    facts = Facts(convex=True, smooth=2, gradient_bound=1.0, non_negative=False)

    def formula(self, xp: Any, fake: Array) -> Array:
        return -fake


@dataclass(frozen=True, kw_only=True)
class RelativisticDiscriminator(ElementwiseLoss):
    """Discriminator of the relativistic GAN: ℓ = −log σ(real − fake), each real sample against a generated one.

    Shapes: real and fake alike, any. Unit: nats. Range: (0, ∞). Only differences of scores count. With penalties on the
    gradient at both (R1 and R2) it is that of R3GAN. Source: Jolicoeur-Martineau 2018, arXiv:1807.00734.
    """

    real, fake = Real(), Real()
    differentiable = ("real", "fake")
    tasks = ("adversarial",)
    aliases = ("RGANDiscriminator",)
    facts = Facts(convex=True, smooth=2, gradient_bound=1.0, non_negative=True)

    def formula(self, xp: Any, real: Array, fake: Array) -> Array:
        return xp.softplus(fake - real)


@dataclass(frozen=True, kw_only=True)
class RelativisticGenerator(ElementwiseLoss):
    """Generator of the relativistic GAN: ℓ = −log σ(fake − real), each generated sample against a real one.

    Shapes: real and fake alike, any; no gradient need flow to real. Unit: nats. Range: (0, ∞).
    Source: Jolicoeur-Martineau 2018, arXiv:1807.00734.
    """

    real, fake = Real(), Real()
    differentiable = ("real", "fake")
    tasks = ("adversarial",)
    aliases = ("RGANGenerator",)
    facts = Facts(convex=True, smooth=2, gradient_bound=1.0, non_negative=True)

    def formula(self, xp: Any, real: Array, fake: Array) -> Array:
        return xp.softplus(real - fake)


@dataclass(frozen=True, kw_only=True)
class RelativisticAverage(BatchwiseLoss):
    """The base: every score against the mean score of the other kind, over what is not masked of the batch."""

    real, fake = Real(), Real()
    differentiable = ("real", "fake")
    tasks = ("adversarial",)
    facts = Facts(convex=True, smooth=2, non_negative=True)

    def against_the_mean(self, xp: Any, ahead: Array, behind: Array, keep: Array | None) -> Array:
        """−log σ(ahead − mean of behind) − log(1 − σ(behind − mean of ahead))."""
        rivals, winners = (xp.mean_where(scores, keep) for scores in (behind, ahead))
        return xp.softplus(rivals - ahead) + xp.softplus(behind - winners)


@dataclass(frozen=True, kw_only=True)
class RelativisticAverageDiscriminator(RelativisticAverage):
    """Discriminator of the relativistic average GAN: ℓ = −log σ(real − E fake) − log(1 − σ(fake − E real)).

    Shapes: real and fake alike, any; E is the mean over all scores of the batch that are not masked. Unit: nats. Range:
    (0, ∞). Needs batches whose means mean something. Source: Jolicoeur-Martineau 2018, arXiv:1807.00734 (RaGAN; ESRGAN
    has half of it).
    """

    aliases = ("RaGANDiscriminator",)

    def formula(self, xp: Any, real: Array, fake: Array, *, keep: Array | None = None) -> Array:
        return self.against_the_mean(xp, real, fake, keep)


@dataclass(frozen=True, kw_only=True)
class RelativisticAverageGenerator(RelativisticAverage):
    """Generator of the relativistic average GAN: ℓ = −log σ(fake − E real) − log(1 − σ(real − E fake)).

    Shapes: real and fake alike, any; E is the mean over all scores of the batch that are not masked. Unit: nats. Range:
    (0, ∞). Real scores are part of it: score them too in the generator's step. Source: Jolicoeur-Martineau 2018,
    arXiv:1807.00734 (RaGAN; ESRGAN has half of it).
    """

    aliases = ("RaGANGenerator",)

    def formula(self, xp: Any, real: Array, fake: Array, *, keep: Array | None = None) -> Array:
        return self.against_the_mean(xp, fake, real, keep)


@dataclass(frozen=True, kw_only=True)
class EnergyDiscriminator(ElementwiseLoss):
    """Discriminator of the energy-based GAN: ℓ = real + max(0, m − fake), of energies (an autoencoder's errors).

    Shapes: real and fake alike, any, both ≥ 0. Range: [0, ∞). margin m > 0, in the energies' unit: generated samples
    above it are let be. The derivative at the kink fake = m is 0. Source: Zhao, Mathieu & LeCun 2016, arXiv:1609.03126.
    """

    margin: float = 1.0

    real, fake = NonNegative(), NonNegative()
    differentiable = ("real", "fake")
    tasks = ("adversarial",)
    aliases = ("EBGANDiscriminator",)
    facts = Facts(convex=True, gradient_bound=1.0, non_negative=True)

    def __post_init__(self) -> None:
        positive(margin=self.margin)

    def formula(self, xp: Any, real: Array, fake: Array) -> Array:
        return real + xp.relu(self.margin - fake)


@dataclass(frozen=True, kw_only=True)
class EnergyGenerator(ElementwiseLoss):
    """Generator of the energy-based GAN: ℓ = fake, the energy of what it made.

    Shapes: any, ≥ 0. Range: [0, ∞). BEGAN's generator too. Source: Zhao, Mathieu & LeCun 2016, arXiv:1609.03126
    (without its pulling-away term).
    """

    fake = NonNegative()
    differentiable = ("fake",)
    tasks = ("adversarial",)
    aliases = ("EBGANGenerator", "BEGANGenerator", "BoundaryEquilibriumGenerator")
    facts = Facts(convex=True, smooth=2, gradient_bound=1.0, non_negative=True)

    def formula(self, xp: Any, fake: Array) -> Array:
        return fake


@dataclass(frozen=True, kw_only=True)
class BoundaryEquilibriumDiscriminator(ElementwiseLoss):
    """Discriminator of BEGAN: ℓ = real − k · fake, of energies (an autoencoder's errors); k keeps the two in balance.

    Shapes: real and fake alike, any, both ≥ 0; balance k in [0, 1], of their shape or one number for all; values alike.
    Unit: the energies'. Range: (−∞, ∞). No gradient flows to k, which is 0 at first and moves after each step: `balance
    = loss.next_balance(real, fake, balance)` is k + λ (γ E real − E fake), held within [0, 1]. diversity γ in (0, 1],
    the E fake / E real that it aims at: a low one gives sharp pictures that are much alike; rate λ > 0. The generator
    minimises EnergyGenerator. How far training has come: E real + |γ E real − E fake|, which falls.
    Source: Berthelot, Schumm & Metz 2017, arXiv:1703.10717. As torchgan's BoundaryEquilibriumDiscriminatorLoss (γ is
    0.75 there), which holds k itself.
    """

    diversity: float = 0.5
    rate: float = 0.001

    real, fake, balance = NonNegative(), NonNegative(), Probability()
    differentiable = ("real", "fake")
    tasks = ("adversarial",)
    aliases = ("BEGANDiscriminator",)
    facts = Facts(convex=True, smooth=2, gradient_bound=1.0, non_negative=False)

    def __post_init__(self) -> None:
        positive(rate=self.rate)
        if not 0 < self.diversity <= 1:
            raise ValueError(f"diversity: expected a number in (0, 1], got {self.diversity}")

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        one_for_all = not xp.shape(bound["balance"])
        super().check_shapes(xp, {name: x for name, x in bound.items() if not (one_for_all and name == "balance")})

    def formula(self, xp: Any, real: Array, fake: Array, balance: Array) -> Array:
        return real - balance * fake

    def next_balance(self, real: Array, fake: Array, balance: Array | float) -> Array:
        """k for the next step: of the energies of this one, `fake` those that the generator was trained on."""
        xp = namespace(real, fake)
        short = self.diversity * xp.mean(xp.stop_gradient(real)) - xp.mean(xp.stop_gradient(fake))
        return xp.clip(balance + self.rate * short, 0.0, 1.0)

"""Adversarial pairs: what the discriminator and the generator of a GAN minimise. Scores are logits, not probabilities.

A discriminator loss takes the scores of as many real as generated samples, a generator loss the scores of generated
ones; a mean is then E[real part] + E[generated part], as the papers write it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Real
from losskit.core.facts import Facts
from losskit.core.kinds import ElementwiseLoss

__all__ = [
    "HingeDiscriminator",
    "HingeGenerator",
    "LeastSquaresDiscriminator",
    "LeastSquaresGenerator",
    "MinimaxDiscriminator",
    "MinimaxGenerator",
    "NonSaturatingGenerator",
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
    """Generator of the original game: ℓ = log(1 − σ(fake)). Saturates where the discriminator wins; see NonSaturating.

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

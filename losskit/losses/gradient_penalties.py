"""Penalties on gradients that were taken before: what keeps a critic Lipschitz, or a discriminator flat at the data.

Take the gradient of the scores by their inputs first, in a form that can be differentiated again:
`torch.autograd.grad(scores.sum(), images, create_graph=True)`, `jax.grad`, a nested `tf.GradientTape`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative
from losskit.losses.relative import SampleLoss
from losskit.losses.similarity import length

__all__ = ["GradientPenalty", "ZeroCenteredGradientPenalty"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class GradientPenalty(SampleLoss):
    """A gradient's length held near one: ℓ = (‖g‖ − k)², g the gradient of a critic's score by one sample. WGAN-GP.

    Shapes: gradient (N, …) with at least two axes, as the samples; values (N,), over all of a sample's coordinates.
    Range: [0, ∞). norm k ≥ 0: 1 in WGAN-GP, at random points between real and generated samples; around real ones it is
    DRAGAN's; with StyleGAN2's running mean of lengths its path-length penalty. one_sided=True holds lengths below k
    only: max(0, ‖g‖ − k)², which is all that a Lipschitz constant asks for. At g = 0 the length has no slope: gradient
    0 (the bare root has NaN there). Papers add 10 times this.
    A mask has the gradient's shape: coordinates can be left out. Exact while the squared length fits the dtype.
    Source: Gulrajani et al. 2017, arXiv:1704.00028; one-sided: Petzka, Fischer & Lukovnikov 2018, arXiv:1709.08894;
    Kodali et al. 2017, arXiv:1705.07215; Karras et al. 2019, arXiv:1912.04958.
    """

    norm: float = 1.0
    one_sided: bool = False

    gradient = Real()
    differentiable = ("gradient",)
    tasks = ("adversarial", "regularisation")
    aliases = ("WGANGP", "LipschitzPenalty")
    facts = Facts(
        convex=lambda loss: loss.one_sided or loss.norm == 0 or None,
        smooth=lambda loss: 2 if loss.norm == 0 else 1 if loss.one_sided else 0,
        gradient_bound=math.inf,
        non_negative=True,
    )

    def __post_init__(self) -> None:
        non_negative(norm=self.norm)

    def formula(self, xp: Any, gradient: Array) -> Array:
        # Masked coordinates are 0, and add nothing to the length.
        rows = xp.reshape(gradient, (xp.shape(gradient)[0], -1))
        if self.norm == 0:  # without a root, whose second derivatives at 0 are not those of the square
            return xp.sum(xp.square(rows), axis=-1)
        excess = length(xp, rows) - self.norm
        return xp.square(xp.relu(excess) if self.one_sided else excess)


@dataclass(frozen=True, kw_only=True)
class ZeroCenteredGradientPenalty(SampleLoss):
    """Half the squared length of a gradient: ℓ = ½‖g‖², g that of the discriminator's score by one sample. R1 and R2.

    R1 takes it at real samples, R2 at generated ones; both are multiplied by the paper's γ = 10. Shapes: gradient (N,
    …) with at least two axes, as the samples; values (N,). Range: [0, ∞). Keeps a discriminator from moving about at
    the equilibrium, where it should be flat: GANs converge.
    A mask has the gradient's shape: coordinates can be left out. Exact while the squares fit the dtype.
    Source: Mescheder, Geiger & Nowozin 2018, arXiv:1801.04406. Half of GradientPenalty(norm=0.0).
    """

    gradient = Real()
    differentiable = ("gradient",)
    tasks = ("adversarial", "regularisation")
    aliases = ("R1", "R2Penalty", "ZeroCentredGradientPenalty")
    facts = Facts(convex=True, smooth=2, gradient_bound=math.inf, non_negative=True)

    def formula(self, xp: Any, gradient: Array) -> Array:
        return xp.sum(xp.square(gradient), axis=self.parts(xp, gradient)) / 2

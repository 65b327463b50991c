"""Losses of losses: what is made of the values of several tasks, or of one value that must not go to 0."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Real, Rows
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, one_of
from losskit.core.kinds import ElementwiseLoss, RowwiseLoss

__all__ = ["Flooding", "UncertaintyWeighting"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class UncertaintyWeighting(RowwiseLoss):
    """Tasks weighed by learned variances: ℓ = Σₖ (½ e^−sₖ Lₖ + ½ sₖ), s = log σ² of each task, to be learned beside.

    At its minimum each weight is half the inverse of what its task's loss is: all count alike, whatever their units.
    Shapes: values L (…, K), the losses of K tasks, and log_variance s alike; values (…): (K,) and (K,) give a scalar.
    Range: all reals; below 0 once losses are below 1/e. Of a likelihood in nats (a cross-entropy) Kendall et al. have
    e^−s L: pass 2L. regularizer: "log" (the above) or "softplus", log(1 + σ²) in place of log σ, which never turns
    negative, nor rewards a small σ without end. Exact while e^−s fits the dtype (s > −88 in float32).
    `losskit.torch.UncertaintyWeights` holds s as a parameter; start at 0.
    Source: Kendall, Gal & Cipolla 2017, arXiv:1705.07115; softplus: Liebel & Körner 2018, arXiv:1805.06334.
    """

    regularizer: Literal["log", "softplus"] = "log"

    values, log_variance = Rows(), Rows()
    differentiable = ("values", "log_variance")
    tasks = ("multi-task",)
    aliases = ("HomoscedasticUncertainty", "KendallWeighting")
    facts = Facts(convex=True, smooth=2, gradient_bound=math.inf, non_negative=False)

    def __post_init__(self) -> None:
        one_of(("log", "softplus"), regularizer=self.regularizer)

    def formula(self, xp: Any, values: Array, log_variance: Array) -> Array:
        penalty = log_variance / 2 if self.regularizer == "log" else xp.softplus(log_variance)
        return xp.sum(xp.exp(-log_variance) * values / 2 + penalty, axis=-1)


@dataclass(frozen=True, kw_only=True)
class Flooding(ElementwiseLoss):
    """A loss that is held near a level: ℓ = |L − b| + b, so that below b the gradient turns round. Against overfitting.

    Shapes: value L, any: the batch's loss, a scalar, as in the paper, or each sample's (iFlood); values alike.
    Unit: the loss's. Range: [b, ∞). level b ≥ 0: the training loss not to fall below, to be searched for on validation
    data (0 to 0.2 in the paper). At L = b the gradient is 0.
    Source: Ishida et al. 2020, arXiv:2002.08709.
    """

    level: float = 0.05

    value = Real()
    differentiable = ("value",)
    tasks = ("regularisation",)
    facts = Facts(convex=True, smooth=0, gradient_bound=1.0, non_negative=True)

    def __post_init__(self) -> None:
        non_negative(level=self.level)

    def formula(self, xp: Any, value: Array) -> Array:
        return xp.abs(value - self.level) + self.level

"""Divergences between two distributions over classes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, get_args

from losskit.core.domain import Domain, LogSimplex, Rows, Simplex
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of
from losskit.core.kinds import RowwiseLoss, ScoreInput

__all__ = ["JensenShannon", "KLDivergence"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class Divergence(RowwiseLoss):
    """The base: a row of class scores against a row of probabilities. input: what the prediction holds."""

    input: ScoreInput = "logits"

    target = Simplex()
    tasks = ("distribution",)

    def __post_init__(self) -> None:
        one_of(get_args(ScoreInput), input=self.input)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return {"logits": Rows(), "log_probabilities": LogSimplex(), "probabilities": Simplex()}[self.input]


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
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        gradient_bound=lambda loss: {"logits": math.sqrt(2), "log_probabilities": 1.0}.get(loss.input, math.inf),
        non_negative=True,
        zero_at_target=lambda loss: True if loss.input == "probabilities" else None,
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
class JensenShannon(Divergence):
    """Jensen–Shannon divergence: ℓ = ½ KL(p ‖ m) + ½ KL(t ‖ m), m = ½ (p + t).

    Shapes: prediction (…, C), target (…, C) probabilities; values (…). Unit: nats. Range: [0, log 2]. Symmetric in the
    two distributions and bounded, so that a wrong target pulls less than with KL.
    Source: Lin 1991, doi:10.1109/18.61115.
    """

    aliases = ("JS", "JSD", "JensenShannonDivergence")
    facts = Facts(
        convex=lambda loss: True if loss.input == "probabilities" else None,
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        non_negative=True,
        zero_at_target=lambda loss: True if loss.input == "probabilities" else None,
        symmetric=lambda loss: True if loss.input == "probabilities" else None,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        p = prediction
        if self.input != "probabilities":
            p = xp.exp(xp.log_softmax(prediction) if self.input == "logits" else prediction)
        return xp.sum(_contribution(xp, p, target), axis=-1)


def _contribution(xp: Any, p: Array, t: Array) -> Array:
    """½ (p log(p/m) + t log(t/m)) for m = ½ (p + t), one class's part, ≥ 0 and about (p − t)² / 8m for p near t."""
    both = p + t
    near = xp.abs(p - t) < both / 2
    # Near: p = m (1 + u) and t = m (1 − u), with (1 ± u) log(1 ± u) added up so that what cancels is gone.
    u = xp.where(near, p - t, 0.0) / xp.where(near, both, 1.0)
    small = both * (xp.log1p(-u * u) + u * (xp.log1p(u) - xp.log1p(-u))) / 4
    a, b, m = (xp.where(near, 1.0, each) for each in (p, t, both / 2))
    m = xp.where(m == 0, 1.0, m)
    return xp.where(near, small, (xp.xlogy(a, a / m) + xp.xlogy(b, b / m)) / 2)

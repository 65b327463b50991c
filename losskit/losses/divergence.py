"""Divergences between two distributions over classes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Domain, LogSimplex, Rows, Simplex
from losskit.core.facts import Facts
from losskit.core.kinds import RowwiseLoss, ScoreInput

__all__ = ["JensenShannon", "KLDivergence"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class Divergence(RowwiseLoss):
    """The base: a row of class scores against a row of probabilities. input: what the prediction holds."""

    input: ScoreInput = "logits"

    target = Simplex()
    tasks = ("distribution",)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return {"logits": Rows(), "log_probabilities": LogSimplex(), "probabilities": Simplex()}[self.input]

    def log_probabilities(self, xp: Any, prediction: Array) -> Array:
        if self.input == "logits":
            return xp.log_softmax(prediction)
        return prediction if self.input == "log_probabilities" else xp.log(prediction)


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
        gradient_bound=lambda loss: math.sqrt(2) if loss.input == "logits" else math.inf,
        non_negative=True,
        proper=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        log_p = self.log_probabilities(xp, prediction)
        absent = target == 0
        # Replaced before the product and the logarithm: 0 · (−inf) and log 0 must not reach a derivative.
        log_t = xp.log(xp.where(absent, xp.ones_like(target), target))
        return xp.sum(target * (log_t - xp.where(absent, xp.zeros_like(log_p), log_p)), axis=-1)


@dataclass(frozen=True, kw_only=True)
class JensenShannon(Divergence):
    """Jensen–Shannon divergence: ℓ = ½ KL(p ‖ m) + ½ KL(t ‖ m), m = ½ (p + t).

    Shapes: prediction (…, C), target (…, C) probabilities; values (…). Unit: nats. Range: [0, log 2]. Symmetric in the
    two distributions and bounded, so that a wrong target pulls less than with KL.
    Source: Lin 1991, doi:10.1109/18.61115.
    """

    aliases = ("JS", "JSD", "JensenShannonDivergence")
    facts = Facts(
        non_negative=True,
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        convex=lambda loss: True if loss.input == "probabilities" else None,
        proper=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        log_p = self.log_probabilities(xp, prediction)
        p = xp.exp(log_p) if self.input != "probabilities" else prediction
        half = (p + target) / 2
        return xp.sum(_relative(xp, p, half) + _relative(xp, target, half), axis=-1) / 2


def _relative(xp: Any, p: Array, m: Array) -> Array:
    """p log(p / m), 0 where p is 0. p/m lies in [0, 2]: the logarithm of the ratio does not cancel near equality."""
    present = p > 0
    one = xp.ones_like(p)
    return xp.where(present, p * xp.log1p((p - m) / xp.where(present, m, one)), xp.zeros_like(p))

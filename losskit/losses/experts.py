"""Mixtures of experts: what keeps a router from sending every token to the same few, and its logits small."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Rows
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.kinds import BatchwiseLoss, RowwiseLoss

__all__ = ["LoadBalancing", "RouterZLoss"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class LoadBalancing(BatchwiseLoss):
    """Switch's auxiliary loss: L = E Σₑ fₑ Pₑ, fₑ the share of tokens sent to expert e, Pₑ its mean probability.

    A token's share is ℓₙ = E Σₑ fₑ p(e | n), p the softmax of its logits; a mean over tokens is L. Shapes: prediction
    (N, E), the router's logits of N tokens (of a whole batch: reshape first); values (N,). Range of the mean: (0, E];
    1 for even loads, E where one expert gets all. top_k ≥ 1: how many experts a token is sent to, those of its largest
    logits (the first ones, of equal logits); f are shares of all assignments, so that 1 stays the even value.
    f is a constant for the gradient, which lowers probabilities of experts that are sent more than their share. Add it
    with a small weight: 0.01 in the paper. A masked token (padding) counts in neither f nor P.
    Source: Fedus, Zoph & Shazeer 2021, arXiv:2101.03961. transformers' load_balancing_loss_func is top_k times this.
    """

    top_k: int = 1

    prediction = Rows()
    tasks = ("mixture-of-experts", "regularisation")
    aliases = ("SwitchLoadBalancing", "RouterLoadBalancing")
    facts = Facts(non_negative=True)

    def __post_init__(self) -> None:
        if not isinstance(self.top_k, int) or self.top_k < 1:
            raise ValueError(f"top_k: expected a whole number >= 1, got {self.top_k!r}")

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        shape = xp.shape(bound["prediction"])
        if len(shape) != 2 or shape[1] < self.top_k:
            raise ShapeError(f"prediction: expected (tokens, experts), at least {self.top_k} experts, got {shape}")

    def formula(self, xp: Any, prediction: Array, *, keep: Array | None = None) -> Array:
        experts = xp.shape(prediction)[-1]
        chosen = xp.argsort(-xp.stop_gradient(prediction), axis=-1)[..., : self.top_k]
        sent = xp.sum(xp.one_hot(chosen, experts, dtype=prediction), axis=-2)
        kept = xp.ones_like(sent[..., :1]) if keep is None else xp.cast(xp.expand_dims(keep, -1), sent)
        count = xp.sum(kept)
        load = xp.sum(sent * kept, axis=0, keepdims=True) / (xp.where(count == 0, 1.0, count) * self.top_k)
        return experts * xp.sum(load * xp.softmax(prediction), axis=-1)


@dataclass(frozen=True, kw_only=True)
class RouterZLoss(RowwiseLoss):
    """The squared log-partition of a row of logits: ℓ = (log Σₖ eᶻᵏ)². Keeps logits from drifting off together.

    Shapes: prediction (…, K) logits; values (…). Range: [0, ∞). 0 where the logits are log-probabilities already.
    Added to a router's loss with a small weight (0.001 in ST-MoE) it keeps a mixture of experts stable in half
    precision. For the logits of a classifier or a language model CrossEntropy(z_loss=…) has it inside.
    Source: Zoph et al. 2022, arXiv:2202.08906. As transformers' router_z_loss_func.
    """

    prediction = Rows()
    tasks = ("mixture-of-experts", "regularisation")
    aliases = ("ZLoss", "LogPartitionPenalty")
    facts = Facts(convex=False, smooth=2, gradient_bound=math.inf, non_negative=True)

    def formula(self, xp: Any, prediction: Array) -> Array:
        return xp.square(xp.logsumexp(prediction))

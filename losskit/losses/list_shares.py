"""More losses of a list's relevance as a distribution over its items, as ListNet of `ranking`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import NonNegative, Probability
from losskit.core.facts import Facts
from losskit.losses.ranking import ListwiseLoss, of_kept, proportions

__all__ = ["CrossEntropyNDCG"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class CrossEntropyNDCG(ListwiseLoss):
    """XE-NDCG: ℓ = −Σ_i q_i log softmax(s)_i, q_i = (2^(y_i) − γ_i) / Σ_j (2^(y_j) − γ_j): a convex bound on NDCG.

    ListNet with shares by gain. Shapes: prediction and target y ≥ 0, (N, L), and gamma γ in [0, 1] for each item, (N,
    L), optional: without it ½, the mean of a draw; values (N,). Unit: nats. Range: [0, ∞); its least is the entropy of
    q. Drawn from [0, 1], γ tells items of equal relevance apart by chance; all 1, q is by the gain
    2^y − 1, and what is irrelevant has no share. In time L. A list without any gain (y = 0 and γ = 1 throughout) has
    value 0. 2^y has to fit the dtype. No gradient flows to γ.
    Source: Bruch 2019, arXiv:1911.09798. LightGBM's rank_xendcg draws γ anew in each round, and adds terms of
    higher order to the gradient.
    """

    target, gamma = NonNegative(), Probability()
    aliases = ("XENDCG", "RankXENDCG")
    facts = Facts(convex=True, smooth=2, non_negative=True)

    def formula(
        self, xp: Any, prediction: Array, target: Array, gamma: Array | None = None, *, keep: Array | None = None
    ) -> Array:
        # 2^y − 1 without 2^y: nothing cancels where y is nearly 0 and γ nearly 1.
        gains = xp.expm1(target * math.log(2)) + (0.5 if gamma is None else 1 - gamma)
        shares = proportions(xp, gains, keep)
        log_p = xp.log_softmax(of_kept(xp, prediction, keep, -math.inf))
        return -xp.sum(shares * xp.where(shares == 0, 0.0, log_p), axis=-1)

"""Twins of losskit.losses.ranking: pairs, ranks and draws one by one."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import exp, far_digits, log, softmax
from tests.oracles.draw import values
from tests.oracles.oracle import oracle

ITEMS = 4
FAR = 1e4


def lists(case, n, rng, kind, dtype):
    """Graded relevance with ties, now and then of one grade only; scores of which none are near each other."""
    scores = values(case.domain("prediction"), rng, (n, ITEMS), kind, dtype, case)
    target = rng.integers(0, 4, (n, ITEMS)).astype(float)
    target[1::5] = target[1::5, :1]
    target[2::5] = rng.permuted(np.broadcast_to(np.eye(ITEMS)[0], target[2::5].shape), axis=1)
    scores = np.where(np.abs(scores) < 1e-8, 0.0, np.clip(scores, -FAR, FAR))
    return {"prediction": scores, "target": target}


LISTS: dict[str, Any] = {"draw": lists, "cancelling": (1, 2), "extent": lambda loss, x: 1.0}
NOTHING = [([0.5, 0.0, -1.0, 2.0], [0.0] * ITEMS), ([0.0] * ITEMS, [3.0, 2.0, 2.0, 0.0])]


def spread(order, loss, prediction, target, steps=1.0):
    """exp of a rounded difference is known to as many half ulps as it is large."""
    return 2 + mpf(steps) * min(max(prediction) - min(prediction), 750) / 8


def pairs(target):
    return [(i, j) for i, j in permutations(range(len(target)), 2) if target[i] > target[j]]


SPREAD = "exp of a rounded difference of scores is known to as many half ulps as it is large; opposite pulls cancel"


@oracle(
    losskit.RankNet,
    variants=({}, {"sigma": 0.25}),
    why=SPREAD,
    condition=lambda order, loss, prediction, target: spread(order, loss, prediction, target, loss.sigma),
    extra=lambda loss: NOTHING,
    **LISTS,
)
@far_digits
def rank_net(loss, prediction, target):
    found = pairs(target)
    terms = [log(1 + exp(-mpf(loss.sigma) * (prediction[i] - prediction[j]))) / len(found) for i, j in found]
    return fsum(terms)


def at_a_margin(loss, prediction, target):
    return any(
        abs(mpf(loss.margin) - (prediction[i] - prediction[j])) < mpf(2) ** -20 * (abs(prediction[i]) + 1)
        for i, j in pairs(target)
    )


@oracle(
    losskit.PairwiseHinge,
    variants=({}, {"margin": 0.25}),
    why="the lead of a pair is rounded before it is taken from the margin; opposite pulls cancel",
    rough=at_a_margin,
    # A pair just at the margin, when the first score is 1.
    extra=lambda loss: [([5.0, 1 - loss.margin, -9.0, -9.0], [1.0, 0.0, 0.0, 0.0]), *NOTHING],
    **LISTS,
)
def pairwise_hinge(loss, prediction, target):
    found = pairs(target)
    active = [(i, j) for i, j in found if mpf(loss.margin) - (prediction[i] - prediction[j]) > 0]
    parts = [part / len(found) for i, j in active for part in (mpf(loss.margin), prediction[j] - prediction[i])]
    return tuple(parts) or mpf(0)


def gains(loss, target):
    """Gains over the ideal list's discounted sum."""
    found = [2**y - 1 if loss.gain == "exponential" else y for y in target]
    ideal = fsum(g * discount(rank, getattr(loss, "top", None)) for rank, g in enumerate(sorted(found)[::-1], start=1))
    return [g / ideal if ideal else mpf(0) for g in found]


def discount(rank, top=None):
    return log(mpf(2)) / log(1 + mpf(rank)) if top is None or rank <= top else mpf(0)


def ties(loss, prediction, target):
    return len(set(prediction)) < len(prediction)


@oracle(
    losskit.LambdaLoss,
    variants=(
        {},
        {"weighting": "ndcg2", "gain": "linear", "sigma": 0.5},
        {"weighting": "ndcg2++", "mu": 4.0},
        {"top": 2},
        {"weighting": "ndcg2++", "top": 1},
    ),
    why=f"{SPREAD}; weights are differences of quotients of logarithms",
    condition=lambda order, loss, prediction, target: 2 * spread(order, loss, prediction, target, loss.sigma),
    rough=ties,
    extra=lambda loss: NOTHING,
    **LISTS,
)
@far_digits
def lambda_loss(loss, prediction, target):
    order = sorted(range(ITEMS), key=lambda i: -prediction[i])  # stable: of equal scores the first comes first
    rank = {i: order.index(i) + 1 for i in range(ITEMS)}
    gain = gains(loss, target)

    def change(i, j):
        swap = abs(discount(rank[i], loss.top) - discount(rank[j], loss.top))
        apart = abs(rank[i] - rank[j])
        bound = discount(apart) - discount(apart + 1)
        if loss.top is not None and min(rank[i], rank[j]) > loss.top:
            bound = mpf(0)
        return {"lambdarank": swap, "ndcg2": bound, "ndcg2++": swap + mpf(loss.mu) * bound}[loss.weighting]

    return fsum(
        abs(gain[i] - gain[j]) * change(i, j) * log(1 + exp(-mpf(loss.sigma) * (prediction[i] - prediction[j])))
        for i, j in pairs(target)
    )


def soft_ranks(loss, prediction):
    t = mpf(loss.temperature)
    return [
        1 + fsum(1 / (1 + exp(-(other - own) / t)) for j, other in enumerate(prediction) if j != i)
        for i, own in enumerate(prediction)
    ]


def by_temperature(order, loss, prediction, target):
    return spread(order, loss, prediction, target, 1 / mpf(loss.temperature))


@oracle(
    losskit.ApproxNDCG,
    variants=({}, {"temperature": 0.25, "gain": "linear"}),
    why=f"{SPREAD}; one minus the measure",
    condition=by_temperature,
    extra=lambda loss: NOTHING,
    **LISTS | {"extent": lambda loss, x: loss.temperature},
)
@far_digits
def approx_ndcg(loss, prediction, target):
    if not any(target):
        return mpf(0)
    pairs_of = zip(gains(loss, target), soft_ranks(loss, prediction), strict=True)
    return mpf(1), *(-gain * discount(rank) for gain, rank in pairs_of)


@oracle(
    losskit.ApproxReciprocalRank,
    variants=({}, {"temperature": 0.25}),
    why=SPREAD,
    condition=by_temperature,
    extra=lambda loss: NOTHING,
    **LISTS | {"extent": lambda loss, x: loss.temperature},
)
@far_digits
def approx_reciprocal_rank(loss, prediction, target):
    if not any(target):
        return mpf(0)
    return fsum(y / fsum(target) * (1 - 1 / rank) for y, rank in zip(target, soft_ranks(loss, prediction), strict=True))


@oracle(
    losskit.ListNet,
    variants=({}, {"distribution": "proportional"}),
    why=SPREAD,
    condition=spread,
    extra=lambda loss: NOTHING,
    **LISTS,
)
@far_digits
def list_net(loss, prediction, target):
    if loss.distribution == "softmax":
        shares = softmax(target)
    else:
        shares = [y / fsum(target) if any(target) else mpf(0) for y in target]
    return fsum(-q * log(p) for q, p in zip(shares, softmax(prediction), strict=True) if q)


@oracle(
    losskit.ListMLE,
    why="log Σ exp of what is left is rounded before the item's own score is taken from it",
    condition=spread,
    extra=lambda loss: NOTHING,
    **LISTS,
)
@far_digits
def list_mle(loss, prediction, target):
    return tuple(
        part
        for y, s in zip(target, prediction, strict=True)
        for part in (
            log(fsum(exp(other) for z, other in zip(target, prediction, strict=True) if z <= y)),
            -s,
        )
    )

"""Twins of losskit.losses.recommender."""

from __future__ import annotations

from typing import Any

from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import exp, far_digits, log, softmax
from tests.oracles.oracle import oracle

SPREAD = "exp of a rounded difference of scores is known to as many half ulps as it is large; opposite pulls cancel"
SAMPLED: dict[str, Any] = {
    "columns": 3,
    "reach": dict.fromkeys(("positive", "negatives"), (-1e4, 1e4)),
    "least": 1e-8,
    "cancelling": (1, 2),
    "extent": lambda loss, x: 1.0,
    "extra": lambda loss: [(0.0, [0.0, 0.0, 0.0]), (1.0, [0.0, 1.0, -30.0]), (-40.0, [1.0, 2.0, 3.0])],
}


def spread(order, loss, positive, negatives):
    every = [positive, *negatives]
    return 2 + min(max(every) - min(every), 750) / 8


def sigmoid(x):
    return 1 / (1 + exp(-x))


@oracle(losskit.BayesianPersonalizedRanking, why=SPREAD, condition=spread, **SAMPLED)
@far_digits
def bayesian_personalized_ranking(loss, positive, negatives):
    return fsum(-log(sigmoid(positive - s)) for s in negatives) / len(negatives)


@oracle(
    losskit.BayesianPersonalizedRankingMax,
    variants=({}, {"regularization": 0.0}, {"regularization": 0.125}),
    why=SPREAD,
    condition=spread,
    **SAMPLED,
)
@far_digits
def bayesian_personalized_ranking_max(loss, positive, negatives):
    q = softmax(negatives)
    terms = [mpf(loss.regularization) * share * s**2 for share, s in zip(q, negatives, strict=True)]
    return -log(fsum(share * sigmoid(positive - s) for share, s in zip(q, negatives, strict=True))), *terms


@oracle(
    losskit.Top1,
    variants=({}, {"weighting": "softmax"}),
    why=f"{SPREAD}, and of a rounded square",
    condition=lambda order, loss, positive, negatives: 8 * spread(order, loss, positive, negatives),
    **SAMPLED,
)
@far_digits
def top1(loss, positive, negatives):
    q = softmax(negatives) if loss.weighting == "softmax" else [mpf(1) / len(negatives)] * len(negatives)
    return tuple(
        share * part for share, s in zip(q, negatives, strict=True) for part in (sigmoid(s - positive), sigmoid(s**2))
    )


@oracle(losskit.SampledSoftmax, why=SPREAD, condition=spread, **SAMPLED)
@far_digits
def sampled_softmax(loss, positive, negatives):
    return -log(softmax([positive, *negatives])[0])


@oracle(losskit.NoiseContrastiveEstimation, **SAMPLED)
@far_digits
def noise_contrastive_estimation(loss, positive, negatives):
    return (-log(sigmoid(positive)), *(-log(sigmoid(-s)) for s in negatives))


def at_a_margin(loss, positive, negatives):
    near = mpf(2) ** -20
    return any(abs(mpf(loss.margin) - positive + s) < near * (abs(positive) + abs(s) + 1) for s in negatives)


@oracle(
    losskit.WeightedApproximateRankPairwise,
    variants=({}, {"items": 1000, "margin": 0.5}),
    rough=at_a_margin,
    why="the distance of two scores is rounded before the margin is added",
    **SAMPLED | {"extra": None},
)
def warp(loss, positive, negatives):
    from mpmath import harmonic

    short = [mpf(loss.margin) - positive + s for s in negatives]
    violations = [x for x in short if x > 0]
    if not violations:
        return mpf(0)
    count = mpf(len(violations))
    rank = count if loss.items is None else count * mpf(loss.items - 1) / len(negatives)
    weight = harmonic(rank) / count
    return tuple(
        weight * part
        for x, s in zip(short, negatives, strict=True)
        if x > 0
        for part in (mpf(loss.margin), -positive, s)
    )


@oracle(
    losskit.CosineContrastive,
    variants=({}, {"margin": 0.5, "negative_weight": 8.0}),
    rough=lambda loss, positive, negatives: any(abs(s - mpf(loss.margin)) < 1e-6 for s in negatives),
    why="a sum of terms of either sign",
    **SAMPLED,
)
def cosine_contrastive(loss, positive, negatives):
    weight = mpf(loss.negative_weight) / len(negatives)
    above = [part for s in negatives if s > mpf(loss.margin) for part in (weight * s, -weight * mpf(loss.margin))]
    return mpf(1), -positive, *above

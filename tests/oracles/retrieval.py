"""Twins of losskit.losses.retrieval."""

from __future__ import annotations

import numpy as np
from mpmath import acos, cos, fsum, mpf

import losskit
from tests.oracles.classification import exp, far_digits, log
from tests.oracles.contrastive import distance, has_zero_row
from tests.oracles.metric import OF_DISTANCES, cosine, relatives
from tests.oracles.oracle import oracle
from tests.oracles.ranking import LISTS, NOTHING, SPREAD, lists, spread


@oracle(
    losskit.CoSENT,
    variants=({}, {"scale": 1.0}),
    why="exp of λ times a rounded similarity is known to as many ulps as it is large",
    condition=lambda order, loss, prediction, target: 1 + loss.scale / 2,
    cancelling=(1, 2),
    extent=lambda loss, x: 1 / loss.scale,
    reach=dict.fromkeys(("prediction", "target"), (-4.0, 4.0)),
    least=1e-8,
)
@far_digits
def co_sent(loss, prediction, target):
    scale = mpf(loss.scale)
    graded = list(zip(prediction, target, strict=True))
    return [log(1 + fsum(exp(scale * (s - r)) for r, t in graded for s, u in graded if t > u))] * len(graded)


def binary_lists(case, n, rng, kind, dtype):
    drawn = lists(case, n, rng, kind, dtype)
    return drawn | {"target": np.minimum(drawn["target"], 1.0)}


@oracle(
    losskit.SmoothAveragePrecision,
    variants=({"temperature": 1.0}, {"temperature": 0.25}),
    why=SPREAD,
    condition=lambda order, loss, prediction, target: spread(order, loss, prediction, target, 1 / loss.temperature),
    extra=lambda loss: [(scores, [min(y, 1.0) for y in target]) for scores, target in NOTHING],
    **LISTS | {"draw": binary_lists, "extent": lambda loss, x: loss.temperature},
)
@far_digits
def smooth_average_precision(loss, prediction, target):
    relevant = [i for i, y in enumerate(target) if y]

    def ahead(i, items):
        return fsum(1 / (1 + exp((prediction[i] - prediction[j]) / mpf(loss.temperature))) for j in items if j != i)

    precisions = [(1 + ahead(i, relevant)) / (1 + ahead(i, range(len(target)))) for i in relevant]
    return 1 - fsum(precisions) / len(precisions) if precisions else mpf(0)


@oracle(
    losskit.SoftNearestNeighbor,
    variants=({}, {"temperature": 8.0}),
    **OF_DISTANCES
    | {
        "why": "exp of a rounded squared distance is known to as many ulps as it is large",
        "condition": lambda order, loss, row, group: 16 + 512 / loss.temperature,
    },
)
@far_digits
def soft_nearest_neighbor(loss, embeddings, groups):
    values = []
    for i, row in enumerate(embeddings):
        like, unlike = relatives(groups, i)
        nearness = {j: exp(-(distance(row, embeddings[j]) ** 2) / mpf(loss.temperature)) for j in like + unlike}
        own = fsum(nearness[j] for j in like)
        values.append(-log(own / fsum(nearness.values())) if like else mpf(0))
    return values


def parallel(loss, embeddings, groups):
    """Zero vectors, and pairs whose angle is 0 or π up to rounding."""
    pairs = [(a, b) for i, a in enumerate(embeddings) for b in embeddings[:i]]
    return has_zero_row(loss, embeddings) or any(1 - abs(cosine(a, b)) < 1e-5 for a, b in pairs)


@oracle(
    losskit.TupletMargin,
    variants=({"scale": 8.0}, {"margin": 0.5, "scale": 4.0}, {"margin": 0.0}),
    why="exp of s times a sum of rounded products is known to s ulps; near opposite vectors the sine is a difference",
    condition=lambda order, loss, row, group: 4 + loss.scale,
    cancelling=(1, 2),
    rough=parallel,
    reach={"embeddings": (-1e4, 1e4)},
    least=1e-8,
    columns=3,
)
@far_digits
def tuplet_margin(loss, embeddings, groups):
    values = []
    for i, row in enumerate(embeddings):
        like, unlike = ([cosine(row, embeddings[j]) for j in each] for each in relatives(groups, i))
        far = [log(1 + fsum(exp(loss.scale * (n - turned(loss, p))) for n in unlike)) for p in like]
        values.append(fsum(far) / len(far) if far else mpf(0))
    return values


def turned(loss, c):
    """cos(θ − m) of a cosine."""
    return cos(acos(max(mpf(-1), min(mpf(1), c))) - mpf(loss.margin))


@oracle(
    losskit.FloatingPointOperations,
    # Squares have to fit float32, and not to vanish in it.
    reach={"embeddings": (-1e15, 1e15)},
    least=1e-15,
    rough=lambda loss, embeddings: any(x == 0 for row in embeddings for x in row),
    columns=3,
)
def floating_point_operations(loss, embeddings):
    n = len(embeddings)
    return [fsum((fsum(map(abs, column)) / n) ** 2 for column in zip(*embeddings, strict=True))] * n

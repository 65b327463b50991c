"""Twins of losskit.losses.metric."""

from __future__ import annotations

from typing import Any

from mpmath import fsum, mpf, radians, tan

import losskit
from tests.oracles.classification import exp, far_digits, log
from tests.oracles.contrastive import distance, dot, has_zero_row, unit
from tests.oracles.oracle import oracle

# -- a pair ------------------------------------------------------------------------------------------------------------


def cosine(first, second):
    return dot(unit(first), unit(second))


@oracle(
    losskit.CosineEmbedding,
    variants=({}, {"margin": 0.5}, {"margin": -0.25}),
    why="rounding a direction by an ulp changes its cosine by an ulp of 1, and the products of the sum may cancel",
    cancelling=(1, 2),
    rough=lambda loss, first, second, target: (
        not any(first) or not any(second) or (target < 0 and abs(cosine(first, second) - loss.margin) < 1e-5)
    ),
    extra=lambda loss: [
        ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0], 1.0),
        ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0], -1.0),
        ([1.0, 2.0, 3.0, 4.0], [-2.0, -4.0, -6.0, -8.0], -1.0),
        ([0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0], -1.0),
    ],
)
def cosine_embedding(loss, first, second, target):
    terms = tuple(x * y for x, y in zip(unit(first), unit(second), strict=True))
    if target > 0:
        return mpf(1), *(-term for term in terms)
    return (-mpf(loss.margin), *terms) if fsum(terms) > loss.margin else mpf(0)


@oracle(
    losskit.Center,
    # Squares have to fit float32, and not to vanish in it.
    reach=dict.fromkeys(("embedding", "center"), (-1e15, 1e15)),
    least=1e-15,
    columns=3,
)
def center(loss, embedding, center):
    return fsum((x - c) ** 2 for x, c in zip(embedding, center, strict=True)) / 2


# -- pairs of a batch --------------------------------------------------------------------------------------------------


@oracle(
    losskit.NPairs,
    variants=({}, {"penalty": 2.0**-9}),
    why="scores are sums of rounded products: exp of them is known to as many ulps",
    condition=lambda order, loss, anchor, *others: 1 + 100 * fsum(map(abs, anchor)),
    cancelling=(1, 2),
    reach=dict.fromkeys(("anchors", "positives"), (-30.0, 30.0)),
    least=1e-8,
    columns=3,
)
@far_digits
def n_pairs(loss, anchors, positives, groups=None):
    values = []
    for i, anchor in enumerate(anchors):
        row = [dot(anchor, p) for p in positives]
        like = [j for j in range(len(row)) if j == i or (groups is not None and groups[j] == groups[i])]
        short = mpf(loss.penalty) * fsum(x**2 for x in anchor + positives[i])
        values.append((log(fsum(map(exp, row))), *(-row[j] / len(like) for j in like), short))
    return values


@oracle(
    losskit.Angular,
    variants=({}, {"angle": 60.0}),
    why="sums of rounded products times 4 tan² of the angle: exp of them is known to as many ulps",
    condition=lambda order, loss, *rows: 1 + 8 * tan(radians(loss.angle)) ** 2,
    cancelling=(1, 2),
    rough=has_zero_row,
    reach=dict.fromkeys(("anchors", "positives"), (-1e4, 1e4)),
    least=1e-8,
    columns=3,
)
@far_digits
def angular(loss, anchors, positives):
    t = tan(radians(mpf(loss.angle))) ** 2
    a, p = ([unit(row) for row in rows] for rows in (anchors, positives))
    values = []
    for i in range(len(a)):
        both = [x + y for x, y in zip(a[i], p[i], strict=True)]
        rivals = [row for j in range(len(a)) if j != i for row in (a[j], p[j])]
        values.append(log(1 + fsum(exp(4 * t * dot(both, n) - 2 * (1 + t) * dot(a[i], p[i])) for n in rivals)))
    return values


# -- groups of a batch -------------------------------------------------------------------------------------------------


def relatives(groups, i):
    """The others of i's group, and those of other groups."""
    like = [j for j, group in enumerate(groups) if group == groups[i] and j != i]
    return like, [j for j, group in enumerate(groups) if group != groups[i]]


def all_distances(embeddings):
    return [[distance(a, b) for b in embeddings] for a in embeddings]


def two_coincide(loss, embeddings, groups):
    d = all_distances(embeddings)
    return any(not d[i][j] for i in range(len(d)) for j in range(i))


def close(a, b):
    return abs(a - b) <= mpf(2) ** -18 * max(abs(a), abs(b))


def hardest_is_open(loss, embeddings, groups):
    """Rounding decides which is the hardest, or whether there is a loss at all."""
    d = all_distances(embeddings)
    for i, row in enumerate(d):
        like, unlike = ([row[j] for j in each] for each in relatives(groups, i))
        if not like or not unlike:
            continue
        far, near = sorted(like)[-2:], sorted(unlike)[:2]
        bent = loss.margin is not None and close(far[-1] + loss.margin, near[0])
        if bent or (len(far) > 1 and close(*far)) or (len(near) > 1 and close(*near)) or not near[0] or not far[-1]:
            return True
    return False


@oracle(
    losskit.BatchHardTriplet,
    variants=({}, {"margin": 0.25}, {"margin": None}),
    why="a difference of distances, each rounded; softplus of it is known to as many ulps as it is large",
    condition=lambda order, loss, row, group: 1 if loss.margin else 100,
    cancelling=(1, 2),
    rough=hardest_is_open,
    reach=lambda loss: {"embeddings": (-1e4, 1e4) if loss.margin else (-30.0, 30.0)},
    columns=3,
)
@far_digits
def batch_hard_triplet(loss, embeddings, groups):
    values = []
    for i, row in enumerate(all_distances(embeddings)):
        like, unlike = relatives(groups, i)
        if not like or not unlike:
            values.append(mpf(0))
            continue
        far, near = max(row[j] for j in like), min(row[j] for j in unlike)
        if loss.margin is None:
            values.append(log(1 + exp(far - near)))
        else:
            values.append((far, -near, mpf(loss.margin)) if far - near + loss.margin > 0 else mpf(0))
    return values


def lifted_hinges(loss, embeddings, groups):
    d, m = all_distances(embeddings), mpf(loss.margin)
    for i in range(len(d)):
        like, unlike = relatives(groups, i)
        for j in like:
            pushes = [exp(m - d[k][n]) for k in (i, j) for n in unlike]
            if pushes:
                yield i, log(fsum(pushes)) + d[i][j]


OF_DISTANCES: dict[str, Any] = {
    "why": "exp of a rounded distance is known to as many ulps as it is large",
    "condition": lambda order, loss, row, group: 100,
    "cancelling": (1, 2),
    "reach": {"embeddings": (-30.0, 30.0)},
    "least": 1e-8,
    "columns": 3,
}


@oracle(
    losskit.LiftedStructure,
    variants=({}, {"margin": 0.25}),
    rough=lambda loss, embeddings, groups: (
        two_coincide(loss, embeddings, groups)
        or any(abs(hinge) < 1e-3 for _, hinge in lifted_hinges(loss, embeddings, groups))
    ),
    **OF_DISTANCES,
)
@far_digits
def lifted_structure(loss, embeddings, groups):
    pairs = sum(len(relatives(groups, i)[0]) for i in range(len(groups)))
    values = [mpf(0)] * len(groups)
    for i, hinge in lifted_hinges(loss, embeddings, groups):
        values[i] += max(mpf(0), hinge) ** 2 / (2 * pairs) * len(groups)
    return values


def generalized_hinges(loss, embeddings, groups):
    for i, row in enumerate(all_distances(embeddings)):
        like, unlike = relatives(groups, i)
        if like and unlike:
            pull = log(fsum(exp(row[j]) for j in like))
            yield i, (pull, log(fsum(exp(loss.margin - row[j]) for j in unlike)))


@oracle(
    losskit.GeneralizedLiftedStructure,
    variants=({}, {"margin": 0.25}),
    rough=lambda loss, embeddings, groups: (
        two_coincide(loss, embeddings, groups)
        or any(abs(sum(terms)) < 1e-3 for _, terms in generalized_hinges(loss, embeddings, groups))
    ),
    **OF_DISTANCES | {"condition": lambda order, loss, row, group: 8},
)
@far_digits
def generalized_lifted_structure(loss, embeddings, groups):
    values: list[Any] = [mpf(0)] * len(groups)
    for i, terms in generalized_hinges(loss, embeddings, groups):
        if sum(terms) > 0:
            values[i] = terms
    return values


@oracle(
    losskit.MultiSimilarity,
    variants=({}, {"alpha": 1.0, "beta": 4.0, "threshold": 0.0}),
    why="cosines are sums of rounded products: exp of β times one is known to β ulps",
    condition=lambda order, loss, row, group: 1 + loss.beta,
    cancelling=(1, 2),
    rough=has_zero_row,
    reach={"embeddings": (-1e4, 1e4)},
    least=1e-8,
    columns=3,
)
@far_digits
def multi_similarity(loss, embeddings, groups):
    a, b, threshold = mpf(loss.alpha), mpf(loss.beta), mpf(loss.threshold)
    values = []
    for i, row in enumerate(embeddings):
        like, unlike = ([cosine(row, embeddings[j]) for j in each] for each in relatives(groups, i))
        pull = log(1 + fsum(exp(-a * (s - threshold)) for s in like)) / a
        values.append(pull + log(1 + fsum(exp(b * (s - threshold)) for s in unlike)) / b)
    return values


@oracle(
    losskit.Circle,
    variants=({"scale": 8.0}, {"scale": 1.0, "margin": 0.0}, {"scale": 80.0}),
    why="cosines are sums of rounded products: exp of γ α times one is known to as many ulps",
    condition=lambda order, loss, row, group: 1 + 4 * loss.scale,
    cancelling=(1, 2),
    rough=has_zero_row,
    reach={"embeddings": (-1e4, 1e4)},
    least=1e-8,
    columns=3,
    held=True,
)
@far_digits
def circle(loss, embeddings, groups, held):
    m, scale, values = mpf(loss.margin), mpf(loss.scale), []
    for i, row in enumerate(embeddings):
        like, unlike = relatives(groups, i)
        pull, push = mpf(0), mpf(0)
        for j in like:
            weight = max(0, 1 + m - cosine(held[0][i], held[0][j]))
            pull += exp(-scale * weight * (cosine(row, embeddings[j]) - (1 - m)))
        for j in unlike:
            weight = max(0, cosine(held[0][i], held[0][j]) + m)
            push += exp(scale * weight * (cosine(row, embeddings[j]) - m))
        values.append(log(1 + pull * push))
    return values

"""Twins of losskit.losses.relational_distillation."""

from __future__ import annotations

from typing import Any

from mpmath import fsum, mpf, sqrt

import losskit
from tests.oracles.classification import SOFTMAX, far_digits, softmax
from tests.oracles.contrastive import distance, dot, unit
from tests.oracles.correlation import covariance, mean, shares_of
from tests.oracles.oracle import oracle
from tests.oracles.self_supervised import columns, is_constant


def smooth_l1(x):
    return x**2 / 2 if abs(x) <= 1 else abs(x) - mpf(1) / 2


def relations(loss, rows):
    """For each sample its relations to others."""
    n = len(rows)
    if loss.relation == "distance":
        found = [[distance(x, y) for j, y in enumerate(rows) if j != i] for i, x in enumerate(rows)]
        middle = mean([d for row in found for d in row]) if n > 1 else 1
        return [[d / (middle or 1) for d in row] for row in found]
    sides = [[unit([a - b for a, b in zip(y, x, strict=True)]) for y in rows] for x in rows]
    return [
        [dot(s[j], s[k]) for j in range(n) for k in range(n) if j != k and i not in (j, k)] for i, s in enumerate(sides)
    ]


def two_coincide(*batches):
    return any(x == y for rows in batches for i, x in enumerate(rows) for y in rows[:i])


@oracle(
    losskit.RelationalDistillation,
    variants=({}, {"relation": "angle"}),
    why="relations are known to ulps of 1, their differences and squares to that times themselves (the pair that "
    "cancels)",
    cancelling=(1,),
    extent=lambda loss, x: min(abs(x), 1) or 1e-4,
    rough=lambda loss, prediction, target: two_coincide(prediction, target),
    reach=dict.fromkeys(("prediction", "target"), (-1e4, 1e4)),
    least=1e-4,
    columns=3,
)
def relational(loss, prediction, target):
    values = []
    for row, other in zip(relations(loss, prediction), relations(loss, target), strict=True):
        terms = [
            term / len(row)
            for r, t in zip(row, other, strict=True)
            for term in (smooth_l1(r - t), abs(r - t) * (r + t), -abs(r - t) * (r + t))
        ]
        values.append(tuple(terms) or mpf(0))
    return values


@oracle(
    losskit.SimilarityPreserving,
    why="rows of length 1 are known to ulps of 1, the squares of their differences to that times themselves (the pair "
    "that cancels)",
    cancelling=(1,),
    extent=lambda loss, x: min(abs(x), 1) or 1e-4,
    rough=lambda loss, *batches: not all(any(row) for rows in batches for row in rows),
    reach=dict.fromkeys(("prediction", "target"), (-1e4, 1e4)),
    least=1e-4,
    columns=3,
)
def similarity_preserving(loss, prediction, target):
    n = len(prediction)
    pairs = zip(*([unit([dot(x, y) for y in rows]) for x in rows] for rows in (prediction, target)), strict=True)
    differences = [[a - b for a, b in zip(*rows, strict=True)] for rows in pairs]
    whole = fsum(d**2 for row in differences for d in row) / n**2
    return shares_of(whole, [tuple(t / n for d in row for t in (d**2, abs(d), -abs(d))) for row in differences])


def scores(row):
    """Deviations over their length, None where all are alike."""
    middle = mean(row)
    spread = sqrt(covariance(row, row) * len(row))
    return [(x - middle) / spread for x in row] if spread else None


def missed(p, q, size):
    """What each entry adds to 1 − ρ, as terms."""
    u, v = scores(p), scores(q)
    if u is None or v is None:
        return [(mpf(1) / size,) for _ in p]
    return [((a - b) ** 2 / 2, abs(a - b), -abs(a - b)) for a, b in zip(u, v, strict=True)]


@oracle(
    losskit.StrongerTeacherDistillation,
    variants=({}, {"temperature": 4.0, "inter": 0.5, "intra": 2.0}, {"intra": 0.0}),
    why=f"standard scores are known to ulps of 1 (the pair that cancels); {SOFTMAX}",
    condition=lambda order, loss, prediction, target: (
        4 + min(max(max(row) - min(row) for row in (prediction, target)) / mpf(loss.temperature), 750) / 8
    ),
    cancelling=(1,),
    extent=lambda loss, x: loss.temperature,
    rough=lambda loss, *batches: any(
        is_constant(line) for rows in batches for lines in (rows, columns(rows)) for line in lines
    ),
    reach=dict.fromkeys(("prediction", "target"), (-16.0, 16.0)),
    least=1e-3,
    columns=3,
)
@far_digits
def stronger_teacher(loss, prediction, target):
    p, q = ([softmax([z / mpf(loss.temperature) for z in row]) for row in rows] for rows in (prediction, target))
    n, classes = len(p), len(p[0])
    inter, intra = (mpf(loss.temperature) ** 2 * mpf(weight) for weight in (loss.inter, loss.intra))
    within = [missed(x, y, n) for x, y in zip(columns(p), columns(q), strict=True)]
    values = []
    for i, (x, y) in enumerate(zip(p, q, strict=True)):
        own = [inter * term for terms in missed(x, y, classes) for term in terms]
        shared = [intra * n / classes * term for column in within for term in column[i]]
        values.append(tuple(own + shared))
    return values


FEATURES: dict[str, Any] = {
    "shapes": {"prediction": (4, 3), "target": (4, 2)},
    "reach": dict.fromkeys(("prediction", "target"), (-1e4, 1e4)),
    "least": 1e-4,
}


@oracle(
    losskit.AttentionTransfer,
    variants=({}, {"power": 1.0}, {"power": 3.0}),
    why="attention is known to ulps of 1, the squares of its differences to that times themselves (the pair that "
    "cancels)",
    cancelling=(1,),
    extent=lambda loss, x: min(abs(x), 1) or 1e-4,
    rough=lambda loss, *features: any(
        not any(x for row in each for x in row) or (loss.power == 1 and not all(x for row in each for x in row))
        for each in features
    ),
    **FEATURES,
)
def attention_transfer(loss, prediction, target):
    pairs = zip(
        *(unit([fsum(abs(x) ** mpf(loss.power) for x in row) for row in f]) for f in (prediction, target)), strict=True
    )
    return tuple(term for a, b in pairs for term in ((a - b) ** 2, abs(a - b), -abs(a - b)))

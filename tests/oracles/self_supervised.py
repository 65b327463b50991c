"""Twins of losskit.losses.self_supervised."""

from __future__ import annotations

from mpmath import mpf, sqrt

import losskit
from tests.oracles.classification import SOFTMAX, exp, far_digits, log, softmax
from tests.oracles.contrastive import distance, dot, has_zero_row, unit
from tests.oracles.correlation import covariance, mean
from tests.oracles.oracle import oracle


def columns(rows):
    return [list(column) for column in zip(*rows, strict=True)]


def correlation(x, y):
    spread = sqrt(covariance(x, x) * covariance(y, y))
    return covariance(x, y) / spread if spread else mpf(0)


def is_constant(column):
    return all(x == column[0] for x in column)


@oracle(
    losskit.BarlowTwins,
    variants=({}, {"redundancy": 0.25}),
    why="correlations are known to ulps of 1: their squares to that times themselves (the pair that cancels)",
    cancelling=(1,),
    rough=lambda loss, *views: any(is_constant(column) for view in views for column in columns(view)),
    extent=lambda loss, x: abs(x) or 1e-4,  # what changes is a column: its entries, not its row, say over which length
    reach=dict.fromkeys(("first", "second"), (-1e4, 1e4)),
    least=1e-4,
    columns=3,
)
def barlow_twins(loss, first, second):
    terms = []
    for j, x in enumerate(columns(first)):
        for k, y in enumerate(columns(second)):
            c = correlation(x, y)
            off, factor = (1 - c, mpf(1)) if j == k else (c, mpf(loss.redundancy))
            terms += [factor * off**2, factor * abs(off), -factor * abs(off)]
    return [tuple(terms)] * len(first)


@oracle(
    losskit.VICReg,
    variants=(
        {},
        {"invariance": 0.0, "covariance": 0.0},
        {"invariance": 1.0, "variance": 0.0, "covariance": 0.5},
    ),
    why="a covariance is known to ulps of the product of the deviations (the pair that cancels)",
    cancelling=(1, 2),
    rough=lambda loss, *views: any(
        abs(covariance(x, x) * len(x) / (len(x) - 1) + loss.epsilon - 1) < 1e-4 for view in views for x in columns(view)
    ),
    reach=dict.fromkeys(("first", "second"), (-1e4, 1e4)),
    least=1e-8,
    columns=3,
)
def vicreg(loss, first, second):
    shared = []
    for view in (first, second):
        of = columns(view)
        n, d = len(view), len(of)
        unbiased = mpf(n) / (n - 1) if n > 1 else mpf(0)
        for j, x in enumerate(of):
            deviation = sqrt(covariance(x, x) * unbiased + mpf(loss.epsilon))
            shared.append(mpf(loss.variance) / 2 * max(mpf(0), 1 - deviation) / d)
            for k, y in enumerate(of):
                if k == j:
                    continue
                c = covariance(x, y) * unbiased
                size = abs(c) * sqrt(covariance(x, x) * covariance(y, y)) * unbiased
                shared += [mpf(loss.covariance) / d * term for term in (c**2, size, -size)]
    return [
        (mpf(loss.invariance) * mean([(a - b) ** 2 for a, b in zip(x, y, strict=True)]), *shared)
        for x, y in zip(first, second, strict=True)
    ]


@oracle(
    losskit.Alignment,
    variants=({}, {"power": 1.0}, {"power": 3.0}),
    why="directions are known to an ulp of 1 (the pair that cancels), which is more of a small distance",
    condition=lambda order, loss, first, second: (
        1 if loss.power == 2 else 1 + loss.power / max(distance(unit(first), unit(second)), mpf(1e-6))
    ),
    cancelling=(1, 2),
    rough=lambda loss, first, second: (
        not any(first) or not any(second) or (loss.power != 2 and distance(unit(first), unit(second)) < 1e-6)
    ),
    extra=lambda loss: [
        ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]),
        ([1.0, 2.0, 3.0, 4.0], [-2.0, -4.0, -6.0, -8.0]),
        ([0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]),
    ],
)
def alignment(loss, first, second):
    if not any(first) or not any(second):
        return sqrt(mpf(2)) ** mpf(loss.power)
    return distance(unit(first), unit(second)) ** mpf(loss.power), mpf(1), -mpf(1)


@oracle(
    losskit.Uniformity,
    variants=({}, {"scale": 0.5}),
    why="a mean near 1 has a logarithm near 0, known to ulps of the exponents (the pair that cancels)",
    cancelling=(1,),
    rough=has_zero_row,
    reach={"embeddings": (-1e4, 1e4)},
    least=1e-8,
    columns=3,
)
@far_digits
def uniformity(loss, embeddings):
    rows, t = [unit(row) for row in embeddings], mpf(loss.scale)
    # Of a zero vector the cosine counts as 0.
    pairs = [2 - 2 * dot(a, b) for i, a in enumerate(rows) for b in rows[:i]]
    value = log(mean([exp(-t * squared) for squared in pairs]))
    return [(value, t, -t)] * len(rows)


def by_distance(embeddings, i):
    rows = [unit(row) for row in embeddings]
    return sorted((distance(rows[i], row), j) for j, row in enumerate(rows) if j != i)


def nearest_is_open(loss, embeddings):
    """Directions that coincide, or neighbours of which rounding decides which is the nearest."""
    if has_zero_row(loss, embeddings):
        return True
    for i in range(len(embeddings)):
        (nearest, _), (second, _) = by_distance(embeddings, i)[:2]
        if nearest < 1e-3 or second - nearest < 1e-3 * second:
            return True
    return False


@oracle(
    losskit.KoLeo,
    variants=({}, {"epsilon": 0.125}),
    why="directions are known to ulps of 1, which is more of a small distance; near 1 its logarithm is near 0",
    condition=lambda order, loss, row: 16,
    cancelling=(1, 2),
    rough=nearest_is_open,
    reach={"embeddings": (-1e4, 1e4)},
    least=1e-8,
    columns=3,
)
def ko_leo(loss, embeddings):
    return [-log(by_distance(embeddings, i)[0][0] + mpf(loss.epsilon)) for i in range(len(embeddings))]


@oracle(
    losskit.SelfDistillation,
    variants=({}, {"student_temperature": 1.0, "teacher_temperature": 0.5}),
    why=SOFTMAX,
    condition=lambda order, loss, prediction, target: (
        1
        + min(
            max(
                (max(prediction) - min(prediction)) / mpf(loss.student_temperature),
                (max(target) - min(target)) / mpf(loss.teacher_temperature),
            ),
            750,
        )
        / 8
    ),
    columns=3,
    reach=dict.fromkeys(("prediction", "target"), (-1e4, 1e4)),
    least=1e-8,
    cancelling=(1, 2),
    extent=lambda loss, x: loss.student_temperature,
)
@far_digits
def self_distillation(loss, prediction, target):
    p = softmax([z / mpf(loss.student_temperature) for z in prediction])
    q = softmax([z / mpf(loss.teacher_temperature) for z in target])
    return tuple(-share * log(x) for share, x in zip(q, p, strict=True))

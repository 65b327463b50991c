"""Twin of losskit.losses.soft_rank: pooling adjacent violators, one place after the other."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from mpmath import fsum, mpf

import losskit
from tests.oracles.oracle import oracle
from tests.oracles.ranking import NOTHING, lists


def near_lists(case, n, rng, kind, dtype):
    drawn = lists(case, n, rng, kind, dtype)
    return drawn | {"prediction": np.clip(drawn["prediction"], -64.0, 64.0)}


def pooled(y):
    """The blocks of the nearest falling sequence."""
    blocks = []
    for value in y:
        blocks.append([value])
        while len(blocks) > 1 and mean(blocks[-1]) > mean(blocks[-2]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    return blocks


def mean(block):
    return fsum(block) / len(block)


def from_the_top(loss, prediction):
    """The order, s/ε in it, and what it is to be brought nearest to, less the ranks."""
    order = sorted(range(len(prediction)), key=lambda i: -prediction[i])
    z = [prediction[i] / mpf(loss.epsilon) for i in order]
    return order, z, [x - (len(z) - place) for place, x in enumerate(z)]


def at_a_border(loss, prediction, target):
    """Where two blocks come to be one, or one two."""
    blocks = pooled(from_the_top(loss, prediction)[2])
    near = mpf(2) ** -20
    apart = any(mean(a) - mean(b) < near for a, b in pairwise(blocks))
    return apart or any(mean(b[k:]) - mean(b[:k]) < near for b in blocks for k in range(1, len(b)))


@oracle(
    losskit.SoftSpearman,
    variants=({}, {"epsilon": 0.25}, {"epsilon": 8.0}),
    draw=near_lists,
    rough=at_a_border,
    why="a soft rank is s/ε less a mean of such, each rounded",
    condition=lambda order, loss, prediction, target: 4 + max(map(abs, prediction)) / mpf(loss.epsilon),
    cancelling=(1, 2),
    extent=lambda loss, x: loss.epsilon,
    extra=lambda loss: NOTHING,
)
def soft_spearman(loss, prediction, target):
    order, z, y = from_the_top(loss, prediction)
    levels = [level for block in pooled(y) for level in [mean(block)] * len(block)]
    soft = dict(zip(order, (x - level for x, level in zip(z, levels, strict=True)), strict=True))
    n, terms = len(target), []
    for i, own in enumerate(target):
        rank = sum(1 for other in target if other < own) + mpf(1 + sum(1 for other in target if other == own)) / 2
        terms += [soft[i] ** 2, -2 * soft[i] * rank, rank**2]
    return tuple(6 * term / (n * (n**2 - 1)) for term in terms)

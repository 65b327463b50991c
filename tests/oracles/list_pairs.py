"""Twins of losskit.losses.list_pairs: pair by pair."""

from __future__ import annotations

from itertools import permutations

from mpmath import mpf

import losskit
from tests.oracles.classification import exp, far_digits
from tests.oracles.oracle import oracle
from tests.oracles.ranking import ITEMS, LISTS, NOTHING, SPREAD, pairs, spread


@oracle(
    losskit.PairwiseSoftZeroOne,
    variants=({}, {"temperature": 0.25}),
    why=SPREAD,
    condition=lambda order, loss, prediction, target: spread(
        order, loss, prediction, target, 1 / mpf(loss.temperature)
    ),
    extra=lambda loss: NOTHING,
    **LISTS | {"extent": lambda loss, x: loss.temperature},
)
@far_digits
def pairwise_soft_zero_one(loss, prediction, target):
    found, t = pairs(target), mpf(loss.temperature)
    return tuple(1 / (1 + exp((prediction[i] - prediction[j]) / t)) / len(found) for i, j in found) or mpf(0)


@oracle(
    losskit.PairwiseSquaredError,
    why="scores are rounded when they are put relative to one, and their mean again",
    extra=lambda loss: NOTHING,
    **LISTS,
)
def pairwise_squared_error(loss, prediction, target):
    terms = []
    for i, j in permutations(range(ITEMS), 2):
        of_scores, of_targets = prediction[i] - prediction[j], target[i] - target[j]
        terms += [of_scores**2, -2 * of_scores * of_targets, of_targets**2]
    return tuple(term / (ITEMS * (ITEMS - 1)) for term in terms)

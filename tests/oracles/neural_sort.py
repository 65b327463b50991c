"""Twins of losskit.losses.neural_sort: the matrices as the papers write them."""

from __future__ import annotations

from typing import Any

from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import far_digits, log, softmax
from tests.oracles.oracle import oracle
from tests.oracles.ranking import ITEMS, LISTS, NOTHING, SPREAD, discount, gains, ties


def sorting(s, temperature):
    """Row by row, of the highest first."""
    n, t = len(s), mpf(temperature)
    apart = [fsum(abs(own - other) for other in s) for own in s]
    ranks = range(1, n + 1)
    return [softmax([((n + 1 - 2 * i) * own - a) / t for own, a in zip(s, apart, strict=True)]) for i in ranks]


def order_itself(y):
    return [[mpf(own == there) / y.count(there) for own in y] for there in sorted(y, reverse=True)]


def spread(order, loss, prediction, target):
    """exp of rounded sums of up to 2L − 1 gaps, over T."""
    return 2 + min((2 * ITEMS - 1) * (max(prediction) - min(prediction)) / mpf(loss.temperature), 750) / 8


NEURAL: dict[str, Any] = {
    "why": SPREAD,
    "condition": spread,
    "rough": ties,
    "extra": lambda loss: NOTHING,
    **LISTS,
    "extent": lambda loss, x: loss.temperature,
}


@oracle(
    losskit.NeuralSortCrossEntropy,
    variants=({}, {"temperature": 0.25, "target_temperature": 0.0}, {"temperature": 4.0, "target_temperature": 0.5}),
    **NEURAL,
)
@far_digits
def neural_sort_cross_entropy(loss, prediction, target):
    wanted = sorting(target, loss.target_temperature) if loss.target_temperature else order_itself(target)
    rows = zip(wanted, sorting(prediction, loss.temperature), strict=True)
    return fsum(-q * log(p) for row, found in rows for q, p in zip(row, found, strict=True) if q) / len(target)


@oracle(
    losskit.NeuralNDCG,
    variants=({"iterations": 3}, {"iterations": 0, "top": 2}, {"temperature": 0.25, "gain": "linear", "iterations": 1}),
    **NEURAL,
)
@far_digits
def neural_ndcg(loss, prediction, target):
    if not any(target):
        return mpf(0)
    matrix = sorting(prediction, loss.temperature)
    for _ in range(loss.iterations):
        columns = [fsum(row[k] for row in matrix) for k in range(len(target))]
        matrix = [[p / column for p, column in zip(row, columns, strict=True)] for row in matrix]
        matrix = [[p / fsum(row) for p in row] for row in matrix]
    shares = gains(loss, target)
    found = [fsum(p * gain for p, gain in zip(row, shares, strict=True)) for row in matrix]
    return mpf(1), *(-gain * discount(i, loss.top) for i, gain in enumerate(found, start=1))

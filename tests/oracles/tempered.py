"""Twins of losskit.losses.tempered."""

from __future__ import annotations

import numpy as np
from mpmath import fsum, log, mp, mpf

import losskit
from tests.oracles.classification import ROWS, SOFTMAX, WEIGHTS, row_of_probabilities, spread
from tests.oracles.confidence import row_weight
from tests.oracles.noisy_labels import target_row
from tests.oracles.oracle import Truth, oracle


def log_t(x, t):
    return log(x) if t == 1 else (x ** (1 - mpf(t)) - 1) / (1 - mpf(t))


def tempered_softmax(scores, t):
    """(1 + (t − 1)(λ − z))^(−1 / (t − 1)), λ such that it sums to 1: its convex equation by Newton's method."""
    top, c = max(scores), mpf(t) - 1
    below = [c * (top - z) for z in scores]
    m, step = mpf(1), mpf(1)
    while step > m * mpf(10) ** (3 - mp.dps):
        total = fsum((m + x) ** (-1 / c) for x in below)
        step = (total - 1) * c / fsum((m + x) ** (-1 / c - 1) for x in below)
        m += step
    return [(m + x) ** (-1 / c) for x in below]


def tempered_scores(loss):
    """Scores of which the tempered softmax is a distribution: its tempered logarithm."""
    for p in (np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.1, 0.8])):
        scores = np.log(p) if loss.t2 == 1 else (p ** (1 - loss.t2) - 1) / (1 - loss.t2)
        yield Truth((scores,), np.eye(3), p)


@oracle(
    losskit.BiTemperedLogistic,
    variants=(
        {},
        {"t1": 0.25, "t2": 3.0},
        {"t1": 0.0, "t2": 1.0},
        {"t1": 1.0, "t2": 1.0},
        {"t1": 0.5, "t2": 1.5, "class_weight": WEIGHTS, "ignore_index": 1},
    ),
    truths=tempered_scores,
    why=f"λ is known to ulps of 1 / (t2 − 1), and t2 − 1 itself is rounded; {SOFTMAX}",
    condition=lambda order, loss, prediction, target: 4 + spread(order, loss, prediction, target),
    **ROWS,
)
def bi_tempered(loss, prediction, target):
    weight, t1 = row_weight(loss, target), mpf(loss.t1)
    p = row_of_probabilities(loss, prediction) if loss.t2 == 1 else tempered_softmax(prediction, loss.t2)
    t = target_row(target)
    gains = (x * (log_t(x, loss.t1) - log_t(y, loss.t1)) for x, y in zip(t, p, strict=True) if x)
    powers = (-(x ** (2 - t1)) / (2 - t1) for x in t if x)
    return tuple(weight * term for term in (*gains, *powers, *(y ** (2 - t1) / (2 - t1) for y in p)))

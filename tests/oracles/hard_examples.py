"""Twins of losskit.losses.hard_examples."""

from __future__ import annotations

import numpy as np
from mpmath import floor, mpf

import losskit
from tests.oracles.classification import ROWS, SOFTMAX, far_digits, minus_log, row_of_probabilities, spread
from tests.oracles.draw import values
from tests.oracles.oracle import oracle


def batches(case, n, rng, kind, dtype):
    """Rows of which no two are as hard but for rounding: that would leave the order to it."""
    row = 1 + 0.1 * np.arange(n)[:, None]
    prediction = values(case.domain("prediction"), rng, (n, 3), kind, dtype, case)
    if case.loss.input == "logits":
        prediction = row * np.clip(np.where(np.abs(prediction) < 1e-8, 0.0, prediction), -1e3, 1e3)
    else:
        mixture = (1 - 0.01 * row) * np.exp(prediction) + 0.01 * row / 3
        prediction = np.log(mixture)
    labels = rng.dirichlet(np.ones(3), n) if case.form == "probabilities" else rng.integers(0, 3, n)
    return {"prediction": prediction, "target": labels}


def hardest(loss, predictions, targets):
    """Of each entry its cross-entropy, as terms, and which are the hardest; of equal ones the first."""
    terms = []
    for z, target in zip(predictions, targets, strict=True):
        p = row_of_probabilities(loss, z)
        shares = [mpf(k == target) for k in range(3)] if isinstance(target, int) else target
        terms.append(tuple(share * minus_log(x) for share, x in zip(shares, p, strict=True) if share))
    kept = [i for i, target in enumerate(targets) if loss.ignore_index is None or target != loss.ignore_index]
    order = sorted(kept, key=lambda i: -sum(terms[i]))
    return terms, order, max(1, int(floor(mpf(loss.share) * len(kept) + mpf(2) ** -40)))


def undecided(loss, predictions, targets):
    """Whether the last that counts is as hard as the next."""
    terms, order, count = hardest(loss, predictions, targets)
    return count < len(order) and sum(terms[order[count - 1]]) == sum(terms[order[count]])


@oracle(
    losskit.HardExampleCrossEntropy,
    variants=(
        {"share": 0.5},
        {"share": 0.2, "input": "log_probabilities"},
        {"share": 1.0},
        {"share": 0.5, "ignore_index": 2},
    ),
    draw=batches,
    rough=undecided,
    why=SOFTMAX,
    condition=spread,
    extent=ROWS["extent"],
    cancelling=ROWS["cancelling"],
    columns=3,
)
@far_digits
def hard_example_cross_entropy(loss, predictions, targets):
    terms, order, count = hardest(loss, predictions, targets)
    factor = mpf(len(order)) / count if order else mpf(0)
    chosen = order[:count]
    return [tuple(factor * term for term in terms[i]) if i in chosen else mpf(0) for i in range(len(targets))]

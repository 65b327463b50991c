"""Twins of losskit.losses.unimodal."""

from __future__ import annotations

from mpmath import binomial, fsum, mpf

import losskit
from tests.oracles.classification import (
    KINDS,
    ROWS,
    SOFTMAX,
    WEIGHTS,
    far_digits,
    minus_log,
    row_of_probabilities,
    spread,
)
from tests.oracles.oracle import oracle
from tests.oracles.ordinal import weight_of


def softened(loss, target, classes):
    """The label's shares of the classes."""
    if loss.distribution == "binomial":
        chance = mpf(1) / 10 + mpf(8) / 10 * target / (classes - 1)
        return [binomial(classes - 1, k) * chance**k * (1 - chance) ** (classes - 1 - k) for k in range(classes)]
    alpha = mpf(loss.alpha)
    total = fsum(alpha ** abs(k - target) for k in range(classes) if k != target)
    return [1 - alpha if k == target else alpha * alpha ** abs(k - target) / total for k in range(classes)]


@oracle(
    losskit.UnimodalCrossEntropy,
    variants=(
        *KINDS,
        {"distribution": "geometric", "share": 0.75},
        {"distribution": "geometric", "alpha": 0.5, "class_weight": WEIGHTS, "ignore_index": 1},
    ),
    why=f"a softened label is exp of a rounded logarithm, at least log 0.01 here; {SOFTMAX}",
    condition=lambda order, loss, prediction, target: 1 + spread(order, loss, prediction, target),
    **ROWS,
)
@far_digits
def unimodal_cross_entropy(loss, prediction, target):
    if target == loss.ignore_index:
        return mpf(0)
    p, share = row_of_probabilities(loss, prediction), mpf(loss.share)
    label = [(1 - share) * (k == target) + share * q for k, q in enumerate(softened(loss, target, len(p)))]
    return tuple(weight_of(loss, target) * q * minus_log(x) for q, x in zip(label, p, strict=True))

"""Twins of losskit.losses.confidence."""

from __future__ import annotations

from mpmath import fsum, log, mpf, sqrt

import losskit
from tests.oracles.classification import (
    KINDS,
    ROWS,
    SOFTMAX,
    WEIGHTS,
    far_digits,
    minus_log,
    row_of_probabilities,
    shares,
    softmax,
    spread,
)
from tests.oracles.oracle import oracle


def entropy(p):
    return -fsum(x * log(x) for x in p if x)


def entropy_spread(order, loss, prediction, target):
    """As for cross-entropy; and the derivative of p log p is a difference, 0 at log p = −1."""
    if loss.input == "logits" or order == 0:
        return spread(order, loss, prediction, target)
    logs = prediction if loss.input == "log_probabilities" else [log(p) for p in prediction if p]
    return 1 + 1 / min(abs(1 + x) for x in logs)


def row_weight(loss, target):
    return fsum(shares(loss, target).values())


@oracle(
    losskit.ConfidencePenalizedCrossEntropy,
    variants=(*KINDS, {"beta": 0.0}, {"beta": 2.0, "class_weight": WEIGHTS, "ignore_index": 0}),
    why=SOFTMAX,
    condition=entropy_spread,
    **ROWS,
)
@far_digits
def confidence_penalized(loss, prediction, target):
    p, weight = row_of_probabilities(loss, prediction), row_weight(loss, target)
    surprises = [share * minus_log(p[k]) for k, share in shares(loss, target).items()]
    return (*surprises, *(mpf(loss.beta) * weight * x * log(x) for x in p if x)) if weight or surprises else mpf(0)


@oracle(
    losskit.LogitNormCrossEntropy,
    variants=({}, {"temperature": 1.0}, {"temperature": 0.5, "class_weight": WEIGHTS, "ignore_index": 1}),
    why="a unit vector's entries are known to ulps of 1, and they are divided by T",
    condition=lambda order, loss, prediction, target: 1 + 1 / mpf(loss.temperature),
    rough=lambda loss, prediction, target: not any(prediction),
    cancelling=(1, 2),
    columns=3,
)
@far_digits
def logit_norm(loss, prediction, target):
    length = sqrt(fsum(z**2 for z in prediction)) or mpf(1)
    p = softmax([z / length / mpf(loss.temperature) for z in prediction])
    return tuple(share * minus_log(p[k]) for k, share in shares(loss, target).items()) or mpf(0)


@oracle(
    losskit.DynamicFineTuning,
    variants=({}, {"class_weight": WEIGHTS, "ignore_index": 0}),
    why="p is exp of a difference of scores, rounded to ulps of that",
    condition=lambda order, loss, prediction, target: 1 + max(prediction) - min(prediction),
    held=True,
    **ROWS | {"reach": {"prediction": (-40.0, 40.0)}},
)
@far_digits
def dynamic_fine_tuning(loss, prediction, target, held):
    p, before = softmax(prediction), softmax(held[0])
    return tuple(s * before[k] * minus_log(p[k]) for k, s in shares(loss, target).items() if p[k]) or mpf(0)


def at_a_margin(loss, prediction, target):
    """Where a class is just the margin behind, or two share the top."""
    top = max(prediction)
    close = any(abs(top - z - loss.margin) < mpf(2) ** -20 * (abs(top) + abs(z) + 1) for z in prediction)
    return close or prediction.count(top) > 1


@oracle(
    losskit.MarginSmoothedCrossEntropy,
    variants=(
        {},
        {"margin": 0.5, "smoothing": 2.0},
        {"smoothing": 0.0},
        {"margin": 1.0, "class_weight": WEIGHTS, "ignore_index": 0},
    ),
    why=f"{SOFTMAX}; how far a class is behind is rounded before the margin is taken from it",
    condition=spread,
    **ROWS | {"rough": at_a_margin},
)
@far_digits
def margin_smoothed(loss, prediction, target):
    p, top = softmax(prediction), max(prediction)
    factor = mpf(loss.smoothing) * row_weight(loss, target) / len(p)
    surprises = [share * minus_log(p[k]) for k, share in shares(loss, target).items()]
    penalties = [factor * part for z in prediction if top - z > loss.margin for part in (top - z, -mpf(loss.margin))]
    return (*surprises, *penalties) or mpf(0)

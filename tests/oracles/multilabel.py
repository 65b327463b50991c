"""Twins of losskit.losses.multilabel."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import exp, far_digits, log, minus_log, probabilities_of, two_classes
from tests.oracles.oracle import oracle

# -- a score and its label ---------------------------------------------------------------------------------------------


def margin_of(loss):
    """The prediction at which p is the margin."""
    m = mpf(loss.margin)
    return m if loss.input == "probabilities" else log(m) - log(1 - m)


def beyond_margin(order, loss, prediction, target):
    """q = p − m is rounded as p is, and its powers as often again."""
    gammas = mpf(max(loss.gamma_positive, loss.gamma_negative))
    tail = min(abs(prediction), 750) / 16 if loss.input == "logits" else 0
    p, q = probabilities_of(loss, prediction)[0], probabilities_of(loss, prediction)[0] - mpf(loss.margin)
    near = p / q if loss.margin and q > 0 else 1
    return 1 + gammas * (tail + near / 2) + near


@oracle(
    losskit.Asymmetric,
    variants=(
        {},
        {"gamma_positive": 0.0, "gamma_negative": 0.0, "margin": 0.0},
        {"gamma_positive": 0.5, "gamma_negative": 2.5, "margin": 0.0, "class_weight": (0.5, 2.0)},
        {"gamma_negative": 0.0, "margin": 0.25},
        {"gamma_negative": 1.0, "margin": 0.25},
        {"input": "probabilities"},
        {"gamma_positive": 0.5, "gamma_negative": 2.5, "margin": 0.0, "input": "probabilities"},
    ),
    kinks=lambda loss, target: (margin_of(loss),) if loss.margin else (),
    why="the weights are exp of a rounded product, or a power of the rounded p − m; with a soft target derivatives are "
    "differences",
    condition=beyond_margin,
    cancelling=(2,),
    # Second derivatives have squares of p, which have to fit float64.
    reach=lambda loss: {"prediction": (1e-100, 1.0)} if loss.input == "probabilities" else {},
)
@far_digits
def asymmetric(loss, prediction, target):
    p, q = probabilities_of(loss, prediction)
    shifted = max(p - mpf(loss.margin), mpf(0))

    def weighted(weight, gamma, value):
        return weight ** mpf(gamma) * value if weight else (value if gamma == 0 else mpf(0))

    absent = q if not loss.margin else 1 - shifted
    return two_classes(
        loss,
        target,
        weighted(q, loss.gamma_positive, minus_log(p)),
        weighted(shifted, loss.gamma_negative, minus_log(absent)),
    )


@oracle(
    losskit.Hill,
    variants=({}, {"gamma": 0.5, "margin": 0.0, "ceiling": 1.0}, {"gamma": 0.0, "margin": -0.5, "ceiling": 3.0}),
    why="the weights are exp of a rounded product of a rounded difference; opposite pulls are subtracted",
    condition=lambda order, loss, prediction, target: 2 + mpf(loss.gamma + 2) * min(abs(prediction), 750) / 16,
    cancelling=(1, 2),
)
@far_digits
def hill(loss, prediction, target):
    shifted, p = 1 / (1 + exp(-(prediction - mpf(loss.margin)))), 1 / (1 + exp(-prediction))
    positive = (1 - shifted) ** mpf(loss.gamma) * -log(shifted)
    return target * positive, (1 - target) * (mpf(loss.ceiling) - p) * p**2


# -- a row of scores and its labels ------------------------------------------------------------------------------------

ROWS_OF_LABELS: dict[str, Any] = {
    "columns": 4,
    "reach": {"prediction": (-1e4, 1e4)},
    "least": 1e-8,
    "extra": lambda loss: labels_at_ends(),
}


def labels_at_ends():
    """All labels, none, and one that is sure."""
    return [
        ([1.5, -2.0, 0.25, 0.5], [1.0, 1.0, 1.0, 1.0]),
        ([1.5, -2.0, 0.25, 0.5], [0.0, 0.0, 0.0, 0.0]),
        ([30.0, -30.0, -30.0, -30.0], [1.0, 0.0, 0.0, 0.0]),
    ]


def split(prediction, target):
    """The scores of the labels that hold, and those of the others."""
    return [[z for z, t in zip(prediction, target, strict=True) if t == side] for side in (1, 0)]


def at_a_margin(loss, prediction, target):
    present, absent = split(prediction, target)
    return any(abs(loss.margin + b - a) < 1e-6 * (abs(a) + abs(b) + 1) for a in present for b in absent)


@oracle(
    losskit.MultiLabelMargin,
    variants=({}, {"margin": 0.25}),
    why="the distance of a pair is rounded before the margin is added",
    rough=at_a_margin,
    **ROWS_OF_LABELS
    # A pair just at the margin, when the first score is 1.
    | {"extra": lambda loss: [([5.0, 1 - loss.margin, -9.0, -9.0], [1.0, 0.0, 0.0, 0.0]), *labels_at_ends()]},
)
def multi_label_margin(loss, prediction, target):
    present, absent = split(prediction, target)
    terms = [
        term / len(prediction)
        for a in present
        for b in absent
        if mpf(loss.margin) - (a - b) > 0
        for term in (mpf(loss.margin), b - a)
    ]
    return tuple(terms) or mpf(0)


def gap_between(loss, prediction, target):
    """exp of a sum of rounded scores is known to as many half ulps as they are large."""
    if not np.any(target) or np.all(target):
        return 1
    return 1 + min(max(abs(z) for z in prediction), 750) / 4


@oracle(
    losskit.LogSumExpPairwise,
    variants=({}, {"temperature_positive": 4.0}, {"temperature_positive": 0.5, "temperature_negative": 2.0}),
    why="the worst scores are subtracted, and exp of the rounded difference taken",
    condition=lambda order, loss, prediction, target: gap_between(loss, prediction, [float(t) for t in target]),
    cancelling=(2,),
    extent=lambda loss, x: 1.0,
    **ROWS_OF_LABELS,
)
@far_digits
def log_sum_exp_pairwise(loss, prediction, target):
    present, absent = split(prediction, target)
    if not present or not absent:
        return mpf(0)
    above, below = mpf(loss.temperature_negative), mpf(loss.temperature_positive)
    return log(1 + fsum(exp(z / above) for z in absent) ** above * fsum(exp(-z / below) for z in present) ** below)


@oracle(
    losskit.ZeroBoundedPairwiseRanking,
    why="exp of the rounded distance to the worst score is known to as many half ulps as it is large",
    condition=lambda order, loss, prediction, target: 1 + min(max(abs(z) for z in prediction), 750) / 8,
    cancelling=(2,),
    extent=lambda loss, x: 1.0,
    **ROWS_OF_LABELS,
)
@far_digits
def zero_bounded_pairwise_ranking(loss, prediction, target):
    present, absent = split(prediction, target)
    return log(1 + fsum(exp(-z) for z in present)), log(1 + fsum(exp(z) for z in absent))

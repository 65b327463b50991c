"""Twins of losskit.losses.ordinal."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import (
    KINDS,
    ROWS,
    SOFTMAX,
    WEIGHTS,
    exp,
    far_digits,
    log,
    minus_log,
    row_of_probabilities,
    spread,
)
from tests.oracles.draw import values
from tests.oracles.oracle import Truth, oracle

# -- K − 1 scores ------------------------------------------------------------------------------------------------------

THRESHOLDS: dict[str, Any] = {"columns": 3}


def sigmoid(z):
    return 1 / (1 + exp(-z))


def binary(loss, score, above):
    """The binary loss of one threshold."""
    s = score if above else -score
    short = max(mpf(0), mpf(loss.margin) - s)
    return {"logistic": lambda: log(1 + exp(-s)), "hinge": lambda: short, "squared_hinge": lambda: short**2}[
        loss.penalty
    ]()


def on_a_hinge(loss, prediction, target):
    return loss.penalty != "logistic" and any(abs(z) == loss.margin for z in prediction)


def ordered_truths(as_scores):
    """Distributions over four ordered classes, and the scores that say them."""
    rng = np.random.default_rng(7)
    for _ in range(3):
        p = rng.dirichlet(np.ones(4)) * 0.9 + 0.1 / 4
        yield Truth((as_scores(1 - np.cumsum(p)[:-1]),), np.arange(4), p)


def logit(p):
    return np.log(p) - np.log1p(-p)


@oracle(
    losskit.AllThreshold,
    variants=(
        {},
        {"penalty": "hinge", "margin": 0.75},
        {"penalty": "squared_hinge"},
        {"importance": (0.5, 2.0, 0.0)},
    ),
    rough=on_a_hinge,
    extra=lambda loss: [([loss.margin, -loss.margin, 0.0], k) for k in range(4)],
    truths=lambda loss: ordered_truths(logit),
    **THRESHOLDS,
)
@far_digits
def all_threshold(loss, prediction, target):
    weights = loss.importance or (1, 1, 1)
    return fsum(mpf(w) * binary(loss, z, target > k) for k, (w, z) in enumerate(zip(weights, prediction, strict=True)))


@oracle(
    losskit.ImmediateThreshold,
    variants=({}, {"penalty": "hinge", "margin": 0.75}, {"penalty": "squared_hinge"}),
    rough=on_a_hinge,
    extra=lambda loss: [([loss.margin, -loss.margin, 0.0], k) for k in range(4)],
    **THRESHOLDS,
)
@far_digits
def immediate_threshold(loss, prediction, target):
    left = [binary(loss, prediction[target - 1], True)] if target > 0 else []
    right = [binary(loss, prediction[target], False)] if target < len(prediction) else []
    return fsum(left + right)


def conditional(above):
    """logit P(y > k | y ≥ k) from P(y > k)."""
    return logit(above / np.concatenate([[1.0], above[:-1]]))


@oracle(losskit.ContinuationRatio, truths=lambda loss: ordered_truths(conditional), **THRESHOLDS)
@far_digits
def continuation_ratio(loss, prediction, target):
    """By the chain of probabilities: P(y > k) = σ(z₀) ⋯ σ(zₖ)."""
    p = mpf(1)
    for k, z in enumerate(prediction[: target + 1]):
        p *= sigmoid(z) if k < target else sigmoid(-z)
    return -log(p)


def falling(case, n, rng, kind, dtype):
    """Scores that fall along a row, by steps of every size that a dtype can hold."""
    if kind == "ordinary":
        scores = -np.sort(rng.normal(0, 2, (n, 3)), axis=-1) - 0.05 * np.arange(3)
    else:
        # The twin's difference of two numbers near 1 has digits for so much.
        start = rng.choice([-1e4, -88.0, -1.0, 0.0, 1.0, 88.0, 700.0], (n, 1))
        steps = rng.choice([1.0, 30.0, 700.0, 1e4], (n, 3))
        near = rng.choice([1.0, 2.0**-6], (n, 3))
        scores = start - np.cumsum(steps * np.where(abs(start) < 2, near, 1.0), axis=-1)
    if dtype in ("float16", "bfloat16"):
        scores = np.round(scores * 4) / 4 - np.arange(3)
    return {"prediction": scores, "target": rng.integers(0, 4, n)}


@oracle(
    losskit.CumulativeLink,
    draw=falling,
    truths=lambda loss: ordered_truths(logit),
    why="the step between two scores is rounded: it is known to as many ulps as it is small beside them",
    condition=lambda order, loss, prediction, target: closeness(prediction, target),
    cancelling=(2,),
    extent=lambda loss, x: 1.0,
    **THRESHOLDS,
)
@far_digits
def cumulative_link(loss, prediction, target):
    upper = sigmoid(prediction[target - 1]) if target > 0 else mpf(1)
    lower = sigmoid(prediction[target]) if target < len(prediction) else mpf(0)
    return -log(upper - lower)


def closeness(prediction, target):
    if target in (0, len(prediction)):
        return 1
    above, below = prediction[target - 1 : target + 1]
    if above == below:
        return 1
    return 1 + min(max(abs(above), abs(below)) / (above - below), abs(above) + abs(below)) / 8


# -- K scores ----------------------------------------------------------------------------------------------------------


@oracle(
    losskit.RankedProbabilityScore,
    variants=(*KINDS, {"class_weight": WEIGHTS, "ignore_index": 2}),
    why=f"a soft target's running sum is subtracted, and derivatives are differences between classes; {SOFTMAX}",
    condition=lambda order, loss, prediction, target: spread(order + 1, loss, prediction, target, 2),
    **ROWS | {"cancelling": (1, 2)},
)
@far_digits
def ranked_probability_score(loss, prediction, target):
    if target == loss.ignore_index:
        return mpf(0)
    p = row_of_probabilities(loss, prediction)
    weights = loss.class_weight or (1, 1, 1)
    if isinstance(target, int):
        weight = mpf(weights[target])
        sums = [fsum(p[: k + 1]) if k < target else fsum(p[k + 1 :]) for k in range(3)]
        return weight * fsum(s**2 for s in sums)
    weight = fsum(mpf(w) * t for w, t in zip(weights, target, strict=True))
    pairs = [(fsum(p[: k + 1]), fsum(target[: k + 1])) for k in range(3)]
    return tuple(weight * term for a, b in pairs for term in (a * a, -2 * a * b, b * b))


def weight_of(loss, target):
    return mpf(1 if loss.class_weight is None else loss.class_weight[target])


@oracle(
    losskit.SoftOrdinalCrossEntropy,
    variants=(
        *KINDS,
        {"power": 2.0, "temperature": 0.5},
        {"temperature": 4.0, "class_weight": WEIGHTS, "ignore_index": 1},
    ),
    why=SOFTMAX,
    condition=spread,
    **ROWS,
)
@far_digits
def soft_ordinal_cross_entropy(loss, prediction, target):
    if target == loss.ignore_index:
        return mpf(0)
    p = row_of_probabilities(loss, prediction)
    q = [exp(-(mpf(abs(k - target)) ** mpf(loss.power)) / mpf(loss.temperature)) for k in range(3)]
    return tuple(weight_of(loss, target) * share / fsum(q) * minus_log(x) for share, x in zip(q, p, strict=True))


@oracle(
    losskit.ClassDistanceWeightedCrossEntropy,
    variants=(*KINDS, {"power": 5.0}, {"power": 0.5, "class_weight": WEIGHTS, "ignore_index": 0}),
    why=SOFTMAX,
    condition=lambda order, loss, prediction, target: spread(order + 1, loss, prediction, target, 2),
    **ROWS | {"cancelling": (1, 2)},
)
@far_digits
def class_distance_weighted(loss, prediction, target):
    if target == loss.ignore_index:
        return mpf(0)
    p = row_of_probabilities(loss, prediction)

    def complement(k):
        return fsum(x for j, x in enumerate(p) if j != k) if loss.input == "logits" else 1 - p[k]

    costs = {k: mpf(abs(k - target)) ** mpf(loss.power) for k in range(3) if k != target}
    return fsum(weight_of(loss, target) * cost * minus_log(complement(k)) for k, cost in costs.items())


def graded(case, n, rng, kind, dtype):
    """A batch of more than one class: of one class alone κ does not depend on the prediction."""
    prediction = values(case.domain("prediction"), rng, (n, 3), kind, dtype, case)
    if case.loss.input == "logits":
        prediction = np.clip(prediction, -30.0, 30.0)
    return {"prediction": prediction, "target": np.arange(n) % 3}


@oracle(
    losskit.WeightedKappa,
    variants=({}, {"power": 1.0}, {"power": 2.0, "input": "probabilities"}, {"input": "log_probabilities"}),
    draw=graded,
    why=f"the derivative of a ratio is a difference: of one row's disagreement and of that by chance; {SOFTMAX}",
    condition=lambda order, loss, prediction, target: spread(order + 1, loss, prediction, target, 2),
    cancelling=(1, 2),
    extent=lambda loss, x: 1.0 if loss.input == "logits" else abs(x) or 1.0,
    rough=lambda loss, predictions, targets: (
        loss.input != "logits"
        and any(x in ((0, 1) if loss.input == "probabilities" else (0,)) for row in predictions for x in row)
    ),
    columns=3,
)
@far_digits
def weighted_kappa(loss, predictions, targets):
    rows, n = [row_of_probabilities(loss, row) for row in predictions], len(targets)

    def cost(k, l):
        return mpf(abs(k - l)) ** mpf(loss.power)

    chance = fsum(cost(k, y) * row[k] for k in range(3) for y in targets for row in rows) / n**2
    return [fsum(cost(k, y) * row[k] for k in range(3)) / chance for y, row in zip(targets, rows, strict=True)]

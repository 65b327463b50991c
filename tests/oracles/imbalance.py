"""Twins of losskit.losses.imbalance."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import exp, fsum, log, mpf, sqrt

import losskit
from tests.oracles.classification import (
    ROWS,
    SOFTMAX,
    WEIGHTS,
    far_digits,
    minus_log,
    probabilities_of,
    shares,
    softmax,
    spread,
    two_classes,
)
from tests.oracles.draw import values
from tests.oracles.oracle import oracle


def adjusted(loss, prediction):
    return [z + mpf(loss.tau) * log(mpf(share)) for z, share in zip(prediction, loss.prior, strict=True)]


@oracle(
    losskit.LogitAdjustedCrossEntropy,
    variants=(
        {"prior": (5.0, 2.0, 1.0)},
        {"prior": (1.0, 1.0, 1.0)},
        {"prior": (1000.0, 1.0, 1.0), "tau": 0.5, "class_weight": WEIGHTS, "ignore_index": 2},
    ),
    why=f"the sum z + τ log π is rounded, and the shift itself; {SOFTMAX}",
    condition=lambda order, loss, prediction, target: (
        spread(order, loss, prediction, target) + min(max(abs(z) for z in prediction), 10**5) / 8 * (order > 0)
    ),
    **ROWS,
)
@far_digits
def logit_adjusted(loss, prediction, target):
    scores = adjusted(loss, prediction)
    log_total = log(fsum(exp(z) for z in scores))
    return tuple(
        term for k, share in shares(loss, target).items() for term in (share * log_total, -share * scores[k])
    ) or mpf(0)


@oracle(
    losskit.LabelDistributionAwareMargin,
    variants=(
        {"counts": (1000.0, 50.0, 3.0), "scale": 4.0},
        {"counts": (1.0, 1.0, 1.0), "max_margin": 0.25, "scale": 1.0},
        {"counts": (10.0, 20.0, 5.0), "class_weight": WEIGHTS, "ignore_index": 2},
    ),
    why=f"margins are rounded, and scores times the scale; {SOFTMAX}",
    condition=lambda order, loss, prediction, target: (
        spread(order, loss, [mpf(loss.scale) * z for z in prediction], target, 2)
        + min(loss.scale * max(abs(z) for z in prediction), 10**5) / 8
    ),
    **ROWS,
)
@far_digits
def label_distribution_aware_margin(loss, prediction, target):
    if target == loss.ignore_index:
        return mpf(0)
    margin = mpf(loss.max_margin) * (mpf(min(loss.counts)) / mpf(loss.counts[target])) ** mpf(0.25)
    p = softmax([mpf(loss.scale) * (z - margin * (k == target)) for k, z in enumerate(prediction)])
    return mpf(1 if loss.class_weight is None else loss.class_weight[target]) * minus_log(p[target])


def thresholds(loss, target):
    h = mpf(loss.threshold)
    return (h, 1 - h) if loss.input == "probabilities" else (log(h / (1 - h)), log((1 - h) / h))


@oracle(
    losskit.ReducedFocal,
    variants=(
        {},
        {"gamma": 0.5, "threshold": 0.25, "class_weight": (0.75, 0.25)},
        {"gamma": 0.0},
        {"input": "probabilities", "threshold": 0.75},
    ),
    kinks=lambda loss, target: thresholds(loss, target) if loss.gamma else (),
    why="the weight is exp of the rounded product γ·log(1 − p); and with a soft target derivatives are differences",
    condition=lambda order, loss, prediction, target: (
        2 + mpf(loss.gamma) * min(abs(prediction), 750) / 16 if loss.input == "logits" else 2
    ),
    cancelling=(1, 2),
    reach=lambda loss: {"prediction": (1e-100, 1.0)} if loss.input == "probabilities" else {},
)
@far_digits
def reduced_focal(loss, prediction, target):
    p, q = probabilities_of(loss, prediction)
    h, gamma = mpf(loss.threshold), mpf(loss.gamma)

    def value(own, other):
        if own < h or gamma == 0:
            return minus_log(own)
        return (other / (1 - h)) ** gamma * minus_log(own) if other else mpf(0)

    return two_classes(loss, target, value(p, q), value(q, p))


# -- one measure of a batch --------------------------------------------------------------------------------------------


def mixed_batch(case, n, rng, kind, dtype):
    """Both classes in every batch: of one alone the measures are a matter of convention."""
    prediction = values(case.domain("prediction"), rng, (n,), kind, dtype, case)
    if case.loss.input == "logits":
        prediction = np.clip(prediction, -30.0, 30.0)
    else:
        prediction = np.clip(prediction, 1e-3, 1.0)
    target = rng.choice([0.0, 1.0] if kind == "extreme" else [0.0, 1.0, 0.25], n)
    if n > 1:
        target[:2] = 0.0, 1.0
    return {"prediction": prediction, "target": target}


BATCHES: dict[str, Any] = {
    "draw": mixed_batch,
    "why": "the derivative of a ratio is a difference: of one entry's share and of the batch's",
    "condition": lambda order, loss, prediction, target: (
        4 + (min(abs(prediction), 750) / 8 if loss.input == "logits" else 0)
    ),
    "cancelling": (1, 2),
    "extent": lambda loss, x: 1.0 if loss.input == "logits" else abs(x),
}


@oracle(losskit.FBeta, variants=({}, {"beta": 2.0}, {"beta": 0.5, "input": "probabilities"}), **BATCHES)
@far_digits
def f_beta(loss, predictions, targets):
    pairs = [probabilities_of(loss, z) for z in predictions]
    recall = mpf(loss.beta) ** 2
    found = fsum(p * t for (p, _), t in zip(pairs, targets, strict=True))
    wrong = [p * (1 - t) + recall * q * t for (p, q), t in zip(pairs, targets, strict=True)]
    divisor = (1 + recall) * found + fsum(wrong)
    return [len(targets) * w / divisor if divisor else mpf(0) for w in wrong]


@oracle(losskit.MatthewsCorrelation, variants=({}, {"input": "probabilities"}), **BATCHES)
@far_digits
def matthews_correlation(loss, predictions, targets):
    """By the four counts, whose quotient is the mean of what single entries add."""
    pairs, n = [probabilities_of(loss, z) for z in predictions], len(targets)
    p_bar, q_bar = (fsum(pair[side] for pair in pairs) / n for side in (0, 1))
    t_bar = fsum(targets) / n
    root = sqrt(p_bar * q_bar * t_bar * (1 - t_bar))
    if not root:
        return [mpf(1)] * n
    return [
        (mpf(1), -p * t / root, p * t_bar / root, p_bar * t / root, -p_bar * t_bar / root)
        for (p, _), t in zip(pairs, targets, strict=True)
    ]


def one_sided(case, n, rng, kind, dtype):
    """Samples of which the first two have zeros, or ones, only."""
    prediction = values(case.domain("prediction"), rng, (n, 4), kind, dtype, case)
    target = rng.choice([0.0, 1.0, 0.25], (n, 4))
    target[:1], target[1:2] = 0.0, 1.0
    return {"prediction": prediction, "target": target}


@oracle(
    losskit.BalancedBinaryCrossEntropy,
    variants=({}, {"input": "probabilities"}),
    draw=one_sided,
    rough=lambda loss, prediction, target: loss.input == "probabilities" and any(p in (0, 1) for p in prediction),
    why="with a soft target a gradient is a difference",
    cancelling=(1, 2),
    extent=lambda loss, x: 1.0 if loss.input == "logits" else min(x, 1 - x) or 1.0,
)
@far_digits
def balanced_binary_cross_entropy(loss, prediction, target):
    n, zeros = len(target), fsum(1 - t for t in target) / len(target)
    terms = []
    for z, t in zip(prediction, target, strict=True):
        p, q = probabilities_of(loss, z)
        parts = ((zeros * t, p), ((1 - zeros) * (1 - t), q))
        terms += [share * minus_log(x) / n for share, x in parts if share]
    return tuple(terms) or mpf(0)

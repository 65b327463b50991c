"""Twins of losskit.losses.auc: all pairs of a batch."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import exp, far_digits, log
from tests.oracles.draw import values
from tests.oracles.oracle import oracle


def both_classes(case, n, rng, kind, dtype):
    """Both classes in every batch of more than one."""
    scores = values(case.domain("prediction"), rng, (n,), kind, dtype, case)
    scores = np.where(np.abs(scores) < 1e-8, 0.0, np.clip(scores, -1e4, 1e4))
    target = rng.choice([0.0, 1.0], n)
    if n > 1:
        target[:2] = 0.0, 1.0
    return {"prediction": scores, "target": target}


def split(predictions, targets):
    return [[s for s, t in zip(predictions, targets, strict=True) if t == side] for side in (1, 0)]


def at_a_margin(loss, predictions, targets):
    positives, negatives = split(predictions, targets)
    if loss.false_positive_rate < 1 and len(set(negatives)) < len(negatives):
        return True
    return loss.penalty != "logistic" and any(
        abs(mpf(loss.margin) - (a - b)) < mpf(2) ** -20 * (abs(a) + abs(b) + 1) for a in positives for b in negatives
    )


BATCHES: dict[str, Any] = {"draw": both_classes, "cancelling": (1, 2), "extent": lambda loss, x: abs(x) or 1.0}


@oracle(
    losskit.AreaUnderCurve,
    variants=({}, {"penalty": "hinge", "margin": 0.25}, {"penalty": "logistic"}, {"false_positive_rate": 0.5}),
    rough=at_a_margin,
    why="differences of scores are rounded before the margin is added, and exp of them is known to as many half ulps "
    "as they are large",
    condition=lambda order, loss, prediction, target: (
        2 + (min(abs(prediction), 750) if loss.penalty == "logistic" else 0)
    ),
    **BATCHES,
)
@far_digits
def area_under_curve(loss, predictions, targets):
    positives, negatives = split(predictions, targets)
    if not positives or not negatives:
        return [mpf(0)] * len(targets)
    # Of equal scores the first comes first.
    falling = sorted((i for i, t in enumerate(targets) if not t), key=lambda i: -predictions[i])
    chosen = falling[: max(1, int(mpf(loss.false_positive_rate) * len(negatives)))]
    highest = [predictions[i] for i in chosen]
    weight = mpf(len(targets)) / (2 * len(positives) * len(highest))

    def parts(a, b):
        """φ(a − b), as terms."""
        short = mpf(loss.margin), -a, b
        if loss.penalty == "logistic":
            return (log(1 + exp(b - a)), mpf(0), mpf(0))
        if fsum(short) <= 0:
            return (mpf(0),) * 3
        return short if loss.penalty == "hinge" else tuple(part * fsum(short) for part in short)

    return [
        tuple(
            weight * part
            for other in (highest if t else positives if i in chosen else ())
            for part in (parts(s, other) if t else parts(other, s))
        )
        for i, (s, t) in enumerate(zip(predictions, targets, strict=True))
    ]


@oracle(
    losskit.AreaUnderCurveMargin,
    variants=({}, {"margin": 8.0}),
    why="scores are rounded when they are put relative to one, and their means again",
    **BATCHES,
)
def area_under_curve_margin(loss, predictions, targets):
    sides = split(predictions, targets)
    if not all(sides):
        return [mpf(0)] * len(targets)
    above, below = (fsum(side) / len(side) for side in sides)
    lack = max(mpf(0), mpf(loss.margin) - (above - below)) ** 2
    size = max(abs(s) for s in predictions)
    found = []
    for s, t in zip(predictions, targets, strict=True):
        own, count = (above, len(sides[0])) if t else (below, len(sides[1]))
        found.append((len(targets) * (s - own) ** 2 / count, lack, size**2, -(size**2)))
    return found

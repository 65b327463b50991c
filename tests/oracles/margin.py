"""Twins of losskit.losses.margin."""

from __future__ import annotations

from mpmath import exp, log, mpf

import losskit
from tests.oracles.classification import WEIGHTS, far_digits
from tests.oracles.oracle import oracle

MARGINS = ({}, {"margin": 0.25}, {"margin": 8.0})


@oracle(losskit.Hinge, variants=MARGINS, kinks=lambda loss, target: (target * loss.margin,), at_kink="zero")
def hinge(loss, prediction, target):
    return max(mpf(0), mpf(loss.margin) - target * prediction)


@oracle(losskit.SquaredHinge, variants=MARGINS, kinks=lambda loss, target: (target * loss.margin,))
def squared_hinge(loss, prediction, target):
    return max(mpf(0), mpf(loss.margin) - target * prediction) ** 2


@oracle(losskit.Exponential)
def exponential(loss, prediction, target):
    return exp(-target * prediction)


@oracle(losskit.SoftMargin)
@far_digits
def soft_margin(loss, prediction, target):
    return log(1 + exp(-target * prediction))


def on_a_kink(loss, prediction, target):
    """Two rivals alike, or one exactly a margin away."""
    rivals = sorted((z for k, z in enumerate(prediction) if k != target), reverse=True)
    return rivals[0] == rivals[1] or loss.margin + rivals[0] - prediction[target] == 0


@oracle(
    losskit.CrammerSinger,
    variants=({}, {"margin": 0.25}, {"class_weight": WEIGHTS, "ignore_index": 2}),
    why="the distance to the rival is rounded before the margin is added",
    rough=on_a_kink,
    columns=3,
)
def crammer_singer(loss, prediction, target):
    if target == loss.ignore_index:
        return mpf(0)
    weight = mpf(1 if loss.class_weight is None else loss.class_weight[target])
    terms = mpf(loss.margin), max(z for k, z in enumerate(prediction) if k != target) - prediction[target]
    return tuple(weight * term for term in terms) if sum(terms) > 0 else mpf(0)

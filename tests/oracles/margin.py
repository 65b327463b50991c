"""Twins of losskit.losses.margin."""

from __future__ import annotations

import numpy as np
from mpmath import atan, exp, fsum, log, mpf

import losskit
from tests.oracles.classification import WEIGHTS, far_digits
from tests.oracles.oracle import Truth, oracle

MARGINS = ({}, {"margin": 0.25}, {"margin": 8.0})
LABELS = np.array([-1.0, 1.0])


@oracle(
    losskit.Hinge,
    variants=(*MARGINS, {"margin": 0.0}),
    kinks=lambda loss, target: (target * loss.margin,),
    at_kink="zero",
)
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


def beliefs(prediction_of):
    """Distributions of the two labels, with the score that says each."""

    def truths(loss):
        return [Truth((prediction_of(q),), LABELS, np.array([1 - q, q])) for q in (0.2, 0.5, 0.85)]

    return truths


@oracle(
    losskit.ModifiedHuber,
    kinks=lambda loss, target: (target, -target),
    truths=beliefs(lambda q: 2 * q - 1),
)
def modified_huber(loss, prediction, target):
    margin = target * prediction
    return max(mpf(0), 1 - margin) ** 2 if margin >= -1 else -4 * margin


@oracle(
    losskit.SmoothHinge,
    variants=({}, {"gamma": 2.0}, {"gamma": 0.0625}),
    kinks=lambda loss, target: (target, target * (1 - mpf(loss.gamma))),
)
def smooth_hinge(loss, prediction, target):
    margin, gamma = target * prediction, mpf(loss.gamma)
    if margin >= 1:
        return mpf(0)
    return (1 - margin) ** 2 / (2 * gamma) if margin >= 1 - gamma else 1 - gamma / 2 - margin


@oracle(
    losskit.Ramp,
    variants=({}, {"s": -1.0}, {"s": 0.75}),
    kinks=lambda loss, target: (target, target * mpf(loss.s)),
    at_kink="zero",
)
def ramp(loss, prediction, target):
    def hinge_at(s):
        return max(mpf(0), s - target * prediction)

    return hinge_at(1) - hinge_at(mpf(loss.s))


@oracle(
    losskit.Savage,
    truths=beliefs(lambda q: np.log(q) - np.log1p(-q)),
    why="at 88 the derivative 2·e⁻⁸⁸ is normal in float32 where e⁻⁸⁸ is not, and is flushed to zero",
    rough=lambda loss, prediction, target: 87 < abs(prediction) < 89,
)
@far_digits
def savage(loss, prediction, target):
    return 1 / (1 + exp(target * prediction)) ** 2


@oracle(
    losskit.Tangent,
    truths=beliefs(lambda q: np.tan(q - 0.5)),
    why="an arctangent is rounded before 1 is taken from it",
    cancelling=(2,),
)
def tangent(loss, prediction, target):
    angle = 2 * atan(target * prediction)
    return angle**2, -2 * angle, mpf(1)


@oracle(losskit.Unhinged)
def unhinged(loss, prediction, target):
    return 1 - target * prediction


def on_a_kink(loss, prediction, target):
    """Two rivals alike, or one exactly a margin away."""
    rivals = sorted((z for k, z in enumerate(prediction) if k != target), reverse=True)
    return rivals[0] == rivals[1] or loss.margin + rivals[0] - prediction[target] == 0


@oracle(
    losskit.CrammerSinger,
    variants=({}, {"margin": 0.25}, {"margin": 0.0}, {"class_weight": WEIGHTS, "ignore_index": 2}),
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


def at_a_margin(loss, prediction, target):
    """A rival exactly a margin away, or nearer to that than rounding can tell."""
    return any(abs(loss.margin + z - prediction[target]) < 1e-5 for k, z in enumerate(prediction) if k != target)


@oracle(
    losskit.WestonWatkins,
    variants=({}, {"margin": 0.25, "power": 2}, {"class_weight": WEIGHTS, "ignore_index": 2}),
    why="the distance to a rival is rounded before the margin is added",
    rough=at_a_margin,
    extra=lambda loss: [((0.5, loss.margin, -4.0), 1)],
    # The gradient is squared once more for its length, which has to fit float64.
    reach=lambda loss: {"prediction": (-1e100, 1e100)} if loss.power == 2 else {},
    columns=3,
)
def weston_watkins(loss, prediction, target):
    if target == loss.ignore_index:
        return mpf(0)
    weight = mpf(1 if loss.class_weight is None else loss.class_weight[target])
    margins = (mpf(loss.margin) + z - prediction[target] for k, z in enumerate(prediction) if k != target)
    return weight * fsum(max(mpf(0), margin) ** loss.power for margin in margins) / 3

"""Twins of losskit.losses.angular_margin."""

from __future__ import annotations

from typing import Any

from mpmath import acos, cos, floor, fsum, mpf, pi, sin, sqrt

import losskit
from tests.oracles.classification import SOFTMAX, WEIGHTS, far_digits, minus_log, softmax, spread
from tests.oracles.oracle import oracle


def of_margins(steepness: float) -> dict[str, Any]:
    """What the oracles of margins on cosines have in common; ψ of a cosine is known to `steepness` ulps of 1."""

    def condition(order, loss, prediction, target):
        return spread(order, loss, [mpf(loss.scale) * z for z in prediction], target, 2) + loss.scale * steepness

    return {
        "columns": 3,
        "least": 1e-8,
        "extent": lambda loss, x: 1.0,
        "cancelling": (1, 2),
        "why": f"cosines are lowered, which rounds them, and multiplied by the scale; {SOFTMAX}",
        "condition": condition,
    }


def cross_entropy_of(loss, prediction, target, lowered):
    if target == loss.ignore_index:
        return mpf(0)
    p = softmax([mpf(loss.scale) * (lowered if k == target else z) for k, z in enumerate(prediction)])
    return mpf(1 if loss.class_weight is None else loss.class_weight[target]) * minus_log(p[target])


VARIANTS = ({}, {"margin": 0.125, "scale": 4.0}, {"class_weight": WEIGHTS, "ignore_index": 2, "scale": 16.0})


@oracle(
    losskit.AdditiveAngularMargin,
    variants=VARIANTS,
    **of_margins(0.25),
    # Where the own cosine is all but 1 the derivative of the angle passes every number.
    extra=lambda loss: [([1 - 1e-15, 1.0, 1.0], 0), ([-1.0, 1.0, 0.0], 0), ([1.0, 0.5, 1.0], 0)],
)
@far_digits
def additive_angular_margin(loss, prediction, target):
    m, theta = mpf(loss.margin), acos(prediction[target])
    return cross_entropy_of(
        loss, prediction, target, cos(theta + m) if theta + m < pi else prediction[target] - m * sin(m)
    )


@oracle(losskit.LargeMarginCosine, variants=(*VARIANTS, {"margin": 0.0}), **of_margins(0.125))
@far_digits
def large_margin_cosine(loss, prediction, target):
    return cross_entropy_of(loss, prediction, target, prediction[target] - mpf(loss.margin))


@oracle(
    losskit.AngularSoftmax,
    variants=({}, {"margin": 3, "scale": 4.0}, {"margin": 1, "class_weight": WEIGHTS, "ignore_index": 2}),
    **of_margins(0.5),
    # The curvature jumps where m θ is a whole number of turns, as it is at these entries of the rows.
    extra=lambda loss: [([0.25, 0.0, 0.75], 0), ([0.25, 0.5, 0.75], 0)],
)
@far_digits
def angular_softmax(loss, prediction, target):
    angle = loss.margin * acos(prediction[target])
    turns = min(floor(angle / pi), loss.margin - 1)
    return cross_entropy_of(loss, prediction, target, (-1) ** int(turns) * cos(angle) - 2 * turns)


@oracle(
    losskit.FocalCosine,
    variants=(
        {},
        {"focal": 0.0},
        {"focal": 2.0, "gamma": 0.0},
        {"gamma": 0.5, "class_weight": WEIGHTS, "ignore_index": 1},
    ),
    why="a unit vector's entries are known to ulps of 1",
    rough=lambda loss, prediction, target: not any(prediction),
    cancelling=(1, 2),
    columns=3,
    extra=lambda loss: [([1.0, 0.0, 0.0], 0), ([1.0, 2.0**-12, 0.0], 0), ([0.0, 0.0, 0.0], 2)],
)
@far_digits
def focal_cosine(loss, prediction, target):
    if target == loss.ignore_index:
        return mpf(0)
    length = sqrt(fsum(z**2 for z in prediction)) or mpf(1)
    unit = [z / length for z in prediction]
    p = softmax(unit)[target]
    weight = mpf(1 if loss.class_weight is None else loss.class_weight[target])
    focal = (1 - p) ** mpf(loss.gamma) * minus_log(p)
    return weight * (1 - unit[target]), weight * mpf(loss.focal) * focal

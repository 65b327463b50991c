"""Twins of losskit.losses.detection."""

from __future__ import annotations

import numpy as np
from mpmath import floor, mpf

import losskit
from tests.oracles.classification import SOFTMAX, far_digits, minus_log, probabilities_of, softmax, two_classes
from tests.oracles.draw import values
from tests.oracles.oracle import oracle


def tail(gamma, loss, prediction):
    """exp of the rounded product γ·log p is known to as many half ulps as it is large."""
    return 1 + mpf(gamma) * min(abs(prediction), 750) / 16 if loss.input == "logits" else 1


def weighted(weight, gamma, value):
    return weight ** mpf(gamma) * value if weight else (value if gamma == 0 else mpf(0))


def within_squares(loss):
    """Second derivatives have squares of p, which have to fit float64."""
    return {"prediction": (1e-100, 1.0)} if loss.input == "probabilities" else {}


@oracle(
    losskit.GaussianFocal,
    variants=({}, {"gamma": 0.5, "decay": 1.5, "class_weight": (0.5, 4.0)}, {"decay": 0.0, "input": "probabilities"}),
    why="the weight is exp of the rounded product γ·log p",
    condition=lambda order, loss, prediction, target: tail(loss.gamma, loss, prediction),
    cancelling=(2,),
    reach=within_squares,
    extra=lambda loss: [(0.75, 1.0), (0.25, 1.0), (0.75, 0.0), (0.75, 0.5)],
)
@far_digits
def gaussian_focal(loss, prediction, target):
    p, q = probabilities_of(loss, prediction)
    of_others, of_peaks = loss.class_weight or (1, 1)
    if target == 1:
        return mpf(of_peaks) * weighted(q, loss.gamma, minus_log(p))
    return mpf(of_others) * (1 - target) ** mpf(loss.decay) * weighted(p, loss.gamma, minus_log(q))


@oracle(
    losskit.QualityFocal,
    variants=({}, {"beta": 2.5, "class_weight": (0.5, 2.0)}, {"input": "probabilities"}),
    why="t − p is a difference of two rounded numbers, and its power as often again",
    condition=lambda order, loss, prediction, target: near_target(loss, prediction, target),
    cancelling=(1, 2),
    reach=within_squares,
)
@far_digits
def quality_focal(loss, prediction, target):
    p, q = probabilities_of(loss, prediction)
    apart = abs(target - p) if target != 1 else q
    return tuple(
        apart ** mpf(loss.beta) * term for term in two_classes(loss, target, minus_log(p), minus_log(q)) or (mpf(0),)
    )


def near_target(loss, prediction, target):
    p, q = probabilities_of(loss, prediction)
    if target in (0, 1):
        return tail(loss.beta, loss, prediction)
    apart = abs(target * q - (1 - target) * p)
    return 1 + loss.beta * (target * q + (1 - target) * p) / apart if apart else 1


@oracle(
    losskit.Varifocal,
    variants=(
        {},
        {"alpha": 0.5, "gamma": 0.0},
        {"gamma": 0.5, "class_weight": (0.5, 2.0)},
        {"gamma": 2.5, "input": "probabilities"},
    ),
    why="the weight is exp of the rounded product γ·log p; with a soft target the gradient p − t is a difference",
    condition=lambda order, loss, prediction, target: tail(loss.gamma, loss, prediction),
    cancelling=(2,),
    reach=within_squares,
    extra=lambda loss: [(0.9 if loss.input == "probabilities" else 8.0, 0.0)],
)
@far_digits
def varifocal(loss, prediction, target):
    p, q = probabilities_of(loss, prediction)
    if target == 0:
        return mpf((loss.class_weight or (1,))[0]) * mpf(loss.alpha) * weighted(p, loss.gamma, minus_log(q))
    return tuple(target * term for term in two_classes(loss, target, minus_log(p), minus_log(q)))


def binned(case, n, rng, kind, dtype):
    """Scores of four bins, and targets on bins, between them and at both ends."""
    prediction = np.clip(values(case.domain("prediction"), rng, (n, 4), kind, dtype, case), -1e4, 1e4)
    target = rng.uniform(0, 3, n) if kind == "ordinary" else rng.choice([0.0, 1.0, 3.0, 1e-6, 2.0 - 1e-6, 2.5], n)
    return {"prediction": np.where(np.abs(prediction) < 1e-8, 0.0, prediction), "target": target}


@oracle(
    losskit.DistributionFocal,
    draw=binned,
    why=SOFTMAX,
    condition=lambda order, loss, prediction, target: (
        1 + min(max(prediction) - sorted(prediction)[-2 if order == 0 else 0], 750) / 16
    ),
    cancelling=(2,),
    extent=lambda loss, x: 1.0,
    columns=4,
)
@far_digits
def distribution_focal(loss, prediction, target):
    p, left = softmax(prediction), int(floor(target))
    if target == left:
        return minus_log(p[left])
    return (left + 1 - target) * minus_log(p[left]), (target - left) * minus_log(p[left + 1])

"""Twins of losskit.losses.lovasz."""

from __future__ import annotations

import numpy as np
from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import far_digits
from tests.oracles.oracle import oracle
from tests.oracles.overlap import CLASSES, PIXELS, pixels, samples, steepness

CLOSE = mpf(10) ** -5


def jaccard(wrong, truth):
    """1 − IoU, where the pixels that are decided wrongly are these: |M| / |{t = 1} ∪ M|."""
    union = wrong | {i for i, t in enumerate(truth) if t == 1}
    return mpf(len(wrong)) / len(union) if wrong else mpf(0)


def extension(errors, truth):
    """The Lovász extension of the Jaccard loss, by its definition as a set function."""
    order = sorted(range(len(errors)), key=lambda i: -errors[i])
    losses = [jaccard(set(order[:k]), truth) for k in range(len(order) + 1)]
    return fsum(errors[i] * (after - before) for i, before, after in zip(order, losses, losses[1:], strict=False))


def tied(errors):
    return any(abs(a - b) <= CLOSE * max(a, b) for i, a in enumerate(errors) for b in errors[:i])


def hinges(prediction, target):
    return [max(mpf(0), 1 - z * (2 * t - 1)) for z, t in zip(prediction, target, strict=True)]


def masks(case, n, rng, kind, dtype):
    prediction = rng.normal(0, 1.5, (n, PIXELS))
    if kind == "extreme":
        prediction = rng.choice([0.0, 1e-3, -1.0, 1.0, 1 - 1e-3, 30.0, -100.0, 1e4], (n, PIXELS))
    target = rng.choice([0.0, 1.0], (n, PIXELS))
    target[:1], target[1:2] = 0.0, 1.0
    return {"prediction": prediction, "target": target}


@oracle(
    losskit.LovaszHinge,
    draw=masks,
    columns=PIXELS,
    rough=lambda loss, prediction, target: (
        any(z * (2 * t - 1) == 1 for z, t in zip(prediction, target, strict=True))
        or tied([e for e in hinges(prediction, target) if e])
    ),
    extra=lambda loss: [((1.0, 0.5, -2.0, 0.25), (1.0, 0.0, 1.0, 1.0)), ((2.0, 2.0, -2.0, 0.0), (1.0, 0.0, 1.0, 0.0))],
)
def lovasz_hinge(loss, prediction, target):
    return extension(hinges(prediction, target), target)


def hard(case, n, rng, kind, dtype):
    drawn = samples(case, n, rng, kind, dtype)
    if case.form == "masks":
        drawn["target"] = np.round(drawn["target"])
    elif kind == "ordinary":
        # Two pixels that tie where one score of theirs is the same, above the two others' errors. As probabilities the
        # columns are apart: each ties by itself.
        apart = 0.1 if case.loss.input == "probabilities" else 0.0
        rows = [[0.3, 0.35, 0.25], [0.4, 0.35 + apart, 0.25 + apart], [0.9, 0.05, 0.1], [0.15, 0.1, 0.95]]
        drawn["prediction"][:1] = np.array(rows) * (1 if apart else 4)
        drawn["target"][:1] = 1, 1, 0, 2
    return drawn


def errors_of(each):
    return [q if t == 1 else p for p, q, t in each]


@oracle(
    losskit.LovaszSoftmax,
    variants=({}, {"classes": "all"}, {"input": "probabilities"}),
    draw=hard,
    forms=("masks", "indices"),
    columns=CLASSES,
    rough=lambda loss, prediction, target: any(tied(errors_of(each)) for each in pixels(loss, prediction, target)),
    cancelling=(1,),
    extent=lambda loss, x: 1.0,
    why="with classes a gradient is a difference between them, and exp of rounded z − z_top is known to so many ulps",
    condition=lambda order, loss, prediction, target: steepness(loss, prediction),
)
@far_digits
def lovasz_softmax(loss, prediction, target):
    found = pixels(loss, prediction, target)
    if loss.classes == "present" and len(found) > 1:
        found = [each for each in found if any(t == 1 for _, _, t in each)]
    return tuple(extension(errors_of(each), [t for _, _, t in each]) / len(found) for each in found)

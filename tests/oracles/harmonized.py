"""Twins of losskit.losses.harmonized: bin by bin."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import floor, mpf, sqrt

import losskit
from tests.oracles.classification import far_digits, minus_log, probabilities_of, two_classes
from tests.oracles.draw import values
from tests.oracles.oracle import oracle


def batches(case, n, rng, kind, dtype):
    """Entries whose gradients are not so near the border of two bins that rounding decides: there the value jumps."""
    prediction, target = (values(case.domain(name), rng, (n,), kind, dtype, case) for name in case.names)
    if kind == "extreme":
        target = rng.choice([0.0, 0.37, 1.0], n)
    if case.loss.input == "logits":
        prediction = np.where(np.abs(prediction) < 7e-4, 0.0, prediction)
    else:  # at 0 and 1 one value is infinite, and then the sum
        prediction = np.clip(prediction, 1e-3, 1 - 1e-3)
    return {"prediction": prediction, "target": target}


def weights(loss, sizes):
    """Of each entry, by how many are in its bin."""
    place = [min(int(floor(size * loss.bins)), loss.bins - 1) for size in sizes]
    return [mpf(len(place)) / (len(set(place)) * place.count(own)) for own in place]


@oracle(
    losskit.GradientHarmonizedClassification,
    variants=({"bins": 3}, {}, {"bins": 30}, {"bins": 1}, {"input": "probabilities"}),
    why="with a soft target the gradient p − t is a difference",
    held=True,
    draw=batches,
)
@far_digits
def gradient_harmonized_classification(loss, prediction, target, held):
    sizes = [abs(probabilities_of(loss, z)[0] - t) for z, t in zip(*held, strict=True)]
    found = []
    for weight, z, t in zip(weights(loss, sizes), prediction, target, strict=True):
        p, q = probabilities_of(loss, z)
        found.append(tuple(weight * term for term in two_classes(BINARY, t, minus_log(p), minus_log(q))))
    return found


BINARY: Any = losskit.BinaryCrossEntropy()


@oracle(
    losskit.GradientHarmonizedRegression,
    variants=({"bins": 3, "mu": 1.0}, {}, {"bins": 20, "mu": 2.0}, {"bins": 1, "mu": 16.0}),
    held=True,
)
def gradient_harmonized_regression(loss, prediction, target, held):
    mu = mpf(loss.mu)
    before = [p - t for p, t in zip(*held, strict=True)]
    sizes = [abs(d) / sqrt(d**2 + mu**2) for d in before]
    errors = [sqrt((p - t) ** 2 + mu**2) - mu for p, t in zip(prediction, target, strict=True)]
    return [weight * error for weight, error in zip(weights(loss, sizes), errors, strict=True)]

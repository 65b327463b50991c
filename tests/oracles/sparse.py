"""Twins of losskit.losses.sparse."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import fsum, mpf, sqrt

import losskit
from tests.oracles.classification import WEIGHTS
from tests.oracles.draw import values
from tests.oracles.oracle import Truth, oracle

NEAR = 1e-12


def of_the_target(loss, target):
    """The target as a row of probabilities, and its class weight."""
    if isinstance(target, int):
        if target == loss.ignore_index:
            return None, mpf(0)
        target = [mpf(k == target) for k in range(3)]
    return target, fsum(mpf(w) * t for w, t in zip(loss.class_weight or (1, 1, 1), target, strict=True))


def sparsemax_threshold(scores):
    """The τ for which Σ max(0, z − τ) = 1: of the sizes of support, the one that fits."""
    ordered = sorted(scores, reverse=True)
    thresholds = [(fsum(ordered[:k]) - 1) / k for k in range(1, len(ordered) + 1)]
    return next(t for k, t in enumerate(thresholds, 1) if k == len(ordered) or ordered[k] <= t)


def entmax_threshold(halves):
    """The τ for which Σ max(0, x − τ)² = 1: a root of a quadratic for each size of support."""
    ordered = sorted(halves, reverse=True)
    for k in range(1, len(ordered) + 1):
        mean = fsum(ordered[:k]) / k
        left = 1 - fsum((x - mean) ** 2 for x in ordered[:k])
        threshold = mean - sqrt(left / k)
        if k == len(ordered) or ordered[k] <= threshold:
            return threshold
    return None


def young(scores, p, target, weight, omega):
    """Ω*(z) + Ω(t) − ⟨z, t⟩ as its terms, for scores below the top one, on which it does not depend."""
    top = max(scores)
    gains = [(z - top) * (x - t) for z, x, t in zip(scores, p, target, strict=True)]
    return tuple(weight * term for term in (*gains, *(-x for x in omega(p)), *omega(target)))


def drawn(case, n, rng, kind, dtype):
    """As the domains say, and one row of which a score is as far below the top as gets it no probability."""
    rows = {name: (n, 3) if case.form == "probabilities" or name == "prediction" else (n,) for name in case.names}
    inputs = {name: values(case.domain(name), rng, shape, kind, dtype, case) for name, shape in rows.items()}
    if kind == "ordinary":
        inputs["prediction"][0] = 0.25, 1.0, -3.0
        inputs["target"][0] = 1 if case.form == "indices" else (0.0, 1.0, 0.0)
    return inputs


ROWS: dict[str, Any] = {
    "columns": 3,
    "variants": ({}, {"class_weight": WEIGHTS}, {"ignore_index": 2}),
    "why": "p is a difference of scores and their mean: it is known to ulps of 1",
}


@oracle(
    losskit.Sparsemax,
    rough=lambda loss, prediction, target: any(abs(z - sparsemax_threshold(prediction)) < NEAR for z in prediction),
    draw=drawn,
    truths=lambda loss: [Truth((q,), np.eye(3), q) for q in (np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.1, 0.8]))],
    **ROWS,
)
def sparsemax(loss, prediction, target):
    target, weight = of_the_target(loss, target)
    if target is None:
        return mpf(0)
    threshold = sparsemax_threshold(prediction)
    p = [max(mpf(0), z - threshold) for z in prediction]
    return young(prediction, p, target, weight, lambda p: [x**2 / 2 for x in p])


@oracle(
    losskit.Entmax15,
    truths=lambda loss: [
        Truth((2 * np.sqrt(q),), np.eye(3), q) for q in (np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.1, 0.8]))
    ],
    **ROWS,
)
def entmax15(loss, prediction, target):
    target, weight = of_the_target(loss, target)
    if target is None:
        return mpf(0)
    threshold = entmax_threshold([z / 2 for z in prediction])
    p = [max(mpf(0), z / 2 - threshold) ** 2 for z in prediction]
    return young(prediction, p, target, weight, lambda p: [y * 4 / 3 for x in p for y in (x ** mpf("1.5"), -x)])

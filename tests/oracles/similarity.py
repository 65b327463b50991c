"""Twins of losskit.losses.similarity."""

from __future__ import annotations

from mpmath import fsum, mpf, sqrt

import losskit
from tests.oracles.oracle import oracle


def norm(row):
    return sqrt(fsum(x**2 for x in row))


@oracle(
    losskit.CosineDistance,
    why="rounding a direction by an ulp changes its cosine by an ulp of 1, and the products of the sum may cancel",
    cancelling=(1, 2),
    rough=lambda loss, prediction, target: not any(prediction) or not any(target),
    extra=lambda loss: [
        ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]),
        ([1.0, 2.0, 3.0, 4.0], [-2.0, -4.0, -6.0, -8.0]),
        ([0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]),
        ([1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]),
        ([1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]),
    ],
)
def cosine_distance(loss, prediction, target):
    lengths = norm(prediction) * norm(target)
    if lengths == 0:
        return mpf(1)
    return mpf(1), *(-p * t / lengths for p, t in zip(prediction, target, strict=True))

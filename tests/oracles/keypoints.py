"""Twins of losskit.losses.keypoints."""

from __future__ import annotations

from mpmath import exp, mpf

import losskit
from tests.oracles.oracle import oracle


@oracle(
    losskit.ObjectKeypointSimilarity,
    columns=2,
    reach={"prediction": (-1e4, 1e4), "target": (-1e4, 1e4), "scale": (1e-3, 1e4)},
    least=1e-8,
    why="exp of rounded d²/2σ² is known to that many half ulps",
    condition=lambda order, loss, prediction, target, scale: 1 + min(squared(prediction, target) / scale**2, 1500) / 8,
    cancelling=(2,),
    extent=lambda loss, x: 1.0,
)
def object_keypoint_similarity(loss, prediction, target, scale):
    return 1 - exp(-squared(prediction, target) / (2 * mpf(scale) ** 2))


def squared(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True))

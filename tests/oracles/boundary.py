"""Twins of losskit.losses.boundary."""

from __future__ import annotations

from mpmath import exp, mpf

import losskit
from tests.oracles.classification import far_digits, probabilities_of
from tests.oracles.oracle import oracle


@oracle(losskit.Boundary, variants=({}, {"input": "probabilities"}), cancelling=(2,), extent=lambda loss, x: 1.0)
@far_digits
def boundary(loss, prediction, target):
    return target * (1 / (1 + exp(-prediction)) if loss.input == "logits" else prediction)


@oracle(
    losskit.HausdorffDistanceTransform,
    variants=({}, {"alpha": 1.0}, {"input": "probabilities", "alpha": 1.5}),
    reach=dict.fromkeys(("prediction_distance", "target_distance"), (0.0, 1e8)),
    least=1e-8,
    why="p − t of a soft target is a difference, its square known to ulps of it (the pair that cancels)",
    cancelling=(1, 2),
    extent=lambda loss, x: 1.0,
)
@far_digits
def hausdorff(loss, prediction, target, prediction_distance, target_distance):
    p, q = probabilities_of(loss, prediction)
    reach = prediction_distance ** mpf(loss.alpha) + target_distance ** mpf(loss.alpha)
    apart = p - target
    size = abs(apart) * min(p * (1 - target), q * target) if loss.input == "logits" else mpf(0)
    return tuple(term * reach for term in (apart**2, size, -size))

"""Twins of losskit.losses.imbalanced_regression."""

from __future__ import annotations

from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import exp, far_digits, log
from tests.oracles.oracle import oracle


@oracle(
    losskit.BalancedSquaredError,
    variants=({}, {"noise_scale": 0.25}, {"noise_scale": 8.0}),
    why="scores are products of rounded differences: exp of them is known to as many ulps",
    condition=lambda order, loss, p, t: 1 + (30 + abs(p)) ** 2 / loss.noise_scale**2 / 16,
    cancelling=(1,),
    extent=lambda loss, x: abs(x) or 1.0,
    reach=dict.fromkeys(("prediction", "target"), (-30.0, 30.0)),
    least=1e-8,
)
@far_digits
def balanced_squared_error(loss, prediction, target):
    scores = [[-((p - t) ** 2) / (2 * mpf(loss.noise_scale) ** 2) for t in target] for p in prediction]
    return [log(fsum(exp(s - row[i]) for s in row)) for i, row in enumerate(scores)]

"""Twins of losskit.losses.multi_task."""

from __future__ import annotations

from mpmath import exp, log, mpf

import losskit
from tests.oracles.oracle import oracle


@oracle(
    losskit.UncertaintyWeighting,
    variants=({}, {"regularizer": "softplus"}),
    # e^−s, and its product with the losses, have to fit float32.
    reach={"values": (-1e15, 1e15), "log_variance": (-30.0, 30.0)},
    least=1e-15,
    cancelling=(1, 2),
    extent=lambda loss, x: 1.0,
)
def uncertainty_weighting(loss, values, log_variance):
    terms = []
    for value, s in zip(values, log_variance, strict=True):
        terms += [exp(-s) * value / 2, s / 2 if loss.regularizer == "log" else log(1 + exp(s))]
    return tuple(terms)


@oracle(losskit.Flooding, variants=({}, {"level": 2.0}), kinks=lambda loss: (mpf(loss.level),))
def flooding(loss, value):
    return abs(value - mpf(loss.level)) + mpf(loss.level)

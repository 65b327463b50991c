"""Twins of losskit.losses.survival: risk sets and likelihoods, written out."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import erfc, fsum, mpf, pi, sqrt

import losskit
from tests.oracles.classification import exp, far_digits, log, softmax
from tests.oracles.draw import values
from tests.oracles.oracle import oracle

SPREAD = "exp of a rounded difference is known to as many half ulps as it is large"


def followed(case, n, rng, kind, dtype):
    """Few times, so that events are tied, and one event at least; in long batches also times of their own."""
    hazard = values(case.domain("prediction"), rng, (n,), kind, dtype, case)
    time = rng.integers(1, 4, n) * 0.5
    if n > 100:
        time = np.where(rng.uniform(size=n) < 0.5, time, rng.uniform(0.1, 5, n))
    event = rng.choice([0.0, 1.0, 1.0], n)
    event[:1] = 1.0
    return {"prediction": np.clip(hazard, -1e4, 1e4), "time": time, "event": event}


@oracle(
    losskit.CoxPartialLikelihood,
    variants=({}, {"ties": "breslow"}),
    draw=followed,
    why=f"{SPREAD}; and the sum over who was at risk is rounded before the own log-hazard is taken from it",
    condition=lambda order, loss, prediction, time, event: 4 + min(abs(prediction), 750) / 8,
    cancelling=(1, 2),
    extent=lambda loss, x: 1.0,
)
@far_digits
def cox(loss, prediction, time, event):
    found = []
    for own, t, happened in zip(prediction, time, event, strict=True):
        if not happened:
            found.append((mpf(0), mpf(0)))
            continue
        at_risk = fsum(exp(h) for h, other in zip(prediction, time, strict=True) if other >= t)
        tied = [exp(h) for h, other, e in zip(prediction, time, event, strict=True) if other == t and e]
        d = len(tied) if loss.ties == "efron" else 1
        found.append((fsum(log(at_risk - mpf(step) / d * fsum(tied)) for step in range(d)) / d, -own))
    return found


INTERVALS: dict[str, Any] = {"columns": 3, "reach": {"prediction": (-1e4, 1e4)}, "least": 1e-8}


def spread(order, loss, prediction, target, event):
    """Sums of scores, for "mtlr", are of the size of all of them."""
    return 2 + min(max(prediction) - min([*prediction, mpf(0)]), 750) / (2 if loss.scores == "mtlr" else 8)


@oracle(
    losskit.DiscreteTimeSurvival,
    variants=({}, {"scores": "mass"}, {"scores": "mtlr"}),
    why=f"{SPREAD}, and scores of mtlr are sums; opposite pulls cancel",
    condition=spread,
    cancelling=(1, 2),
    extent=lambda loss, x: 1.0,
    extra=lambda loss: [([30.0, -30.0, 0.5], target, event) for target in (0, 2) for event in (0.0, 1.0)],
    **INTERVALS,
)
@far_digits
def discrete_time(loss, prediction, target, event):
    if loss.scores == "hazard":
        hazard = [1 / (1 + exp(-z)) for z in prediction]
        survived = [1 / (1 + exp(z)) for z in prediction]
        parts = [*survived[:target], hazard[target] if event else survived[target]]
        return fsum(-log(part) for part in parts)
    z = prediction
    if loss.scores == "mtlr":
        z = [fsum(prediction[k:]) for k in range(len(prediction))]
    p = softmax([*z, mpf(0)])
    return -log(p[target]) if event else -log(fsum(p[target + 1 :]))


@oracle(
    losskit.DeepHit,
    variants=({}, {"alpha": 0.75, "sigma": 0.5}),
    why=f"{SPREAD}; differences of probabilities are divided by σ, and exp taken",
    condition=lambda order, loss, prediction, target, event: (
        1 / mpf(loss.sigma) + 4 * spread(order, losskit.DiscreteTimeSurvival(), prediction, target, event)
    ),
    cancelling=(1, 2),
    extent=lambda loss, x: mpf(loss.sigma),
    **INTERVALS,
)
@far_digits
def deep_hit(loss, predictions, targets, events):
    chances = [softmax([*z, mpf(0)]) for z in predictions]
    found = []
    for p, k, happened in zip(chances, targets, events, strict=True):
        value = -log(p[k]) if happened else -log(fsum(p[k + 1 :]))
        outlived = [
            q
            for q, other, e in zip(chances, targets, events, strict=True)
            if happened and (k < other or (k == other and not e))
        ]
        lag = fsum(exp(-(fsum(p[: k + 1]) - fsum(q[: k + 1])) / mpf(loss.sigma)) for q in outlived)
        found.append((mpf(loss.alpha) * value, (1 - mpf(loss.alpha)) * lag / len(targets)))
    return found


@oracle(
    losskit.AcceleratedFailureTime,
    variants=(
        {},
        {"scale": 0.5},
        {"distribution": "log_logistic", "scale": 4.0},
        {"distribution": "log_normal"},
        {"distribution": "log_normal", "scale": 0.5},
    ),
    why="minus log density is a sum of terms of either sign; exp of the rounded z is known to as many half ulps as z "
    "is large, that of −z²/2, in a tail, to as many as that",
    condition=lambda order, loss, prediction, time, event, log_scale=0: (
        4 + known_to(loss, abs(log(time) - prediction) / scale_of(loss, log_scale)) + abs(log_scale)
    ),
    reach=lambda loss: {
        "log_scale": (-20.0, 20.0),
        "prediction": (-1e8, 1e8) if loss.distribution == "log_normal" else (-1e4, 1e4),
        "time": (1e-20, 1e20),
    },
)
@far_digits
def accelerated_failure_time(loss, prediction, time, event, log_scale=None):
    sigma = scale_of(loss, log_scale)
    location = (log(time) / sigma, -prediction / sigma)
    z = fsum(location)
    scaled = [log(sigma), log(time)]
    if loss.distribution == "weibull":
        return exp(z), *([*scaled, -location[0], -location[1]] if event else [])
    if loss.distribution == "log_logistic":
        odds = log(1 + exp(z))
        return odds, *([*scaled, -location[0], -location[1], odds] if event else [])
    if not event:
        return -log(erfc(z / sqrt(mpf(2))) / 2)
    return (*(a * b / 2 for a in location for b in location), *scaled, log(2 * pi) / 2)


def known_to(loss, z):
    return min(z**2, 1500) if loss.distribution == "log_normal" else min(z, 750) / 4


def scale_of(loss, log_scale):
    return mpf(loss.scale) if log_scale is None else exp(log_scale)

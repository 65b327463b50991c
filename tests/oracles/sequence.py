"""Twins of losskit.losses.sequence."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import (
    KINDS,
    ROWS,
    SOFTMAX,
    WEIGHTS,
    exp,
    far_digits,
    log,
    minus_log,
    row_of_probabilities,
    shares,
    softmax,
    spread,
)
from tests.oracles.draw import values
from tests.oracles.oracle import oracle

STEPS, TAGS = 3, 3


def chains(case, n, rng, kind, dtype):
    scores = {"prediction": (n, STEPS, TAGS), "target": (n, STEPS), "transitions": (n, TAGS, TAGS)}
    drawn = {"target": rng.integers(0, TAGS, scores.pop("target"))}
    for name, shape in scores.items():
        x = np.clip(values(case.domain(name), rng, shape, kind, dtype, case), -1e4, 1e4)
        drawn[name] = np.where(np.abs(x) < 1e-8, 0.0, x)
    return {name: drawn[name] for name in ("prediction", "target", "transitions")}


def size(rows):
    return max(abs(x) for row in rows for x in row)


@oracle(
    losskit.ConditionalRandomField,
    draw=chains,
    columns=TAGS,
    cancelling=(1,),
    extent=lambda loss, x: 1.0,
    why=f"scores relative to the target's are sums of rounded differences; {SOFTMAX}",
    condition=lambda order, loss, prediction, target, transitions: (
        1 + min(size(prediction) + size(transitions), 750) / 2
    ),
)
@far_digits
def conditional_random_field(loss, prediction, target, transitions):
    def score(tags):
        emitted = fsum(prediction[t][tag] for t, tag in enumerate(tags))
        return emitted + fsum(transitions[a][b] for a, b in pairwise(tags))

    return log(fsum(exp(score(tags) - score(target)) for tags in product(range(TAGS), repeat=STEPS)))


@oracle(
    losskit.Unlikelihood,
    variants=(*KINDS, {"alpha": 0.0}, {"alpha": 0.5, "class_weight": WEIGHTS, "ignore_index": 0}),
    why=f"{SOFTMAX}; and the gradient p − t is a difference",
    condition=lambda order, loss, prediction, target, unwanted: spread(order, loss, prediction, target, 2),
    **ROWS
    | {
        "rough": lambda loss, prediction, target, unwanted: ROWS["rough"](loss, prediction, target),
        "cancelling": (1, 2),
    },
)
@far_digits
def unlikelihood(loss, prediction, target, unwanted):
    p, share = row_of_probabilities(loss, prediction), shares(loss, target)
    weight = fsum(share.values())
    if not share or not weight:
        return mpf(0), *[mpf(0)] * TAGS * 2
    others = [fsum(p[:k] + p[k + 1 :]) if loss.input == "logits" else 1 - p[k] for k in range(TAGS)]
    likely = [share[k] * minus_log(p[k]) if k in share else mpf(0) for k in range(TAGS)]
    unlikely = [
        mpf(loss.alpha) * weight * minus_log(others[k]) if unwanted[k] and loss.alpha else mpf(0) for k in range(TAGS)
    ]
    return mpf(0), *likely, *unlikely


@oracle(
    losskit.MinimumRisk,
    variants=({}, {"sharpness": 0.125}),
    columns=3,
    # Probabilities have to be normal numbers of float32: with its risk one may count that is none.
    reach={"prediction": (-30.0, 30.0), "risk": (-1e12, 1e12)},
    least=1e-8,
    cancelling=(1, 2),
    extent=lambda loss, x: 1.0,
    why=SOFTMAX,
    condition=lambda order, loss, prediction, risk: (
        1 + min(loss.sharpness * (max(prediction) - min(prediction)), 750) / 8
    ),
)
@far_digits
def minimum_risk(loss, prediction, risk):
    p = softmax([mpf(loss.sharpness) * s for s in prediction])
    return tuple(x * r for x, r in zip(p, risk, strict=True))

"""Twins of losskit.losses.proxies."""

from __future__ import annotations

from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import (
    ROWS,
    SOFTMAX,
    WEIGHTS,
    exp,
    far_digits,
    log,
    minus_log,
    shares,
    softmax,
    spread,
)
from tests.oracles.draw import values
from tests.oracles.oracle import oracle


@oracle(
    losskit.ProxyNCA,
    variants=({}, {"class_weight": WEIGHTS, "ignore_index": 2}),
    why=SOFTMAX,
    condition=lambda order, loss, prediction, target: spread(order, loss, prediction, target, 2),
    **ROWS | {"cancelling": (1, 2)},
)
@far_digits
def proxy_nca(loss, prediction, target):
    rivals = log(fsum(exp(z) for k, z in enumerate(prediction) if k != target))
    terms = rivals, -prediction[target]
    return tuple(share * term for share in shares(loss, target).values() for term in terms) or mpf(0)


@oracle(
    losskit.ProxyAnchor,
    variants=({}, {"margin": 0.0, "scale": 4.0}),
    why="exp of a rounded cosine times the scale is known to as many ulps",
    condition=lambda order, loss, row, target: 1 + loss.scale / 8,
    cancelling=(1, 2),
    extent=lambda loss, x: 1.0,
    columns=3,
)
@far_digits
def proxy_anchor(loss, prediction, target):
    margin, scale = mpf(loss.margin), mpf(loss.scale)
    pull, push = [], []
    for k in range(len(prediction[0])):
        like = [row[k] for row, own in zip(prediction, target, strict=True) if own == k]
        unlike = [row[k] for row, own in zip(prediction, target, strict=True) if own != k]
        if like:
            pull.append(log(1 + fsum(exp(-scale * (s - margin)) for s in like)))
        push.append(log(1 + fsum(exp(scale * (s + margin)) for s in unlike)))
    whole = fsum(pull) / len(pull) + fsum(push) / len(push)
    return [whole] * len(target)


def cosines_with_all(case, n, rng, kind, dtype):
    """Of six proxies, and labels of the classes they are for."""
    prediction = values(case.domain("prediction"), rng, (n, 6), kind, dtype, case)
    return {"prediction": prediction, "target": rng.integers(0, 6 // case.loss.centers, n)}


@oracle(
    losskit.SoftTriple,
    variants=({"centers": 2}, {"centers": 3, "scale": 4.0, "temperature": 1.0, "margin": 0.5}, {"centers": 1}),
    draw=cosines_with_all,
    why="exp of rounded cosines times the scale, or over γ, is known to as many ulps",
    condition=lambda order, loss, prediction, target: 1 + (loss.scale + 1 / loss.temperature) / 8,
    cancelling=(1, 2),
    extent=lambda loss, x: 1.0,
    columns=6,
)
@far_digits
def soft_triple(loss, prediction, target):
    similar = []
    for start in range(0, len(prediction), loss.centers):
        cosines = prediction[start : start + loss.centers]
        q = softmax([s / mpf(loss.temperature) for s in cosines])
        similar.append(fsum(share * s for share, s in zip(q, cosines, strict=True)))
    shifted = [mpf(loss.scale) * (s - mpf(loss.margin) * (c == target)) for c, s in enumerate(similar)]
    return minus_log(softmax(shifted)[target])

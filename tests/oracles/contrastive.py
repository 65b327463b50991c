"""Twins of losskit.losses.contrastive."""

from __future__ import annotations

from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import exp, far_digits, log
from tests.oracles.oracle import oracle
from tests.oracles.similarity import norm


def distance(a, b):
    return norm([x - y for x, y in zip(a, b, strict=True)])


@oracle(
    losskit.Contrastive,
    variants=({}, {"margin": 4.0}),
    why="the distance is rounded before it is compared with the margin",
    condition=lambda order, loss, first, second, target: (
        1 + abs(loss.margin / (loss.margin - distance(first, second) or 1)) * (distance(first, second) < loss.margin)
    ),
    cancelling=(2,),
    rough=lambda loss, first, second, target: first == second or distance(first, second) == loss.margin,
    # Squares have to fit float32, and not to vanish in it.
    reach=dict.fromkeys(("first", "second"), (-1e15, 1e15)),
    least=1e-15,
    columns=3,
    extra=lambda loss: [([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], t) for t in (0.0, 0.5, 1.0)],
)
def contrastive(loss, first, second, target):
    d = distance(first, second)
    return target * d**2, (1 - target) * max(mpf(0), mpf(loss.margin) - d) ** 2


def hinge_is_bent(loss, anchor, positive, negative):
    """At the zero vector, and where rounding the distances decides whether there is a loss at all."""
    near, far = distance(anchor, positive), distance(anchor, negative)
    return not near or not far or abs(near - far + loss.margin) < mpf(2) ** -20 * max(near, far)


@oracle(
    losskit.Triplet,
    variants=({}, {"margin": 0.25}),
    why="a difference of distances, each rounded",
    cancelling=(2,),
    rough=hinge_is_bent,
    columns=3,
    extra=lambda loss: [
        ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 2.0, 2.0]),
        ([0.0, 0.0, 0.0], [1.0, 2.0, 2.0], [0.0, 0.0, 0.0]),
        ([0.0, 0.0, 0.0], [1.0, 2.0, 2.0], [-1.0, -2.0, -2.0]),
    ],
)
def triplet(loss, anchor, positive, negative):
    terms = distance(anchor, positive), -distance(anchor, negative), mpf(loss.margin)
    return (*terms, max(mpf(0), -sum(terms)))


def scores(loss, queries, keys):
    if loss.similarity == "cosine":
        queries, keys = ([unit(row) for row in rows] for rows in (queries, keys))
    temperature = mpf(loss.temperature)
    return [[fsum(a * b for a, b in zip(q, k, strict=True)) / temperature for k in keys] for q in queries]


def unit(row):
    length = norm(row)
    return [x / length for x in row] if length else row


@oracle(
    losskit.InfoNCE,
    variants=({}, {"temperature": 0.5}, {"similarity": "dot"}),
    why="scores are sums of rounded products, divided by the temperature: exp of them is known to as many ulps",
    condition=lambda order, loss, query, key: (
        1 + (1 if loss.similarity == "cosine" else 100 * fsum(abs(x) for x in query)) / loss.temperature
    ),
    cancelling=(1, 2),
    rough=lambda loss, queries, keys: loss.similarity == "cosine" and not all(any(row) for row in [*queries, *keys]),
    reach=lambda loss: dict.fromkeys(
        ("queries", "keys"), (-1e4, 1e4) if loss.similarity == "cosine" else (-30.0, 30.0)
    ),
    least=1e-8,
    columns=3,
)
@far_digits
def info_nce(loss, queries, keys):
    rows = scores(loss, queries, keys)
    return [(log(fsum(exp(s) for s in row)), -row[i]) for i, row in enumerate(rows)]

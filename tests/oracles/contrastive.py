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


def dot(a, b):
    return fsum(x * y for x, y in zip(a, b, strict=True))


def unit(row):
    length = norm(row)
    return [x / length for x in row] if length else row


def scores(loss, queries, keys):
    if getattr(loss, "similarity", "cosine") == "cosine":
        queries, keys = ([unit(row) for row in rows] for rows in (queries, keys))
    temperature = mpf(loss.temperature)
    return [[dot(q, k) / temperature for k in keys] for q in queries]


def has_zero_row(loss, *inputs):
    """A zero vector has no direction, and where it lies among cosines no derivative exists."""
    rows = [row for rows in inputs for row in rows if isinstance(row, list)]
    return getattr(loss, "similarity", "cosine") == "cosine" and not all(any(row) for row in rows)


def steepness(order, loss, query, *others):
    return 1 + (1 if getattr(loss, "similarity", "cosine") == "cosine" else 100 * fsum(map(abs, query))) / (
        loss.temperature
    )


def pairs_of_a_batch(*names):
    """What the oracles of batches of embeddings have in common."""
    return {
        "why": "scores are sums of rounded products, divided by the temperature: exp of them is known to as many ulps",
        "condition": steepness,
        "cancelling": (1, 2),
        "rough": has_zero_row,
        "reach": lambda loss: dict.fromkeys(
            names, (-1e4, 1e4) if getattr(loss, "similarity", "cosine") == "cosine" else (-30.0, 30.0)
        ),
        "least": 1e-8,
        "columns": 3,
    }


@oracle(
    losskit.InfoNCE,
    variants=({}, {"temperature": 0.5}, {"similarity": "dot"}),
    **pairs_of_a_batch("queries", "keys"),
)
@far_digits
def info_nce(loss, queries, keys):
    return surprises(loss, queries, keys)


def surprises(loss, queries, keys):
    rows = scores(loss, queries, keys)
    return [(log(fsum(exp(s) for s in row)), -row[i]) for i, row in enumerate(rows)]


@oracle(
    losskit.SymmetricInfoNCE,
    variants=({}, {"temperature": 0.5}, {"similarity": "dot"}),
    **pairs_of_a_batch("queries", "keys"),
)
@far_digits
def symmetric_info_nce(loss, queries, keys):
    there, back = surprises(loss, queries, keys), surprises(loss, keys, queries)
    return [tuple(term / 2 for term in a + b) for a, b in zip(there, back, strict=True)]


@oracle(
    losskit.NormalizedTemperatureScaledCrossEntropy,
    variants=({}, {"temperature": 0.5}, {"similarity": "dot"}),
    **pairs_of_a_batch("first", "second"),
)
@far_digits
def nt_xent(loss, first, second):
    """SimCLR's algorithm 1: of 2N views, the mean of the losses of a sample's two."""
    n = len(first)
    rows = scores(loss, first + second, first + second)
    terms = []
    for i, row in enumerate(rows):
        terms.append((log(fsum(exp(s) for j, s in enumerate(row) if j != i)) / 2, -row[(i + n) % (2 * n)] / 2))
    return [terms[i] + terms[i + n] for i in range(n)]


@oracle(
    losskit.SigmoidContrastive,
    variants=({}, {"temperature": 0.5, "bias": 0.0}, {"similarity": "dot", "temperature": 1.0}),
    **pairs_of_a_batch("queries", "keys"),
)
@far_digits
def sigmoid_contrastive(loss, queries, keys):
    rows = scores(loss, queries, keys)
    signs = [[1 if i == j else -1 for j in range(len(row))] for i, row in enumerate(rows)]
    bias = mpf(loss.bias)
    return [
        fsum(-log(1 / (1 + exp(-z * (s + bias)))) for z, s in zip(sign, row, strict=True))
        for sign, row in zip(signs, rows, strict=True)
    ]


@oracle(
    losskit.SupervisedContrastive,
    variants=({}, {"temperature": 0.5}, {"similarity": "dot"}),
    **pairs_of_a_batch("embeddings"),
)
@far_digits
def supervised_contrastive(loss, embeddings, groups):
    values = []
    for i, row in enumerate(scores(loss, embeddings, embeddings)):
        rivals = log(fsum(exp(s) for j, s in enumerate(row) if j != i)) if len(row) > 1 else mpf(0)
        like = [j for j, group in enumerate(groups) if group == groups[i] and j != i]
        values.append((rivals, *(-row[j] / len(like) for j in like)) if like else mpf(0))
    return values

"""Twins of losskit.losses.separation."""

from __future__ import annotations

from itertools import permutations, product
from typing import Any

import numpy as np
from mpmath import fsum, mpf

import losskit
from losskit.losses.audio import DecibelLoss
from tests.oracles.audio import decibels, difference, energy, scale_invariant_ratio
from tests.oracles.draw import values
from tests.oracles.oracle import oracle

SOURCES, SAMPLES = 3, 3


def mean_cost(loss, prediction, target):
    """Of one output against one source, as terms."""
    if isinstance(loss.criterion, losskit.SquaredError):
        return (energy([p - t for p, t in zip(prediction, target, strict=True)]) / SAMPLES,)
    return scale_invariant_ratio(loss.criterion, prediction, target)


def assignments(loss, prediction, target):
    """The terms of every permutation."""
    return [
        tuple(
            term / SOURCES for k, source in enumerate(order) for term in mean_cost(loss, prediction[k], target[source])
        )
        for order in permutations(range(SOURCES))
    ]


def undecided(loss, prediction, target):
    """Where the best two assignments cost nearly the same, or a ratio has no gradient but that of rounding."""
    first, second = sorted(fsum(terms) for terms in assignments(loss, prediction, target))[:2]
    silent = not all(any(row) for row in [*prediction, *target])
    best = min(fsum(mean_cost(loss, p, t)) for p in prediction for t in target)
    aligned = isinstance(loss.criterion, DecibelLoss) and best < -55
    return silent or aligned or second - first < mpf(2) ** -18 * (1 + abs(first))


@oracle(
    losskit.PermutationInvariant,
    variants=({}, {"criterion": losskit.SquaredError()}),
    shapes=dict.fromkeys(("prediction", "target"), (SOURCES, SAMPLES)),
    reach=dict.fromkeys(("prediction", "target"), (-1e4, 1e4)),
    least=1e-8,
    cancelling=(1,),
    extent=lambda loss, x: abs(x) or 1.0,
    rough=undecided,
    # The second: with 0 in the place of the first number, either order of the first two sources costs the same.
    extra=lambda loss: [
        ([[1.0, 2.0, 4.0], [3.0, -1.0, 0.0], [0.0, 1.0, -5.0]], [[3.0, -1.0, 0.5], [0.0, 1.0, -4.0], [1.0, 2.5, 4.0]]),
        (
            [[0.0, 1.0, -1.0], [0.0, 2.0, -2.0], [1.0, -1.0, 0.5]],
            [[1.0, 0.5, -1.5], [-1.0, 1.5, -0.5], [1.0, -1.0, 0.0]],
        ),
    ],
    ulps=16,
    why="a ratio of rounded energies: an ulp of one is 4.3 ulps of 1 in decibels",
)
def permutation_invariant(loss, prediction, target):
    return min(assignments(loss, prediction, target), key=fsum)


OUTPUTS = 3


def divisions(loss, prediction, target):
    """The terms of every way to give each output to one of the two mixtures."""
    found = []
    for side in product((0, 1), repeat=OUTPUTS):
        terms: list[Any] = []
        for k in (0, 1):
            mixed = [
                fsum(row[i] for row, own in zip(prediction, side, strict=True) if own == k) for i in range(SAMPLES)
            ]
            error = energy(difference(mixed, target[k]))
            if isinstance(loss.criterion, losskit.SquaredError):
                terms.append(error / SAMPLES / 2)
            else:
                terms += [term / 2 for term in decibels(loss.criterion, energy(target[k]), error)]
        found.append(tuple(terms))
    return found


def undivided(loss, prediction, target):
    """Where the best two divisions cost nearly the same, or a ratio has no gradient but that of rounding."""
    first, second = sorted(fsum(terms) for terms in divisions(loss, prediction, target))[:2]
    return not all(any(row) for row in target) or second - first < mpf(2) ** -18 * (1 + abs(first))


@oracle(
    losskit.MixtureInvariant,
    variants=({}, {"criterion": losskit.SquaredError()}),
    shapes={"prediction": (OUTPUTS, SAMPLES), "target": (2, SAMPLES)},
    reach=dict.fromkeys(("prediction", "target"), (-1e4, 1e4)),
    least=1e-8,
    cancelling=(1,),
    extent=lambda loss, x: abs(x) or 1.0,
    rough=undivided,
    extra=lambda loss: [
        ([[1.0, 2.0, 4.0], [3.0, -1.0, 0.0], [0.0, 1.0, -5.0]], [[3.0, -1.0, 0.5], [1.0, 3.5, -1.0]]),
        ([[1.0, 2.0, 4.0], [3.0, -1.0, 0.0], [0.0, 1.0, -5.0]], [[4.0, 2.0, -1.5], [0.0, 0.25, 0.0]]),
    ],
    ulps=16,
    why="a ratio of rounded energies: an ulp of one is 4.3 ulps of 1 in decibels; of sums, which may cancel",
)
def mixture_invariant(loss, prediction, target):
    return min(divisions(loss, prediction, target), key=fsum)


POINTS, DIMENSIONS, PARTS = 3, 2, 2


def points(case, n, rng, kind, dtype):
    prediction = np.clip(values(case.domain("prediction"), rng, (n, POINTS, DIMENSIONS), kind, dtype, case), -1e4, 1e4)
    target = np.eye(PARTS)[rng.integers(0, PARTS, (n, POINTS))]
    if kind == "ordinary":  # some nearly right: as they are, or turned round
        prediction[: n // 2] = target[: n // 2] * rng.choice([-1.0, 1.0], (n // 2, 1, 1)) + prediction[: n // 2] / 32
    target[n // 2 :] *= rng.choice([0.25, 0.5, 1.0], (n - n // 2, POINTS, 1))
    return {"prediction": np.where(np.abs(prediction) < 1e-8, 0.0, prediction), "target": target}


@oracle(
    losskit.DeepClustering,
    draw=points,
    columns=DIMENSIONS,
    cancelling=(1,),
    extent=lambda loss, x: max(abs(x), 1.0),
    why="a square multiplied out, so that no matrix has a place for every two points",
)
def deep_clustering(loss, prediction, target):
    terms = []
    for v, y in zip(prediction, target, strict=True):
        for w, z in zip(prediction, target, strict=True):
            a, b = (fsum(p * q for p, q in zip(*pair, strict=True)) for pair in ((v, w), (y, z)))
            terms += [a * a, -2 * a * b, b * b]
    return tuple(term / POINTS**2 for term in terms)

"""Do labels belong to their inputs? Told from the nearest neighbours and from all distances, without a model.

Two tests of independence that no choice is needed for. Neighbours see a local relation: what the nearest rows' labels
have in common, against the same labels permuted. Distances see a global one, a linear one above all: the distance
correlation t-test (Székely & Rizzo, 2013, J. Multivariate Analysis 117), which holds in high dimension.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

NEAREST = 5
PERMUTATIONS = 199  # the smallest probability is 1/200
FEWEST = 30  # rows that a test is made with
FLOOR = 0.1  # of the median deviation: features that vary less are not blown up to the others' size


@dataclass(frozen=True)
class Labels:
    """Targets as the tests compare them: numbers of classes, or standardised ranks, a column per output."""

    values: np.ndarray
    classes: bool

    def agreement(self, nearest: np.ndarray, order: np.ndarray | None = None) -> float:
        """Of classes the share of neighbours with the same label, of numbers the correlation of ranks; `order` permutes
        the labels."""
        values = self.values if order is None else self.values[order]
        if self.classes:
            return float((values[nearest, 0] == values).mean())
        return float((values * values[nearest].mean(axis=1)).mean())

    def distances(self) -> np.ndarray:
        if self.classes:
            return (self.values != self.values.T).astype(np.float64)
        return _distances(self.values)


def labels(targets: np.ndarray, classes: bool) -> Labels:
    """Of the targets, one row each."""
    if classes:
        return Labels(targets[:, :1], True)
    ranks = targets.argsort(axis=0, kind="stable").argsort(axis=0).astype(np.float64)
    for column, values in enumerate(targets.T):  # ties share their mean rank
        _, index, counts = np.unique(values, return_inverse=True, return_counts=True)
        ranks[:, column] = (np.bincount(index, ranks[:, column]) / counts)[index]
    spread = ranks.std(axis=0)
    spread[spread == 0] = 1
    return Labels((ranks - ranks.mean(axis=0)) / spread, False)


def standardised(inputs: np.ndarray) -> np.ndarray:
    """Features of comparable size, those that hardly vary left small; what is not finite becomes the mean."""
    with np.errstate(all="ignore"):
        inputs = np.where(np.isfinite(inputs), inputs, np.nan)
        known = np.isfinite(inputs).sum(axis=0) > 0
        inputs = inputs[:, known].astype(np.float64)
        spread = np.nanstd(inputs, axis=0)
        centred = np.nan_to_num(inputs - np.nanmean(inputs, axis=0))
    spread = spread if inputs.size else np.zeros(0)
    varying = spread > 0
    if not varying.any():
        return np.zeros((len(inputs), 0))
    spread = np.maximum(spread[varying], FLOOR * float(np.median(spread[varying])))
    return centred[:, varying] / spread


def nearest(distances: np.ndarray) -> np.ndarray:
    """The indices of the nearest other rows."""
    others = distances + np.diag(np.full(len(distances), np.inf))
    return np.argpartition(others, min(NEAREST, len(others) - 2), axis=1)[:, :NEAREST]


def _distances(rows: np.ndarray) -> np.ndarray:
    squares = (rows**2).sum(axis=1)
    return np.sqrt(np.maximum(squares[:, None] + squares - 2 * rows @ rows.T, 0))


def agreement(inputs: np.ndarray, targets: Labels) -> float:
    return targets.agreement(nearest(_distances(standardised(inputs))))


@dataclass(frozen=True)
class Relation:
    """What the two tests say: the neighbours' agreement, that by chance, and the probabilities under independence."""

    agreement: float
    chance: float
    agreement_probability: float
    dependence_probability: float


def relation(inputs: np.ndarray, targets: Labels) -> Relation | None:
    """None with too few rows, or where inputs or targets do not vary."""
    rows = standardised(inputs)
    if len(rows) < FEWEST or not rows.shape[1] or bool((targets.values == targets.values[:1]).all()):
        return None
    distances = _distances(rows)
    near = nearest(distances)
    generator = np.random.default_rng(0)
    seen = targets.agreement(near)
    permuted = [targets.agreement(near, generator.permutation(len(rows))) for _ in range(PERMUTATIONS)]
    probability = (1 + sum(one >= seen for one in permuted)) / (1 + PERMUTATIONS)
    return Relation(seen, float(np.mean(permuted)), probability, _dependence(distances, targets.distances()))


def _dependence(one: np.ndarray, other: np.ndarray) -> float:
    """The probability of the bias-corrected distance correlation, or a larger one, under independence."""
    count = len(one)
    first, second = _centred(one), _centred(other)
    norm = math.sqrt((first * first).sum() * (second * second).sum())
    if norm == 0:
        return 1.0
    correlation = float((first * second).sum()) / norm
    freedom = count * (count - 3) / 2 - 1
    statistic = math.sqrt(freedom) * correlation / math.sqrt(max(1 - correlation**2, 1e-12))
    return 0.5 * math.erfc(statistic / math.sqrt(2))  # t with so many degrees of freedom is normal


def _centred(distances: np.ndarray) -> np.ndarray:
    """U-centred (Székely & Rizzo, 2014): the mean of the products of two such matrices is unbiased."""
    count = len(distances)
    sums = distances.sum(axis=0) / (count - 2)
    centred = distances - sums - sums[:, None] + distances.sum() / ((count - 1) * (count - 2))
    np.fill_diagonal(centred, 0)
    return centred


__all__ = ["Labels", "Relation", "agreement", "labels", "relation"]

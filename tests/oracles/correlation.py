"""Twins of losskit.losses.correlation: the shares of the samples, whose mean has to be the cited formula."""

from __future__ import annotations

from typing import Any

from mpmath import fsum, mpf, sqrt

import losskit
from tests.oracles.oracle import oracle


def mean(row):
    return fsum(row) / len(row)


def covariance(x, y):
    mx, my = mean(x), mean(y)
    return mean([(a - mx) * (b - my) for a, b in zip(x, y, strict=True)])


def shares_of(whole, shares):
    """The shares, if they are shares of it."""
    values = [sum(share) if isinstance(share, tuple) else share for share in shares]
    assert abs(mean(values) - whole) < mpf(10) ** -25 * (1 + abs(whole)), "the mean of the shares is not the loss"
    return shares


BATCHES: dict[str, Any] = {"cancelling": (1,), "extent": lambda loss, x: abs(x) or 1.0}


@oracle(losskit.Concordance, **BATCHES)
def concordance(loss, prediction, target):
    apart = covariance(prediction, prediction) + covariance(target, target) + (mean(prediction) - mean(target)) ** 2
    whole = 1 - 2 * covariance(prediction, target) / apart
    return shares_of(whole, [(p - t) ** 2 / apart for p, t in zip(prediction, target, strict=True)])


@oracle(
    losskit.Pearson,
    why="standard scores are known to ulps of their root mean square: the last two terms are that, and cancel",
    **BATCHES,
)
def pearson(loss, prediction, target):
    scores = []
    for row in (prediction, target):
        middle, deviation = mean(row), sqrt(covariance(row, row))
        if not deviation:
            return [mpf(1) for _ in row]
        scores.append([(x - middle) / deviation for x in row])
    whole = 1 - covariance(prediction, target) / sqrt(covariance(prediction, prediction) * covariance(target, target))
    differences = [a - b for a, b in zip(*scores, strict=True)]
    return shares_of(whole, [(d**2 / 2, d, -d) for d in differences])


@oracle(losskit.RSquared, **BATCHES)
def r_squared(loss, prediction, target):
    variance = covariance(target, target)
    if not variance:
        return [mpf(1) for _ in target]
    residuals = [p - t for p, t in zip(prediction, target, strict=True)]
    return shares_of(mean([r**2 for r in residuals]) / variance, [r**2 / variance for r in residuals])

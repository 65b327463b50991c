"""Twins of losskit.losses.divergence."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import KINDS, ROWS, SOFTMAX, exp, far_digits, log, row_of_probabilities, spread
from tests.oracles.oracle import Truth, oracle


def as_input(loss, p):
    return p if loss.input == "probabilities" else np.log(p)


def mixtures(loss):
    """Targets that are themselves random: the best single prediction is their mean."""
    rng = np.random.default_rng(5)
    for _ in range(3):
        targets, shares = rng.dirichlet(np.ones(3), 4), rng.dirichlet(np.ones(4))
        yield Truth((as_input(loss, shares @ targets),), targets, shares)


@oracle(
    losskit.KLDivergence,
    variants=KINDS,
    why=f"a difference of logarithms, each rounded; {SOFTMAX}",
    condition=spread,
    truths=mixtures,
    **ROWS,
)
@far_digits
def kl_divergence(loss, prediction, target):
    p = row_of_probabilities(loss, prediction)
    return tuple(term for p_k, t in zip(p, target, strict=True) if t for term in (t * log(t), -t * log(p_k))) or mpf(0)


def relative(a, b):
    """KL(a ‖ b), as the terms of its sum."""
    return tuple(
        term for x, y in zip(a, b, strict=True) if x for term in (x * log(x), -x * log(y) if y else mpf("inf"))
    )


APART = f"a difference of logarithms, each rounded; {SOFTMAX}"


def infinite(loss, prediction, target):
    """Where the divergence is; and see ROWS."""
    return 0 in target or ROWS["rough"](loss, prediction, target)


INFINITE: dict[str, Any] = ROWS | {"rough": infinite}


@oracle(losskit.ReverseKLDivergence, variants=KINDS, why=APART, condition=spread, **INFINITE)
@far_digits
def reverse_kl_divergence(loss, prediction, target):
    return relative(row_of_probabilities(loss, prediction), target)


@oracle(losskit.Jeffreys, variants=KINDS, why=APART, condition=spread, **INFINITE)
@far_digits
def jeffreys(loss, prediction, target):
    p = row_of_probabilities(loss, prediction)
    return (*relative(p, target), *relative(target, p)) or mpf(0)


SHARES = tuple({"share": share} for share in (0.5, 0.125, 0.875))


@oracle(
    losskit.JensenShannon,
    variants=(*KINDS, *SHARES[1:], *({"input": "probabilities"} | share for share in SHARES[1:])),
    why=f"a difference of logarithms; {SOFTMAX}",
    condition=spread,
    **ROWS,
)
@far_digits
def jensen_shannon(loss, prediction, target):
    p, share = row_of_probabilities(loss, prediction), mpf(loss.share)
    m = [share * t + (1 - share) * p_k for p_k, t in zip(p, target, strict=True)]

    def part(share, row):
        return tuple(share * x * log(x / y) for x, y in zip(row, m, strict=True) if x)

    return (*part(share, target), *part(1 - share, p))


def rows_meet(loss, prediction, target):
    """Where a difference of probabilities is 0, or rounding decides its sign; and see ROWS."""
    p = row_of_probabilities(loss, prediction)
    near = any(abs(x - t) < mpf(2) ** -20 * (x + t) or x == t for x, t in zip(p, target, strict=True))
    return near or ROWS["rough"](loss, prediction, target)


@oracle(
    losskit.TotalVariation,
    variants=KINDS,
    why=f"differences of probabilities; {SOFTMAX}",
    condition=spread,
    **(ROWS | {"rough": rows_meet, "columns": 4}),
    extra=lambda loss: [([0.0] * 4, [0.25] * 4)] if loss.input == "logits" else [],
)
@far_digits
def total_variation(loss, prediction, target):
    p = row_of_probabilities(loss, prediction)
    return tuple(term if x > t else -term for x, t in zip(p, target, strict=True) for term in (x / 2, -t / 2))


@oracle(
    losskit.Hellinger,
    variants=KINDS,
    why=f"differences of roots of probabilities; {SOFTMAX}",
    condition=spread,
    **ROWS,
)
@far_digits
def hellinger(loss, prediction, target):
    p = row_of_probabilities(loss, prediction)
    return tuple(term for x, t in zip(p, target, strict=True) for term in (x / 2, t / 2, -(x**0.5) * t**0.5) if term)


@oracle(
    losskit.Bhattacharyya,
    variants=KINDS,
    why=f"an overlap of nearly 1 is 1 less a sum of squared differences of roots; {SOFTMAX}",
    condition=spread,
    **(ROWS | {"cancelling": (1, 2)}),  # a first derivative is half of p less the share in the overlap
)
@far_digits
def bhattacharyya(loss, prediction, target):
    overlap = fsum(x**0.5 * t**0.5 for x, t in zip(row_of_probabilities(loss, prediction), target, strict=True))
    if not overlap:
        return mpf("inf")
    return (-log(overlap), mpf(1), mpf(-1)) if overlap > 0.5 else -log(overlap)


@oracle(
    losskit.GeneralizedKLDivergence,
    variants=({}, {"input": "mean"}),
    why="a sum of terms of either sign, 0 at the target",
    reach=lambda loss: {"prediction": (-80.0, 80.0) if loss.input == "log_mean" else (1e-15, 1e15)},
    condition=lambda order, loss, prediction, target: 1 + abs(prediction) if loss.input == "log_mean" else 1,
    cancelling=(1,),
)
def generalized_kl_divergence(loss, prediction, target):
    mean = exp(prediction) if loss.input == "log_mean" else prediction
    return (target * log(target), -target * log(mean), -target, mean) if target else mean


LOGARITHMS = dict.fromkeys(("log_variance", "prior_log_variance"), (-40.0, 40.0))


@oracle(
    losskit.GaussianKLDivergence,
    why="the exponential of a rounded difference of logarithms is known to as many ulps as it has",
    condition=lambda order, loss, mean, log_variance, prior_mean=None, prior_log_variance=None: (
        1 + max(abs(s) for s in (*log_variance, *(prior_log_variance or [])))
    ),
    reach=LOGARITHMS | dict.fromkeys(("mean", "prior_mean"), (-1e9, 1e9)),  # squares over variances fit float32
    columns=3,
)
def gaussian_kl_divergence(loss, mean, log_variance, prior_mean=None, prior_log_variance=None):
    nothing = [mpf(0)] * len(mean)
    rows = zip(mean, log_variance, prior_mean or nothing, prior_log_variance or nothing, strict=True)
    return tuple(
        term / 2 for m, s, prior, r in rows for term in ((m - prior) ** 2 / exp(r), exp(s) / exp(r), mpf(-1), r, -s)
    )

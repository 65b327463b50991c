"""Twins of losskit.losses.divergence."""

from __future__ import annotations

import numpy as np
from mpmath import mpf

import losskit
from tests.oracles.classification import KINDS, ROWS, SOFTMAX, far_digits, log, row_of_probabilities, spread
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


@oracle(
    losskit.JensenShannon,
    variants=KINDS,
    why=f"a difference of logarithms; {SOFTMAX}",
    condition=spread,
    **ROWS,
)
@far_digits
def jensen_shannon(loss, prediction, target):
    p = row_of_probabilities(loss, prediction)

    def relative(a, b):
        return a * log(2 * a / (a + b)) / 2 if a else mpf(0)

    return tuple(relative(*pair) for p_k, t in zip(p, target, strict=True) for pair in ((p_k, t), (t, p_k)))

"""Twins of losskit.losses.noisy_labels."""

from __future__ import annotations

import numpy as np
from mpmath import fsum, inverse, log, matrix, mpf

import losskit
from tests.oracles.classification import (
    KINDS,
    ROWS,
    SOFTMAX,
    WEIGHTS,
    far_digits,
    minus_log,
    mixed,
    row_of_probabilities,
    shares,
    spread,
)
from tests.oracles.confidence import entropy, entropy_spread, row_weight
from tests.oracles.oracle import Truth, oracle

# -- bounded by the probability of a wrong class -----------------------------------------------------------------------


def target_row(target):
    return [mpf(k == target) for k in range(3)] if isinstance(target, int) else target


def reverse_terms(loss, prediction, target):
    p, t = row_of_probabilities(loss, prediction), target_row(target)
    floor = mpf(loss.log_zero)
    weight = row_weight(loss, target)
    costs = [-max(log(x), floor) if x else -floor for x in t]
    return tuple(weight * x * cost for x, cost in zip(p, costs, strict=True))


@oracle(
    losskit.ReverseCrossEntropy,
    variants=(*KINDS, {"log_zero": -9.25}, {"class_weight": WEIGHTS, "ignore_index": 2}),
    why=SOFTMAX,
    condition=spread,
    **ROWS,
)
@far_digits
def reverse_cross_entropy(loss, prediction, target):
    return reverse_terms(loss, prediction, target)


@oracle(
    losskit.SymmetricCrossEntropy,
    variants=(
        *KINDS,
        {"alpha": 6.0, "beta": 0.125},
        {"alpha": 1.0, "beta": 0.0},
        {"class_weight": WEIGHTS, "ignore_index": 0},
    ),
    why=SOFTMAX,
    condition=spread,
    **ROWS,
)
@far_digits
def symmetric_cross_entropy(loss, prediction, target):
    p = row_of_probabilities(loss, prediction)
    forth = (mpf(loss.alpha) * share * minus_log(p[k]) for k, share in shares(loss, target).items())
    back = (mpf(loss.beta) * term for term in reverse_terms(loss, prediction, target))
    return (*forth, *back)


@oracle(
    losskit.NormalizedCrossEntropy,
    variants=({}, {"class_weight": WEIGHTS, "ignore_index": 1}),
    why=f"the gradient is a difference, of how the class and how all classes change; {SOFTMAX}",
    condition=lambda order, loss, prediction, target: spread(order, loss, prediction, target, 2.0),
    **ROWS | {"cancelling": (1, 2)},
)
@far_digits
def normalized_cross_entropy(loss, prediction, target):
    p = row_of_probabilities(loss, prediction)
    total = fsum(minus_log(x) for x in p)
    return mixed(loss, target, lambda k: minus_log(p[k]) / total)


@oracle(
    losskit.TaylorCrossEntropy,
    variants=(*KINDS, {"order": 1}, {"order": 6}, {"class_weight": WEIGHTS, "ignore_index": 2}),
    why=SOFTMAX,
    condition=spread,
    **ROWS,
)
@far_digits
def taylor_cross_entropy(loss, prediction, target):
    p = row_of_probabilities(loss, prediction)
    return mixed(loss, target, lambda k: fsum((1 - p[k]) ** n / n for n in range(1, loss.order + 1)))


# -- labels mixed with the prediction ----------------------------------------------------------------------------------


def between_classes(loss, prediction, target):
    """Whether the most probable class is one of several, or hardly the only one: there the hard form has a kink."""
    p = sorted(prediction, reverse=True)
    return ROWS["rough"](loss, prediction, target) or (loss.hard and p[0] - p[1] < 1e-5)


@oracle(
    losskit.BootstrappedCrossEntropy,
    variants=(
        *KINDS,
        {"beta": 0.25},
        {"beta": 0.75, "hard": True},
        {"hard": True, "input": "probabilities"},
        {"beta": 0.5, "class_weight": WEIGHTS, "ignore_index": 0},
    ),
    why=SOFTMAX,
    condition=entropy_spread,
    **ROWS | {"rough": between_classes},
)
@far_digits
def bootstrapped(loss, prediction, target):
    p, beta, weight = row_of_probabilities(loss, prediction), mpf(loss.beta), row_weight(loss, target)
    labels = (beta * share * minus_log(p[k]) for k, share in shares(loss, target).items())
    if loss.hard:
        return (*labels, (1 - beta) * weight * minus_log(max(p)))
    return (*labels, (1 - beta) * weight * entropy(p))


# -- known rates of confusion ------------------------------------------------------------------------------------------

SOME = ((0.75, 0.25, 0.0), (0.125, 0.75, 0.125), (0.0, 0.5, 0.5))
CERTAIN = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
CORRECTED = (
    {"transition": SOME},
    {"transition": SOME, "input": "log_probabilities"},
    {"transition": SOME, "input": "probabilities"},
    {"transition": CERTAIN},
    {"transition": SOME, "class_weight": WEIGHTS, "ignore_index": 2},
)


def true_classes(loss):
    """What to predict is the distribution of the classes, where labels come from it by the transition."""
    for p in (np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.1, 0.8])):
        yield Truth((p if loss.input == "probabilities" else np.log(p),), np.arange(3), p @ np.array(loss.transition))


@oracle(
    losskit.ForwardCorrectedCrossEntropy,
    variants=CORRECTED,
    truths=true_classes,
    why=SOFTMAX,
    condition=lambda order, loss, prediction, target: spread(order, loss, prediction, target, 2.0),
    **ROWS,
)
@far_digits
def forward_corrected(loss, prediction, target):
    p = row_of_probabilities(loss, prediction)
    return mixed(
        loss, target, lambda k: minus_log(fsum(x * mpf(row[k]) for x, row in zip(p, loss.transition, strict=True)))
    )


@oracle(
    losskit.BackwardCorrectedCrossEntropy,
    variants=CORRECTED,
    truths=true_classes,
    why=f"the inverse is rounded; {SOFTMAX}",
    condition=lambda order, loss, prediction, target: 2 * spread(order, loss, prediction, target),
    # Of two classes without probability one may count negatively: ∞ − ∞.
    **ROWS | {"reach": lambda loss: {"prediction": (1e-6, 1.0) if loss.input == "probabilities" else (-1e4, 1e4)}},
)
@far_digits
def backward_corrected(loss, prediction, target):
    p, counts = (
        row_of_probabilities(loss, prediction),
        inverse(matrix([list(map(mpf, row)) for row in loss.transition])),
    )
    terms = ()
    for k, weight in shares(loss, target).items():
        used = [j for j in range(3) if abs(counts[k, j]) > 1e-30]
        terms += tuple(weight * counts[k, j] * minus_log(p[j]) for j in used)
    return terms or mpf(0)

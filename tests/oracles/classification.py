"""Twins of losskit.losses.classification."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import mpmath
from mpmath import fsum, inf, mp, mpf

import losskit
from tests.oracles.oracle import oracle

SOFTMAX = (
    "z_j − z_top is rounded, so exp of it is known to that many half ulps: log p of the top class by the gap to the "
    "second, and derivatives, which hold each p_j, by the spread of the row"
)


def far_digits(twin: Callable[..., Any]) -> Callable[..., Any]:
    """The naive formulas lose all digits of probabilities near 1: 1e-308 beside 1 needs that many more of them."""

    @wraps(twin)
    def with_them(*arguments: Any, **held: Any) -> Any:
        with mp.extradps(330):
            return twin(*arguments, **held)

    return with_them


def remembered(function: Callable[[mpf], mpf]) -> Callable[[mpf], mpf]:
    """Differences move one coordinate at a time: what depends on the others need not be computed again."""
    at = cache(lambda precision, x: function(x))
    return lambda x: at(mp.prec, x)


exp, log, tanh = remembered(mpmath.exp), remembered(mpmath.log), remembered(mpmath.tanh)


# -- one score ---------------------------------------------------------------------------------------------------------


def probabilities_of(loss, prediction):
    """p and 1 − p."""
    if loss.input == "probabilities":
        return prediction, 1 - prediction
    return 1 / (1 + exp(-prediction)), 1 / (1 + exp(prediction))


def minus_log(p):
    return -log(p) if p > 0 else inf


def two_classes(loss, target, positive, negative):
    """Their values, mixed; 0 · inf is 0."""
    of_negative, of_positive = loss.class_weight or (1, 1)
    return tuple(
        share * mpf(weight) * value
        for share, weight, value in ((target, of_positive, positive), (1 - target, of_negative, negative))
        if share != 0
    )


@oracle(
    losskit.BinaryCrossEntropy,
    variants=(
        {},
        {"label_smoothing": 0.125},
        {"class_weight": (0.5, 4.0)},
        {"class_weight": (2.0, 0.0), "label_smoothing": 0.25},
        {"input": "probabilities"},
        {"input": "probabilities", "class_weight": (0.5, 4.0)},
        {"input": "probabilities", "label_smoothing": 0.125},
    ),
    why="with a soft target the gradient p − t is a difference",
)
@far_digits
def binary_cross_entropy(loss, prediction, target):
    p, q = probabilities_of(loss, prediction)
    smoothing = mpf(loss.label_smoothing)
    return two_classes(loss, (1 - smoothing) * target + smoothing / 2, minus_log(p), minus_log(q))


@oracle(
    losskit.BinaryFocal,
    variants=(
        {},
        {"gamma": 0.0},
        {"gamma": 0.5},
        {"gamma": 0.5, "class_weight": (0.75, 0.25)},
        {"input": "probabilities"},
        {"gamma": 0.5, "input": "probabilities"},
        {"gamma": 3.5, "input": "probabilities"},
    ),
    why="the weight is exp of the rounded product γ·log(1 − p); and with a soft target derivatives are differences",
    condition=lambda order, loss, prediction, target: (
        1 + mpf(loss.gamma) * min(abs(prediction), 750) / 16 if loss.input == "logits" else 1
    ),
    cancelling=(2,),
    # Second derivatives have squares of p, which have to fit float64.
    reach=lambda loss: {"prediction": (1e-100, 1.0)} if loss.input == "probabilities" else {},
)
@far_digits
def binary_focal(loss, prediction, target):
    p, q = probabilities_of(loss, prediction)
    gamma = mpf(loss.gamma)

    def weighted(weight, value):
        return weight**gamma * value if weight else (value if gamma == 0 else mpf(0))

    return two_classes(loss, target, weighted(q, minus_log(p)), weighted(p, minus_log(q)))


# -- a row of scores ---------------------------------------------------------------------------------------------------


def row_of_probabilities(loss, prediction):
    if loss.input == "probabilities":
        return prediction
    if loss.input == "log_probabilities":
        return [exp(x) for x in prediction]
    return softmax(prediction)


def softmax(logits):
    total = fsum(exp(x) for x in logits)
    return [exp(x) / total for x in logits]


def shares(loss, target):
    """How much of each class there is in the target, class weights included."""
    if isinstance(target, int):
        if target == loss.ignore_index:
            return {}
        target = [mpf(k == target) for k in range(3)]
    weights = loss.class_weight or (1, 1, 1)
    return {k: share * mpf(weight) for k, (share, weight) in enumerate(zip(target, weights, strict=True)) if share != 0}


def spread(order, loss, prediction, target, steps=1.0):
    """See SOFTMAX. What is further below the top than 750 is nothing in any dtype."""
    if loss.input != "logits":
        return 1
    top, *others = sorted(prediction, reverse=True)
    return 1 + mpf(steps) * min(top - (others[0] if order == 0 else others[-1]), 750) / 16


WEIGHTS = (0.5, 2.0, 0.0)
ROWS: dict[str, Any] = {
    "columns": 3,
    "reach": {"prediction": (-1e4, 1e4)},
    "least": 1e-8,
    "extent": lambda loss, x: 1.0 if loss.input == "logits" else abs(x),
    "cancelling": (2,),
    # Where p is 0 or 1 a derivative is infinite or one-sided.
    "rough": lambda loss, prediction, target: (
        loss.input != "logits" and any(x in ((0, 1) if loss.input == "probabilities" else (0,)) for x in prediction)
    ),
}
KINDS = ({}, {"input": "log_probabilities"}, {"input": "probabilities"})


@oracle(
    losskit.CrossEntropy,
    variants=(
        *KINDS,
        {"class_weight": WEIGHTS},
        {"label_smoothing": 0.125},
        {"label_smoothing": 0.125, "class_weight": WEIGHTS, "ignore_index": 1},
        {"input": "probabilities", "label_smoothing": 0.125},
        {"ignore_index": 2},
        {"z_loss": 2.0**-10},
        {"softcap": 16.0, "z_loss": 0.125, "class_weight": WEIGHTS, "ignore_index": 0},
    ),
    why=f"{SOFTMAX}; a capped logit is known to ulps of the cap",
    condition=lambda order, loss, prediction, target: spread(order, loss, prediction, target) + (loss.softcap or 0) / 4,
    **ROWS,
)
@far_digits
def cross_entropy(loss, prediction, target):
    if loss.softcap:
        prediction = [mpf(loss.softcap) * tanh(z / mpf(loss.softcap)) for z in prediction]
    p, smoothing = row_of_probabilities(loss, prediction), mpf(loss.label_smoothing)
    terms = [(1 - smoothing) * share * minus_log(p[k]) for k, share in shares(loss, target).items()]
    if smoothing and not (isinstance(target, int) and target == loss.ignore_index):
        weights = loss.class_weight or (1, 1, 1)
        terms += [smoothing / 3 * mpf(weight) * minus_log(x) for weight, x in zip(weights, p, strict=True)]
    if loss.z_loss:
        terms.append(mpf(loss.z_loss) * fsum(shares(loss, target).values()) * log(fsum(map(exp, prediction))) ** 2)
    return tuple(terms) or mpf(0)


def mixed(loss, target, value_of_class):
    return tuple(share * value_of_class(k) for k, share in shares(loss, target).items()) or mpf(0)


@oracle(
    losskit.Focal,
    variants=(
        *KINDS,
        {"gamma": 0.0},
        {"gamma": 0.5},
        {"gamma": 0.5, "input": "log_probabilities"},
        {"gamma": 0.5, "input": "probabilities"},
        {"gamma": 2.0, "class_weight": WEIGHTS, "ignore_index": 0},
    ),
    why=f"{SOFTMAX}; the weight is that to the power γ",
    condition=lambda order, loss, prediction, target: spread(order, loss, prediction, target, 2 + loss.gamma),
    **ROWS,
)
@far_digits
def focal(loss, prediction, target):
    p, gamma = row_of_probabilities(loss, prediction), mpf(loss.gamma)

    def value(k):
        others = fsum(x for j, x in enumerate(p) if j != k) if loss.input == "logits" else 1 - p[k]
        return (others**gamma if others > 0 or gamma == 0 else mpf(0)) * minus_log(p[k])

    return mixed(loss, target, value)


@oracle(
    losskit.GeneralizedCrossEntropy,
    variants=(
        *KINDS,
        {"q": 1.0},
        {"q": 2.0**-20},
        {"q": 1.0, "input": "probabilities"},
        {"q": 2.0**-20, "input": "probabilities"},
        {"class_weight": WEIGHTS, "ignore_index": 2},
    ),
    why=SOFTMAX,
    condition=spread,
    # q · log p has to be a normal number of float32.
    **ROWS | {"reach": lambda loss: {"prediction": (-30.0, 30.0) if loss.q < 0.1 else (-1e4, 1e4)}},
)
@far_digits
def generalized_cross_entropy(loss, prediction, target):
    p, q = row_of_probabilities(loss, prediction), mpf(loss.q)
    return mixed(loss, target, lambda k: (1 - p[k] ** q) / q)


@oracle(
    losskit.Poly1CrossEntropy,
    variants=(
        *KINDS,
        {"epsilon": 0.0},
        {"epsilon": 4.0},
        {"epsilon": -1.0},
        {"class_weight": WEIGHTS, "ignore_index": 0},
    ),
    why=f"{SOFTMAX}; for ε < 0 a difference",
    condition=spread,
    **ROWS,
)
@far_digits
def poly1(loss, prediction, target):
    p, epsilon = row_of_probabilities(loss, prediction), mpf(loss.epsilon)
    return tuple(
        share * term for k, share in shares(loss, target).items() for term in (minus_log(p[k]), epsilon * (1 - p[k]))
    ) or mpf(0)

"""Twins of losskit.losses.overlap."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from mpmath import cosh, fsum, log, mpf

import losskit
from tests.oracles.classification import far_digits, probabilities_of, softmax
from tests.oracles.draw import values
from tests.oracles.oracle import oracle

PIXELS, CLASSES = 4, 3


def samples(case, n, rng, kind, dtype):
    """Masks (nothing, everything, some of the pixels, soft ones) or class indices, and scores that go with them."""
    masks = case.form == "masks"
    shape = (n, PIXELS) if masks else (n, PIXELS, CLASSES)
    prediction = values(case.domain("prediction"), rng, shape, kind, dtype, case)
    if case.loss.input == "logits":
        # Without smooth, an underflow of everything is 0/0.
        reach = 1e4 if getattr(case.loss, "smooth", 1.0) else 30.0
        prediction = np.clip(prediction, -reach, reach)
    prediction = np.where(np.abs(prediction) < 1e-8, 0.0, prediction)
    if not masks:
        return {"prediction": prediction, "target": rng.integers(0, CLASSES, shape[:-1])}
    target = rng.choice([0.0, 1.0], shape) if kind == "extreme" else rng.choice([0.0, 1.0, 0.25], shape)
    target[:1], target[1:2] = 0.0, 1.0
    return {"prediction": prediction, "target": target}


def pixels(loss, prediction, target):
    """For each overlap its pixels, as (p, 1 − p, t): one overlap for a mask, one per class for class indices."""
    if not isinstance(target[0], int):
        return [[(*probabilities_of(loss, z), t) for z, t in zip(prediction, target, strict=True)]]
    if loss.input == "logits":
        p = [softmax(row) for row in prediction]
        q = [[fsum(row[:c] + row[c + 1 :]) for c in range(CLASSES)] for row in p]
    else:
        p, q = prediction, [[1 - x for x in row] for row in prediction]
    return [[(p[i][c], q[i][c], mpf(target[i] == c)) for i in range(PIXELS)] for c in range(CLASSES)]


def overlap(loss, prediction, target, right, alpha, beta):
    """The mean of 1 − (r·TP + s) / (r·TP + α·FP + β·FN + s); 0 where there is nothing at all."""
    found = pixels(loss, prediction, target)
    terms = []
    for each in found:
        true = right * fsum(p * t for p, _, t in each)
        wrong = alpha * fsum(p * (1 - t) for p, _, t in each) + beta * fsum(q * t for _, q, t in each)
        union = true + wrong + mpf(loss.smooth)
        terms.append((1 - (true + mpf(loss.smooth)) / union) / len(found) if union else mpf(0))
    return tuple(terms)


SAMPLES: dict[str, Any] = {
    "draw": samples,
    "forms": ("masks", "indices"),
    "columns": CLASSES,
    "cancelling": (1, 2),
    "extent": lambda loss, x: 1.0 if loss.input == "logits" else abs(x),
    "why": "the derivative of a ratio is a difference: of the parts' growth and of the whole's; and of classes. With "
    "classes, exp of rounded z − z_top is known to that many half ulps",
    "condition": lambda order, loss, prediction, target: steepness(loss, prediction),
    # Without smooth, 0/0 is a matter of convention, and where nothing but underflow is left so are its derivatives.
    "rough": lambda loss, prediction, target: loss.smooth == 0 and nearly_empty(loss, prediction, target),
}


def steepness(loss, prediction):
    if loss.input == "probabilities" or not isinstance(prediction[0], list):
        return 1
    return 1 + max(min(max(row) - min(row), 750) for row in prediction) / 16


def nearly_empty(loss, prediction, target):
    return any(
        fsum(p for p, _, _ in each) + fsum(t for _, _, t in each) < 1e-9 for each in pixels(loss, prediction, target)
    )


VARIANTS = tuple(
    {key: value for key, value in given.items() if value is not None}
    for given in ({"input": i, "smooth": s} for i, s in product((None, "probabilities"), (None, 0.0)))
)


@oracle(losskit.Dice, variants=VARIANTS, **SAMPLES)
@far_digits
def dice(loss, prediction, target):
    return overlap(loss, prediction, target, 2, 1, 1)


@oracle(losskit.Jaccard, variants=VARIANTS[:2], **SAMPLES)
@far_digits
def jaccard(loss, prediction, target):
    return overlap(loss, prediction, target, 1, 1, 1)


@oracle(
    losskit.Tversky,
    variants=({}, {"alpha": 0.25, "beta": 0.0, "smooth": 1e-6}, {"gamma": 0.75}, {"gamma": 2.0}),
    **SAMPLES | {"rough": lambda loss, prediction, target: loss.gamma < 1 and perfect(loss, prediction, target)},
)
@far_digits
def tversky(loss, prediction, target):
    return tuple(
        (term * len(each)) ** mpf(loss.gamma) / len(each)
        for each in [overlap(loss, prediction, target, 1, mpf(loss.alpha), mpf(loss.beta))]
        for term in each
    )


def perfect(loss, prediction, target):
    return 0 in overlap(loss, prediction, target, 1, mpf(loss.alpha), mpf(loss.beta))


@oracle(losskit.LogCoshDice, variants=VARIANTS[:2], **SAMPLES)
@far_digits
def log_cosh_dice(loss, prediction, target):
    terms = overlap(loss, prediction, target, 2, 1, 1)
    return tuple(log(cosh(term * len(terms))) / len(terms) for term in terms)


@oracle(losskit.GeneralizedDice, variants=({}, {"power": 1.0, "smooth": 0.0}, {"input": "probabilities"}), **SAMPLES)
@far_digits
def generalized_dice(loss, prediction, target):
    found = pixels(loss, prediction, target)
    if len(found) == 1:  # a mask: foreground and background
        found.append([(q, p, 1 - t) for p, q, t in found[0]])
    sizes = [fsum(t for _, _, t in each) for each in found]
    weights = [(min(filter(None, sizes)) / size) ** mpf(loss.power) if size else 1 for size in sizes]
    true = fsum(2 * w * fsum(p * t for p, _, t in each) for w, each in zip(weights, found, strict=True))
    whole = fsum(w * fsum(p + t for p, _, t in each) for w, each in zip(weights, found, strict=True))
    return 1 - (true + mpf(loss.smooth)) / (whole + mpf(loss.smooth))


@oracle(
    losskit.SensitivitySpecificity,
    variants=({}, {"sensitivity": 0.5, "input": "probabilities"}),
    **SAMPLES | {"rough": None},
)
@far_digits
def sensitivity_specificity(loss, prediction, target):
    found, terms = pixels(loss, prediction, target), []
    for each in found:
        for share, of in (
            (mpf(loss.sensitivity), [t for _, _, t in each]),
            (1 - mpf(loss.sensitivity), [1 - t for _, _, t in each]),
        ):
            if sum(of):
                squared = fsum(w * (t * q - (1 - t) * p) ** 2 for w, (p, q, t) in zip(of, each, strict=True))
                terms.append(share * squared / sum(of) / len(found))
    return tuple(terms)

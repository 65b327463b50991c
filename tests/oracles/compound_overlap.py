"""Twins of losskit.losses.compound_overlap."""

from __future__ import annotations

from mpmath import fsum, log, mpf

import losskit
from tests.oracles.classification import far_digits
from tests.oracles.oracle import oracle
from tests.oracles.overlap import SAMPLES, pixels


def classes(loss, prediction, target):
    """For each class its pixels, as (p, 1 − p, t), the background first."""
    found = pixels(loss, prediction, target)
    return [[(q, p, 1 - t) for p, q, t in found[0]], found[0]] if len(found) == 1 else found


def counts(each):
    return fsum(p * t for p, _, t in each), fsum(p * (1 - t) for p, _, t in each), fsum(q * t for _, q, t in each)


def surprise(p):
    return -log(p)


def saturated(loss, prediction, target):
    """A perfect overlap, or a pixel without a doubt, or the end of a probability's range."""
    return any(
        not sum(counts(each)[1:]) or any(t and (not q or not p) for p, q, t in each)
        for each in classes(loss, prediction, target)
    )


def inside(case, n, rng, kind, dtype):
    """Probabilities above 0, for the surprise to be finite, and scores not where 1 − p vanishes."""
    drawn = SAMPLES["draw"](case, n, rng, kind, dtype)
    if case.loss.input == "logits":
        return drawn | {"prediction": drawn["prediction"].clip(-30, 30)}
    return drawn | {"prediction": drawn["prediction"].clip(1e-4, 1 - 1e-4)}


COMPOUND = SAMPLES | {"draw": inside, "rough": saturated}


@oracle(
    losskit.UnifiedFocal,
    variants=(
        {},
        {"asymmetric": False, "overlap_share": 0.25, "gamma": 0.25, "smooth": 1.0},
        {"gamma": 0.0, "delta": 0.75},
        {"input": "probabilities"},
    ),
    **COMPOUND,
)
@far_digits
def unified_focal(loss, prediction, target):
    found, delta, gamma, smooth = classes(loss, prediction, target), mpf(loss.delta), mpf(loss.gamma), mpf(loss.smooth)
    overlaps, focal = [], []
    for k, each in enumerate(found):
        true, false, missed = counts(each)
        index = (true + smooth) / (true + delta * missed + (1 - delta) * false + smooth)
        suppressed = k == 0 or not loss.asymmetric
        overlaps.append((1 - index) ** (1 - gamma if k or not loss.asymmetric else 1))
        weight = delta if k else 1 - delta
        focal += [t * weight * (q**gamma if suppressed else 1) * surprise(p) / len(each) for p, q, t in each if t]
    share = mpf(loss.overlap_share)
    return (*(share * x / len(found) for x in overlaps), *((1 - share) * x for x in focal))


@oracle(
    losskit.ExponentialLogarithmic,
    variants=({}, {"gamma": 1.0, "smooth": 0.25}, {"gamma": 2.0, "dice_weight": 0.5, "input": "probabilities"}),
    **COMPOUND,
)
@far_digits
def exponential_logarithmic(loss, prediction, target):
    found, gamma, smooth = classes(loss, prediction, target), mpf(loss.gamma), mpf(loss.smooth)
    terms = []
    for each in found:
        true, false, missed = counts(each)
        dice = (2 * true + smooth) / (2 * true + false + missed + smooth)
        terms.append(mpf(loss.dice_weight) * (-log(dice)) ** gamma / len(found))
        terms += [mpf(loss.cross_weight) * t * surprise(p) ** gamma / len(each) for p, _, t in each if t]
    return tuple(terms)


DISTANCES = ((0.0, 1.0, 2.0), (1.0, 0.0, 0.5), (2.0, 0.25, 0.0))


@oracle(
    losskit.GeneralizedWassersteinDice,
    variants=(
        {"distances": DISTANCES},
        {"distances": DISTANCES, "background": 1, "smooth": 0.0},
        {"distances": DISTANCES, "input": "probabilities"},
    ),
    **SAMPLES
    | {"forms": ("indices",), "rough": lambda loss, prediction, target: loss.smooth == 0 and no_object(loss, target)},
)
@far_digits
def generalized_wasserstein_dice(loss, prediction, target):
    found, smooth = pixels(loss, prediction, target), mpf(loss.smooth)
    true = error = mpf(0)
    for i, y in enumerate(target):
        cost = fsum(mpf(loss.distances[y][k]) / 2 * each[i][0] for k, each in enumerate(found))
        mass = fsum(each[i][0] for each in found)  # 1, but for rounded probabilities
        error += cost
        true += 0 if y == loss.background else mass - cost
    whole = 2 * true + error + smooth
    return 1 - (2 * true + smooth) / whole if whole else mpf(0)


def no_object(loss, target):
    return all(y == loss.background for y in target)

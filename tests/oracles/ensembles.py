"""Twins of losskit.losses.ensembles."""

from __future__ import annotations

from mpmath import fsum, inf, log, mpf

import losskit
from tests.oracles.classification import far_digits
from tests.oracles.oracle import oracle
from tests.oracles.similarity import norm

CANCELS = "a sum of terms of either sign, as its derivatives are"


def pairs(loss, members):
    return members * (members - 1) if loss.fair else members**2


@oracle(
    losskit.EnsembleContinuousRankedProbabilityScore,
    variants=({}, {"fair": True}, {"lower": -1.0, "upper": 2.5}, {"fair": True, "upper": 0.5}),
    rough=lambda loss, members, target: (
        len({*members, target}) <= len(members) or any(x in (loss.lower, loss.upper) for x in members)
    ),
    why="distances from the target are rounded before they are weighed",
    condition=lambda order, loss, members, target: (
        1 + (2 * max(abs(target), *(abs(x) for x in members)) / value if (value := crps(loss, members, target)) else 0)
        if order == 0
        else 1
    ),
)
@far_digits
def ensemble(loss, prediction, target):
    return crps(loss, prediction, target)


def crps(loss, members, target):
    """Of what the thresholds let through."""
    low, high = (-inf if loss.lower is None else mpf(loss.lower)), (inf if loss.upper is None else mpf(loss.upper))
    *members, target = (min(max(x, low), high) for x in (*members, target))
    m = len(members)
    spread = fsum(abs(a - b) for a in members for b in members)
    return fsum(abs(x - target) for x in members) / m - spread / (2 * pairs(loss, m))


@oracle(
    losskit.EnergyScore,
    variants=({}, {"fair": True}),
    shapes={"prediction": (3, 2), "target": (2,)},
    why=f"{CANCELS}; and a distance at most a coordinate away from 0 changes over its own length",
    # Squares have to fit float32, and not to vanish in it.
    reach=dict.fromkeys(("prediction", "target"), (-1e15, 1e15)),
    least=1e-15,
    extra=lambda loss: [([[0.0, 0.0], [1.0, 0.0], [2.0, 3.0]], [5.0, 5.0])],
    rough=lambda loss, members, target: len({tuple(x) for x in [*members, target]}) <= len(members),
)
def energy(loss, prediction, target):
    m = len(prediction)
    away = (norm([a - b for a, b in zip(x, target, strict=True)]) for x in prediction)
    apart = (norm([a - b for a, b in zip(x, y, strict=True)]) for x in prediction for y in prediction if x != y)
    return *(d / m for d in away), *(-d / (2 * pairs(loss, m)) for d in apart)


@oracle(
    losskit.DawidSebastianiScore,
    variants=({}, {"biased": True, "epsilon": 0.125}),
    why=f"mean and members are rounded when they are put relative to one of them; {CANCELS}",
    # Quotients of squares, and their derivatives, have to fit float32.
    reach=dict.fromkeys(("prediction", "target"), (-1e6, 1e6)),
    least=1e-6,
    cancelling=(1, 2),
    extent=lambda loss, x: 1.0,
)
def dawid_sebastiani(loss, prediction, target):
    m = len(prediction)
    mean = fsum(prediction) / m
    variance = fsum((x - mean) ** 2 for x in prediction) / (m if loss.biased else m - 1) + mpf(loss.epsilon)
    away = target - prediction[0]
    shift = mean - prediction[0]
    return away**2 / variance, -2 * away * shift / variance, shift**2 / variance, log(variance), mpf(1), mpf(-1)


@oracle(
    losskit.VariogramScore,
    variants=(
        {},
        {"order": 1.0},
        {"order": 2.0, "pair_weights": ((0.0, 1.0, 0.25), (1.0, 0.0, 2.0), (0.25, 2.0, 0.0))},
        {"order": 1.5},
    ),
    shapes={"prediction": (2, 3), "target": (3,)},
    why=f"a power of a rounded difference; {CANCELS}",
    # Fourth powers have to fit float32.
    reach=dict.fromkeys(("prediction", "target"), (-1e8, 1e8)),
    least=1e-6,
    extra=lambda loss: [([[0.5, 0.0, 1.0], [1.0, 2.0, -3.0]], [5.0, 5.0, 1.0])],
    rough=lambda loss, members, target: loss.order < 2 and any(len({*x}) < len(x) for x in members),
)
def variogram(loss, prediction, target):
    p, d = mpf(loss.order), range(len(target))
    terms = []
    for j in d:
        for k in d:
            weight = mpf(1 if loss.pair_weights is None else loss.pair_weights[j][k])
            seen = abs(target[j] - target[k]) ** p
            expected = fsum(abs(x[j] - x[k]) ** p for x in prediction) / len(prediction)
            terms += [weight * seen**2, -2 * weight * seen * expected, weight * expected**2]
    return tuple(terms)

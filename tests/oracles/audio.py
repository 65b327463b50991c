"""Twins of losskit.losses.audio."""

from __future__ import annotations

from typing import Any

from mpmath import fsum, log, mpf

import losskit
from tests.oracles.oracle import oracle
from tests.oracles.relative import LEAST, RATIO

SIGNALS: dict[str, Any] = {
    "shapes": dict.fromkeys(("prediction", "target"), (4,)),
    "extra": lambda loss: [
        ([1.0, 2.0, 0.0, -3.0], [1.0, 2.0, 0.0, -3.0]),
        ([1.0, 2.0, 0.0, -3.0], [2.0, 4.0, 0.0, -6.0]),
        ([1.0, 2.0, 0.0, -3.0], [-1.0, -2.0, 0.0, 3.0]),
        ([1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0]),
        ([1.0, 2.0, 0.0, -3.0], [0.0] * 4),
        ([0.0] * 4, [1.0, 2.0, 0.0, -3.0]),
        ([0.0] * 4, [0.0] * 4),
        ([3e-9, 1e-9, 0.0, -1e-9], [1e-9, 2e-9, 0.0, -3e-9]),
    ],
    "cancelling": (1, 2),
}


def energy(row):
    return fsum(x**2 for x in row)


def dot(a, b):
    return fsum(x * y for x, y in zip(a, b, strict=True))


def difference(a, b):
    return [x - y for x, y in zip(a, b, strict=True)]


def decibels(loss, signal, noise):
    epsilon = mpf(loss.epsilon)
    if not signal and not noise:
        return 10 * log(1 / epsilon, 10), mpf(0)  # as many terms as elsewhere
    return tuple(sign * 10 * log(x, 10) for sign, x in ((1, noise + epsilon * signal), (-1, signal + epsilon * noise)))


def projection(prediction, target):
    alpha = dot(prediction, target) / energy(target) if any(target) else mpf(0)
    return [alpha * x for x in target]


VARIANTS = ({}, {"epsilon": 2.0**-10})


@oracle(losskit.SignalToNoiseRatio, variants=VARIANTS, **SIGNALS)
def signal_to_noise_ratio(loss, prediction, target):
    return decibels(loss, energy(target), energy(difference(prediction, target)))


def centred(row):
    mean = fsum(row) / len(row)
    return [x - mean for x in row]


@oracle(
    losskit.ScaleInvariantSignalToDistortionRatio,
    variants=(*VARIANTS, {"zero_mean": False}),
    **SIGNALS,
)
def scale_invariant_ratio(loss, prediction, target):
    if loss.zero_mean:
        prediction, target = centred(prediction), centred(target)
    signal = projection(prediction, target)
    return decibels(loss, energy(signal), energy(difference(signal, prediction)))


@oracle(losskit.ScaleDependentSignalToDistortionRatio, variants=VARIANTS, **SIGNALS)
def scale_dependent_ratio(loss, prediction, target):
    return decibels(loss, energy(projection(prediction, target)), energy(difference(target, prediction)))


@oracle(
    losskit.DirectCurrentError,
    variants=VARIANTS,
    reach=dict.fromkeys(("prediction", "target"), RATIO),
    least=LEAST,
    why="the mean of rounded differences, which may cancel",
    shapes=SIGNALS["shapes"],
)
def direct_current_error(loss, prediction, target):
    errors, size = difference(prediction, target), energy(target) / 4 + mpf(loss.epsilon)
    return tuple(a * b / 16 / size for a in errors for b in errors)

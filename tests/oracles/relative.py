"""Twins of losskit.losses.relative."""

from __future__ import annotations

from typing import Any

from mpmath import fsum, log, mpf, sqrt

import losskit
from tests.oracles.oracle import oracle

# Squares have to fit float32, and not to vanish in it.
SQUARED = (-1e15, 1e15)
LEAST = 1e-15
# And half the derivative of their ratio has to be a normal number of float32: TensorFlow flushes smaller ones to 0.
RATIO = (-1e13, 1e13)


def bends(loss, target):
    """Where p = t, where p = 0, and where the sum of sizes is ε."""
    room = mpf(loss.epsilon) - abs(target)
    return (target, mpf(0), *((-room, room) if room > 0 else ()))


@oracle(
    losskit.SymmetricAbsolutePercentageError,
    variants=({}, {"epsilon": 0.5}),
    kinks=bends,
    cancelling=(1, 2),
    reach=dict.fromkeys(("prediction", "target"), SQUARED),
    least=LEAST,
    extra=lambda loss: [
        (0.0, 0.0),
        (loss.epsilon / 1024, loss.epsilon),
        (loss.epsilon / 4, loss.epsilon / 2),
        (loss.epsilon / 2, loss.epsilon / 2),
        (-loss.epsilon, loss.epsilon),
        (0.0, 1.0),
        (1.0, 0.0),
    ],
)
def symmetric_absolute_percentage_error(loss, prediction, target):
    return 2 * abs(prediction - target) / max(abs(prediction) + abs(target), mpf(loss.epsilon))


@oracle(losskit.AbsoluteScaledError, kinks=lambda loss, target, scale: (target,))
def absolute_scaled_error(loss, prediction, target, scale):
    return abs(prediction - target) / scale


ROWS: dict[str, Any] = {"shapes": dict.fromkeys(("prediction", "target", "benchmark"), (4,)), "least": LEAST}


def energy(row, other):
    return fsum((a - b) ** 2 for a, b in zip(row, other, strict=True))


@oracle(
    losskit.ErrorToSignalRatio,
    variants=({}, {"epsilon": 2.0**-10}),
    reach=dict.fromkeys(("prediction", "target"), RATIO),
    extra=lambda loss: [([1.0, 2.0, 0.0, 0.0], [0.0] * 4), ([0.0] * 4, [0.0] * 4), ([3e4, 2.0, 0.0, 0.0], [0.0] * 4)],
    **ROWS,
)
def error_to_signal_ratio(loss, prediction, target):
    return energy(prediction, target) / (energy(target, [0] * 4) + mpf(loss.epsilon))


@oracle(
    losskit.RelativeSquaredError,
    variants=({}, {"epsilon": 2.0**-10}),
    reach=dict.fromkeys(("prediction", "target", "benchmark"), RATIO),
    extra=lambda loss: [([1.0, 2.0, 0.0, 0.0], [3.0] * 4, [3.0] * 4), ([3e4, 2.0, 0.0, 0.0], [3.0] * 4, [3.0] * 4)],
    **ROWS,
)
def relative_squared_error(loss, prediction, target, benchmark):
    return energy(prediction, target) / (energy(benchmark, target) + mpf(loss.epsilon))


@oracle(
    losskit.ScaleInvariantLog,
    variants=({}, {"root": False}, {"variance_focus": 0.85}, {"variance_focus": 1.0, "root": False}),
    reach=dict.fromkeys(("prediction", "target"), (LEAST, 1e15)),
    cancelling=(1, 2),
    extent=lambda loss, x: x,
    rough=lambda loss, prediction, target: loss.root and prediction == target,
    extra=lambda loss: [([1.0] * 4, [1.0] * 4), ([1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 6.0, 8.0]), ([1e-3] * 4, [1.0] * 4)],
    shapes=ROWS["shapes"],
)
def scale_invariant_log(loss, prediction, target):
    d = [log(p) - log(t) for p, t in zip(prediction, target, strict=True)]
    value = fsum(x**2 for x in d) / 4 - mpf(loss.variance_focus) * (fsum(d) / 4) ** 2
    return sqrt(max(value, mpf(0))) if loss.root else value

"""Twins of losskit.losses.frequency."""

from __future__ import annotations

from mpmath import cos, fsum, mpf, pi, sin, sqrt

import losskit
from tests.oracles.oracle import oracle

STEPS = 5


def magnitudes(prediction, target):
    """|F| of the residuals at each frequency."""
    r, n = [p - t for p, t in zip(prediction, target, strict=True)], len(target)
    return [
        sqrt(sum(fsum(x * f(2 * pi * k * i / n) for i, x in enumerate(r)) ** 2 for f in (cos, sin)))
        for k in range(n // 2 + 1)
    ]


def size(prediction, target):
    return fsum(abs(p - t) for p, t in zip(prediction, target, strict=True))


def cancelled(order, loss, prediction, target):
    """What is left of a sum of rounded residuals is known to fewer ulps the less it is, and so is its direction."""
    if not order or not loss.alpha:
        return 1
    return 1 + size(prediction, target) / (min(magnitudes(prediction, target)) or mpf(1))


def undecided(loss, prediction, target):
    """Where rounding decides whether there is a frequency at all."""
    return loss.alpha and min(magnitudes(prediction, target)) <= mpf(2) ** -12 * size(prediction, target)


@oracle(
    losskit.FrequencyEnhancedForecast,
    variants=({}, {"alpha": 1.0}, {"alpha": 0.0}, {"alpha": 0.125}),
    shapes=dict.fromkeys(("prediction", "target"), (STEPS,)),
    # Squares have to fit float32, and not to vanish in it.
    reach=dict.fromkeys(("prediction", "target"), (-1e15, 1e15)),
    least=1e-15,
    why="see cancelled; a magnitude is known to ulps of the sum of the residuals' sizes",
    condition=cancelled,
    rough=undecided,
    extra=lambda loss: [
        ([5.0, 2.0, 0.0, -3.0, 1.0], [1.0, 2.0, 0.0, -3.0, 1.0]),
        ([1.0, 2.0, 0.0, -3.0, 1.0], [1.0, 2.0, 0.0, -3.0, 1.0]),
    ],
)
def frequency_enhanced_forecast(loss, prediction, target):
    alpha, found, total = mpf(loss.alpha), magnitudes(prediction, target), size(prediction, target)
    squares = [(p - t) ** 2 for p, t in zip(prediction, target, strict=True)]
    of_frequencies = [alpha * part / len(found) for magnitude in found for part in (magnitude, total, -total)]
    return (*of_frequencies, *((1 - alpha) * square / len(squares) for square in squares))

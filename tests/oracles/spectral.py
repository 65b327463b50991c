"""Twins of losskit.losses.spectral."""

from __future__ import annotations

from mpmath import cos, fsum, log, mp, mpf, pi, sin, sqrt

import losskit
from tests.oracles.oracle import oracle

SAMPLES = 5
SMALL = {"windows": (4,), "hops": (2,), "sizes": (4,)}


def resolutions(loss):
    return zip(loss.windows, loss.hops, loss.sizes, strict=True)


def mirrored(row, i):
    i = abs(i)
    return row[i if i < len(row) else 2 * (len(row) - 1) - i]


def frames(row, window, hop, size):
    """Frames as they are padded with zeros to the size of the transform, under a Hann window in their middle."""
    margin = (size - window) // 2
    for middle in range(0, len(row) + 1, hop):
        frame = [mpf(0)] * size
        for n in range(window):
            hann = (1 - cos(2 * pi * n / window)) / 2
            frame[margin + n] = hann * mirrored(row, middle - size // 2 + margin + n)
        yield frame


def spectrum(loss, row, window, hop, size):
    """The power of every frequency of every frame, at least epsilon."""
    found = []
    for frame in frames(row, window, hop, size):
        for k in range(size // 2 + 1):
            parts = [fsum(x * f(2 * pi * k * n / size) for n, x in enumerate(frame)) for f in (cos, sin)]
            found.append(max(parts[0] ** 2 + parts[1] ** 2, mpf(loss.epsilon)))
    return found


def cancelled(order, loss, prediction, target):
    """What is left of a sum of rounded samples is known to fewer ulps the less it is."""
    most = mpf(1)
    for row in (prediction, target):
        total = fsum(abs(x) for x in row)
        for window, hop, size in resolutions(loss):
            most = max(most, 2 * total / sqrt(min(spectrum(loss, row, window, hop, size))))
    return most ** (2 if order else 1)


def undecided(loss, prediction, target):
    """Where rounding decides which of two magnitudes is the greater, or whether there is one at all."""
    for each in resolutions(loss):
        for p, t in zip(*(spectrum(loss, row, *each) for row in (prediction, target)), strict=True):
            if abs(p - t) < mpf(2) ** -12 * p or abs(p - mpf(loss.epsilon)) < mpf(2) ** -12 * mpf(loss.epsilon):
                return p != loss.epsilon or t != loss.epsilon
    return cancelled(1, loss, prediction, target) > 1e6


@oracle(
    losskit.MultiResolutionSpectral,
    variants=(
        SMALL,
        {"windows": (4, 3), "hops": (2, 1), "sizes": (4, 6), "log_magnitude": 0.5, "epsilon": 2.0**-6},
        SMALL | {"log_magnitude": 0.0},
        SMALL | {"convergence": 0.0},
    ),
    shapes=dict.fromkeys(("prediction", "target"), (SAMPLES,)),
    reach=dict.fromkeys(("prediction", "target"), (-1e3, 1e3)),
    least=1e-3,
    why="see cancelled",
    condition=cancelled,
    rough=undecided,
    cancelling=(1,),
    extra=lambda loss: [
        ([1.0, 2.0, 0.0, -3.0, 1.0], [1.0, 2.0, 0.0, -3.0, 1.0]),
        ([0.0] * SAMPLES, [1.0, 2.0, 0.5, -3.0, 1.0]),
        ([0.0] * SAMPLES, [0.0] * SAMPLES),
    ],
)
def multi_resolution_spectral(loss, prediction, target):
    value = mpf(0)
    with mp.extradps(10):
        for each in resolutions(loss):
            p, t = ([sqrt(x) for x in spectrum(loss, row, *each)] for row in (prediction, target))
            apart = sqrt(fsum((x - y) ** 2 for x, y in zip(p, t, strict=True)) / fsum(y**2 for y in t))
            logs = fsum(abs(log(x) - log(y)) for x, y in zip(p, t, strict=True)) / len(p)
            value += mpf(loss.convergence) * apart + mpf(loss.log_magnitude) * logs
    return value / len(loss.windows)

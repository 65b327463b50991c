"""Twins of losskit.losses.generative."""

from __future__ import annotations

from mpmath import mpf

import losskit
from tests.oracles.contrastive import has_zero_row
from tests.oracles.correlation import mean
from tests.oracles.metric import cosine
from tests.oracles.oracle import oracle
from tests.oracles.self_supervised import columns


@oracle(losskit.LeCam)
def le_cam(loss, real, fake, real_average, fake_average):
    return (real - fake_average) ** 2 + (fake - real_average) ** 2


@oracle(
    losskit.FeatureMatching,
    why="the difference of two means, known to ulps of the largest entry, and its square to that times itself (the "
    "pair that cancels)",
    # Means that cancel are known to ulps of the largest entry, which convexity is not tested to.
    reach=dict.fromkeys(("real", "fake"), (-30.0, 30.0)),
    least=1e-8,
    cancelling=(1,),
    extent=lambda loss, x: abs(x) or 1.0,
    columns=3,
)
def feature_matching(loss, real, fake):
    terms = []
    for x, y in zip(columns(real), columns(fake), strict=True):
        apart = mean(x) - mean(y)
        size = mean([abs(a) + abs(b) for a, b in zip(x, y, strict=True)])
        terms += [apart**2, abs(apart) * size, -abs(apart) * size]
    return [tuple(terms)] * len(real)


@oracle(
    losskit.PullingAway,
    why="a cosine is a sum of rounded products, its square known to ulps of it (the pair that cancels)",
    rough=has_zero_row,
    reach={"embeddings": (-1e4, 1e4)},
    least=1e-4,
    cancelling=(1,),
    extent=lambda loss, x: min(abs(x), 1) or 1e-4,
    columns=3,
)
def pulling_away(loss, embeddings):
    values = []
    for i, row in enumerate(embeddings):
        found = [cosine(row, other) for j, other in enumerate(embeddings) if j != i]
        values.append(tuple(t / len(found) for c in found for t in (c**2, abs(c), -abs(c))) or mpf(0))
    return values


@oracle(
    losskit.MinSignalToNoiseRatio,
    variants=({}, {"gamma": 1.0, "parameterization": "velocity"}, {"gamma": 20.0, "parameterization": "sample"}),
    # Squares have to fit float32, and not to vanish in it.
    reach=dict.fromkeys(("prediction", "target"), (-1e15, 1e15)) | {"signal_to_noise": (0.0, 1e6)},
    least=1e-15,
)
def min_signal_to_noise_ratio(loss, prediction, target, signal_to_noise):
    clipped = min(signal_to_noise, mpf(loss.gamma))
    if loss.parameterization == "noise":
        weight = clipped / signal_to_noise if signal_to_noise else mpf(1)
    else:
        weight = clipped if loss.parameterization == "sample" else clipped / (signal_to_noise + 1)
    return weight * (prediction - target) ** 2

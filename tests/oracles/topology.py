"""Twins of losskit.losses.topology."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import far_digits, probabilities_of
from tests.oracles.image import channels
from tests.oracles.oracle import oracle

SIDES = (2, 4, 3)


def images(case, n, rng, kind, dtype):
    """Images of pixels that differ, and of pixels that are all or nothing."""
    shape = (n, *SIDES)
    prediction = rng.normal(0, 2, shape)
    target = rng.choice([0.0, 1.0], shape) if kind == "extreme" else rng.choice([0.0, 1.0, 0.25, 0.5], shape)
    if kind == "extreme":
        prediction[::2] = rng.choice([-1e4, -30.0, 0.0, 1.0, 30.0, 1e4], prediction[::2].shape)
        prediction[1::4] = np.where(target[1::4] > 0, 20.0, -20.0) + prediction[1::4]  # nearly right
        target[:1] = 0.0
    if case.loss.input == "probabilities":
        with np.errstate(over="ignore"):
            prediction = 1 / (1 + np.exp(-prediction))
    return {"prediction": prediction, "target": target}


def neighbours(pixels, index, offsets):
    found = (tuple(i + d for i, d in zip(index, offset, strict=True)) for offset in offsets)
    return [pixels[place] for place in found if place in pixels]


def skeleton(pixels, iterations):
    rank = len(next(iter(pixels)))
    square = list(product((-1, 0, 1), repeat=rank))
    cross = [offset for offset in square if sum(map(abs, offset)) <= 1]

    def erode(image):
        return {index: min(neighbours(image, index, cross)) for index in image}

    def tips(image):
        small = erode(image)
        return {index: max(x - max(neighbours(small, index, square)), mpf(0)) for index, x in image.items()}

    found = tips(pixels)
    for _ in range(iterations):
        pixels = erode(pixels)
        found = {index: x + (1 - x) * tip for (index, x), tip in zip(found.items(), tips(pixels).values(), strict=True)}
    return found


def mapped(function, image):
    return [mapped(function, part) for part in image] if isinstance(image, list) else function(image)


def shares(loss, prediction, target):
    """(Σ of a skeleton inside, Σ of a skeleton) for the prediction's and the target's."""
    p = channels(loss, mapped(lambda z: probabilities_of(loss, z)[0], prediction))
    t = channels(loss, target)
    for these, others in ((p, t), (t, p)):
        found = [(skeleton(mine, loss.iterations), its) for mine, its in zip(these, others, strict=True)]
        yield (
            fsum(line[k] * its[k] for line, its in found for k in line),
            fsum(x for line, _ in found for x in line.values()),
        )


def pixels_meet(loss, prediction, target):
    """Where pixels are equal, or rounding decides which one is the larger, the least of them has a kink."""
    p = sorted(
        x
        for image in channels(loss, mapped(lambda z: probabilities_of(loss, z)[0], prediction))
        for x in image.values()
    )
    return any(b - a < mpf(2) ** -20 for a, b in pairwise(p))


@oracle(
    losskit.CenterlineDice,
    variants=(
        {},
        {"iterations": 1, "axes": (1, 2)},
        {"axes": (-3, -2, -1), "smooth": 0.125},
        {"input": "probabilities", "iterations": 2},
    ),
    draw=images,
    rough=pixels_meet,
    cancelling=(1, 2),
    extent=lambda loss, x: 1.0,
    why="a skeleton is made of differences of pixels, and is known to ulps of these",
)
@far_digits
def centerline_dice(loss, prediction, target):
    smooth = mpf(loss.smooth)
    (right, mine), (found, its) = shares(loss, prediction, target)
    precision, sensitivity = (right + smooth) / (mine + smooth), (found + smooth) / (its + smooth)
    return 1 - 2 * precision * sensitivity / (precision + sensitivity)

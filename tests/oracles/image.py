"""Twins of losskit.losses.image."""

from __future__ import annotations

from itertools import product
from typing import Any

import mpmath
from mpmath import exp, fsum, log10, mpf, sqrt

import losskit
from tests.oracles.oracle import oracle
from tests.oracles.similarity import norm

SIDES = (3, 2, 2)
# Squares of variances have to fit float32, and not to vanish in it.
PIXELS = (-1e4, 1e4)
LEAST = 1e-4


def flattened(image: Any) -> dict[tuple[int, ...], Any]:
    """The pixels of nested lists by their indices."""
    if not isinstance(image, list):
        return {(): image}
    return {(i, *rest): x for i, part in enumerate(image) for rest, x in flattened(part).items()}


def channels(loss, image):
    """Each channel as pixels by their indices along the image's axes."""
    pixels = flattened(image)
    count = len(next(iter(pixels)))
    axes = [axis - 1 if axis > 0 else axis % count for axis in loss.axes]
    found: dict[Any, Any] = {}
    for index, x in pixels.items():
        channel = tuple(i for axis, i in enumerate(index) if axis not in axes)
        found.setdefault(channel, {})[tuple(index[axis] for axis in axes)] = x
    return list(found.values())


def extent(pixels):
    """How many pixels there are along each axis."""
    return [1 + max(index[axis] for index in pixels) for axis in range(len(next(iter(pixels))))]


FLAT = [[[1.0] * 2] * 2] * 3
RAMP = [[[float(i + 2 * j), 0.0] for j in range(2)] for i in range(3)]


# -- windows -----------------------------------------------------------------------------------------------------------


def weights_of(loss):
    """The weights of a window along one axis."""
    middle = mpf(loss.window_size - 1) / 2
    bells = [
        mpf(1) if loss.sigma is None else exp(-((k - middle) ** 2) / (2 * mpf(loss.sigma) ** 2))
        for k in range(loss.window_size)
    ]
    return [bell / fsum(bells) for bell in bells]


def windows(loss, p, t):
    """(luminance, contrast and structure) of each window of a channel."""
    size, weights = loss.window_size, weights_of(loss)
    c1, c2 = ((mpf(k) * mpf(loss.value_range)) ** 2 for k in (loss.k1, loss.k2))
    for corner in product(*(range(side - size + 1) for side in extent(p))):
        cells = []
        for offset in product(range(size), repeat=len(corner)):
            index = tuple(a + b for a, b in zip(corner, offset, strict=True))
            cells.append((mpmath.fprod(weights[k] for k in offset), p[index], t[index]))
        mean_p, mean_t = (fsum(cell[0] * cell[i] for cell in cells) for i in (1, 2))
        var_p, var_t = (fsum(c[0] * c[i] ** 2 for c in cells) - m**2 for i, m in ((1, mean_p), (2, mean_t)))
        covariance = fsum(w * a * b for w, a, b in cells) - mean_p * mean_t
        yield (
            (2 * mean_p * mean_t + c1) / (mean_p**2 + mean_t**2 + c1),
            (2 * covariance + c2) / (var_p + var_t + c2),
        )


def average(numbers):
    numbers = list(numbers)
    return fsum(numbers) / len(numbers)


IMAGES: dict[str, Any] = {
    "shapes": dict.fromkeys(("prediction", "target", "image"), SIDES),
    "reach": dict.fromkeys(("prediction", "target", "image"), PIXELS),
    "least": LEAST,
}


@oracle(
    losskit.StructuralSimilarity,
    variants=(
        {"window_size": 2, "axes": (1, 2)},
        {"window_size": 2, "sigma": None, "value_range": 4.0},
        {"window_size": 2, "axes": (1, 2, 3), "k1": 0.5, "k2": 0.25},
        {"window_size": 3, "sigma": 0.75, "axes": (1,)},
    ),
    cancelling=(1, 2),
    extent=lambda loss, x: max(abs(x), 1.0),  # of the window's own pixels, not of the image's brightest
    why="a window's deviations are differences from its mean, which is rounded",
    **IMAGES,
)
def structural_similarity(loss, prediction, target):
    pairs = zip(channels(loss, prediction), channels(loss, target), strict=True)
    return 1 - average(luminance * structure for p, t in pairs for luminance, structure in windows(loss, p, t))


def halved(pixels):
    """Means of the pixels of cells of two by two."""
    sides = [side // 2 for side in extent(pixels)]
    cell = list(product(range(2), repeat=len(sides)))
    return {
        index: average(pixels[tuple(2 * i + o for i, o in zip(index, offset, strict=True))] for offset in cell)
        for index in product(*map(range, sides))
    }


@oracle(
    losskit.MultiScaleStructuralSimilarity,
    variants=(
        {"window_size": 2, "weights": (0.25, 0.5)},
        {"window_size": 2, "weights": (0.5,), "axes": (1,), "value_range": 10.0},
    ),
    cancelling=(1, 2),
    extent=lambda loss, x: max(abs(x), 1.0),
    why="as StructuralSimilarity's; and 1 − gap, of which the power is taken, is known to ulps of 1",
    condition=lambda order, loss, prediction, target: 1 + steepness(loss, prediction, target),
    rough=lambda loss, prediction, target: any(x <= 0 for row in factors(loss, prediction, target) for x in row),
    **IMAGES | {"shapes": dict.fromkeys(("prediction", "target"), (5, 4))},
)
def multi_scale(loss, prediction, target):
    products = [
        mpmath.fprod(max(x, mpf(0)) ** mpf(w) for x, w in zip(row, loss.weights, strict=True))
        for row in factors(loss, prediction, target)
    ]
    return 1 - average(products)


def factors(loss, prediction, target):
    """Of each channel what each scale contributes."""
    found = []
    for p, t in zip(channels(loss, prediction), channels(loss, target), strict=True):
        row = []
        for scale in range(len(loss.weights)):
            last = scale == len(loss.weights) - 1
            row.append(average(lum * structure if last else structure for lum, structure in windows(loss, p, t)))
            p, t = halved(p), halved(t)
        found.append(row)
    return found


def steepness(loss, prediction, target):
    return max((1 / x for row in factors(loss, prediction, target) for x in row if x > 0), default=0)


@oracle(
    losskit.PeakSignalToNoiseRatio,
    variants=({}, {"value_range": 255.0, "epsilon": 0.5}),
    shapes=IMAGES["shapes"],
    reach=dict.fromkeys(("prediction", "target"), (-1e15, 1e15)),
    least=1e-15,
    cancelling=(1, 2),
    extra=lambda loss: [(FLAT, FLAT)],
    why="the logarithm of a rounded number is off by that rounding",
    condition=lambda order, loss, p, t: 1 + (4 / abs(x) if order == 0 and (x := decibels(loss, p, t)) else 0),
)
def peak_signal_to_noise_ratio(loss, prediction, target):
    return decibels(loss, prediction, target)


def decibels(loss, prediction, target):
    p, t = flattened(prediction), flattened(target)
    mean_square = average((p[i] - t[i]) ** 2 for i in p)
    return 10 * log10(mean_square / mpf(loss.value_range) ** 2 + mpf(loss.epsilon))


# -- neighbours --------------------------------------------------------------------------------------------------------


def steps(pixels, axis):
    """What each pixel that has a next one along an axis differs from it by, with its index."""
    for index, x in pixels.items():
        following = (*index[:axis], index[axis] + 1, *index[axis + 1 :])
        if following in pixels:
            yield index, pixels[following] - x


def steps_by_axis(loss, image):
    """The differences along each axis, of all channels."""
    each = channels(loss, image)
    return [[step for pixels in each for _, step in steps(pixels, axis)] for axis in range(len(loss.axes))]


@oracle(
    losskit.ImageTotalVariation,
    variants=({}, {"norm": "isotropic", "axes": (1, 2)}, {"norm": "squared"}, {"norm": "isotropic", "axes": (1, 2, 3)}),
    rough=lambda loss, prediction: (
        loss.norm != "squared" and any(step == 0 for row in steps_by_axis(loss, prediction) for step in row)
    ),
    cancelling=(1, 2),
    extra=lambda loss: [(FLAT,), (RAMP,)],
    why="signs, and differences over their lengths, cancel",
    **IMAGES | {"reach": {"prediction": (-1e15, 1e15)}, "least": 1e-15},
)
def image_total_variation(loss, prediction):
    if loss.norm == "isotropic":
        lengths = []
        for pixels in channels(loss, prediction):
            by_axis = [dict(steps(pixels, axis)) for axis in range(len(loss.axes))]
            lengths += [norm([each[i] for each in by_axis]) for i in by_axis[0] if all(i in each for each in by_axis)]
        return average(lengths)
    size = (lambda x: x**2) if loss.norm == "squared" else abs
    return fsum(average(map(size, row)) for row in steps_by_axis(loss, prediction))


def bent(loss, prediction, target):
    """Where a magnitude is of 0."""
    for p, t in gaps(loss, prediction, target):
        if (not loss.signed and p == 0) or (not loss.squared and (p == t if loss.signed else abs(p) == abs(t))):
            return True
    return False


def gaps(loss, prediction, target):
    p, t = steps_by_axis(loss, prediction), steps_by_axis(loss, target)
    return [pair for rows in zip(p, t, strict=True) for pair in zip(*rows, strict=True)]


@oracle(
    losskit.GradientDifference,
    variants=(
        {},
        {"squared": True, "axes": (1, 2)},
        {"signed": True},
        {"signed": True, "squared": True, "axes": (1, 2, 3)},
    ),
    rough=bent,
    cancelling=(1, 2),
    why="a difference of differences",
    condition=lambda order, loss, p, t: (
        1 + (4 * largest(loss, p, t) / abs(value) if order == 0 and (value := mismatch(loss, p, t)) else 0)
    ),
    extra=lambda loss: [(FLAT, RAMP), (RAMP, RAMP)],
    **IMAGES,
)
def gradient_difference(loss, prediction, target):
    return mismatch(loss, prediction, target)


def mismatch(loss, prediction, target):
    size = (lambda x: x**2) if loss.squared else abs
    total = mpf(0)
    for p, t in zip(steps_by_axis(loss, prediction), steps_by_axis(loss, target), strict=True):
        apart = [a - b if loss.signed else abs(a) - abs(b) for a, b in zip(p, t, strict=True)]
        total += average(map(size, apart))
    return total


def largest(loss, prediction, target):
    """What the differences of differences are rounded by, in ulps of the loss."""
    pixels = max(abs(x) for image in (prediction, target) for x in flattened(image).values())
    if not loss.squared:
        return pixels
    return pixels * max(
        abs(abs(a) - abs(b)) if not loss.signed else abs(a - b) for a, b in gaps(loss, prediction, target)
    )


@oracle(
    losskit.EdgeAwareSmoothness,
    variants=({}, {"sharpness": 0.25}, {"sharpness": 0.0}),
    rough=lambda loss, prediction, image: any(
        step == 0 for axis in range(2) for _, step in steps(flattened(prediction), axis)
    ),
    cancelling=(1, 2),
    why="the exponential of a rounded edge is known to as many ulps as it is large",
    condition=lambda order, loss, prediction, image: (
        1 + min(4 * mpf(loss.sharpness) * max(abs(x) for x in flattened(image).values()), 800)
    ),
    extra=lambda loss: [([[1.0] * 2] * 3, RAMP)],
    **IMAGES | {"shapes": {"prediction": SIDES[:2], "image": SIDES}},
)
def edge_aware(loss, prediction, image):
    p, i = flattened(prediction), flattened(image)
    total = mpf(0)
    for axis in range(2):
        edges: dict[Any, Any] = {}
        for index, step in steps(i, axis):
            edges.setdefault(index[:2], []).append(abs(step))
        total += average(abs(s) * exp(-mpf(loss.sharpness) * average(edges[at])) for at, s in steps(p, axis))
    return total


# -- features ----------------------------------------------------------------------------------------------------------


def gram(positions):
    """The sums over positions of products of two channels, over how many numbers there are."""
    width = len(positions[0])
    size = len(positions) * width
    return [fsum(row[a] * row[b] for row in positions) / size for a in range(width) for b in range(width)]


@oracle(
    losskit.GramMatrix,
    shapes=dict.fromkeys(("prediction", "target"), (4, 3)),
    reach=dict.fromkeys(("prediction", "target"), (-1e6, 1e6)),
    least=1e-6,
    cancelling=(1, 2),
    why="each entry is a difference of sums of rounded products",
    condition=lambda order, loss, p, t: 1 if order else 1 + rounding(p, t),
    extra=lambda loss: [([[1.0, 2.0, 3.0]] * 4, [[1.0, 2.0, 3.0]] * 4), ([[0.0] * 3] * 4, [[1.0, 2.0, 3.0]] * 4)],
)
def gram_matrix(loss, prediction, target):
    return apart(prediction, target)


def apart(p, t):
    return fsum((a - b) ** 2 for a, b in zip(gram(p), gram(t), strict=True))


def rounding(p, t):
    """How many ulps of the loss an ulp of the two matrices' entries is."""
    value = apart(p, t)
    sizes = max(abs(x) for image in (p, t) for row in image for x in row) ** 2
    return 4 * sizes / sqrt(value) if value else 0


@oracle(
    losskit.LearnedPerceptualSimilarity,
    variants=({}, {"channel_weight": (0.5, 0.0, 2.0, 1.0)}),
    why="rounding a direction by an ulp changes its cosine by an ulp of 1, and the products of the sum may cancel",
    cancelling=(1, 2),
    rough=lambda loss, prediction, target: not any(prediction) or not any(target),
    extra=lambda loss: [
        ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]),
        ([1.0, 2.0, 3.0, 4.0], [-2.0, -4.0, -6.0, -8.0]),
        ([0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]),
    ],
)
def learned_perceptual(loss, prediction, target):
    weights = loss.channel_weight or (1,) * len(prediction)
    p, t = ([x / (norm(row) or 1) for x in row] for row in (prediction, target))
    squares = [mpf(w) * (a - b) ** 2 for w, a, b in zip(weights, p, t, strict=True)]
    return *squares, mpf(1), -mpf(1)

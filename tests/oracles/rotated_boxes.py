"""Twins of losskit.losses.rotated_boxes."""

from __future__ import annotations

import numpy as np
from mpmath import cos, exp, log, mpf, sin, sqrt

import losskit
from tests.oracles.classification import far_digits
from tests.oracles.oracle import oracle

KINDS = (  # the target's sides in units of the prediction's, its angle beside the prediction's, its centre's offset
    (1.0, 1.0, 0.0, 0.0),  # equal
    (1.0, 1.0, 0.0, 1e-3),
    (1.0, 1.0, 1e-3, 0.0),
    (1.0, 1.001, 0.0, 0.0),
    (0.1, 0.2, 0.5, 0.5),  # inside, turned
    (1.0, 1.0, 1.0, 30.0),  # far off
)


def boxes(case, n, rng, kind, dtype):
    """Boxes of usual shapes that overlap, more or less; or all of KINDS, of thin ones and squares, in several sizes."""
    sides = np.exp(rng.normal(0, 0.5, (2, n, 2)))
    angle = rng.uniform(-3, 3, (2, n, 1))
    centre = rng.normal(0, 0.5, (2, n, 2))
    if kind == "extreme":
        across, down, turn, away = np.resize(rng.permutation(KINDS), (n, 4)).T
        sides[0] = rng.choice([1.0, 1.0, 0.05, 20.0], (n, 1)) * [1.0, 0.0] + [0.0, 1.0]
        sides[1] = sides[0] * np.stack([across, down], -1)
        angle[0], angle[1] = rng.choice([0.0, 1.0, -2.0], (n, 1)), 0.0
        angle[1] = angle[0] + turn[:, None]
        centre[0], centre[1] = 0.0, away[:, None] * np.array([1.0, 0.5]) * sides[0].min(-1, keepdims=True)
        size = rng.choice([1e-2, 1.0, 1e3], (1, n, 1))
        sides, centre = sides * size, centre * size
    prediction, target = np.concatenate([centre, sides, angle], axis=-1)
    return {"prediction": prediction, "target": target}


def normal(box, share):
    """Mean and covariance, the deviations shares of the sides: (xx, xy, yy)."""
    x, y, w, h, angle = box
    c, s, u, v = cos(angle), sin(angle), (share * w) ** 2, (share * h) ** 2
    return (x, y), (u * c**2 + v * s**2, (u - v) * c * s, u * s**2 + v * c**2)


def det(m):
    return m[0] * m[2] - m[1] ** 2


def mahalanobis(p, t, m):
    """Δᵀ M⁻¹ Δ."""
    x, y = p[0] - t[0], p[1] - t[1]
    return (m[2] * x**2 - 2 * m[1] * x * y + m[0] * y**2) / det(m)


def trace_of_product(m, n):
    return m[0] * n[0] + 2 * m[1] * n[1] + m[2] * n[2]


def thinness(order, loss, p, t):
    """An offset is turned into a box's own axes; across a thin box it is known to ulps of what it is along it."""
    aspect = max(max(box[2] / box[3], box[3] / box[2]) for box in (p, t))
    return 1 + aspect / 2 * (1 + order)


BOXES = {"draw": boxes, "condition": thinness, "why": thinness.__doc__, "cancelling": (1, 2)}
EXTRA = [
    ((0.0, 0.0, 2.0, 1.0, 0.0), (0.0, 0.0, 1.0, 2.0, 1.5707964)),  # one box, written down in two ways
    ((0.0, 0.0, 2.0, 1.0, 0.5), (0.0, 0.0, 2.0, 1.0, 0.5)),
    ((0.0, 0.0, 1.0, 1.0, 0.25), (0.0, 0.5, 1.0, 1.0, 1.25)),  # squares
]


def near_a_kink(is_root, distance):
    """Where a root has its kink, and near it a curvature that is the small difference of very large terms."""
    return lambda loss, p, t: is_root(loss) and distance(loss, p, t) < 1e-10


def of_distance(loss, squared):
    value = {"log1p": lambda d: log(1 + d), "sqrt": sqrt, "none": lambda d: d}[loss.transform](abs(squared))
    return value if loss.tau is None else 1 - 1 / (mpf(loss.tau) + value)


def wasserstein(loss, p, t):
    (m, a), (n, b) = normal(p, mpf(1) / 2), normal(t, mpf(1) / 2)
    coupled = sqrt(trace_of_product(a, b) + 2 * sqrt(det(a) * det(b)))
    squared = (m[0] - n[0]) ** 2 + (m[1] - n[1]) ** 2 + a[0] + a[2] + b[0] + b[2] - 2 * coupled
    return squared / sqrt(p[2] * p[3] * t[2] * t[3]) if loss.normalized else squared


@oracle(
    losskit.RotatedBoxWasserstein,
    variants=({}, {"normalized": True}, {"transform": "sqrt", "tau": 2.0}, {"transform": "none", "tau": None}),
    extra=lambda loss: EXTRA,
    rough=near_a_kink(lambda loss: loss.transform == "sqrt", wasserstein),
    **BOXES,
)
@far_digits
def rotated_box_wasserstein(loss, p, t):
    return of_distance(loss, wasserstein(loss, p, t))


def relative(p, t):
    """KL(t ‖ p)."""
    (m, a), (n, b) = normal(p, mpf(1) / 2), normal(t, mpf(1) / 2)
    inverse = (a[2] / det(a), -a[1] / det(a), a[0] / det(a))
    return (mahalanobis(m, n, a) + trace_of_product(inverse, b) + log(det(a) / det(b))) / 2 - 1


def divergence(loss, p, t):
    parts = {"forward": [(p, t)], "reverse": [(t, p)], "symmetric": [(p, t), (t, p)]}[loss.direction]
    return sum(relative(x, y) for x, y in parts) / len(parts)


@oracle(
    losskit.RotatedBoxKLDivergence,
    variants=(
        {},
        {"direction": "reverse"},
        {"direction": "symmetric", "tau": None},
        {"transform": "sqrt", "tau": 2.0},
    ),
    extra=lambda loss: EXTRA,
    rough=near_a_kink(lambda loss: loss.transform == "sqrt", divergence),
    **BOXES,
)
@far_digits
def rotated_box_kl_divergence(loss, p, t):
    return of_distance(loss, divergence(loss, p, t))


def bhattacharyya(loss, p, t):
    (m, a), (n, b) = normal(p, 1 / sqrt(mpf(12))), normal(t, 1 / sqrt(mpf(12)))
    mean = [(x + y) / 2 for x, y in zip(a, b, strict=True)]
    return mahalanobis(m, n, mean) / 8 + log(det(mean) / sqrt(det(a) * det(b))) / 2


@oracle(
    losskit.ProbabilisticIntersectionOverUnion,
    variants=({}, {"scale": "bhattacharyya"}),
    extra=lambda loss: EXTRA,
    rough=near_a_kink(lambda loss: loss.scale == "hellinger", bhattacharyya),
    **BOXES,
)
@far_digits
def probabilistic_intersection_over_union(loss, p, t):
    distance = bhattacharyya(loss, p, t)
    return distance if loss.scale == "bhattacharyya" else sqrt(abs(1 - exp(-distance)))


@oracle(
    losskit.KalmanFilterIntersectionOverUnion,
    variants=({}, {"scale": "log"}, {"scale": "exp"}),
    extra=lambda loss: EXTRA,
    **BOXES,
)
@far_digits
def kalman_filter_intersection_over_union(loss, p, t):
    a, b = normal(p, mpf(1) / 2)[1], normal(t, mpf(1) / 2)[1]
    total = [x + y for x, y in zip(a, b, strict=True)]
    mine, its, both = (4 * sqrt(x) for x in (det(a), det(b), det(a) * det(b) / det(total)))
    overlap = both / (mine + its - both)
    if loss.scale == "log":
        return -log(overlap)
    return 1 - overlap if loss.scale == "linear" else exp(1 - overlap) - 1

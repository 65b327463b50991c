"""Twins of losskit.losses.boxes."""

from __future__ import annotations

import numpy as np
from mpmath import atan2, exp, inf, log, mpf, pi, sqrt

import losskit
from tests.oracles.oracle import oracle

KINDS = (  # half the second box in units of the first's half, the first one's centre in the same units
    (1.0, 0.0),  # equal
    (0.3, 0.1),  # nested
    (1e-3, 0.1),
    (1.0, 5.0),  # apart
    (1.0, 2.0),  # touching, up to rounding
    (1.0, 1e-3),  # nearly equal
    (0.0, 0.5),  # a point in a box
)


def boxes(case, n, rng, kind, dtype):
    """Boxes that overlap, more or less; or all of KINDS, and segments and points of one line, in several sizes."""
    half = np.exp(rng.normal(0, 0.7, (2, n, 2))) / 2
    centre = rng.normal(0, 0.7, (2, n, 2))
    if getattr(case.loss, "scale", "") == "log":  # infinite where they do not meet
        centre[0] = centre[1] + rng.uniform(-0.9, 0.9, (n, 2)) * (half[0] + half[1])
    if kind == "extreme":
        share, away = np.resize(rng.permutation(KINDS), (n, 2)).T[..., None]
        half[0, :, 0] *= rng.choice([1.0, 1.0, 1.0, 0.0], n)
        half[1], centre[1] = half[0] * share, 0.0
        centre[0] = half[0] * away * rng.choice([-1, 1], (n, 2))
        size = rng.choice([1e-2, 1.0, 1e3], (1, n, 1))
        half, centre = half * size, centre * size
    prediction, target = np.concatenate([centre - half, centre + half], axis=-1)
    return {"prediction": prediction, "target": target}


def sizes(box, other):
    """Width and height, of thin boxes on one line as of boxes that are 1 wide."""
    return [box[k + 2] - box[k] if max(box[k + 2], other[k + 2]) > min(box[k], other[k]) else mpf(1) for k in (0, 1)]


def span(p, t):
    return [max(p[k + 2], t[k + 2]) - min(p[k], t[k]) for k in (0, 1)]


def iou(p, t):
    (w, h), (a, b) = sizes(p, t), sizes(t, p)
    across = [min(p[k + 2], t[k + 2]) - max(p[k], t[k]) if c else mpf(1) for k, c in enumerate(span(p, t))]
    shared = across[0] * across[1] if min(across) > 0 else mpf(0)
    union = w * h + a * b - shared
    return shared / union if union else mpf(0)


def centres(p, t):
    return [(p[k] + p[k + 2] - t[k] - t[k + 2]) / 2 for k in (0, 1)]


def distance(p, t):
    diagonal = sum(c * c for c in span(p, t))
    return sum(d * d for d in centres(p, t)) / diagonal if diagonal else mpf(0)


def meets_an_edge(loss, p, t):
    """Where edges of the two coincide, or a box has no width, the overlap has a kink; centres and sizes have theirs."""
    if getattr(loss, "scale", "") == "log" and iou(p, t) == 0:
        return True  # infinite
    edges = any(p[k] in (t[k], t[(k + 2) % 4], p[(k + 2) % 4]) for k in range(4))
    return edges or (isinstance(loss, losskit.ScyllaIntersectionOverUnion) and 0 in centres(p, t))


def share(order, loss, p, t):
    """The gradient of a ratio is a difference of terms that are as much larger as the union is than what is shared."""
    return 1 if order == 0 else 2 + (1 / iou(p, t) if iou(p, t) else 0)


BOXES = {"draw": boxes, "rough": meets_an_edge, "condition": share, "why": share.__doc__, "cancelling": (1, 2)}
WITH_POWERS = ({}, {"alpha": 3.0}, {"alpha": 1.5})
EXTRA = [
    ((0.0, 0.0, 2.0, 1.0), (1.0, 0.0, 3.0, 2.0)),
    ((0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 1.0, 1.0)),
    ((0.0, 0.0, 2e-8, 1e-8), (1e-8, -1e-8, 3e-8, 2e-8)),
]


@oracle(losskit.IntersectionOverUnion, variants=(*WITH_POWERS, {"scale": "log"}), extra=lambda loss: EXTRA, **BOXES)
def intersection_over_union(loss, p, t):
    if loss.scale == "log":
        return -log(iou(p, t)) if iou(p, t) else inf
    return 1 - iou(p, t) ** mpf(loss.alpha)


@oracle(losskit.GeneralizedIntersectionOverUnion, variants=WITH_POWERS, extra=lambda loss: EXTRA, **BOXES)
def generalized_intersection_over_union(loss, p, t):
    (w, h), (a, b) = sizes(p, t), sizes(t, p)
    around = [c or mpf(1) for c in span(p, t)]
    union = (w * h + a * b) / (1 + iou(p, t))
    uncovered = (around[0] * around[1] - union) / (around[0] * around[1])
    return 1 - iou(p, t) ** mpf(loss.alpha), abs(uncovered) ** mpf(loss.alpha)


@oracle(losskit.DistanceIntersectionOverUnion, variants=WITH_POWERS, extra=lambda loss: EXTRA, **BOXES)
def distance_intersection_over_union(loss, p, t):
    return 1 - iou(p, t) ** mpf(loss.alpha), distance(p, t) ** mpf(loss.alpha)


@oracle(losskit.CompleteIntersectionOverUnion, variants=WITH_POWERS, extra=lambda loss: EXTRA, **BOXES)
def complete_intersection_over_union(loss, p, t):
    w, h, a, b = p[2] - p[0], p[3] - p[1], t[2] - t[0], t[3] - t[1]
    v = 4 / pi**2 * (atan2(a, b) - atan2(w, h)) ** 2 if w * a + h * b else mpf(0)
    aspect = v**2 / (1 - iou(p, t) + v) if v else mpf(0)
    return (*distance_intersection_over_union(loss, p, t), aspect ** mpf(loss.alpha))


@oracle(losskit.EfficientIntersectionOverUnion, variants=WITH_POWERS, extra=lambda loss: EXTRA, **BOXES)
def efficient_intersection_over_union(loss, p, t):
    unlike = [((x - y) / (c or 1)) ** 2 for x, y, c in zip(sizes(p, t), sizes(t, p), span(p, t), strict=True)]
    return (*distance_intersection_over_union(loss, p, t), *(u ** mpf(loss.alpha) for u in unlike))


@oracle(
    losskit.ScyllaIntersectionOverUnion,
    variants=({}, {"theta": 2.0}, {"theta": 5.5}),
    extra=lambda loss: EXTRA,
    **BOXES,
)
def scylla_intersection_over_union(loss, p, t):
    d, c = centres(p, t), span(p, t)
    sigma = sqrt(d[0] ** 2 + d[1] ** 2)
    angle = 2 * abs(d[0] * d[1]) / sigma**2 if sigma else mpf(0)  # 1 − 2 sin²(arcsin(|d₁|/σ) − π/4)
    pull = [1 - exp(-(2 - angle) * (x / y) ** 2) if y else mpf(0) for x, y in zip(d, c, strict=True)]
    unlike = [abs(x - y) / max(x, y) if max(x, y) else mpf(0) for x, y in zip(sizes(p, t), sizes(t, p), strict=True)]
    shape = [(1 - exp(-u)) ** mpf(loss.theta) for u in unlike]
    return (1 - iou(p, t), *(x / 2 for x in (*pull, *shape)))


@oracle(losskit.WiseIntersectionOverUnion, extra=lambda loss: EXTRA, held=True, **BOXES)
def wise_intersection_over_union(loss, p, t, held):
    diagonal = sum(c * c for c in span(*held))
    far = sum(d * d for d in centres(p, t)) / diagonal if diagonal else mpf(0)
    return (1 - iou(p, t)) * exp(far)

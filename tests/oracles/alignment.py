"""Twins of losskit.losses.alignment."""

from __future__ import annotations

from itertools import groupby, product
from typing import Any

import numpy as np
from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import SOFTMAX, exp, far_digits, log, softmax
from tests.oracles.draw import values
from tests.oracles.oracle import oracle

FRAMES, LABELS, CLASSES = 3, 2, 3


def rows(case, shape, rng, kind, dtype):
    """Scores or log-probabilities."""
    drawn = values(case.domain("prediction"), rng, shape, kind, dtype, case)
    if case.loss.input == "logits":
        drawn = np.clip(drawn, -1e4, 1e4)
    return np.where(np.abs(drawn) < 1e-8, 0.0, drawn)


def transcripts(case, n, rng, kind, dtype):
    """Frames, and shorter transcripts without the blank; padding holds what it likes where lengths are given."""
    blank, transducer = case.loss.blank, isinstance(case.loss, losskit.Transducer)
    shape = (n, FRAMES, LABELS + 1, CLASSES) if transducer else (n, FRAMES, CLASSES)
    prediction = rows(case, shape, rng, kind, dtype)
    target = rng.choice([k for k in range(CLASSES) if k != blank], (n, LABELS))
    length = rng.integers(0, LABELS + 1, n)
    if case.form:
        target[np.arange(LABELS) >= length[:, None]] = -1
        return {"prediction": prediction, "target": target}
    needed = length + ((length == 2) & (target[:, 0] == target[:, 1]))
    frames = rng.integers(np.maximum(needed, 1), FRAMES + 1)
    return {"prediction": prediction, "target": target, "input_lengths": frames, "target_lengths": length}


def given(loss, prediction, target, input_lengths, target_lengths):
    """The frames' probabilities and the labels, without what lies behind the ends."""
    frames = prediction if input_lengths is None else prediction[:input_lengths]
    labels = [k for k in target if k >= 0] if target_lengths is None else target[:target_lengths]

    def probabilities(x):
        if isinstance(x[0], list):
            return [probabilities(part) for part in x]
        return softmax(x) if loss.input == "logits" else [exp(y) for y in x]

    return probabilities(frames), labels


def of_paths(paths):
    """−log Σ p of paths as that of the likeliest one and of the sum relative to it."""
    best = max(paths)
    return -log(best), -log(fsum(p / best for p in paths))


PATHS: dict[str, Any] = {
    "draw": transcripts,
    "columns": CLASSES,
    "cancelling": (1,),
    "extent": lambda loss, x: 1.0,
    "why": f"{SOFTMAX}, in each frame; the sum over the paths, relative to the likeliest one, is of the size of 1",
}


def most_spread(order, loss, prediction, *others):
    if loss.input != "logits":
        return FRAMES

    def spreads(x):
        return [s for part in x for s in spreads(part)] if isinstance(x[0], list) else [max(x) - min(x)]

    return FRAMES + min(max(spreads(prediction)), 750) / 4


@oracle(
    losskit.ConnectionistTemporalClassification,
    variants=({}, {"blank": 2}, {"input": "log_probabilities", "skip_infeasible": True}),
    condition=most_spread,
    **PATHS,
)
@far_digits
def connectionist_temporal_classification(loss, prediction, target, input_lengths=None, target_lengths=None):
    frames, labels = given(loss, prediction, target, input_lengths, target_lengths)
    paths = []
    for path in product(range(CLASSES), repeat=len(frames)):
        if [k for k, _ in groupby(path) if k != loss.blank] == labels:
            p = mpf(1)
            for t, k in enumerate(path):
                p *= frames[t][k]
            paths.append(p)
    return of_paths(paths)


@oracle(
    losskit.Transducer,
    variants=({}, {"blank": 2}, {"input": "log_probabilities"}),
    condition=most_spread,
    **PATHS,
)
@far_digits
def transducer(loss, prediction, target, input_lengths=None, target_lengths=None):
    frames, labels = given(loss, prediction, target, input_lengths, target_lengths)
    paths = []

    def walk(t, s, p):
        blank = p * frames[t][s][loss.blank]
        if t + 1 < len(frames):
            walk(t + 1, s, blank)
        elif s == len(labels):
            paths.append(blank)
        if s < len(labels):
            walk(t, s + 1, p * frames[t][s][labels[s]])

    walk(0, 0, mpf(1))
    return of_paths(paths)


STEPS = 3


def series(case, n, rng, kind, dtype):
    drawn = {}
    for name in ("prediction", "target"):
        x = np.clip(values(case.domain(name), rng, (n, STEPS, 2), kind, dtype, case), -30, 30)
        drawn[name] = np.where(np.abs(x) < 1e-8, 0.0, x)
    drawn["target"][:2] = drawn["prediction"][:2]
    if not case.form:
        drawn |= {f"{name}_lengths": rng.integers(1, STEPS + 1, n) for name in ("prediction", "target")}
    return drawn


def costs(a, b):
    """Of every way to align two series."""
    found = []

    def walk(i, j, cost):
        cost += fsum((x - y) ** 2 for x, y in zip(a[i], b[j], strict=True))
        if (i, j) == (len(a) - 1, len(b) - 1):
            found.append(cost)
        for k, m in ((i + 1, j), (i, j + 1), (i + 1, j + 1)):
            if k < len(a) and m < len(b):
                walk(k, m, cost)

    walk(0, 0, mpf(0))
    return found


def softened(loss, a, b):
    gamma, found = mpf(loss.gamma), costs(a, b)
    return min(found), -gamma * log(fsum(exp((min(found) - cost) / gamma) for cost in found))


@oracle(
    losskit.SoftDynamicTimeWarping,
    variants=({}, {"gamma": 4.0, "divergence": True}, {"gamma": 0.25}),
    draw=series,
    columns=2,
    cancelling=(1,),
    extent=lambda loss, x: max(abs(x), 1.0),
    why="costs over γ are rounded: their exponentials are known to as many ulps as the costs have γ",
    condition=lambda order, loss, prediction, target, *lengths: (
        1 + min(max(costs(prediction, target)) / loss.gamma, 10**4) / 8
    ),
)
@far_digits
def soft_dynamic_time_warping(loss, prediction, target, prediction_lengths=None, target_lengths=None):
    p, t = prediction[:prediction_lengths], target[:target_lengths]
    value = softened(loss, p, t)
    if loss.divergence:
        value += tuple(-term / 2 for x in (p, t) for term in softened(loss, x, x))
    return value

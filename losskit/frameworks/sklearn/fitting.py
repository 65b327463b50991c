"""Fitting scores to a loss: a linear model or a small network, all at once, by L-BFGS on the formula's own gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import minimize

from losskit.arrays import namespace
from losskit.arrays.numpy import xp as numpy_namespace

Array = Any


@dataclass(frozen=True)
class Layers:
    """Matrices and offsets of z = W·tanh(…) + b, from the inputs to the scores; one pair is a linear model."""

    weights: list[Array]
    offsets: list[Array]

    def __call__(self, X: Array) -> Array:
        for weight, offset in zip(self.weights[:-1], self.offsets[:-1], strict=True):
            hidden = X @ weight + offset
            X = namespace(hidden).tanh(hidden)
        return X @ self.weights[-1] + self.offsets[-1]


def fit(
    X: Array,
    objective: Callable[[Array, Sequence[Array]], Array],
    start: Array,
    weight: Array | None,
    hidden: Sequence[int],
    rng: np.random.RandomState,
    max_iter: int,
    tol: float,
) -> tuple[Layers, Any]:
    """The layers that minimise objective(scores, weights), and SciPy's account of how that went.

    start: the scores before anything is learned, one per column. The search goes over weights of standardised features,
    which condition it; the objective, and what is returned, has the weights of the features as they are.
    """
    mean = np.average(X, axis=0, weights=weight)
    spread = np.sqrt(np.average(np.square(X - mean), axis=0, weights=weight))
    spread = np.where(spread > 0, spread, 1.0)
    standard = (X - mean) / spread
    sizes = [X.shape[1], *hidden, len(start)]
    pairs = list(pairwise(sizes))
    shapes = [*pairs, *((b,) for b in sizes[1:])]
    # A linear model starts from 0. In a network only the last layer may: equal units would stay equal.
    parts = [
        rng.normal(scale=a**-0.5, size=(a, b)) if k < len(hidden) else np.zeros((a, b))
        for k, (a, b) in enumerate(pairs)
    ]
    parts += [np.zeros(b) for b in sizes[1:-1]] + [np.asarray(start, "float64")]
    edges = np.cumsum([part.size for part in parts])[:-1]

    def layers(flat: Array) -> Layers:
        pieces = [np.reshape(piece, shape) for piece, shape in zip(np.split(flat, edges), shapes, strict=True)]
        return Layers(pieces[: len(pairs)], pieces[len(pairs) :])

    def value_and_gradient(flat: Array) -> tuple[float, Array]:
        here = layers(flat)
        count = len(here.weights)

        def total(*arrays: Array) -> Array:
            inside = Layers(list(arrays[:count]), list(arrays[count:]))
            return objective(inside(standard), [arrays[0] / spread[:, None], *arrays[1:count]])

        arrays = (*here.weights, *here.offsets)
        value, gradients = numpy_namespace.value_and_gradient(total, arrays, range(len(arrays)))
        return float(value), np.concatenate([np.ravel(gradient) for gradient in gradients])

    flat = np.concatenate([part.ravel() for part in parts])
    # In units of what there is to gain, so that neither the loss's scale nor the target's decides when to stop.
    first, slope = value_and_gradient(flat)
    scale = max(abs(first), float(np.abs(slope).max()), np.finfo(float).tiny)
    # A linear model has one minimum, which is worth its digits. A network's valleys go on for thousands of iterations.
    gain = tol if hidden else tol**2
    found = minimize(
        lambda x: tuple(part / scale for part in value_and_gradient(x)),
        flat,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": max_iter, "maxfun": 5 * max_iter, "gtol": tol, "ftol": gain, "maxcor": 20},
    )
    best = layers(found.x)
    first_weight = best.weights[0] / spread[:, None]
    return Layers([first_weight, *best.weights[1:]], [best.offsets[0] - mean @ first_weight, *best.offsets[1:]]), found

"""The constant that minimises a loss over a sample: where boosting and estimators start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from losskit.arrays import namespace
from losskit.frameworks.scores import ScoreLoss

Array = Any
FAR = 30.0  # of a logit or a margin: e⁻³⁰ is what a class has that hardly exists


def best_constant(loss: ScoreLoss, target: Array, weight: Array | None = None) -> Array:
    """argmin over c of Σ wᵢ ℓ(c, tᵢ): a number, or an array of one per column.

    By its closed form where the loss's facts name the minimiser, else by minimisation. A class without a row counts as
    half a row: its best score would be infinite. Of a loss that is not convex: the best start among the targets'
    quantiles, refined. target: as `ScoreLoss.targets` returns it, shape (N,).
    """
    weight = np.ones(len(target)) if weight is None else np.asarray(weight, "float64")
    if loss.classwise:
        return _class_scores(loss, target, weight)
    first = _first(loss, target, weight)
    if not loss.has_columns:
        return first
    # Mean or median is best whatever the other parameters are; those follow one by one.
    scores = np.zeros(len(loss.parameters))
    scores[0] = first
    for column in range(1, len(scores)):

        def objective(value: float, column: int = column) -> float:
            scores[column] = value
            return _mean(loss, scores, target, weight)

        spread = np.log(max(float(np.average(np.square(target - first), weights=weight)), 1e-12))
        scores[column] = _minimum(objective, spread / 2 - FAR, spread + FAR)
    return scores


def _first(loss: ScoreLoss, target: Array, weight: Array) -> float:
    """The best constant of the prediction."""
    facts = loss.loss.facts
    known: dict[str, Callable[[], float]] = {
        "mean": lambda: float(np.average(target, weights=weight)),
        "median": lambda: quantile(target, weight, 0.5),
        "quantile": lambda: quantile(target, weight, facts.level),
        "probability": lambda: _logit(float(np.average(target, weights=weight)), len(target)),
        "log_mean": lambda: float(np.log(_kept_above_zero(np.average(target, weights=weight), len(target)))),
    }
    if facts.minimiser in known:
        return known[facts.minimiser]()

    def objective(value: float) -> float:
        return _mean(loss, np.asarray(value), target, weight)

    if not facts.zero_at_target:
        return _minimum(objective, -FAR, FAR)
    # The best constant lies between the targets; where the loss is not convex there may be several valleys.
    scores = loss.scores_of(target)
    grid = np.unique([quantile(scores, weight, level) for level in np.linspace(0, 1, 65)])
    best = int(np.argmin([objective(float(value)) for value in grid]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    return _minimum(objective, float(low), float(high)) if low < high else float(low)


def _class_scores(loss: ScoreLoss, target: Array, weight: Array) -> Array:
    """One score per class; the logarithms of their shares where those are best, and always the start."""
    from scipy.optimize import minimize

    classes = _number_of_classes(loss, target)
    counts = np.bincount(target, weights=weight, minlength=classes)
    counts = np.maximum(counts, weight.sum() / len(target) / 2)
    start = np.log(counts / counts.sum())
    if loss.loss.facts.proper:
        return start
    repeated = np.arange(classes)  # all that a constant can tell apart is the class

    def objective(scores: Array) -> tuple[float, Array]:
        value, (gradient,) = namespace(scores).value_and_gradient(
            lambda z: loss(namespace(z).broadcast_to(z, (classes, classes)), repeated, weight=counts), (scores,)
        )
        return float(value), np.asarray(gradient)

    return minimize(objective, start, jac=True, method="L-BFGS-B", bounds=[(-FAR, FAR)] * classes).x


def _number_of_classes(loss: ScoreLoss, target: Array) -> int:
    given = getattr(loss.loss, "prior", None) or loss.loss.class_weight
    return len(given) if given else int(target.max()) + 1


def quantile(values: Array, weight: Array, level: float) -> float:
    """The weighted quantile: the least value that at least `level` of the weight does not exceed.

    Halfway to the next where exactly `level` of the weight is below, where all between are equally good.
    """
    values, weight = values[weight > 0], weight[weight > 0]
    order = np.argsort(values, kind="stable")
    values, weight = values[order], weight[order]
    share = np.cumsum(weight) / weight.sum()
    slack = 8 * np.finfo(float).eps * len(values)
    low = min(int(np.searchsorted(share, level - slack)), len(values) - 1)
    high = int(np.searchsorted(share, level + slack))
    return float(values[low] + values[min(high, len(values) - 1)]) / 2


def _mean(loss: ScoreLoss, scores: Array, target: Array, weight: Array) -> float:
    constant = np.broadcast_to(scores, (len(target), *np.shape(scores)))
    return float(loss(constant, target, weight=weight))


def _logit(share: float, rows: int) -> float:
    share = min(max(share, 0.5 / rows), 1 - 0.5 / rows)
    return float(np.log(share / (1 - share)))


def _kept_above_zero(mean: float, rows: int) -> float:
    return max(float(mean), 0.5 / rows)


def _minimum(objective: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(objective, bounds=(low, high), method="bounded", options={"xatol": 1e-9})
    return float(getattr(found, "x"))  # noqa: B009 - SciPy's result declares no attributes

"""The constant that minimises a loss over a sample: where boosting and estimators start."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

import numpy as np

from losskit.arrays import namespace
from losskit.core.domain import Interval, Signs
from losskit.frameworks.scores import ScoreLoss

Array = Any
FAR = 30.0  # of a logit or a margin: e⁻³⁰ is what a class has that hardly exists
PULL = 1e-3  # of the slopes at the classes' shares: where no row has more, nothing is learned


def best_constant(loss: ScoreLoss, target: Array, weight: Array | None = None) -> Array:
    """argmin over c of Σ wᵢ ℓ(c, tᵢ): a number, or an array of one per column.

    By its closed form where the loss's facts name the minimiser, else by minimisation, from several starts where the
    loss is not convex. A class without a row counts as half a row: its best score would be infinite. Some losses of
    classes have no best constant, for they fall without end (Unhinged), or none to start from: with all rows on a
    plateau no row pulls any more (Ramp). Those start from the logits of the classes' shares.
    target: as `ScoreLoss.targets` returns it, shape (N,). weight: (N,), 1 each by default.
    """
    weight = np.ones(len(target)) if weight is None else np.asarray(weight, "float64")
    if loss.classwise:
        return _class_scores(loss, target, weight)
    return _parameters(loss, target, weight) if loss.has_columns else _score(loss, target, weight)


# -- one score ---------------------------------------------------------------------------------------------------------


def _score(loss: ScoreLoss, target: Array, weight: Array) -> float:
    known = _known(loss, target, weight)
    if known is not None:
        return known
    facts = loss.loss.facts

    def objective(value: float) -> float:
        return _mean(loss, np.asarray(value), target, weight)

    if facts.zero_at_target:  # the best constant lies between the targets, or is one of them where valleys are pointed
        scores, levels = loss.scores_of(target), np.linspace(0, 1, 65)
        for _ in range(2):
            grid = quantile(scores, weight, levels)
            best = min(grid, key=objective)
            low, high = np.max(levels[grid < best], initial=0), np.min(levels[grid > best], initial=1)
            levels = np.linspace(low, high, 17)
        return _minimum(objective, quantile(scores, weight, levels))
    found = _minimum(objective, _reach(target))
    share = _share(loss, target, weight)
    return found if share is None or _is_a_start(loss, found, share, target, weight) else share


def _known(loss: ScoreLoss, target: Array, weight: Array) -> float | None:
    """The best prediction where the loss's facts name it; of several parameters it is the first, whatever the others.

    A target that is one number throughout has its mean at 0 or 1, or at 0: kept half a row away from it.
    """
    facts, rows = loss.loss.facts, len(target)
    mean = float(np.average(target, weights=weight))
    if facts.minimiser == "mean":
        return float(loss.scores_of(np.asarray(mean)))
    if facts.minimiser in ("median", "quantile"):
        level = 0.5 if facts.minimiser == "median" else facts.level
        return float(loss.scores_of(np.asarray(quantile(target, weight, level))))
    if facts.minimiser == "probability":
        return _logit(mean, rows)
    return float(np.log(max(mean, 0.5 / rows))) if facts.minimiser == "log_mean" else None


def _share(loss: ScoreLoss, target: Array, weight: Array) -> float | None:
    """The logit of the second class's share, for a loss of two classes."""
    domain = loss.loss.domain("target")
    if isinstance(domain, Signs):
        target = (target + 1) / 2
    elif not (isinstance(domain, Interval) and (domain.lower, domain.upper) == (0, 1)):
        return None
    return _logit(float(np.average(target, weights=weight)), len(target))


def _logit(share: float, rows: int) -> float:
    share = min(max(share, 0.5 / rows), 1 - 0.5 / rows)
    return float(np.log(share / (1 - share)))


# -- several scores ----------------------------------------------------------------------------------------------------


def _class_scores(loss: ScoreLoss, target: Array, weight: Array) -> Array:
    """One score per class."""
    classes = _number_of_classes(loss, target)
    counts = np.bincount(target, weights=weight, minlength=classes)
    counts = np.maximum(counts, weight.sum() / len(target) / 2)
    shares = np.log(counts / counts.sum())
    labels = np.arange(classes)  # all that a constant can tell apart is the class
    starts = [shares] if loss.loss.facts.convex else [shares, 3 * shares, np.zeros(classes)]
    found = _descended(loss, starts, labels, counts, [(-FAR, FAR)] * classes)
    return found if _is_a_start(loss, found, shares, labels, counts) else shares


def _number_of_classes(loss: ScoreLoss, target: Array) -> int:
    """As many as a hyper-parameter with an entry for each of them says (class_weight, prior, …), else as there are."""
    given = (getattr(loss.loss, field.name) for field in fields(loss.loss))
    return max(int(target.max()) + 1, *(len(value) for value in given if isinstance(value, tuple)), 0)


def _parameters(loss: ScoreLoss, target: Array, weight: Array) -> Array:
    """One score per parameter of a likelihood: one after the other, then all together."""
    known, reach = _known(loss, target, weight), _reach(target)
    scores = np.zeros(len(loss.parameters))
    for column in range(len(scores)):

        def objective(value: float, column: int = column) -> float:
            return _mean(loss, np.where(np.arange(len(scores)) == column, value, scores), target, weight)

        scores[column] = known if column == 0 and known is not None else _minimum(objective, reach)
    bounds = [(float(reach[0]), float(reach[-1]))] * len(scores)
    if known is not None:
        bounds[0] = (known, known)
    return _descended(loss, [scores], target, weight, bounds)


def _descended(
    loss: ScoreLoss, starts: Iterable[Array], target: Array, weight: Array, bounds: list[tuple[float, float]]
) -> Array:
    """The best that descent from these starts finds; never worse than the first of them."""
    from scipy.optimize import minimize

    def objective(scores: Array) -> tuple[float, Array]:
        shape = (len(target), len(scores))
        value, (gradient,) = namespace(scores).value_and_gradient(
            lambda z: loss(namespace(z).broadcast_to(z, shape), target, weight=weight), (scores,)
        )
        return float(value), np.asarray(gradient)

    tight = {"ftol": 1e-15, "gtol": 1e-10, "maxfun": 500}
    tried = [minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options=tight) for start in starts]
    best = min(tried, key=lambda one: one.fun)
    if not (loss.classwise and loss.loss.facts.smooth == 0):
        return best.x
    # Along a kink the gradient says nothing of the way: a simplex finds it, as long as there are few columns.
    near = minimize(
        lambda scores: _mean(loss, scores, target, weight),
        best.x,
        method="Nelder-Mead",
        bounds=bounds,
        options={"xatol": 1e-10, "fatol": 1e-12, "maxfev": 1000},
    )
    return near.x if near.fun < best.fun else best.x


# -- what all of them use ----------------------------------------------------------------------------------------------


def _is_a_start(loss: ScoreLoss, found: Array, shares: Array, target: Array, weight: Array) -> bool:
    """Whether a minimum is one, and not where the search ends, and some row pulls at it."""
    if np.max(np.abs(found - np.mean(found))) > FAR - 1 if np.ndim(found) else abs(found) > FAR - 1:
        return False
    here, there = (np.abs(_slopes(loss, scores, target, weight)).max() for scores in (found, shares))
    return bool(here > PULL * there)


def _slopes(loss: ScoreLoss, scores: Array, target: Array, weight: Array) -> Array:
    constant = np.array(np.broadcast_to(scores, (len(target), *np.shape(scores))), "float64")
    return namespace(constant).gradient(lambda z: loss.terms(z, target, weight=weight).total, constant)


def _reach(target: Array) -> Array:
    """Where the best of a score can be that is a logit, a logarithm, or of the target's own unit."""
    far = np.log(max(float(np.max(np.abs(target))), 1.0)) + FAR
    return np.unique([*np.linspace(-far, far, 97), *np.quantile(target, np.linspace(0, 1, 33))])


def quantile(values: Array, weight: Array, level: Any) -> Any:
    """The weighted quantile: the least value that at least `level` of the weight does not exceed; level: any shape.

    Halfway to the next where exactly `level` of the weight is below, where all between are equally good.
    """
    values, weight = values[weight > 0], weight[weight > 0]
    order = np.argsort(values, kind="stable")
    values, weight = values[order], weight[order]
    share = np.cumsum(weight) / weight.sum()
    slack = 8 * np.finfo(float).eps * len(values)
    low, high = (np.minimum(np.searchsorted(share, level + off), len(values) - 1) for off in (-slack, slack))
    return (values[low] + values[high]) / 2


def _mean(loss: ScoreLoss, scores: Array, target: Array, weight: Array) -> float:
    constant = np.broadcast_to(scores, (len(target), *np.shape(scores)))
    return float(loss(constant, target, weight=weight))


def _minimum(objective: Callable[[float], float], grid: Array) -> float:
    """The best point of a grid, or what is better between its neighbours: there may be several valleys."""
    from scipy.optimize import minimize_scalar

    grid = np.unique(grid)
    with np.errstate(over="ignore"):  # where it is far off a loss may be infinite
        values = [objective(float(value)) for value in grid]
        best = int(np.nanargmin(values))
        low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, len(grid) - 1)])
        if low == high:
            return low
        found: Any = minimize_scalar(objective, bounds=(low, high), method="bounded", options={"xatol": 1e-9})
    return float(found.x) if found.fun < values[best] else float(grid[best])

"""The truth about a loss at given inputs: values and derivatives from the 50-digit twin, as exact as floats can ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from mpmath import mp, mpf

from losskit.core.domain import Interval, Labels, LogSimplex, Simplex
from tests.oracles.draw import batches
from tests.oracles.oracle import Case, Inputs

DIGITS = 50
STEP = -40  # decimal exponent of the difference step, relative to the coordinate


@dataclass(frozen=True)
class Exact:
    """A number to 50 digits, and the sum of the magnitudes of the terms it was summed from."""

    value: mpf
    scale: mpf

    @staticmethod
    def of(terms: Any) -> Exact:
        terms = terms if isinstance(terms, tuple) else (terms,)
        return Exact(mp.fsum(terms), mp.fsum(terms, absolute=True))


@dataclass(frozen=True)
class Partial:
    """First and second derivative in one coordinate, and both one-sided ones where the coordinate is at a kink."""

    first: Exact
    second: Exact
    left: tuple[mpf, mpf] | None = None
    right: tuple[mpf, mpf] | None = None
    at_kink: bool = False


@cache
def batches_of(case: Case, dtype: str) -> tuple[Inputs, ...]:
    return tuple(batches(case, dtype))


@cache
def values_of(case: Case, dtype: str) -> tuple[list[Exact], ...]:
    return tuple(values(case, inputs) for inputs in batches_of(case, dtype))


@cache
def partials_of(case: Case, dtype: str) -> tuple[dict[str, np.ndarray], ...]:
    return tuple(partials(case, inputs) for inputs in batches_of(case, dtype))


def values(case: Case, inputs: Inputs) -> list[Exact]:
    """The twin's values."""
    with mp.workdps(DIGITS):
        return [Exact.of(terms) for terms in _terms(case, [_exact(array) for array in inputs.values()])]


def partials(case: Case, inputs: Inputs) -> dict[str, np.ndarray]:
    """For each differentiable input an object array of Partial, None where the loss has no derivative.

    Of each value by its own inputs; for a batchwise loss, of the sum of the values by every coordinate.
    """
    found = {}
    for name in case.loss.differentiable:
        if name not in inputs:
            continue
        result = np.empty(inputs[name].shape, dtype=object)
        for index in np.ndindex(result.shape):
            result[index] = _partial(case, inputs, name, index)
        found[name] = result
    return found


def _partial(case: Case, inputs: Inputs, name: str, index: tuple[int, ...]) -> Partial | None:
    entry = dict(inputs)
    if not case.batchwise:
        entry = {key: array[index[0] : index[0] + 1] for key, array in inputs.items()}
        index = (0, *index[1:])
    if _on_the_edge(case, name, entry[name], index):
        return None
    if case.oracle.rough is not None:
        exact = [_exact(array) for array in entry.values()]
        if case.oracle.rough(case.loss, *(exact if case.batchwise else [array[0] for array in exact])):
            return None
    x = float(entry[name][index])
    kink = _kink(case, entry, name, x)
    magnitudes = [abs(float(v)) for a in entry.values() if a.dtype.kind == "f" for v in a.flat if v != 0]
    size = abs(x) if x != 0 else min([*magnitudes, 1.0])
    with mp.workdps(DIGITS):
        h = mpf(size) * mpf(10) ** STEP
        # A second difference over steps of h keeps 50 digits of a square of the largest input.
        digits = DIGITS + int(2.2 * float(mp.log10(max([*magnitudes, 1.0]) / h)))
    with mp.workdps(digits):

        def f(offset: mpf) -> tuple[mpf, ...]:
            arguments = [_exact(array) for array in entry.values()]
            _add(arguments[list(entry).index(name)], index, offset)
            terms = [t if isinstance(t, tuple) else (t,) for t in _terms(case, arguments)]
            return tuple(term for value in terms for term in value)

        below, here, above = f(-h), f(mpf(0)), f(h)
        first = tuple((a - b) / (2 * h) for a, b in zip(above, below, strict=True))
        second = tuple((a - 2 * c + b) / h**2 for a, b, c in zip(above, below, here, strict=True))
        if kink is None:
            return Partial(Exact.of(first), Exact.of(second))
        left, right = (_one_sided(lambda step, side=side: f(kink - x + step), side * h) for side in (-1, 1))
        return Partial(Exact.of(first), Exact.of(second), left, right, at_kink=kink == x)


def _one_sided(f: Callable[[mpf], tuple[mpf, ...]], h: mpf) -> tuple[mpf, mpf]:
    """First and second derivative from the side that h points to, to h's precision squared."""
    f0, f1, f2, f3 = (mp.fsum(f(k * h)) for k in range(4))
    return (-11 * f0 + 18 * f1 - 9 * f2 + 2 * f3) / (6 * h), (2 * f0 - 5 * f1 + 4 * f2 - f3) / h**2


def _kink(case: Case, entry: Inputs, name: str, x: float) -> mpf | None:
    """The kink that rounding cannot tell the coordinate from."""
    if case.oracle.kinks is None or name != case.loss.inputs[0]:
        return None
    others = [_exact(entry[key][0]) for key in case.loss.inputs[1:] if key in entry]
    eps = np.finfo(entry[name].dtype).eps
    with mp.workdps(2 * DIGITS):
        # What is rounded on the way to a kink is the residual; residuals smaller than it are exact.
        near = 8 * eps * abs(x - (others[0] if others else 0))
        return next((kink for kink in case.oracle.kinks(case.loss, *others) if abs(kink - x) <= near), None)


def _on_the_edge(case: Case, name: str, array: np.ndarray, index: tuple[int, ...]) -> bool:
    """Whether the coordinate lies on the border of the domain, where there are no two sides."""
    domain, x = case.domain(name), float(array[index])
    if isinstance(domain, Interval):
        return x in (domain.lower, domain.upper)
    if isinstance(domain, Simplex) or (isinstance(domain, Labels) and case.form == "probabilities"):
        return x == 0
    return isinstance(domain, LogSimplex) and x == 0


def _terms(case: Case, arguments: list[Any]) -> list[Any]:
    if case.batchwise:
        return list(case.oracle.twin(case.loss, *arguments))
    return [case.oracle.twin(case.loss, *entry) for entry in zip(*arguments, strict=True)]


def _exact(array: np.ndarray) -> Any:
    if array.ndim:
        return [_exact(part) for part in array]
    return mpf(float(array)) if array.dtype.kind == "f" else int(array)


def _add(nested: Any, index: tuple[int, ...], offset: mpf) -> None:
    for position in index[:-1]:
        nested = nested[position]
    nested[index[-1]] += offset

"""The truth about a loss at given inputs: values and derivatives from the 50-digit twin, as exact as floats can ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
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
    """A number to 50 digits, the magnitude its error is measured against, and how many times the ulps are allowed."""

    value: mpf
    scale: mpf
    condition: float = 1.0
    noise: mpf | int = 0
    """What a derivative by differences may itself be off."""

    @staticmethod
    def of(terms: Any, condition: float = 1.0, noise: mpf | int = 0) -> Exact:
        terms = terms if isinstance(terms, tuple) else (terms,)
        return Exact(mp.fsum(terms), mp.fsum(terms, absolute=True), condition, noise)


@dataclass(frozen=True)
class Partial:
    """First and second derivative in one coordinate; beside a kink also its one-sided ones, from left and right."""

    exact: tuple[Exact, Exact]
    sides: tuple[tuple[mpf, mpf], tuple[mpf, mpf]] | None = None
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
    if case.batchwise:
        return _values(case, inputs)
    return [exact for i in range(len(inputs[case.names[0]])) for exact in _values(case, _entry(inputs, i))]


def _values(case: Case, inputs: Inputs) -> list[Exact]:
    with mp.workdps(_digits(inputs, 1.0)):
        arguments = [_exact(array) for array in inputs.values()]
        conditions = _conditions(case, arguments, 0)
        return [Exact.of(terms, c) for terms, c in zip(_terms(case, arguments, arguments), conditions, strict=True)]


def _entry(inputs: Inputs, i: int) -> Inputs:
    return {name: array[i : i + 1] for name, array in inputs.items()}


def _conditions(case: Case, arguments: list[Any], order: int) -> list[float]:
    if case.oracle.condition is None:
        return [1.0] * len(arguments[0])
    return [float(case.oracle.condition(order, case.loss, *entry)) for entry in zip(*arguments, strict=True)]


def _magnitudes(inputs: Inputs) -> list[float]:
    return [abs(float(v)) for array in inputs.values() if array.dtype.kind == "f" for v in array.flat if v != 0]


def _digits(inputs: Inputs, least: float | mpf) -> int:
    """What keeps 50 digits of a difference of squares, of the largest input and of the least one (or `least`)."""
    sizes = [*_magnitudes(inputs), 1.0]
    return DIGITS + int(2.2 * float(mp.log10(mpf(max(sizes)) / min(*sizes, least))))


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
    entry = inputs if case.batchwise else _entry(inputs, index[0])
    index = index if case.batchwise else (0, *index[1:])
    if _on_the_edge(case, name, entry[name], index):
        return None
    if case.oracle.rough is not None:
        exact = [_exact(array) for array in entry.values()]
        if case.oracle.rough(case.loss, *(exact if case.batchwise else [array[0] for array in exact])):
            return None
    x = float(entry[name][index])
    kink = _kink(case, entry, name, x)
    h = mpf(min([abs(x), 1.0] if x != 0 else [*_magnitudes(entry), 1.0])) * mpf(10) ** STEP
    with mp.workdps(_digits(entry, h)):
        still = [_exact(array) for array in entry.values()]

        def f(offset: mpf) -> tuple[mpf, ...]:
            arguments = [_exact(array) for array in entry.values()]
            _add(arguments[list(entry).index(name)], index, offset)
            terms = [t if isinstance(t, tuple) else (t,) for t in _terms(case, arguments, still)]
            return tuple(term for value in terms for term in value)

        below, here, above = f(-h), f(mpf(0)), f(h)
        first = tuple((a - b) / (2 * h) for a, b in zip(above, below, strict=True))
        second = tuple((a - 2 * c + b) / h**2 for a, b, c in zip(above, below, here, strict=True))
        noise = mp.fsum(here, absolute=True) * mpf(10) ** (5 - mp.dps)
        exact = [
            Exact.of(terms, max(_conditions(case, still, order)), noise / h**order)
            for order, terms in enumerate((here, first, second))
        ]
        exact[1] = replace(exact[1], noise=exact[1].noise + exact[2].scale * abs(h) * mpf(10) ** (STEP / 2))
        for order in case.oracle.cancelling:
            scale = max(exact[order].scale, exact[order - 1].scale / _extent(case, entry, name, index))
            exact[order] = replace(exact[order], scale=scale)
        if kink is None:
            return Partial((exact[1], exact[2]))
        left, right = (_one_sided(lambda step, side=side: f(kink - x + step), side * h) for side in (-1, 1))
        if kink == x:  # here the differences above straddle the kink
            exact[1] = replace(exact[1], value=(left[0] + right[0]) / 2)
        return Partial((exact[1], exact[2]), (left, right), at_kink=kink == x)


def _extent(case: Case, entry: Inputs, name: str, index: tuple[int, ...]) -> float:
    """The length over which a loss changes: the residual, or the largest entry of a row."""
    x = float(entry[name][index])
    if case.oracle.extent is not None:
        return float(case.oracle.extent(case.loss, x))
    if entry[name].ndim > 1:
        return float(np.abs(entry[name][index[0]]).max()) or 1.0
    return abs(x - float(entry[case.names[1]].flat[0])) or 1.0


def sides(case: Case, inputs: Inputs, i: int, position: tuple[int, ...], at: Any) -> list[tuple[mpf, mpf, mpf]]:
    """Value, first and second derivative of entry i from the left and from the right of a point.

    In the coordinate of the first input at `position` (empty: the input is a number). The others are as drawn.
    """
    name = case.names[0]
    entry = _entry(inputs, i)
    h = mpf(10) ** (STEP / 2)
    with mp.workdps(4 * DIGITS):

        def f(step: mpf) -> tuple[mpf, ...]:
            arguments = [_exact(array) for array in entry.values()]
            _add(arguments[0], (0, *position), at + step - mpf(float(entry[name][(0, *position)])))
            terms = _terms(case, arguments, [_exact(array) for array in entry.values()])[0]
            return terms if isinstance(terms, tuple) else (terms,)

        return [(mp.fsum(f(side * h)), *_one_sided(f, side * h)) for side in (-1, 1)]


def _one_sided(f: Callable[[mpf], tuple[mpf, ...]], h: mpf) -> tuple[mpf, mpf]:
    """First and second derivative from the side that h points to, to h's precision squared."""
    f0, f1, f2, f3 = (mp.fsum(f(k * h)) for k in range(4))
    return (-11 * f0 + 18 * f1 - 9 * f2 + 2 * f3) / (6 * h), (2 * f0 - 5 * f1 + 4 * f2 - f3) / h**2


def _kink(case: Case, entry: Inputs, name: str, x: float) -> mpf | None:
    """The kink that rounding cannot tell the coordinate from."""
    if case.oracle.kinks is None or name != case.names[0]:
        return None
    others = [_exact(entry[key][0]) for key in case.names[1:] if key in entry]
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


def _terms(case: Case, arguments: list[Any], still: list[Any]) -> list[Any]:
    """The twin's terms at the arguments; `still` is where they are before any is moved."""
    twin, loss = case.oracle.twin, case.loss
    if case.batchwise:
        return list(twin(loss, *arguments, held=tuple(still)) if case.oracle.held else twin(loss, *arguments))
    entries = zip(*arguments, strict=True)
    if case.oracle.held:
        return [twin(loss, *entry, held=held) for entry, held in zip(entries, zip(*still, strict=True), strict=True)]
    return [twin(loss, *entry) for entry in entries]


def _exact(array: np.ndarray) -> Any:
    if array.ndim:
        return [_exact(part) for part in array]
    return mpf(float(array)) if array.dtype.kind == "f" else int(array)


def _add(nested: Any, index: tuple[int, ...], offset: mpf) -> None:
    for position in index[:-1]:
        nested = nested[position]
    nested[index[-1]] += offset

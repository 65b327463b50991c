"""Inputs drawn from the declared domains: ordinary ones, around kinks, and extremes."""

from __future__ import annotations

import math
import zlib
from typing import Any

import numpy as np

from losskit.core.domain import Counts, Domain, Groups, Interval, Labels, LogSimplex, MultiHot, Signs, Simplex
from tests.oracles.oracle import Case, Inputs

# As of IEEE 754; bfloat16 is float32 with 7 bits of fraction, and its inputs are drawn as float32 and rounded.
LARGE = {"float64": 1e250, "float32": 1e30, "float16": 1e4, "bfloat16": 1e30}
SMALL = {"float64": 1e-250, "float32": 1e-30, "float16": 1e-4, "bfloat16": 1e-30}


def rounded(array: np.ndarray, dtype: str) -> np.ndarray:
    """The nearest numbers of a dtype, held in float32 for bfloat16, which NumPy has not."""
    if not np.issubdtype(array.dtype, np.floating):
        return array
    if dtype == "bfloat16":
        bits = array.astype(np.float32).view(np.uint32)
        return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)
    return array.astype(dtype)


def generator(case: Case, salt: str = "") -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(f"{case}{salt}".encode()))


def ordinary(case: Case, n: int, rng: np.random.Generator) -> Inputs:
    """n entries of the size that inputs usually have."""
    return _drawn(case, n, rng, "ordinary", "float64")


def extreme(case: Case, n: int, rng: np.random.Generator) -> Inputs:
    """n entries of the sizes at which formulas break."""
    return _drawn(case, n, rng, "extreme", "float64")


def batches(case: Case, dtype: str) -> list[Inputs]:
    """What value and derivatives are compared on: ordinary entries, some around kinks, extremes, hand-chosen ones."""
    rng = generator(case, dtype)
    if case.batchwise:
        kinds = ("ordinary", "ordinary", "extreme", "extreme")
        return [_drawn(case, 5, rng, kind, dtype) for kind in kinds]
    elementwise = not case.structured and all(not case.domain(name).columns for name in case.names)
    n = 20 if elementwise else 8
    parts = [_drawn(case, n, rng, "ordinary", dtype), _drawn(case, n, rng, "extreme", dtype)]
    if elementwise:
        parts.append(_near(case, n, rng, dtype))
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    # Hand-chosen entries take the place of the last ones: one shape for all, which JAX compiles for once.
    entries = [] if case.oracle.extra is None else list(case.oracle.extra(case.loss))
    for i, entry in enumerate(entries, start=1):
        for name, value in zip(case.names, entry, strict=False):
            joined[name][-i] = rounded(np.asarray(value, joined[name].dtype), dtype)
    return [joined]


def _near(case: Case, n: int, rng: np.random.Generator, dtype: str) -> Inputs:
    """Ordinary inputs with the first one at a kink, one unit beside it, or close to it."""
    drawn = _drawn(case, n, rng, "ordinary", dtype)
    first, *others = case.names
    domain = case.domain(first)
    for i in range(n):
        at = kinks(case, *(float(drawn[name][i]) for name in others))
        if not at and others and isinstance(case.domain(others[0]), Interval):
            at = [float(drawn[others[0]][i])]
        if not at or not isinstance(domain, Interval):
            continue
        kink = at[i % len(at)]
        offset = (0.0, 0.0, 1e-6, -1e-6, 1e-3, -1e-3, 0.03, -0.03)[(i // len(at)) % 8]
        value = rounded(np.asarray(kink + offset * max(1.0, abs(kink))), dtype)
        if domain.lower < value < domain.upper:
            drawn[first][i] = value
    return drawn


def kinks(case: Case, *others: float) -> list[float]:
    return [] if case.oracle.kinks is None else [float(kink) for kink in case.oracle.kinks(case.loss, *others)]


def _drawn(case: Case, n: int, rng: np.random.Generator, kind: str, dtype: str) -> Inputs:
    if case.oracle.draw is not None:
        drawn = case.oracle.draw(case, n, rng, kind, dtype)
        return {name: rounded(array, dtype) for name, array in drawn.items()}
    inputs = {}
    reach = case.oracle.reach(case.loss) if callable(case.oracle.reach) else case.oracle.reach
    for name in case.names:
        domain = case.domain(name)
        row = domain.columns or (domain.integer and case.form == "probabilities")
        shape = (n, *case.oracle.shapes.get(name, (case.oracle.columns,) if row else ()))
        array = values(domain, rng, shape, kind, dtype, case)
        if name in reach:
            array = np.clip(array, *reach[name])
        if case.oracle.least and array.dtype.kind == "f":
            array = np.where(np.abs(array) < case.oracle.least, 0.0, array)
        inputs[name] = rounded(array, dtype)
    return inputs


def values(
    domain: Domain, rng: np.random.Generator, shape: tuple[int, ...], kind: str, dtype: str, case: Case
) -> np.ndarray:
    """An array of what a domain may hold."""
    if isinstance(domain, Labels):
        if case.form == "indices":
            return rng.integers(0, case.oracle.columns + domain.extra, shape)
        domain = Simplex()
    if isinstance(domain, Groups):
        return rng.integers(0, 3, shape)
    if isinstance(domain, Simplex):
        return _simplex(rng, shape, kind)
    if isinstance(domain, LogSimplex):
        logits = _reals(rng, shape, kind, dtype, 1e4)
        top = logits.max(-1, keepdims=True)
        return logits - top - np.log(np.exp(logits - top).sum(-1, keepdims=True))
    if isinstance(domain, Signs):
        return rng.choice([-1.0, 1.0], shape)
    if isinstance(domain, MultiHot):
        return rng.choice([0.0, 1.0], shape)
    if isinstance(domain, Counts):
        large = min(LARGE[dtype], 1e8)
        return rng.poisson(3, shape) * 1.0 if kind == "ordinary" else rng.choice([0.0, 1.0, 100.0, large], shape)
    if isinstance(domain, Interval):
        return _interval(domain, rng, shape, kind, dtype)
    return _reals(rng, shape, kind, dtype)


def _reals(
    rng: np.random.Generator, shape: tuple[int, ...], kind: str, dtype: str, large: float | None = None
) -> np.ndarray:
    if kind == "ordinary":
        return rng.normal(0, 2, shape)
    large = large or LARGE[dtype]
    sizes = [0.0, SMALL[dtype], 1e-8, 1e-3, 1.0, 30.0, 88.0, 1e4, 1e4, math.sqrt(large), large]
    if dtype == "float16":
        sizes = [size for size in sizes if size == 0 or size >= SMALL[dtype]]
    return rng.choice(sizes, shape) * rng.choice([-1.0, 1.0], shape) * rng.choice([1.0, 0.7], shape)


def _interval(domain: Interval, rng: np.random.Generator, shape: tuple[int, ...], kind: str, dtype: str) -> np.ndarray:
    below, above = domain.lower > -math.inf, domain.upper < math.inf
    if not below and not above:
        return _reals(rng, shape, kind, dtype)
    if below and above:
        span = domain.upper - domain.lower
        if kind == "ordinary":
            return domain.lower + span * rng.uniform(0.02, 0.98, shape)
        fractions = np.array([0.0, SMALL[dtype], 1e-6, 1e-3, 0.5, 1 - 1e-3, 1 - 1e-6, 1.0])
        return _opened(domain, domain.lower + span * rng.choice(fractions, shape), dtype)
    distance = np.exp(rng.normal(0, 1, shape)) if kind == "ordinary" else np.abs(_reals(rng, shape, kind, dtype))
    return _opened(domain, domain.lower + distance if below else domain.upper - distance, dtype)


def _opened(domain: Interval, array: np.ndarray, dtype: str) -> np.ndarray:
    """Numbers that rounding put on an open end, moved inside by one unit in the last place (or off 0)."""
    array = rounded(array, dtype).astype(np.float64)
    step = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}[dtype]
    if domain.lower_open:
        array = np.where(array <= domain.lower, domain.lower + (step * abs(domain.lower) or SMALL[dtype]), array)
    if domain.upper_open:
        array = np.where(array >= domain.upper, domain.upper - (step * abs(domain.upper) or SMALL[dtype]), array)
    return array


def _simplex(rng: np.random.Generator, shape: tuple[int, ...], kind: str) -> np.ndarray:
    if kind == "ordinary":
        return rng.dirichlet(np.ones(shape[-1]), shape[:-1])
    rows: Any = np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
    softened = rng.choice([0.0, 1e-6, 1e-3], (*shape[:-1], 1))
    return rows * (1 - softened) + softened / shape[-1]

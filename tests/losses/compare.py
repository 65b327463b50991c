"""How near a framework's number is to the exact one, in units in the last place."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from mpmath import mp, mpf

from tests.oracles import Case
from tests.oracles.truth import Exact, Partial

DIGITS = {"float64": 52, "float32": 23, "float16": 10, "bfloat16": 7}
LEAST = {"float64": 2.0**-1022, "float32": 2.0**-126, "float16": 2.0**-14, "bfloat16": 2.0**-126}
FLUSHED = 16
GREATEST = {
    "float64": math.ldexp(1 - 2.0**-53, 1024),
    "float32": math.ldexp(1 - 2.0**-24, 128),
    "float16": 65504.0,
    "bfloat16": math.ldexp(1 - 2.0**-8, 128),
}


def error(actual: float, exact: Exact, dtype: str) -> float:
    """|actual − exact| in ulps of the larger of the exact value and the terms it is summed from, over the condition.

    An overflow of the exact value has to be infinite; an absolute error of FLUSHED times the least normal number is
    forgiven: JAX and TensorFlow flush what is smaller to zero, before it is multiplied by a constant or summed.
    """
    value, size = exact.value, max(abs(exact.value), exact.scale)
    margin = 1 - 16 * mpf(2) ** -DIGITS[dtype]
    if abs(value) > GREATEST[dtype] * margin:
        right = (
            actual == math.copysign(math.inf, float(mp.sign(value))) or abs(mpf(actual)) >= GREATEST[dtype] * margin**2
        )
        return 0.0 if right and not math.isnan(actual) else math.inf
    if size > GREATEST[dtype]:  # the terms overflow one by one: nothing is promised
        return 0.0
    if not math.isfinite(actual):
        return math.inf
    difference = abs(mpf(actual) - value)
    if difference <= FLUSHED * LEAST[dtype] + exact.noise:
        return 0.0
    ulp = mpf(2) ** (max(mp.floor(mp.log(size, 2)), math.log2(LEAST[dtype])) - DIGITS[dtype])
    return float(difference / ulp / exact.condition)


def check(case: Case, inputs: dict[str, np.ndarray], actual: Any, exact: list[Exact], dtype: str, ulps: float) -> None:
    """Every number within so many ulps, or the worst offender with its inputs."""
    actual = np.asarray(actual, np.float64).ravel()
    assert actual.shape == (len(exact),), f"{case}: {len(exact)} numbers expected, got {actual.shape}"
    errors = [error(float(a), e, dtype) for a, e in zip(actual, exact, strict=True)]
    worst = int(np.argmax(errors))
    assert errors[worst] <= ulps, (
        f"{case} [{worst}]: {errors[worst]:.3g} ulps of {dtype} (at most {ulps:g}): "
        f"got {actual[worst]!r}, exact {mp.nstr(exact[worst].value, 20)} "
        f"at { {name: array[worst * len(array) // len(exact)].tolist() for name, array in inputs.items()} }"
    )


def check_partials(
    case: Case, inputs: dict[str, np.ndarray], actual: Any, partials: np.ndarray, order: int, dtype: str, ulps: float
) -> None:
    """Every partial derivative of the order within so many ulps; at a kink, what the convention or its sides allow."""
    actual = np.asarray(actual, np.float64)
    assert actual.shape == partials.shape, (
        f"{case}: a derivative of shape {partials.shape} expected, got {actual.shape}"
    )
    for index in np.ndindex(partials.shape):
        partial: Partial | None = partials[index]
        if partial is None:
            continue
        got = float(actual[index])
        where = f"{case} at { {name: array[index[0]].tolist() for name, array in inputs.items()} }, coordinate {index}"
        exact = partial.exact[order - 1]
        if partial.sides is not None:
            sides = [side[order - 1] for side in partial.sides]
            low, high = min([*sides, 0] if order == 2 else sides), max([*sides, 0] if order == 2 else sides)
            if order == 2 or not partial.at_kink:
                exact = replace(exact, value=min(max(mpf(got), low), high))  # anything between the sides will do
            elif case.oracle.at_kink == "zero":
                exact = replace(exact, value=mpf(0))
            exact = replace(exact, scale=max(exact.scale, abs(low), abs(high)))
        off = error(got, exact, dtype)
        assert off <= ulps, (
            f"{where}: derivative {order} is {off:.3g} ulps of {dtype} off (at most {ulps:g}): "
            f"got {got!r}, exact {mp.nstr(exact.value, 20)}"
        )

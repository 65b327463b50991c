"""Values against the 50-digit twins, in every framework and precision; and the frameworks against each other."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp

import losskit
from tests.conftest import Framework
from tests.losses.compare import check
from tests.oracles import CASES, FIRST, ORACLES, Case
from tests.oracles.truth import Exact, batches_of, values_of


def test_every_loss_of_the_catalogue_has_an_oracle():
    assert losskit.Loss  # loads the catalogue
    own = {name for name, cls in losskit.catalogue.items() if cls.__module__.startswith("losskit.")}
    assert set(ORACLES) == own


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_value(case: Case, framework: Framework, dtype: str):
    for inputs, exact in zip(batches_of(case, dtype), values_of(case, dtype), strict=True):
        if case.reduction == "mean":
            actual = [call(case, framework, one(inputs, i), dtype) for i in range(len(exact))]
        else:
            actual = call(case, framework, inputs, dtype)
        check(case, inputs, actual, exact, dtype, case.oracle.ulps)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("case", FIRST, ids=str)
def test_half_precision(case: Case, framework: Framework, dtype: str):
    """Computed in float32: a reduced value is as good as float32, single values are rounded to the input's dtype."""
    if (framework.name, dtype) == ("numpy", "bfloat16"):
        pytest.importorskip("ml_dtypes")  # teaches NumPy the name
    inputs, exact = batches_of(case, dtype)[0], values_of(case, dtype)[0]
    if case.reduction == "none":
        with np.errstate(all="ignore"):
            single = case.loss(**half(framework, inputs, dtype), reduction="none")
        assert framework.xp.dtype_name(single) == dtype
        check(case, inputs, framework.numpy(framework.xp.cast(single, "float32")), exact, dtype, case.oracle.ulps)
    # Of the first, ordinary entries, whose sum does not overflow; where the loss is no mean of values, of one entry.
    n = len(exact) if case.batchwise else 1 if case.reduction == "mean" else 8
    some = {name: array[:n] for name, array in inputs.items()}
    mean = case.loss(**half(framework, some, dtype))
    assert framework.xp.dtype_name(mean) == "float32"
    divisor = case.loss.terms(**{n: a.astype(float) if a.dtype.kind == "f" else a for n, a in some.items()}).weight
    check(case, some, [float(framework.numpy(mean))], [mean_of(exact[:n], float(divisor))], "float32", case.oracle.ulps)


def mean_of(exact: list[Exact], divisor: float) -> Exact:
    with mp.workdps(50):
        value, scale = (mp.fsum(getattr(e, part) for e in exact) / divisor for part in ("value", "scale"))
    return Exact(value, scale, max(e.condition for e in exact))


def one(inputs: dict[str, np.ndarray], i: int) -> dict[str, np.ndarray]:
    return {name: array[i : i + 1] for name, array in inputs.items()}


def call(case: Case, framework: Framework, inputs: dict[str, np.ndarray], dtype: str) -> np.ndarray:
    with np.errstate(all="ignore"):
        result = case.loss(**arrays(framework, inputs), reduction=case.reduction)
    assert framework.xp.dtype_name(result) == dtype
    return framework.numpy(result)


def arrays(framework: Framework, inputs: dict[str, np.ndarray]) -> dict:
    return {name: framework.array(array) for name, array in inputs.items()}


def half(framework: Framework, inputs: dict[str, np.ndarray], dtype: str) -> dict:
    """Inputs of half precision (exact, for they were rounded to it); indices stay."""
    given = arrays(framework, inputs)
    return {n: framework.xp.cast(a, dtype) if framework.xp.is_floating(a) else a for n, a in given.items()}

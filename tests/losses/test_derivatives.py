"""Gradient and curvature against the derivatives of the twins and against finite differences; frameworks agree."""

from __future__ import annotations

import numpy as np
import pytest

from tests.conftest import Framework, load
from tests.losses.compare import check_partials
from tests.losses.test_value import arrays, one
from tests.oracles import CASES, Case
from tests.oracles.draw import generator, ordinary
from tests.oracles.truth import batches_of, partials_of

# Automatic differentiation adds the rounding of every step's derivative to the rounding of its value.
GRADIENT_ULPS = 8.0
CURVATURE_ULPS = 8.0


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradient(case: Case, framework: Framework, dtype: str):
    """The twin's; at kinks and on borders, where the truth is more than one number, every framework has NumPy's."""
    for inputs, partials in zip(batches_of(case, dtype), partials_of(case, dtype), strict=True):
        for name, gradient in gradients(case, framework, inputs).items():
            check_partials(case, inputs, gradient, partials[name], 1, dtype, GRADIENT_ULPS * case.oracle.ulps)
            if framework.name == "numpy" or dtype != "float64":
                continue
            open_ = np.vectorize(lambda partial: partial is None or partial.sides is not None)(partials[name])
            if open_.any():
                mine = gradients(case, load("numpy"), inputs)[name][open_]
                np.testing.assert_allclose(gradient[open_], mine, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_curvature(case: Case, framework: Framework):
    if case.reduction == "mean" or case.batchwise or case.structured:
        pytest.skip("curvature is of single values")
    for inputs, partials in zip(batches_of(case, "float64"), partials_of(case, "float64"), strict=True):
        curvature = framework.numpy(case.loss.curvature(**arrays(framework, inputs)))
        exact = partials[case.names[0]]
        check_partials(case, inputs, curvature, exact, 2, "float64", CURVATURE_ULPS * case.oracle.ulps)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradient_by_finite_differences(case: Case):
    """Of the formula itself: the twins have no part in it. (torch's and JAX's: test_transforms.)"""
    if case.oracle.held:
        pytest.skip("what is held constant is not in the differences of the value")
    inputs = ordinary(case, 6, generator(case, "differences"))
    rng = generator(case, "directions")
    for name, gradient in gradients(case, load("numpy"), inputs).items():
        direction = rng.uniform(0.5, 1, inputs[name].shape)
        ahead, behind = (total(case, inputs | {name: inputs[name] + sign * 1e-6 * direction}) for sign in (1, -1))
        np.testing.assert_allclose((ahead - behind) / 2e-6, np.sum(gradient * direction), rtol=1e-5, atol=1e-5)


def total(case: Case, inputs: dict[str, np.ndarray]) -> float:
    """The sum of the values."""
    if case.reduction == "mean":
        return sum(float(case.loss(**one(inputs, i))) for i in range(len(inputs[case.names[0]])))
    return float(case.loss(**inputs, reduction="sum"))


def gradients(case: Case, framework: Framework, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Gradients of the sum of the values, by input."""
    if case.reduction == "mean":  # one number for a batch: of batches of one
        rows = [gradients_of(case, framework, one(inputs, i), "mean") for i in range(len(inputs[case.names[0]]))]
        return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
    return gradients_of(case, framework, inputs, "sum")


def gradients_of(
    case: Case, framework: Framework, inputs: dict[str, np.ndarray], reduction: str
) -> dict[str, np.ndarray]:
    names = [name for name in case.loss.differentiable if name in inputs]
    _, gradient = case.loss.value_and_gradient(**arrays(framework, inputs), reduction=reduction)
    found = gradient if len(case.loss.differentiable) > 1 else (gradient,)
    return {name: framework.numpy(array) for name, array in zip(names, found, strict=True)}

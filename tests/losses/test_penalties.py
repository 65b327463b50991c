"""Penalties on groups and matrices against NumPy's own norms, in every framework, with their gradients."""

from __future__ import annotations

import numpy as np
import pytest

import losskit
from tests.conftest import Framework

RNG = np.random.default_rng(17)
MATRIX = RNG.normal(size=(3, 5))
KERNEL = RNG.normal(size=(2, 2, 4, 3))  # as Keras has them: outputs last
BIAS = RNG.normal(size=(3,))


def rows_of(array: np.ndarray, axis: int) -> np.ndarray:
    return np.moveaxis(array, axis, 0).reshape(array.shape[axis], -1)


def group_lasso(rows: np.ndarray) -> float:
    return float(np.sqrt(rows.shape[1]) * np.linalg.norm(rows, axis=1).sum())


def orthogonality(rows: np.ndarray) -> float:
    rows = rows if rows.shape[0] <= rows.shape[1] else rows.T
    return float(np.linalg.norm(rows @ rows.T - np.eye(len(rows))) ** 2)


def spectral_norm(rows: np.ndarray) -> float:
    return float(np.linalg.norm(rows, 2) ** 2 / 2)


CASES = [
    (losskit.GroupLasso, {}, group_lasso),
    (losskit.Orthogonality, {}, orthogonality),
    (losskit.SpectralNorm, {"iterations": 300}, spectral_norm),
]
every = pytest.mark.parametrize(
    ("cls", "settings", "textbook"), CASES, ids=lambda value: getattr(value, "__name__", "")
)


@every
@pytest.mark.parametrize(("array", "axis"), [(MATRIX, 0), (MATRIX, 1), (KERNEL, -1), (KERNEL, 2)])
def test_a_penalty_is_the_textbooks_and_so_is_its_gradient(cls, settings, textbook, array, axis, framework: Framework):
    penalty = cls(axis=axis, **settings)
    given = framework.array(array)
    value, (gradient,) = framework.xp.value_and_gradient(penalty, (given,))
    assert float(framework.numpy(value)) == pytest.approx(textbook(rows_of(array, axis)), rel=1e-9)
    direction = np.random.default_rng(0).normal(size=array.shape)
    ahead, behind = (textbook(rows_of(array + sign * 1e-5 * direction, axis)) for sign in (1, -1))
    slope = float(np.sum(framework.numpy(gradient) * direction))
    assert (ahead - behind) / 2e-5 == pytest.approx(slope, rel=1e-5)


@every
def test_biases_count_nothing_and_arrays_add_up(cls, settings, textbook):
    penalty = cls(**settings)
    assert penalty([BIAS]) == 0
    assert penalty({"w": MATRIX, "b": BIAS, "v": MATRIX.T}) == pytest.approx(penalty([MATRIX]) + penalty([MATRIX.T]))
    assert losskit.from_config(penalty.config()) == penalty


@every
def test_zero_matrices_have_a_finite_gradient(cls, settings, textbook, framework: Framework):
    _, (gradient,) = framework.xp.value_and_gradient(cls(**settings), (framework.array(np.zeros((3, 4))),))
    assert not framework.numpy(gradient).any()


def test_orthonormal_rows_cost_nothing():
    wide = np.linalg.qr(MATRIX.T)[0].T
    assert losskit.Orthogonality()(wide) == pytest.approx(0, abs=1e-25)
    assert losskit.Orthogonality()(wide.T) == pytest.approx(0, abs=1e-25)
    assert losskit.Orthogonality()(2 * wide) == pytest.approx(27)
    assert losskit.SpectralNorm()(2 * wide) == pytest.approx(2)


def test_iterations_are_counted():
    with pytest.raises(ValueError, match="iterations: expected a whole number >= 1, got 0"):
        losskit.SpectralNorm(iterations=0)

"""losskit in JAX: plain functions that every transformation takes."""

from __future__ import annotations

import numpy as np
import pytest

import losskit

jax = pytest.importorskip("jax")
jnp = jax.numpy

Z, Y = jnp.asarray(np.random.default_rng(0).normal(size=(6, 4))), jnp.asarray([0, 1, 2, 3, 0, 1])


def test_function_under_every_transformation() -> None:
    function = losskit.jax.function(losskit.CrossEntropy())
    expected = float(losskit.CrossEntropy()(np.asarray(Z), np.asarray(Y)))
    assert float(function(Z, Y)) == pytest.approx(expected, rel=1e-5)
    assert float(jax.jit(function)(Z, Y)) == pytest.approx(expected, rel=1e-5)
    gradient = jax.jit(jax.grad(function))(Z, Y)
    np.testing.assert_allclose(gradient, (jax.nn.softmax(Z) - jax.nn.one_hot(Y, 4)) / 6, atol=1e-6)
    each = jax.vmap(losskit.jax.function(losskit.CrossEntropy()))(Z, Y)
    assert float(each.mean()) == pytest.approx(expected, rel=1e-5)
    assert jax.hessian(function)(Z, Y).shape == (6, 4, 6, 4)
    _, tangent = jax.jvp(lambda z: function(z, Y), (Z,), (jnp.ones_like(Z),))
    assert abs(float(tangent)) < 1e-6  # a constant added to all scores changes nothing


def test_objective_with_parameters_and_options() -> None:
    function = losskit.jax.function(losskit.MSE() + 0.5 * losskit.L2())
    x = jnp.asarray([1.0, 2.0])
    theta = {"w": jnp.asarray([2.0])}
    assert float(jax.jit(lambda x, t: function(x, jnp.zeros(2), parameters=t))(x, theta)) == pytest.approx(3.5)
    total = losskit.jax.function(losskit.MSE(), reduction="sum")
    assert float(total(x, jnp.zeros(2), mask=jnp.asarray([True, False]))) == 1.0
    assert losskit.jax.function(losskit.Huber()).__name__ == "Huber"


def test_shapes_are_checked_while_tracing() -> None:
    with pytest.raises(losskit.ShapeError):
        jax.jit(losskit.jax.function(losskit.MSE()))(jnp.zeros(3), jnp.zeros((3, 1)))

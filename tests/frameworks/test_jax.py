"""losskit in JAX: plain functions that every transformation takes."""

from __future__ import annotations

import os
import subprocess
import sys

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


SHARDED = """
import jax, numpy as np, losskit
from jax.sharding import Mesh, PartitionSpec as P
random, loss = np.random.default_rng(0), losskit.CrossEntropy(label_smoothing=0.1)
z, y, w = np.float32(random.normal(size=(8, 5))), random.integers(0, 5, 8), np.float32(random.uniform(size=8))
def mean(z, y, w):
    terms = loss.terms(z, y, weight=w)
    return jax.lax.psum(terms.total, "rows") / jax.lax.psum(terms.weight, "rows")
sharded = jax.shard_map(mean, mesh=Mesh(np.array(jax.devices()), "rows"), in_specs=P("rows"), out_specs=P())
found = jax.value_and_grad(lambda z: sharded(z, y, w))(jax.numpy.asarray(z))
whole = loss.value_and_gradient(jax.numpy.asarray(z), jax.numpy.asarray(y), weight=jax.numpy.asarray(w))
assert len(jax.devices()) == 2
for a, b in zip(found, whole):
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)
"""


def test_terms_of_shards_add_up() -> None:
    flag = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2", "JAX_PLATFORMS": "cpu"}
    subprocess.run([sys.executable, "-c", SHARDED], env=os.environ | flag, check=True)


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

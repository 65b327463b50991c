"""Differentiation, inspection and dtypes."""

from __future__ import annotations

import math
import warnings

import numpy
import pytest

from losskit.arrays import namespace


def test_value_and_gradient_by_several_arguments(framework):
    x, y = framework.array([1.0, 2.0]), framework.array([3.0, 5.0])

    def function(x, name, y):
        xp = framework.namespace(x, y)
        assert name == "passed on"
        return xp.sum(x * x * y)

    value, gradients = framework.xp.value_and_gradient(function, (x, "passed on", y), wrt=(2, 0))
    assert float(value) == 23.0
    assert [framework.numpy(g).tolist() for g in gradients] == [[1.0, 4.0], [6.0, 20.0]]


def test_a_constant_has_gradient_zero(framework):
    x = framework.array([1.0, 2.0])

    def constant(x):
        xp = framework.namespace(x)
        return xp.sum(xp.stop_gradient(x))

    assert framework.numpy(framework.xp.gradient(constant, x)).tolist() == [0.0, 0.0]
    assert framework.numpy(
        framework.xp.gradient(lambda x: framework.xp.sum(framework.xp.ones_like(framework.array([1.0]))), x)
    ).tolist() == [0.0, 0.0]


def test_to_numpy_inside_a_derivative_is_the_value():
    x = numpy.array([1.0, 2.0])
    seen = []

    def function(x):
        xp = namespace(x)
        seen.append(xp.to_numpy(x * 2))
        assert not xp.is_traced(x)
        return xp.sum(x)

    namespace(x).gradient(function, x)
    assert seen[0].tolist() == [2.0, 4.0]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtypes(framework, dtype):
    xp = framework.xp
    x = framework.array([1.0, 2.0], dtype)
    assert xp.dtype_name(x) == dtype
    assert xp.is_floating(x)
    assert not xp.is_floating(framework.array([1, 2]))
    assert not xp.is_floating(x > 1)
    assert xp.eps(x) == numpy.finfo(dtype).eps
    assert xp.dtype_name(xp.cast(framework.array([1, 2]), x)) == dtype
    assert xp.dtype_name(xp.cast(x, "int32")) == "int32"
    assert xp.dtype_name(xp.asarray([1.5], like=x)) == dtype
    assert xp.dtype_name(xp.softplus(x) + xp.maximum(x, 1.5) + xp.where(x > 1, x, 0.0)) == dtype
    assert "int" in xp.dtype_name(xp.asarray([1, 2], like=x))
    assert xp.dtype_name(xp.asarray(numpy.ones(2, "float32"), like=x)) == "float32"


def test_bfloat16(framework):
    if framework.name == "numpy":
        pytest.skip("NumPy has no bfloat16")
    xp = framework.xp
    x = xp.cast(framework.array([1.0, 2.0], "float32"), "bfloat16")
    assert xp.dtype_name(x) == "bfloat16"
    assert xp.is_floating(x)
    assert xp.eps(x) == 2.0**-7
    assert framework.numpy(x).dtype == "float32"
    assert framework.numpy(x).tolist() == [1.0, 2.0]


def test_plain_arrays_are_neither_traced_nor_on_an_accelerator(framework):
    x = framework.array([1.0])
    assert not framework.xp.is_traced(x)
    assert not framework.xp.on_accelerator(x)


def test_traced_torch():
    torch = pytest.importorskip("torch")
    seen = []

    def function(x):
        seen.append(namespace(x).is_traced(x))
        return x.sum()

    torch.func.vmap(function)(torch.ones(2, 2))
    torch.compile(function, fullgraph=True, backend="eager")(torch.ones(2))
    assert seen == [True, True]


def test_traced_jax():
    jax = pytest.importorskip("jax")
    seen = []

    def function(x):
        xp = namespace(x)
        seen.append((xp.is_traced(x), xp.on_accelerator(x)))
        return x.sum()

    jax.jit(function)(jax.numpy.ones(2))
    jax.vmap(function)(jax.numpy.ones((2, 2)))
    assert seen == [(True, False)] * 2


def test_traced_tensorflow():
    pytest.importorskip("keras")
    tf = pytest.importorskip("tensorflow")
    from losskit.arrays.tensorflow import is_traced

    seen = []

    @tf.function
    def function(x):
        seen.append(is_traced(x))
        return x

    function(tf.ones(2))
    assert seen == [True]


def test_numpy_does_not_warn_about_infinities():
    xp = namespace(1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert xp.exp(numpy.array(1e4)) == numpy.inf
        assert xp.log(numpy.array(0.0)) == -numpy.inf
        assert numpy.isnan(xp.log_softmax(numpy.array([numpy.inf, 1.0]))).all()
        assert numpy.isinf(xp.gradient(lambda x: namespace(x).sum(namespace(x).sqrt(x)), numpy.zeros(1)))


def test_torch_takes_read_only_and_reversed_numpy_arrays():
    pytest.importorskip("torch")
    from losskit.arrays.torch import xp

    frozen = numpy.arange(3.0)
    frozen.flags.writeable = False
    assert xp.asarray(frozen).tolist() == [0.0, 1.0, 2.0]
    assert xp.asarray(numpy.arange(3.0)[::-1]).tolist() == [2.0, 1.0, 0.0]


def test_extremes(framework):
    xp = framework.xp
    assert xp.extremes(framework.array([[2.0, -1.0], [0.5, 1.0]])) == (-1.0, 2.0)
    assert xp.extremes(framework.array([3, 1])) == (1, 3)
    assert xp.extremes(framework.array(2.0)) == (2.0, 2.0)
    assert all(math.isnan(one) for one in xp.extremes(framework.array([1.0, math.nan, 2.0])))
    assert all(math.isnan(one) for one in xp.extremes(framework.array([1.0])[:0]))


def test_a_tensor_where_it_should_be_stays_itself():
    torch = pytest.importorskip("torch")
    x, y = torch.ones(2, requires_grad=True), torch.ones(2)
    xp = namespace(x)
    assert xp.asarray(x) is x
    assert xp.asarray(y, like=x) is y
    assert xp.asarray(y, like=torch.ones(2, device="meta")).device.type == "meta"

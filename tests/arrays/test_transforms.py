"""The vocabulary under the frameworks' own transformations."""

from __future__ import annotations

import numpy
import pytest

from losskit.arrays import namespace

X = numpy.array([[0.0, 1.5, -2.0], [100.0, -100.0, 0.5]])


def body(x):
    """Uses every kind of function; one number per row."""
    xp = namespace(x)
    index = xp.argmax(x, axis=-1, keepdims=True)
    top = xp.squeeze(xp.take_along_axis(x, index, axis=-1), axis=-1)
    elementwise = (
        xp.softplus(x) + xp.log_sigmoid(x) * xp.sigmoid(x) + xp.maximum(xp.abs(x), 1.0) + xp.clip(x, -1.0, 1.0)
        + xp.relu(x) + xp.tanh(x) + xp.erf(x) + xp.power(xp.square(x) + 1.0, 0.5)
        + xp.xlogy(xp.sigmoid(x), xp.exp(x) + 1.0) + xp.lgamma(xp.softplus(x) + 1.0) + xp.minimum(x, 2.0)
        + xp.log1mexp(-xp.softplus(x) - 0.1) + xp.sign(x)
    )  # fmt: skip
    along = (
        xp.log_softmax(x) * xp.softmax(x) + xp.cumsum(x, axis=-1) + xp.sort(x) + xp.flip(x) + xp.logcumsumexp(x)
        + xp.one_hot(xp.squeeze(index, axis=-1), 3, dtype=x)
    )  # fmt: skip
    return xp.logsumexp(x) + xp.safe_norm(x) + top + xp.sum(elementwise + along, axis=-1) + xp.max(x, axis=-1)


def total(x):
    return namespace(x).sum(body(x))


@pytest.fixture(scope="module")
def expected():
    """Value per row, gradient, and Hessian of each row, by NumPy (which the contract proves right)."""
    xp = namespace(X)
    columns = []
    for j in range(3):
        columns.append(xp.gradient(lambda x, j=j: namespace(x).sum(namespace(x).gradient(total, x)[:, j]), X))
    return body(X), xp.gradient(total, X), numpy.stack(columns, axis=1)


def agree(got, wanted):
    numpy.testing.assert_allclose(
        numpy.asarray(got), wanted, rtol=1e-8, atol=1e-12
    )  # torch's second derivative of lgamma is good to 1e-9


def test_torch_compile(expected):
    torch = pytest.importorskip("torch")
    x = torch.tensor(X, requires_grad=True)
    value = torch.compile(body, fullgraph=True, backend="aot_eager")(x)
    agree(value.detach(), expected[0])
    agree(torch.autograd.grad(value.sum(), x)[0], expected[1])


def test_torch_compiled_gradient(expected):
    torch = pytest.importorskip("torch")

    @torch.compile(fullgraph=True, backend="aot_eager")
    def both(x):
        return namespace(x).value_and_gradient(total, (x,))

    value, (gradient,) = both(torch.tensor(X))
    agree(value, expected[0].sum())
    agree(gradient, expected[1])


def test_torch_func(expected):
    torch = pytest.importorskip("torch")
    x = torch.tensor(X)
    agree(torch.func.vmap(body)(x), expected[0])
    agree(torch.func.vmap(torch.func.grad(body))(x), expected[1])
    agree(torch.func.jvp(total, (x,), (torch.ones_like(x),))[1], expected[1].sum())
    agree(torch.func.vmap(torch.func.hessian(body))(x), expected[2])


def test_torch_double_backward(expected):
    torch = pytest.importorskip("torch")
    x = torch.tensor(X, requires_grad=True)
    (gradient,) = torch.autograd.grad(total(x), x, create_graph=True)
    agree(torch.autograd.grad(gradient.sum(), x)[0], expected[2].sum(1))
    value, (gradient,) = namespace(x).value_and_gradient(total, (x,))  # inside a larger graph
    agree(torch.autograd.grad(value + gradient.sum(), x)[0], expected[1] + expected[2].sum(1))


def test_jax(expected):
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    x = jax.numpy.asarray(X)
    agree(jax.jit(body)(x), expected[0])
    agree(jax.jit(jax.vmap(jax.grad(body)))(x), expected[1])
    agree(jax.jit(jax.vmap(jax.hessian(body)))(x), expected[2])
    agree(jax.jit(lambda x: jax.jvp(total, (x,), (jax.numpy.ones_like(x),))[1])(x), expected[1].sum())


def test_tensorflow(expected):
    pytest.importorskip("keras")
    tf = pytest.importorskip("tensorflow")
    if namespace(tf.ones(1)).framework != "keras":
        pytest.skip("Keras runs on another backend")

    @tf.function(input_signature=[tf.TensorSpec((None, 3), "float64")])
    def both(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = body(x)
        return value, tape.gradient(value, x)

    value, gradient = both(tf.constant(X))
    agree(value, expected[0])
    agree(gradient, expected[1])

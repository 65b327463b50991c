"""Every transform goes through a loss: compile, vmap, jvp, hessian, double backward, jit, tf.function."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import losskit
from tests.conftest import load
from tests.losses.test_laws import batch
from tests.oracles import FIRST, ORACLES, Case

N = 3


def tensors(case: Case, name: str) -> tuple[list[Any], list[int]]:
    """The inputs in a framework, and the positions of those a gradient is for."""
    framework = load(name)
    given = [framework.array(array) for array in batch(case, N).values()]
    return given, [i for i, key in enumerate(case.names) if key in case.loss.differentiable]


def same(a: Any, b: Any) -> None:
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("case", FIRST, ids=str)
def test_torch_compile(case: Case):
    compiled(case, "aot_eager")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Huber", "LogCosh", "GaussianNegativeLogLikelihood"])
def test_torch_compile_to_kernels(name: str):
    compiled(ORACLES[name].cases()[0], "inductor")


def compiled(case: Case, backend: str) -> None:
    """In one graph; value and gradient as without."""
    torch = pytest.importorskip("torch")
    inputs, wrt = tensors(case, "torch")
    torch._dynamo.reset()

    def run(function: Any) -> list[Any]:
        leaves = [x.clone().requires_grad_() if i in wrt else x for i, x in enumerate(inputs)]
        value = function(*leaves)
        gradients = torch.autograd.grad(value, [leaves[i] for i in wrt]) if wrt else ()
        return [value.detach(), *gradients]

    for fast, plain in zip(run(torch.compile(case.loss, fullgraph=True, backend=backend)), run(case.loss), strict=True):
        same(fast, plain)


@pytest.mark.parametrize("case", FIRST, ids=str)
def test_torch_derivatives_by_finite_differences(case: Case):
    """First and second, forward and backward, through vmap too: gradcheck and gradgradcheck know how."""
    if case.oracle.held:
        pytest.skip("what is held constant is not in the differences of the value")
    torch = pytest.importorskip("torch")
    inputs, wrt = tensors(case, "torch")

    def f(*moving: Any) -> Any:
        given = list(inputs)
        for i, x in zip(wrt, moving, strict=True):
            given[i] = x
        return case.loss(*given)

    leaves = tuple(inputs[i].clone().requires_grad_() for i in wrt)
    assert torch.autograd.gradcheck(f, leaves, check_forward_ad=True, check_batched_grad=True, atol=1e-6)
    assert torch.autograd.gradgradcheck(f, leaves, atol=1e-6)


@pytest.mark.parametrize("case", FIRST, ids=str)
def test_torch_func(case: Case):
    torch = pytest.importorskip("torch")
    inputs, wrt = tensors(case, "torch")
    with torch.no_grad():
        doubled = [torch.stack([x, x.flip(0)]) for x in inputs]
        one_by_one = torch.stack([case.loss(*(x[k] for x in doubled)) for k in range(2)])
        same(torch.func.vmap(case.loss)(*doubled), one_by_one)
    if not wrt:
        return
    first, rest = inputs[wrt[0]], inputs[wrt[0] + 1 :]

    def f(x: Any) -> Any:
        return case.loss(*inputs[: wrt[0]], x, *rest)

    gradient = torch.func.grad(f)(first)
    direction = torch.linspace(-1, 1, first.numel(), dtype=first.dtype).reshape(first.shape)
    value, slope = torch.func.jvp(f, (first,), (direction,))
    same(value, f(first))
    same(slope, (gradient * direction).sum())
    hessian = torch.func.hessian(f)(first).reshape(first.numel(), first.numel())
    leaf = first.clone().requires_grad_()
    (again,) = torch.autograd.grad(f(leaf), leaf, create_graph=True)
    twice = [
        torch.autograd.grad(part, leaf, retain_graph=True, allow_unused=True, materialize_grads=True)[0].flatten()
        if part.requires_grad
        else torch.zeros(first.numel(), dtype=first.dtype)
        for part in again.flatten()
    ]
    same(hessian, torch.stack(twice))


@pytest.mark.parametrize("case", FIRST, ids=str)
def test_jax(case: Case):
    """jit of value, gradient, hessian and vmap: compiled together, once."""
    jax = pytest.importorskip("jax")
    inputs, wrt = tensors(case, "jax")

    @jax.jit
    def everything(*given: Any) -> Any:
        doubled = [jax.numpy.stack([x, x[::-1]]) for x in given]
        mapped = jax.vmap(case.loss)(*doubled)
        if not wrt:
            return case.loss(*given), (), None, mapped
        value, gradients = jax.value_and_grad(case.loss, argnums=tuple(wrt))(*given)
        return value, gradients, jax.hessian(case.loss, argnums=wrt[0])(*given), mapped

    value, gradients, hessian, mapped = everything(*inputs)
    same(value, case.loss(*inputs))
    same(mapped, [case.loss(*inputs), case.loss(*(x[::-1] for x in inputs))])
    if not wrt:
        return
    _, gradient = case.loss.value_and_gradient(*inputs)
    for mine, theirs in zip(gradient if isinstance(gradient, tuple) else (gradient,), gradients, strict=True):
        same(mine, theirs)
    if case.oracle.held:  # what is held constant is in the differences, not in the hessian
        return
    step = 1e-4 * np.linspace(-1, 1, inputs[wrt[0]].size).reshape(inputs[wrt[0]].shape)
    ahead, behind = (
        everything(*inputs[: wrt[0]], inputs[wrt[0]] + sign * step, *inputs[wrt[0] + 1 :])[1][0] for sign in (1, -1)
    )
    change = np.tensordot(hessian, 2 * step, axes=step.ndim)
    np.testing.assert_allclose(np.asarray(ahead - behind), change, rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize("loss", [losskit.CrossEntropy(), losskit.ConnectionistTemporalClassification()], ids=str)
def test_a_known_target_under_jit(loss: losskit.Loss):
    """Closed over, not an argument: an array, of which jit makes what is not known."""
    jax = pytest.importorskip("jax")
    prediction, target = jax.numpy.zeros((2, 5, 3)), jax.numpy.array([[1, 2], [2, 1]])
    if isinstance(loss, losskit.CrossEntropy):
        prediction = prediction[:, :2]
    same(jax.jit(lambda prediction: loss(prediction, target))(prediction), loss(prediction, target))


@pytest.mark.parametrize("case", FIRST, ids=str)
def test_tensorflow_graph(case: Case):
    tf = pytest.importorskip("tensorflow")
    if os.environ.get("KERAS_BACKEND") != "tensorflow":
        pytest.skip("Keras runs on another backend")
    inputs, _ = tensors(case, "keras")
    same(tf.function(case.loss)(*inputs), case.loss(*inputs))


SMOKE = """
import numpy as np
import losskit
from losskit.arrays.keras import xp
p, t = np.array([0.3, -2.0, 5.0]), np.array([0.1, 1.0, 5.0])
for loss in losskit.Huber(), losskit.LogCosh(), losskit.Quantile(), losskit.AbsoluteError(), losskit.Barron(alpha=0):
    inputs = xp.asarray(p), xp.asarray(t)
    for mine, numpys in zip(loss.value_and_gradient(*inputs), loss.value_and_gradient(p, t)):
        np.testing.assert_allclose(xp.to_numpy(mine), numpys, rtol=1e-12)
    np.testing.assert_allclose(xp.to_numpy(loss.curvature(*inputs)), loss.curvature(p, t), rtol=1e-12)
"""


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_keras_backends(backend: str):
    pytest.importorskip("keras")
    pytest.importorskip(backend)
    environment = os.environ | {"KERAS_BACKEND": backend, "JAX_ENABLE_X64": "1"}
    done = subprocess.run([sys.executable, "-c", SMOKE], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr

"""Which vocabulary arrays get, and what is imported to find out."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy
import pytest

from losskit.arrays import namespace

OPTIONAL = ("torch", "jax", "keras", "tensorflow", "autograd", "scipy")


def python(code: str, **environment: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_numpy_imports_nothing_else():
    code = f"""
import sys, numpy
import losskit.arrays
xp = losskit.arrays.namespace(numpy.ones(3), [1.0, 2.0], 3.0, None)
xp.log_softmax(numpy.ones(3))
print([name for name in {OPTIONAL} if name in sys.modules])
"""
    assert python(code) == "[]"


def test_an_array_gets_its_own_framework(framework):
    x = framework.array([1.0, 2.0])
    library = framework.library if framework.library in ("torch", "jax") else framework.name
    assert namespace(x).framework == library
    assert namespace(x, x, None, 2.0) is namespace(x)


@pytest.mark.parametrize("arrays", [(), (1.0,), ([1, 2], 3), (numpy.ones(2), None), (numpy.float32(1),), ((1, 2),)])
def test_lists_and_numbers_are_numpy(arrays):
    assert namespace(*arrays).framework == "numpy"


def test_boxes_under_autograd():
    autograd = pytest.importorskip("autograd")
    seen = []

    def function(x):
        seen.append(namespace(x, numpy.ones(2)))
        return seen[-1].sum(x)

    autograd.grad(function)(numpy.ones(2))
    assert type(seen[0]).__name__ == "Autograd"
    assert seen[0].framework == "numpy"


def test_mixed_frameworks_are_an_error():
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match=r"one framework.*Tensor \(torch\), ndarray \(numpy\).*as_tensor"):
        namespace(torch.ones(2), numpy.ones(2))
    with pytest.raises(TypeError, match=r"list \(numpy\)"):
        namespace(torch.ones(2), [1.0, 2.0])


def test_an_unknown_array_is_an_error():
    with pytest.raises(TypeError, match=r"received str; .*numpy.asarray"):
        namespace("abc")


def test_keras_variables():
    keras = pytest.importorskip("keras")
    variable = keras.Variable([1.0, -2.0])
    xp = namespace(variable, variable.value)
    assert xp.framework == "keras"
    assert xp.to_numpy(xp.sum(xp.abs(variable))) == 3.0
    gradient = xp.gradient(lambda x: xp.sum(xp.square(x)), variable)
    assert xp.to_numpy(gradient).tolist() == [2.0, -4.0]


def test_a_symbolic_keras_tensor_is_an_error():
    keras = pytest.importorskip("keras")
    with pytest.raises(TypeError, match=r"symbolic KerasTensor.*Model.compile"):
        namespace(keras.Input((3,)))


def test_tensorflow_needs_kerass_tensorflow_backend(monkeypatch):
    keras = pytest.importorskip("keras")
    tf = pytest.importorskip("tensorflow")
    monkeypatch.setattr(keras.config, "backend", lambda: "torch")
    with pytest.raises(TypeError, match="KERAS_BACKEND=tensorflow"):
        namespace(tf.ones(2))


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_contract_on_other_keras_backends(backend, request):
    """keras.ops computes some functions in float32 on these backends whatever the input, so float32 is the contract."""
    pytest.importorskip("keras")
    pytest.importorskip(backend)
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", "-k", "keras and float32"]
    result = subprocess.run(
        [*command, str(request.path.parent / "test_contract.py")],
        env=os.environ | {"KERAS_BACKEND": backend}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout
    assert " passed" in result.stdout
    assert " skipped" not in result.stdout

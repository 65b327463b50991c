"""The vocabulary under torch.compile: its own vector code, which arrays of a few entries never reach."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from losskit.arrays import namespace

torch = pytest.importorskip("torch")

POSITIVE = np.concatenate([np.logspace(-12, 1, 3000), [1.0, 2.0]])
REAL = np.concatenate([-POSITIVE[::-1], POSITIVE])
FUNCTIONS: dict[str, tuple[Any, Any, np.ndarray]] = {
    # Name: the function in NumPy or SciPy, its derivative, where.
    "exp": (np.exp, np.exp, REAL),
    "expm1": (np.expm1, np.exp, REAL),
    "log": (np.log, lambda x: 1 / x, POSITIVE[np.abs(POSITIVE - 1) > 1e-3]),
    "log1p": (np.log1p, lambda x: 1 / (1 + x), POSITIVE),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x), POSITIVE),
    "erf": (special.erf, lambda x: 2 / np.sqrt(np.pi) * np.exp(-(x**2)), REAL[np.abs(REAL) < 5]),
    "sigmoid": (special.expit, lambda x: special.expit(x) * special.expit(-x), REAL),
    "softplus": (lambda x: np.logaddexp(0, x), special.expit, REAL),
    # Its derivative 1 − tanh² keeps its digits near 0 only, compiled or not.
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2, REAL[np.abs(REAL) < 1]),
}


@pytest.mark.slow
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 2e-6), ("float64", 1e-14)])
def test_compiled_functions_keep_their_digits(dtype: str, tolerance: float) -> None:
    inputs = {name: torch.tensor(at, dtype=getattr(torch, dtype)) for name, (_, _, at) in FUNCTIONS.items()}
    xp = namespace(inputs["exp"])

    @torch.compile(dynamic=True)
    def all_of_them(inputs: dict[str, Any]) -> dict[str, Any]:
        found = {}
        for name, x in inputs.items():
            function = getattr(xp, name)
            found[name] = function(x), torch.func.grad(lambda y, f=function: f(y).sum())(x)
        return found

    for name, (value, slope) in all_of_them(inputs).items():
        function, derivative, _ = FUNCTIONS[name]
        at = inputs[name].double().numpy()
        np.testing.assert_allclose(value.double().numpy(), function(at), rtol=tolerance, err_msg=name)
        np.testing.assert_allclose(slope.double().numpy(), derivative(at), rtol=tolerance, err_msg=name)

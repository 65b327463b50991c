"""NumPy."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy

from losskit.arrays.compounds import Vocabulary
from losskit.arrays.primitives import Array


class NumPy(Vocabulary):
    """The vocabulary on NumPy arrays; derivatives come from the ``autograd`` package."""

    framework = "numpy"
    np: Any = numpy

    def erf(self, x: Array) -> Array:
        from scipy.special import erf

        return erf(x)

    def lgamma(self, x: Array) -> Array:
        from scipy.special import gammaln

        return gammaln(x)

    def digamma(self, x: Array) -> Array:
        from scipy.special import digamma

        return digamma(x)

    def sort(self, x: Array, axis: int = -1) -> Array:
        return self.take_along_axis(x, self.argsort(x, axis=axis), axis=axis)

    def argsort(self, x: Array, axis: int = -1) -> Array:
        return self.np.argsort(x, axis=axis, kind="stable")

    def _convert(self, x: Any, like: Array | None) -> Array:
        return numpy.asarray(x)

    def is_floating(self, x: Array) -> bool:
        kind = x.dtype.kind
        return kind == "f" or (kind == "V" and super().is_floating(x))  # V: bfloat16, which NumPy lacks

    def stop_gradient(self, x: Array) -> Array:
        return x

    def value_and_gradient(
        self, function: Callable[..., Array], arguments: Sequence[Any], wrt: Sequence[int] = (0,)
    ) -> tuple[Array, tuple[Array, ...]]:
        import autograd

        with numpy.errstate(all="ignore"), warnings.catch_warnings():
            # A constant function is a function: its gradient is 0.
            warnings.filterwarnings("ignore", "Output seems independent of input")
            value, gradients = autograd.value_and_grad(function, tuple(wrt))(*arguments)  # pyright: ignore
        return value, tuple(gradients)

    def to_numpy(self, x: Array) -> Any:
        return numpy.asarray(x)


_COMPUTES_NOTHING = ("shape", "dtype_name", "is_floating", "is_traced", "on_accelerator", "to_numpy")

for name, function in inspect.getmembers(NumPy, inspect.isfunction):
    # inf and NaN are values here, as in every other framework: NumPy's warnings about them are not wanted.
    if name not in _COMPUTES_NOTHING:
        setattr(NumPy, name, numpy.errstate(all="ignore")(function))

xp = NumPy()

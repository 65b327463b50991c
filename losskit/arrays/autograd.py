"""NumPy while the ``autograd`` package differentiates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import autograd.numpy
import numpy
from autograd.extend import defvjp, primitive
from autograd.tracer import getval

from losskit.arrays.numpy import NumPy
from losskit.arrays.primitives import Array


@primitive
def take_along_axis(x: Array, indices: Array, axis: int) -> Array:
    return numpy.take_along_axis(x, indices, axis=axis)


@primitive
def add_along_axis(values: Array, indices: Array, axis: int, shape: tuple[int, ...]) -> Array:
    """Zeros of a shape, with the values added at the indices: the transpose of take_along_axis."""
    result = numpy.zeros(shape, values.dtype)
    grid = list(numpy.ix_(*(numpy.arange(size) for size in indices.shape)))
    grid[axis] = indices
    numpy.add.at(result, tuple(grid), values)
    return result


defvjp(take_along_axis, lambda _, x, indices, axis: lambda g: add_along_axis(g, indices, axis, x.shape), argnums=(0,))
defvjp(add_along_axis, lambda _, v, indices, axis, shape: lambda g: take_along_axis(g, indices, axis), argnums=(0,))


class Autograd(NumPy):
    """The vocabulary on autograd's boxes."""

    framework = "numpy"
    np: Any = autograd.numpy

    def abs(self, x: Array) -> Array:
        return self.np.sign(x) * x  # autograd's own rule is NaN at ±inf

    def tanh(self, x: Array) -> Array:
        return self.np.tanh(self.clip(x, -40.0, 40.0))  # autograd's rule divides by cosh², which overflows

    def erf(self, x: Array) -> Array:
        from autograd.scipy.special import erf

        return erf(self.clip(x, -30.0, 30.0))

    def lgamma(self, x: Array) -> Array:
        from autograd.scipy.special import gammaln

        return gammaln(x)

    def digamma(self, x: Array) -> Array:
        from autograd.scipy.special import psi

        return psi(x)

    def argsort(self, x: Array, axis: int = -1) -> Array:
        return numpy.argsort(self.stop_gradient(x), axis=axis, kind="stable")

    def flip(self, x: Array, axis: int = -1) -> Array:
        reverse: list[Any] = [slice(None)] * len(x.shape)
        reverse[axis] = slice(None, None, -1)
        return x[tuple(reverse)]

    def take_along_axis(self, x: Array, indices: Array, axis: int = -1) -> Array:
        return take_along_axis(x, self.stop_gradient(indices), axis)

    def broadcast_to(self, x: Array, shape: Sequence[int]) -> Array:
        return x * numpy.ones(shape, x.dtype)  # autograd's own rule cannot add leading axes

    def _convert(self, x: Any, like: Array | None) -> Array:
        return x if hasattr(x, "_value") else numpy.asarray(x)

    def stop_gradient(self, x: Array) -> Array:
        while hasattr(x, "_value"):
            x = getval(x)
        return x

    def to_numpy(self, x: Array) -> Any:
        return numpy.asarray(self.stop_gradient(x))


xp = Autograd()

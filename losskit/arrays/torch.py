"""PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy
import torch

from losskit.arrays.compounds import Vocabulary
from losskit.arrays.primitives import Array, Axis

# Taylor's coefficients, and how many of them leave out less than the last digit at ½, of the derivative too.
_EXPM1 = [0.0, *(1 / math.factorial(k) for k in range(1, 18))]
_ERF = [2 / math.sqrt(math.pi) * (-1) ** k / (math.factorial(k) * (2 * k + 1)) for k in range(13)]
_NAMES = {dtype: str(dtype).removeprefix("torch.") for dtype in vars(torch).values() if isinstance(dtype, torch.dtype)}
_TERMS = {torch.float64: (18, 13), torch.float32: (11, 8)}


def _compiled_for_cpu(x: Array) -> bool:
    return torch.compiler.is_compiling() and x.device.type == "cpu" and x.dtype in _TERMS


def _series(x: Array, coefficients: Sequence[float]) -> Array:
    """Σ cₖ xᵏ, by Horner's rule."""
    total = torch.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total = total * x + coefficient
    return total


class Torch(Vocabulary):
    """The vocabulary on torch tensors."""

    framework = "torch"
    np: Any = torch

    def _operand(self, y: Array | float, like: Array) -> Array:
        return y if isinstance(y, torch.Tensor) else torch.full((), y, dtype=like.dtype, device=like.device)

    def sign(self, x: Array) -> Array:
        return torch.where(x == x, torch.sign(x), x)  # torch's own gives 0 for NaN

    def power(self, x: Array, exponent: Array | float) -> Array:
        return torch.pow(x, exponent)

    def maximum(self, x: Array, y: Array | float) -> Array:
        return torch.maximum(x, self._operand(y, x))

    def minimum(self, x: Array, y: Array | float) -> Array:
        return torch.minimum(x, self._operand(y, x))

    def expm1(self, x: Array) -> Array:
        if not _compiled_for_cpu(x):
            return super().expm1(x)
        # PyTorch's compiler makes exp(x) − 1 of it on a CPU: near 0 no digit is left.
        near = torch.abs(x) < 0.5
        inside = torch.where(near, x, 0.0)
        return torch.where(near, _series(inside, _EXPM1[: _TERMS[x.dtype][0]]), torch.exp(x) - 1.0)

    def erf(self, x: Array) -> Array:
        found = torch.erf(self.clip(x, -30.0, 30.0))
        if not _compiled_for_cpu(x):
            return found
        # The compiler's own is right to 1e-7 of 1, not of the value.
        near = torch.abs(x) < 0.5
        inside = torch.where(near, x, 0.0)
        return torch.where(near, inside * _series(inside * inside, _ERF[: _TERMS[x.dtype][1]]), found)

    def lgamma(self, x: Array) -> Array:
        return torch.lgamma(x)

    def digamma(self, x: Array) -> Array:
        return torch.digamma(x)

    def sum(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return torch.sum(x, dim=axis, keepdim=keepdims)

    def mean(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return torch.mean(x, dim=axis, keepdim=keepdims)

    def max(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return torch.amax(x, dim=() if axis is None else axis, keepdim=keepdims)

    def min(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return torch.amin(x, dim=() if axis is None else axis, keepdim=keepdims)

    def any(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return torch.any(x, dim=axis, keepdim=keepdims)

    def all(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return torch.all(x, dim=axis, keepdim=keepdims)

    def argmax(self, x: Array, axis: int | None = None, keepdims: bool = False) -> Array:
        return torch.argmax(x, dim=axis, keepdim=keepdims)

    def cumsum(self, x: Array, axis: int = -1) -> Array:
        return torch.cumsum(x, dim=axis)

    def sort(self, x: Array, axis: int = -1) -> Array:
        return torch.sort(x, dim=axis, stable=True).values

    def argsort(self, x: Array, axis: int = -1) -> Array:
        return torch.argsort(x, dim=axis, stable=True)

    def flip(self, x: Array, axis: int = -1) -> Array:
        return torch.flip(x, (axis,))

    def take_along_axis(self, x: Array, indices: Array, axis: int = -1) -> Array:
        return torch.take_along_dim(x, indices.to(torch.int64), dim=axis)

    def take(self, x: Array, indices: Array) -> Array:
        return x[indices.to(torch.int64)]

    def reshape(self, x: Array, shape: Sequence[int]) -> Array:
        return torch.reshape(x, tuple(shape))

    def expand_dims(self, x: Array, axis: int) -> Array:
        return torch.unsqueeze(x, axis)

    def broadcast_to(self, x: Array, shape: Sequence[int]) -> Array:
        return torch.broadcast_to(x, tuple(shape))

    def arange(self, count: int, like: Array | None = None) -> Array:
        return torch.arange(count, device=None if like is None else like.device)

    def asarray(self, x: Any, like: Array | None = None) -> Array:
        # What is a tensor already, where it should be, is told from the rest in a fraction of as_tensor's time.
        if isinstance(x, torch.Tensor) and (like is None or x is like or x.device == like.device):
            return x
        return super().asarray(x, like)

    def _convert(self, x: Any, like: Array | None) -> Array:
        if isinstance(x, numpy.ndarray):
            x = numpy.require(x, requirements=["C", "W"])  # torch shares neither read-only nor reversed memory
        return torch.as_tensor(x, device=None if like is None else like.device)

    def _numbers(self, x: Any, like: Array) -> Array:
        return torch.as_tensor(x, dtype=like.dtype, device=like.device)  # not by way of float32

    def dtype_name(self, x: Array) -> str:
        return _NAMES[x.dtype]

    def cast(self, x: Array, dtype: str | Array) -> Array:
        return x.to(getattr(torch, dtype) if isinstance(dtype, str) else dtype.dtype)

    def is_floating(self, x: Array) -> bool:
        return x.is_floating_point()

    def stop_gradient(self, x: Array) -> Array:
        return x.detach()

    def value_and_gradient(
        self, function: Callable[..., Array], arguments: Sequence[Any], wrt: Sequence[int] = (0,)
    ) -> tuple[Array, tuple[Array, ...]]:
        gradients, value = torch.func.grad_and_value(function, argnums=tuple(wrt))(*arguments)
        return value, gradients

    def is_traced(self, x: Array) -> bool:
        return (
            torch.compiler.is_compiling()
            or torch._C._is_tracing()  # pyright: ignore[reportAttributeAccessIssue]
            or torch._C._are_functorch_transforms_active()  # pyright: ignore[reportAttributeAccessIssue] - closed over too
        )

    def on_accelerator(self, x: Array) -> bool:
        return not x.is_cpu

    def extremes(self, x: Array) -> tuple[float, float]:
        if x.numel() == 0:
            return math.nan, math.nan
        low, high = torch.aminmax(x.detach())
        return low.item(), high.item()

    def to_numpy(self, x: Array) -> Any:
        return (x.float() if x.dtype == torch.bfloat16 else x).numpy(force=True)


xp = Torch()

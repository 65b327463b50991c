"""What every framework has, under one spelling."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

Array = Any
"""An array of any supported framework."""

Axis = int | tuple[int, ...] | None
State = tuple[Array, ...]
Step = Callable[[State, State], State]

EPSILON = {"bfloat16": 2.0**-7, "float16": 2.0**-10, "float32": 2.0**-23, "float64": 2.0**-52}
"""Distance from 1 to the next number, per floating dtype."""


class Primitives:
    """The elementary functions, spelled as NumPy does; a framework overrides what it spells or means differently.

    Python scalars are allowed as second operands and never change the dtype. Where a derivative does not exist,
    every framework gives the same convention, and its second derivative is 0:
    abs′(0) = sign(0) = 0 · relu′(0) = 0 · maximum and minimum split a tie ½/½ · clip′ is 1 at both ends ·
    max and min over an axis share a tie equally · sort and argsort are stable.
    """

    framework: ClassVar[str]
    np: Any
    """The framework's NumPy-like module."""

    # ---- elementwise

    def abs(self, x: Array) -> Array:
        return self.np.abs(x)

    def sign(self, x: Array) -> Array:
        return self.np.sign(x)

    def exp(self, x: Array) -> Array:
        return self.np.exp(x)

    def expm1(self, x: Array) -> Array:
        """eˣ − 1; below −1 as that difference, whose derivative is eˣ where the frameworks' own is (eˣ − 1) + 1."""
        low = x < -1
        near = self.np.expm1(self.where(low, -1.0, x))
        return self.where(low, self.exp(self.where(low, x, -1.0)) - 1.0, near)

    def log(self, x: Array) -> Array:
        return self.np.log(x)

    def log1p(self, x: Array) -> Array:
        return self.np.log1p(x)

    def sqrt(self, x: Array) -> Array:
        return self.np.sqrt(x)

    def square(self, x: Array) -> Array:
        return x * x

    def tanh(self, x: Array) -> Array:
        return self.np.tanh(x)

    def sin(self, x: Array) -> Array:
        return self.np.sin(x)

    def cos(self, x: Array) -> Array:
        return self.np.cos(x)

    def arctan(self, x: Array) -> Array:
        """arctan x, with derivatives 0 at ±∞, where the frameworks' own second one is NaN."""
        infinite = self.abs(x) == math.inf
        finite = self.np.arctan(self.where(infinite, 0.0, x))
        return self.where(infinite, self.sign(x) * (math.pi / 2), finite)

    def floor(self, x: Array) -> Array:
        return self.np.floor(x)

    def power(self, x: Array, exponent: Array | float) -> Array:
        """x to a power; the exponents 0, 1 and 2 as Python numbers are exact in every derivative, also at x = 0."""
        if isinstance(exponent, (int, float)):
            if exponent == 0:
                return self.ones_like(x)
            if exponent == 1:
                return x
            if exponent == 2:
                return x * x
        return self.np.power(x, exponent)

    def maximum(self, x: Array, y: Array | float) -> Array:
        return self.np.maximum(x, y)

    def minimum(self, x: Array, y: Array | float) -> Array:
        return self.np.minimum(x, y)

    def where(self, condition: Array, x: Array | float, y: Array | float) -> Array:
        return self.np.where(condition, x, y)

    def isnan(self, x: Array) -> Array:
        return self.np.isnan(x)

    def isfinite(self, x: Array) -> Array:
        return self.np.isfinite(x)

    # ---- special functions, spelled differently everywhere

    def erf(self, x: Array) -> Array:
        raise NotImplementedError

    def lgamma(self, x: Array) -> Array:
        """log |Γ(x)|."""
        raise NotImplementedError

    def digamma(self, x: Array) -> Array:
        raise NotImplementedError

    # ---- along an axis

    def sum(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return self.np.sum(x, axis=axis, keepdims=keepdims)

    def mean(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return self.np.mean(x, axis=axis, keepdims=keepdims)

    def max(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return self.np.max(x, axis=axis, keepdims=keepdims)

    def min(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return self.np.min(x, axis=axis, keepdims=keepdims)

    def any(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return self.np.any(x, axis=axis, keepdims=keepdims)

    def all(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return self.np.all(x, axis=axis, keepdims=keepdims)

    def argmax(self, x: Array, axis: int | None = None, keepdims: bool = False) -> Array:
        """Index of the first maximum."""
        return self.np.argmax(x, axis=axis, keepdims=keepdims)

    def cumsum(self, x: Array, axis: int = -1) -> Array:
        return self.np.cumsum(x, axis=axis)

    def sort(self, x: Array, axis: int = -1) -> Array:
        return self.np.sort(x, axis=axis)

    def argsort(self, x: Array, axis: int = -1) -> Array:
        return self.np.argsort(x, axis=axis)

    def flip(self, x: Array, axis: int = -1) -> Array:
        return self.np.flip(x, axis=axis)

    def take_along_axis(self, x: Array, indices: Array, axis: int = -1) -> Array:
        return self.np.take_along_axis(x, indices, axis=axis)

    def take(self, x: Array, indices: Array) -> Array:
        """x[i] for each index i along the first axis."""
        return x[indices]

    # ---- shape

    def shape(self, x: Array) -> tuple[int, ...]:
        return tuple(x.shape)

    def reshape(self, x: Array, shape: Sequence[int]) -> Array:
        return self.np.reshape(x, shape)

    def expand_dims(self, x: Array, axis: int) -> Array:
        return self.np.expand_dims(x, axis)

    def squeeze(self, x: Array, axis: int) -> Array:
        return self.np.squeeze(x, axis)

    def broadcast_to(self, x: Array, shape: Sequence[int]) -> Array:
        return self.np.broadcast_to(x, shape)

    def stack(self, arrays: Sequence[Array], axis: int = 0) -> Array:
        return self.np.stack(arrays, axis=axis)

    def concatenate(self, arrays: Sequence[Array], axis: int = 0) -> Array:
        return self.np.concatenate(arrays, axis=axis)

    def swapaxes(self, x: Array, axis1: int, axis2: int) -> Array:
        return self.np.swapaxes(x, axis1, axis2)

    def matmul(self, x: Array, y: Array) -> Array:
        return self.np.matmul(x, y)

    # ---- making arrays

    def arange(self, count: int, like: Array | None = None) -> Array:
        """0, 1, …, count − 1 as integers, on the device of ``like``."""
        return self.np.arange(count)

    def zeros_like(self, x: Array) -> Array:
        return self.np.zeros_like(x)

    def ones_like(self, x: Array) -> Array:
        return self.np.ones_like(x)

    def full_like(self, x: Array, value: float) -> Array:
        return self.np.full_like(x, value)

    def asarray(self, x: Any, like: Array | None = None) -> Array:
        """x as an array on the device of ``like``; arrays keep their dtype, Python floats take ``like``'s."""
        array = self._convert(x, like)
        if like is not None and not hasattr(x, "dtype") and self.is_floating(array) and self.is_floating(like):
            return self._numbers(x, like)
        return array

    def _convert(self, x: Any, like: Array | None) -> Array:
        raise NotImplementedError

    def _numbers(self, x: Any, like: Array) -> Array:
        """Python floats in the dtype of ``like``."""
        return self.cast(self._convert(x, like), like)

    # ---- dtype

    def dtype_name(self, x: Array) -> str:
        return str(x.dtype)

    def cast(self, x: Array, dtype: str | Array) -> Array:
        """x in another dtype: its name, or an array that has it."""
        return x.astype(self._dtype_name_of(dtype))

    def is_floating(self, x: Array) -> bool:
        return "float" in self.dtype_name(x)

    def eps(self, x: Array) -> float:
        """Distance from 1 to the next number in x's dtype."""
        return EPSILON[self.dtype_name(x)]

    def _dtype_name_of(self, dtype: str | Array) -> str:
        return dtype if isinstance(dtype, str) else self.dtype_name(dtype)

    # ---- one step after another

    def fold(self, step: Step, state: State, sequences: State) -> State:
        """The last state: step(state, entries) for the entries of the sequences, one after another on their first axis.

        A state keeps its shapes and dtypes. In JAX the step is compiled once, however long the sequences are.
        """
        for i in range(self.shape(sequences[0])[0]):
            state = step(state, tuple(each[i] for each in sequences))
        return state

    # ---- differentiation and inspection

    def stop_gradient(self, x: Array) -> Array:
        """x, constant for every derivative."""
        raise NotImplementedError

    def value_and_gradient(
        self, function: Callable[..., Array], arguments: Sequence[Any], wrt: Sequence[int] = (0,)
    ) -> tuple[Array, tuple[Array, ...]]:
        """Value of a scalar-valued function and its gradients by the arguments at the positions ``wrt``."""
        raise NotImplementedError

    def gradient(self, function: Callable[[Array], Array], x: Array) -> Array:
        """Gradient of a scalar-valued function at x; nests, for second derivatives."""
        return self.value_and_gradient(function, (x,))[1][0]

    def is_traced(self, x: Array) -> bool:
        """Whether x stands for values that are not known now: traced, symbolic, compiled or mapped."""
        return False

    def on_accelerator(self, x: Array) -> bool:
        return False

    def extremes(self, x: Array) -> tuple[float, float]:
        """The smallest and the largest entry as Python numbers, NaN where an entry is, or where there is none."""
        values = self.to_numpy(x)
        return (values.min().item(), values.max().item()) if values.size else (math.nan, math.nan)

    def to_numpy(self, x: Array) -> Any:
        """x's values as a NumPy array, off the device and out of the graph; bfloat16, which NumPy lacks, as float32."""
        raise NotImplementedError

"""Keras 3 on its TensorFlow, JAX and torch backends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from losskit.arrays.compounds import Vocabulary
from losskit.arrays.primitives import Array, State, Step


def _backend() -> Any:
    """What Keras lacks: the special functions and the gradients of its backend."""
    backend = keras.config.backend()
    if backend == "tensorflow":  # no match statement: AutoGraph, which rewrites what tf.function traces, cannot read it
        from losskit.arrays import tensorflow

        return tensorflow
    if backend == "jax":
        from losskit.arrays.jax import xp

        return xp
    if backend == "torch":
        from losskit.arrays.torch import xp

        return xp
    raise ValueError(f"losskit runs on Keras's tensorflow, jax and torch backends, not on {backend!r}")


class Keras(Vocabulary):
    """The vocabulary on keras.ops."""

    framework = "keras"
    np: Any = keras.ops

    def abs(self, x: Array) -> Array:
        return keras.ops.stop_gradient(keras.ops.sign(x)) * x  # JAX's own rule gives 1 at 0

    def sign(self, x: Array) -> Array:
        return keras.ops.where(x == x, keras.ops.sign(x), x)  # 0 for NaN on torch

    def maximum(self, x: Array, y: Array | float) -> Array:
        return self._with_shared_ties(keras.ops.maximum(x, y), x, y)

    def minimum(self, x: Array, y: Array | float) -> Array:
        return self._with_shared_ties(keras.ops.minimum(x, y), x, y)

    def _with_shared_ties(self, extremum: Array, x: Array, y: Array | float) -> Array:
        """Of a tie's gradient, TensorFlow gives x all."""
        return keras.ops.where(x == y, x / 2 + y / 2, extremum) if self.is_floating(extremum) else extremum

    def erf(self, x: Array) -> Array:
        return keras.ops.erf(self.clip(x, -30.0, 30.0))

    def lgamma(self, x: Array) -> Array:
        return _backend().lgamma(x)

    def digamma(self, x: Array) -> Array:
        return _backend().digamma(x)

    def take_along_axis(self, x: Array, indices: Array, axis: int = -1) -> Array:
        return keras.ops.take_along_axis(x, keras.ops.cast(indices, "int32"), axis=axis)

    def take(self, x: Array, indices: Array) -> Array:
        return keras.ops.take(x, indices, axis=0)

    def fold(self, step: Step, state: State, sequences: State) -> State:
        # The other backends write the steps out, which is sure to keep every derivative.
        jax = keras.config.backend() == "jax"
        return (_backend() if jax else super()).fold(step, state, sequences)

    def _convert(self, x: Any, like: Array | None) -> Array:
        return keras.ops.convert_to_tensor(x)

    def _numbers(self, x: Any, like: Array) -> Array:
        return keras.ops.convert_to_tensor(x, self.dtype_name(like))  # not by way of float32

    def dtype_name(self, x: Array) -> str:
        return keras.backend.standardize_dtype(x.dtype)

    def cast(self, x: Array, dtype: str | Array) -> Array:
        return keras.ops.cast(x, self._dtype_name_of(dtype))

    def stop_gradient(self, x: Array) -> Array:
        return keras.ops.stop_gradient(x)

    def value_and_gradient(
        self, function: Callable[..., Array], arguments: Sequence[Any], wrt: Sequence[int] = (0,)
    ) -> tuple[Array, tuple[Array, ...]]:
        arguments = tuple(a.value if isinstance(a, keras.Variable) else a for a in arguments)
        return _backend().value_and_gradient(function, arguments, wrt)

    def is_traced(self, x: Array) -> bool:
        return _backend().is_traced(x)

    def on_accelerator(self, x: Array) -> bool:
        return _backend().on_accelerator(x)

    def to_numpy(self, x: Array) -> Any:
        return _backend().to_numpy(keras.ops.convert_to_tensor(x))


xp = Keras()

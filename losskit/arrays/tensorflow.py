"""What keras.ops lacks on TensorFlow: special functions, gradients, inspection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from losskit.arrays.primitives import Array

lgamma = tf.math.lgamma
digamma = tf.math.digamma


def value_and_gradient(
    function: Callable[..., Array], arguments: Sequence[Any], wrt: Sequence[int] = (0,)
) -> tuple[Array, tuple[Array, ...]]:
    chosen = [arguments[position] for position in wrt]
    with tf.GradientTape() as tape:
        tape.watch(chosen)
        value = function(*arguments)
    gradients = tape.gradient(value, chosen, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    # Of what was gathered from the gradient is a list of slices.
    return value, tuple(tf.convert_to_tensor(gradient) for gradient in gradients)


def is_traced(x: Array) -> bool:
    return not tf.executing_eagerly()


def to_numpy(x: Array) -> Any:
    return tf.cast(x, tf.float32).numpy() if x.dtype == tf.bfloat16 else x.numpy()


def on_accelerator(x: Array) -> bool:
    return "CPU" not in x.device if not is_traced(x) else bool(tf.config.list_logical_devices("GPU"))

"""A loss as a plain JAX function, which every JAX transformation takes."""

from __future__ import annotations

from collections.abc import Callable

import jax

from losskit.core.loss import Loss
from losskit.core.objective import Objective
from losskit.core.reduction import Empty, Reduction


def function(
    loss: Loss | Objective, *, reduction: Reduction = "mean", empty: Empty = "zero"
) -> Callable[..., jax.Array]:
    """A loss or an objective as a function `f(prediction, target, …, weight=None, mask=None)` of JAX arrays.

    An objective also takes parameters= (any nesting of dicts and lists). The function goes under jit, vmap, grad, jvp
    and hessian; under jit shapes are checked while tracing and values are not.

    >>> import jax, jax.numpy as jnp, losskit
    >>> f = jax.jit(losskit.jax.function(losskit.Huber(delta=1.0)))
    >>> f(jnp.array([0.0, 3.0]), jnp.array([0.5, 0.0])).item()
    1.3125
    """

    def call(*inputs: jax.Array, **options: jax.Array) -> jax.Array:
        if isinstance(loss, Objective):
            return loss(*inputs, **options)
        return loss(*inputs, reduction=reduction, empty=empty, **options)

    call.__name__ = call.__qualname__ = type(loss).__name__
    return call

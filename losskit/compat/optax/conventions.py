"""optax's conventions, said once: what is checked, the axes a row lies along, what `where` leaves out."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp

from losskit.arrays.jax import xp
from losskit.core.errors import ShapeError
from losskit.core.loss import HALF, Loss, shape_fix

__all__ = [
    "Array",
    "Axis",
    "back",
    "check_floating",
    "check_rows",
    "check_same_shape",
    "rows",
    "values",
    "wide",
]

Array = Any
Axis = int | tuple[int, ...] | None


def check_floating(**arrays: Array) -> None:
    """Raise TypeError for an array that is not of floats."""
    for name, array in arrays.items():
        if not jnp.issubdtype(jax.dtypes.result_type(array), jnp.floating):
            raise TypeError(f"{name}: expected floats, got {jax.dtypes.result_type(array)}; fix: cast it to float32")


def check_same_shape(**arrays: Array) -> None:
    """Raise ShapeError, a ValueError as optax's, unless all have the shape of the first."""
    (first, reference), *rest = arrays.items()
    for name, array in rest:
        if jnp.shape(array) != jnp.shape(reference):
            expected = jnp.shape(reference)
            raise ShapeError(
                f"{name}: expected the shape {expected} of {first}, got {jnp.shape(array)}"
                + shape_fix(name, jnp.shape(array), first, expected)
            )


def wide(array: Any) -> Array:
    """Half precision as float32, in which formulas run; everything else as it is."""
    array = jnp.asarray(array)
    return array.astype("float32") if str(array.dtype) in HALF else array


def back(values: Array, like: Any) -> Array:
    """Values in the dtype that came in."""
    return values.astype(jax.dtypes.result_type(like))


def values(loss: Loss, prediction: Array, target: Array, fixed: bool) -> Array:
    """One value for each entry or row: optax's broadcasting and no checks, or with fixed the loss's own."""
    if fixed:
        return loss(prediction, target, reduction="none")
    return loss.formula(xp, prediction, target)


def rows(axis: Axis, where: Array | None, *arrays: Array) -> tuple[Array | None, list[Array]]:
    """`where` and the arrays broadcast together, the axes that make up a row (None: all) as one last axis."""
    rank = max(jnp.ndim(array) for array in arrays)
    if where is not None and jnp.ndim(where) != rank:
        where = jnp.expand_dims(where, axis)  # pyright: ignore[reportArgumentType] - as optax; None is refused there
    together = jnp.broadcast_arrays(*arrays, *(() if where is None else (where,)))
    own = tuple(range(rank)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    if own not in ((-1,), (rank - 1,)):
        moved = [jnp.moveaxis(each, own, range(rank - len(own), rank)) for each in together]
        lead = moved[0].shape[: rank - len(own)]
        together = [each.reshape(*lead, math.prod(each.shape[rank - len(own) :])) for each in moved]
    return (None, list(together)) if where is None else (together[-1], list(together[:-1]))


def check_rows(loss: Loss, prediction: Array, target: Array) -> None:
    """losskit's checks of a loss's inputs, for what is computed in parts: raises ShapeError and DomainError."""
    _, bound = loss.bind((prediction, target), {})
    loss.check_shapes(xp, bound)
    loss.check_values(xp, bound)

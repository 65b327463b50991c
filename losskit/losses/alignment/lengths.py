"""What losses of sequences share: where each ends, and their tables read along the anti-diagonals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from losskit.core.checks import values_are_checked
from losskit.core.domain import Domain
from losskit.core.errors import DomainError, ShapeError
from losskit.core.loss import fits, shape_fix

Array = Any


@dataclass(frozen=True)
class Lengths(Domain):
    """How many steps of each sequence count: whole numbers from `least` to `most`, as integers."""

    safe: float = 1.0
    integer: bool = True
    least: int = 0
    most: int | None = None

    convex = True

    def describe(self) -> str:
        return f"a length of at least {self.least}" + ("" if self.most is None else f" and at most {self.most}")

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        bad = array < self.least
        return bad if self.most is None else bad | (array > self.most)


def check_integers(xp: Any, name: str, array: Array) -> None:
    if xp.is_floating(array):
        raise DomainError(f"{name}: expected integers, got {xp.dtype_name(array)}; fix: cast {name} to int64")


def check_lengths(xp: Any, bound: dict[str, Array], names: tuple[str, ...]) -> None:
    """Raise ShapeError or DomainError for lengths that are not one integer for each sequence."""
    samples = xp.shape(bound["prediction"])[:1]
    for name in names:
        if name in bound:
            check_integers(xp, name, bound[name])
            shape = xp.shape(bound[name])
            if not fits(shape, samples):
                raise ShapeError(
                    f"{name}: expected the shape {samples}, one length for each sequence, got {shape}"
                    + shape_fix(name, shape, name, samples)
                )


def check_ends(xp: Any, name: str, bound: dict[str, Array], domain: Lengths) -> None:
    """Raise DomainError for a length beyond what there is."""
    if name in bound and values_are_checked(xp, bound[name]):
        domain.check(xp, name, bound[name])


def whole_samples(xp: Any, target: Array, mask: Array) -> Array:
    """A mask of whole samples: of a sequence no part can be left out but its end, by its length."""
    mask, samples = xp.asarray(mask, like=target), xp.shape(target)[:1]
    if not fits(xp.shape(mask), samples):
        raise ShapeError(f"mask: expected {samples}, one entry for each sequence, got {xp.shape(mask)}")
    while len(xp.shape(target)) > 1:
        target = target[..., 0]
    return mask & xp.cast(xp.ones_like(target), "bool")


def within(xp: Any, size: int, lengths: Array) -> Array:
    """(N, size): which steps lie before the end of their sequence."""
    return xp.cast(xp.arange(size, like=lengths), lengths) < xp.expand_dims(lengths, -1)


def at(xp: Any, x: Array, index: Array) -> Array:
    """The entry of each row of x at the row's index."""
    return xp.take_along_axis(x, xp.expand_dims(index, -1), axis=-1)[..., 0]


def last_first(xp: Any, x: Array) -> Array:
    """(N, T, D) as (D, N, T), to go along what was the last axis."""
    return xp.swapaxes(xp.swapaxes(x, 0, 2), 1, 2)


def slanted(xp: Any, x: Array, outside: float) -> Array:
    """(N, T, U) → (N, T, T + U − 1): row t moved t to the right, so that the anti-diagonal t + u = d is column d."""
    _, rows, columns = xp.shape(x)
    # Each row with T places behind it, written as one line and cut into rows of one place less.
    filled = xp.full_like(x[:, :, :1], outside) + xp.zeros_like(xp.cast(xp.arange(rows, like=x), x))
    line = xp.reshape(xp.concatenate([x, filled], axis=-1), (-1, rows * (rows + columns)))
    return xp.reshape(line[:, : rows * (rows + columns - 1)], (-1, rows, rows + columns - 1))

"""One picture of a loss: its value and gradient while the first number of its first input moves and all else stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import losskit
from losskit.arrays import namespace
from losskit.core.domain import Domain, Interval, Labels, Simplex
from losskit.core.loss import Loss

POINTS, REACH = 61, 4.0
COLUMNS = (3, 2, 4, 5)  # of a row; the first that a loss takes
ROWS = {"batchwise": 3}  # in a batch; 1 elsewhere
ENTRIES = 4  # of a structured sample


@dataclass(frozen=True)
class Profile:
    """Values and partial derivatives over `x`, where `moving` names the number that moves."""

    moving: str
    x: np.ndarray
    value: np.ndarray
    gradient: np.ndarray


def profile(loss: Loss) -> Profile | None:
    """The profile of a loss on a small sample made of what its domains may hold; None where it takes no such sample."""
    try:
        with losskit.checks("shapes"), np.errstate(all="ignore"):
            return _profile(loss)
    except (losskit.LosskitError, ValueError, TypeError, IndexError):
        return None


def _profile(loss: Loss) -> Profile | None:
    sample = example(loss)
    first = loss.inputs[0]
    domain = loss.domain(first)
    if first not in loss.differentiable or isinstance(domain, Simplex):
        return None
    x = _range(domain)
    value, gradient = (_at_once if _apart(loss, sample) else _one_by_one)(loss, sample, x)
    if not (np.isfinite(value).any() and np.isfinite(gradient).any()):
        return None
    return Profile(first if sample[first].size == 1 else f"{first}, its first entry", x, value, gradient)


def _apart(loss: Loss, sample: dict[str, np.ndarray]) -> bool:
    """Whether a batch of samples has a value for each, its own."""
    return (
        loss.kind not in ("batchwise", "other")
        and not loss.sees_mask
        and "none" in loss.reductions
        and type(loss).aggregate is Loss.aggregate
        and all(array.shape[:1] == (1,) for array in sample.values())
    )


def _at_once(loss: Loss, sample: dict[str, np.ndarray], x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Value and derivative at every x, each in a sample of one batch."""
    batch: dict[str, Any] = {name: np.repeat(array, len(x), axis=0) for name, array in sample.items()}
    batch[loss.inputs[0]].reshape(len(x), -1)[:, 0] = x
    value, slope = loss.value_and_gradient(**batch, reduction="none")
    slope = slope[0] if isinstance(slope, tuple) else slope
    return np.asarray(value), slope.reshape(len(x), -1)[:, 0]


def _one_by_one(loss: Loss, sample: dict[str, np.ndarray], x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Value and derivative at every x, each of a batch of its own."""
    first = loss.inputs[0]
    value, gradient = np.empty_like(x), np.empty_like(x)
    for i, at in enumerate(x):
        moved = sample[first].copy()
        moved.flat[0] = at
        inputs: dict[str, Any] = {**sample, first: moved}
        value[i], slope = loss.value_and_gradient(**inputs, reduction="mean")
        gradient[i] = (slope[0] if isinstance(slope, tuple) else slope).flat[0]
    return value, gradient


def example(loss: Loss) -> dict[str, np.ndarray]:
    """A small sample of what the inputs of a loss may hold, by name."""
    names = [name for name in loss.inputs if name not in loss.optional]
    samples = [
        {name: _held(loss, name, i, columns, i < parted, whole) for i, name in enumerate(names)}
        for columns in COLUMNS
        for parted in (len(names), 1)  # inputs that have a sample's many entries
        for whole in (False, True)  # a domain of indices may have numbers too
    ]
    return next((sample for sample in samples if _takes(loss, sample)), samples[0])


def _takes(loss: Loss, sample: dict[str, Any]) -> bool:
    try:
        return bool(np.isfinite(loss(**sample, reduction="mean" if "mean" in loss.reductions else "sum")))
    except (losskit.LosskitError, ValueError):
        return False


def _range(domain: Domain) -> np.ndarray:
    low, high = getattr(domain, "lower", -np.inf), getattr(domain, "upper", np.inf)
    edge = 1e-3 * min(high - low, 1.0)
    return np.linspace(max(low + edge, -REACH), min(high - edge, REACH), POINTS)


def _held(loss: Loss, name: str, position: int, columns: int, parted: bool, whole: bool) -> np.ndarray:
    """What an input may hold: unit vectors that differ from input to input, class 0, 1 where that is allowed."""
    domain, rows = loss.domain(name), ROWS.get(loss.kind, 1)
    own = loss.example_shapes[position] if loss.example_shapes else None
    if isinstance(domain, Labels):
        return np.zeros(own or rows, dtype=np.int64)
    if isinstance(domain, Simplex):
        shares = 0.5 ** np.arange(columns)
        return np.tile(shares / shares.sum(), (rows, 1))
    shape: tuple[int, ...] = (rows, columns) if domain.columns else (rows,)
    if loss.kind == "structured" and parted:
        shape = (rows, ENTRIES, *shape[1:])
    shape = own or shape
    if domain.integer and whole:  # two of a kind, and others
        return np.resize([1, 1, 2], shape)
    filled = np.asarray(domain.filler(namespace(np.zeros(1)), np.zeros(shape)), dtype=float)
    if domain.columns:
        for row in range(filled.shape[0]):
            filled[row, ..., (position + row) % filled.shape[-1]] += 1.0
    elif isinstance(domain, Interval) and position:
        one = np.ones_like(filled)
        outside = domain.bad(namespace(one), one, None)
        filled = filled if outside is not None and outside.any() else one
    return filled


def drawn(shape: Profile, width: int = 61, height: int = 13) -> str:
    """The profile in characters: `*` the value, `.` the gradient."""
    curves = (shape.gradient, "."), (shape.value, "*")
    finite = np.concatenate([curve[np.isfinite(curve)] for curve, _ in curves])
    low, high = min(float(finite.min()), 0.0), max(float(finite.max()), 0.0)
    span = (high - low) or 1.0
    canvas = [[" "] * width for _ in range(height)]
    zero = round((height - 1) * (high / span))
    canvas[zero] = ["-"] * width
    for curve, mark in curves:
        for column in range(width):
            y = curve[round(column * (len(curve) - 1) / (width - 1))]
            if np.isfinite(y):
                canvas[round((height - 1) * (high - float(y)) / span)][column] = mark
    label = max(len(f"{high:.3g}"), len(f"{low:.3g}"))
    sides = [f"{high:.3g}" if i == 0 else f"{low:.3g}" if i == height - 1 else "" for i in range(height)]
    lines = [f"{side:>{label}} |{''.join(row).rstrip()}" for side, row in zip(sides, canvas, strict=True)]
    foot = f"{'':>{label}}  {shape.x[0]:<.3g}{shape.x[-1]:>{width - len(f'{shape.x[0]:.3g}')}.3g}"
    return "\n".join([*lines, foot, f"{'':>{label}}  * value   . gradient   over {shape.moving}"])


__all__ = ["Profile", "drawn", "example", "profile"]

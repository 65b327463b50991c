"""Seeds of a paired run: everything is seeded at the start, and the seeds the script passes are shifted."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np


def seed_python_and_numpy(offset: int) -> None:
    """Seed `random` and `numpy.random` with the offset, and shift what the script seeds them with from now on.

    A generator that would draw its seed from the system gets the next one of a fixed sequence.
    """
    random.seed(offset)
    np.random.seed(offset)
    unseeded = iter(range(offset, 1 << 62))
    new_generator = np.random.default_rng

    @wraps(new_generator)
    def default_rng(seed: Any = None) -> np.random.Generator:
        return new_generator(next(unseeded) if seed is None else _shifted(seed, offset))

    np.random.default_rng = default_rng
    np.random.seed = shifted(np.random.seed, offset)
    random.seed = shifted(random.seed, offset, "a")


def shifted(function: Callable[..., Any], offset: int, argument: str = "seed") -> Callable[..., Any]:
    """`function` with `offset` added to its first argument when that is an int; without one it gets the offset."""

    @wraps(function)
    def seeded(*args: Any, **kwargs: Any) -> Any:
        if args:
            args = (_shifted(args[0], offset), *args[1:])
        else:
            kwargs[argument] = _shifted(kwargs.get(argument), offset)
        return function(*args, **kwargs)

    return seeded


def _shifted(seed: Any, offset: int) -> Any:
    if seed is None:
        return offset
    return seed + offset if isinstance(seed, (int, np.integer)) and not isinstance(seed, bool) else seed


__all__ = ["seed_python_and_numpy", "shifted"]

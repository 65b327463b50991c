"""losskit under other libraries' names: `losskit.compat.torch`, `.keras`, `.optax` and `.sklearn_loss`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_LIBRARIES = ("torch", "keras", "optax", "sklearn_loss")


def __getattr__(name: str) -> Any:
    if name in _LIBRARIES:
        return import_module(f"losskit.compat.{name}")
    raise AttributeError(f"module 'losskit.compat' has no attribute {name!r}; it has {', '.join(_LIBRARIES)}")

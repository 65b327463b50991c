"""losskit under other libraries' names: `losskit.compat.torch`, `losskit.compat.keras`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_LIBRARIES = ("torch", "keras")


def __getattr__(name: str) -> Any:
    if name in _LIBRARIES:
        return import_module(f"losskit.compat.{name}")
    raise AttributeError(f"module 'losskit.compat' has no attribute {name!r}; it has {', '.join(_LIBRARIES)}")

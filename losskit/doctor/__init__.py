"""Finds out why a training run does not work, repairs it, and proves that the repair helped.

`Guard` and `GuardCallback` heal a run in flight; each imports its framework when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from losskit.doctor.guard.keras import GuardCallback
    from losskit.doctor.guard.torch import Guard

_MODULES = {"Guard": "losskit.doctor.guard.torch", "GuardCallback": "losskit.doctor.guard.keras"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


__all__ = ["Guard", "GuardCallback"]

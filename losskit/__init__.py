"""losskit: a proven catalogue of losses for every framework, and a doctor for training runs.

>>> import numpy as np
>>> import losskit
>>> float(losskit.Huber(delta=1.0)(np.array([0.0, 3.0]), np.array([0.5, 0.0])))
1.3125
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from losskit.core.catalogue import aliases, catalogue, find
    from losskit.core.checks import checks
    from losskit.core.config import from_config
    from losskit.core.domain import Domain
    from losskit.core.errors import DomainError, EmptyReductionError, LosskitError, ReductionError, ShapeError
    from losskit.core.facts import Facts
    from losskit.core.loss import Loss
    from losskit.core.objective import Objective
    from losskit.core.penalty import Penalty
    from losskit.core.reduction import Terms
    from losskit.losses import *

_HOME = {
    **dict.fromkeys(("catalogue", "aliases", "find"), "catalogue"),
    **dict.fromkeys(("DomainError", "EmptyReductionError", "LosskitError", "ReductionError", "ShapeError"), "errors"),
    "checks": "checks",
    "from_config": "config",
    "Domain": "domain",
    "Facts": "facts",
    "Loss": "loss",
    "Objective": "objective",
    "Penalty": "penalty",
    "Terms": "reduction",
}
_ROOMS = ("torch", "keras", "jax", "boosting", "sklearn", "compat", "training", "data", "doctor")


def __getattr__(name: str) -> Any:
    # Losses are loaded when the first one is asked for, so that `import losskit` costs NumPy at most.
    if name.startswith("_"):
        raise AttributeError(f"module 'losskit' has no attribute {name!r}")
    if name in _ROOMS:
        return import_module(f"losskit.{name}")
    losses = import_module("losskit.losses")
    if name in _HOME:
        value = getattr(import_module(f"losskit.core.{_HOME[name]}"), name)
    elif name in losses.__all__:
        value = getattr(losses, name)
    elif name in (aliases := import_module("losskit.core.catalogue").aliases):
        value = aliases[name]
    else:
        raise AttributeError(f"module 'losskit' has no attribute {name!r}; losskit.catalogue lists the losses")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    losses = import_module("losskit.losses")
    return sorted({*globals(), *_HOME, *_ROOMS, *losses.__all__, *import_module("losskit.core.catalogue").aliases})

"""Losses and penalties from plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from losskit.core.catalogue import aliases, catalogue
from losskit.core.loss import Loss
from losskit.core.penalty import Penalty, penalties


def from_config(config: Mapping[str, Any]) -> Loss | Penalty:
    """The loss or penalty whose `.config()` this is. Raises ValueError for a name that is not in the catalogue.

    >>> import losskit
    >>> losskit.from_config({"loss": "Huber", "delta": 2.0})
    Huber(delta=2.0)
    """
    settings = dict(config)
    known: Mapping[str, type[Any]]
    if "loss" in settings:
        name, known = settings.pop("loss"), catalogue | aliases
    elif "penalty" in settings:
        name, known = settings.pop("penalty"), penalties
    else:
        raise ValueError(f"config: expected a 'loss' or a 'penalty' key, got {sorted(settings)}")
    if name not in known:
        raise ValueError(f"config: no loss or penalty is named {name!r}; known: {', '.join(sorted(known))}")
    # JSON has lists only; hyper-parameters that are sequences are tuples, so that a loss can be hashed.
    return known[name](**{key: tuple(value) if isinstance(value, list) else value for key, value in settings.items()})

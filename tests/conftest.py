"""The installed frameworks, for every test room.

``FRAMEWORKS`` names them; a test that asks for the ``framework`` fixture runs once per framework, and is skipped with
a reason where one is not installed. KERAS_BACKEND chooses Keras's backend for the whole run (default: tensorflow).
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy
import pytest

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

FRAMEWORKS = ("numpy", "torch", "jax", "keras")

_NEEDS = {
    "numpy": ("numpy",),
    "torch": ("torch",),
    "jax": ("jax",),
    "keras": ("keras", os.environ["KERAS_BACKEND"]),
}


@dataclass(frozen=True)
class Framework:
    """One framework, seen through the vocabulary."""

    name: str
    xp: Any

    def array(self, values: Any, dtype: str | None = None) -> Any:
        """A NumPy array (or list) as this framework's array, of the same dtype."""
        return self.xp.asarray(numpy.asarray(values, dtype))

    def numpy(self, array: Any) -> numpy.ndarray:
        return self.xp.to_numpy(array)


@cache
def load(name: str) -> Framework:
    """The framework of that name; skips the test where it is not installed."""
    for package in _NEEDS[name]:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    if name == "jax" or (name == "keras" and os.environ["KERAS_BACKEND"] == "jax"):
        import jax

        jax.config.update("jax_enable_x64", True)  # else JAX has no float64
    return Framework(name, importlib.import_module(f"losskit.arrays.{name}").xp)


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> Framework:
    return load(request.param)

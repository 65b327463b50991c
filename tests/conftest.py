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

from losskit.arrays import namespace

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

FRAMEWORKS = ("numpy", "torch", "jax", "keras")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--every-script", action="store_true", help="run every script of tests/rules, not two or three of a rule"
    )


@dataclass(frozen=True)
class Framework:
    """One framework, seen through the vocabulary."""

    name: str
    xp: Any
    library: str
    """What computes: the framework itself, or Keras's backend."""

    def namespace(self, *arrays: Any) -> Any:
        """The vocabulary inside a function that is being differentiated."""
        return namespace(*arrays) if self.name == "numpy" else self.xp

    def array(self, values: Any, dtype: str | None = None) -> Any:
        """A NumPy array (or list) as this framework's array, of the same dtype."""
        return self.xp.asarray(numpy.asarray(values, dtype))

    def numpy(self, array: Any) -> numpy.ndarray:
        return self.xp.to_numpy(array)


@cache
def load(name: str) -> Framework:
    """The framework of that name; skips the test where it is not installed."""
    library = os.environ["KERAS_BACKEND"] if name == "keras" else name
    for package in (name, library):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    if library == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)  # else JAX has no float64
    return Framework(name, importlib.import_module(f"losskit.arrays.{name}").xp, library)


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> Framework:
    return load(request.param)

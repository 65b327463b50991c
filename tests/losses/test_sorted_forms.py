"""Formulas that sort instead of comparing all pairs have the value and gradient of all pairs, ties included."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def growth() -> Any:
    sys.path.insert(0, str(BENCHMARKS))  # where it finds measure.py
    try:
        spec = importlib.util.spec_from_file_location("growth", BENCHMARKS / "growth.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["growth"] = module  # dataclasses look their module up
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(BENCHMARKS))
    return module


def test_value_and_gradient_are_those_of_all_pairs(growth: Any) -> None:
    for row in growth.ROWS:
        value, gradient = growth.difference(row)
        assert max(value, gradient) < 1e-12, row.name

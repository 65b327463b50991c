"""Formulas that sort instead of comparing all pairs have the value and gradient of all pairs, ties included."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

pytest.importorskip("torch")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_value_and_gradient_are_those_of_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    growth = import_module("growth")
    for row in growth.ROWS:
        value, gradient = growth.difference(row)
        assert max(value, gradient) < 1e-12, row.name

"""The hooks are set when a module is imported, not when somebody asks whether it could be."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

import pytest

from losskit.doctor.probe.imports import AfterImport


def test_asking_for_a_spec_first_does_not_lose_the_hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorFlow looks for the spec of keras long before it imports it."""
    (tmp_path / "framework_of_the_test.py").write_text("ready = True\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.delitem(sys.modules, "framework_of_the_test", raising=False)
    told: list[bool] = []
    AfterImport({"framework_of_the_test": lambda: told.append(sys.modules["framework_of_the_test"].ready)})
    assert importlib.util.find_spec("framework_of_the_test") is not None
    assert told == []
    importlib.import_module("framework_of_the_test")
    assert told == [True]

"""PyTorch's own suites pass on losskit.compat.torch: a part of them drawn once; the script runs the whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import losskit

pytest.importorskip("torch")
pytest.importorskip("expecttest")

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "suites" / "torch_suites.py"
NOT_IN_THE_SUITES = {"TripletMarginLoss", "TripletMarginWithDistanceLoss"}  # as modules; their functions are


@pytest.mark.slow
def test_pytorchs_suites_pass() -> None:
    # A process of its own: importing PyTorch's suites changes the settings of hypothesis and of torch.backends.
    done = subprocess.run([sys.executable, SCRIPT, "--limit", "8"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = {row[0]: int(row[1]) for row in (line.split() for line in done.stdout.splitlines()) if len(row) == 4}
    compat = losskit.compat.torch
    names = {*compat.__all__, *compat.functional.__all__} - {"functional"} - NOT_IN_THE_SUITES
    assert {name for name in names if not passed.get(name)} == set()

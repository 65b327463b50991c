"""Peers' own tests, from their wheels, pass on losskit.compat: a part of them here, the whole in the scripts."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

SUITES = Path(__file__).parents[2] / "benchmarks" / "suites"
PARTS = [
    ("keras", "jax", "Huber or Focal or Sparse or Tversky or LossTest"),
    ("keras", "torch", "Crossentropy or Hinge or Dice"),
    ("optax", "", "Poly or IntegerLabels or Triplet or Hinge"),
    ("sklearn", "", "specific_values or numerically or perfect or pickle"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("peer", "backend", "part"), PARTS, ids=lambda each: each.partition(" ")[0])
def test_a_peers_own_tests_pass(peer: str, backend: str, part: str) -> None:
    for package in filter(None, (peer, backend)):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    # A process of its own: the peer's modules are changed there.
    command = [sys.executable, SUITES / f"{peer}_suite.py", "--only", part]
    environment = {**os.environ, "KERAS_BACKEND": backend or "jax"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    total = next(line for line in done.stdout.splitlines() if line.startswith("all"))
    assert int(total.split()[1]) > 30

"""Memory kept between steps: counted in page faults, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

STEPS = """
import resource, sys
import numpy as np
from losskit.training.memory import keep_memory
kept = sys.argv[1] == "kept"
assert not kept or keep_memory()
def step():
    held = [np.ones(2**21) for _ in range(4)]  # 16 MB each
    return sum(float(each[0]) for each in held)
step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's malloc")
def test_what_a_step_frees_the_next_one_takes() -> None:
    faults = {}
    usual = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    for how in ("kept", "left"):
        command = [sys.executable, "-c", STEPS, how]
        done = subprocess.run(
            command, env=usual | {"NUMPY_MADVISE_HUGEPAGE": "0"}, capture_output=True, text=True, check=True
        )
        faults[how] = int(done.stdout)
    assert faults["left"] > 2 * faults["kept"]  # with pages of 4 kB some 80,000 to none


def test_elsewhere_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    from losskit.training.memory import keep_memory

    monkeypatch.setattr(sys, "platform", "darwin")
    assert not keep_memory()

"""CONTRIBUTING's way of adding a loss is taken: its class and its twin go where it says, and the generic tests run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAME = "LogarithmicError"


def copied(to: Path) -> Path:
    """The library and the tests of its losses."""
    ignore = shutil.ignore_patterns("__pycache__")
    for folder in ("losskit", "tests/losses", "tests/oracles"):
        shutil.copytree(ROOT / folder, to / folder, ignore=ignore)
    for file in ("tests/__init__.py", "tests/conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / file, to / file)
    return to


@pytest.mark.parametrize("right", [True, False], ids=["as written", "with a wrong constant"])
def test_a_loss_is_added_as_one_class_and_one_twin(right: bool, tmp_path: Path) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    loss, twin = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    house = copied(tmp_path)
    family, oracles = house / "losskit/losses/robust.py", house / "tests/oracles/robust.py"
    with family.open("a", encoding="utf-8") as file:
        file.write(f"\n\n{loss if right else loss.replace('log1p(', 'log1p(0.99 * ')}\n__all__ += ['{NAME}']\n")
    with oracles.open("a", encoding="utf-8") as file:
        file.write(f"\n\n{twin}")
    asked = f"({NAME} or every_loss_of_the_catalogue) and not (jax or keras or tensorflow)"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts="]
    done = subprocess.run(
        [*command, "-q", "-x", "tests/losses", "-k", asked],
        cwd=house,
        env=os.environ | {"PYTHONPATH": str(house)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == right, done.stdout[-3000:] + done.stderr
    found = re.search(r"(\d+) passed" if right else rf"FAILED .*{NAME}", done.stdout)
    assert found is not None, done.stdout[-3000:]
    assert not right or int(found[1]) > 40

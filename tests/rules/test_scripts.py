"""Every rule has scripts that have its fault and twins that have not: `LKnnn/bad*.py` and `LKnnn/good*.py`.

A bad script says with `# <- fault` which line a person would change. Each is run under the probe: of every rule a
bad and a good one, and for every other rule a second bad one in Keras, for the rest the good one in Keras.
`pytest --every-script` runs them all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

import pytest

from losskit.doctor.finding import Finding
from losskit.doctor.ranking import diagnose
from losskit.recording.file import read
from losskit.recording.recording import Recording
from tests.rules.warm import Warm

HERE = Path(__file__).parent
MARK = "# <- fault"
NEAR = 3  # lines
SECONDS = 120


def scripts(pattern: str) -> list[Path]:
    return sorted(HERE.glob(f"LK*/{pattern}"))


def in_keras_first(rule: list[Path]) -> list[Path]:
    return sorted(rule, key=lambda path: "keras" not in path.name)


def some_bad(rules: list[list[Path]]) -> list[Path]:
    """Of each rule the first; of every other rule the first in Keras too, else the second."""
    return [path for n, rule in enumerate(rules) for path in rule[:1] + in_keras_first(rule[1:])[: 1 - n % 2]]


def some_good(rules: list[list[Path]]) -> list[Path]:
    """Of each rule the first; in Keras of those rules that have no bad one in it."""
    return [(in_keras_first(rule) if n % 2 else rule)[0] for n, rule in enumerate(rules)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name, pattern, some in (("bad_script", "bad*.py", some_bad), ("good_script", "good*.py", some_good)):
        if name in metafunc.fixturenames:
            found = scripts(pattern)
            rules = [list(group) for _, group in groupby(found, key=lambda path: path.parent)]
            metafunc.parametrize(name, found if metafunc.config.getoption("every_script") else some(rules), ids=named)


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.fixture(scope="session")
def warm() -> Iterator[Callable[[str], Warm]]:
    """The process whose forks run the scripts of a framework."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "default"}
    started: dict[str, Warm] = {}

    def of(framework: str) -> Warm:
        if framework not in started or started[framework].ended:  # of a script that hung
            started[framework] = Warm(framework, environment)
        return started[framework]

    yield of
    for one in started.values():
        one.close()


def record(script: Path, folder: Path, warm: Callable[[str], Warm]) -> Recording:
    """Run a script as the doctor does, in its own folder."""
    to, output = folder / "recording.jsonl", folder / "output.txt"
    status = warm(framework(script)).run(["--recording", str(to), script.name], script.parent, output, SECONDS)
    recording = read(to)
    assert recording.end is not None, output.read_text()
    assert recording.end.exit == status, output.read_text()
    return recording


def framework(script: Path) -> str:
    """What a script computes with: Keras takes TensorFlow unless the script says otherwise."""
    text = script.read_text()
    named = re.search(r"""KERAS_BACKEND["'](?:\] = |, )["'](\w+)""", text)
    return named[1] if named else "tensorflow" if re.search("import (keras|tensorflow)|from keras", text) else "torch"


def findings(recording: Recording) -> tuple[Finding, ...]:
    return diagnose(recording, note=pytest.fail)


def needs(script: Path) -> None:
    text = script.read_text()
    for framework in ("torch", "keras", "tensorflow"):
        if (f"import {framework}" in text or f"from {framework}" in text) and find_spec(framework) is None:
            pytest.skip(f"needs {framework}")


def told(found: tuple[Finding, ...]) -> str:
    return "\n".join(f"{one.severity} {one.code} {one.confidence} {one.place}: {one.message}" for one in found)


def test_the_fault_is_found_first_and_at_its_line(bad_script: Path, tmp_path: Path, warm: Callable[[str], Warm]) -> None:
    needs(bad_script)
    found = findings(record(bad_script, tmp_path, warm))
    marked = [number for number, line in enumerate(bad_script.read_text().splitlines(), 1) if MARK in line]
    assert marked, f"{bad_script} marks no line with {MARK!r}"
    assert found, "nothing was found"
    first = found[0]
    assert first.code == bad_script.parent.name, told(found)
    assert first.place is not None
    assert first.place.file == bad_script.name
    assert any(abs(first.place.line - line) <= NEAR for line in marked), told(found)


def test_a_healthy_script_is_left_in_peace(good_script: Path, tmp_path: Path, warm: Callable[[str], Warm]) -> None:
    needs(good_script)
    recording = record(good_script, tmp_path, warm)
    assert recording.end is not None
    assert recording.end.exit == 0, recording.end.traceback
    disturbed = tuple(one for one in findings(recording) if one.severity != "info")
    assert not disturbed, told(disturbed)
    metric = recording.metric  # None where nothing is predicted: pairs, policies
    if metric is not None:
        assert metric.value is not None
        assert metric.chance is None or metric.value > metric.chance

"""Every rule has scripts that have its fault and twins that have not: `LKnnn/bad*.py` and `LKnnn/good*.py`.

A bad script says with `# <- fault` which line a person would change. All are run under the probe, once per session and
two at a time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest

from losskit.doctor.finding import Finding
from losskit.doctor.ranking import diagnose
from losskit.recording.file import read
from losskit.recording.recording import Recording

HERE = Path(__file__).parent
MARK = "# <- fault"
NEAR = 3  # lines
AT_A_TIME = 2
SECONDS = 120


def scripts(pattern: str) -> list[Path]:
    return sorted(HERE.glob(f"LK*/{pattern}"))


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.fixture(scope="session")
def recordings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[Path, Future[Recording]]]:
    """The recording of each script that this session asks for."""
    folder = tmp_path_factory.mktemp("recordings")
    wanted = {item.callspec.params["script"] for item in request.session.items if item.path == Path(__file__)}
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        yield {script: pool.submit(record, script, folder) for script in sorted(wanted)}
        pool.shutdown(cancel_futures=True)


def record(script: Path, folder: Path) -> Recording:
    """Run a script as the doctor does, in its own folder."""
    to = folder / f"{script.parent.name}-{script.stem}.jsonl"
    command = [sys.executable, "-m", "losskit.doctor.probe", "--recording", str(to), script.name]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "default"}
    done = subprocess.run(
        command, cwd=script.parent, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    recording = read(to)
    assert recording.end is not None, done.stderr
    assert recording.end.exit == done.returncode, done.stderr
    return recording


def findings(recording: Recording) -> tuple[Finding, ...]:
    return diagnose(recording, note=pytest.fail)


def needs(script: Path) -> None:
    text = script.read_text()
    for framework in ("torch", "keras", "tensorflow"):
        if (f"import {framework}" in text or f"from {framework}" in text) and find_spec(framework) is None:
            pytest.skip(f"needs {framework}")


def told(found: tuple[Finding, ...]) -> str:
    return "\n".join(f"{one.severity} {one.code} {one.confidence} {one.place}: {one.message}" for one in found)


@pytest.mark.parametrize("script", scripts("bad*.py"), ids=named)
def test_the_fault_is_found_first_and_at_its_line(script: Path, recordings: dict[Path, Future[Recording]]) -> None:
    needs(script)
    found = findings(recordings[script].result())
    marked = [number for number, line in enumerate(script.read_text().splitlines(), 1) if MARK in line]
    assert marked, f"{script} marks no line with {MARK!r}"
    assert found, "nothing was found"
    first = found[0]
    assert first.code == script.parent.name, told(found)
    assert first.place is not None
    assert first.place.file == script.name
    assert any(abs(first.place.line - line) <= NEAR for line in marked), told(found)


@pytest.mark.parametrize("script", scripts("good*.py"), ids=named)
def test_a_healthy_script_is_left_in_peace(script: Path, recordings: dict[Path, Future[Recording]]) -> None:
    needs(script)
    recording = recordings[script].result()
    assert recording.end is not None
    assert recording.end.exit == 0, recording.end.traceback
    disturbed = tuple(one for one in findings(recording) if one.severity != "info")
    assert not disturbed, told(disturbed)
    metric = recording.metric
    assert metric is not None
    assert metric.value is not None
    assert metric.chance is None or metric.value > metric.chance

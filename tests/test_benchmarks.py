"""benchmarks/run.py, with a section of its own: what it runs, writes and says."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SECTION = """
import argparse
from measure import Line, report
parser = argparse.ArgumentParser()
parser.add_argument("--json")
report([
    Line("fast", 0.5, "s", 1.0, "the peer", (0.4, 0.6)),
    Line("slow & <large>", 3.0, "s", 1.0),
    Line("told", 7.0, "s"),
], parser.parse_args().json)
"""


def loaded() -> Any:
    spec = importlib.util.spec_from_file_location("benchmarks_run", BENCHMARKS / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    module = loaded()
    (tmp_path / "section.py").write_text(SECTION)
    (tmp_path / "broken.py").write_text("raise SystemExit(4)")
    (tmp_path / "measure.py").write_text((BENCHMARKS / "measure.py").read_text())
    monkeypatch.setattr(module, "HERE", tmp_path)
    monkeypatch.setattr(module, "SECTIONS", {"own": ["section.py"], "broken": ["broken.py"]})
    monkeypatch.setattr(module, "gpu", lambda: None)
    return module


def call(run: Any, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["run.py", *words])
    return run.main()


def test_every_section_is_run_and_every_line_written(run: Any, tmp_path: Path, monkeypatch, capsys) -> None:
    assert call(run, monkeypatch, "--out", str(tmp_path / "out")) == 1
    said = capsys.readouterr().out
    assert "1 of 3 lines hold" in said
    assert "missed: slow & <large>: 3 s, target 1.0" in said
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    lines = {line["name"]: line["holds"] for found in results["sections"].values() for line in found}
    assert lines == {"fast": True, "slow & <large>": False, "told": None, "broken.py ended with status 4": False}
    assert results["versions"]["python"]
    assert "slow &amp; &lt;large>" in (tmp_path / "out" / "results.svg").read_text()


def test_sections_are_named_and_checked(run: Any, tmp_path: Path, monkeypatch, capsys) -> None:
    with pytest.raises(SystemExit, match="2"):
        call(run, monkeypatch, "nothing")
    assert "SECTION: expected some of own, broken, got 'nothing'" in capsys.readouterr().err
    monkeypatch.setattr(run, "SECTIONS", {"own": ["section.py"], "broken": ["broken.py"]})
    call(run, monkeypatch, "own", "--out", str(tmp_path / "out"))
    assert list(json.loads((tmp_path / "out" / "results.json").read_text())["sections"]) == ["own"]


def test_there_is_a_script_for_every_section() -> None:
    assert all((BENCHMARKS / script).exists() for script, *_ in loaded().SECTIONS.values())

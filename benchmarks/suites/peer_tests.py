"""Runs a peer's own test files under pytest and tells what came of each test class."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Outcome:
    """What came of one test. reason: why it was skipped, or how it failed."""

    group: str
    test: str
    status: str
    reason: str = ""


class _Recorder:
    """The pytest plugin that skips what is absent and keeps what came of the rest."""

    def __init__(self, absent: Mapping[str, str]) -> None:
        self.absent = absent
        self.outcomes: list[Outcome] = []

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        for item in items:
            for name, reason in self.absent.items():
                if re.search(name, item.nodeid.split("::", 1)[-1]):
                    item.add_marker(pytest.mark.skip(reason=reason))

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.outcomes.append(Outcome(report.nodeid, "collection", "fail", str(report.longrepr)[-300:]))

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when != "call" and report.passed:
            return
        file, *groups, test = report.nodeid.split("::")
        group = "::".join(groups) or f"{Path(file).name}: {test.partition('[')[0]}"
        if report.skipped:
            reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.outcomes.append(Outcome(group, test, "skip", reason.removeprefix("Skipped: ")))
        elif report.failed:
            last = str(report.longrepr).strip().splitlines()[-1]
            lines = [line for line in str(report.longrepr).splitlines() if line.startswith("E ")]
            self.outcomes.append(Outcome(group, test, "fail", " ".join(lines[:3]) or last))
        else:
            self.outcomes.append(Outcome(group, test, "pass"))


def run(files: Iterable[Path], absent: Mapping[str, str], only: str = "", fixtures: str = "") -> list[Outcome]:
    """Every test of the files, away from the checkout's own packages, so that the installed peer is what is imported.

    absent: a pattern of a test's or class's name → why it is skipped. only: as pytest's -k. fixtures: a module that has
    the fixtures the tests ask for.
    """
    recorder = _Recorder(absent)
    with tempfile.TemporaryDirectory() as folder:
        copies = [shutil.copy(file, Path(folder) / file.name) for file in files]
        settings = Path(folder) / "pytest.ini"
        settings.write_text("[pytest]\n")
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            options = ["-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-c", str(settings), "-k", only]
            options += ["-p", fixtures] if fixtures else []
            pytest.main([*options, *map(str, copies)], plugins=[recorder])
    return recorder.outcomes


def show(outcomes: Sequence[Outcome]) -> int:
    """Print pass, skip and fail of each class, every reason, and return how many failed."""
    print(f"{'':<60}{'pass':>7}{'skip':>7}{'fail':>7}")
    for group in [*dict.fromkeys(outcome.group for outcome in outcomes), "all"]:
        count = Counter(outcome.status for outcome in outcomes if group in (outcome.group, "all"))
        print(f"{group:<60}{count['pass']:>7}{count['skip']:>7}{count['fail']:>7}")
    skipped = Counter((each.group, each.reason) for each in outcomes if each.status == "skip")
    for (group, reason), times in skipped.items():
        print(f"skip {times} × {group}: {reason}")
    failed = [each for each in outcomes if each.status == "fail"]
    for each in failed:
        print(f"fail {each.group} {each.test}: {each.reason}")
    return len(failed)

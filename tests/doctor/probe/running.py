"""Runs a script under the probe, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

from losskit.recording.file import read
from losskit.recording.recording import Recording


@dataclass(frozen=True)
class Outcome:
    status: int
    stdout: str
    stderr: str
    recording: Recording
    source: str

    def line(self, text: str) -> int:
        """The number of the first line of the script that holds the text."""
        return next(n for n, line in enumerate(self.source.splitlines(), 1) if text in line)


def plain(folder: Path, source: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """`python script.py ARGUMENTS`."""
    (folder / "script.py").write_text(textwrap.dedent(source))
    return _python(folder, "script.py", *arguments, stdin=stdin)


def probed(folder: Path, source: str, *arguments: str, options: tuple[str, ...] = (), stdin: str = "") -> Outcome:
    """The same under the probe, with what it recorded."""
    source = textwrap.dedent(source)
    (folder / "script.py").write_text(source)
    probe = ("-m", "losskit.doctor.probe", "--recording", "out.jsonl", *options)
    done = _python(folder, *probe, "script.py", *arguments, stdin=stdin)
    return Outcome(done.returncode, done.stdout, done.stderr, read(folder / "out.jsonl"), source)


def _python(folder: Path, *arguments: str, stdin: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"},
        timeout=120,
        check=False,
    )

"""The script's own run, under the probe: where the user is, with what the user gave it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from losskit.recording.facts import End, Event
from losskit.recording.file import read
from losskit.recording.recording import Recording


@dataclass(frozen=True)
class Observation:
    """What was recorded, the script's exit status (128 + n when signal n ended it), and when it ran (time.time())."""

    recording: Recording
    exit: int
    signal: int | None  # that ended it
    started: float
    ended: float

    @property
    def training_began(self) -> float:
        """The latest moment at which training can have begun; what was written later, the training wrote."""
        end = self.recording.end
        return self.ended if end is None else self.started + max(end.seconds - end.training_seconds, 0.0)

    @property
    def seconds(self) -> float:
        return self.ended - self.started


def observe(script: str, arguments: Sequence[str]) -> Observation:
    """Run `python SCRIPT ARGS…` under the probe. It keeps our stdin; both its outputs go to our stderr, live.

    Ctrl-C reaches the script as it would without us (it is in our process group); if it does not end then, it is ended.
    """
    with tempfile.TemporaryDirectory(prefix="losskit-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "recording.jsonl"
        started = time.time()
        process = subprocess.Popen(probe_command(path, script, arguments), stdout=2)
        try:
            status = process.wait()
        except BaseException:
            _end(process)
            raise
        ended = time.time()
        number = -status if status < 0 else None
        exit = status if number is None else 128 + number
        return Observation(read_recording(path, exit, ended - started), exit, number, started, ended)


def probe_command(
    recording: Path,
    script: str,
    arguments: Sequence[str],
    seed_offset: int | None = None,
    untouched: Sequence[Path] = (),
) -> list[str]:
    seed = [] if seed_offset is None else ["--seed-offset", str(seed_offset)]
    kept = [word for folder in untouched for word in ("--untouched", str(folder))]
    options = ["--recording", str(recording), *seed, *kept]
    return [sys.executable, "-m", "losskit.doctor.probe", *options, script, *arguments]


def read_recording(path: Path, exit: int, seconds: float, reason: str = "killed") -> Recording:
    """The recording of a run that is over; the End is written in here when the run could not."""
    try:
        recording = read(path) if path.exists() else Recording()
    except ValueError as error:
        recording = Recording(events=[Event("blind", f"the recording of the run could not be read: {error}")])
    if recording.end is None:
        recording.end = End(exit=exit, seconds=seconds, reason=reason)
    elif reason == "budget":
        recording.end = replace(recording.end, reason=reason)
    return recording


def _end(process: subprocess.Popen[bytes]) -> None:
    """It may have had its own Ctrl-C and be saving something; then it is asked, then killed."""
    for patience, then in ((1.0, process.terminate), (5.0, process.kill)):
        try:
            process.wait(patience)
            return
        except subprocess.TimeoutExpired:
            then()
    process.wait()


__all__ = ["Observation", "observe", "probe_command", "read_recording"]

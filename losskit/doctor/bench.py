"""Where versions of a script are tried: each run in its own copy of the script's folders."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from losskit.doctor.observe import probe_command, read_recording
from losskit.doctor.patch import Patch
from losskit.recording.recording import Recording
from losskit.trials.compare import PARALLEL
from losskit.trials.processes import Processes
from losskit.trials.workplace import Copy, Workplace

_THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
# A trial shows no windows and reports to nobody's experiment tracker.
_QUIET = {"MPLBACKEND": "Agg", "WANDB_MODE": "disabled", "COMET_MODE": "disabled"}


class Bench:
    """Runs versions of a script with the same arguments and different seeds. Use it in a ``with`` block.

    A version is a Patch of the user's files. A (version, seed) that ran to its end is run once: the trial of the next
    remedy, and that of all of them together, find it here.
    """

    def __init__(self, script: str, arguments: Sequence[str], outputs_since: float) -> None:
        self._script, self._arguments = Path(script).resolve(), tuple(arguments)
        self._folder = Path.cwd()
        self._workplace = Workplace(self._script, self._folder, outputs_since)
        self._processes = Processes()
        self._finished: dict[tuple[Patch, int], Recording] = {}
        self.refused: set[str] = set()  # files of the user that a run wanted to change
        self._copies = 0  # in use
        self._changed = threading.Condition()

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *error: object) -> None:
        self._processes.__exit__(*error)
        with self._changed:  # the threads of runs that were ended still have their copies to remove
            self._changed.wait_for(lambda: self._copies == 0)

    def run(self, version: Patch, seed: int, seconds: float) -> Recording:
        """What was recorded of that version with the script's seeds shifted by `seed`, ended after `seconds`."""
        known = self._finished.get((version, seed))
        if known is not None:
            return known
        with self._counted(), self._workplace.copy(version.contents()) as copy:
            path = copy.folder / "recording.jsonl"
            folder = copy.of(self._folder)
            script = os.path.relpath(copy.of(self._script), folder)
            arguments = [_inside(copy, one) for one in self._arguments]
            command = probe_command(path, script, arguments, seed, self._workplace.roots)
            began = time.monotonic()
            status = self._processes.run(command, folder=folder, environment=_environment(copy), seconds=seconds)
            took = time.monotonic() - began
            if path.exists():
                path.write_text(copy.restore(path.read_text(encoding="utf-8")), encoding="utf-8")
            if status is None:
                return read_recording(path, 1, took, "budget")
            self._finished[version, seed] = recording = read_recording(path, status, took)
            self.refused.update(event.message for event in recording.events if event.kind == "refused")
            return recording

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._changed:
            self._copies += 1
        try:
            yield
        finally:
            with self._changed:
                self._copies -= 1
                self._changed.notify_all()

    def holds(self, file: Path) -> bool:
        """Whether a run has its own copy of that file, so that another text of it can be tried."""
        return self._workplace.holds(file)

    def finished(self, version: Patch, seed: int) -> Recording | None:
        """The recording of a run that came to its end, None when there is none."""
        return self._finished.get((version, seed))


def _environment(copy: Copy) -> dict[str, str]:
    share = str(max(1, (os.cpu_count() or 1) // PARALLEL))
    threads = dict.fromkeys(_THREADS, share)
    paths = os.environ.get("PYTHONPATH")
    found = {"PYTHONPATH": os.pathsep.join(str(copy.of(one)) for one in paths.split(os.pathsep))} if paths else {}
    return {**os.environ, **threads, **_QUIET, **found}


def _inside(copy: Copy, argument: str) -> str:
    """An argument that names one of the user's files by its whole path, or ``--name=PATH``, names the copy's."""
    name, equals, value = argument.rpartition("=")
    return f"{name}{equals}{copy.of(value)}" if os.path.isabs(value) else argument


__all__ = ["Bench"]

"""Commands in process groups of their own, so that a run can be ended with everything it started."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

GRACE = 3.0  # seconds between asking a process to end and ending it


class Processes:
    """Runs commands, from several threads if need be. Leaving the ``with`` block ends those that still run."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._closed = True
            running = list(self._running)
        for process in running:
            end(process)

    def run(
        self, command: Sequence[str], *, folder: Path, environment: Mapping[str, str], seconds: float
    ) -> int | None:
        """The command's exit status (minus the signal's number when one ended it), None when its time was over.

        It reads nothing and its output is dropped. What it started and left behind is ended with it.
        """
        with self._lock:
            if self._closed:
                return None
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._running.add(process)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            end(process)
            with self._lock:
                self._running.discard(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads its own group, and the group: ask, wait, then kill."""
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    if os.name == "posix":
        _signal(process, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # the group is empty; macOS calls one that is ending forbidden
        if os.name == "posix":
            os.killpg(process.pid, number)
        else:
            process.terminate()


__all__ = ["Processes", "end"]

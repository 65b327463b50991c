"""Runs scripts under the probe in forks of a process that has imported what is slow to import: most of a short run.

python -m tests.rules.warm MODULE…    takes requests from standard input, a line of JSON each, and answers with a
                                      line: the exit status.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from losskit.doctor.probe.__main__ import main

SCIENCE = ("pandas", "sklearn.datasets", "sklearn.model_selection", "sklearn.preprocessing")
SLOW = {
    "torch": ("torch._dynamo", "losskit.doctor.probe.torch_hooks"),  # the first is imported by the first optimizer
    "tensorflow": ("tensorflow", "keras", "losskit.doctor.probe.keras_hooks"),
    "jax": ("jax",),
}


class Warm:
    """A process of which each run is a fork; `environment` is that of all of them."""

    def __init__(self, framework: str, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.rules.warm", *SLOW[framework], *SCIENCE]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True
        )

    def run(self, arguments: list[str], folder: Path, output: Path, seconds: float) -> int:
        """The exit status of `python -m losskit.doctor.probe ARGUMENTS` in a folder; what it prints goes to a file."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        print(json.dumps([arguments, str(folder), str(output)]), file=process.stdin, flush=True)
        if not select.select([process.stdout], [], [], seconds)[0]:
            self.close()
            raise TimeoutError(f"{arguments} took more than {seconds} s")
        return int(process.stdout.readline())

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def close(self) -> None:
        if self.ended:
            return
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


def serve(modules: list[str]) -> None:
    for name in modules:
        import_module(name)
    gc.freeze()  # what is imported is not looked through again by every fork
    for line in sys.stdin:
        arguments, folder, output = json.loads(line)
        if not (child := os.fork()):
            os.chdir(folder)
            file = os.open(output, os.O_WRONLY | os.O_CREAT)
            for stream in (sys.stdout, sys.stderr):
                os.dup2(file, stream.fileno())
            sys.exit(main(arguments))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1:])

"""`python -m losskit.doctor.probe SCRIPT` runs a script as `python SCRIPT` does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from losskit.recording.file import read
from tests.doctor.probe.running import plain, probed

TALKS = """
    import sys, os
    print(sys.argv, os.path.isabs(__file__), __name__, sys.stdin.read())
    print(os.path.samefile(sys.path[0], os.path.dirname(__file__)), file=sys.stderr)
    if __name__ == "__main__":
        sys.exit(int(sys.argv[1]))
"""


@pytest.mark.parametrize("status", [0, 3])
def test_arguments_streams_and_exit_status_are_the_scripts(tmp_path: Path, status: int) -> None:
    expected = plain(tmp_path, TALKS, str(status), "--flag", stdin="typed")
    outcome = probed(tmp_path, TALKS, str(status), "--flag", stdin="typed")
    assert (outcome.status, outcome.stderr) == (expected.returncode, expected.stderr)
    assert outcome.stdout.replace(str(tmp_path) + os.sep, "") == expected.stdout
    assert outcome.recording.end is not None
    assert (outcome.recording.end.exit, outcome.recording.end.reason) == (status, "finished")
    assert outcome.recording.start is not None
    assert outcome.recording.start.arguments == (str(status), "--flag")


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    raise ValueError('no')\ntry:\n    f()\nexcept ValueError as e:\n    raise KeyError from e\n",
        "import sys\nsys.exit('stopped')\n",
        "x = (\n",
        "raise KeyboardInterrupt\n",
    ],
)
def test_errors_look_as_without_the_probe(tmp_path: Path, source: str) -> None:
    expected = plain(tmp_path, source)
    outcome = probed(tmp_path, source)
    assert outcome.stderr == expected.stderr
    assert outcome.status == (130 if "Interrupt" in source else expected.returncode)
    assert outcome.recording.end is not None


def test_an_exception_is_recorded_with_its_place(tmp_path: Path) -> None:
    outcome = probed(tmp_path, "import json\njson.loads('{')\n")
    end = outcome.recording.end
    assert end is not None
    assert end.reason == "exception"
    assert end.traceback is not None
    assert "losskit" not in end.traceback
    (event,) = (event for event in outcome.recording.events if event.kind == "exception")
    assert str(event.place) == "script.py:2"
    assert event.message.startswith("JSONDecodeError")


def test_warnings_shown_to_the_user_are_noted_once(tmp_path: Path) -> None:
    source = "import warnings\nfor _ in range(3):\n    warnings.warn('careful')\n"
    outcome = probed(tmp_path, source)
    assert [(e.kind, str(e.place)) for e in outcome.recording.events] == [("warning", "script.py:3")]
    assert outcome.stderr.count("careful") == plain(tmp_path, source).stderr.count("careful")


def test_a_terminated_run_still_ends(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("import time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    command = [sys.executable, "-m", "losskit.doctor.probe", "--recording", "out.jsonl", "script.py"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == -signal.SIGTERM
    end = read(tmp_path / "out.jsonl").end
    assert end is not None
    assert end.reason == "killed"


def test_a_run_that_leaves_at_once_leaves_its_start(tmp_path: Path) -> None:
    outcome = probed(tmp_path, "import os\nos._exit(7)\n")
    assert outcome.status == 7
    assert outcome.recording.start is not None
    assert outcome.recording.end is None


def test_nothing_is_imported_that_the_script_does_not_import(tmp_path: Path) -> None:
    outcome = probed(
        tmp_path, "import sys\nprint([n for n in ('torch', 'keras', 'tensorflow', 'jax') if n in sys.modules])\n"
    )
    assert outcome.stdout == "[]\n"


SEEDED = """
    import random
    import numpy as np
    print(random.random(), np.random.rand(), np.random.default_rng().random())
    random.seed(4); np.random.seed(4)
    print(random.random(), np.random.rand(), np.random.default_rng(4).random())
"""


def test_seed_offset_makes_runs_repeat_and_shifts_seeds(tmp_path: Path) -> None:
    zero, again, one = (probed(tmp_path, SEEDED, options=("--seed-offset", k)).stdout.splitlines() for k in "001")
    script = plain(tmp_path, SEEDED).stdout.splitlines()
    assert zero == again
    assert zero[1] == script[1]  # the script's own seeds stand
    assert one[0] != zero[0]
    assert one[1] != zero[1]
    shifted = plain(tmp_path, SEEDED.replace("4", "5")).stdout.splitlines()
    assert one[1] == shifted[1]

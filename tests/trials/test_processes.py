"""Runs end when they should, with everything they started."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from losskit.trials.processes import Processes

pytestmark = pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX's")


def python(code):
    return [sys.executable, "-S", "-c", code]


def alive(pid):
    """Whether the process runs (a zombie, which nobody has waited for, does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain")
        time.sleep(0.02)


def test_status_output_and_input(tmp_path, capfd):
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(len(sys.stdin.read()) + 7)"
    with Processes() as processes:
        assert processes.run(python(code), folder=tmp_path, environment=os.environ, seconds=30) == 7
    assert capfd.readouterr() == ("", "")


def test_folder_and_environment(tmp_path):
    code = "import os; open('here', 'w').write(os.environ['WORD'])"
    with Processes() as processes:
        processes.run(python(code), folder=tmp_path, environment={"WORD": "x"}, seconds=30)
    assert (tmp_path / "here").read_text() == "x"


def test_time_is_over(tmp_path):
    with Processes() as processes:
        assert processes.run(python("while True: pass"), folder=tmp_path, environment=os.environ, seconds=0.2) is None


def test_what_a_run_started_ends_with_it(tmp_path):
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(1000)'])\n"
        "open('pid', 'w').write(str(child.pid))"
    )
    with Processes() as processes:
        assert processes.run(python(code), folder=tmp_path, environment=os.environ, seconds=30) == 0
    wait_for(lambda: not alive((tmp_path / "pid").read_text()))


def test_leaving_ends_a_run_that_ignores_being_asked(tmp_path, monkeypatch):
    monkeypatch.setattr("losskit.trials.processes.GRACE", 0.2)
    code = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "open('pid.new', 'w').write(str(os.getpid()))\n"
        "os.replace('pid.new', 'pid')\n"
        "time.sleep(1000)"
    )
    with Processes() as processes:
        run = threading.Thread(
            target=processes.run,
            args=(python(code),),
            kwargs={"folder": tmp_path, "environment": os.environ, "seconds": 1000},
        )
        run.start()
        wait_for((tmp_path / "pid").exists)
    assert not alive((tmp_path / "pid").read_text())
    run.join(10)
    assert not run.is_alive()
    assert processes.run(python("pass"), folder=tmp_path, environment=os.environ, seconds=1) is None  # no new ones

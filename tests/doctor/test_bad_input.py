"""`losskit doctor` on scripts that misbehave: a clear word, their own behaviour and exit, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DOCTOR = [sys.executable, "-m", "losskit", "doctor"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder; temporary files go to one beside it."""
    (tmp_path / "temporary").mkdir()
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.chdir(tmp_path / "home")
    return tmp_path / "home"


def doctor(folder: Path, source: str, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    (folder / "train.py").write_text(source)
    more.setdefault("stdin", subprocess.DEVNULL if "input" not in more else None)
    done = subprocess.run(
        [*DOCTOR, "train.py", *words], cwd=folder, capture_output=True, text=True, timeout=300, check=False, **more
    )
    assert not list((folder.parent / "temporary").glob("losskit*"))
    assert "losskit/" not in done.stderr  # no traceback of ours
    return done


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("source", "status", "said"),
    [
        ("1 / 0\n", 3, "ZeroDivisionError"),
        ("def f(:\n", 3, "SyntaxError"),
        ("import sys\nsys.exit('no data here')\n", 3, "no data here"),
        ("import sys\nsys.exit(0)\n", 0, "No training was seen"),
        ("import os\nos._exit(5)\n", 3, "exit status 5"),
        ("import argparse as a\np = a.ArgumentParser()\np.add_argument('data')\np.parse_args()\n", 3, "required: data"),
        ("from . import model\n", 3, "ImportError"),
        ("import not_installed_anywhere\n", 3, "not_installed_anywhere"),
        ("\x00", 3, "null bytes"),
        ("", 0, "No training was seen"),
        ("try:\n    raise KeyboardInterrupt\nexcept BaseException:\n    pass\n", 0, "No training was seen"),
        ("import sys\nsys.argv[:] = []\nsys.stdout.close()\n", 0, "No training was seen"),
        ("import signal, os\nos.kill(os.getpid(), signal.SIGSEGV)\n", 3, "SIGSEGV"),
    ],
)
def test_what_a_script_does_is_said(folder: Path, source: str, status: int, said: str) -> None:
    done = doctor(folder, source)
    assert said in done.stdout + done.stderr
    assert done.returncode == status
    assert left(folder) == {"train.py"}


def test_stdin_reaches_the_script(folder: Path) -> None:
    done = doctor(folder, "print('read', input())\n", input="words\n")
    assert "read words" in done.stderr
    assert done.returncode == 0


def test_gigabytes_of_output_are_not_kept(folder: Path) -> None:
    size = 400  # MiB
    (folder / "train.py").write_text(f"for _ in range({size}):\n    print('x' * 2**20)\n")
    # In a process of its own: the largest of its children is then the doctor or the script, not that of another test.
    measured = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    command = [sys.executable, "-c", measured, *DOCTOR, "train.py"]
    status, most = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert int(status) == 0
    assert int(most) / 2 ** (20 if sys.platform == "darwin" else 10) < size


MANY = """
import multiprocessing, os, sys

def work(number):
    return number + 1

if __name__ == "__main__":
    print([multiprocessing.get_context("spawn").Pool(1).map(work, range(3))])
    child = os.fork()
    if child == 0:
        print("child", flush=True)
        sys.exit(7)
    print("status", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_processes_of_the_script(folder: Path) -> None:
    done = doctor(folder, MANY, "--format", "json")
    assert "[[1, 2, 3]]" in done.stderr
    assert done.stderr.count("child") == 1
    assert "status 7" in done.stderr
    assert json.loads(done.stdout)["exit"] == 0


def test_folder_and_files_of_the_script(folder: Path) -> None:
    (folder / "old.txt").write_text("old")
    (folder / "run").mkdir()
    remove = "import os\nos.remove('old.txt')\nos.chdir('run')\nos.remove('../train.py')\n"
    done = doctor(folder, remove + "open('new.txt', 'w').write('new')\n")
    assert done.returncode == 0
    assert left(folder) == {"run"}  # as it wished
    assert (folder / "run/new.txt").read_text() == "new"


HANGS = """
import signal, sys, time
def handler(number, frame):
    print("handled", flush=True)
    sys.exit(9)
if "handles" in sys.argv:
    signal.signal(signal.SIGINT, handler)
print("ready", flush=True)
while True:
    try:
        time.sleep(100)
    except BaseException:
        if "stubborn" not in sys.argv:
            raise
"""


@pytest.mark.parametrize("kind", ["plain", "handles", "stubborn"])
def test_ctrl_c_ends_a_script_that_hangs(folder: Path, kind: str) -> None:
    (folder / "train.py").write_text(HANGS)
    process = subprocess.Popen(
        [*DOCTOR, "train.py", kind], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "ready\n"
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert ("handled" in said) == (kind == "handles")
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    assert not list((folder.parent / "temporary").iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train.py", "--fix", "--output", "no/such/folder.py"], "folder that exists"),
        (["train.py", "--output", "patched.py"], "--output needs --fix"),
        (["train.py", "--fix", "--output", "."], "expected a file"),
        (["."], "got the folder"),
        (["missing.py"], "not there"),
        (["train.ipynb"], "nbconvert"),
        (["train.py", "--seeds", "1"], "at least 2"),
        (["train.py", "--budget", "soon"], "expected seconds"),
    ],
)
def test_wrong_use_is_said_before_the_script_runs(folder: Path, words: list[str], said: str) -> None:
    (folder / "train.py").write_text("open('ran', 'w')\n")
    done = subprocess.run([*DOCTOR, *words], capture_output=True, text=True, check=False)
    assert said in done.stderr
    assert done.returncode == 2
    assert left(folder) == {"train.py"}


FAULTY = """
import os
from pathlib import Path
import torch
from torch import nn
here = Path(__file__).resolve().parent
with open("log.txt", "a") as log:
    log.write("ran\\n")
torch.manual_seed(0)
X = torch.randn(240, 6)
y = X[:, :3].argmax(1)
model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3), nn.Softmax(dim=1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(100):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(X[:200]), y[:200])
    loss.backward()
    optimizer.step()
with torch.no_grad():
    print((model(X[200:]).argmax(1) == y[200:]).float().mean())
torch.save(model.state_dict(), "FOLDER/whole.pt")
torch.save(model.state_dict(), here / "model.pt")
torch.save(model.state_dict(), os.environ["WHOLE"] + "/other.pt")
"""


@pytest.mark.slow
def test_trials_write_nothing_into_the_users_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setenv("WHOLE", str(folder))
    source = FAULTY.replace("FOLDER", str(folder))
    done = doctor(folder, source, "--fix", "--seeds", "2")
    assert left(folder) == {"train.py", "log.txt", "whole.pt", "model.pt", "other.pt"}
    assert (folder / "log.txt").read_text() == "ran\n"
    assert (folder / "train.py").read_text() == source
    assert "seed 1" in done.stdout  # trials were made
    assert (folder / "whole.pt").stat().st_mtime <= (folder / "other.pt").stat().st_mtime  # of the run before them
    assert "A trial may not change the user's files" in done.stdout


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a folder that it may not write")
def test_an_output_that_cannot_be_written(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0o500)
    done = doctor(folder, "print(1)\n", "--fix", "--output", "closed/patched.py")
    assert done.returncode == 0
    assert left(folder / "closed") == set()


def test_a_full_disk_costs_the_recording_not_the_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "script.py").write_text("import warnings\nwarnings.warn('careful')\nprint('done')\n")
    probe = [sys.executable, "-m", "losskit.doctor.probe", "--recording", "/dev/full", "script.py"]
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    assert done.stdout == "done\n"
    assert done.returncode == 0

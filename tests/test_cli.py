"""The command line: what words mean, exit statuses, and what is printed where."""

import json
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from losskit.cli import main
from losskit.cli.doctor import script_last
from losskit.doctor.finding import Diagnosis, Finding
from losskit.recording.facts import End, Metric, Place, Start
from losskit.recording.file import Recorder
from losskit.recording.recording import Recording

LOSSKIT = [sys.executable, "-m", "losskit"]


def run(*words, **more):
    return subprocess.run([*LOSSKIT, *words], capture_output=True, text=True, timeout=120, **more)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("print('hello')\n")
    return tmp_path


@pytest.fixture
def examined(monkeypatch):
    """The words that `examine` was called with; it answers with the diagnosis in `answer`."""
    calls = []

    def examine(script, arguments, **options):
        options.pop("say")
        assert options.pop("observation") == ("seen", script, arguments)
        calls.append((script, arguments, options))
        return examine.answer

    examine.answer = diagnosis()
    examine.calls = calls
    monkeypatch.setattr("losskit.doctor.examine.examine", examine)
    monkeypatch.setattr("losskit.doctor.observe.observe", lambda script, arguments: ("seen", script, arguments))
    monkeypatch.setattr("signal.signal", lambda number, handler: None)
    return examine


def diagnosis(*severities, exit=0):
    findings = (Finding("LK101", "double-activation", one, 0.9, "m", Place("train.py", 3)) for one in severities)
    return Diagnosis("train.py", "torch", exit, Metric("accuracy", 0.4, "training"), 0.01, tuple(findings), Recording())


@pytest.mark.parametrize(
    ("words", "ours", "theirs"),
    [
        ("train.py", [], ["train.py"]),
        ("train.py --fix", ["--fix"], ["train.py"]),
        ("--fix train.py", ["--fix"], ["train.py"]),
        ("--seeds 4 train.py a b", ["--seeds", "4"], ["train.py", "a", "b"]),
        ("train.py --epochs 3 --fix data.csv", ["--fix"], ["train.py", "--epochs", "3", "data.csv"]),
        ("train.py --format=json -v", ["--format=json"], ["train.py", "-v"]),
        ("train.py --fix -- --fix --output x", ["--fix"], ["train.py", "--fix", "--output", "x"]),
        ("-- train.py --fix", [], ["train.py", "--fix"]),
        ("train.py --output", ["--output"], ["train.py"]),
        ("--wrong train.py", ["--wrong"], ["train.py"]),
        ("train.py --help", ["--help"], ["train.py"]),
    ],
)
def test_which_words_are_whose(words, ours, theirs):
    assert script_last(["doctor", *words.split()]) == ["doctor", *ours, "--", *theirs]


def test_the_script_is_not_made_to_wait_for_what_comes_after_it(folder):
    code = """
import sys
import subprocess
from losskit.cli import main

def begun(*_, **options):
    print(*sorted({"numpy", "libcst", "losskit.doctor.examine", "losskit.losses"} & set(sys.modules)), "begun")
    sys.exit()

subprocess.Popen = begun
main(["doctor", "train.py"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["begun"]


def test_the_words_arrive(folder, examined):
    words = "doctor train.py --lr 0.1 --fix --output p.py --seeds 4 --budget 90 -- --fix"
    assert main(words.split()) == 0
    ((script, arguments, options),) = examined.calls
    assert (script, arguments) == ("train.py", ["--lr", "0.1", "--fix"])
    assert options == {"fix": True, "output": "p.py", "seeds": 4, "budget": 90.0}
    main(["doctor", "train.py"])
    assert examined.calls[1][2] == {"fix": False, "output": None, "seeds": 3, "budget": None}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (diagnosis(), 0),
        (diagnosis("info"), 0),
        (diagnosis("info", "warning"), 1),
        (diagnosis("error"), 1),
        (diagnosis(exit=1), 3),
        (diagnosis("error", exit=137), 3),
    ],
)
def test_exit_status(folder, examined, answer, status):
    examined.answer = answer
    assert main(["doctor", "train.py"]) == status


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("doctor missing.py", "'missing.py', which is not there"),
        ("doctor .", "got the folder '.'"),
        ("doctor notes.ipynb", "nbconvert"),
        ("doctor", "SCRIPT"),
        ("doctor --wrong train.py", "--wrong"),
        ("doctor train.py --output p.py", "--output needs --fix"),
        ("doctor train.py --fix --output nowhere/p.py", "folder that exists"),
        ("doctor train.py --report .", "--report: expected a file"),
        ("doctor train.py --seeds 1", "one seed shows no noise"),
        ("doctor train.py --seeds x", "expected at least 2"),
        ("doctor train.py --budget 0", "a number above 0"),
        ("doctor train.py --budget nan", "a number above 0"),
        ("doctor train.py --format xml", "xml"),
        ("doctor train.py --form json --seeds", "expected one argument"),
        ("rule LK999", "'LK999'"),
        ("check missing.csv", "missing.csv"),
        ("check train.py", "train.py: expected columns"),
        ("unknown", "unknown"),
        ("", "COMMAND"),
    ],
)
def test_wrong_use(folder, words, said, capsys):
    with pytest.raises(SystemExit) as raised:
        main(words.split())
    assert raised.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


@pytest.mark.parametrize(
    ("words", "there", "not_there"),
    [
        ("losses --family robust", "Cauchy", "Huber"),
        ("losses --kind classwise --fact convex=true", "CrossEntropy", "Focal "),
        ("losses --domain counts", "PoissonNegativeLogLikelihood", "Huber"),
        ("losses --fact minimiser=median --fact smooth=0", "AbsoluteError", "SquaredError"),
        ("show huber", "* value   . gradient   over prediction", "Traceback"),
    ],
)
def test_the_catalogue_on_the_command_line(words: str, there: str, not_there: str, capsys) -> None:
    assert main(words.split()) == 0
    out = capsys.readouterr().out
    assert there in out
    assert not_there not in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("losses --family nope", "--family: expected one of"),
        ("losses --kind nope", "kind: expected one of"),
        ("losses --fact convex", "expected NAME=VALUE"),
        ("losses --fact colour=1", "unknown facts"),
    ],
)
def test_a_search_for_what_there_is_not(words: str, said: str, capsys) -> None:
    with pytest.raises(SystemExit):
        main(words.split())
    assert said in capsys.readouterr().err


def test_json_is_one_object_on_stdout_and_the_report_is_named_in_it(folder, examined, monkeypatch, capsys):
    written = []
    monkeypatch.setattr(
        "losskit.report.html.write_diagnosis", lambda one, path: written.append((one.report, str(path)))
    )
    main(["doctor", "train.py", "--format", "json", "--report", "r.html"])
    document = json.loads(capsys.readouterr().out)
    assert document["report"] == "r.html"
    assert written == [("r.html", "r.html")]


def test_a_report_that_cannot_be_written_does_not_cost_the_diagnosis(folder, examined, monkeypatch, capsys):
    def full(one, path):
        raise OSError("disk full")

    monkeypatch.setattr("losskit.report.html.write_diagnosis", full)
    assert main(["doctor", "train.py", "--format", "json", "--report", "r.html"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["report"] is None
    assert "disk full" in err


def test_other_formats(folder, examined, capsys):
    examined.answer = diagnosis("error")
    main(["doctor", "train.py", "--format", "github"])
    assert capsys.readouterr().out == "::error file=train.py,line=3,title=LK101 double-activation::m\n"
    main(["doctor", "train.py", "--format", "sarif"])
    assert json.loads(capsys.readouterr().out)["version"] == "2.1.0"
    main(["doctor", "train.py"])
    assert "1 problem found in train.py" in capsys.readouterr().out


def test_help_and_version_load_nothing():
    code = (
        "import sys\nfrom losskit.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print({'rich', 'libcst', 'torch', 'keras', 'losskit.doctor.rules', 'losskit.report'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("set()")
    assert "doctor" in done.stdout
    assert run("--version").stdout.startswith("losskit ")


def test_rule(capsys):
    assert main(["rule", "lk101"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("LK101 double-activation (error)")
    for label in ("What:", "Why:", "Fix:", "Thresholds:"):
        assert label in said
    assert main(["rule", "double-activation"]) == 0
    assert capsys.readouterr().out == said
    assert main(["rule"]) == 0
    assert "LK101  error    double-activation" in capsys.readouterr().out


def test_a_reader_that_goes_away_is_no_error():
    done = subprocess.run(f"{sys.executable} -m losskit rule | true", shell=True, capture_output=True, text=True)
    assert done.stderr == ""


def diverging(recorder, until=60):
    recorder.fact(Start("train.py", framework="torch"))
    for step in range(until):
        recorder.measure("loss", step, 1.0 if step < 20 else float("nan"))


def test_check(folder, capsys):
    recorder = Recorder("run.jsonl")
    diverging(recorder)
    recorder.close()
    (folder / "fine.csv").write_text("epoch,loss\n" + "".join(f"{i},{2 / (i + 1)}\n" for i in range(20)))
    assert main(["check", "run.jsonl", "fine.csv", "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["version"] == 1
    first, second = document["diagnoses"]
    assert (first["script"], second["script"]) == ("run.jsonl", "fine.csv")
    assert [one["code"] for one in first["findings"]] == ["LK201"]
    assert second["findings"] == []
    assert main(["check", "fine.csv"]) == 0
    assert "No problem found in fine.csv" in capsys.readouterr().out


def test_watch_says_each_finding_once_and_ends_with_the_run(folder):
    watching = subprocess.Popen([*LOSSKIT, "watch", "run.jsonl"], stdout=subprocess.PIPE, text=True)
    recorder = Recorder("run.jsonl")
    diverging(recorder)
    recorder.flush()
    first = watching.stdout.readline()
    recorder.measure("loss", 61, float("nan"))
    recorder.fact(End(0, 1.0))
    recorder.close()
    rest = watching.communicate(timeout=60)[0]
    assert "LK201" in first
    assert "LK201" not in rest
    assert watching.returncode == 1


def test_watch_waits_for_what_is_half_written_and_refuses_what_is_no_log(folder, monkeypatch, capsys):
    text = json.dumps({"log_history": [{"step": step, "loss": float("nan")} for step in range(30)]})
    (folder / "state.json").write_text(text[:100])
    polls = []

    def sleep(seconds):
        polls.append(seconds)
        if len(polls) == 1:
            (folder / "state.json").write_text(text)
        elif len(polls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("losskit.cli.watch.time", SimpleNamespace(sleep=sleep))
    assert main(["watch", "state.json"]) == 1
    assert "LK201" in capsys.readouterr().out
    polls.extend([0.0] * 3)
    with pytest.raises(SystemExit) as raised:
        main(["watch", "train.py"])
    assert raised.value.code == 2


def test_a_script_without_training(folder):
    done = run("doctor", "train.py")
    assert done.returncode == 0
    assert "no training was seen" in done.stdout
    assert "hello" in done.stderr
    assert "hello" not in done.stdout


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("def f(:\n", "SyntaxError"),
        ("raise ValueError('of the script')\n", "ValueError: of the script"),
        ("import sys\nsys.exit('no data')\n", "no data"),
    ],
)
def test_a_script_that_fails(folder, script, said):
    (folder / "train.py").write_text(script)
    done = run("doctor", "train.py", "--format", "json")
    assert done.returncode == 3
    assert said in done.stderr
    assert "losskit/doctor" not in done.stderr  # the traceback is the script's own
    assert json.loads(done.stdout)["exit"] == 1


def test_stdin_is_the_scripts(folder):
    (folder / "train.py").write_text("print('read', input())\n")
    assert "read this" in run("doctor", "train.py", input="this\n").stderr


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_ends_the_script_and_leaves_nothing_behind(folder, number, status):
    (folder / "train.py").write_text(
        "import os, time\n"
        "open('pid.new', 'w').write(str(os.getpid()))\n"
        "os.replace('pid.new', 'pid')\n"
        "time.sleep(1000)\n"
    )
    temporary = folder / "temporary"
    temporary.mkdir()
    doctor = subprocess.Popen(
        [*LOSSKIT, "doctor", "train.py"],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 60
    while not (folder / "pid").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    doctor.send_signal(number)
    out, _ = doctor.communicate(timeout=60)
    assert doctor.returncode == status
    assert out == b""
    with pytest.raises(ProcessLookupError):
        os.kill(int((folder / "pid").read_text()), 0)
    assert not list(temporary.iterdir())


LEARNS_THE_MEAN = """\
import sys
import torch

torch.manual_seed(0)
x = torch.randn(256, 4)
y = x @ torch.tensor([1.0, -2.0, 3.0, 0.5])
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(5):
    for batch in torch.randperm(256).split(32):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x[batch]), y[batch])
        loss.backward()
        optimizer.step()
open("loss.txt", "a").write(f"{loss.item()}\\n")
print("said by the script", *sys.argv[1:])
"""


@pytest.mark.slow
def test_the_whole_way(folder):
    pytest.importorskip("torch")
    (folder / "train.py").write_text(LEARNS_THE_MEAN)
    words = "doctor train.py an-argument --fix --seeds 2 --output patched.py --report r.html --format json"
    temporary = folder / "temporary"
    temporary.mkdir()
    done = run(*words.split(), env={**os.environ, "OMP_NUM_THREADS": "1", "TMPDIR": str(temporary)})
    assert done.returncode == 1, done.stderr
    assert "said by the script an-argument" in done.stderr
    document = json.loads(done.stdout)
    assert (document["framework"], document["exit"], document["metric"]["name"]) == ("torch", 0, "r2")
    finding = document["findings"][0]
    assert (finding["code"], finding["file"], finding["line"]) == ("LK106", "train.py", 12)
    remedy = finding["remedies"][0]
    assert remedy["trial"]["accepted"]
    assert min(remedy["trial"]["after"]) > 0.5 > max(remedy["trial"]["before"])
    assert (document["patched"], document["report"]) == ("patched.py", "r.html")
    assert "-        loss = torch.nn.functional.mse_loss(model(x[batch]), y[batch])" in remedy["diff"]
    assert (folder / "train.py").read_text() == LEARNS_THE_MEAN
    assert len((folder / "loss.txt").read_text().splitlines()) == 1  # the trials wrote theirs elsewhere
    assert sorted(os.listdir()) == ["loss.txt", "patched.py", "r.html", "temporary", "train.py"]
    assert not list(temporary.glob("losskit*"))
    again = run("doctor", "patched.py", "--format", "json")
    assert again.returncode == 0, again.stdout

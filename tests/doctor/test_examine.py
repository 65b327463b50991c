"""The pipeline from script to diagnosis, with a stand-in for the probe and rules of our own making."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from losskit.doctor import bench, observe, ranking, treatment
from losskit.doctor.examine import examine
from losskit.doctor.finding import Remedy
from losskit.doctor.patch import unified
from losskit.doctor.rules import Rule

PROBE = Path(__file__).with_name("stand_in_probe.py")
FAULTS = {"softmax": "LK901", "rate": "LK902", "noise": "LK903"}

# Each fault is a line that says True; a script is as accurate as its faults allow.
SCRIPT = """\
import sys
softmax = True
rate = True
noise = False
lines = enumerate(open(__file__).read().splitlines(), 1)
faults = {text.split()[0]: ("train.py", line) for line, text in lines if text.endswith("= True")}
accuracy = 0.9 - 0.3 * softmax - 0.2 * rate + 0.001 * SEED
"""


def probe_command(recording, script, arguments, seed_offset=None, untouched=()):
    seed = [] if seed_offset is None else ["--seed-offset", str(seed_offset)]
    return [sys.executable, str(PROBE), "--recording", str(recording), *seed, script, *arguments]


def check(rule, recording):
    for event in recording.events:
        if event.kind == "fault" and FAULTS[event.message] == rule.code:
            yield rule.finding(event.message, place=event.place, confidence=0.9, evidence={})


def remedies(finding, recording, source, file):
    """Turn the fault's line off, with a remark of its own; and before that, something that does not help."""
    lines = source.splitlines(keepends=True)
    line = lines[finding.place.line - 1]
    for name, new in (("comment", f"# no\n{line}"), ("turn-off", f"# off\n{line.replace('True', 'False')}")):
        text = "".join([*lines[: finding.place.line - 1], new, *lines[finding.place.line :]])
        yield Remedy(f"{name}-{finding.message}", f"{name} {finding.message}", text, unified(source, text, file))


@pytest.fixture(autouse=True)
def stand_in(monkeypatch, tmp_path):
    rules = {code: Rule(code, name, "error", "", "", "", "", (), 0.0, check) for name, code in FAULTS.items()}
    monkeypatch.setattr(ranking, "rules", lambda: rules)
    monkeypatch.setattr(treatment, "remedies", lambda *given: tuple(remedies(*given)))
    monkeypatch.setattr(observe, "probe_command", probe_command)
    monkeypatch.setattr(bench, "probe_command", probe_command)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "temporary").mkdir()
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    return home


def snapshot(folder=Path()):
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def tried(diagnosis):
    return {
        remedy.id: remedy.trial.accepted if remedy.trial else None
        for finding in diagnosis.findings
        for remedy in finding.remedies
    }


def test_without_fix_remedies_are_shown_and_not_tried(stand_in):
    (stand_in / "train.py").write_text(SCRIPT)
    before = snapshot()
    diagnosis = examine("train.py")
    assert [(one.code, str(one.place)) for one in diagnosis.findings] == [
        ("LK901", "train.py:2"),
        ("LK902", "train.py:3"),
    ]
    assert set(tried(diagnosis).values()) == {None}
    assert (diagnosis.script, diagnosis.framework, diagnosis.exit) == ("train.py", "torch", 0)
    assert diagnosis.metric.value == pytest.approx(0.4)
    assert diagnosis.overhead == pytest.approx(0.25)
    assert (diagnosis.patched, diagnosis.patched_source, diagnosis.diff) == (None, None, None)
    assert snapshot() == before


def test_causes_are_cured_one_on_top_of_the_other(stand_in):
    (stand_in / "train.py").write_text(SCRIPT)
    before = snapshot()
    diagnosis = examine("train.py", fix=True)
    cured = SCRIPT.replace("softmax = True", "softmax = False").replace("rate = True", "rate = False")
    assert tried(diagnosis) == {
        "comment-softmax": False,
        "turn-off-softmax": True,
        "comment-rate": False,
        "turn-off-rate": True,
    }
    assert diagnosis.patched_source.replace("# off\n", "") == cured
    assert diagnosis.final_trial.accepted
    assert diagnosis.final_trial.before == pytest.approx((0.4, 0.401, 0.402))
    assert diagnosis.final_trial.after == pytest.approx((0.9, 0.901, 0.902))
    assert "+softmax = False" in diagnosis.diff
    assert "+rate = False" in diagnosis.diff
    assert diagnosis.patched is None
    assert snapshot() == before
    assert not list((stand_in.parent / "temporary").iterdir())


def test_each_version_runs_once_per_seed(stand_in):
    (stand_in / "train.py").write_text(SCRIPT + f"open({str(stand_in.parent / 'runs')!r}, 'a').write('.')\n")
    examine("train.py", fix=True)
    runs = (stand_in.parent / "runs").read_text()
    # the user's own; the original, without softmax, without both: 3 seeds each; two that do not help: 1 seed each
    assert len(runs) == 1 + 3 * 3 + 2


def test_the_patched_script_is_written_where_asked(stand_in):
    (stand_in / "train.py").write_text(SCRIPT)
    (stand_in / "train.py").chmod(0o755)
    diagnosis = examine("train.py", fix=True, output="patched.py")
    assert diagnosis.patched == "patched.py"
    assert Path("patched.py").read_text() == diagnosis.patched_source
    assert Path("patched.py").stat().st_mode & 0o777 == 0o755
    assert Path("train.py").read_text() == SCRIPT
    assert sorted(os.listdir()) == ["patched.py", "train.py"]


def test_the_original_is_overwritten_only_when_it_is_named_and_as_it_was(stand_in):
    (stand_in / "train.py").write_text(SCRIPT)
    os.utime("train.py", (1, 1))
    diagnosis = examine("train.py", fix=True, output="train.py")
    assert Path("train.py").read_text() == diagnosis.patched_source != SCRIPT
    edited = SCRIPT + f"open({str(stand_in / 'train.py')!r}, 'a').write('# edited\\n')\n"
    Path("train.py").write_text(edited)
    diagnosis = examine("train.py", fix=True, output=str(Path("train.py").absolute()))
    assert diagnosis.patched is None
    assert any("changed while" in note for note in diagnosis.notes)
    assert Path("train.py").read_text().startswith(edited)


def test_a_helper_module_is_patched_in_the_trials_and_both_files_come_as_a_diff(stand_in):
    (stand_in / "lib").mkdir()
    (stand_in / "lib/model.py").write_text("softmax = True\n")
    script = (
        "from lib.model import softmax\nrate = True\n"
        'faults = {"softmax": ("lib/model.py", 1)} if softmax else {"rate": ("train.py", 2)} if rate else {}\n'
        "accuracy = 0.9 - 0.3 * softmax - 0.2 * rate\n"
    )
    (stand_in / "train.py").write_text(script)
    diagnosis = examine("train.py", fix=True, output="patched.py")
    assert diagnosis.patched == "patched.patch"
    assert examine("train.py", fix=True, output="patched.py").patched is None  # there is one already
    assert Path("patched.patch").read_text() == diagnosis.diff
    assert "a/lib/model.py" in diagnosis.diff
    assert "a/train.py" in diagnosis.diff
    assert [(one.code, str(one.place)) for one in diagnosis.findings] == [
        ("LK901", "lib/model.py:1"),
        ("LK902", "train.py:2"),  # found only after the first was cured
    ]
    assert Path("lib/model.py").read_text() == "softmax = True\n"


def test_a_later_remedy_that_is_better_still_takes_the_place_of_the_first_that_helped(stand_in, monkeypatch):
    script = SCRIPT.replace("rate = True", "rate = 0.2").replace("0.2 * rate", "rate")
    (stand_in / "train.py").write_text(script)

    def ladder(finding, recording, source, file):
        for rate in ("0.3", "0.1", "0.15", "0.0"):
            text = source.replace("rate = 0.2", f"rate = {rate}")
            if text != source:
                yield Remedy(f"rate-{rate}", rate, text, unified(source, text, file))

    monkeypatch.setattr(treatment, "remedies", lambda *given: tuple(ladder(*given)))
    diagnosis = examine("train.py", fix=True)
    assert tried(diagnosis) == {"rate-0.3": False, "rate-0.1": False, "rate-0.15": False, "rate-0.0": True}
    assert diagnosis.patched_source == script.replace("rate = 0.2", "rate = 0.0")
    reasons = {remedy.id: remedy.trial.reason for remedy in diagnosis.findings[0].remedies}
    assert "rate-0.0 is better still" in reasons["rate-0.1"]
    assert "Against rate-0.1" in reasons["rate-0.15"]
    (accepted,) = [remedy.trial for remedy in diagnosis.findings[0].remedies if remedy.trial.accepted]
    assert accepted.before == pytest.approx((0.4, 0.401, 0.402))  # the script's own, not those of the first that helped


def test_where_the_cause_has_no_remedy_that_of_a_symptom_is_tried(stand_in, monkeypatch):
    causes = ranking.rules()
    causes["LK901"] = replace(causes["LK901"], explains=("LK902",))
    (stand_in / "train.py").write_text(SCRIPT)
    without = lambda finding, *given: () if finding.code == "LK901" else tuple(remedies(finding, *given))  # noqa: E731
    monkeypatch.setattr(treatment, "remedies", without)
    diagnosis = examine("train.py", fix=True)
    assert [finding.code for finding in diagnosis.findings] == ["LK901", "LK902"]
    assert diagnosis.patched_source == SCRIPT.replace("rate = True", "# off\nrate = False")


def test_what_helps_a_symptom_does_not_take_the_place_of_the_cure(stand_in, monkeypatch):
    causes = ranking.rules()
    causes["LK901"] = replace(causes["LK901"], explains=("LK902",))
    (stand_in / "train.py").write_text(SCRIPT)

    def covering(finding, recording, source, file):
        """Of the cause its cure; of the symptom an edit that gains more, and leaves the cause where it is."""
        cured = source.replace("softmax = True", "softmax = False")
        covered = source.replace("accuracy = 0.9", "accuracy = 1.4")
        name, text = ("cure", cured) if finding.code == "LK901" else ("cover", covered)
        return (Remedy(name, name, text, unified(source, text, file)),) if text != source else ()

    monkeypatch.setattr(treatment, "remedies", covering)
    monkeypatch.setattr(treatment, "MOST_CURES", 1)
    diagnosis = examine("train.py", fix=True)
    assert tried(diagnosis) == {"cure": True}
    assert "softmax = False" in diagnosis.patched_source


def test_two_causes_that_hide_each_other_are_cured_together(stand_in):
    script = SCRIPT.replace("accuracy = 0.9 - 0.3 * softmax - 0.2 * rate", "accuracy = 0.9 - 0.5 * (softmax or rate)")
    (stand_in / "train.py").write_text(script)
    only = {"turn-off-softmax", "turn-off-rate"}
    original = treatment.remedies
    treatment.remedies = lambda *given: tuple(one for one in original(*given) if one.id in only)
    diagnosis = examine("train.py", fix=True)
    assert "softmax = False\n# off\nrate = False" in diagnosis.patched_source
    together = next(r.trial for f in diagnosis.findings for r in f.remedies if r.trial and r.trial.accepted)
    assert together.reason.startswith("Together with turn-off-softmax")


def test_what_does_not_help_is_left_alone(stand_in):
    (stand_in / "train.py").write_text(SCRIPT.replace("0.3 * softmax", "0 * softmax").replace("0.2 * rate", "0 * rate"))
    diagnosis = examine("train.py", fix=True, output="patched.py")
    assert set(tried(diagnosis).values()) == {False}
    assert diagnosis.patched_source is None
    assert not Path("patched.py").exists()
    assert any("No remedy made" in note for note in diagnosis.notes)


def test_trials_that_cannot_be_run_do_not_cost_the_diagnosis(stand_in, monkeypatch):
    def full(*given):
        raise OSError("disk full")

    monkeypatch.setattr("losskit.trials.workplace.shutil.copy2", full)
    (stand_in / "train.py").write_text(SCRIPT)
    diagnosis = examine("train.py", fix=True)
    assert [one.code for one in diagnosis.findings] == ["LK901", "LK902"]
    assert "The trials ended early: disk full" in diagnosis.notes


def test_a_recording_that_cannot_be_read_is_said(stand_in):
    path = stand_in / "recording.jsonl"
    path.write_text("no json\n\n")
    assert "could not be read" in observe.read_recording(path, 0, 1.0).events[0].message


def test_no_budget_no_trials(stand_in):
    (stand_in / "train.py").write_text(SCRIPT)
    diagnosis = examine("train.py", fix=True, budget=1e-3)
    assert set(tried(diagnosis).values()) == {None}
    assert "The budget of 0 s ended before every remedy was tried." in diagnosis.notes


def test_a_healthy_script(stand_in):
    (stand_in / "train.py").write_text(SCRIPT.replace(" = True\n", " = False\n"))
    diagnosis = examine("train.py", fix=True, output="patched.py")
    assert diagnosis.findings == ()
    assert diagnosis.notes == ("Nothing was found, so there is nothing to fix.",)


def test_arguments_and_files_of_the_script(stand_in):
    (stand_in / "data.csv").write_text("7")
    script = (
        SCRIPT + "assert sys.argv[1:3] == ['--epochs', '3'] and open('data.csv').read() == open(sys.argv[3]).read()\n"
    )
    (stand_in / "train.py").write_text(script)
    diagnosis = examine("train.py", ["--epochs", "3", str(stand_in / "data.csv")], fix=True)
    assert diagnosis.exit == 0
    assert diagnosis.patched_source is not None


def test_a_script_of_another_folder(stand_in):
    (stand_in / "scripts").mkdir()
    (stand_in / "scripts/train.py").write_text(SCRIPT.replace('("train.py"', '("scripts/train.py"'))
    diagnosis = examine("scripts/train.py", fix=True)
    assert diagnosis.final_trial.accepted
    assert diagnosis.findings[0].place.file == "scripts/train.py"


def test_a_script_outside_of_the_current_folder(stand_in):
    script = stand_in.parent / "scripts/train.py"
    script.parent.mkdir()
    script.write_text(SCRIPT.replace('("train.py"', "(__import__('os').path.realpath(__file__)"))
    diagnosis = examine("../scripts/train.py", fix=True)
    assert diagnosis.final_trial.accepted  # the second cure was found in a copy, and named as the user's file
    assert {finding.place.file for finding in diagnosis.findings} == {str(script)}
    assert script.read_text().count("True") == 3


def test_a_cause_found_only_after_a_cure_is_at_the_users_line(stand_in):
    hidden = SCRIPT + "faults = {'softmax': faults['softmax']} if softmax else faults\n"
    (stand_in / "train.py").write_text(hidden)
    diagnosis = examine("train.py", fix=True)
    assert [(one.code, one.place.line) for one in diagnosis.findings] == [("LK901", 2), ("LK902", 3)]
    assert diagnosis.final_trial.accepted


@pytest.mark.parametrize(
    ("ending", "status", "said"),
    [
        ("raise ValueError('shapes')", 1, "train.py itself failed with exit status 1: ValueError: shapes."),
        ("sys.exit(140)", 140, "train.py itself failed with exit status 140."),
        ("import os; os.kill(os.getpid(), 9)", 137, "train.py was ended by SIGKILL (often: out of memory)."),
    ],
)
def test_a_script_that_fails(stand_in, ending, status, said, capfd):
    (stand_in / "train.py").write_text(SCRIPT + ending)
    diagnosis = examine("train.py", fix=True)
    assert diagnosis.exit == status
    assert said in diagnosis.notes
    assert ("ValueError: shapes" in capfd.readouterr().err) == (status == 1)


def test_ctrl_c_during_a_trial_ends_the_runs_and_leaves_nothing_behind(stand_in):
    pids = stand_in.parent / "pids"
    (stand_in / "train.py").write_text(
        SCRIPT + "import os, signal, time\n"
        f"open({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n')\n"
        "if 'temporary' in os.getcwd():\n"
        f"    os.kill({os.getpid()}, signal.SIGINT)\n"
        "    time.sleep(1000)\n"
    )
    with pytest.raises(KeyboardInterrupt):
        examine("train.py", fix=True)
    assert len(pids.read_text().split()) >= 2
    for pid in pids.read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)
    assert not list((stand_in.parent / "temporary").iterdir())


def test_no_training(stand_in):
    (stand_in / "train.py").write_text("print('hello')")
    diagnosis = examine("train.py")
    assert diagnosis.findings == ()
    assert any("No training was seen" in note for note in diagnosis.notes)


def test_output_goes_to_stderr(stand_in, capfd):
    (stand_in / "train.py").write_text("import sys; print('to stdout'); print('to stderr', file=sys.stderr)")
    examine("train.py")
    out, err = capfd.readouterr()
    assert out == ""
    assert "to stdout" in err
    assert "to stderr" in err

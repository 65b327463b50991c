"""The formats that people and tools read: JSON key by key, SARIF, GitHub's workflow commands, and text."""

import io
import json
import math
from dataclasses import replace

import pytest

from losskit.doctor.finding import Diagnosis, Finding, Remedy
from losskit.recording.facts import Metric, Place
from losskit.recording.recording import Recording
from losskit.report import github, sarif
from losskit.report.json import document
from losskit.report.terminal import show
from losskit.trials.trial import Trial

DIFF = "--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-a = [bold]\n+a = 2\n"


@pytest.fixture
def diagnosis():
    trial = Trial("accuracy", (0, 1), (0.41, None), (0.93, math.nan), True, "accuracy rose by 0.5.", 3.0)
    remedies = (
        Remedy("drop-activation", "Return raw scores", "a = 2\n", DIFF, trial),
        Remedy("other", "Something else", "a = 3\n", DIFF),
    )
    cause = Finding(
        "LK101",
        "double-activation",
        "error",
        0.98,
        "The model ends in softmax, 100%\nof it: [red]always[/red].",
        Place("my train.py", 31),
        {"minimum": 0.0, "floor": math.inf, "axes": (1, 2)},
        ("LK404",),
        remedies,
    )
    remark = Finding("LK506", "unscaled-targets", "info", 0.5, "Large targets.")
    recording = Recording()
    recording.measure("loss", 1, 1.0)
    return Diagnosis(
        "my train.py",
        "torch",
        0,
        Metric("accuracy", 0.41, "validation"),
        0.012,
        (cause, remark),
        recording,
        patched_source="a = 2\n",
        patched="patched.py",
        diff=DIFF,
        report="report.html",
        notes=("The probe could not see [blue]the loader[/blue].",),
    )


def text(diagnosis, monkeypatch, width="200"):
    monkeypatch.setenv("COLUMNS", width)
    out = io.StringIO()
    show(diagnosis, out)
    return out.getvalue()


def test_json_is_the_object_of_the_design(diagnosis):
    assert document(diagnosis) == {
        "version": 1,
        "script": "my train.py",
        "framework": "torch",
        "exit": 0,
        "metric": {"name": "accuracy", "value": 0.41},
        "overhead": 0.012,
        "findings": [
            {
                "code": "LK101",
                "name": "double-activation",
                "severity": "error",
                "confidence": 0.98,
                "file": "my train.py",
                "line": 31,
                "message": "The model ends in softmax, 100%\nof it: [red]always[/red].",
                "evidence": {"minimum": 0.0, "floor": None, "axes": [1, 2]},
                "explains": ["LK404"],
                "remedies": [
                    {
                        "id": "drop-activation",
                        "title": "Return raw scores",
                        "diff": DIFF,
                        "trial": {
                            "metric": "accuracy",
                            "before": [0.41, None],
                            "after": [0.93, None],
                            "accepted": True,
                        },
                    },
                    {"id": "other", "title": "Something else", "diff": DIFF, "trial": None},
                ],
            },
            {
                "code": "LK506",
                "name": "unscaled-targets",
                "severity": "info",
                "confidence": 0.5,
                "file": None,
                "line": None,
                "message": "Large targets.",
                "evidence": {},
                "explains": [],
                "remedies": [],
            },
        ],
        "patched": "patched.py",
        "report": "report.html",
    }


def test_json_is_strict(diagnosis):
    poor = replace(diagnosis, metric=Metric("r2", math.nan, "training"), framework=None, overhead=None, patched=None)
    written = json.dumps(document(poor), allow_nan=False)
    assert json.loads(written)["metric"] == {"name": "r2", "value": None}
    assert list(json.loads(written)) == [
        "version", "script", "framework", "exit", "metric", "overhead", "findings", "patched", "report",
    ]  # fmt: skip
    assert document(replace(diagnosis, metric=None))["metric"] is None


def test_sarif(diagnosis):
    log = sarif.document([diagnosis])
    json.dumps(log, allow_nan=False)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "losskit"
    assert [rule["id"] for rule in driver["rules"]] == ["LK101", "LK506"]
    assert all(rule["shortDescription"]["text"] and rule["help"]["text"] for rule in driver["rules"])
    first, second = run["results"]
    assert (first["ruleId"], first["level"], second["level"]) == ("LK101", "error", "note")
    assert driver["rules"][second["ruleIndex"]]["id"] == second["ruleId"]
    (location,) = first["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "my%20train.py"},
        "region": {"startLine": 31},
    }
    assert "locations" not in second
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 0}]


def test_sarif_of_a_file_elsewhere(diagnosis):
    finding = replace(diagnosis.findings[0], place=Place("/far away/model.py", 3))
    result = sarif.document([replace(diagnosis, findings=(finding,))])["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "file:///far%20away/model.py"


def test_github_commands_are_one_escaped_line_each(diagnosis):
    elsewhere = replace(diagnosis.findings[0], place=Place("a,b:c.py", 2), severity="warning", message="m")
    assert github.lines(replace(diagnosis, findings=(*diagnosis.findings, elsewhere))) == [
        "::error file=my train.py,line=31,title=LK101 double-activation"
        "::The model ends in softmax, 100%25%0Aof it: [red]always[/red].",
        "::notice title=LK506 unscaled-targets::Large targets.",
        "::warning file=a%2Cb%3Ac.py,line=2,title=LK101 double-activation::m",
    ]


def test_text_says_what_was_found_first(diagnosis, monkeypatch):
    said = text(diagnosis, monkeypatch)
    assert said.splitlines()[0].startswith("1 problem found in my train.py · accuracy 0.41 (validation)")
    expected = (
        "error LK101 double-activation  my train.py:31",
        "of it: [red]always[/red].",  # the user's text is not markup
        "explains  LK404 nothing-learned",
        "confidence 98%",
        "Return raw scores (drop-activation)",
        "-a = [bold]",
        "accuracy seed 0: 0.41 → 0.93 · seed 1: none → nan",
        "accepted  accuracy rose by 0.5.",
        "Note: The probe could not see [blue]the loader[/blue].",
        "The accepted change is written to patched.py",
        "Report written to report.html",
    )
    positions = [said.find(line) for line in expected]
    assert -1 not in positions, expected[positions.index(-1)]
    assert positions == sorted(positions)
    assert "\x1b" not in said  # not a terminal
    assert "Something else" not in said  # an alternative that was not tried, beside one that has helped


def test_text_shows_the_change_when_it_was_not_written(diagnosis, monkeypatch):
    said = text(replace(diagnosis, patched=None, final_trial=diagnosis.findings[0].remedies[0].trial), monkeypatch)
    assert said.index("All accepted changes together") < said.index("--output FILE writes it") < said.rindex("+a = 2")


def test_text_does_not_steer_the_terminal(diagnosis, monkeypatch):
    hostile = replace(diagnosis.findings[0], message="\x1b[2Jgone\u202e\ud800", place=Place("\x1b]0;t.py", 1))
    said = text(replace(diagnosis, findings=(hostile,), script="\x1b[31m.py"), monkeypatch)
    assert "\x1b" not in said
    assert "\ufffd[2Jgone\ufffd\ufffd" in said


def test_diff_lines_are_never_wrapped(diagnosis, monkeypatch):
    long = f"+{'x' * 300}\n"
    remedy = Remedy("long", "A long line", "", f"{DIFF}{long}")
    said = text(replace(diagnosis, findings=(replace(diagnosis.findings[0], remedies=(remedy,)),)), monkeypatch, "60")
    assert long in said


@pytest.mark.parametrize(
    ("change", "headline"),
    [
        ({"exit": 1}, "my train.py failed before anything could be found"),
        ({"recording": Recording()}, "Nothing to diagnose: no training was seen in my train.py"),
        ({}, "No problem found in my train.py"),
    ],
)
def test_headlines_without_findings(diagnosis, monkeypatch, change, headline):
    assert text(replace(diagnosis, findings=(), **change), monkeypatch).startswith(headline)


def test_colour_on_a_terminal_unless_no_color(diagnosis, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;31merror" in text(diagnosis, monkeypatch)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "31m" not in text(diagnosis, monkeypatch)

"""Causes before symptoms."""

import pytest

from losskit.doctor import ranking
from losskit.doctor.finding import Finding
from losskit.doctor.ranking import diagnose, rank
from losskit.doctor.rules import Rule
from losskit.recording.facts import Place
from losskit.recording.recording import Recording


def finding(code, severity="error", confidence=0.9, explains=(), line=1):
    return Finding(code, code.lower(), severity, confidence, "", Place("train.py", line), explains=tuple(explains))


def codes(findings):
    return [one.code for one in findings]


def test_order_is_severity_then_confidence_then_code():
    found = [
        finding("LK503", "info", 1.0),
        finding("LK201", "error", 0.9),
        finding("LK401", "warning", 0.99),
        finding("LK101", "error", 0.9),
        finding("LK301", "error", 0.95),
    ]
    assert codes(rank(found)) == ["LK301", "LK101", "LK201", "LK401", "LK503"]


def test_a_symptom_goes_under_its_cause():
    ranked = rank([finding("LK404", "error", 1.0), finding("LK101", "warning", 0.8, explains=["LK404", "LK301"])])
    assert codes(ranked) == ["LK101"]
    assert ranked[0].explains == ("LK404",)  # only what was found


def test_symptoms_of_symptoms_go_under_the_cause():
    ranked = rank(
        [
            finding("LK201", explains=["LK404"]),
            finding("LK302", explains=["LK201"]),
            finding("LK401", "warning", explains=["LK302"]),
            finding("LK404"),
        ]
    )
    assert [(one.code, one.explains) for one in ranked] == [("LK401", ("LK201", "LK302", "LK404"))]


def test_of_two_that_explain_each_other_the_first_in_order_is_the_cause():
    ranked = rank([finding("LK302", confidence=0.6, explains=["LK401"]), finding("LK401", explains=["LK302"])])
    assert [(one.code, one.explains) for one in ranked] == [("LK401", ("LK302",))]


def test_a_remark_explains_no_warning_away():
    ranked = rank(
        [
            finding("LK506", "info", 0.9, explains=["LK404", "LK402"]),
            finding("LK404", "warning"),
            finding("LK402", "info"),
        ]
    )
    assert [(one.code, one.explains) for one in ranked] == [("LK404", ()), ("LK506", ("LK402",))]


def test_one_finding_per_code_and_place():
    ranked = rank([finding("LK101", confidence=0.5), finding("LK101", confidence=0.7), finding("LK101", line=2)])
    assert [(one.place.line, one.confidence) for one in ranked] == [(2, 0.9), (1, 0.7)]


def test_a_rule_that_fails_is_named_and_the_others_are_heard(monkeypatch):
    def fails(rule, recording):
        raise ZeroDivisionError("no steps")

    def speaks(rule, recording):
        yield rule.finding("seen", place=None, confidence=1.0, evidence={})

    def rule(code, check):
        return Rule(code, code.lower(), "error", "", "", "", "", (), 0.0, check)

    made = {"LK901": rule("LK901", fails), "LK902": rule("LK902", speaks)}
    monkeypatch.setattr(ranking, "rules", lambda: made)
    notes = []
    assert codes(diagnose(Recording(), notes.append)) == ["LK902"]
    assert notes == ["Rule LK901 could not be applied: ZeroDivisionError: no steps"]


@pytest.mark.parametrize("count", [0, 1])
def test_little_to_rank(count):
    assert len(rank([finding("LK101")] * count)) == count

"""Diagnoses as SARIF 2.1.0, the format in which code scanners hand over what they found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from losskit import __version__
from losskit.doctor.finding import Diagnosis, Finding
from losskit.doctor.rules import rules
from losskit.report.json import plain

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def document(diagnoses: Sequence[Diagnosis]) -> dict[str, Any]:
    """One SARIF log with one run: a result per finding, and the rules that the results name."""
    findings = [finding for diagnosis in diagnoses for finding in diagnosis.findings]
    codes = sorted({finding.code for finding in findings})
    driver = {"name": "losskit", "version": __version__, "rules": [_rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": one.exit == 0, "exitCode": one.exit} for one in diagnoses],
        "results": [_result(finding, codes) for finding in findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    rule = rules()[code]
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.what},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.fix},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }


def _result(finding: Finding, codes: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": LEVELS[finding.severity],
        "message": {"text": finding.message},
        "properties": plain(
            {"confidence": finding.confidence, "explains": finding.explains, "evidence": finding.evidence}
        ),
    }
    if finding.place is not None:
        file = PurePath(finding.place.file)
        uri = file.as_uri() if file.is_absolute() else quote(file.as_posix())
        region = {"startLine": max(finding.place.line, 1)}
        result["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}]
    return result


__all__ = ["document"]

"""A diagnosis as GitHub workflow commands: annotations on the lines of a pull request."""

from __future__ import annotations

from losskit.doctor.finding import Diagnosis, Finding

COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def lines(diagnosis: Diagnosis) -> list[str]:
    """One command per finding (docs.github.com, "Workflow commands for GitHub Actions")."""
    return [_line(finding) for finding in diagnosis.findings]


def _line(finding: Finding) -> str:
    where = {"file": finding.place.file, "line": str(finding.place.line)} if finding.place else {}
    properties = {**where, "title": f"{finding.code} {finding.name}"}
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{COMMANDS[finding.severity]} {given}::{_data(finding.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


__all__ = ["lines"]

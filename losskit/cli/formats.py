"""How diagnoses are put out: the formats that `doctor` and `check` share."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from losskit.doctor.finding import Diagnosis

FORMATS = ("text", "json", "sarif", "github")


def put_out(diagnoses: Sequence[Diagnosis], document: Any, format: str) -> None:
    """Print the diagnoses to stdout; `document` is the object that is printed as JSON."""
    match format:
        case "text":
            from losskit.report.terminal import show

            for diagnosis in diagnoses:
                show(diagnosis)
        case "json":
            json.dump(document, sys.stdout, allow_nan=False)
            sys.stdout.write("\n")
        case "sarif":
            from losskit.report import sarif

            json.dump(sarif.document(diagnoses), sys.stdout, allow_nan=False)
            sys.stdout.write("\n")
        case "github":
            from losskit.report import github

            for diagnosis in diagnoses:
                for line in github.lines(diagnosis):
                    print(line)


def status(diagnoses: Sequence[Diagnosis]) -> int:
    """1 when something of severity warning or error was found, else 0."""
    return int(any(finding.severity != "info" for diagnosis in diagnoses for finding in diagnosis.findings))


__all__ = ["FORMATS", "put_out", "status"]

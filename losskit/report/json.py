"""A diagnosis as the JSON object of the command line: names and meaning are stable."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from losskit.doctor.finding import Diagnosis, Finding, Remedy
from losskit.trials.trial import Trial

VERSION = 1


def document(diagnosis: Diagnosis) -> dict[str, Any]:
    """The object that `--format json` prints. Numbers that are not finite are null: JSON has no word for them."""
    metric = diagnosis.metric
    return plain(
        {
            "version": VERSION,
            "script": diagnosis.script,
            "framework": diagnosis.framework,
            "exit": diagnosis.exit,
            "metric": None if metric is None else {"name": metric.name, "value": metric.value},
            "overhead": diagnosis.overhead,
            "findings": [_finding(finding) for finding in diagnosis.findings],
            "patched": diagnosis.patched,
            "report": diagnosis.report,
        }
    )


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "file": finding.place.file if finding.place else None,
        "line": finding.place.line if finding.place else None,
        "message": finding.message,
        "evidence": finding.evidence,
        "explains": finding.explains,
        "remedies": [_remedy(remedy) for remedy in finding.remedies],
    }


def _remedy(remedy: Remedy) -> dict[str, Any]:
    return {
        "id": remedy.id,
        "title": remedy.title,
        "diff": remedy.diff,
        "trial": None if remedy.trial is None else _trial(remedy.trial),
    }


def _trial(trial: Trial) -> dict[str, Any]:
    return {"metric": trial.metric, "before": trial.before, "after": trial.after, "accepted": trial.accepted}


def plain(value: Any) -> Any:
    """The value in strict JSON's words; what has none of its own is written as text."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return plain(value.item()) if hasattr(value, "item") else str(value)


__all__ = ["document", "plain"]

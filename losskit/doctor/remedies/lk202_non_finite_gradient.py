"""LK202: a small number where the slope is infinite."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.numbers import stable_logarithms, with_safe_argument
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    operation = str(finding.evidence.get("operation"))
    if finding.used_at is None:
        return
    safe = with_safe_argument(source, finding.used_at.line, operation)
    if safe is not None:
        yield Edit("safe-argument", f"Keep the argument of {operation} where its slope is finite", safe)
    if operation.startswith("log"):
        text = stable_logarithms(source)
        if text is not None:
            yield Edit("stable-logarithm", "Keep the logarithm's argument away from zero", text)

"""LK204: the function that computes the formula in one step, or its argument kept from the edge."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.numbers import stable_exponentials, stable_logarithms
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    of = finding.evidence.get("of") or []
    if any(name in ("exp", "exponential", "expm1") for name in of):
        text = stable_exponentials(source)
        if text is not None:
            yield Edit("stable-exponential", "Compute it with the function that cannot overflow", text)
    text = stable_logarithms(source)
    if text is not None:
        yield Edit("stable-logarithm", "Keep the logarithm's argument away from zero", text)

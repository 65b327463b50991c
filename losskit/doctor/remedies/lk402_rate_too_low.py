"""LK402: a higher learning rate."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.rate import DECADE, customary_rate, rate_of
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.optimizer import rate_edits
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    """The customary rate, a decade above it, and a decade above this one."""
    rate, customary = rate_of(recording), customary_rate(recording)
    if rate is None or customary is None:
        return []
    rates = dict.fromkeys((customary, DECADE * customary, DECADE * rate))
    return rate_edits(finding, recording, source, [value for value in rates if value > rate])

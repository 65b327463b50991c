"""LK401: a lower learning rate."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.rate import DECADE, customary_rate, rate_of
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.optimizer import rate_edits
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    """The customary rate first when this one is far from it, else a tenth and a hundredth of it."""
    rate, customary = rate_of(recording), customary_rate(recording)
    if rate is None:
        return []
    tenth, hundredth = rate / 10, rate / 100
    rates = [tenth, hundredth, rate / 1000]
    if customary is not None and rate > DECADE * customary:
        rates = [customary, DECADE * customary, customary / DECADE]
    return rate_edits(finding, recording, source, [value for value in rates if value < rate])

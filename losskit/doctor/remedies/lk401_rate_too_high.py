"""LK401: a lower learning rate."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.rate import DECADE, customary_rate, rate_of, the_optimizer
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.optimizer import rate_edits
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    """Decades around the customary rate when this one is far from it, else a tenth, a hundredth and a thousandth of it.

    The customary rate comes first; for SGD without momentum the decade above it, which moves as far as the customary
    one does with the customary momentum of 0.9.
    """
    rate, customary, optimizer = rate_of(recording), customary_rate(recording), the_optimizer(recording)
    if rate is None:
        return []
    rates = [rate / 10, rate / 100, rate / 1000]
    if customary is not None and optimizer is not None and rate > DECADE * customary:
        rates = [customary, DECADE * customary, customary / DECADE]
        if optimizer.kind == "SGD" and not optimizer.settings.get("momentum"):
            rates = [DECADE * customary, customary, customary / DECADE]
    return rate_edits(finding, recording, source, [value for value in rates if value < rate])

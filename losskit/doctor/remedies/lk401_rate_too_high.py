"""LK401: a lower learning rate."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.rate import DECADE, customary_rate, rate_of, the_optimizer
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.optimizer import rate_edits
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    """The customary rate when this one is far from it, else a tenth of this one; then a tenth and a hundredth of that.

    For SGD without momentum it begins a decade above the customary rate, and so moves as far as the customary one does
    with the customary momentum of 0.9.
    """
    rate, customary, optimizer = rate_of(recording), customary_rate(recording), the_optimizer(recording)
    if rate is None:
        return []
    first = rate / 10
    if customary is not None and optimizer is not None and rate > DECADE * customary:
        plain = optimizer.kind == "SGD" and not optimizer.settings.get("momentum")
        first = DECADE * customary if plain else customary
    return rate_edits(finding, recording, source, [first, first / 10, first / 100])

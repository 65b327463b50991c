"""LK402: a higher learning rate."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.rate import (
    DECADE,
    USUAL_UPDATE,
    customary_rate,
    largest_usual_update,
    rate_of,
    the_optimizer,
)
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.optimizer import rate_edits
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    """The customary rate, a decade above it, and a decade above this one.

    The decade above comes first for SGD without momentum, which then moves as far as it does at the customary rate with
    the customary momentum of 0.9, unless steps, which grow with the rate, would be beyond ten times their usual size.
    """
    rate, customary, optimizer = rate_of(recording), customary_rate(recording), the_optimizer(recording)
    if rate is None or customary is None or optimizer is None:
        return []
    rates = [customary, DECADE * customary, DECADE * rate]
    update = largest_usual_update(recording)
    plain = optimizer.kind == "SGD" and not optimizer.settings.get("momentum")
    if plain and rate > 0 and update is not None and update * DECADE * customary / rate <= DECADE * USUAL_UPDATE:
        rates = [DECADE * customary, customary, DECADE * rate]
    return rate_edits(finding, recording, source, [value for value in dict.fromkeys(rates) if value > rate])

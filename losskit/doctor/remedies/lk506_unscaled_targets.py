"""LK506: standardised targets."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.data import standardised
from losskit.doctor.remedies.kept import kept
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    if (edit := kept(finding, source)) is not None:
        yield edit
    text = standardised(source, "targets", finding.used_at.line if finding.used_at else None)
    if text is not None:
        title = (
            "Standardise the targets with the training targets' mean and deviation (predictions are then in that unit)"
        )
        yield Edit("standardise-targets", title, text)

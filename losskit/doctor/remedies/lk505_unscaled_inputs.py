"""LK505: standardised inputs."""

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
    text = standardised(source, "inputs", finding.used_at.line if finding.used_at else None)
    if text is not None:
        yield Edit("standardise-inputs", "Standardise the inputs with the training data's mean and deviation", text)

"""LK205: the gradient norm clipped before the step, or a lower rate."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.lk302_exploding_gradient import propose as clipped_or_slower
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    return clipped_or_slower(finding, recording, source)

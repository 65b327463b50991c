"""Remedies for LK105: a linear last layer."""

from __future__ import annotations

from collections.abc import Iterator

from losskit.doctor.evidence.loss_calls import last_activation
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit, loss, output
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterator[Edit]:
    call = loss.call_of(finding, recording)
    activation = last_activation(call) if call is not None else None
    if activation is None:
        return
    tree = Source(source)
    if output.drop(tree, activation):
        yield Edit("linear-output", f"Drop the {activation.name}: let the last layer be linear", tree.text())

"""LK403: the customary momentum, or a lower rate."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.noise import USUAL_MOMENTUM
from losskit.doctor.evidence.rate import rate_of
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.optimizer import is_keras, optimizer_call, rate_edits, set_traced
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    if finding.used_at is None:
        return
    tree = Source(source)
    call = optimizer_call(tree, finding.used_at.line)
    if call is not None and tree.callee(call) != "compile":
        position = 1 if is_keras(tree, call) else 2
        set_traced(tree, call, "momentum", f"{USUAL_MOMENTUM}", recording, position)
        yield Edit(f"momentum-{USUAL_MOMENTUM}", f"Set momentum = {USUAL_MOMENTUM}", tree.text())
    rate = rate_of(recording)
    if rate is not None:
        yield from rate_edits(finding, recording, source, [rate / 10, rate / 3])

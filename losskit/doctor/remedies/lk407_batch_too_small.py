"""LK407: batches of 32; without a last batch of one; a rate that is as much lower."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from losskit.doctor.evidence.noise import USUAL_BATCH
from losskit.doctor.evidence.place import optimizer_place
from losskit.doctor.evidence.rate import rate_of
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.batch import with_batch_size, without_last_batch
from losskit.doctor.remedies.optimizer import rate_edits
from losskit.recording.recording import Recording

HALF_WAY = 8  # takes four times the steps of the usual batch in as many epochs


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    place = finding.used_at
    if place is None:
        return
    batch = recording.progress.batch_size or 1
    if finding.evidence.get("refused") and batch > 1:
        text = without_last_batch(source, place.line)
        if text is not None:
            yield Edit("drop-last", "Leave out the last batch of an epoch, which has one sample", text)
        return
    for size in (USUAL_BATCH, HALF_WAY):
        text = with_batch_size(source, place.line, recording, size)
        if text is not None:
            yield Edit(f"batch-{size}", f"Take steps on batches of {size}", text)
    rate, optimizer = rate_of(recording), optimizer_place(recording)
    if rate is not None and optimizer is not None and optimizer.file == place.file:
        yield from rate_edits(replace(finding, call=optimizer), recording, source, [rate * batch / USUAL_BATCH])

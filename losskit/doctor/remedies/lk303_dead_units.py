"""LK303: units that cannot die, biases that start at zero, or a lower rate."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.place import optimizer_place
from losskit.doctor.evidence.rate import rate_of
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.activation import exchanged
from losskit.doctor.remedies.initial import with_zero_biases
from losskit.doctor.remedies.optimizer import number, with_rate
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    """What was dead from the start was made so; what died later was pushed."""
    biases = with_zero_biases(source)
    if biases is not None:
        yield Edit("zero-biases", "Start the biases at zero", biases)
    leaky = exchanged(source, {"ReLU": "LeakyReLU"}, keep_last=False)
    if leaky is not None:
        yield Edit("leaky-relu", "Use LeakyReLU, whose gradient is never zero", leaky)
    rate, place = rate_of(recording), optimizer_place(recording)
    if rate is not None and place is not None and finding.used_at is not None and place.file == finding.used_at.file:
        code = number(rate / 10)
        slower = with_rate(source, place, recording, code)
        if slower is not None:
            yield Edit(f"rate-{code}", f"Set the learning rate to {code}", slower)

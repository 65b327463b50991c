"""LK512: a loss whose gradient is bounded."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.outcome import the_loss
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.loss import exchange, is_torch, keras_exchange
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording

# PyTorch's class, Keras's function, and what it is called.
ROBUST = (("HuberLoss", "huber", "Huber loss"), ("L1Loss", "mean_absolute_error", "absolute error"))


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    call = the_loss(recording)
    if call is None:
        return
    for name, function, said in ROBUST:
        tree = Source(source)
        if exchange(tree, recording, call, name) if is_torch(call) else keras_exchange(tree, call.created, function):
            yield Edit(function.replace("_", "-"), f"Use the {said}, whose gradient is bounded", tree.text())

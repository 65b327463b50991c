"""Remedies for LK102: the loss that takes raw scores, or the activation that was forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from losskit.doctor.evidence.loss_calls import last_activation
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit, loss, output
from losskit.doctor.remedies.source import Source
from losskit.recording.facts import LossCall
from losskit.recording.recording import Recording

_FOR_LOGITS = {"BinaryCrossEntropy": "BCEWithLogitsLoss", "NegativeLogLikelihood": "CrossEntropyLoss"}


def propose(finding: Finding, recording: Recording, source: str) -> Iterator[Edit]:
    call = loss.call_of(finding, recording)
    if call is None:
        return
    activation = last_activation(call)
    if activation is not None:  # tanh or relu where a sigmoid belongs
        tree, name = Source(source), "softmax" if call.loss == "CrossEntropy" else "sigmoid"
        if call.loss != "NegativeLogLikelihood" and output.exchange(tree, activation, name):
            yield Edit(f"{name}-output", f"Let the model end in {name} instead of {activation.name}", tree.text())
        return
    if loss.is_torch(call):
        yield from _torch(recording, call, source)
    elif call.loss == "BinaryCrossEntropy":  # Keras's accuracy compares the outputs with 0.5
        yield from _end_in(recording, call, source, "sigmoid")
        yield from _from_logits(call, source)
    else:
        yield from _from_logits(call, source)
        yield from _end_in(recording, call, source, "softmax")


def _torch(recording: Recording, call: LossCall, text: str) -> Iterator[Edit]:
    name = _FOR_LOGITS.get(call.loss or "")
    source = Source(text)
    labels = {source.code(use.target.value) for use in loss.uses(source, recording, call)}
    if name is None or not loss.exchange(source, recording, call, name):
        return
    title = f"Use the loss that takes raw scores ({name})"
    if name == "BCEWithLogitsLoss" and output.threshold_at_zero(source, labels):
        title += ", and compare scores with 0"
    yield Edit("logits-loss", title, source.text())


def _from_logits(call: LossCall, text: str) -> Iterator[Edit]:
    source = Source(text)
    if loss.keras_exchange(source, call.created, call.function, from_logits=True):
        yield Edit("from-logits", "Tell the loss that it receives raw scores", source.text())


def _end_in(recording: Recording, call: LossCall, text: str, name: str) -> Iterator[Edit]:
    source = Source(text)
    if output.activate_last(source, recording, name):
        yield Edit(f"{name}-output", f"Let the model end in {name}", source.text())

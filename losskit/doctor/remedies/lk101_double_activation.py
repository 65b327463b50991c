"""Remedies for LK101: apply the activation once, in the model or in the loss."""

from __future__ import annotations

from collections.abc import Iterator

from losskit.doctor.evidence.loss_calls import columns, last_activation
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit, loss, output
from losskit.doctor.remedies.source import Source
from losskit.recording.facts import Activation, LossCall
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterator[Edit]:
    call = loss.call_of(finding, recording)
    activation = last_activation(call) if call is not None else None
    if call is None or activation is None or finding.severity == "info":
        return
    if call.loss == "NegativeLogLikelihood":
        yield from _take_logarithm(call, activation, source)
    elif call.loss == "BinaryCrossEntropy" and _outputs_are_read(recording, call, source):
        # The script takes the outputs for probabilities: they shall stay so.
        yield from _keep(recording, call, activation, source)
        yield from _drop(recording, call, activation, source)
    else:
        yield from _drop(recording, call, activation, source)
        yield from _keep(recording, call, activation, source)


def _drop(recording: Recording, call: LossCall, activation: Activation, text: str) -> Iterator[Edit]:
    source = Source(text)
    if output.drop(source, activation):
        title = f"Drop the {activation.name}: the loss applies it"
        if call.loss == "BinaryCrossEntropy" and output.threshold_at_zero(source, _labels(source, recording, call)):
            title += ", and compare scores with 0"
        yield Edit("drop-activation", title, source.text())


def _keep(recording: Recording, call: LossCall, activation: Activation, text: str) -> Iterator[Edit]:
    """Leave the model's outputs as they are, and use the loss for probabilities."""
    source = Source(text)
    fits = (call.loss, activation.name) in (("BinaryCrossEntropy", "sigmoid"), ("CrossEntropy", "softmax"))
    if not fits:
        return
    if not loss.is_torch(call):
        if loss.keras_exchange(source, call.created, call.function, from_logits=False):
            yield Edit("from-probabilities", "Tell the loss that it receives probabilities", source.text())
        return
    exact = call.loss == "BinaryCrossEntropy" and not call.arguments.get("weighted")  # BCELoss has no pos_weight
    if exact and loss.exchange(source, recording, call, "BCELoss"):
        yield Edit("probability-loss", "Use binary cross-entropy for probabilities (BCELoss)", source.text())


def _take_logarithm(call: LossCall, activation: Activation, text: str) -> Iterator[Edit]:
    source = Source(text)
    name = "log_softmax" if activation.name == "softmax" else "logsigmoid"
    if output.exchange(source, activation, name):
        title = f"Let the model end in {name}: {call.function} takes logarithms"
        yield Edit("log-activation", title, source.text())


def _outputs_are_read(recording: Recording, call: LossCall, text: str) -> bool:
    """Whether something beside the loss takes the outputs for probabilities: Keras's accuracy does, at 0.5."""
    if not loss.is_torch(call) and columns(call.prediction) == 1:
        return True
    source = Source(text)
    return output.reads_probabilities(source, _labels(source, recording, call))


def _labels(source: Source, recording: Recording, call: LossCall) -> set[str]:
    return {source.code(use.target.value) for use in loss.uses(source, recording, call)}

"""Remedies for LK103: sigmoid for a single unit, the class axis for several."""

from __future__ import annotations

from collections.abc import Iterator

from losskit.doctor.evidence.loss_calls import REGRESSION, columns, values
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit, loss, output
from losskit.doctor.remedies.source import Source
from losskit.recording.facts import Activation, LossCall
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterator[Edit]:
    if "shape" in finding.evidence:
        yield from _inside(finding, source)
        return
    call = loss.call_of(finding, recording)
    name = finding.evidence.get("activation")
    activation = next((one for one in call.activations if one.name == name), None) if call is not None else None
    if call is None or activation is None:
        return
    if columns(call.prediction) != 1 and not finding.evidence.get("constant"):
        tree = Source(source)
        if output.set_axis(tree, activation, 1 if loss.is_torch(call) else -1):
            yield Edit("class-axis", f"Run {activation.name} over the classes", tree.text())
    elif call.expects == "logits" or (call.loss in REGRESSION and values(call.target) not in ((0, 1), (1,), (0,))):
        yield from _drop(activation, source)
    else:
        yield from _sigmoid(call, activation, source)


def _inside(finding: Finding, text: str) -> Iterator[Edit]:
    """Of the axes that are not the batch's the last one that has more than one entry."""
    shape = finding.evidence["shape"]
    axes = [axis for axis, size in enumerate(shape) if axis and size > 1]
    source = Source(text)
    call = source.call(finding.used_at.line, "softmax") if finding.used_at is not None else None
    if call is not None and axes:
        keyword = "dim" if source.argument(call, "dim") is not None else "axis"
        source.set_argument(call, keyword, str(axes[-1]), 1)
        yield Edit("other-axis", f"Run softmax along axis {axes[-1]}", source.text())


def _drop(activation: Activation, text: str) -> Iterator[Edit]:
    source = Source(text)
    if output.drop(source, activation):
        yield Edit("drop-activation", f"Drop the {activation.name}", source.text())


def _sigmoid(call: LossCall, activation: Activation, text: str) -> Iterator[Edit]:
    """One unit says yes or no: sigmoid, and binary cross-entropy."""
    source = Source(text)
    if not output.exchange(source, activation, "sigmoid"):
        return
    title = "Let the single unit end in sigmoid"
    if call.loss == "CrossEntropy":
        if loss.is_torch(call) or not loss.keras_exchange(source, call.created, "binary_crossentropy", False):
            return
        title += ", and use binary cross-entropy"
    yield Edit("sigmoid-output", title, source.text())

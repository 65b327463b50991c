"""LK112: a yes or no per label, or one class of many, as the targets say."""

from __future__ import annotations

from collections.abc import Iterator

from losskit.doctor.evidence.loss_calls import last_activation, named
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit, loss, output
from losskit.doctor.remedies.source import Source
from losskit.recording.facts import LossCall
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterator[Edit]:
    call = loss.call_of(finding, recording)
    if call is None or call.written_by not in ("torch", "keras"):
        return
    tree = Source(source)
    several = finding.evidence.get("how") == "exclusive"
    change = _torch if loss.is_torch(call) else _keras
    if change(tree, recording, call, several):
        title = "Ask a yes or no of each label" if several else "Choose one class of many"
        yield Edit("independent-labels" if several else "exclusive-classes", title, tree.text())


def _torch(tree: Source, recording: Recording, call: LossCall, several: bool) -> bool:
    activation = last_activation(call)
    if several and call.loss == "BinaryCrossEntropy":
        return activation is not None and output.exchange(tree, activation, "sigmoid")
    sigmoid = several and named(activation, "sigmoid")
    name = "BCELoss" if sigmoid else "BCEWithLogitsLoss" if several else "CrossEntropyLoss"
    uses = loss.uses(tree, recording, call)
    if not loss.exchange(tree, recording, call, name):
        return False
    if not sigmoid and activation is not None and not output.drop(tree, activation):
        return False
    if several and call.target is not None and "float" not in call.target.dtype:
        for use in uses:
            loss.rewrite(tree, use.target, "{}.float()")
    return True


def _keras(tree: Source, recording: Recording, call: LossCall, several: bool) -> bool:
    activation = last_activation(call)
    wanted = "sigmoid" if several else "softmax"
    if activation is not None and not named(activation, wanted) and not output.exchange(tree, activation, wanted):
        return False
    function = "binary_crossentropy" if several else "categorical_crossentropy"
    return call.function == function or loss.keras_exchange(tree, call.created, function)

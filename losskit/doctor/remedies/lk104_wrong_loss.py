"""Remedies for LK104: the loss for the task that the targets tell."""

from __future__ import annotations

from collections.abc import Iterator

from losskit.doctor.evidence.loss_calls import REGRESSION, columns, is_one_hot, last_activation, named, values
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit, loss, output
from losskit.doctor.remedies.source import Source
from losskit.recording.facts import LossCall
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterator[Edit]:
    call = loss.call_of(finding, recording)
    if call is None or call.target is None:
        return
    outputs, labels = columns(call.prediction) or 1, values(call.target)
    tree = Source(source)
    if call.loss in REGRESSION and outputs > 1:
        task = "one-hot" if is_one_hot(call.target) else "index"
    elif labels == (0, 1) and outputs == 1:
        task = "binary"
    elif not call.target.integral and call.loss not in REGRESSION:
        task = "regression"
    else:
        return  # more classes than outputs: no small edit gives the model more of them
    change = _torch if loss.is_torch(call) else _keras
    name = change(tree, recording, call, task)
    if name is not None:
        yield Edit("loss-for-task", f"Use the loss of a {_TASKS[task]} ({name})", tree.text())


_TASKS = {
    "one-hot": "classification",
    "index": "classification",
    "binary": "two-class classification",
    "regression": "regression",
}


def _torch(source: Source, recording: Recording, call: LossCall, task: str) -> str | None:
    activation = last_activation(call)
    if task == "regression":
        name = "MSELoss"
    elif task == "binary":
        name = "BCELoss" if named(activation, "sigmoid") else "BCEWithLogitsLoss"
    else:
        name = "CrossEntropyLoss"
    uses = loss.uses(source, recording, call)
    if not loss.exchange(source, recording, call, name):
        return None
    if name != "BCELoss" and activation is not None and not output.drop(source, activation):
        return None
    if name == "BCEWithLogitsLoss":
        output.threshold_at_zero(source, {source.code(use.target.value) for use in uses})
    for use in uses:
        if task == "index":
            loss.rewrite(source, use.target, "{}.view(-1).long()")
    return name


def _keras(source: Source, recording: Recording, call: LossCall, task: str) -> str | None:
    activation = last_activation(call)
    if task == "regression":
        function, fitting = "mean_squared_error", activation is None
    elif task == "binary":
        function, fitting = "binary_crossentropy", named(activation, "sigmoid")
    else:
        function = "categorical_crossentropy" if task == "one-hot" else "sparse_categorical_crossentropy"
        fitting = named(activation, "softmax", "sigmoid")
    if not fitting and activation is not None and not output.drop(source, activation):
        return None
    from_logits = task != "regression" and not fitting
    return function if loss.keras_exchange(source, call.created, function, from_logits) else None

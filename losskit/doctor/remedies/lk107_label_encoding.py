"""Remedies for LK107: the labels as the loss reads them."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit, loss
from losskit.doctor.remedies.source import Source, parenthesized
from losskit.recording.facts import LossCall, Place
from losskit.recording.recording import Recording

_VALUES = {  # encoding → (the labels written anew, for binary losses and for indices; what it does)
    "from-one": ("{} - 1", "Count the labels from 0"),
    "signs": ("({} + 1) / 2", "Turn the labels −1 and 1 into 0 and 1"),
    "doubled": ("{} / %(high)g", "Turn the labels 0 and %(high)g into 0 and 1"),
    "two": ("({} - %(low)g) / %(range)g", "Turn the labels %(low)g and %(high)g into 0 and 1"),
    "zero-one": ("2 * {} - 1", "Turn the labels 0 and 1 into −1 and 1"),
}
_FORMS = {
    "one-hot": ("{}.argmax(1)", "Turn the one-hot rows into class numbers"),
    "column": ("{}.view(-1).long()", "Give the labels the shape (N,)"),
    "index": ("{}.long()", "Give the labels an integer type"),
    "integer": ("{}.float()", "Give the labels a float type"),
}


def propose(finding: Finding, recording: Recording, source: str) -> Iterator[Edit]:
    call = loss.call_of(finding, recording)
    encoding = str(finding.evidence.get("encoding"))
    low, high = finding.evidence.get("label_minimum"), finding.evidence.get("label_maximum")
    template, title = (_VALUES | _FORMS).get(encoding, ("", ""))
    if isinstance(low, float) and isinstance(high, float) and encoding in _VALUES:
        numbers = {"low": low, "high": high, "range": high - low}
        template, title = template % numbers, title % numbers
    if call is None or not loss.is_torch(call):
        edits = _keras_labels(source, encoding, template, title) if encoding in _VALUES else ()
        edits = list(edits) or list(_keras_loss(finding.used_at, source, encoding))
    else:
        edits = list(_torch(recording, call, source, encoding, template, title)) if template else []
    yield from edits
    if not edits and encoding in _VALUES and finding.used_at is not None:
        yield from _at_source(source, finding.used_at.line, encoding, template, title)


def _at_source(text: str, line: int, encoding: str, template: str, title: str) -> Iterator[Edit]:
    """Write the labels anew in the line that gives them their value."""
    source = Source(text)
    for assign in source.nodes(cst.Assign):
        if source.line(assign) == line and len(assign.targets) == 1 and isinstance(assign.targets[0].target, cst.Name):
            source.replace(assign.value, template.format(parenthesized(source.code(assign.value), assign.value)))
            yield Edit(f"labels-{encoding}", title, source.text())
            return


def _torch(recording: Recording, call: LossCall, text: str, encoding: str, template: str, title: str) -> Iterator[Edit]:
    """Write the labels anew where the loss receives them, and where predicted classes are compared with them."""
    source = Source(text)
    if encoding == "signs" and call.loss == "CrossEntropy":
        template = "({} + 1) // 2"
    names: set[str] = set()
    for use in loss.uses(source, recording, call):
        names.add(source.code(use.target.value))
        loss.rewrite(source, use.target, template)
    if encoding == "from-one":
        _compare_anew(source, names, template)
    if names:
        yield Edit(f"labels-{encoding}", title, source.text())


def _compare_anew(source: Source, names: set[str], template: str) -> None:
    """``output.argmax(1) == labels``: the predicted class counts from 0."""
    for comparison in source.nodes(cst.Comparison):
        sides = [comparison.left, *(one.comparator for one in comparison.comparisons)]
        for side in sides:
            if isinstance(comparison.comparisons[0].operator, cst.Equal) and source.code(side) in names:
                source.replace(side, template.format(parenthesized(source.code(side), side)))
    for call in source.calls("eq", "eq_"):
        if call.args and source.code(call.args[0].value) in names:
            loss.rewrite(source, call.args[0], template)


def _keras_labels(text: str, encoding: str, template: str, title: str) -> Iterator[Edit]:
    """Write the labels anew wherever data is handed to the model."""
    source = Source(text)
    changed = False
    for call in source.calls("fit", "evaluate", "train_on_batch", "test_on_batch"):
        label = source.argument(call, "y", 1)
        held_out = source.argument(call, "validation_data")
        if label is not None:
            loss.rewrite(source, label, template)
            changed = True
        if held_out is not None and isinstance(held_out.value, cst.Tuple) and len(held_out.value.elements) > 1:
            value = held_out.value.elements[1].value
            source.replace(value, template.format(parenthesized(source.code(value), value)))
    if changed:
        yield Edit(f"labels-{encoding}", title, source.text())


def _keras_loss(place: Place | None, text: str, encoding: str) -> Iterator[Edit]:
    """Keras has a loss for either form: one for one-hot rows, the sparse one for class numbers."""
    source = Source(text)
    function = {"one-hot": "categorical_crossentropy", "index": "sparse_categorical_crossentropy"}.get(encoding)
    if function is not None and loss.keras_exchange(source, place, function):
        form = "one-hot rows" if encoding == "one-hot" else "class numbers"
        yield Edit("loss-for-labels", f"Use the cross-entropy that reads {form}", source.text())

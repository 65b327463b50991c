"""LK502: less regularisation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.literal import literal
from losskit.doctor.remedies.optimizer import number, optimizer_call, set_traced
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording

DECAY = "1e-4"
SOFTER = 1e-3  # of a penalty's weight
DROPOUT = "0.2"


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    if finding.used_at is None:
        return []
    edits = {
        "decay": _decay,
        "penalty": _penalty,
        "layer-penalty": _layer_penalties,
        "dropout": _dropout,
        "smoothing": _smoothing,
    }.get(str(finding.evidence.get("regulariser")))
    return edits(finding.used_at.line, recording, source) if edits is not None else []


def _decay(line: int, recording: Recording, source: str) -> Iterator[Edit]:
    for code in (DECAY, "0"):
        tree = Source(source)
        call = optimizer_call(tree, line)
        if call is not None:
            set_traced(tree, call, "weight_decay", code, recording)
            yield Edit(f"weight-decay-{code}", f"Set the weight decay to {code}", tree.text())


def _penalty(line: int, recording: Recording, source: str) -> Iterator[Edit]:
    """The factor of the penalty a thousandth of what it is; else the term left out."""
    tree = Source(source)
    statement = tree.statement(line)
    terms = [] if statement is None else [_added(node) for node in tree.nodes(cst.BaseExpression, statement)]
    value = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    if isinstance(value, cst.AugAssign):
        terms.append(value.value)
    for term in (term for term in terms if isinstance(term, cst.BinaryOperation)):
        for factor in (term.left, term.right):
            given = recording.arguments
            written = literal(tree, factor, given) if isinstance(term.operator, cst.Multiply) else None
            if isinstance(written, (cst.Float, cst.Integer)):
                tree.replace(written, number(float(written.evaluated_value) * SOFTER))
                yield Edit("softer-penalty", "Give the penalty a thousandth of its weight", tree.text())
                return


def _added(node: cst.BaseExpression) -> cst.BaseExpression | None:
    return node.right if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add) else None


def _layer_penalties(line: int, recording: Recording, source: str) -> Iterator[Edit]:
    tree = Source(source)
    args = [arg for call in tree.calls() if (arg := tree.argument(call, "kernel_regularizer")) is not None]
    for arg in args:
        tree.remove_item(arg)
    if args:
        yield Edit("without-regularizer", "Leave out the kernel regularizers", tree.text())


def _dropout(line: int, recording: Recording, source: str) -> Iterator[Edit]:
    """Every dropout as high as that one."""
    tree = Source(source)
    given = recording.arguments
    changed: set[int] = set()
    for call in tree.calls("Dropout", "Dropout1d", "Dropout2d", "SpatialDropout1D", "SpatialDropout2D"):
        arg = tree.argument(call, "p", 0) or tree.argument(call, "rate", 0)
        written = literal(tree, arg.value, given) if arg is not None else None
        if isinstance(written, cst.Float) and written.evaluated_value > 0.5 and id(written) not in changed:
            changed.add(id(written))
            tree.replace(written, DROPOUT)
    if changed:
        yield Edit("dropout", f"Drop a share of {DROPOUT}", tree.text())


def _smoothing(line: int, recording: Recording, source: str) -> Iterator[Edit]:
    tree = Source(source)
    for call in tree.calls():
        if tree.argument(call, "label_smoothing") is not None:
            set_traced(tree, call, "label_smoothing", "0.1", recording)
            yield Edit("label-smoothing-0.1", "Smooth labels by 0.1", tree.text())
            return

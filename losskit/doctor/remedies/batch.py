"""How many samples a script takes a step on: the batch size, where it is written."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from losskit.doctor.remedies.literal import literal
from losskit.doctor.remedies.optimizer import set_traced
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording

# What is told a batch size, and as which argument.
_TOLD = {"DataLoader": 1, "fit": 2, "split": 0, "batch": 0, "batched": 1, "BatchSampler": 1, "flow": 2}


def with_batch_size(source: str, line: int, recording: Recording, size: int) -> str | None:
    """The file with batches of that size: of the loader or the call of fit at that line, else wherever batches of the
    size that was seen are cut; None when neither is in the file."""
    tree = Source(source)
    loader, fit = tree.call(line, "DataLoader"), tree.call(line, "fit")
    if loader is not None and tree.argument(loader, "batch_sampler") is None:
        set_traced(tree, loader, "batch_size", str(size), recording, 1)  # one, where none is told
        return tree.text()
    if fit is not None and tree.argument(fit, "batch_size", 2) is not None:
        set_traced(tree, fit, "batch_size", str(size), recording, 2)
        return tree.text()
    written = dict.fromkeys(_written(tree, recording))
    for number in written:
        tree.replace(number, str(size))
    return tree.text() if written else None


def without_last_batch(source: str, line: int) -> str | None:
    """The loader at that line without the last batch of an epoch, which is smaller."""
    tree = Source(source)
    loader = tree.call(line, "DataLoader")
    if loader is None:
        return None
    tree.set_argument(loader, "drop_last", "True")
    return tree.text()


def _written(tree: Source, recording: Recording) -> Iterator[cst.Integer]:
    """Every number that cuts batches of the size that was seen."""
    for expression in _cuts(tree):
        number = literal(tree, expression, recording.arguments)
        if isinstance(number, cst.Integer) and number.evaluated_value == recording.progress.batch_size:
            yield number


def _cuts(tree: Source) -> Iterator[cst.BaseExpression]:
    """What calls are told for a batch size, `range` for a stride, and slices ``[i : i + n]`` for a length."""
    for call in tree.calls(*_TOLD):
        position = 1 if tree.qualified(call.func) == "torch.split" else _TOLD.get(tree.callee(call), 0)
        told = tree.argument(call, "batch_size", position)
        if told is not None:
            yield told.value
    for call in tree.calls("range", "arange"):
        stride = tree.argument(call, "step", 2)
        if stride is not None:
            yield stride.value
    for part in tree.nodes(cst.Slice):
        if isinstance(part.upper, cst.BinaryOperation) and isinstance(part.upper.operator, cst.Add):
            yield part.upper.right

"""How long a script trains: the number of epochs, where it is written."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from losskit.doctor.remedies.literal import literal
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording


def with_epochs(source: str, line: int, recording: Recording, change: Callable[[int], int]) -> tuple[str, int] | None:
    """(text, epochs) with another number of epochs in the loop or the call of fit at that line; None when it is not
    written in the file, or is given on the command line."""
    tree = Source(source)
    written = _written(tree, line, recording)
    if written is None:
        return None
    epochs = change(written.evaluated_value)
    tree.replace(written, str(epochs))
    return tree.text(), epochs


def _written(tree: Source, line: int, recording: Recording) -> cst.Integer | None:
    fit = tree.call(line, "fit")
    if fit is not None:
        arg = tree.argument(fit, "epochs", 3)
        count = arg.value if arg is not None else None
    else:
        loop = next((loop for loop in tree.nodes(cst.For) if tree.line(loop) == line), None)
        ranges = [] if loop is None else [call for call in tree.nodes(cst.Call, loop.iter)]
        counted = [call for call in ranges if tree.callee(call) in ("range", "trange") and 1 <= len(call.args) <= 2]
        count = counted[-1].args[-1].value if counted else None
    if isinstance(count, cst.BinaryOperation):  # epochs + 1
        count = count.left
    number = literal(tree, count, recording.arguments) if count is not None else None
    return number if isinstance(number, cst.Integer) else None

"""Terms of one loss that are reduced in different ways: a mean over the batch beside a sum over it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from losskit.doctor.probe.session import Session
from losskit.doctor.probe.torch_provenance import Node

LOOKED_AT = 200  # nodes: terms are added near the end of a graph


class Summed(NamedTuple):
    """A sum over the rows of a batch, and how many times the mean over them it weighs in the value."""

    node: Node
    times: float


def note_unequal_terms(session: Session, value: Node, rows: int) -> None:
    """Note a term that is a sum over the batch; to be called where another one is a mean over it."""
    for summed in _sums(value, rows):
        shape = summed.node.inputs[0].shape
        said = f"a term of the loss is the sum over {shape}, and another the mean over the batch"
        session.event("unequal", said, summed.node.place, times=summed.times)


def _sums(value: Node, rows: int) -> Iterator[Summed]:
    queue: deque[tuple[Node, float]] = deque([(value, 1.0)])
    for _ in range(LOOKED_AT):
        if not queue:
            return
        node, factor = queue.popleft()
        if node.call is not None or not node.derived:
            continue
        if node.operation == "sum" and node.inputs and not node.shape:
            shape = node.inputs[0].shape
            if len(shape) > 1 and shape[0] == rows > 1:
                yield Summed(node, factor * rows)
        elif node.operation in ("mul", "div") and node.scalar:
            number = abs(node.scalar)
            queue.append((node.inputs[0], factor * number if node.operation == "mul" else factor / number))
        elif node.operation in ("add", "sub", "neg", "radd", "rsub"):
            queue.extend((inner, factor) for inner in node.inputs)


__all__ = ["note_unequal_terms"]

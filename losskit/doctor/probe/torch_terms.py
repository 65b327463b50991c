"""Terms of one loss that are reduced in different ways: a mean over the batch beside a sum over it."""

from __future__ import annotations

from typing import NamedTuple

from losskit.doctor.probe.session import Session
from losskit.doctor.probe.torch_handwritten import Way, walk
from losskit.doctor.probe.torch_provenance import Node


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


def _sums(value: Node, rows: int) -> list[Summed]:
    found: list[Summed] = []

    def is_sum(node: Node, way: Way) -> bool:
        shape = node.inputs[0].shape if node.operation == "sum" and node.inputs and not node.shape else ()
        if len(shape) > 1 and shape[0] == rows > 1 and way.factor is not None:
            found.append(Summed(node, way.factor * rows))
            return True
        return node.call is not None

    walk(value, is_sum)
    return found


__all__ = ["note_unequal_terms"]

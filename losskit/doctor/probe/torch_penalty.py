"""Penalties on weights that a script adds to its loss by hand."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from losskit.doctor.probe.session import Session
from losskit.doctor.probe.torch_provenance import Node

LOOKED_AT = 2000  # tensors behind one value: a penalty names each parameter of the model a few times


def note_penalties(session: Session, value: Node) -> None:
    """Measure what of the value that backward is called on depends on weights alone, and where it is added."""
    total = 0.0
    for node in _penalties(value):
        tensor = node.tensor()
        if tensor is not None and tensor.numel() == 1:
            total += float(tensor)
            session.site("penalty", node.place)
    if total:
        session.measure("loss/penalty", total)


def _penalties(value: Node) -> Iterator[Node]:
    """The terms of a sum that no output of a layer and no data went into."""
    queue = deque([value])
    for _ in range(LOOKED_AT):
        if not queue:
            return
        node = queue.popleft()
        if node.operation != "add" or node.call is not None:
            continue
        for term in node.inputs:
            if not term.derived or not term.inputs:
                continue
            if _of_weights_alone(term):
                yield term
            else:
                queue.append(term)


def _of_weights_alone(term: Node) -> bool:
    queue, seen = deque([term]), {id(term)}
    while queue and len(seen) < LOOKED_AT:
        node = queue.popleft()
        if node.call is not None or node.layer is not None or not (node.inputs or node.derived or node.shape == ()):
            return False
        for inner in node.inputs:
            if id(inner) not in seen:
                seen.add(id(inner))
                queue.append(inner)
    return not queue


__all__ = ["note_penalties"]

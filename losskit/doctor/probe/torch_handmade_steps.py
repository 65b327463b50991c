"""Steps that a torch script makes without an optimizer: ``w -= rate * w.grad``, and which way they go."""

from __future__ import annotations

import torch

from losskit.doctor.probe.session import Session
from losskit.doctor.probe.torch_provenance import Node, Provenance, source

ASCENT, DESCENT = "ascent", "descent"


class HandmadeSteps:
    """Notes one Site of kind "step" for each line that moves a weight along or against its own gradient."""

    def __init__(self, session: Session, provenance: Provenance) -> None:
        self._session = session
        provenance.listeners.append(self._look)

    def _look(self, node: Node, result: torch.Tensor) -> None:
        if node.operation not in ("add", "sub") or len(node.inputs) != 2:
            return
        weight, change = source(node.inputs[0]).reference(), node.inputs[1]
        if weight is None or not weight.requires_grad or not weight.is_leaf or weight.grad is None:
            return
        sign = _sign(change, weight.grad)
        if sign is None:
            return
        alpha = node.argument(2, "alpha", 1)
        sign *= -1 if isinstance(alpha, (int, float)) and alpha < 0 else 1
        upwards = sign > 0 if node.operation == "add" else sign < 0
        self._session.site("step", node.place, ASCENT if upwards else DESCENT)


def _sign(change: Node, gradient: torch.Tensor) -> int | None:
    """The sign that the gradient has in the change; None when this is not made of it by numbers alone."""
    sign = 1
    for _ in range(8):
        if change.operation is None or not change.inputs:
            break
        if change.operation == "neg":
            sign = -sign
        elif change.operation in ("mul", "div") and len(change.inputs) == 1:
            sign *= -1 if (change.scalar or 0) < 0 else 1
        else:
            return None
        change = change.inputs[0]
    return sign if change.reference() is gradient else None


__all__ = ["ASCENT", "DESCENT", "HandmadeSteps"]

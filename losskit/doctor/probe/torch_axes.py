"""Operations of a torch model that mistake an axis: a softmax over one entry, a reshape that mixes samples."""

from __future__ import annotations

import torch

from losskit.doctor.probe.session import Session
from losskit.doctor.probe.torch_model import Model
from losskit.doctor.probe.torch_provenance import Node, Provenance


class Axes:
    """Notes an event for each line that has one."""

    def __init__(self, session: Session, provenance: Provenance, model: Model) -> None:
        self._session, self._provenance, self._model = session, provenance, model
        provenance.listeners.append(self._look)

    def _look(self, node: Node, output: torch.Tensor) -> None:
        operation = node.operation
        if operation in ("softmax", "log_softmax") and self._shares_out_one(node, output):
            message = f"{operation} runs over an axis of size 1"
            self._session.event("constant", message, self._model.made(node) or node.place, shape=list(output.shape))
        if operation in ("reshape", "view") and node.place is not None and self._mixes_rows(node, output):
            shapes = f"{tuple(node.inputs[0].shape)} to {tuple(output.shape)}"
            self._session.event(
                "mixed", f"{operation} from {shapes} puts entries of several samples into one row", node.place
            )

    def _mixes_rows(self, node: Node, output: torch.Tensor) -> bool:
        """Whether the batch, second of the axes, becomes the first by counting through the entries, or the other way
        round: a transposition was meant."""
        rows, before, after = self._model.rows, node.inputs[0].shape if node.inputs else (), tuple(output.shape)
        if rows < 2 or len(before) < 2 or len(after) < 2 or 1 in (before[0], after[0]):
            return False
        inwards = before[0] == rows and after[0] != rows and after[1] == rows
        return inwards or (before[0] != rows and before[1] == rows and after[0] == rows)

    def _shares_out_one(self, node: Node, output: torch.Tensor) -> bool:
        """Whether a softmax runs over a single entry, which becomes 1 whatever it was."""
        axis = self._provenance.activation(node).axis
        shape = output.shape
        return axis is not None and -len(shape) <= axis < len(shape) and shape[axis] == 1


__all__ = ["Axes"]

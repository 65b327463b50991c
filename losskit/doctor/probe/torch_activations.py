"""Dead and saturated units of a torch model: of activation layers, and of functions applied in a forward."""

from __future__ import annotations

import torch

from losskit.doctor.probe.flat import DEAD, FLAT_ENDS
from losskit.doctor.probe.session import Session
from losskit.doctor.probe.torch_model import Model
from losskit.doctor.probe.torch_provenance import Node, Provenance


class Activations:
    """Measures the share of such units, once for each layer in a step that is looked at."""

    def __init__(self, session: Session, provenance: Provenance, model: Model) -> None:
        self._session, self._model = session, model
        self._measured: dict[str, int] = {}  # signal → at which step
        provenance.listeners.append(self._look)

    def _look(self, node: Node, output: torch.Tensor) -> None:
        operation = node.operation
        if (operation not in DEAD and operation not in FLAT_ENDS) or not output.requires_grad or output.ndim < 2:
            return
        name = self._model.activated(node)
        if name is None:
            return
        output = output.detach()
        if operation in DEAD:
            if self._first_time(f"dead_fraction/{name}"):
                dead = (output <= 0).flatten(2).all(2).all(0) if output.ndim > 2 else (output <= 0).all(0)
                self._session.measure(f"dead_fraction/{name}", float(dead.float().mean()))
        elif self._first_time(f"saturated_fraction/{name}"):
            low, high = FLAT_ENDS[operation]
            flat = (output <= low) | (output >= high)
            self._session.measure(f"saturated_fraction/{name}", float(flat.float().mean()))

    def _first_time(self, signal: str) -> bool:
        """Whether this has not been measured in this step yet."""
        step = self._session.step
        if self._measured.get(signal) == step:
            return False
        self._measured[signal] = step
        return True


__all__ = ["Activations"]

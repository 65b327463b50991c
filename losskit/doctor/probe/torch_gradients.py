"""Whether gradients begin at zero, which layers they come to, and where their way back is cut off."""

from __future__ import annotations

import sys
import weakref
from collections import deque
from collections.abc import Iterable, Iterator

import torch
from torch import nn

from losskit.doctor.probe.blocks import guard_around
from losskit.doctor.probe.session import WARM_UP, Session
from losskit.doctor.probe.torch_model import Model
from losskit.doctor.probe.torch_provenance import Node, Provenance
from losskit.recording.facts import Place

LOOKED_AT = 5000  # nodes behind one loss
LEFT = "weights that the script updates itself keep their gradients, and the next ones are added to them"
_COPIES = frozenset(("detach", "data", "tensor", "numpy", "tolist"))  # what comes out has no past


class Gradients:
    """Looks at the first steps, in which every backward is seen."""

    def __init__(self, session: Session, provenance: Provenance, model: Model) -> None:
        self._session, self._provenance, self._model = session, provenance, model
        self._clear: dict[int, bool] = {}  # optimizer → were its gradients zero at a backward since its last step
        self._counts: dict[int, list[int]] = {}  # optimizer → fresh and stale steps
        self._by_hand: dict[int, tuple[weakref.ref[torch.Tensor], float]] = {}  # what a script updates itself → its sum
        provenance.exits.append(self._left)

    @property
    def looking(self) -> bool:
        return self._session.step < WARM_UP

    def before_backward(self, value: torch.Tensor, optimizers: Iterable[torch.optim.Optimizer]) -> None:
        if not self.looking:
            return
        optimizers = list(optimizers)
        for optimizer in optimizers:
            held = (p for group in optimizer.param_groups for p in group["params"])
            self._clear[id(optimizer)] = self._clear.get(id(optimizer), False) or _zero(held)
        if not self._provenance.on:
            return
        node = self._provenance.node(value)
        if not optimizers:
            self._count_by_hand(node)
        self._find_cuts(node)

    def stepped(self, optimizer: torch.optim.Optimizer) -> None:
        clear = self._clear.pop(id(optimizer), None)
        if clear is not None:
            self._counts.setdefault(id(optimizer), [0, 0])[not clear] += 1

    def counts(self, optimizer: int) -> dict[str, int]:
        """What OptimizerFacts says of the optimizer with this id."""
        fresh, stale = self._counts.get(optimizer, (0, 0))
        return {"fresh_steps": fresh, "stale_steps": stale}

    def after_backward(self) -> None:
        """Note which layers a gradient came to."""
        layers = self._model.gradients_came_to
        for name, parameter in self._model.owned():
            if name not in layers and parameter.grad is not None and not _zero((parameter,)):
                layers.add(name)

    # a step that the script makes itself
    def _count_by_hand(self, value: Node) -> None:
        """Whether what is trained has been changed since the last backward, with its gradient left as it was."""
        leaves = [node.reference() for node in _behind(value) if node.grad and not node.inputs]
        for tensor in leaves:
            if tensor is None or not tensor.is_leaf:
                continue
            known, total = self._by_hand.get(id(tensor), (None, 0.0)), float(tensor.detach().sum())
            same = known[0] is not None and known[0]() is tensor
            if same and known[1] != total and not _zero((tensor,)):
                self._session.event("stale", LEFT, self._session.place())
            self._by_hand[id(tensor)] = (weakref.ref(tensor), total)

    # cuts
    def _find_cuts(self, value: Node) -> None:
        """Operations behind the loss whose result has no gradient although what they were given has."""
        for node in _behind(value):
            given = any(one.grad for one in node.inputs)
            if not given or node.place is None:
                continue
            if node.operation in _COPIES:
                self._cut(node, node.place)
            elif not node.grad and any(isinstance(one.reference(), nn.Parameter) for one in node.inputs):
                self._cut(node, guard_around(self._session.places.path(node.place), node.place))  # gradients were off

    def _left(self, operation: str, node: Node) -> None:
        """A tensor became an array in the middle of a model."""
        place = self._session.places.here(sys._getframe(1))
        if self.looking and place is not None and self._provenance.layers and node.derived:
            self._cut(node, place)

    def _cut(self, node: Node, place: Place) -> None:
        owners, cuts = self._model.owners, self._model.cuts
        for behind in _behind(node):
            tensor = behind.reference() if behind.grad and not behind.inputs else None
            if tensor is not None and id(tensor) in owners:
                cuts.setdefault(owners[id(tensor)], place)


def _zero(parameters: Iterable[torch.Tensor]) -> bool:
    """Whether none of them has a gradient, or zeros only."""
    for parameter in parameters:
        gradient = parameter.grad
        if gradient is not None and bool((gradient._values() if gradient.is_sparse else gradient).any()):
            return False
    return True


def _behind(node: Node) -> Iterator[Node]:
    """The node and what it was made of, near ones first."""
    seen, queue = {id(node)}, deque([node])
    while queue and len(seen) < LOOKED_AT:
        one = queue.popleft()
        yield one
        for other in one.inputs:
            if id(other) not in seen:
                seen.add(id(other))
                queue.append(other)


__all__ = ["Gradients"]

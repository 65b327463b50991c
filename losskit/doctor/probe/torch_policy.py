"""The sign of a policy gradient: log-probabilities of what was done, weighted by what came of it."""

from __future__ import annotations

import linecache
import re
from collections import deque
from collections.abc import Iterator

from losskit.doctor.probe.session import Session
from losskit.doctor.probe.torch_provenance import Node

LOOKED_AT = 200  # nodes: the product stands near the end of a graph
LOGARITHMS = frozenset(("log_softmax", "logsumexp", "log", "logsigmoid"))
REWARD = re.compile(r"reward|adv|return|\bret|gain|\bG\b|payoff|utility", re.IGNORECASE)


def note_policy_sign(session: Session, value: Node) -> None:
    """Note the line where log p × advantage enters the loss with a plus: minimising it makes what paid less likely.

    Only where the line says that the weights are rewards: of costs the plus is right.
    """
    for node, negated in _products(value):
        place = node.place
        line = linecache.getline(session.places.path(place), place.line) if place is not None else ""
        if not negated and REWARD.search(line):
            session.event("uphill", "log-probabilities times rewards are made smaller, not larger", place)


def _products(value: Node) -> Iterator[tuple[Node, bool]]:
    """(product, whether minus it is in the value) of each log-probability with weights of both signs."""
    queue: deque[tuple[Node, bool]] = deque([(value, False)])
    for _ in range(LOOKED_AT):
        if not queue:
            return
        node, negated = queue.popleft()
        if node.call is not None or not node.derived:
            continue
        if node.operation == "neg":
            queue.extend((inner, not negated) for inner in node.inputs)
        elif node.operation in ("mul", "div") and node.scalar is not None:
            queue.extend((inner, negated != (node.scalar < 0)) for inner in node.inputs)
        elif node.operation in ("sub", "rsub") and len(node.inputs) == 2:
            first, second = node.inputs
            queue.extend(((first, negated), (second, not negated)))
        elif node.operation in ("add", "mean", "sum", "div", "stack", "cat"):
            queue.extend((inner, negated) for inner in node.inputs)
        elif node.operation == "mul" and len(node.inputs) == 2:
            derived = [inner for inner in node.inputs if inner.grad]
            weights = [inner.tensor() for inner in node.inputs if not inner.grad]
            if len(derived) == len(weights) == 1 and weights[0] is not None and _is_logarithm(derived[0]):
                signs = weights[0].float()
                if signs.ndim and bool((signs > 0).any()) and bool((signs < 0).any()):
                    yield node, negated


def _is_logarithm(node: Node) -> bool:
    """Whether it is picked out of a logarithm of probabilities, or a difference from one: log Σ exp."""
    queue, left = deque([node]), 24
    while queue and left:
        node, left = queue.popleft(), left - 1
        if node.operation in LOGARITHMS:
            return True
        if node.layer is None and node.operation not in ("exp", "mul", "div"):
            queue.extend(node.inputs)
    return False


__all__ = ["note_policy_sign"]

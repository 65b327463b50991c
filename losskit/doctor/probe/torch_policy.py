"""The sign of a policy gradient: log-probabilities of what was done, weighted by what came of it."""

from __future__ import annotations

import linecache
import re

from losskit.doctor.probe.session import Session
from losskit.doctor.probe.torch_handwritten import Way, walk
from losskit.doctor.probe.torch_provenance import Node

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


def _products(value: Node) -> list[tuple[Node, bool]]:
    """(product, whether minus it is in the value) of each log-probability with weights of both signs."""
    found: list[tuple[Node, bool]] = []

    def is_product(node: Node, way: Way) -> bool:
        if node.operation == "mul" and _weighs_both_ways(node):
            found.append((node, way.negated))
            return True
        return node.call is not None

    walk(value, is_product)
    return found


def _weighs_both_ways(product: Node) -> bool:
    """Whether a log-probability is multiplied with weights that are above 0 for some, and below it for others."""
    derived = [inner for inner in product.inputs if inner.grad]
    weights = [inner.tensor() for inner in product.inputs if not inner.grad]
    if len(derived) != 1 or len(weights) != 1 or weights[0] is None or not _is_logarithm(derived[0]):
        return False
    return weights[0].ndim > 0 and bool((weights[0] > 0).any()) and bool((weights[0] < 0).any())


def _is_logarithm(node: Node) -> bool:
    """Whether it is picked out of a logarithm of probabilities, or a difference from one: log Σ exp.

    Depth first: of many that are stacked, one for each step of an episode, the last one tells.
    """
    stack, left = [node], 24
    while stack and left:
        node, left = stack.pop(), left - 1
        if node.operation in LOGARITHMS:
            return True
        if node.layer is None and node.operation not in ("exp", "mul", "div"):
            stack.extend(node.inputs)
    return False


__all__ = ["note_policy_sign"]

"""Which loss a script wrote by hand, read off the operations behind the value that it called backward on."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from losskit.doctor.probe.torch_provenance import RESHAPING, Node

LOOKED_AT = 400  # nodes of one graph; a loss is nearer to its end than that
_REDUCTIONS = frozenset(("mean", "sum", "nanmean", "nansum", "median", "amax", "amin", "max", "min"))
_PRODUCTS = frozenset(("matmul", "dot", "inner"))  # of a vector with itself: they sum
_POSITIVE_PARTS = frozenset(("relu", "clamp", "clamp_min", "maximum", "max", "threshold"))


@dataclass(frozen=True)
class Term:
    """One loss in the value: what it is, and the two tensors it compares. `node` is where it was found."""

    loss: str | None
    expects: str | None
    prediction: Node
    target: Node | None
    node: Node
    negated: bool = False
    factor: float | None = 1.0  # of the mean over the entries of `node` in the value; None: it cannot be told
    divisor: Node | None = None  # a number made of data that the loss was divided by

    @property
    def broadcast(self) -> bool:
        if self.target is None or self.loss in ("CrossEntropy", "NegativeLogLikelihood"):
            return False
        return self.prediction.shape != self.target.shape

    @property
    def scale(self) -> float | None:
        """Of the loss's mean over its entries, for a loss over classes over its targets, in the value."""
        if self.factor is None:
            return None
        if self.loss in ("CrossEntropy", "NegativeLogLikelihood") and self.node.shape == self.prediction.shape:
            return self.factor / (self.node.shape[1] if len(self.node.shape) > 1 else 1)  # Σₖ tₖ·log pₖ is one loss
        if self.node.operation in _PRODUCTS:
            return self.factor * math.prod(self.prediction.shape)
        return self.factor


@dataclass(frozen=True)
class Way:
    """From the value to something it is made of: how that enters the value."""

    negated: bool = False
    factor: float | None = 1.0
    divisor: Node | None = None
    root: bool = False  # through a square root

    def times(self, number: float | None) -> Way:
        if number is None:
            return replace(self, factor=None)
        factor = None if self.factor is None else self.factor * abs(number)
        return replace(self, factor=factor, negated=self.negated != (number < 0))


def terms(value: Node) -> list[Term]:
    """The losses that were added up to this value; the known ones of torch have a `call` on their node.

    When none is recognised: one term without a name, with prediction and target when the two can be told.
    """
    found: list[Term] = []

    def is_loss(node: Node, way: Way) -> bool:
        if node.call is not None:
            term = Term(None, None, node, None, node, way.negated, way.factor, way.divisor)
        else:
            term = _recognise(node, way)
        found.extend([term] if term is not None else [])
        return term is not None

    walk(value, is_loss)
    return found or _unnamed(value)


def walk(value: Node, ends: Callable[[Node, Way], bool]) -> None:
    """Go from a value to what it is made of as a loss, nearest first, and not into what `ends` says yes to."""
    seen: set[int] = set()
    queue: deque[tuple[Node, Way]] = deque([(value, Way())])
    for _ in range(LOOKED_AT):
        if not queue:
            return
        node, way = queue.popleft()
        if not node.derived or id(node) in seen:
            continue
        seen.add(id(node))
        if not ends(node, way):
            queue.extend(_inside(node, way))


def _inside(node: Node, way: Way) -> Iterator[tuple[Node, Way]]:
    """What a value is made of, as far as it is still the same loss."""
    operation, inputs = node.operation, node.inputs
    if operation == "neg":
        yield inputs[0], way.times(-1)
    elif operation in ("mul", "div"):
        yield from _weighted(node, way)
    elif operation == "sub" and len(inputs) == 2:
        yield from ((inputs[0], way), (inputs[1], way.times(-1)))
    elif operation == "rsub":
        yield inputs[0], way.times(-1)
    elif operation in ("stack", "cat"):
        yield from ((inner, way.times(1 / len(inputs))) for inner in inputs)
    elif operation in ("sum", "nansum"):
        yield from ((inner, way.times(_entries(inner) / max(_entries(node), 1))) for inner in inputs)
    elif operation == "sqrt":
        yield inputs[0], replace(way.times(None), root=True)
    elif operation in RESHAPING and inputs and _entries(inputs[0]) != _entries(node):  # entries were picked out
        yield from ((inner, way.times(None)) for inner in inputs)
    elif operation in ("add", "sub") or operation in _REDUCTIONS or operation in RESHAPING:
        yield from ((inner, way) for inner in inputs)


def _weighted(node: Node, way: Way) -> Iterator[tuple[Node, Way]]:
    """What is multiplied or divided by a number, or by weights; with weights of both signs it is no loss."""
    divided = node.operation == "div"
    if node.scalar is not None:
        number = node.scalar if not divided else 1 / node.scalar if node.scalar else None
        yield node.inputs[0], way.times(number)
        return
    others = [inner for inner in node.inputs if not inner.derived]
    weight = others[0].tensor() if len(others) == 1 and len(node.inputs) == 2 else None
    if weight is None or weight.numel() == 0 or weight.is_complex():
        yield from ((inner, way.times(None)) for inner in node.inputs if inner.derived)
    elif bool((weight >= 0).all()) or bool((weight <= 0).all()):
        mean = float(weight.double().mean())
        if divided and math.prod(others[0].shape) == 1:
            way = replace(way, divisor=others[0])
        way = way.times((1 / mean if mean else None) if divided else mean)
        yield from ((inner, way) for inner in node.inputs if inner.derived)


def _entries(node: Node) -> int:
    return math.prod(node.shape)


@dataclass(frozen=True)
class _Found:
    """A formula before its reduction; `sign` is −1 where minus the formula is the loss, as for a log-likelihood."""

    loss: str
    expects: str
    prediction: Node
    target: Node
    sign: int = 1


def _recognise(node: Node, way: Way) -> Term | None:
    for recognise in _FORMULAS:
        found = recognise(node)
        if found is not None:
            name = "RootMeanSquaredError" if way.root and found.loss == "SquaredError" else found.loss
            negated = way.negated != (found.sign < 0)
            return Term(name, found.expects, found.prediction, found.target, node, negated, way.factor, way.divisor)
    return None


def _squared(node: Node) -> _Found | None:
    base = _square_of(node)
    pair = None if base is None else _difference(base)
    return None if pair is None else _Found("SquaredError", "values", *pair)


def _absolute(node: Node) -> _Found | None:
    pair = _difference(node.inputs[0]) if node.operation == "abs" else None
    return None if pair is None else _Found("AbsoluteError", "values", *pair)


def _hinge(node: Node) -> _Found | None:
    base = _square_of(node)
    part = _plain(base or node)
    if part.operation not in _POSITIVE_PARTS or not part.inputs:
        return None
    inner = _plain(next((one for one in part.inputs if one.derived), part.inputs[0]))
    if inner.operation != "rsub" or inner.scalar != 1:
        return None
    pair = _product(inner.inputs[0])
    return None if pair is None else _Found("Hinge" if base is None else "SquaredHinge", "values", *pair)


def _logistic(node: Node) -> _Found | None:
    """softplus(−y·p), log(1 + exp(−y·p))."""
    margin: Node | None = None
    if node.operation == "softplus":
        margin = node.inputs[0]
    elif node.operation == "log1p" and node.inputs[0].operation == "exp":
        margin = node.inputs[0].inputs[0]
    elif node.operation == "log" and node.inputs[0].operation == "add" and node.inputs[0].scalar == 1:
        exponential = node.inputs[0].inputs[0]
        margin = exponential.inputs[0] if exponential.operation == "exp" else None
    if margin is None:
        return None
    minus = margin.operation == "neg"
    pair = _product(margin.inputs[0] if minus else margin)
    if pair is not None and not minus:  # −y·p is (−y)·p in Python
        prediction, target = pair
        pair = (prediction, target.inputs[0]) if target.operation == "neg" else None
    return None if pair is None else _Found("SoftMargin", "values", *pair)


def _softmax_from_scores(node: Node) -> _Found | None:
    """logsumexp(x) − x[y], softplus(x) − x·y."""
    if node.operation != "sub" or len(node.inputs) != 2:
        return None
    first, second = (_plain(one) for one in node.inputs)
    if first.operation == "logsumexp" and (picked := _picked(node.inputs[1])) is not None:
        return _Found("CrossEntropy", "logits", *picked)
    if first.operation == "softplus" and (pair := _product(second)) is not None:
        return _Found("BinaryCrossEntropy", "logits", *pair)
    return None


def _binary_likelihood(node: Node) -> _Found | None:
    """y·log p + (1 − y)·log(1 − p), or both with a minus."""
    if node.operation not in ("add", "sub") or len(node.inputs) != 2:
        return None
    parts = [_weighted_log(one) for one in node.inputs]
    if parts[0] is None or parts[1] is None:
        return None
    (yes, target, sign), (no, rest, other_sign) = parts[0], parts[1]
    if sign != (other_sign if node.operation == "add" else -other_sign):
        return None
    if _is_one_minus(target, rest):
        yes, target, no, rest = no, rest, yes, target
    if not _is_one_minus(rest, target):
        return None
    if yes.operation == no.operation == "logsigmoid":
        return _Found("BinaryCrossEntropy", "logits", yes.inputs[0], target, -sign)
    if yes.operation == no.operation == "log":
        return _Found("BinaryCrossEntropy", "probabilities", _inside_log(yes), target, -sign)
    return None


def _likelihood(node: Node) -> _Found | None:
    """t·log p, log p[y] and (log p)[y], with log p from a log or a log_softmax."""
    if (weighted := _weighted_log(node)) is not None:
        return _of_log(*weighted)
    if (picked := _picked(node)) is not None:
        return _of_log(_plain(picked[0]), picked[1])
    if node.operation == "log" and (picked := _picked(_inside_log(node))) is not None:
        return _Found("CrossEntropy", "probabilities", *picked, sign=-1)
    return None


def _cosine(node: Node) -> _Found | None:
    """cos(p, t), which training makes as large as it can be: the loss is what is left to 1."""
    if node.operation != "cosine_similarity" or len(node.inputs) != 2:
        return None
    first, second = sorted(node.inputs, key=lambda one: not one.derived)
    return _Found("CosineDistance", "values", first, second, sign=-1) if first.derived and not second.derived else None


def _of_log(logarithm: Node, target: Node, sign: int = 1) -> _Found | None:
    if logarithm.operation == "log_softmax":
        return _Found("NegativeLogLikelihood", "log_probabilities", logarithm, target, -sign)
    if logarithm.operation == "log":
        return _Found("CrossEntropy", "probabilities", _inside_log(logarithm), target, -sign)
    return None


_FORMULAS = (
    _squared,
    _absolute,
    _hinge,
    _logistic,
    _softmax_from_scores,
    _binary_likelihood,
    _likelihood,
    _cosine,
)


def _plain(node: Node) -> Node:
    """The node behind one that only reshapes; picking entries out is not reshaping here."""
    while node.operation in RESHAPING and node.operation != "getitem" and len(node.inputs) == 1:
        node = node.inputs[0]
    return node


def _inside_log(node: Node) -> Node:
    """What the logarithm is taken of, without the ε that was added to it."""
    inner = node.inputs[0]
    if inner.operation == "add" and inner.scalar is not None and abs(inner.scalar) <= 1e-3:
        inner = inner.inputs[0]
    return inner


def _square_of(node: Node) -> Node | None:
    node = _plain(node)
    if node.operation == "square" or (node.operation == "pow" and node.scalar == 2):
        return node.inputs[0]
    if node.operation in ("mul", *_PRODUCTS) and len(node.inputs) == 2:
        first, second = (_plain(one) for one in node.inputs)
        return first if first is second else None
    return None


def _difference(node: Node) -> tuple[Node, Node] | None:
    """Prediction and target of p − t or t − p: the prediction is what depends on the model."""
    node = _plain(node)
    if node.operation != "sub" or len(node.inputs) != 2:
        return None
    first, second = node.inputs
    if second.derived and not first.derived:
        first, second = second, first
    return None if _is_parameter(first) else (first, second)


def _product(node: Node) -> tuple[Node, Node] | None:
    node = _plain(node)
    if node.operation != "mul" or len(node.inputs) != 2:
        return None
    first, second = node.inputs
    if second.derived and not first.derived:
        first, second = second, first
    return (first, second) if first.derived and not second.derived else None


def _weighted_log(node: Node) -> tuple[Node, Node, int] | None:
    """(log p, t, sign) of t·log p, −(t·log p) and (−t)·log p."""
    node, sign = _plain(node), 1
    if node.operation == "neg":
        node, sign = _plain(node.inputs[0]), -1
    pair = _product(node)
    if pair is None:
        return None
    logarithm, target = _plain(pair[0]), pair[1]
    if target.operation == "neg":
        target, sign = target.inputs[0], -sign
    return (logarithm, target, sign) if logarithm.operation in ("log", "log_softmax", "logsigmoid") else None


def _picked(node: Node) -> tuple[Node, Node] | None:
    """(x, y) of x[arange, y] or x.gather(1, y)."""
    node = _plain(node)
    if node.operation not in ("getitem", "gather", "take_along_dim") or len(node.inputs) < 2:
        return None
    if node.operation == "getitem" and not isinstance(node.argument(1, "index"), tuple):
        return None  # x[rows]: rows are picked out, or put into another order
    indices = [one for one in node.inputs[1:] if not one.derived and one.shape]
    return (node.inputs[0], indices[-1]) if indices and node.inputs[0].derived else None


def _is_one_minus(node: Node, of: Node) -> bool:
    node, of = _plain(node), _plain(of)
    return node.operation == "rsub" and node.scalar == 1 and (_plain(node.inputs[0]) is of or node is of)


def _is_parameter(node: Node) -> bool:
    return node.derived and node.operation is None


def _unnamed(value: Node) -> list[Term]:
    """No known formula: the first place where something that depends on the model meets data."""
    queue, seen = deque([value]), set()
    while queue and len(seen) < LOOKED_AT:
        node = queue.popleft()
        if id(node) in seen or not node.derived:
            continue
        seen.add(id(node))
        pair = _difference(node) or _picked(node)
        if pair is not None and pair[0].derived and not pair[1].derived and pair[1].shape:
            return [Term(None, None, pair[0], pair[1], value, factor=None)]
        queue.extend(node.inputs)
    return [Term(None, None, value, None, value, factor=None)]


__all__ = ["Term", "Way", "terms", "walk"]

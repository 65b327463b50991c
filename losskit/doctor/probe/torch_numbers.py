"""Where the numbers of a torch script stop being finite: operations at their edges, and what broke a loss first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

import torch
from torch import nn

from losskit.doctor.probe.operations import DELICATE, STEEP, SYNONYMS, Seen
from losskit.doctor.probe.replaced import Replaced
from losskit.doctor.probe.session import WARM_UP, Session
from losskit.doctor.probe.torch_provenance import RESHAPING, Node, Provenance
from losskit.recording.facts import Operation, Place

BEHIND = 4  # operations that are told of where an argument came from
SMALL = 1e-2  # a number added to an argument that is at most this large is there to keep it from the edge
GRAPH = 100_000  # nodes of an autograd graph that are walked at most

_WEIGHTED = frozenset(  # layers: what comes out of them is something new
    (
        *("linear", "bilinear", "matmul", "rmatmul", "mm", "bmm", "addmm", "baddbmm", "einsum", "embedding"),
        *("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
        *("batch_norm", "layer_norm", "group_norm", "instance_norm", "lstm", "gru", "rnn_tanh", "rnn_relu"),
    )
)
_UNARY = frozenset(("log", "log2", "log10", "log1p", "logit", "acos", "asin", "atanh", "acosh", "erfinv"))


class Numbers:
    """Listens to operations while they are looked at, and asks the graph of a loss that is not finite."""

    def __init__(self, session: Session, provenance: Provenance) -> None:
        self._session = session
        self._seen: dict[tuple[str, Place], Seen] = {}
        self._broken = False
        provenance.listeners.append(self._look)

    def _look(self, node: Node, output: torch.Tensor) -> None:
        name = SYNONYMS.get(node.operation or "", node.operation)
        if name not in DELICATE or not node.derived or node.place is None or not node.inputs:
            return
        if node.operation == "div" and len(node.inputs) < 2:  # by a number
            return
        made = _argument(node)
        argument = made.tensor()
        if argument is None or not argument.is_floating_point() or not argument.numel():
            return
        key = name, node.place
        if key not in self._seen:
            self._seen[key] = Seen(name, node.place, *_behind(made), made.shape)
        seen = self._seen[key]
        seen.looks += 1
        seen.dtype = str(argument.dtype).removeprefix("torch.")
        low, high = torch.stack(torch.aminmax(argument)).tolist()
        root = name == "pow" and 0 < (node.scalar or 1) < 1
        steep = STEEP.get("sqrt" if root else name)
        at_edge = 0 if steep is None else int(steep(argument).sum())
        seen.add(low, high, int((~torch.isfinite(output.detach())).sum()), at_edge, self._session.step)

    def broke(self, loss: torch.Tensor) -> None:
        """The loss is not finite, and its graph still there: name the operation that made the first such number."""
        if self._broken:
            return
        self._broken = True
        with self._session.budget:
            found = _first_broken(loss)
            if found is None:
                return
            kind, operation, shape = found
            seen = [one for one in self._seen.values() if one.name == operation]
            seen = [one for one in seen if one.shape == shape] or seen
            nearest = min(seen, key=lambda one: abs(one.minimum), default=None)
            place = None if nearest is None else nearest.place
            self._session.event("non-finite", operation or kind, place, tensor=kind)

    def summary(self) -> Iterable[Operation]:
        return [one.fact() for one in self._seen.values()]


def watch_precision(session: Session, replaced: Replaced) -> None:
    """Note the lines that choose a number type of 16 bits, and those that scale losses for it."""

    def noting(owner: Any, name: str, kind: str, told: Callable[..., Any]) -> None:
        function = getattr(owner, name)

        @wraps(function)
        def noted(*args: Any, **kwargs: Any) -> Any:
            if session.step < WARM_UP and not session.closed and not torch.compiler.is_compiling():
                with session.budget:
                    detail = told(*args, **kwargs)
                    if detail is not None:
                        session.site(kind, session.place(), str(detail).removeprefix("torch."))
            return function(*args, **kwargs)

        replaced.put(owner, name, noted)

    noting(nn.Module, "half", "precision", lambda *_: torch.float16)
    noting(nn.Module, "bfloat16", "precision", lambda *_: torch.bfloat16)
    noting(nn.Module, "to", "precision", _of_conversion)
    noting(torch, "set_default_dtype", "precision", _sixteen_bits)
    noting(torch.amp.autocast_mode.autocast, "__init__", "precision", _of_autocast)
    noting(torch.amp.GradScaler, "__init__", "scaler", lambda *_, **given: "on" if given.get("enabled", True) else None)


def _sixteen_bits(dtype: Any = None) -> Any:
    return dtype if dtype in (torch.float16, torch.bfloat16) else None


def _of_conversion(*args: Any, **kwargs: Any) -> Any:
    return next(filter(None, map(_sixteen_bits, (*args[1:], *kwargs.values()))), None)


def _of_autocast(
    self: Any, device_type: str, dtype: Any = None, enabled: bool = True, cache_enabled: bool | None = None
) -> Any:
    chosen = _sixteen_bits(dtype or torch.get_autocast_dtype(device_type)) if enabled else None
    return None if chosen is None else f"autocast {str(chosen).removeprefix('torch.')}"


def _argument(node: Node) -> Node:
    """What decides whether the result is finite: of a quotient the divisor."""
    return node.inputs[-1] if node.operation == "div" else node.inputs[0]


def _behind(node: Node) -> tuple[tuple[str, ...], float | None]:
    """The operations behind an argument, nearest first, and what keeps it from the edge."""
    names: list[str] = []
    offset = None
    while node.inputs and len(names) < BEHIND and node.operation not in _WEIGHTED:
        if node.operation not in RESHAPING and node.operation is not None:
            if not names:
                offset = _offset(node)
            names.append(node.operation)
        node = next((one for one in node.inputs if one.derived), node.inputs[0])
    return tuple(names), offset


def _offset(node: Node) -> float | None:
    if node.operation == "add" and node.scalar is not None and 0 < abs(node.scalar) <= SMALL:
        return abs(node.scalar)
    if node.operation in ("clamp", "clamp_min"):
        bound = node.argument(1, "min")
        return float(bound) if isinstance(bound, (int, float)) and bound > 0 else None
    return None


def _first_broken(loss: torch.Tensor) -> tuple[str, str, tuple[int, ...]] | None:
    """("weight" | "input" | "operation", the operation's name, the shape of what was seen of it), from the graph.

    Autograd keeps of most operations an argument or the result. The nodes are asked in the order of the forward pass:
    the first whose argument is finite and whose result is not is the one.
    """
    nodes = sorted(_graph(loss), key=lambda node: node._sequence_nr())
    for variable in (node.variable for node in nodes if hasattr(node, "variable")):
        if not _finite(variable):
            return "weight", "", tuple(variable.shape)
    for node in nodes:
        saved = dict(_saved(node))
        for key, tensor in saved.items():
            if key != "result" and not _finite(tensor):  # what made it keeps nothing
                maker = _maker(node, key)
                return ("input", "", tuple(tensor.shape)) if maker is None else ("operation", _operation(maker), ())
        if _breaks(node, saved):
            return "operation", _operation(node), next((tuple(one.shape) for one in saved.values()), ())
    return ("operation", _operation(loss.grad_fn), ()) if nodes else None


def _breaks(node: Any, saved: dict[str, torch.Tensor]) -> bool:
    """Whether this operation, of finite arguments, gave something that is not."""
    name, argument = _operation(node), saved.get("self")
    with torch.no_grad():
        if "result" in saved:
            return not _finite(saved["result"])
        if name == "div" and "other" in saved:
            return bool((saved["other"] == 0).any())
        if argument is None:
            return False
        if name == "pow":
            return not _finite(argument.pow(node._saved_exponent))
        return name in _UNARY and not _finite(getattr(torch, name)(argument))


def _maker(node: Any, key: str) -> Any:
    """The node that made an argument, behind what only reshapes; None for one that came from outside."""
    matrix = node.name().startswith(("Addmm", "Baddbmm", "Addmv", "Addbmm"))  # their first argument is the bias
    index = {"mat1": 1, "mat2": 2 if matrix else 1, "other": 1, "target": 1, "weight": 1}.get(key, 0)
    maker = node.next_functions[index][0] if index < len(node.next_functions) else None
    while maker is not None and _operation(maker) in RESHAPING:
        maker = maker.next_functions[0][0]
    return maker


def _graph(loss: torch.Tensor) -> Iterator[Any]:
    queue, seen = [loss.grad_fn], set()
    while queue and len(seen) < GRAPH:
        node = queue.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        yield node
        queue += [one for one, _ in node.next_functions]


def _saved(node: Any) -> Iterator[tuple[str, torch.Tensor]]:
    """What autograd keeps of an operation, as far as it can still be had."""
    for name in dir(node):
        if name.startswith("_saved_"):
            try:
                value = getattr(node, name)
            except RuntimeError:
                continue
            if isinstance(value, torch.Tensor) and value.is_floating_point():
                yield name.removeprefix("_saved_"), value.detach()


def _operation(node: Any) -> str:
    """``log`` of LogBackward0, ``log_softmax`` of LogSoftmaxBackward0."""
    name = node.name().rpartition("::")[2].partition("Backward")[0]
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).strip("_").replace("__", "_")


def _finite(tensor: torch.Tensor) -> bool:
    return bool(torch.isfinite(tensor).all())


__all__ = ["Numbers", "watch_precision"]

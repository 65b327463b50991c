"""Where tensors come from: a torch function mode that notes which operation made what of what."""

from __future__ import annotations

import sys
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.lib.array_utils import byte_bounds
from torch._C import _len_torch_function_stack
from torch.overrides import TorchFunctionMode, _pop_mode, _push_mode
from torch.utils._device import DeviceContext

from losskit.doctor.probe.session import Session
from losskit.doctor.probe.torch_tracing import tracing
from losskit.recording.facts import Activation, Place

KEPT_VALUES = 32  # of the last results, until the step is over; older ones are there as long as the script has them
KEPT_ENTRIES = 1 << 20  # larger ones are not kept
DISPATCH = 2e-6  # seconds torch takes to hand an operation to a function mode (measured: 1.5 to 3 µs)

# Operations that move entries about, or change their type, but not what an entry is.
RESHAPING = frozenset(
    (
        *("squeeze", "unsqueeze", "view", "reshape", "flatten", "unflatten", "ravel", "view_as", "reshape_as"),
        *("permute", "transpose", "t", "T", "mT", "H", "movedim", "swapaxes", "expand", "expand_as", "contiguous"),
        *("getitem", "select", "narrow", "index_select", "take_along_dim", "chunk", "split", "unbind"),
        *("cat", "stack", "hstack", "vstack", "clone", "detach", "data", "alias", "identity", "requires_grad"),
        *("float", "double", "half", "bfloat16", "long", "int", "bool", "to", "type", "type_as", "cpu", "cuda"),
        *("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"),
    )
)
_TURNING = frozenset(("permute", "transpose", "t", "T", "mT", "H", "movedim", "moveaxis", "swapaxes", "swapdims"))
# Operations that are applied to each entry or row on its way to the loss.
ACTIVATIONS = frozenset(
    (
        *("softmax", "log_softmax", "softmin", "gumbel_softmax", "normalize", "sigmoid", "logsigmoid", "logit"),
        *("relu", "relu6", "leaky_relu", "prelu", "rrelu", "elu", "selu", "celu", "gelu", "silu", "mish", "glu"),
        *("tanh", "softplus", "softsign", "hardtanh", "hardsigmoid", "hardswish", "hardshrink", "softshrink"),
        *("tanhshrink", "threshold", "clamp", "clamp_min", "clamp_max", "log", "log2", "log10", "log1p"),
        *("exp", "expm1", "sqrt", "square", "abs", "erf"),
    )
)
_SYNONYMS = dict(
    (alias, name)
    for name, aliases in {
        "add": ("radd",),
        "sub": ("subtract",),
        "mul": ("multiply", "rmul"),
        "div": ("divide", "true_divide", "truediv"),
        "rdiv": ("rtruediv",),
        "neg": ("negative",),
        "abs": ("absolute",),
        "clamp": ("clip",),
        "cat": ("concat", "concatenate"),
        "sigmoid": ("expit", "special_expit"),
        "softmax": ("special_softmax",),
        "log_softmax": ("special_log_softmax",),
        "logsigmoid": ("log_sigmoid",),
    }.items()
    for alias in aliases
)
_UNINTERESTING = frozenset(("set", "backward"))  # no tensor comes of them


class Node:
    """One tensor: the operation that made it, from which others, where. Without `operation` it came from outside."""

    def __init__(self, tensor: torch.Tensor, operation: str | None = None, inputs: tuple[Node, ...] = ()) -> None:
        self.operation = operation
        self.inputs = inputs
        self.arguments: tuple[tuple[Any, ...], dict[str, Any]] = ((), {})
        self.place: Place | None = None
        self.layer: str | None = None
        self.shape = tuple(tensor.shape)
        self.derived = tensor.requires_grad or any(node.derived for node in inputs)  # depends on what is trained
        self.grad = tensor.requires_grad
        self.reference = weakref.ref(tensor)
        self.value: torch.Tensor | None = None
        self.call: object | None = None  # the LossCall's record, when a loss function made it

    def tensor(self) -> torch.Tensor | None:
        """The tensor itself, detached, if it is still there."""
        if self.value is not None:
            return self.value
        tensor = self.reference()
        return None if tensor is None else tensor.detach()

    def argument(self, position: int, name: str, default: Any = None) -> Any:
        """An argument of the operation, the tensor it is a method of being number 0; tensors are given as Nodes."""
        positional, named = self.arguments
        if position < len(positional):
            return positional[position]
        return named.get(name, default)

    @property
    def scalar(self) -> float | None:
        """The Python number that a binary operation combined a tensor with."""
        numbers = [a for a in self.arguments[0] if isinstance(a, (int, float)) and not isinstance(a, bool)]
        return float(numbers[0]) if len(numbers) == 1 and len(self.inputs) == 1 else None


class Provenance(TorchFunctionMode):
    """The mode. `start` and `stop` put it on and take it off; `clear` forgets what has been seen."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._nodes: dict[int, Node] = {}
        self._kept: deque[Node] = deque()
        self._names: dict[Any, str | None] = {}
        self._layer_places: Callable[[str], Place | None] = lambda name: None
        self.listeners: list[Callable[[Node, torch.Tensor], None]] = []
        self.exits: list[Callable[[str, Node], None]] = []  # told when a tensor's values leave torch
        self.layers: list[str] = []  # the layers being called, outermost first
        self.on = False

    def locate_layers(self, place: Callable[[str], Place | None]) -> None:
        """Tell where a layer was constructed."""
        self._layer_places = place

    def start(self) -> None:
        self._arrange(True)

    def stop(self) -> None:
        self._arrange(False)

    def _arrange(self, on: bool) -> None:
        """Below the modes of the script, so that its own `with` blocks find theirs on top; torch wants its default
        device below all others."""
        modes = [_pop_mode() for _ in range(_len_torch_function_stack())][::-1]
        modes = [mode for mode in modes if mode is not self]
        if on:
            modes.insert(sum(isinstance(mode, DeviceContext) for mode in modes), self)
        for mode in modes:
            _push_mode(mode)
        self.on = on

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Off while torch works on its own account: a loader that collects a batch, and the workers it forks."""
        on = self.on
        if on:
            self.stop()
        try:
            yield
        finally:
            if on:
                self.start()

    def clear(self) -> None:
        self._nodes.clear()
        self._kept.clear()
        self.layers.clear()

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        budget = self._session.budget
        if self.on and not budget.watching:
            with budget:
                self._note(func, args, kwargs or {}, result)
            budget.spent += DISPATCH
        return result

    # reading
    def node(self, tensor: torch.Tensor) -> Node:
        """What is known of a tensor."""
        node = self._nodes.get(id(tensor))
        if node is None or node.reference() is not tensor:
            node = self._nodes[id(tensor)] = Node(tensor)
        return node

    def activations(self, node: Node) -> tuple[Activation, ...]:
        """What the tensor went through last, nearest first, back to the last layer with weights or arithmetic.

        The axis of one is told where it is that axis of the tensor, too.
        """
        found, turned = [], False
        for step in _path(node):
            if step.operation in ACTIVATIONS:
                same = not turned and len(step.shape) == len(node.shape)
                found.append(self.activation(step) if same else replace(self.activation(step), axis=None))
            turned |= step.operation in _TURNING
        return tuple(found)

    def activation(self, node: Node) -> Activation:
        """A softmax has the axis it runs over."""
        assert node.operation is not None
        axis = None
        if node.operation in ("softmax", "log_softmax", "softmin", "gumbel_softmax"):
            axis = node.argument(1, "dim")
            if axis is None and node.inputs:  # torch's rule for the one left out
                axis = 0 if len(node.inputs[0].shape) in (0, 1, 3) else 1
        return Activation(node.operation, node.place, axis if isinstance(axis, int) else None, node.layer)

    # noting
    def _note(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        if isinstance(result, torch.Tensor):
            results: Iterable[torch.Tensor] = (result,)
        elif isinstance(result, (tuple, list)) and result and isinstance(result[0], torch.Tensor):
            results = [item for item in result if isinstance(item, torch.Tensor)]
        else:
            if getattr(func, "__name__", "") in ("numpy", "tolist") and isinstance(args[0], torch.Tensor):
                for listener in self.exits:
                    listener(func.__name__, self.node(args[0]))
            return
        try:
            operation = self._names[func]
        except KeyError:
            operation = self._names[func] = _name(func)
        if operation is None or tracing():
            return
        noted = tuple(self._noted(argument) for argument in args)
        named = {key: self._noted(value) for key, value in kwargs.items()}
        inputs = tuple(_nodes((*noted, *named.values())))
        place = layer = None
        if inputs:
            layer = self.layers[-1] or None if self.layers else None
            place = self._place(operation, layer)
        for tensor in results:
            node = Node(tensor, operation, inputs)
            node.arguments, node.place, node.layer = (noted, named), place, layer
            node.derived = node.derived or tensor.requires_grad
            self._nodes[id(tensor)] = node
            if tensor.numel() <= KEPT_ENTRIES:
                node.value = tensor.detach()
                self._kept.append(node)
                if len(self._kept) > KEPT_VALUES:
                    self._kept.popleft().value = None
            for listener in self.listeners:
                listener(node, tensor)

    def _noted(self, argument: Any) -> Any:
        if isinstance(argument, torch.Tensor):
            return self.node(argument)
        if isinstance(argument, (tuple, list)):
            return tuple(self._noted(item) for item in argument)
        return argument

    def _place(self, operation: str, layer: str | None) -> Place | None:
        """The user's line of the operation; of a layer that a container of torch called, the line that made it."""
        frame = sys._getframe(3)
        user = self._session.places.frame(frame)
        if layer is not None and operation in ACTIVATIONS:
            between = frame
            while between is not None and between is not user:
                if between.f_code.co_filename.endswith(("nn/modules/container.py", "nn\\modules\\container.py")):
                    return self._layer_places(layer)
                between = between.f_back
        return None if user is None else self._session.places.of(user)


def _path(node: Node) -> Iterator[Node]:
    """From a tensor back through activations and what only reshapes; stops at the first other operation."""
    while node.inputs:
        tiny = node.operation in ("add", "sub") and node.scalar is not None and abs(node.scalar) <= 1e-3
        if node.operation not in ACTIVATIONS and node.operation not in RESHAPING and not tiny:
            return
        yield node
        node = node.inputs[0]


def reshapings(node: Node) -> Iterator[Node]:
    """The tensor, and one after another what it was reshaped, converted or picked out from."""
    yield node
    while node.inputs and node.operation in RESHAPING:
        node = node.inputs[0]
        yield node


def source(node: Node) -> Node:
    """The tensor behind one that was only reshaped or converted."""
    *_, first = reshapings(node)
    return first


def memory(tensor: torch.Tensor) -> tuple[int, int]:
    """Where its entries begin and end."""
    begin = tensor.data_ptr()
    return begin, begin + tensor.numel() * tensor.element_size()


def same(tensor: torch.Tensor) -> tuple[Callable[[Any], bool], ...]:
    """Tests for what holds this tensor: that very object, else one that shares its memory."""
    begin, end = memory(tensor)

    def shares(value: Any) -> bool:
        if isinstance(value, np.ndarray) and tensor.device.type == "cpu":  # torch.from_numpy
            other_begin, other_end = byte_bounds(value)
            return begin < other_end and other_begin < end
        if not isinstance(value, torch.Tensor) or type(value) is not torch.Tensor or value.device != tensor.device:
            return False
        other_begin, other_end = memory(value)
        return begin < other_end and other_begin < end

    return (lambda value: value is tensor), shares


def _nodes(values: Iterable[Any]) -> Iterator[Node]:
    for value in values:
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from _nodes(value)


def _name(func: Callable[..., Any]) -> str | None:
    """The operation's plain name, one word for one operation; None for what makes no tensor."""
    name = getattr(func, "__name__", "")
    if name == "__get__":
        name = getattr(getattr(func, "__self__", None), "__name__", "")
        return name if name in ("T", "mT", "H", "data", "real") else None
    name = name.strip("_")
    if name in _UNINTERESTING or not name:
        return None
    if name[0] == "i" and name[1:] in ("add", "sub", "mul", "truediv", "div", "pow"):
        name = name[1:]
    return _SYNONYMS.get(name, name)


__all__ = ["ACTIVATIONS", "RESHAPING", "Node", "Provenance", "memory", "reshapings", "same", "source"]

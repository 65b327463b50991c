"""What the modules of a torch model are, where they were made, and how they do: layers, gradients, updates, outputs."""

from __future__ import annotations

import math
import re
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from losskit.doctor.probe.blocks import freezing_lines
from losskit.doctor.probe.origins import Origins
from losskit.doctor.probe.session import Session
from losskit.doctor.probe.tensors import TensorSummary
from losskit.doctor.probe.torch_provenance import Node, Provenance, same, source
from losskit.doctor.probe.torch_tensors import first_tensor, numpy, sample
from losskit.doctor.probe.torch_tracing import tracing
from losskit.doctor.probe.torch_weights import Weights
from losskit.recording.facts import Layer, Place

INPUT_BATCHES = 20  # looked at one by one; later ones only when the step is looked at anyway
_CLASS_TO_ACTIVATION = {"LogSoftmax": "log_softmax", "LeakyReLU": "leaky_relu", "Softmax2d": "softmax"}


class Model:
    """The modules that the script calls. Layers are the modules with parameters of their own, and the leaves.

    `before` is what was trained before; it knows what has been constructed until now.
    """

    def __init__(self, session: Session, provenance: Provenance, origins: Origins, before: Model | None = None) -> None:
        self._session = session
        self._provenance = provenance
        self._origins = origins
        self.tensors_given = 0  # to the model, the last time it was called to be trained
        self._constructed: weakref.WeakKeyDictionary[nn.Module, Place | None] = (
            weakref.WeakKeyDictionary() if before is None else before._constructed
        )
        self._trained_before: frozenset[Place | None] = frozenset() if before is None else before._made_at()
        self._names: weakref.WeakKeyDictionary[nn.Module, str] = weakref.WeakKeyDictionary()
        self._modules: dict[str, weakref.ref[nn.Module]] = {}
        self._left_out: weakref.WeakSet[nn.Module] = weakref.WeakSet()
        self.owners: dict[int, str] = {}  # id of a parameter → its layer
        self._layers: dict[str, Layer] = {}
        self._measured: set[str] = set()  # layers, in this step
        self._handles: list[Any] = []
        self._depth = 0
        self.roots: list[nn.Module] = []
        self._trained: nn.Module | None = None
        self.inputs = TensorSummary()
        self.called_at: Place | None = None  # the script's line that last called a model to train it
        self.gradients_came_to: set[str] = set()  # layers
        self.cuts: dict[str, Place] = {}  # layer → an operation between it and the loss that no gradient passes
        self.weights = Weights(session, None if before is None else before.weights)
        self.weights.watch()
        self.construction_listeners: list[Callable[[nn.Module], None]] = []  # told of what is made in a forward
        self.rows = 0  # of the batch that the model is called with
        self.input_listeners: list[Callable[[torch.Tensor], None]] = []  # told what a model is given in training
        provenance.locate_layers(self.place_of)

    # construction
    def constructed(self, module: nn.Module) -> Place | None:
        """A module's `__init__` has begun; note the line that asked for it."""
        place = self._constructed[module] = self._session.places.constructor(module)
        if self._depth:
            for listener in self.construction_listeners:
                listener(module)
        return place

    def created(self, module: nn.Module) -> Place | None:
        return self._constructed.get(module)

    def place_of(self, layer: str) -> Place | None:
        module = self._modules[layer]() if layer in self._modules else None
        return None if module is None else self._constructed.get(module)

    def is_another(self, parameters: Iterable[torch.Tensor]) -> bool | None:
        """Whether these are of a model that another line made than those which were trained until now; None where no
        constructor made it, but a copy."""
        known = {id(parameter) for root in self.roots for parameter in root.parameters()}
        given = {id(parameter) for parameter in parameters}
        new = given - known
        holder = next((one for one in self._constructed if any(id(p) in new for p in one.parameters())), None)
        if holder is None:
            return None if new == given and known else False
        return self._constructed.get(self._container(holder)) not in self._made_at()

    def _made_at(self) -> frozenset[Place | None]:
        return self._trained_before | {self._constructed.get(root) for root in self.roots}

    @property
    def training(self) -> bool:
        """Whether the model is in training mode: the first that was called to be trained, which a teacher is not."""
        return self._trained is None or self._trained.training

    # forward
    def look(self, on: bool) -> None:
        """Set or take away the hooks on all modules."""
        if on and not self._handles:
            self._handles = [
                nn.modules.module.register_module_forward_pre_hook(self._entering),
                nn.modules.module.register_module_forward_hook(self._left, always_call=True),
            ]
        elif not on:
            for handle in self._handles:
                handle.remove()
            self._handles = []
            self.weights.stop()
        self._depth = 0
        self._measured.clear()

    def _entering(self, module: nn.Module, arguments: tuple[Any, ...]) -> None:
        if tracing():
            return
        with self._session.budget:
            if self._depth == 0 and not _is_loss(module):
                self._root(module, arguments)
            self._depth += 1
            if self._depth and not (module in self._names or module in self._left_out or _is_loss(module)):
                self._add_stray(module)
            name = self._names.get(module)
            if name is not None:
                self._provenance.layers.append(name if name in self._modules else "")

    def _left(self, module: nn.Module, arguments: tuple[Any, ...], output: Any) -> None:
        if tracing():
            return
        with self._session.budget:
            self._depth = max(self._depth - 1, 0)
            name = self._names.get(module)
            if name is None:
                return
            if self._provenance.layers:
                self._provenance.layers.pop()
            output = first_tensor((output,))
            if output is not None and name in self._modules:
                self._look_at_output(name, module, output)

    def _root(self, module: nn.Module, arguments: tuple[Any, ...]) -> None:
        session = self._session
        if _is_unbuilt(module):
            return
        if module not in self._names and module not in self._left_out:
            self._add_root(self._container(module))
        training = torch.is_grad_enabled() and module.training
        place = session.place()
        session.site("forward", place, type(module).__name__)
        if torch.is_grad_enabled():
            self.called_at = place
            if self._trained is None and any(parameter.requires_grad for parameter in module.parameters()):
                self._trained = module
        tensor = first_tensor(arguments)
        if tensor is None or not training:
            return
        self.rows = len(tensor) if tensor.ndim else 0
        self.tensors_given = sum(isinstance(argument, torch.Tensor) for argument in arguments)
        if self._provenance.on:
            origin = source(self._provenance.node(tensor)).reference()
            self._origins.note("inputs", *same(tensor if origin is None else origin))
        if self.inputs.batches < INPUT_BATCHES or self._provenance.on:
            self.inputs.add(numpy(tensor), str(tensor.dtype).removeprefix("torch."))
            facts = self.inputs.facts()
            if facts is not None and facts.non_finite:
                self.non_finite("input", None)
        if session.progress.batch_size is None and tensor.ndim > 0:
            session.progress = replace(session.progress, batch_size=len(tensor))
        for listener in self.input_listeners:
            listener(tensor)

    def _container(self, module: nn.Module) -> nn.Module:
        """The outermost module that holds this one (the script may call `forward` itself, or only a part)."""
        holders = [other for other in self._constructed if any(one is module for one in other.modules())]
        return max(holders, key=lambda other: sum(1 for _ in other.modules()), default=module)

    def _add_root(self, root: nn.Module) -> None:
        parameters = list(root.parameters())
        if any(map(_has_no_values, parameters)):
            return  # a lazy model gets its shapes in its first forward
        if not parameters:  # a loss, or an activation, used as a function
            self._left_out.add(root)
            return
        self._session.site("model", self._constructed.get(root), type(root).__name__)
        self._add_layers(root, registered=True)

    def _add_stray(self, module: nn.Module) -> None:
        """A layer that a model calls: put into it after its first forward, or not one of its parts at all."""
        if _is_unbuilt(module):
            return
        parameters = list(module.parameters())
        if any(map(_has_no_values, parameters)):
            return
        if not parameters:
            self._left_out.add(module)
            return
        inside = any(one is module for root in self.roots for one in root.modules())
        known = any(one in self._names for one in module.modules())  # held by another model that was called before
        self._add_layers(module, registered=inside or known)

    def _add_layers(self, root: nn.Module, registered: bool) -> None:
        prefix = "" if not self.roots else f"{type(root).__name__}{len(self.roots) + 1}."
        # A model keeps what is not registered in a list or a dict, made where the outermost one of it is.
        kept = None if registered else self._constructed.get(self._container(root))
        self.roots.append(root)
        for path, module in root.named_modules():
            name = prefix + re.sub(r"(^|\.)(_orig_mod|module)(?=\.|$)", "", path).strip(".")
            name = name.strip(".") or type(root).__name__
            if module in self._names:
                continue
            self._names[module] = name
            own = list(module.parameters(recurse=False))
            if own or not any(True for _ in module.children()):
                self._modules[name] = weakref.ref(module)
                self.owners.update((id(parameter), name) for parameter in own)
                layer = replace(self._describe(name, module, own), registered=registered)
                self._layers[name] = layer if kept is None else replace(layer, place=kept)

    def _describe(self, name: str, module: nn.Module, own: list[nn.Parameter]) -> Layer:
        named = dict(module.named_parameters(recurse=False))
        weight = next((p for n, p in named.items() if "weight" in n and p.ndim >= 2), None)
        bare = weight is None  # parameters of the script's own: which axis is the inputs' is not known
        weight = next((p for p in named.values() if p.ndim >= 2), None) if bare else weight
        bias = next((p for n, p in named.items() if "bias" in n), None)
        lookup = isinstance(module, (nn.Embedding, nn.EmbeddingBag))
        values = None if weight is None else weight.detach().float()
        return Layer(
            name=name,
            kind=type(module).__name__,
            depth=-1,
            place=self._constructed.get(module),
            activation=_activation_of(module),
            parameters=sum(p.numel() for p in own),
            trainable=sum(p.numel() for p in own if p.requires_grad),
            settings=_settings(module),
            weight_mean=None if values is None else float(values.mean()),
            weight_std=None if values is None else float(values.std(correction=0)),
            fan_in=None if values is None or bare or lookup else math.prod(values.shape[1:]),
            biased=self.weights.written_at(bias),
            **self.weights.first(name, weight, own),
        )

    def _look_at_output(self, name: str, module: nn.Module, output: torch.Tensor) -> None:
        layer = self._layers[name]
        if layer.depth < 0:
            depth = 1 + max(other.depth for other in self._layers.values())
            self._layers[name] = layer = replace(layer, depth=depth, output_shape=tuple(output.shape))
            self._session.fact(layer)
        if not (module.training and torch.is_grad_enabled() and output.is_floating_point() and output.numel()):
            return
        if name not in self._measured:
            self._measured.add(name)
            std = float(sample(output.detach()).float().std(correction=0))
            self._session.measure(f"output_std/{name}", std)
            if not math.isfinite(std):
                self.non_finite("activation", name)

    def activated(self, node: Node) -> str | None:
        """The layer whose activation this operation is: one of a layer of activations, or a function applied to what
        a layer put out."""
        name = node.layer
        if name is None or self._layers.get(name) is None or self._layers[name].activation is None:
            name = _layer_behind(node)
        if name is not None and self._layers[name].activated is None and node.place is not None:
            self._layers[name] = replace(self._layers[name], activated=node.place)
        return name

    def made(self, node: Node) -> Place | None:
        """Where the layer of activations was made that applied this operation; None for a function."""
        layer = None if node.layer is None else self._layers.get(node.layer)
        return None if layer is None or layer.activation is None else layer.place

    # saying
    def non_finite(self, tensor: str, layer: str | None) -> None:
        """Note the first number of its kind that is not finite."""
        name = f"{tensor} of {layer}" if layer else tensor
        self._session.event("non-finite", name, self._session.place(), tensor=tensor, layer=layer)

    def look_for_non_finite(self) -> None:
        """After the loss became non-finite: are the weights, too?"""
        for name, parameter in self.trainable():
            if not torch.isfinite(parameter.detach()).all():
                self.non_finite("weight", self.owners.get(id(parameter), name))
                return

    def trainable(self) -> Iterator[tuple[str, nn.Parameter]]:
        for root in self.roots:
            for name, parameter in root.named_parameters():
                if parameter.requires_grad:
                    owner = self.owners.get(id(parameter), type(root).__name__)
                    yield f"{owner}.{name.rpartition('.')[2]}", parameter

    def owned(self) -> Iterator[tuple[str, nn.Parameter]]:
        """(layer, parameter) of everything that the models hold."""
        for root in self.roots:
            for parameter in root.parameters():
                if id(parameter) in self.owners:
                    yield self.owners[id(parameter)], parameter

    def summary(self) -> Iterable[Any]:
        yield self.inputs.facts()
        for name, layer in self._layers.items():
            if layer.depth < 0:
                continue
            reached = name in self.gradients_came_to if layer.parameters and self._session.step else None
            cut = None if reached else self.cuts.get(name)
            weights = self.weights
            same, moved = weights.identical(name), weights.moved(name)
            yield replace(layer, reached=reached, cut=cut, moved=moved, identical_units=same)
            if layer.random and layer.parameters and not layer.trainable:
                self._tell_frozen(layer)

    def _tell_frozen(self, layer: Layer) -> None:
        places = self._session.places
        for file in {places.script, *([places.path(layer.place)] if layer.place else [])}:
            for line in freezing_lines(file):
                self._session.site("frozen", places.in_file(file, line))


def _layer_behind(node: Node) -> str | None:
    """The layer whose output a function was applied to."""
    while node.inputs:
        node = node.inputs[0]
        if node.layer is not None:
            return node.layer
    return None


def _is_unbuilt(module: nn.Module) -> bool:
    """Whether it is a layer of Keras on torch that has registered no parameters yet: asked for them it would do so now,
    with those of a trial build, which hold no values."""
    return hasattr(type(module), "_track_variables") and "_torch_params" not in module._modules


def _has_no_values(parameter: nn.Parameter) -> bool:
    """Not yet, or never: a model on the meta device has shapes only."""
    return isinstance(parameter, nn.UninitializedParameter) or parameter.is_meta


def _is_loss(module: nn.Module) -> bool:
    return isinstance(module, nn.modules.loss._Loss)


def _activation_of(module: nn.Module) -> str | None:
    kind = type(module)
    if kind.__module__ != "torch.nn.modules.activation" or kind is nn.MultiheadAttention:
        return None
    return _CLASS_TO_ACTIVATION.get(kind.__name__, kind.__name__.lower())


def _settings(module: nn.Module) -> dict[str, Any]:
    """The public settings that torch's layers declare, and whether there is a bias."""
    names = getattr(type(module), "__constants__", ())
    settings = {name: getattr(module, name, None) for name in names}
    settings = {name: value for name, value in settings.items() if isinstance(value, (bool, int, float, str, tuple))}
    if "bias" in module._parameters:
        settings["bias"] = module._parameters["bias"] is not None
    return settings


__all__ = ["Model"]

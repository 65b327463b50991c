"""What a Keras model is made of: its layers in the order of the forward pass, what follows them, its optimizer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from losskit.doctor.probe.keras_arrays import array_of, at
from losskit.doctor.probe.keras_calls import Calls
from losskit.doctor.probe.keras_places import INITIALIZER_PLACE, LOADED, activation_place_of, place_of
from losskit.doctor.probe.keras_schedules import schedule_facts
from losskit.recording.facts import Activation, Layer, OptimizerFacts, Place

_SETTINGS = (
    *("units", "filters", "kernel_size", "strides", "padding", "data_format", "use_bias", "rate", "momentum"),
    *(
        "epsilon",
        "axis",
        "input_dim",
        "output_dim",
        "negative_slope",
        "max_value",
        "return_sequences",
        "recurrent_activation",
    ),
    *("kernel_initializer", "kernel_regularizer", "pool_size", "target_shape"),
)
_TRANSPARENT = frozenset(  # they change which entry is where, or drop some, but not what an entry is
    ("Activation", "Cast", "Dropout", "ExpandDims", "Flatten", "GetItem", "Identity", "Permute", "Reshape", "Squeeze")
)
_OPTIMIZER_SETTINGS = {
    "learning_rate": "lr",
    "momentum": "momentum",
    "nesterov": "nesterov",
    "rho": "rho",
    "epsilon": "eps",
    "amsgrad": "amsgrad",
    "centered": "centered",
    "weight_decay": "weight_decay",
    "clipnorm": "clipnorm",
    "clipvalue": "clipvalue",
    "global_clipnorm": "global_clipnorm",
    "use_ema": "use_ema",
    "gradient_accumulation_steps": "gradient_accumulation_steps",
}


def leaf_layers(model: Any) -> list[Any]:
    """The layers that compute, nested models opened; Keras's composite layers (Bidirectional, RNN, …) stay whole."""
    return list({id(layer): layer for layer in _leaves(model)}.values())


def layer_facts(model: Any, outputs: dict[int, tuple[int, ...]]) -> Iterator[Layer]:
    """One Layer per leaf. `outputs` has the shapes seen in a forward pass, by the id of the layer."""
    names: set[str] = set()
    for depth, layer in enumerate(leaf_layers(model)):
        name = layer_name(layer, names)
        kernel = _kernel(layer)
        values = None if kernel is None else array_of(kernel)
        yield Layer(
            name=name,
            kind=type(layer).__name__,
            depth=depth,
            place=place_of(layer),
            activation=activation_name(layer),
            activated=activation_place_of(layer) if activation_name(layer) else None,
            parameters=sum(_size(v) for v in layer.weights),
            trainable=sum(_size(v) for v in layer.trainable_variables),
            output_shape=outputs.get(id(layer)) or _declared_shape(layer),
            settings=_layer_settings(layer),
            weight_mean=None if values is None else float(values.mean(dtype=np.float64)),
            weight_std=None if values is None else float(values.std(dtype=np.float64)),
            fan_in=None if kernel is None or type(layer).__name__ == "Embedding" else int(np.prod(kernel.shape[:-1])),
            identical_units=values is not None and values.shape[-1] > 1 and bool((values == values[..., :1]).all()),
            initialised=vars(layer).get(INITIALIZER_PLACE),
            random=None if values is None else not vars(layer).get(LOADED, False),
            regularised=place_of(getattr(layer, "kernel_regularizer", None)),
        )


def layer_name(layer: Any, taken: set[str]) -> str:
    """The layer's name, its path where another has the same name."""
    name = layer.name if layer.name not in taken else getattr(layer, "path", None) or f"{layer.name}_{len(taken)}"
    taken.add(name)
    return name


def activation_name(layer: Any) -> str | None:
    """softmax, relu, … of a layer that applies one; None for a linear one."""
    if type(layer).__name__ == "TimeDistributed":
        layer = layer.layer
    activation = getattr(layer, "activation", None)
    if activation is not None and callable(activation):
        name = _snake(getattr(activation, "__name__", None) or type(activation).__name__)
        return None if name == "linear" else name
    module = type(layer).__module__
    return _snake(type(layer).__name__) if ".layers.activations." in module else None


def activations_before(
    prediction: Any, model: Any, calls: Calls | None, path: Iterable[Any] = ()
) -> tuple[Activation, ...]:
    """What a prediction went through last, outermost first, back to the last layer with weights.

    `prediction` is what a loss was given, None for the model's own output, of several the one at `path`; `calls` is
    what was called in that step. The model's part is read from the graph of a functional or sequential model.
    """
    found: list[Activation] = []
    while calls is not None and (call := calls.maker(prediction)) is not None and call.arguments:
        found.append(Activation(call.name, call.place, call.axis))
        prediction = call.arguments[0]
    if prediction is None or calls is None or calls.outputs.get(id(model)) is prediction:
        try:
            return (*found, *_along_graph(_output(model, path)))
        except (AttributeError, IndexError, TypeError, ValueError):  # no graph: a model written as a class
            pass
    if calls is None:
        return tuple(found)
    if prediction is None:
        return activations_before(calls.outputs[id(model)], model, calls) if id(model) in calls.outputs else ()
    layer = next((one for one in leaf_layers(model) if calls.outputs.get(id(one)) is prediction), None)
    activation = None if layer is None else _activation_of(layer)
    return tuple(found) if activation is None else (*found, activation)


def _output(model: Any, path: Iterable[Any]) -> Any:
    """The tensor of the graph that stands at that path of the model's outputs (their list is sorted by name)."""
    structure: Any = getattr(model, "_outputs_struct", None)
    structure = at(path, structure) if structure is not None else None
    return structure if hasattr(structure, "_keras_history") else model.outputs[0]


def optimizer_facts(optimizer: Any, place: Place | None, callbacks: Iterable[Any], model: Any) -> OptimizerFacts:
    """Class, settings under the names PyTorch made common, and what it holds."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    config = optimizer.get_config()
    settings = {name: _plain(config[key]) for key, name in _OPTIMIZER_SETTINGS.items() if config.get(key) is not None}
    schedule = optimizer._learning_rate
    schedulers = [type(callback).__name__ for callback in callbacks]
    if hasattr(schedule, "get_config"):
        schedulers = [type(schedule).__name__, *schedulers]
        initial = schedule.get_config().get("initial_learning_rate")
        settings.pop("lr", None)
        if isinstance(initial, (int, float)):
            settings["lr"] = float(initial)
    if "beta_1" in config:
        settings["betas"] = [config["beta_1"], config.get("beta_2")]
    return OptimizerFacts(
        kind=type(optimizer).__name__,
        place=place,
        settings=settings,
        parameters=sum(_size(v) for v in model.trainable_variables),
        scheduler=", ".join(dict.fromkeys(schedulers)) or None,
        schedule=schedule_facts(optimizer, callbacks),
    )


def identity(variable: Any) -> int:
    """Of the backend's variable: Keras's own and TensorFlow's stand for the same one."""
    value = getattr(variable, "value", None)
    return id(variable if value is None or callable(value) else value)


def left_out(model: Any, handed: set[int]) -> tuple[str, ...]:
    """Names, as a Recording has them, of the trainable weights that no optimizer is ever handed."""
    taken: set[str] = set()
    named = [(layer_name(layer, taken), layer) for layer in leaf_layers(model)]
    return tuple(
        f"{name}.{variable.name}"
        for name, layer in named
        for variable in layer.trainable_variables
        if handed and identity(variable) not in handed
    )


def _leaves(layer: Any) -> Iterator[Any]:
    inner = getattr(layer, "layers", None) if _is_model(layer) else getattr(layer, "_layers", None)
    theirs = type(layer).__module__.startswith("keras.")
    if inner and (_is_model(layer) or not theirs):
        for one in inner:
            yield from _leaves(one)
    elif type(layer).__name__ != "InputLayer" and not _is_model(layer):
        yield layer


def _is_model(layer: Any) -> bool:
    return hasattr(layer, "train_function") or hasattr(layer, "compute_metrics")


def _along_graph(tensor: Any) -> Iterator[Activation]:
    while True:
        operation, node_index, _ = tensor._keras_history
        if _is_model(operation):
            yield from _along_graph(operation.outputs[0])
            return
        activation = _activation_of(operation)
        if activation is not None:
            yield activation
        elif type(operation).__name__ not in _TRANSPARENT:
            return
        if getattr(operation, "weights", None):
            return
        tensor = operation._inbound_nodes[node_index].input_tensors[0]


def _activation_of(operation: Any) -> Activation | None:
    if hasattr(operation, "weights"):
        name = activation_name(operation)
        layer = operation.name
    else:  # an operation of keras.ops in a functional model
        name = _snake(type(operation).__name__) if ".ops.nn" in type(operation).__module__ else _elementary(operation)
        layer = None
    if name is None:
        return None
    axis = getattr(operation, "axis", -1) if "softmax" in name else None
    return Activation(name, activation_place_of(operation), axis if isinstance(axis, int) else None, layer)


def _elementary(operation: Any) -> str | None:
    name = type(operation).__name__.lower()
    return name if name in ("exp", "log", "tanh", "abs", "square") else None


def _kernel(layer: Any) -> Any:
    """The variable that multiplies the layer's input: the first with at least two axes."""
    return next((v for v in layer.weights if len(v.shape) >= 2), None)


def _declared_shape(layer: Any) -> tuple[int, ...]:
    """The shape its graph declares, 0 for a size that is not known before the first batch."""
    try:
        shape = layer.output.shape
    except (AttributeError, ValueError):
        return ()
    return tuple(size or 0 for size in shape)


def _layer_settings(layer: Any) -> dict[str, Any]:
    try:
        config = layer.get_config()
    except Exception:  # a user's layer without a config: Keras raises NotImplementedError and others
        return {}
    found = {name: _plain(config[name]) for name in _SETTINGS if config.get(name) is not None}
    activation = activation_name(layer)
    found |= {name: weight for name, weight in _penalties(layer).items() if weight}
    return found | ({"activation": activation} if activation is not None else {})


def _penalties(layer: Any) -> dict[str, float]:
    """The weights of |w| and w² in the layer's part of the loss."""
    regularizer = getattr(layer, "kernel_regularizer", None)
    return {name: float(array_of(getattr(regularizer, name))) for name in ("l1", "l2") if hasattr(regularizer, name)}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):  # a serialised object: its class says what it is
        return value.get("class_name")
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _size(variable: Any) -> int:
    return int(np.prod(variable.shape)) if variable.shape is not None else 0


def _snake(name: str) -> str:
    """ReLU → relu, LeakyReLU → leaky_relu, LogSoftmax → log_softmax."""
    if name.islower():
        return name
    known = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "PReLU": "prelu", "ELU": "elu", "SELU": "selu", "Relu": "relu"}
    return known.get(name) or "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


__all__ = [
    "activation_name",
    "activations_before",
    "identity",
    "layer_facts",
    "layer_name",
    "leaf_layers",
    "left_out",
    "optimizer_facts",
]

"""A model's last activation in the source: dropped, exchanged, or turned to another axis.

Each change returns False, and changes nothing, when the activation is not found where it is said to be.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Literal, NamedTuple

import libcst as cst

from losskit.doctor.remedies.source import Source, last_name
from losskit.recording.facts import Activation
from losskit.recording.recording import Recording

_CLASSES = {
    "softmax": "Softmax",
    "log_softmax": "LogSoftmax",
    "sigmoid": "Sigmoid",
    "logsigmoid": "LogSigmoid",
    "tanh": "Tanh",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "elu": "ELU",
    "hardtanh": "Hardtanh",
    "hardsigmoid": "Hardsigmoid",
    "softplus": "Softplus",
    "softsign": "Softsign",
}
_ALONG_AN_AXIS = ("softmax", "log_softmax")
_HAVE_BOTH = ("torch", "torch.special", "keras.ops", "keras.activations", "tensorflow.nn")  # softmax and sigmoid
# Calls of Keras that take the activation as an argument, and its position there.
_POSITIONS = {"Dense": 1, "Activation": 0, "Conv1D": None, "Conv2D": None}


class _Applied(NamedTuple):
    """How the file applies it: a layer's argument, a module that is constructed, or a function that is called."""

    how: Literal["argument", "module", "function"]
    call: cst.Call
    argument: cst.Arg | None = None


def drop(source: Source, activation: Activation) -> bool:
    """Leave out the activation: the model then gives what went into it."""
    applied = _find(source, activation)
    if applied is None:
        return False
    if applied.how == "function":
        source.unwrap(applied.call)
        return True
    if applied.argument is not None and source.callee(applied.call) != "Activation":
        source.remove_item(applied.argument)
        return True
    _remove_module(source, applied.call)
    return True


def exchange(source: Source, activation: Activation, name: str) -> bool:
    """Apply `name` (``"sigmoid"``, ``"log_softmax"``) instead."""
    applied = _find(source, activation)
    if applied is None:
        return False
    if applied.argument is not None:
        value = applied.argument.value
        quote = value.quote if isinstance(value, cst.SimpleString) else '"'
        source.replace(value, f"{quote}{name}{quote}")
        return True
    module = applied.call if applied.how == "module" else _definition(source, applied.call)
    if module is not None:
        _exchange_module(source, module, name)
        return True
    return _exchange_function(source, applied.call, name)


def set_axis(source: Source, activation: Activation, axis: int) -> bool:
    """Run a softmax along this axis."""
    applied = _find(source, activation)
    if applied is None or applied.argument is not None:
        return False
    module = applied.call if applied.how == "module" else _definition(source, applied.call)
    call = module or applied.call
    position = 0
    if module is None:
        inner = source.applied_to(call)
        position = 0 if isinstance(call.func, cst.Attribute) and call.func.value is inner else 1
    keyword = next((one for one in ("dim", "axis") if source.argument(call, one) is not None), None)
    keyword = keyword or ("axis" if is_keras(source, call) else "dim")
    source.set_argument(call, keyword, str(axis), position)
    return True


def activate_last(source: Source, recording: Recording, name: str) -> bool:
    """Give the last Keras layer that has weights, and no activation, this one."""
    last = next((layer for layer in reversed(recording.layers) if layer.parameters), None)
    if last is None or last.place is None or last.activation is not None:
        return False
    line = last.place.line
    call = source.call(line, last.kind)
    if call is None:
        return False
    source.set_argument(call, "activation", f'"{name}"', _POSITIONS.get(source.callee(call)))
    return True


def thresholds(source: Source, targets: Container[str] = ()) -> list[cst.Comparison]:
    """Where the script compares outputs with one half: the border between no and yes for a probability.

    `targets` are the names of labels, for which one half stays right.
    """
    found = []
    for comparison in source.nodes(cst.Comparison):
        against = comparison.comparisons[0].comparator
        half = isinstance(against, cst.Float) and float(against.value) == 0.5
        squashed = any(last_name(call.func) == "sigmoid" for call in source.nodes(cst.Call, comparison.left))
        if half and not squashed and source.code(comparison.left) not in targets:
            found.append(comparison)
    return found


def reads_probabilities(source: Source, targets: Container[str] = ()) -> bool:
    """Whether the script's own accuracy takes the outputs for probabilities: compared with 0.5, or rounded."""
    return bool(thresholds(source, targets)) or any(_rounds(source, call) for call in source.calls("round"))


def threshold_at_zero(source: Source, targets: Container[str] = ()) -> bool:
    """Compare with 0, where a score changes its mind, instead of with 0.5; False when nothing is compared."""
    found = thresholds(source, targets)
    for comparison in found:
        source.replace(comparison.comparisons[0].comparator, "0")
    return bool(found)


def is_keras(source: Source, call: cst.Call) -> bool:
    name = source.qualified(call.func) or ""
    if name.startswith("torch."):
        return False
    return "keras" in name or not any(full.partition(".")[0] == "torch" for _, full in source.imports())


def _find(source: Source, activation: Activation) -> _Applied | None:
    if activation.place is None:
        return None
    line = activation.place.line
    for call in _reaching(source, line):
        if source.callee(call) in _POSITIONS:
            argument = source.argument(call, "activation", _POSITIONS[source.callee(call)])
            if argument is not None and (_says(argument.value, activation.name) or _is_variable(argument.value)):
                return _Applied("argument", call, argument)
    for call in _reaching(source, line):
        if not _named(source, call, activation):
            continue
        over = source.parent(call)
        if isinstance(over, cst.Call) and over.func is call:  # nn.Softmax(dim=1)(x)
            return _Applied("function", over)
        return _Applied("module" if source.callee(call)[:1].isupper() else "function", call)
    return None


def _reaching(source: Source, line: int) -> list[cst.Call]:
    """The calls at that line: those that start there, then those around it, the inner ones first."""
    calls = source.calls()
    starting = [call for call in calls if source.line(call) == line]
    around = [call for call in reversed(calls) if source.line(call) < line <= source.last_line(call)]
    return starting + around


def _named(source: Source, call: cst.Call, activation: Activation) -> bool:
    names = {activation.name, f"{activation.name}_", _CLASSES.get(activation.name, "")}
    names |= {"expit"} if activation.name == "sigmoid" else set()
    attribute = (activation.layer or "").rpartition(".")[2]
    of_self = isinstance(call.func, cst.Attribute) and last_name(call.func.value) == "self"
    full = (source.qualified(call.func) or "").rpartition(".")[2]
    return bool({source.callee(call), full} & names) or (of_self and source.callee(call) == attribute)


def _is_variable(value: cst.BaseExpression) -> bool:
    """Whether the activation is a setting: ``activation=out``, ``activation=config["head"]``."""
    return isinstance(value, cst.Subscript) or (isinstance(value, cst.Name) and value.value != "None")


def _says(value: cst.BaseExpression, name: str) -> bool:
    if isinstance(value, cst.SimpleString):
        return value.evaluated_value == name
    return last_name(value) == name


def _exchange_module(source: Source, call: cst.Call, name: str) -> None:
    """``nn.Softmax(dim=1)`` → ``nn.Sigmoid()``, ``layers.Softmax()`` → ``layers.Activation("sigmoid")``."""
    if is_keras(source, call):
        holder = source.code(call.func).removesuffix(source.callee(call))
        source.replace(call, f'{holder}Activation("{name}")')
        return
    source.rename(call, _CLASSES[name])
    for setting in () if name in _ALONG_AN_AXIS else call.args:
        source.remove_item(setting)


def _exchange_function(source: Source, call: cst.Call, name: str) -> bool:
    """``torch.softmax(x, dim=1)`` → ``torch.sigmoid(x)``, ``x.softmax(1)`` → ``x.sigmoid()``."""
    inner = source.applied_to(call)
    if inner is None:
        return False
    settings = [arg for arg in call.args if arg.value is not inner]
    along = name in _ALONG_AN_AXIS
    method = isinstance(call.func, cst.Attribute) and call.func.value is inner
    module = (source.qualified(call.func) or "").rpartition(".")[0]
    if method or module in _HAVE_BOTH or (along and isinstance(call.func, cst.Attribute)):
        source.rename(call, name)
        for setting in () if along else settings:
            source.remove_item(setting)
        return True
    function = source.spell(f"torch.{name}")
    given = [source.code(one) for one in settings] if along else []
    source.replace(call, f"{function}({', '.join([source.code(inner), *given])})")
    return True


def _remove_module(source: Source, call: cst.Call) -> None:
    """Take a constructed layer out of what holds it: a Sequential, a list, an ``append`` or ``add``, an OrderedDict."""
    over = source.parent(call)
    holder = source.parent(over)
    takes = source.callee(holder) if isinstance(holder, cst.Call) else ""
    if isinstance(over, cst.Call):  # Activation("softmax")(x)
        source.unwrap(over)
    elif takes in ("append", "add", "add_module"):
        source.remove_statement(holder)
    elif takes == "Sequential":
        source.remove_item(over)
    elif isinstance(over, cst.Element):
        pair = source.parent(holder)  # of ("softmax", nn.Softmax())
        source.remove_item(pair if isinstance(holder, cst.Tuple) and isinstance(pair, cst.Element) else over)
    else:
        source.replace(call, f"{source.code(call.func).removesuffix(source.callee(call))}Identity()")


def _definition(source: Source, call: cst.Call) -> cst.Call | None:
    """``nn.Softmax(…)`` of ``self.softmax = nn.Softmax(…)`` for ``self.softmax(x)``, when that is its only use."""
    name = source.code(call.func)
    if not name.startswith("self."):
        return None
    uses = [one for one in source.calls() if source.code(one.func) == name]
    made = [
        node.value
        for node in source.nodes(cst.Assign)
        if [source.code(to.target) for to in node.targets] == [name] and isinstance(node.value, cst.Call)
    ]
    return made[0] if len(uses) == len(made) == 1 else None


def _rounds(source: Source, call: cst.Call) -> bool:
    """Whether a tensor is rounded to whole numbers, and not a number for a message."""
    digits = any(isinstance(arg.value, cst.Integer) for arg in call.args)
    return isinstance(call.func, cst.Attribute) and not digits and source.argument(call, "decimals") is None

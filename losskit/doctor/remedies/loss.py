"""A loss in the source: where it is constructed and called, and its exchange for another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from losskit.doctor.evidence.loss_calls import trained_on
from losskit.doctor.finding import Finding
from losskit.doctor.remedies.source import Source, last_name, parenthesized
from losskit.recording.facts import LossCall, Place
from losskit.recording.recording import Recording

TORCH = {  # class → (function, the settings it takes)
    "BCELoss": ("binary_cross_entropy", {"weight", "reduction"}),
    "BCEWithLogitsLoss": ("binary_cross_entropy_with_logits", {"weight", "reduction", "pos_weight"}),
    "CrossEntropyLoss": ("cross_entropy", {"weight", "ignore_index", "reduction", "label_smoothing"}),
    "NLLLoss": ("nll_loss", {"weight", "ignore_index", "reduction"}),
    "KLDivLoss": ("kl_div", {"reduction", "log_target"}),
    "MSELoss": ("mse_loss", {"reduction"}),
    "L1Loss": ("l1_loss", {"reduction"}),
    "SmoothL1Loss": ("smooth_l1_loss", {"reduction", "beta"}),
    "HuberLoss": ("huber_loss", {"reduction", "delta"}),
    "SoftMarginLoss": ("soft_margin_loss", {"reduction"}),
}
KERAS = {  # function → class
    "binary_crossentropy": "BinaryCrossentropy",
    "categorical_crossentropy": "CategoricalCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    "mean_squared_error": "MeanSquaredError",
    "mean_absolute_error": "MeanAbsoluteError",
    "huber": "Huber",
    "log_cosh": "LogCosh",
    "categorical_generalized_cross_entropy": "CategoricalGeneralizedCrossEntropy",
}
_ABBREVIATIONS = {"mse": "mean_squared_error", "mae": "mean_absolute_error", "bce": "binary_crossentropy"}


class Use(NamedTuple):
    """One call of the loss in the source, with its two arguments, and what was recorded there (None: nothing)."""

    call: cst.Call
    prediction: cst.Arg
    target: cst.Arg
    recorded: LossCall | None


_OF_PAIRS = ("CosineEmbedding", "MarginRanking")  # which compare two predictions before they look at the target


def call_of(finding: Finding, recording: Recording) -> LossCall | None:
    """The recorded loss call that a finding is about."""
    calls = [call for call in trained_on(recording) if call.function == finding.evidence.get("function")]
    here = [call for call in calls if finding.used_at in _places(call)]
    return next(iter(here or calls), None)


def is_torch(call: LossCall) -> bool:
    return call.written_by == "torch"


# --- PyTorch ---------------------------------------------------------------------------------------------------------


def construction(source: Source, call: LossCall) -> cst.Call | None:
    """``nn.BCELoss()``, when the loss is an object of the file."""
    if call.created is None:
        return None
    line = call.created.line
    over = [one for one in source.calls(*TORCH) if source.line(one) <= line <= source.last_line(one)]
    return over[-1] if over else None


def uses(source: Source, recording: Recording, call: LossCall) -> list[Use]:
    """Every call of this loss in the file, in training and in evaluation."""
    same = [one for one in recording.loss_calls if one.created == call.created and one.function == call.function]
    found: dict[int, Use] = {}
    names = _bound_to(source, call)
    for recorded in sorted(same, key=lambda one: one is not call):
        node = _loss_call(source, recorded, names)
        if node is not None:
            names.add(source.code(node.func))
            _add(found, source, node, recorded, call)
    for node in source.calls():
        if source.code(node.func) in names:
            _add(found, source, node, None, call)
    return list(found.values())


def exchange(source: Source, recording: Recording, call: LossCall, name: str) -> bool:
    """Use the PyTorch loss class `name` (or its function, where the file uses functions) instead."""
    function, settings = TORCH[name]
    made = construction(source, call)
    if made is not None:
        source.rename(made, name)
        _keep_settings(source, made, settings, positional=0)
        return True
    changed = False
    for use in uses(source, recording, call):
        if source.callee(use.call) in _functions():
            source.rename(use.call, function)
            _keep_settings(source, use.call, settings, positional=2)
            changed = True
    if not changed:  # criterion = F.mse_loss
        for node in source.nodes(cst.Assign):
            if isinstance(node.value, cst.Attribute) and node.value.attr.value == call.function.rpartition(".")[2]:
                source.replace(node.value.attr, function)
                changed = True
    return changed


def rewrite(source: Source, arg: cst.Arg, template: str) -> None:
    """Write an argument anew: ``{}`` in the template is the expression, in parentheses where it needs them."""
    code = source.code(arg.value)
    source.replace(arg.value, template.format(parenthesized(code, arg.value)))


# --- Keras -----------------------------------------------------------------------------------------------------------


def keras_exchange(source: Source, place: Place | None, function: str, from_logits: bool | None = None) -> bool:
    """Use the Keras loss `function` (``"binary_crossentropy"``) where one is named at that place.

    `from_logits` None leaves that setting as it is.
    """
    named = _keras_loss(source, place) if place is not None else None
    if named is None:
        return False
    if isinstance(named, cst.Call):
        if source.callee(named) != KERAS[function]:
            source.rename(named, KERAS[function])
        given = source.argument(named, "from_logits", 0)
        if from_logits:
            source.set_argument(named, "from_logits", "True", 0)
        elif from_logits is False and given is not None:
            source.remove_item(given)
    elif from_logits:
        source.replace(named, f"{keras_name(source, KERAS[function])}(from_logits=True)")
    elif isinstance(named, cst.SimpleString):
        source.replace(named, f"{named.quote}{function}{named.quote}")
    else:
        source.replace(named, f'"{function}"')
    return True


def keras_name(source: Source, name: str, module: str = "losses") -> str:
    """How the file can say ``keras.losses.NAME``: through the Keras it imports."""
    imports = list(source.imports())
    for bound, full in imports:
        if full in (f"keras.{module}", f"tensorflow.keras.{module}"):
            return f"{bound}.{name}"
    for bound, full in imports:
        if full in ("keras", "tensorflow.keras", "tf_keras"):
            return f"{bound}.{module}.{name}"
    for bound, full in imports:
        if full == "tensorflow":
            return f"{bound}.keras.{module}.{name}"
    through = any(full.startswith("tensorflow.") for _, full in imports)
    return source.spell(f"{'tensorflow.' if through else ''}keras.{module}.{name}")


def _keras_loss(source: Source, place: Place) -> cst.BaseExpression | None:
    """The expression that names the loss: a string, a function, or the construction of a loss object."""
    line = place.line
    made = [one for one in source.calls(*KERAS.values()) if source.line(one) <= line <= source.last_line(one)]
    if made:
        return made[-1]
    for compiled in source.calls("compile"):
        argument = source.argument(compiled, "loss", 1)
        if argument is None or not source.line(compiled) <= line <= source.last_line(compiled):
            continue
        return _behind(source, argument.value)
    return None


def _behind(source: Source, value: cst.BaseExpression) -> cst.BaseExpression | None:
    """What a name was given, or the value itself when it is the name of a loss."""
    if not isinstance(value, cst.Name) or value.value in KERAS:
        return value
    for node in source.nodes(cst.Assign):
        if [last_name(to.target) for to in node.targets] == [value.value]:
            return node.value
    return None


# --- inside ----------------------------------------------------------------------------------------------------------


def _places(call: LossCall) -> Iterator[object]:
    yield from (call.place, call.created)
    yield from (activation.place for activation in call.activations)


def _functions() -> set[str]:
    return {function for function, _ in TORCH.values()}


def _bound_to(source: Source, call: LossCall) -> set[str]:
    """What the loss object is assigned to: ``criterion``, ``self.loss_fn``."""
    made = construction(source, call)
    assign = source.parent(made) if made is not None else None
    return {source.code(to.target) for to in assign.targets} if isinstance(assign, cst.Assign) else set()


def _loss_call(source: Source, recorded: LossCall, names: set[str]) -> cst.Call | None:
    """The call at the recorded line: by its name, else the one there that is most like the call of a loss."""
    if recorded.place is None:
        return None
    line = recorded.place.line
    over = [one for one in source.calls() if source.line(one) <= line <= source.last_line(one)]
    over = [one for one in over if _two(source, one) is not None and not source.callee(one)[:1].isupper()]

    def unlikeness(one: cst.Call) -> tuple[bool, bool, bool]:
        bound = source.code(one.func) in names or source.callee(one) == recorded.function
        speaking = re.search("loss|crit|objective|cost|entropy|bce|mse|nll", source.code(one.func), re.IGNORECASE)
        return not bound, speaking is None, source.line(one) != line

    best = min(over, key=unlikeness, default=None)
    return None if best is None or (source.qualified(best.func) or "").startswith("builtins.") else best


def _two(source: Source, call: cst.Call, position: int = 1) -> tuple[cst.Arg, cst.Arg] | None:
    """Prediction and target; `position` is that of the target."""
    prediction, target = source.argument(call, "input", 0), source.argument(call, "target", position)
    return (prediction, target) if prediction is not None and target is not None else None


def _add(found: dict[int, Use], source: Source, node: cst.Call, recorded: LossCall | None, called: LossCall) -> None:
    pair = _two(source, node, 2 if called.loss in _OF_PAIRS else 1)
    if pair is not None and id(node) not in found:
        found[id(node)] = Use(node, *pair, recorded)


def _keep_settings(source: Source, call: cst.Call, settings: set[str], positional: int) -> None:
    """Take out the settings the other loss does not know."""
    plain = [arg for arg in call.args if arg.keyword is None]
    foreign = [arg for arg in call.args if arg.keyword is not None and arg.keyword.value not in settings]
    data = ("input", "target")
    for arg in [*plain[positional:], *(arg for arg in foreign if arg.keyword and arg.keyword.value not in data)]:
        source.remove_item(arg)

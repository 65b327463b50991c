"""Hidden activations of a model exchanged for others, wherever the file names them."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from losskit.doctor.remedies.source import Source, last_name

_OF_OUTPUTS = ("out", "last", "final", "head")
_FUNCTIONS = {"Sigmoid": "sigmoid", "Tanh": "tanh", "ReLU": "relu", "LeakyReLU": "leaky_relu", "Softsign": "softsign"}


def exchanged(text: str, kinds: Mapping[str, str], keep_last: bool) -> str | None:
    """The file with each module `kinds` names (``{"Sigmoid": "ReLU"}``) replaced, as module, function or Keras string.

    With `keep_last`, an activation that nothing follows (the output's) stays. None when there was nothing to replace.
    """
    tree = Source(text)
    changed = False
    for old, new in kinds.items():
        function, other = _FUNCTIONS[old], _FUNCTIONS[new]
        for call in tree.calls(old, function):
            if keep_last and _is_output(tree, call):
                continue
            if tree.callee(call) == old:
                tree.replace(call, f"{tree.code(call.func).removesuffix(old)}{new}()")
            elif new == "ReLU":
                tree.rename(call, other)
            else:
                inner = tree.applied_to(call)
                if inner is None:
                    continue
                tree.replace(call, f"{tree.spell('torch.nn.functional.' + other)}({tree.code(inner)})")
            changed = True
        for call in tree.calls("Dense", "Conv1D", "Conv2D", "Activation"):
            arg = tree.argument(call, "activation", 1 if tree.callee(call) == "Dense" else None)
            if tree.callee(call) == "Activation":
                arg = tree.argument(call, "activation", 0)
            named = arg.value if arg is not None else None
            if not isinstance(named, cst.SimpleString) or named.evaluated_value != function:
                continue
            if keep_last and _is_output(tree, call):
                continue
            tree.replace(named, f"{named.quote}{other}{named.quote}")
            changed = True
    if not changed:
        changed = _exchange_setting(tree, kinds)
    return tree.text() if changed else None


def _exchange_setting(tree: Source, kinds: Mapping[str, str]) -> bool:
    """The same where the activation is a setting, by its name: the default of an argument or an option, an entry of a
    table. One of the last layer is left as it is."""
    settings = [(_text(item.key), item.value) for item in tree.nodes(cst.DictElement)]
    settings += [(one.name.value, one.default) for one in tree.nodes(cst.Param) if one.default is not None]
    settings += [(last_name(node.targets[0].target), node.value) for node in tree.nodes(cst.Assign)]
    for call in tree.calls("add_argument"):
        default = tree.argument(call, "default")
        settings += [(_text(arg.value), default.value) for arg in call.args if default is not None]
    changed: set[cst.CSTNode] = set()
    hidden = [value for name, value in settings if "act" in name.lower() and not _is_last(name)]
    for value in (value for value in hidden if value not in changed):
        for old, new in kinds.items():
            named = {old: new, _FUNCTIONS[old]: _FUNCTIONS[new]}.get(text := _text(value))
            if named is not None:
                tree.replace(value, tree.code(value).replace(text, named))
                changed.add(value)
            elif isinstance(value, cst.Attribute) and value.attr.value == old:
                tree.replace(value.attr, new)
                changed.add(value)
    return bool(changed)


def _is_last(name: str) -> bool:
    return any(word in name.lower() for word in _OF_OUTPUTS)


def _text(node: cst.BaseExpression) -> str:
    return str(node.evaluated_value) if isinstance(node, cst.SimpleString) else ""


def _is_output(tree: Source, call: cst.Call) -> bool:
    """Whether nothing of the model follows: the last of a Sequential, a returned value."""
    parent = tree.parent(call)
    if isinstance(parent, (cst.Arg, cst.Element)):
        holder = tree.parent(parent)
        kinds = (cst.Arg, cst.Element)
        items = [child for child in holder.children if isinstance(child, kinds)]
        if isinstance(holder, cst.List) or (isinstance(holder, cst.Call) and tree.callee(holder) == "Sequential"):
            return items[-1] is parent
        return False
    return isinstance(parent, cst.Return)

"""Hidden activations of a model exchanged for others, wherever the file names them."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from losskit.doctor.remedies.source import Source

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
    return tree.text() if changed else None


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

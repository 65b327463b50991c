"""First weights as wide as their layer allows, wherever the file draws others."""

from __future__ import annotations

import libcst as cst

from losskit.doctor.remedies.source import Source

_DRAWN = ("normal_", "uniform_", "trunc_normal_")
_CONSTANT = ("constant_", "zeros_", "ones_", "fill_", "zero_")
_MADE = ("randn", "rand", "zeros", "ones", "full")


def with_scaled_weights(source: str, how: str, constants: bool = False) -> str | None:
    """A PyTorch file that draws its weights with ``how`` (kaiming_normal_, xavier_uniform_); None when it draws none.

    With `constants`, weights that are all set to one number are drawn, too.
    """
    tree = Source(source)
    changed = False
    for call in tree.calls(*_DRAWN, *(_CONSTANT if constants else ())):
        tensor = tree.applied_to(call)
        named = tree.code(tensor) if tensor is not None else ""
        if "weight" in named:
            tree.replace(call, f"{tree.spell('torch.nn.init.' + how)}({named})")
            changed = True
    return tree.text() if changed else None


def with_scaled_at(source: str, line: int, how: str) -> str | None:
    """The same for what that line draws: any parameter, or a weight that is made there as ``nn.Parameter(…)``."""
    tree = Source(source)
    call = tree.call(line, *_DRAWN, *_CONSTANT)
    if call is not None and (tensor := tree.applied_to(call)) is not None:
        named = tree.code(tensor)
        init = tree.spell("torch.nn.init." + how)
        zeros = tree.spell("torch.nn.init.zeros_")
        tree.replace(call, f"{init}({named}) if {named}.dim() > 1 else {zeros}({named})")
        return tree.text()
    for call in tree.calls("Parameter"):
        inner = call.args[0].value if call.args else None
        drawn = [one for one in tree.calls(*_MADE) if tree.line(call) <= tree.line(one) <= tree.last_line(call)]
        if tree.line(call) <= line <= tree.last_line(call) and inner is not None and drawn and drawn[0].args:
            sizes = [tree.code(arg.value) for arg in drawn[0].args if arg.keyword is None]
            tree.replace(inner, f"{tree.spell('torch.randn')}({', '.join(sizes)}) / ({sizes[0]}) ** 0.5")
            return tree.text()
    return None


def with_zero_biases(source: str) -> str | None:
    """The file with the constants that biases start from, and any below zero, replaced by zero; None without any."""
    tree = Source(source)
    changed = False
    for call in tree.calls("constant_", "fill_", "Constant"):
        tensor = tree.applied_to(call)
        of_bias = tensor is not None and "bias" in tree.code(tensor)
        for arg in call.args:
            below = isinstance(arg.value, cst.UnaryOperation) and isinstance(arg.value.operator, cst.Minus)
            if below or (of_bias and arg is call.args[-1] and tree.code(arg.value) not in ("0", "0.0")):
                tree.replace(arg.value, "0.0")
                changed = True
    return tree.text() if changed else None


def with_keras_initializers(source: str, how: str) -> str | None:
    """A Keras file whose kernels are all drawn with ``how`` ("he_normal"), where it says otherwise, and embeddings as
    Keras draws them."""
    tree = Source(source)
    changed = False
    for call in tree.calls():
        arg = tree.argument(call, "kernel_initializer")
        if arg is not None and not (isinstance(arg.value, cst.SimpleString) and arg.value.evaluated_value == how):
            tree.replace(arg.value, f'"{how}"')
            changed = True
        table = tree.argument(call, "embeddings_initializer")
        if table is not None and tree.code(table.value) != '"uniform"':
            tree.replace(table.value, '"uniform"')
            changed = True
    return tree.text() if changed else None


__all__ = ["with_keras_initializers", "with_scaled_at", "with_scaled_weights", "with_zero_biases"]

"""Mutation operators: each puts one fault that users make into a healthy training script.

The idea is DeepCrime's (Humbatova, Jahangirova & Tonella, ISSTA 2021, doi 10.1145/3460319.3464825): a faulty program is
a healthy one with one small, typical change. An operator takes a file's syntax and makes its change in it; where there
is nothing to change it makes none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import libcst as cst

from losskit.doctor.remedies.source import Source, last_name

Operator = Callable[[Source], None]
OPERATORS: dict[str, tuple[str, Operator]] = {}  # name → (code of the fault, operator)

OPTIMIZERS = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "NAdam", "Nadam", "Adamax")
SCALERS = ("fit_transform", "transform")


def operator(code: str) -> Callable[[Operator], Operator]:
    def enter(function: Operator) -> Operator:
        OPERATORS[function.__name__] = code, function
        return function

    return enter


# --- the loss and what is fed to it --------------------------------------------------------------------------------


@operator("LK101")
def softmax_before_cross_entropy(tree: Source) -> None:
    if tree.calls("CrossEntropyLoss", "cross_entropy"):
        _wrap_output(tree, "{torch}.softmax({output}, dim=1)")


@operator("LK101")
def sigmoid_before_logits_loss(tree: Source) -> None:
    if tree.calls("BCEWithLogitsLoss", "binary_cross_entropy_with_logits"):
        _wrap_output(tree, "{torch}.sigmoid({output})")


@operator("LK101")
def from_logits_of_probabilities(tree: Source) -> None:
    for dense in _last_dense(tree):
        activation = tree.argument(dense, "activation", 1)
        for arg in _loss_arguments(tree) if activation is not None else ():
            name = _string(arg.value)
            spelled = {
                "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
                "categorical_crossentropy": "CategoricalCrossentropy",
                "binary_crossentropy": "BinaryCrossentropy",
            }
            if name in spelled:
                tree.replace(arg.value, f"{tree.spell('keras')}.losses.{spelled[name]}(from_logits=True)")


@operator("LK102")
def no_output_activation(tree: Source) -> None:
    named = ("sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy")
    if any(_string(arg.value) in named for arg in _loss_arguments(tree)):
        for dense in _last_dense(tree):
            if (activation := tree.argument(dense, "activation", 1)) is not None:
                tree.remove_item(activation)


@operator("LK103")
def softmax_of_one_unit(tree: Source) -> None:
    for dense in _last_dense(tree):
        activation = tree.argument(dense, "activation", 1)
        units = tree.argument(dense, "units", 0)
        one = units is not None and tree.code(units.value) == "1"  # of several it is another fault
        if one and activation is not None and _string(activation.value) == "sigmoid":
            tree.replace(activation.value, '"softmax"')


@operator("LK104")
def squared_error_of_class_indices(tree: Source) -> None:
    for arg in _loss_arguments(tree):
        if _string(arg.value) == "sparse_categorical_crossentropy":
            tree.replace(arg.value, '"mse"')


@operator("LK105")
def relu_on_a_regression_output(tree: Source) -> None:
    if tree.calls("MSELoss", "mse_loss", "L1Loss", "SmoothL1Loss", "HuberLoss"):
        _wrap_output(tree, "{torch}.relu({output})")
    elif any(_string(arg.value) in ("mse", "mean_squared_error", "mae") for arg in _loss_arguments(tree)):
        for dense in _last_dense(tree):
            if tree.argument(dense, "activation", 1) is None:
                tree.set_argument(dense, "activation", '"relu"')


@operator("LK106")
def targets_without_their_axis(tree: Source) -> None:
    if not tree.calls("MSELoss", "mse_loss"):
        return
    for call in tree.calls("squeeze", "unsqueeze"):
        if isinstance(call.func, cst.Attribute):
            tree.replace(call, tree.code(call.func.value))
            return


@operator("LK109")
def sum_for_mean(tree: Source) -> None:
    for call in tree.calls("CrossEntropyLoss", "cross_entropy", "MSELoss", "mse_loss", "BCEWithLogitsLoss"):
        if tree.argument(call, "reduction") is None:
            tree.set_argument(call, "reduction", '"sum"')
            return


@operator("LK110")
def minus_the_loss(tree: Source) -> None:
    for call in tree.calls("backward"):
        if isinstance(call.func, cst.Attribute) and isinstance(call.func.value, cst.Name):
            tree.replace(call.func.value, f"(-{call.func.value.value})")
            return


# --- gradients and units -------------------------------------------------------------------------------------------


@operator("LK305")
def optimizer_of_the_last_layer(tree: Source) -> None:
    for call in tree.calls(*OPTIMIZERS):
        for arg in call.args:
            if isinstance(arg.value, cst.Call) and tree.callee(arg.value) == "parameters":
                tree.replace(arg.value, f"list({tree.code(arg.value)})[-2:]")
                return


@operator("LK305")
def detached_inside(tree: Source) -> None:
    for function in _forwards(tree):
        calls = [call for call in tree.calls() if tree.ancestor(call, cst.FunctionDef) is function]
        own = [call for call in calls if tree.code(call.func).startswith("self.") and len(call.args) == 1]
        if len(own) > 1:
            last = max(own, key=lambda call: (tree.line(call), -len(tree.code(call))))
            tree.replace(last.args[0].value, f"{tree.code(last.args[0].value)}.detach()")
            return


@operator("LK305")
def untrainable_layers(tree: Source) -> None:
    dense = tree.calls("Dense")
    for call in dense[:-1]:
        tree.set_argument(call, "trainable", "False")


@operator("LK306")
def zero_weights(tree: Source) -> None:
    dense = tree.calls("Dense", "Conv2D")
    for call in dense[:-1]:
        tree.set_argument(call, "kernel_initializer", '"zeros"')
    if dense:
        return
    for call in tree.calls("parameters"):
        name, at = tree.code(call.func).partition(".")[0], tree.line(call)
        if name.isidentifier() and tree.argument(call, "recurse") is None:
            torch = tree.spell("torch")
            tree.insert_before(at, f"for p in {name}.parameters():\n    {torch}.nn.init.zeros_(p)")
            return


@operator("LK307")
def no_zero_grad(tree: Source) -> None:
    for call in tree.calls("zero_grad"):
        tree.remove_statement(call)


@operator("LK509")
def trained_in_evaluation_mode(tree: Source) -> None:
    if tree.calls("BatchNorm1d", "BatchNorm2d"):
        for call in tree.calls("train"):
            if isinstance(call.func, cst.Attribute) and not call.args:
                tree.replace(call.func.attr, "eval")


# --- the optimizer -------------------------------------------------------------------------------------------------


@operator("LK401")
def rate_300_times(tree: Source) -> None:
    _scale_rate(tree, 300)


@operator("LK402")
def rate_a_thousandth(tree: Source) -> None:
    _scale_rate(tree, 1e-3)


@operator("LK405")
def a_twentieth_of_the_epochs(tree: Source) -> None:
    for literal in _epochs(tree):
        if isinstance(literal, cst.Integer) and literal.evaluated_value >= 10:
            tree.replace(literal, str(max(literal.evaluated_value // 20, 1)))
            return


@operator("LK406")
def momentum_of_999_thousandths(tree: Source) -> None:
    for call in tree.calls("SGD"):
        tree.set_argument(call, "momentum", "0.999")


@operator("LK406")
def epsilon_of_one(tree: Source) -> None:
    for call in tree.calls("Adam", "AdamW"):
        keras = "keras" in (tree.qualified(call.func) or "")
        tree.set_argument(call, "epsilon" if keras else "eps", "1.0")


@operator("LK407")
def batches_of_one(tree: Source) -> None:
    for literal in _batch_sizes(tree):
        tree.replace(literal, "1")
        return


@operator("LK502")
def decay_of_one(tree: Source) -> None:
    for call in tree.calls(*OPTIMIZERS):
        tree.set_argument(call, "weight_decay", "1.0")
        return


@operator("LK502")
def dropout_of_95_percent(tree: Source) -> None:
    for call in tree.calls("Dropout", "Dropout2d"):
        if call.args:
            tree.replace(call.args[0].value, "0.95")


@operator("LK502")
def penalty_of_one(tree: Source) -> None:
    for call in tree.calls("Dense")[:-1]:
        tree.set_argument(call, "kernel_regularizer", f"{tree.spell('keras')}.regularizers.L1(0.5)")


# --- the data ------------------------------------------------------------------------------------------------------


@operator("LK505")
def raw_inputs(tree: Source) -> None:
    for call in tree.calls(*SCALERS):
        subject = call.args[0].value if len(call.args) == 1 else None
        if subject is not None and re.match(r"(self\.)?[xX]|data|features|inputs", tree.code(subject)):
            tree.replace(call, tree.code(subject))


@operator("LK506")
def raw_targets(tree: Source) -> None:
    for call in tree.calls(*SCALERS):
        subject = call.args[0].value if len(call.args) == 1 else None
        if subject is not None and re.match(r"(self\.)?[yY]|target|labels", tree.code(subject)):
            tree.replace(call, tree.code(subject))


@operator("LK504")
def half_of_the_labels_at_random(tree: Source) -> None:
    _after_loading(
        tree,
        "flip = numpy.random.default_rng(3).random(len({y})) < 0.5\n"
        "{y} = numpy.where(flip, numpy.random.default_rng(4).permutation({y}), {y})",
    )


@operator("LK507")
def missing_values(tree: Source) -> None:
    _after_loading(tree, "{x} = numpy.array({x}, dtype=float)\n{x}[7::53, 2] = numpy.nan")


@operator("LK507")
def sentinels(tree: Source) -> None:
    _after_loading(tree, "{x} = numpy.array({x}, dtype=float)\n{x}[5::11, 1] = -9999")


@operator("LK508")
def shuffled_labels(tree: Source) -> None:
    _after_loading(tree, "{y} = numpy.random.default_rng(5).permutation({y})")


@operator("LK511")
def integer_division(tree: Source) -> None:
    _after_loading(tree, "{x} = ({x} // 256).astype(float)")


@operator("LK512")
def a_few_wild_targets(tree: Source) -> None:
    if tree.calls("load_diabetes", "make_regression"):
        _after_loading(tree, "{y} = numpy.array({y}, dtype=float)\n{y}[3::29] *= 1000")


# --- where things are ----------------------------------------------------------------------------------------------


def _forwards(tree: Source) -> list[cst.FunctionDef]:
    return [node for node in tree.nodes(cst.FunctionDef) if node.name.value == "forward"]


def _wrap_output(tree: Source, template: str) -> None:
    """The output of the model that is made last: what its forward returns, or one more layer of a Sequential."""
    torch = tree.spell("torch")
    forwards = _forwards(tree)
    if forwards:
        returns = [node for node in tree.nodes(cst.Return, forwards[-1]) if node.value is not None]
        if len(returns) == 1 and not isinstance(returns[0].value, cst.Tuple):
            value = returns[0].value
            assert value is not None
            tree.replace(value, template.format(torch=torch, output=tree.code(value)))
        return
    for call in tree.calls("Sequential"):
        if call.args and isinstance(call.args[-1].value, cst.Call) and tree.callee(call.args[-1].value) == "Linear":
            name = {"softmax": "Softmax(dim=1)", "sigmoid": "Sigmoid()", "relu": "ReLU()"}
            kind = next(one for one in name if one in template)
            tree.replace(call.args[-1].value, f"{tree.code(call.args[-1].value)}, {torch}.nn.{name[kind]}")
            return


def _last_dense(tree: Source) -> list[cst.Call]:
    return tree.calls("Dense")[-1:]


def _loss_arguments(tree: Source) -> Iterator[cst.Arg]:
    for call in tree.calls("compile"):
        if (arg := tree.argument(call, "loss", 1)) is not None:
            yield arg


def _string(node: cst.BaseExpression) -> str:
    return str(node.evaluated_value) if isinstance(node, cst.SimpleString) else ""


def _scale_rate(tree: Source, factor: float) -> None:
    for call in tree.calls(*OPTIMIZERS):
        arg = tree.argument(call, "lr") or tree.argument(call, "learning_rate", 0)
        value = arg.value if arg is not None else None
        if isinstance(value, cst.Float):
            tree.replace(value, f"{float(value.value) * factor:.2g}")
            return
        for node in tree.nodes(cst.Assign):
            named = isinstance(value, cst.Name) and last_name(node.targets[0].target) == value.value
            if named and isinstance(node.value, cst.Float):
                tree.replace(node.value, f"{float(node.value.value) * factor:.2g}")
                return


def _named_numbers(tree: Source, name: str) -> Iterator[cst.BaseExpression]:
    """Where a number of that name is written: keywords, variables and argparse defaults."""
    for call in tree.calls():
        if (arg := tree.argument(call, name)) is not None:
            yield arg.value
        option = call.args[0].value if call.args and tree.callee(call) == "add_argument" else None
        default = tree.argument(call, "default")
        if option is not None and default is not None and _string(option).strip("-").replace("-", "_") == name:
            yield default.value
    for node in tree.nodes(cst.Assign):
        if last_name(node.targets[0].target).lower() == name:
            yield node.value


def _epochs(tree: Source) -> Iterator[cst.BaseExpression]:
    yield from _named_numbers(tree, "epochs")
    for loop in tree.nodes(cst.For):
        if "epoch" in tree.code(loop.target) and isinstance(loop.iter, cst.Call) and len(loop.iter.args) == 1:
            yield loop.iter.args[0].value


def _batch_sizes(tree: Source) -> Iterator[cst.BaseExpression]:
    return (node for node in _named_numbers(tree, "batch_size") if isinstance(node, cst.Integer))


def _after_loading(tree: Source, code: str) -> None:
    """Write `code` after `x, y = load_…(return_X_y=True)`."""
    for node in tree.nodes(cst.Assign):
        target = node.targets[0].target
        loads = isinstance(node.value, cst.Call) and re.match(r"load_|make_", tree.callee(node.value))
        if loads and isinstance(target, cst.Tuple) and len(target.elements) == 2:
            x, y = (tree.code(element.value) for element in target.elements)
            tree.insert_after(tree.line(node), code.format(x=x, y=y).replace("numpy", tree.spell("numpy")))
            return


__all__ = ["OPERATORS", "Operator"]

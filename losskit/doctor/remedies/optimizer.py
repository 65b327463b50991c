"""Changes of an optimizer's settings, wherever the file says them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.source import Source, last_name
from losskit.recording.facts import Place
from losskit.recording.recording import Recording

STRINGS = {
    "sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop", "adagrad": "Adagrad", "adadelta": "Adadelta",
    "adamax": "Adamax", "nadam": "Nadam", "ftrl": "Ftrl", "lion": "Lion",
}  # fmt: skip
_KERAS = "learning_rate"


def rate_edits(finding: Finding, recording: Recording, source: str, rates: Iterable[float]) -> Iterator[Edit]:
    """One edit per rate: the file with that learning rate at the finding's optimizer."""
    for rate in rates:
        code = number(rate)
        text = with_rate(source, finding.used_at, recording, code) if finding.used_at else None
        if text is not None:
            yield Edit(f"rate-{code}", f"Set the learning rate to {code}", text)


def with_rate(source: str, place: Place, recording: Recording, code: str) -> str | None:
    """The file with this learning rate, None when the optimizer is not in it.

    A literal is replaced where it stands: in the call, in the variable, the argparse default or the dict that the call
    names. What cannot be traced is replaced in the call.
    """
    tree = Source(source)
    call = optimizer_call(tree, place.line)
    if call is None:
        return None
    if tree.callee(call) == "compile":
        written = with_setting(tree, call, _KERAS, code)
        return tree.text() if written else None
    keras = is_keras(tree, call)
    keyword, position = (_KERAS, 0) if keras else ("lr", 1)
    set_traced(tree, call, keyword, code, recording, position)
    return tree.text()


def set_traced(
    tree: Source, call: cst.Call, keyword: str, code: str, recording: Recording, position: int | None = None
) -> None:
    """Give an argument this value: where its literal is written when there is one such place, else in the call."""
    arg = tree.argument(call, keyword, position)
    if arg is None:
        tree.set_argument(call, keyword, code)
    else:
        given = recording.arguments
        bare = isinstance(arg.value, cst.Tuple) and arg.value.lpar  # its parentheses stay
        tree.replace(literal(tree, arg.value, given) or arg.value, code.strip("()") if bare else code)


def with_setting(tree: Source, call: cst.Call, keyword: str, code: str) -> bool:
    """Give a Keras optimizer that `compile` names by a string this setting; False when it is not named there."""
    arg = tree.argument(call, "optimizer", 0)
    if arg is None:
        tree.set_argument(call, "optimizer", f"{tree.spell(_optimizers(tree) + '.RMSprop')}({keyword}={code})")
        return True
    named = arg.value
    if not isinstance(named, cst.SimpleString) or str(named.evaluated_value).lower() not in STRINGS:
        return False
    kind = STRINGS[str(named.evaluated_value).lower()]
    tree.replace(named, f"{tree.spell(f'{_optimizers(tree)}.{kind}')}({keyword}={code})")
    return True


def optimizer_call(tree: Source, line: int) -> cst.Call | None:
    """The optimizer's construction at that line, or the `compile` that names it by a string."""
    over = [call for call in tree.calls() if tree.line(call) <= line <= tree.last_line(call)]
    known = {name.lower() for name in STRINGS} | {"asgd", "radam", "adafactor", "muon", "lbfgs", "rprop"}
    named = [call for call in over if tree.callee(call).lower() in known]
    compiled = [call for call in over if tree.callee(call) == "compile"]
    if named:
        return named[-1]
    if compiled:
        arg = tree.argument(compiled[0], "optimizer", 0)
        if arg is not None and isinstance(arg.value, cst.Name):  # an optimizer made before: change it there
            made = _assigned(tree, arg.value.value, tree.line(compiled[0]))
            if isinstance(made, cst.Call):
                return made
        return compiled[0]
    holders = [call for call in over if tree.argument(call, "lr") or tree.argument(call, _KERAS)]
    return holders[-1] if holders else None


def is_keras(tree: Source, call: cst.Call) -> bool:
    name = tree.qualified(call.func) or ""
    return "keras" in name or (not name.startswith("torch") and tree.argument(call, _KERAS) is not None)


def number(value: float) -> str:
    """Two significant digits, as a person would write a rate: 0.001, 3e-5."""
    text = f"{value:.2g}"
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    return f"{mantissa}e{int(exponent)}"


def _optimizers(tree: Source) -> str:
    """Keras as the file knows it: keras itself, or TensorFlow's name for it."""
    own = any(full.split(".")[0] == "keras" for _, full in tree.imports())
    through = any(full.split(".")[0] == "tensorflow" for _, full in tree.imports())
    return "tensorflow.keras.optimizers" if through and not own else "keras.optimizers"


def _assigned(tree: Source, name: str, line: int) -> cst.BaseExpression | None:
    """What a plain assignment last gave that name before the line."""
    value = None
    for node in tree.nodes(cst.Assign):
        if tree.line(node) < line and [last_name(to.target) for to in node.targets] == [name]:
            value = node.value
    return value


def literal(tree: Source, expression: cst.BaseExpression, arguments: tuple[str, ...]) -> cst.BaseExpression | None:
    """The number behind an expression, where it is written: the only such place, else None."""
    if isinstance(expression, (cst.Float, cst.Integer)):
        return expression
    if isinstance(expression, cst.Name):
        found = list(_assignments(tree, expression.value))
        return found[0] if len(found) == 1 else None
    key = _key(expression)
    if key is None or any(argument.split("=")[0].lstrip("-").replace("-", "_") == key for argument in arguments):
        return None  # given on the command line: a default would change nothing
    found = [*_defaults(tree, key), *_items(tree, key), *_assignments(tree, key)]
    return found[0] if len(found) == 1 else None


def _key(expression: cst.BaseExpression) -> str | None:
    """``lr`` of ``args.lr`` and of ``config["lr"]``."""
    if isinstance(expression, cst.Attribute):
        return expression.attr.value
    if isinstance(expression, cst.Subscript) and len(expression.slice) == 1:
        index = expression.slice[0].slice
        if isinstance(index, cst.Index) and isinstance(index.value, cst.SimpleString):
            return str(index.value.evaluated_value)
    return None


def _assignments(tree: Source, name: str) -> Iterator[cst.BaseExpression]:
    for node in tree.nodes(cst.Assign):
        if [last_name(to.target) for to in node.targets] == [name] and isinstance(node.value, (cst.Float, cst.Integer)):
            yield node.value
    for node in tree.nodes(cst.AnnAssign):
        if last_name(node.target) == name and isinstance(node.value, (cst.Float, cst.Integer)):
            yield node.value
    for node in tree.nodes(cst.Param):
        if node.name.value == name and isinstance(node.default, (cst.Float, cst.Integer)):
            yield node.default


def _defaults(tree: Source, key: str) -> Iterator[cst.BaseExpression]:
    """``default=`` of the argparse option of that name."""
    for call in tree.calls("add_argument"):
        words = [arg.value.evaluated_value for arg in call.args if isinstance(arg.value, cst.SimpleString)]
        default = tree.argument(call, "default")
        if default is not None and any(str(word).lstrip("-").replace("-", "_") == key for word in words):
            yield default.value


def _items(tree: Source, key: str) -> Iterator[cst.BaseExpression]:
    """The values of that key in dict displays and of that keyword in ``dict(…)`` or ``SimpleNamespace(…)``."""
    for item in tree.nodes(cst.DictElement):
        named = isinstance(item.key, cst.SimpleString) and item.key.evaluated_value == key
        if named and isinstance(item.value, (cst.Float, cst.Integer)):
            yield item.value
    for call in tree.calls("dict", "SimpleNamespace", "Namespace"):
        arg = tree.argument(call, key)
        if arg is not None:
            yield arg.value

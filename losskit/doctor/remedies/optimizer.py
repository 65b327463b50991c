"""Changes of an optimizer's settings, wherever the file says them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.literal import literal
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
        value = _in_configuration(tree, place.line)
        if value is None:
            return None
        tree.replace(literal(tree, value, recording.arguments) or value, code)
        return tree.text()
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


def _in_configuration(tree: Source, line: int) -> cst.BaseExpression | None:
    """The rate in the dict that Keras makes an optimizer of, at that line."""
    over = [call for call in tree.calls("get", "deserialize") if tree.line(call) <= line <= tree.last_line(call)]
    elements = [one for call in over for one in tree.nodes(cst.DictElement, call)]
    return next((one.value for one in elements if tree.code(one.key).strip("\"'") == _KERAS), None)


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

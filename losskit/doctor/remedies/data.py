"""Which variables of a script hold its training inputs and targets, and their standardisation.

Told from where data is split, and from where it is handed over (TensorDataset, fit, evaluate), and last from names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

import libcst as cst

from losskit.doctor.remedies.source import Source, last_name

Role = Literal["inputs", "targets"]

_PART = r"(?:(?:train|test|te|val|valid|validation|dev)_)"
NAMES = {
    "inputs": re.compile(_PART + r"?(x|inputs?|features?|data|images?|samples?)([_\d]|tr|te|va|$)", re.IGNORECASE),
    "targets": re.compile(_PART + r"?(y|targets?|labels?|t|prices?)([_\d]|tr|te|va|$)", re.IGNORECASE),
}
_HELD_OUT = re.compile(r"(_|\d)*(te(st)?|va(l(id(ation)?)?)?)(_t)?$|^(?!train)" + _PART)
_MAKERS = (
    "tensor", "from_numpy", "as_tensor", "Tensor", "FloatTensor", "array", "asarray", "astype", "float", "to_numpy",
    "randn", "rand", "normal", "uniform", "column_stack", "stack", "concatenate", "hstack",
)  # fmt: skip


class Arrays(NamedTuple):
    """The name of the training array, those of its siblings (validation, test), and the line after which all exist."""

    train: str
    others: tuple[str, ...]
    line: int


def standardised(text: str, role: Role, place: int | None) -> str | None:
    """The file with these arrays standardised by the training array's own mean and deviation, None when not found.

    `place` is the line where the training array was seen to be made or handed over.
    """
    tree = Source(text)
    subset = _random_split(tree, role)
    if subset is not None:
        name, indices, line = subset
        mean, std = _fresh(tree, name)
        rows = f"{name}[{indices}]"
        tree.insert_after(line, f"{mean}, {std} = {rows}.mean(axis=0), {rows}.std(axis=0)")
        tree.insert_after(line, "\n".join([*_guard(role, std), f"{name}.sub_({mean}).div_({std})"]))
        return tree.text()
    arrays = _split(tree, role) or _handed_over(tree, role) or _made(tree, role, place)
    if arrays is None:
        return None
    mean, std = _fresh(tree, arrays.train)
    names = (arrays.train, *arrays.others)
    scaled = ", ".join(f"({name} - {mean}) / {std}" for name in names)
    lines = [
        f"{mean}, {std} = {arrays.train}.mean(axis=0), {arrays.train}.std(axis=0)",
        *_guard(role, std),
        f"{', '.join(names)} = {scaled}",
    ]
    tree.insert_after(arrays.line, "\n".join(lines))
    return tree.text()


def _guard(role: Role, std: str) -> list[str]:
    return [f"{std}[{std} == 0] = 1  # constant features"] if role == "inputs" else []


def _fresh(tree: Source, train: str) -> tuple[str, str]:
    """Two names that the file does not use."""
    used = {node.value for node in tree.nodes(cst.Name) if not isinstance(tree.parent(node), (cst.Attribute, cst.Arg))}
    used |= {node.value for call in tree.calls() for node in call.args if isinstance(node.value, cst.Name)}
    for prefix in ("", f"{train}_", "train_"):
        if not {f"{prefix}mean", f"{prefix}std"} & used:
            return f"{prefix}mean", f"{prefix}std"
    return f"{train}_centre", f"{train}_spread"


def _split(tree: Source, role: Role) -> Arrays | None:
    """``X_train, X_test, y_train, y_test = train_test_split(X, y)``, and a second split of one of its parts."""
    group = 0 if role == "inputs" else 1
    pieces: list[str] = []
    line = 0
    train = None
    for assign in tree.nodes(cst.Assign):
        call, names = assign.value, _target_names(assign)
        if not isinstance(call, cst.Call) or tree.callee(call) != "train_test_split" or names is None:
            continue
        given = [arg.value for arg in call.args if arg.keyword is None]
        if len(names) != 2 * len(given) or group >= len(given):
            continue
        of = last_name(given[group])
        if pieces and of not in pieces:
            return None  # two unrelated data sets
        pieces = [name for name in pieces if name != of or name in names]
        train = names[2 * group] if train in (None, of) else train
        pieces += [name for name in names[2 * group : 2 * group + 2] if name not in pieces]
        line = tree.last_line(assign)
    if train is None:
        return None
    return Arrays(train, tuple(name for name in pieces if name != train), line)


def _random_split(tree: Source, role: Role) -> tuple[str, str, int] | None:
    """(array, indices of the training rows, line) of ``random_split(TensorDataset(X, y), …)``."""
    for assign in tree.nodes(cst.Assign):
        call, names = assign.value, _target_names(assign)
        if not isinstance(call, cst.Call) or tree.callee(call) != "random_split" or not names:
            continue
        for data in tree.calls("TensorDataset"):
            arg = tree.argument(data, "", 0 if role == "inputs" else 1)
            if tree.line(data) <= tree.line(assign) and arg is not None and isinstance(arg.value, cst.Name):
                return arg.value.value, f"{names[0]}.indices", tree.last_line(assign)
    return None


def _handed_over(tree: Source, role: Role) -> Arrays | None:
    """The arrays given to TensorDataset, to fit and its validation data, and to evaluate."""
    index = 0 if role == "inputs" else 1
    found: list[tuple[str, int]] = []
    for call in tree.calls("TensorDataset", "fit", "evaluate"):
        if isinstance(call.func, cst.Name) and tree.callee(call) != "TensorDataset":
            continue  # a function of the script's own, with arguments of its own
        keyword = ("x", "y")[index] if tree.callee(call) != "TensorDataset" else ""
        arg = tree.argument(call, keyword, index)
        validation = tree.argument(call, "validation_data")
        pair = validation.value.elements if validation is not None and isinstance(validation.value, cst.Tuple) else ()
        values = [arg.value] if arg is not None else []
        values += [pair[index].value] if len(pair) > index else []
        found += [(name, tree.line(call)) for value in values if (name := _root(tree, value))]
    if not found:
        return None
    train, first = found[0][0], min(line for _, line in found)
    others = tuple(dict.fromkeys(name for name, _ in found if name != train))
    lines = [_last_assigned(tree, name, first) for name in (train, *others)]
    known = [(name, line) for name, line in zip((train, *others), lines, strict=True) if line is not None]
    if not known or known[0][0] != train:
        return None
    return Arrays(train, tuple(name for name, _ in known[1:]), max(line for _, line in known if line is not None))


def _made(tree: Source, role: Role, place: int | None) -> Arrays | None:
    """Variables whose names say what they hold, where they are sliced or become tensors."""
    found: dict[str, int] = {}
    for assign in tree.nodes(cst.Assign):
        names = _target_names(assign) or []
        for name, value in zip(names, _values(assign, len(names)), strict=False):
            if NAMES[role].match(name) and (_slices(value) or _makes(tree, value)):
                found[name] = tree.last_line(assign)
    if not found:
        return None
    placed = [name for name, line in found.items() if line == place]
    trained = [name for name in found if re.search(r"tr(ain)?(_|$)", name, re.IGNORECASE)]
    # The array that was seen may hold the test rows too, where the training rows have a name of their own.
    train = ([name for name in placed if name in trained] or trained or placed or list(found))[0]
    siblings = [name for name in found if name != train and _HELD_OUT.search(name)]
    return Arrays(train, tuple(siblings), max(found[name] for name in (train, *siblings)))


def _target_names(assign: cst.Assign) -> list[str] | None:
    """The plain names that an assignment binds, None when it binds something else."""
    if len(assign.targets) != 1:
        return None
    target = assign.targets[0].target
    nodes = [element.value for element in target.elements] if isinstance(target, (cst.Tuple, cst.List)) else [target]
    names = [node.value for node in nodes if isinstance(node, cst.Name)]
    return names if len(names) == len(nodes) else None


def _values(assign: cst.Assign, count: int) -> Iterable[cst.BaseExpression]:
    if count > 1 and isinstance(assign.value, cst.Tuple):
        return [element.value for element in assign.value.elements]
    return [assign.value] if count == 1 else []


def _slices(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.Subscript)


def _makes(tree: Source, value: cst.BaseExpression) -> bool:
    return any(tree.callee(call) in _MAKERS for call in tree.nodes(cst.Call, value))


def _root(tree: Source, value: cst.BaseExpression) -> str | None:
    """The variable behind ``torch.tensor(X_train, dtype=…)``, ``torch.from_numpy(X_train).float()`` or ``X_train``."""
    while not isinstance(value, cst.Name):
        if isinstance(value, cst.Call):
            inner = tree.applied_to(value)
        elif isinstance(value, cst.Subscript):
            inner = value.value
        else:
            return None
        if inner is None:
            return None
        value = inner
    return value.value


def _last_assigned(tree: Source, name: str, before: int) -> int | None:
    """The last line before that one which binds the name."""
    lines = [tree.last_line(node) for node in _bindings(tree, name) if tree.last_line(node) < before]
    return max(lines, default=None)


def _bindings(tree: Source, name: str) -> Iterator[cst.CSTNode]:
    for assign in tree.nodes(cst.Assign):
        for to in assign.targets:
            if any(node.value == name for node in tree.nodes(cst.Name, to.target)):
                yield assign

"""LK110: the minus that is missing, or one less, or steps down the gradient."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from losskit.doctor.evidence.place import first_site
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.source import Source, last_name
from losskit.recording.recording import Recording

_NEAR = 3  # lines between a loss and its return or its backward
_OTHER_WAY = {cst.AddAssign: "-=", cst.SubtractAssign: "+="}
_METHODS = {"add_": "sub_", "add": "sub", "assign_add": "assign_sub"}


def propose(finding: Finding, recording: Recording, source: str) -> Iterator[Edit]:
    if finding.used_at is None:
        return
    line, how = finding.used_at.line, finding.evidence.get("how")
    if how == "maximize":
        yield from _without(source, line, "maximize")
    elif how == "ascent":
        yield from _downwards(source, line)
    elif how == "negative-rate":
        yield from _positive_rate(source, line)
    else:
        yield from _one_minus_less(source, line)
        yield from _one_minus_more(source, line)
        backward = first_site(recording, "backward")
        if backward is not None and backward.file == finding.used_at.file:
            yield from _backward_on_minus(source, backward.line)


def _without(text: str, line: int, setting: str) -> Iterator[Edit]:
    tree = Source(text)
    call = next(
        (c for c in tree.calls() if tree.line(c) <= line <= tree.last_line(c) and tree.argument(c, setting)), None
    )
    given = tree.argument(call, setting) if call is not None else None
    if given is not None:
        tree.remove_item(given)
        yield Edit("minimise", f"Let the optimizer make the loss smaller (without {setting})", tree.text())


def _downwards(text: str, line: int) -> Iterator[Edit]:
    """``w += rate * w.grad`` → ``w -= rate * w.grad``, for every weight that is moved like this."""
    tree = Source(text)
    changed = False
    for node in tree.nodes(cst.AugAssign):
        if isinstance(node.operator, cst.AddAssign) and _names_gradient(tree, node.value):
            tree.replace(node.operator, "-=")
            changed = True
    for node in tree.nodes(cst.BinaryOperation):
        if isinstance(node.operator, cst.Add) and _names_gradient(tree, node.right):
            tree.replace(node.operator, "-")
            changed = True
    for call in tree.calls("add_", "add"):
        if any(_names_gradient(tree, arg.value) for arg in call.args):
            tree.rename(call, _METHODS[tree.callee(call)])
            changed = True
    if changed:
        yield Edit("descend", "Move the weights against the gradient", tree.text())


def _names_gradient(tree: Source, node: cst.CSTNode) -> bool:
    """Whether an expression is made of a gradient."""
    found = [one.attr.value for one in tree.nodes(cst.Attribute, node)]
    named = [one.value for one in tree.nodes(cst.Name, node)]
    return "grad" in found or any(
        name in ("grad", "gradient", "g") or name.startswith(("grad", "d_")) for name in named
    )


def _positive_rate(text: str, line: int) -> Iterator[Edit]:
    tree = Source(text)
    for node in tree.nodes(cst.UnaryOperation):
        if isinstance(node.operator, cst.Minus) and tree.line(node) == line:
            tree.replace(node, tree.code(node.expression))
            yield Edit("positive-rate", "Make the learning rate positive", tree.text())
            return


def _one_minus_less(text: str, line: int) -> Iterator[Edit]:
    """The outermost minus of the loss's line taken away: ``-criterion(…)``, ``-1 * loss``, ``(-loss).backward()``."""
    tree = Source(text)
    for node in tree.nodes(cst.UnaryOperation):
        number = isinstance(node.expression, (cst.Integer, cst.Float))
        if not isinstance(node.operator, cst.Minus) or not 0 <= tree.line(node) - line <= _NEAR:
            continue
        over = tree.parent(node)
        if number and not (isinstance(over, cst.BinaryOperation) and isinstance(over.operator, cst.Multiply)):
            continue  # an index, an axis
        if number and isinstance(over, cst.BinaryOperation):
            tree.replace(over, tree.code(over.right if over.left is node else over.left))
        else:
            tree.replace(node, tree.code(node.expression))
        yield Edit("drop-minus", "Take the minus away", tree.text())
        return


def _one_minus_more(text: str, line: int) -> Iterator[Edit]:
    """``return (…).mean()`` → ``return -(…).mean()``; the same for what is assigned to a loss."""
    tree = Source(text)
    for node in tree.nodes(cst.BaseSmallStatement):
        if not isinstance(node, (cst.Return, cst.Assign)) or not _reaches(tree, node, line):
            continue
        if isinstance(node, cst.Assign) and not _is_loss(node):
            continue
        if node.value is not None:
            bare = isinstance(node.value, (cst.Call, cst.Name, cst.Attribute))
            tree.wrap(node.value, "-" if bare else "-(", "" if bare else ")")
            yield Edit("add-minus", "Minimise minus the likelihood", tree.text())
            return


def _reaches(tree: Source, node: cst.CSTNode, line: int) -> bool:
    return tree.line(node) - _NEAR <= line <= tree.last_line(node)


def _is_loss(node: cst.Assign) -> bool:
    name = last_name(node.targets[0].target).lower()
    return any(word in name for word in ("loss", "cost", "objective", "nll", "error", "likelihood"))


def _backward_on_minus(text: str, line: int) -> Iterator[Edit]:
    tree = Source(text)
    call = tree.call(line, "backward")
    if call is not None and isinstance(call.func, cst.Attribute):
        value = call.func.value
        negated = isinstance(value, cst.UnaryOperation)
        tree.replace(value, tree.code(value.expression) if negated else f"(-{tree.code(value)})")
        yield Edit("backward-on-minus", "Call backward on minus this value", tree.text())

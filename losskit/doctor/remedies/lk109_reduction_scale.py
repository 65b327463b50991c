"""LK109: the mean for the sum, and a division by what was added up: once."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from losskit.doctor.evidence.place import optimizer_place
from losskit.doctor.evidence.rate import rate_of
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.optimizer import number, with_rate
from losskit.doctor.remedies.source import Source, parenthesized
from losskit.recording.recording import Recording

_MEANS = {"sum": "mean", "reduce_sum": "reduce_mean", "nansum": "nanmean"}
_COUNTS = (cst.Name, cst.Integer, cst.Attribute, cst.Subscript)
_NEAR = 6  # lines: of a function that says its formula in some


def propose(finding: Finding, recording: Recording, source: str) -> Iterator[Edit]:
    if finding.used_at is None:
        return
    edits = list(_of_the_loss(finding, source, finding.used_at.line))
    yield from edits or _rate_for_the_sum(finding, recording, source)


def _of_the_loss(finding: Finding, source: str, line: int) -> Iterator[Edit]:
    how = finding.evidence.get("how")
    if how == "unequal":
        yield from _summed_alike(source, line)
        yield from _mean_by_hand(source, line)
    elif how == "accumulated":
        yield from _divided(source, line, finding.evidence.get("backwards_per_step"))
    elif how == "divided":
        yield from _undivided(source, line)
    elif finding.evidence.get("reduction") == "sum":
        yield from _mean_by_setting(source, line)
    else:
        yield from _mean_by_hand(source, line)
        yield from _mean_of_rows(source, line)
        yield from _without_factor(source, line)


def _summed_alike(text: str, line: int) -> Iterator[Edit]:
    """``reduction="sum"`` for the loss function that is called near the sum."""
    tree = Source(text)
    near = [call for call in tree.calls() if abs(tree.line(call) - line) <= _NEAR]
    near = [call for call in near if (tree.qualified(call.func) or "").startswith("torch.nn.functional.")]
    near = [call for call in near if tree.argument(call, "reduction") is None]
    losses = [call for call in near if re.search(r"loss|entropy|_div$", tree.callee(call))]
    for call in losses[:1]:
        tree.set_argument(call, "reduction", '"sum"')
        yield Edit("sum", "Sum both terms over the batch", tree.text())


def _mean_by_setting(text: str, line: int) -> Iterator[Edit]:
    """``reduction="sum"`` taken out, wherever this file says so near that line."""
    tree = Source(text)
    for call in tree.calls():
        given = tree.argument(call, "reduction")
        if given is not None and _says_sum(given.value) and tree.line(call) <= line <= tree.last_line(call):
            tree.remove_item(given)
            yield Edit("mean", "Use the mean of the loss over the batch instead of its sum", tree.text())
            return


def _says_sum(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.SimpleString) and value.evaluated_value == "sum"


def _mean_by_hand(text: str, line: int) -> Iterator[Edit]:
    """The outermost ``.sum()`` of the formula → ``.mean()``."""
    tree = Source(text)
    call = _sum(tree, line)
    if call is None:
        return
    tree.rename(call, _MEANS[tree.callee(call)])
    yield Edit("mean", "Use the mean of the loss over the batch instead of its sum", tree.text())


def _mean_of_rows(text: str, line: int) -> Iterator[Edit]:
    """The sum of a row, and the mean over the rows: ``(t * log p).sum(-1).mean()``."""
    tree = Source(text)
    call = _sum(tree, line)
    if call is None:
        return
    axis = "axis" if any("keras" in full or "tensorflow" in full for _, full in tree.imports()) else "dim"
    mean = _MEANS[tree.callee(call)]
    if _is_method(tree, call):
        tree.wrap(call, "", f".{mean}()")
        tree.set_argument(call, axis, "-1")
    else:
        tree.set_argument(call, axis, "-1")
        function = tree.code(call.func)
        tree.wrap(call, function.removesuffix(tree.callee(call)) + mean + "(", ")")
    yield Edit("mean-of-rows", "Use the mean over the rows of the batch instead of the sum", tree.text())


def _sum(tree: Source, line: int) -> cst.Call | None:
    """The sum without an axis nearest to that line."""
    sums = [call for call in tree.calls(*_MEANS) if _sums_all(tree, call)]
    near = [call for call in sums if abs(tree.line(call) - line) <= _NEAR]
    return min(near, key=lambda call: (abs(tree.line(call) - line), sums.index(call)), default=None)


def _sums_all(tree: Source, call: cst.Call) -> bool:
    """``losses.sum()`` and ``torch.sum(losses)``, without an axis; not Python's ``sum``."""
    if _is_method(tree, call):
        return not call.args
    return len(call.args) == 1 and not (tree.qualified(call.func) or "").startswith("builtins.")


def _is_method(tree: Source, call: cst.Call) -> bool:
    """``losses.sum()``, not ``torch.sum(losses)``."""
    return isinstance(call.func, cst.Attribute) and tree.applied_to(call) is call.func.value


def _divided(text: str, line: int, times: object) -> Iterator[Edit]:
    """``(loss / steps).backward()``, with the number that the file counts batches by."""
    tree = Source(text)
    backward = tree.call(line, "backward")
    if backward is None or not isinstance(backward.func, cst.Attribute):
        return
    steps = _counted_by(tree) or str(times)
    value = backward.func.value
    tree.replace(value, f"({parenthesized(tree.code(value), value)} / {steps})")
    yield Edit(
        "divide-accumulated", f"Divide the loss by the {steps} batches whose gradients are added up", tree.text()
    )


def _counted_by(tree: Source) -> str | None:
    """``steps`` of ``if (i + 1) % steps == 0:``."""
    for node in tree.nodes(cst.If):
        if "step" in [tree.callee(call) for call in tree.nodes(cst.Call, node.body)]:
            for operation in tree.nodes(cst.BinaryOperation, node.test):
                if isinstance(operation.operator, cst.Modulo) and isinstance(operation.right, _COUNTS):
                    return tree.code(operation.right)
    return None


def _without_factor(text: str, line: int) -> Iterator[Edit]:
    """``criterion(…) * len(x)`` → ``criterion(…)``."""
    tree = Source(text)
    for node in tree.nodes(cst.BinaryOperation):
        if isinstance(node.operator, cst.Multiply) and 0 <= tree.line(node) - line <= _NEAR:
            sizes = [side for side in (node.left, node.right) if _is_size(tree, side)]
            if sizes:
                tree.replace(node, tree.code(node.right if sizes[0] is node.left else node.left))
                yield Edit("mean", "Use the mean of the loss over the batch, not multiplied by its size", tree.text())
                return


def _is_size(tree: Source, node: cst.BaseExpression) -> bool:
    """``len(x)``, ``x.size(0)``, ``x.shape[0]``, ``batch_size``."""
    if isinstance(node, cst.Call):
        return tree.callee(node) in ("len", "size", "numel")
    return "shape" in tree.code(node) or "batch_size" in tree.code(node).lower()


def _rate_for_the_sum(finding: Finding, recording: Recording, text: str) -> Iterator[Edit]:
    """The rate divided by what the loss is multiplied by: the same steps, where the loss cannot be edited."""
    place, rate, factor = optimizer_place(recording), rate_of(recording), finding.evidence.get("times_mean")
    here = place is not None and finding.used_at is not None and place.file == finding.used_at.file
    if place is None or not here or rate is None or not isinstance(factor, float) or factor <= 0:
        return
    code = number(rate / factor)
    slower = with_rate(text, place, recording, code)
    if slower is not None:
        yield Edit(f"rate-{code}", f"Choose the learning rate for this loss: {code}", slower)


def _undivided(text: str, line: int) -> Iterator[Edit]:
    """``criterion(…) / len(data)`` → ``criterion(…)``; a division in the next lines where there is none in this."""
    tree = Source(text)
    divisions = [
        node
        for node in tree.nodes(cst.BinaryOperation)
        if isinstance(node.operator, cst.Divide) and 0 <= tree.line(node) - line <= _NEAR
    ]
    statements = [node for node in tree.nodes(cst.AugAssign) if isinstance(node.operator, cst.DivideAssign)]
    nearest = min(divisions, key=tree.line, default=None)
    augmented = next((node for node in statements if 0 <= tree.line(node) - line <= _NEAR), None)
    if augmented is not None and (nearest is None or tree.line(augmented) <= tree.line(nearest)):
        tree.remove_statement(augmented)
    elif nearest is not None:
        tree.replace(nearest, tree.code(nearest.left))
    else:
        return
    yield Edit("divide-once", "Do not divide the mean once more", tree.text())

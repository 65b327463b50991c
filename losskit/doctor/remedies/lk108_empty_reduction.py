"""LK108: a divisor that cannot be 0, or weights that leave nothing left out."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from losskit.doctor.evidence.loss_calls import CLASSWISE
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit, loss
from losskit.doctor.remedies.source import Source, last_name, parenthesized
from losskit.recording.facts import LossCall
from losskit.recording.recording import Recording

_SUMS = ("sum", "reduce_sum", "count_nonzero", "nansum")


def propose(finding: Finding, recording: Recording, source: str) -> Iterator[Edit]:
    call = loss.call_of(finding, recording)
    if finding.used_at is None:
        return
    if finding.evidence.get("by") == "divided":
        least = finding.evidence.get("least_divisor")
        bound = "1e-6" if isinstance(least, float) and 0 < least < 1 else "1"
        yield from _bounded(source, finding.used_at.line, bound)
    elif call is not None and loss.is_torch(call):
        yield from _counted(recording, call, source)
    else:
        yield from _unweighted(source)


def _bounded(text: str, line: int, bound: str) -> Iterator[Edit]:
    """``total / mask.sum()`` → ``total / mask.sum().clamp(min=1)``."""
    tree = Source(text)
    divisions = [
        node
        for node in tree.nodes(cst.BinaryOperation)
        if isinstance(node.operator, cst.Divide) and tree.line(node) <= line <= tree.last_line(node)
    ]
    counts = [divided.right for divided in divisions if _counts(tree, divided.right)]
    for count in counts:
        code = tree.code(count)
        if any("keras" in full or "tensorflow" in full for _, full in tree.imports()):
            tree.replace(count, f"{_maximum(tree, count)}({code}, {float(bound):g}.0)")
        else:
            tree.replace(count, f"{parenthesized(code, count)}.clamp(min={bound})")
    if counts:
        yield Edit("bounded-divisor", "Keep the number that the loss is divided by away from 0", tree.text())


def _counts(tree: Source, divisor: cst.BaseExpression) -> bool:
    """Whether this is a sum of the data, or the name of something computed."""
    if isinstance(divisor, cst.Call):
        return tree.callee(divisor) in _SUMS
    return isinstance(divisor, (cst.Name, cst.Attribute))


def _maximum(tree: Source, count: cst.BaseExpression) -> str:
    """The framework's maximum, named as its sum is: ``ops.maximum`` where ``ops.sum`` stands."""
    if isinstance(count, cst.Call) and isinstance(count.func, cst.Attribute):
        return f"{tree.code(count.func.value)}.maximum"
    return tree.spell("keras.ops.maximum")


def _counted(recording: Recording, call: LossCall, text: str) -> Iterator[Edit]:
    """The sum over the targets that count, divided by their number or by 1."""
    tree = Source(text)
    ignored = call.arguments.get("ignore_index", -100)
    made = loss.construction(tree, call)
    uses = loss.uses(tree, recording, call)
    mean = call.arguments.get("reduction", "mean") == "mean" and not call.arguments.get("weighted")
    if call.loss not in CLASSWISE or not mean or not uses:
        return
    if made is not None:
        tree.set_argument(made, "reduction", '"sum"')
    for use in uses:
        target = parenthesized(tree.code(use.target.value), use.target.value)
        if made is None:
            tree.set_argument(use.call, "reduction", '"sum"')
        tree.wrap(use.call, "", f" / ({target} != {ignored}).sum().clamp(min=1)")
    yield Edit("count-at-least-one", "Divide the sum by the number of targets that count, or by 1", tree.text())


def _unweighted(text: str) -> Iterator[Edit]:
    """The weights of the samples left out, where they are handed over."""
    tree = Source(text)
    given = [arg for call in tree.calls("fit") if (arg := tree.argument(call, "sample_weight")) is not None]
    for arg in given:
        tree.remove_item(arg)
    if given:
        name = last_name(given[0].value) or "sample_weight"
        yield Edit("without-weights", f"Leave out the weights that are all 0 ({name})", tree.text())

"""LK507: values that are no measurements give way to the feature's median, before anything is computed of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import libcst as cst

from losskit.doctor.finding import Finding
from losskit.doctor.orders import named
from losskit.doctor.probe.lineage import Step, lineage
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.data import NAMES
from losskit.doctor.remedies.kept import kept
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording

FAR = 100  # median absolute deviations: no measurement, whatever the distribution's tail


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    if (edit := kept(finding, source)) is not None:
        yield edit
    if finding.used_at is None or finding.evidence.get("role") != "inputs":
        return
    if finding.evidence.get("kind") == "non-finite":
        yield from _without_zero(source, finding.used_at.line)
        yield from _gaps_filled(source, finding.used_at.line)
    module = ast.parse(source)
    step = _first(module, finding.used_at.line)
    if step is None:
        return
    tree = Source(source)
    tree.insert_after(step.line, "\n".join(_imputed(tree, step)))
    yield Edit("impute", f"Put the median in the place of what is not finite or {FAR} deviations away", tree.text())


def _without_zero(text: str, line: int) -> Iterable[Edit]:
    """``(x - mean) / std`` with 1 in the place of a deviation of 0: a feature that does not vary becomes 0."""
    tree = Source(text)
    changed = False
    for node in tree.nodes(cst.BinaryOperation):
        divided = isinstance(node.operator, cst.Divide) and isinstance(node.right, (cst.Name, cst.Attribute))
        if divided and tree.line(node) <= line <= tree.last_line(node):
            code = tree.code(node.right)
            tree.replace(node.right, f"({code} + ({code} == 0))")
            changed = True
    if changed:
        yield Edit("no-zero-divisor", "Divide by 1 where the divisor is 0", tree.text())


def _gaps_filled(text: str, line: int) -> Iterable[Edit]:
    """``(frame - mean) / std`` of pandas, which leaves gaps out of mean and std: there 0 is the mean."""
    tree = Source(text)
    if not any(module.partition(".")[0] == "pandas" for _, module in tree.imports()):
        return
    scaled = [
        node
        for node in tree.nodes(cst.BinaryOperation)
        if isinstance(node.operator, cst.Divide)
        and isinstance(node.left, cst.BinaryOperation)
        and isinstance(node.left.operator, cst.Subtract)
        and tree.line(node) <= line <= tree.last_line(node)
    ]
    for node in scaled:
        tree.replace(node, f"({tree.code(node)}).fillna(0)")
    if scaled:
        yield Edit("gaps-to-mean", "Put the mean in the place of what is missing", tree.text())


def _first(module: ast.Module, line: int) -> Step | None:
    """The first array of inputs on the way to that line, with all that is written into it."""
    at = [node for node in ast.walk(module) if isinstance(node, ast.Assign) and node.lineno == line]
    targets = [part for node in at for target in node.targets for part in getattr(target, "elts", [target])]
    bare = [part.value if isinstance(part, ast.Subscript) else part for part in targets]
    given = [found for part in bare if (found := named(part)) is not None]
    name = next((one for one in given if NAMES["inputs"].match(one)), given[0] if given else None)  # inputs come first
    if name is None:
        return None
    way: list[Step] = []
    for step in lineage(module, name, line + 1):
        if step.name != name and not NAMES["inputs"].match(step.name):
            break
        way.append(step)
        if step.how == "written":
            break
    return way[-1] if way else None


def _imputed(tree: Source, step: Step) -> list[str]:
    """One comparison finds NaN, infinities, stand-ins and outliers; a feature that hardly varies is left alone."""
    name = step.name
    if step.value is not None and "torch." in ast.unparse(step.value):
        torch = tree.spell("torch")
        centre, spread = f"{name}.nanmedian(dim=0).values", f"({name} - centre).abs().nanmedian(dim=0).values"
        where, infinity = f"{torch}.where(({name} - centre).abs() <= {FAR} * spread, {name}, centre)", 'float("inf")'
    else:
        numpy = tree.spell("numpy")
        centre = f"{numpy}.nanmedian({name}, axis=0)"
        spread = f"{numpy}.nanmedian({numpy}.abs({name} - centre), axis=0)"
        where = f"{numpy}.where({numpy}.abs({name} - centre) <= {FAR} * spread, {name}, centre)"
        infinity = f"{numpy}.inf"
    return [
        f"centre = {centre}",
        f"spread = {spread}",
        f"spread[spread == 0] = {infinity}",
        f"{name} = {where}",
    ]

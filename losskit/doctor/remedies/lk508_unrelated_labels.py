"""LK508: one order for both, inputs and labels."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

import libcst as cst

from losskit.doctor.finding import Finding
from losskit.doctor.orders import DRAWN, Reorder, unshared
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    if finding.evidence.get("mixed") and finding.used_at is not None:
        yield from _transposed(source, finding.used_at.line)
        return
    names = finding.evidence.get("reordered")
    found = unshared(ast.parse(source))
    moved = [one for one in found if isinstance(names, list) and one.name in names]
    for how in ("in place", "loader"):  # of which one may go by another name later
        if any(one.how == how for one in moved):
            moved += [one for one in found if one.how == how and one not in moved]
            moved.sort()
    for how, edit, said in (
        ("index", _one_order, "Draw one order for all arrays"),
        ("index", _one_index, "Index inputs and labels with the same order"),
        ("offset", _one_index, "Take inputs and labels from the same places"),
        ("in place", _one_shuffle, "Shuffle inputs and labels together"),
        ("call", _one_seed, "Shuffle inputs and labels alike"),
        ("call", _as_it_was, "Leave inputs and labels in the order they are in"),
        ("split", _one_split, "Split inputs and labels together"),
        ("loader", _one_generator, "Shuffle inputs and labels alike"),
    ):
        those = [one for one in moved if one.how == how]
        tree = Source(source)
        if those and edit(tree, those):
            yield Edit("one-order", said, tree.text())


def _transposed(text: str, line: int) -> Iterable[Edit]:
    """``h.reshape(n, -1)`` → ``h.transpose(0, 1).reshape(n, -1)``: the samples come first, then they are laid out."""
    tree = Source(text)
    call = tree.call(line, "reshape", "view")
    if call is not None and isinstance(call.func, cst.Attribute) and tree.qualified(call.func) != "torch.reshape":
        given = ", ".join(tree.code(arg.value) for arg in call.args)
        tree.replace(call, f"{tree.code(call.func.value)}.transpose(0, 1).reshape({given})")
        yield Edit("transpose", "Swap the axes before the entries are laid out anew", tree.text())


def _one_order(tree: Source, moved: list[Reorder]) -> bool:
    """``[a[rng.permutation(len(a))] for a in arrays]``: the order is drawn once, before."""
    own = _subscript(tree, moved[-1]) if len(moved) == 1 else None
    around: cst.CSTNode | None = tree.ancestor(own, cst.BaseComp) if own is not None else None
    index = _index(own) if own is not None else None
    if not isinstance(around, (cst.ListComp, cst.GeneratorExp)) or index is None:
        return False
    if tree.code(around.for_in.target) != moved[0].name or not isinstance(around.for_in.iter, cst.Name):
        return False
    drawn = re.sub(rf"\b{re.escape(moved[0].name)}\b", f"{around.for_in.iter.value}[0]", tree.code(index))
    name = _fresh(tree)
    tree.insert_before(moved[0].line, f"{name} = {drawn}")
    tree.replace(index, name)
    return True


def _one_index(tree: Source, moved: list[Reorder]) -> bool:
    """The last one is indexed as the array beside it is; what both draw is drawn once before."""
    own = _subscript(tree, moved[-1])
    other = _subscript(tree, moved[0]) if len(moved) > 1 else _beside(tree, own)
    if own is None or other is None:
        return False
    theirs, mine = _index(other), _index(own)
    if theirs is None or mine is None:
        return False
    code = tree.code(theirs)
    if code == tree.code(mine):  # one name, given twice: the order in between goes
        given = [a for a in tree.nodes(cst.Assign) if [tree.code(to.target) for to in a.targets] == [code]]
        between = [a for a in given if tree.line(other) < tree.line(a) < tree.line(own)]
        for assign in between:
            tree.remove_statement(assign)
        return bool(between)
    if len(moved) == 1 and moved[0].how == "index":
        tree.replace(theirs, tree.code(mine))
        return True
    if any(tree.callee(call) in DRAWN for call in tree.nodes(cst.Call, theirs)):
        name = _fresh(tree)
        tree.insert_before(tree.line(other), f"{name} = {code}")
        tree.replace(theirs, name)
        code = name
    tree.replace(mine, code)
    return True


def _one_shuffle(tree: Source, moved: list[Reorder]) -> bool:
    """Two arrays that are shuffled in place are put into one order; one alone is left as it is."""
    calls = [call for one in moved if (call := tree.call(one.line, "shuffle", "sort")) is not None]
    if len(calls) != len(moved):
        return False
    if len(calls) == 1:
        tree.remove_statement(calls[0])
        return True
    name = _fresh(tree)
    module = tree.code(calls[0].func).rpartition(".")[0]
    drawn = f"{module}.permutation" if module != "random" else tree.spell("numpy.random.permutation")
    first = moved[0].name
    tree.insert_before(moved[0].line, f"{name} = {drawn}(len({first}))")
    for one, call in zip(moved, calls, strict=True):
        tree.replace(call, f"{one.name} = {one.name}[{name}]")
    return True


def _one_seed(tree: Source, moved: list[Reorder]) -> bool:
    """Pipelines that are shuffled side by side, ``xs = xs.shuffle(n)``, come in the same order with the same seed."""
    calls = [call for one in moved if (call := tree.call(one.line, "shuffle")) is not None]
    owned = [isinstance(call.func, cst.Attribute) and tree.code(call.func.value) for call in calls]
    if len(calls) < 2 or owned != [one.name for one in moved]:
        return False
    for call in calls:
        tree.set_argument(call, "seed", "0")
    return True


def _one_generator(tree: Source, moved: list[Reorder]) -> bool:
    """Loaders that draw from generators of the same seed give the same orders."""
    calls = [call for one in moved if (call := tree.call(one.line, "DataLoader")) is not None]
    for call in calls:
        tree.set_argument(call, "generator", f"{tree.spell('torch')}.Generator().manual_seed(0)")
    return len(calls) > 1


def _as_it_was(tree: Source, moved: list[Reorder]) -> bool:
    done = False
    for one in moved:
        for assign in tree.nodes(cst.Assign):
            if tree.line(assign) == one.line and isinstance(assign.value, cst.Call):
                if [tree.code(to.target) for to in assign.targets] == [one.name]:
                    tree.remove_statement(assign)
                else:
                    tree.replace(assign.value, one.name)
                done = True
    return done


def _one_split(tree: Source, moved: list[Reorder]) -> bool:
    """``X_train, X_test, y_train, y_test = train_test_split(X, y, …)``."""
    lines = [one.line for one in moved]
    splits = [assign for assign in tree.nodes(cst.Assign) if tree.line(assign) in lines]
    if len(splits) != 2 or any(len(split.targets) != 1 for split in splits):
        return False
    first, second = splits
    call = first.value
    if not isinstance(call, cst.Call):
        return False
    tree.replace(first.targets[0].target, ", ".join(tree.code(split.targets[0].target) for split in splits))
    tree.replace(call.args[0].value, f"{tree.code(call.args[0].value)}, {moved[1].name}")
    tree.remove_statement(second)
    return True


def _subscript(tree: Source, moved: Reorder) -> cst.Subscript | None:
    """The array with its index, at that line."""
    found = (node for node in tree.nodes(cst.Subscript) if tree.line(node) == moved.line)
    return next((node for node in found if tree.code(node.value) == moved.name), None)


def _beside(tree: Source, own: cst.Subscript | None) -> cst.Subscript | None:
    """The nearest other array that is indexed within a line of it, by what depends on a variable."""
    if own is None:
        return None
    inside = {id(node) for node in tree.nodes(cst.Subscript, own)}
    others = [
        node
        for node in tree.nodes(cst.Subscript)
        if id(node) not in inside
        and abs(tree.line(node) - tree.line(own)) <= 1
        and tree.code(node.value) != tree.code(own.value)
        and isinstance(node.value, (cst.Name, cst.Attribute))
        and any(True for part in node.slice for _ in tree.nodes(cst.Name, part))
    ]
    return min(others, key=lambda node: abs(tree.line(node) - tree.line(own)), default=None)


def _index(node: cst.Subscript) -> cst.CSTNode | None:
    """The index of the first dimension."""
    first = node.slice[0].slice
    return first.value if isinstance(first, cst.Index) else first


def _fresh(tree: Source) -> str:
    used = {node.value for node in tree.nodes(cst.Name)}
    return next(name for name in ("order", "shuffled", "permutation", "row_order") if name not in used)

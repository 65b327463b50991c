"""LK305: what was left out is given to the optimizer, registered, or reached by gradients again."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import dedent

import libcst as cst

from losskit.doctor.evidence.place import optimizer_place
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.loop import made, model_names, stepped
from losskit.doctor.remedies.optimizer import optimizer_call
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording

_LEAVING = ("numpy", "detach", "cpu", "item", "clone")  # methods that a value goes through on its way out of the graph
_ENTERING = ("from_numpy", "tensor", "as_tensor", "Tensor", "FloatTensor", "Variable")


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    """What stands at the finding's line tells which fault it is."""
    if finding.used_at is None:
        return
    line = finding.used_at.line
    optimizer = optimizer_place(recording)
    made_at = optimizer.line if optimizer is not None and optimizer.file == finding.used_at.file else line
    found = (
        ("module-list", "Keep the layers in a container that registers them", _registered(source, line)),
        ("optimizer-later", "Make the optimizer after the model is complete", _later(source, made_at, recording)),
        ("add-group", "Hand the new layers to the optimizer", _added(source, line, made_at)),
        ("all-parameters", "Give the optimizer all parameters", _all_parameters(source, line, recording)),
        ("keep-graph", "Let gradients pass", _connected(source, line)),
        ("trainable", "Train these layers", _trainable(source, line, recording)),
        ("step", "Make a step after backward", _with_step(source, line, recording)),
    )
    yield from (Edit(name, title, text) for name, title, text in found if text is not None)


_CONTAINERS: dict[type[cst.CSTNode], str] = {
    cst.List: "ModuleList",
    cst.ListComp: "ModuleList",
    cst.Dict: "ModuleDict",
    cst.DictComp: "ModuleDict",
}


def _registered(source: str, line: int) -> str | None:
    """``self.blocks = [nn.Linear(…), …]`` becomes a ModuleList, a dict a ModuleDict; also one that a variable holds."""
    tree = Source(source)
    owners = [node for node in tree.nodes(cst.Assign) if tree.code(node.targets[0].target).startswith("self.")]
    held = [(node, kind) for node in owners if (kind := _container(tree, node)) is not None]
    around = [(node, kind) for node, kind in held if tree.line(node) <= line <= tree.last_line(node)]
    appended = [call for call in tree.calls("append", "extend", "insert") if tree.line(call) == line]
    for call in appended if not around else ():
        name = tree.code(call.func.value) if isinstance(call.func, cst.Attribute) else ""
        around += [(n, kind) for n, kind in held if name in (tree.code(n.targets[0].target), tree.code(n.value))]
    for node, kind in around[:1]:
        tree.replace(node.value, f"{tree.spell('torch.nn.' + kind)}({tree.code(node.value)})")
        return tree.text()
    return None


def _container(tree: Source, assign: cst.Assign) -> str | None:
    """The registering kind of the list or dict that is assigned, as it stands or by the name of a local variable."""
    value: cst.CSTNode = assign.value
    function = tree.ancestor(assign, cst.FunctionDef)
    if isinstance(value, cst.Name) and function is not None:
        name = value.value
        made = [
            node.value
            for node in tree.nodes(cst.Assign, function)
            if tree.code(node.targets[0].target) == name and tree.line(node) < tree.line(assign)
        ]
        value = made[-1] if made else value
    return _CONTAINERS.get(type(value))


def _later(source: str, line: int, recording: Recording) -> str | None:
    """An optimizer that is made before the model gets new layers is made after them, once more if it was used."""
    tree = Source(source)
    call = optimizer_call(tree, line)
    statement = tree.ancestor(call, cst.SimpleStatementLine) if call is not None else None
    if call is None or statement is None:
        return None
    block = tree.parent(statement)
    put_in = [
        node
        for node in tree.nodes(cst.Assign)
        if tree.line(node) > line and tree.parent(tree.parent(node)) is block and _part_of(tree, node, recording)
    ]
    if not put_in:
        return None
    whole = source.splitlines()[tree.line(statement) - 1 : tree.last_line(statement)]
    tree.insert_after(tree.last_line(put_in[-1]), dedent("\n".join(whole)))
    if not _is_used_between(tree, statement, put_in[-1]):
        tree.remove_statement(call)
    return tree.text()


def _added(source: str, line: int, made_at: int) -> str | None:
    """A layer that is put into a model where the optimizer is an attribute of an object (``trainer.optimizer``)."""
    tree = Source(source)
    put_in = next((node for node in tree.nodes(cst.Assign) if tree.line(node) == line), None)
    optimizer = next((node for node in tree.nodes(cst.Assign) if tree.line(node) == made_at), None)
    owner = tree.ancestor(optimizer, cst.ClassDef) if optimizer is not None else None
    if put_in is None or optimizer is None or owner is None or not isinstance(put_in.value, cst.Call):
        return None
    held = tree.code(optimizer.targets[0].target)
    objects = [node for node in tree.nodes(cst.Assign) if tree.code(node.value).startswith(f"{owner.name.value}(")]
    if not held.startswith("self.") or not objects or not isinstance(put_in.targets[0].target, cst.Attribute):
        return None
    name, layer = tree.code(objects[-1].targets[0].target), tree.code(put_in.targets[0].target)
    tree.insert_after(tree.last_line(put_in), f'{name}{held[4:]}.add_param_group({{"params": {layer}.parameters()}})')
    return tree.text()


def _is_used_between(tree: Source, statement: cst.SimpleStatementLine, end: cst.CSTNode) -> bool:
    """Whether what the statement assigns is read before that line."""
    names = {tree.code(target.target) for node in tree.nodes(cst.Assign, statement) for target in node.targets}
    lines = range(tree.last_line(statement) + 1, tree.line(end))
    read = (*tree.nodes(cst.Name), *tree.nodes(cst.Attribute))
    return any(tree.code(node) in names and tree.line(node) in lines for node in read)


def _part_of(tree: Source, assign: cst.Assign, recording: Recording) -> bool:
    """Whether it puts a layer into a model: ``model.fc = …``, ``model.layers[3] = …``."""
    target = tree.code(assign.targets[0].target)
    return any(target.startswith((f"{name}.", f"{name}[")) for name in model_names(tree, recording))


def _all_parameters(source: str, line: int, recording: Recording) -> str | None:
    tree = Source(source)
    call = optimizer_call(tree, line)
    arg = tree.argument(call, "params", 0) if call is not None else None
    if arg is None:
        return None
    given = [
        one for one in tree.nodes(cst.Attribute, arg.value) if one.attr.value in ("parameters", "named_parameters")
    ]
    given_names = [tree.code(one.value) for one in given]
    whole = [
        name for name in model_names(tree, recording) if not any(name.startswith(f"{one}.") for one in given_names)
    ]
    roots = [name for name in whole if not any(name != other and name.startswith(f"{other}.") for other in whole)]
    if not roots:
        return None
    code = f"{roots[0]}.parameters()"
    if len(roots) > 1:
        code = f"[{', '.join(f'*{name}.parameters()' for name in roots)}]"
    tree.replace(arg.value, code)
    return tree.text()


def _connected(source: str, line: int) -> str | None:
    """Without the detach, no_grad or way through NumPy at that line, or the copy of a loss made for backward."""
    tree = Source(source)
    over = [call for call in tree.calls() if tree.line(call) <= line <= tree.last_line(call)]
    guards = [call for call in over if tree.callee(call) in ("no_grad", "inference_mode")]
    guards = [call for call in guards if tree.line(call) == line] or [*_decorators(tree, line)]
    for guard in guards:
        tree.replace(guard, tree.spell("torch.enable_grad") + "()")
        return tree.text()
    copies = [call for call in over if tree.callee(call) in _ENTERING and call.args]
    copies = copies or [call for call in tree.calls(*_ENTERING) if tree.argument(call, "requires_grad") and call.args]
    for call in copies:
        inner = _inside(call.args[0].value)
        if isinstance(inner, cst.Call) and (tree.qualified(inner.func) or "").startswith("numpy.") and inner.args:
            name = tree.callee(inner)
            tree.replace(call, f"{tree.spell('torch.' + name)}({tree.code(_inside(inner.args[0].value))})")
        elif isinstance(tree.parent(call), cst.Assign) and tree.code(inner) == _target(tree, call):
            tree.remove_statement(call)
        else:
            tree.replace(call, tree.code(inner))
        return tree.text()
    detached = [call for call in over if tree.callee(call) == "detach" and isinstance(call.func, cst.Attribute)]
    for call in detached:
        tree.unwrap(call)
        return tree.text()
    for node in tree.nodes(cst.Attribute):
        if node.attr.value == "data" and tree.line(node) <= line <= tree.last_line(node):
            tree.replace(node, tree.code(node.value))
            return tree.text()
    return None


def _decorators(tree: Source, line: int) -> Iterable[cst.BaseExpression]:
    for function in tree.nodes(cst.FunctionDef):
        if tree.line(function) <= line <= tree.line(function) + len(function.decorators):
            for one in function.decorators:
                if "no_grad" in tree.code(one.decorator) or "inference_mode" in tree.code(one.decorator):
                    yield one.decorator


def _inside(node: cst.BaseExpression) -> cst.BaseExpression:
    """``x`` of ``x.detach().cpu().numpy()`` and of ``x.data``."""
    while True:
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value in _LEAVING:
            node = node.func.value
        elif isinstance(node, cst.Attribute) and node.attr.value == "data":
            node = node.value
        else:
            return node


def _target(tree: Source, call: cst.Call) -> str:
    assign = tree.parent(call)
    return tree.code(assign.targets[0].target) if isinstance(assign, cst.Assign) else ""


def _trainable(source: str, line: int, recording: Recording) -> str | None:
    """``requires_grad = False`` or ``trainable=False`` at that line said the other way, and all optimized; True, where
    a variable says which layers are trained."""
    tree = Source(source)
    for node in tree.nodes(cst.Assign):
        said = tree.code(node.targets[0].target).rpartition(".")[2] if tree.line(node) == line else ""
        if said in ("requires_grad", "trainable") and tree.code(node.value) not in ("True", "False"):
            tree.replace(node.value, "True")
            return tree.text()
    for node in tree.nodes(cst.Name):
        if node.value == "False" and tree.line(node) == line:
            statement = tree.statement(line)
            if statement is not None and any(word in tree.code(statement) for word in ("requires_grad", "trainable")):
                tree.replace(node, "True")
                text, places = tree.text(), [one.place for one in recording.optimizers if one.steps]
                whole = _all_parameters(text, places[0].line, recording) if places and places[0] is not None else None
                return whole or text
    for call in tree.calls():
        arg = tree.argument(call, "trainable")
        if arg is not None and tree.line(call) <= line <= tree.last_line(call):  # a variable, which is False
            tree.replace(arg.value, "True")
            return tree.text()
    return None


def _with_step(source: str, line: int, recording: Recording) -> str | None:
    """``optimizer.step()`` after the backward at that line, in a file that has none there."""
    tree = Source(source)
    backward = next((call for call in tree.calls("backward") if tree.line(call) <= line <= tree.last_line(call)), None)
    places = [one.place for one in recording.optimizers if one.place is not None and not one.steps]
    name = next(filter(None, (made(tree, place.line) for place in places)), None)
    if backward is None or name is None or stepped(tree, backward) == name:
        return None
    tree.insert_after(tree.last_line(backward), f"{name}.step()")
    return tree.text()

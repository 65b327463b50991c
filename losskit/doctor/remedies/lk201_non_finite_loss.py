"""LK201: logarithms in a form that cannot meet zero, a clipped gradient, or a lower rate."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from losskit.doctor.evidence.place import optimizer_place
from losskit.doctor.evidence.rate import rate_of
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.lk302_exploding_gradient import with_clipping
from losskit.doctor.remedies.optimizer import number, with_rate
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording

SMALLEST = "1e-7"  # the spacing of float32 below 1: log(1 − p) and log(p) stay finite


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    stable = _stable_logarithms(source)
    if stable is not None:
        yield Edit("stable-logarithm", "Keep the logarithm's argument away from zero", stable)
    place = optimizer_place(recording)
    if place is None or finding.place is None or place.file != finding.place.file:
        return
    clipped = with_clipping(source, place.line)
    if clipped is not None:
        yield Edit("clip-gradient-norm", "Clip the gradient norm before each step", clipped)
    rate = rate_of(recording)
    if rate is not None:
        code = number(rate / 10)
        slower = with_rate(source, place, recording, code)
        if slower is not None:
            yield Edit(f"rate-{code}", f"Set the learning rate to {code}", slower)


def _stable_logarithms(text: str) -> str | None:
    """``log(sigmoid(x))`` and ``log(softmax(x))`` fused; the argument of any other logarithm bounded from below."""
    tree = Source(text)
    changed = False
    for call in tree.calls("log"):
        qualified = tree.qualified(call.func) or ""
        inner = tree.applied_to(call)
        if inner is None or qualified.startswith(("math.", "numpy.")):
            continue
        fused = {"softmax": "log_softmax", "sigmoid": "logsigmoid"}.get(
            tree.callee(inner) if isinstance(inner, cst.Call) else ""
        )
        if fused is not None and isinstance(inner, cst.Call):
            tree.replace(call, _fused(tree, inner, fused))
        elif not (isinstance(inner, cst.Call) and tree.callee(inner) in ("clamp", "clamp_min", "clip", "sum", "exp")):
            tree.replace(inner, f"{_bracketed(tree, inner)}.clamp(min={SMALLEST})")
        else:
            continue
        changed = True
    return tree.text() if changed else None


def _fused(tree: Source, inner: cst.Call, name: str) -> str:
    """``softmax(x, dim=1)`` → ``F.log_softmax(x, dim=1)``."""
    argument = tree.applied_to(inner)
    rest = [arg for arg in inner.args if arg.value is not argument]
    written = ", ".join([tree.code(argument), *(tree.code(arg) for arg in rest)]) if argument is not None else ""
    return f"{tree.spell('torch.nn.functional.' + name)}({written})"


def _bracketed(tree: Source, node: cst.BaseExpression) -> str:
    simple = isinstance(node, (cst.Name, cst.Attribute, cst.Call, cst.Subscript))
    return tree.code(node) if simple else f"({tree.code(node)})"

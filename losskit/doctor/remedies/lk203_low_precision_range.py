"""LK203: weights in float32, and bfloat16 where the script computes in float16 beside them."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    wide = _exchanged(source, method="float", weights="float32", computed="bfloat16")
    if wide is not None:
        yield Edit("float32", "Keep weights and data in float32; compute in bfloat16 where types are mixed", wide)
    brain = _exchanged(source, method="bfloat16", weights="bfloat16", computed="bfloat16")
    if brain is not None:
        yield Edit("bfloat16", "Use bfloat16, which has float32's range, instead of float16", brain)


def _exchanged(text: str, method: str, weights: str, computed: str) -> str | None:
    """The file with every float16 exchanged: ``x.half()``, ``torch.float16``, ``"float16"``, ``"mixed_float16"``."""
    tree = Source(text)
    changed = False
    for call in tree.calls("half"):
        if isinstance(call.func, cst.Attribute) and not call.args:
            tree.replace(call.func.attr, method)
            changed = True
    for node in tree.nodes(cst.Attribute):
        if tree.qualified(node) in ("torch.float16", "torch.half", "numpy.float16", "tensorflow.float16"):
            inside = tree.ancestor(node, cst.Call)
            mixed = inside is not None and "autocast" in tree.callee(inside)
            tree.replace(node.attr, computed if mixed else weights)
            changed = True
    for string in tree.nodes(cst.SimpleString):
        new = {"float16": weights, "mixed_float16": f"mixed_{computed}"}.get(str(string.evaluated_value))
        if new is not None:
            tree.replace(string, f"{string.quote}{new}{string.quote}")
            changed = True
    return tree.text() if changed else None

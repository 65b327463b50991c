"""LK304: rectified hidden units, which have no flat ends, or units whose inputs are normalised."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.activation import exchanged
from losskit.doctor.remedies.initial import with_zero_biases
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    biases = with_zero_biases(source)
    if biases is not None:
        yield Edit("zero-biases", "Start the biases at zero", biases)
    text = exchanged(source, {"Sigmoid": "ReLU", "Tanh": "ReLU"}, keep_last=True)
    if text is not None:
        yield Edit("relu", "Use ReLU in the hidden layers", text)
    text = _normalised(source)
    if text is not None:
        yield Edit("layer-norm", "Normalise what goes into the hidden units", text)


def _normalised(source: str) -> str | None:
    """Each squashing function in a forward gets normalised inputs."""
    tree = Source(source)
    changed = False
    for call in tree.calls("tanh", "sigmoid", "hardtanh", "hardsigmoid"):
        inner = tree.applied_to(call)
        if inner is None or isinstance(tree.parent(call), cst.Return):
            continue
        layer_norm, code = tree.spell("torch.nn.functional.layer_norm"), tree.code(inner)
        tree.replace(inner, f"{layer_norm}({code}, ({code}).shape[-1:])")
        changed = True
    return tree.text() if changed else None

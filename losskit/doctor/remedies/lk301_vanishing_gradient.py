"""LK301: rectified hidden units, with He initialisation."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.activation import exchanged
from losskit.doctor.remedies.source import Source, last_name
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    """ReLU with He initialisation first: PyTorch's default initial weights have a third of the variance it needs."""
    rectified = exchanged(source, {"Sigmoid": "ReLU", "Tanh": "ReLU"}, keep_last=True)
    initialised = _with_he(rectified or source, recording)
    if rectified and initialised:
        yield Edit("relu-he", "Use ReLU with He initialisation in the hidden layers", initialised)
    if rectified:
        yield Edit("relu", "Use ReLU in the hidden layers", rectified)
    elif initialised:
        yield Edit("he", "Initialise the weights for ReLU (He et al., 2015)", initialised)


def _with_he(text: str, recording: Recording) -> str | None:
    """A PyTorch file with its linear and convolutional weights initialised after the model is made."""
    keras = recording.framework == "keras"
    if keras or "kaiming" in text:
        return None
    tree = Source(text)
    made = _model(tree)
    if made is None:
        return None
    name, line = made
    nn = tree.spell("torch.nn.init.kaiming_normal_").removesuffix(".init.kaiming_normal_")
    if nn == "kaiming_normal_":
        return None
    tree.insert_after(
        line,
        f"for layer in {name}.modules():\n"
        f"    if isinstance(layer, ({nn}.Linear, {nn}.Conv1d, {nn}.Conv2d)):\n"
        f'        {nn}.init.kaiming_normal_(layer.weight, nonlinearity="relu")',
    )
    return tree.text()


def _model(tree: Source) -> tuple[str, int] | None:
    """(name, last line) of the assignment of what the optimizer gets the parameters of."""
    names = {
        call.func.value.value
        for call in tree.calls("parameters")
        if isinstance(call.func, cst.Attribute) and isinstance(call.func.value, cst.Name)
    }
    for assign in tree.nodes(cst.Assign):
        bound = [last_name(to.target) for to in assign.targets]
        if len(bound) == 1 and bound[0] in names:
            return bound[0], tree.last_line(assign)
    return None

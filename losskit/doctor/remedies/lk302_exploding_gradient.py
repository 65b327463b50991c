"""LK302: smaller initial weights, the gradient norm clipped before the step, or a lower rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from losskit.doctor.evidence.place import optimizer_place
from losskit.doctor.evidence.rate import rate_of
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.optimizer import is_keras, number, optimizer_call, with_rate, with_setting
from losskit.doctor.remedies.source import Source, last_name
from losskit.recording.recording import Recording

NORM = "1.0"  # the usual bound (ZClip's and the Transformers trainer's default)


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    """Initial weights that explain it, then clipping, then a tenth of the rate."""
    if "last_output_over_first" in finding.evidence and (text := with_he(source)) is not None:
        yield Edit("he", "Draw the initial weights as ReLU needs them (He et al., 2015)", text)
    place = optimizer_place(recording)
    if place is None or (finding.used_at is not None and place.file != finding.used_at.file):
        return
    clipped = with_clipping(source, place.line)
    if clipped is not None:
        yield Edit("clip-gradient-norm", f"Clip the gradient norm to {NORM} before each step", clipped)
    rate = rate_of(recording)
    if rate is not None:
        text = with_rate(source, place, recording, number(rate / 10))
        if text is not None:
            yield Edit(f"rate-{number(rate / 10)}", f"Set the learning rate to {number(rate / 10)}", text)


def with_he(source: str) -> str | None:
    """A PyTorch file that draws weights from a distribution as wide as their layer allows, None when it draws none."""
    tree = Source(source)
    drawn = [(call, tree.applied_to(call)) for call in tree.calls("normal_", "uniform_")]
    weights = [(call, tree.code(tensor)) for call, tensor in drawn if tensor is not None]
    weights = [(call, tensor) for call, tensor in weights if "weight" in tensor]
    for call, tensor in weights:
        tree.replace(call, f"{tree.spell('torch.nn.init.kaiming_normal_')}({tensor})")
    return tree.text() if weights else None


def with_clipping(source: str, line: int) -> str | None:
    """The file with clipping at the optimizer that is constructed at that line; None when it clips, or cannot."""
    tree = Source(source)
    call = optimizer_call(tree, line)
    if call is None or tree.calls("clip_grad_norm_", "clip_grad_value_"):
        return None
    if tree.callee(call) == "compile":
        return tree.text() if with_setting(tree, call, "clipnorm", NORM) else None
    if is_keras(tree, call):
        if tree.argument(call, "clipnorm") is not None:
            return None
        tree.set_argument(call, "clipnorm", NORM)
        return tree.text()
    parameters = tree.argument(call, "params", 0)
    step = next(_steps(tree, call), None)
    if parameters is None or step is None or not isinstance(parameters.value, cst.Call):
        return None
    clip = tree.spell("torch.nn.utils.clip_grad_norm_")
    tree.insert_before(tree.line(step), f"{clip}({tree.code(parameters.value)}, max_norm={NORM})")
    return tree.text()


def _steps(tree: Source, made: cst.Call) -> Iterator[cst.Call]:
    """Calls of `step` of that optimizer (of a variable of its name, or of the attribute of self that holds it)."""
    assign = tree.parent(made)
    names = {last_name(to.target) for to in assign.targets} if isinstance(assign, cst.Assign) else set()
    for call in tree.calls("step"):
        if isinstance(call.func, cst.Attribute) and last_name(call.func.value) in names:
            yield call

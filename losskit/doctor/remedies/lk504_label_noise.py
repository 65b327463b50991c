"""LK504: a loss that bounds what one label can do, or a stop before the wrong ones are known by heart."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.outcome import the_loss
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit, lk501_overfitting
from losskit.doctor.remedies.loss import construction, keras_exchange, uses
from losskit.doctor.remedies.source import Source
from losskit.recording.facts import LossCall
from losskit.recording.recording import Recording

GENERALISED = '''

def generalised_cross_entropy(logits, target, q=0.7):
    """(1 - p**q) / q of the target's probability p: between cross-entropy and absolute error (arXiv 1805.07836)."""
    probability = logits.softmax(dim=1).gather(1, target.unsqueeze(1)).clamp_min(1e-7)
    return ((1 - probability**q) / q).mean()

'''
SMOOTHING = "0.2"


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    call = the_loss(recording)
    if call is not None and call.loss == "CrossEntropy":
        yield from _torch(call, recording, source) if call.written_by == "torch" else _keras(call, source)
    yield from lk501_overfitting.propose(finding, recording, source)


def _torch(call: LossCall, recording: Recording, source: str) -> Iterable[Edit]:
    title = "Use the generalised cross-entropy, to which a label that does not fit matters less"
    if call.target is not None and len(call.target.shape) == 1 and not call.arguments.get("weighted"):
        tree = Source(source)
        made = construction(tree, call)
        if made is not None:
            tree.replace(made, "generalised_cross_entropy")
        else:
            for use in uses(tree, recording, call):
                tree.replace(use.call.func, "generalised_cross_entropy")
        tree.add_import(GENERALISED.rstrip("\n"))
        yield Edit("generalised-cross-entropy", title, tree.text())
    tree = Source(source)
    made = construction(tree, call)
    for node in [made] if made is not None else [use.call for use in uses(tree, recording, call)]:
        tree.set_argument(node, "label_smoothing", SMOOTHING)
    yield Edit("label-smoothing", f"Smooth the labels by {SMOOTHING}", tree.text())


def _keras(call: LossCall, source: str) -> Iterable[Edit]:
    tree = Source(source)
    if call.expects == "probabilities" and keras_exchange(tree, call.created, "categorical_generalized_cross_entropy"):
        title = "Use the generalised cross-entropy, to which a label that does not fit matters less"
        yield Edit("generalised-cross-entropy", title, tree.text())

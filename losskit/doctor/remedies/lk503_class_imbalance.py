"""LK503: classes weighted by the inverse of their frequency."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.floor import class_counts
from losskit.doctor.evidence.outcome import the_loss
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording

TITLE = "Weight the classes by the inverse of their frequency"


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    """n/(K·nₖ) for class k (scikit-learn's "balanced"; King & Zeng, 2001), or n₀/n₁ for the positive class."""
    call = the_loss(recording)
    counts = class_counts(call) if call is not None else None
    if call is None or not counts or finding.used_at is None:
        return
    total = sum(counts.values())
    classes = range(max(counts) + 1)
    if any(counts.get(label, 0) == 0 for label in classes):
        return
    balanced = {label: total / (len(classes) * counts[label]) for label in classes}
    tree = Source(source)
    if call.written_by == "keras":
        fit = tree.call(finding.used_at.line, "fit", "train_on_batch")
        if fit is None or tree.argument(fit, "class_weight") is not None:
            return
        shown = ", ".join(f"{label}: {weight:.3g}" for label, weight in balanced.items())
        tree.set_argument(fit, "class_weight", f"{{{shown}}}")
        yield Edit("class-weight", TITLE, tree.text())
        return
    classwise = tree.call(finding.used_at.line, "CrossEntropyLoss", "NLLLoss", "cross_entropy", "nll_loss")
    binary = tree.call(finding.used_at.line, "BCEWithLogitsLoss", "binary_cross_entropy_with_logits")
    if classwise is not None:
        shown = ", ".join(f"{weight:.3g}" for weight in balanced.values())
        tree.set_argument(classwise, "weight", f"{tree.spell('torch.tensor')}([{shown}])")
    elif binary is not None:
        tree.set_argument(
            binary, "pos_weight", f"{tree.spell('torch.tensor')}({float(f'{counts[0] / counts[1]:.3g}')})"
        )
    else:
        return
    yield Edit("class-weight", TITLE, tree.text())

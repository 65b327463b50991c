"""LK501: stop where the validation loss is smallest, or weight decay."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from losskit.doctor.evidence.place import first_site, optimizer_place
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.epochs import with_epochs
from losskit.doctor.remedies.optimizer import optimizer_call
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording

DECAY = "0.01"  # AdamW's default


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    keras = recording.framework == "keras"
    stopped = _early_stopping(source) if keras else _fewer_epochs(source, finding, recording)
    if stopped is not None:
        yield stopped
    place = optimizer_place(recording)
    if not keras and place is not None and (finding.used_at is None or place.file == finding.used_at.file):
        decayed = _with_decay(source, place.line)
        if decayed is not None:
            yield Edit("weight-decay", f"Use weight decay ({DECAY})", decayed)


def _early_stopping(source: str) -> Edit | None:
    """Keras stops by itself, and keeps the best weights."""
    tree = Source(source)
    fit = next((call for call in tree.calls("fit") if tree.argument(call, "epochs")), None)
    if fit is None or tree.calls("EarlyStopping"):
        return None
    stop = f"{_keras(tree)}.EarlyStopping(patience=5, restore_best_weights=True)"
    callbacks = tree.argument(fit, "callbacks")
    if callbacks is None:
        tree.set_argument(fit, "callbacks", f"[{stop}]")
    elif isinstance(callbacks.value, cst.List):
        tree.replace(callbacks.value, f"[{stop}, {tree.code(callbacks.value)[1:]}")
    else:
        tree.replace(callbacks.value, f"[*{tree.code(callbacks.value)}, {stop}]")
    return Edit(
        "early-stopping", "Stop when the validation loss no longer falls, and keep the best weights", tree.text()
    )


def _keras(tree: Source) -> str:
    bound = {full: name for name, full in tree.imports()}
    if "keras" not in bound and "tensorflow.keras" not in bound and "tensorflow" in bound:
        return f"{bound['tensorflow']}.keras.callbacks"
    if "keras" not in bound and "tensorflow.keras" not in bound:
        tree.add_import("import keras")
    return f"{bound.get('keras') or bound.get('tensorflow.keras') or 'keras'}.callbacks"


def _fewer_epochs(source: str, finding: Finding, recording: Recording) -> Edit | None:
    """The loop over epochs ended at the pass whose validation loss was smallest."""
    best, passes = finding.evidence.get("best_pass"), finding.evidence.get("passes")
    loop = first_site(recording, "epochs")
    if not isinstance(best, int) or not isinstance(passes, int) or loop is None:
        return None
    changed = with_epochs(source, loop.line, recording, lambda epochs: max(round((best + 1) * epochs / passes), 1))
    if changed is None:
        return None
    text, epochs = changed
    return Edit("fewer-epochs", f"Stop after {epochs} epochs, where the validation loss was smallest", text)


def _with_decay(source: str, line: int) -> str | None:
    """Adam becomes AdamW, whose decay is not divided by the gradient's size (Loshchilov & Hutter, 2019)."""
    tree = Source(source)
    call = optimizer_call(tree, line)
    if (
        call is None
        or tree.argument(call, "weight_decay") is not None
        or tree.callee(call) not in ("Adam", "AdamW", "SGD")
    ):
        return None
    if tree.callee(call) == "Adam":
        tree.rename(call, "AdamW")
    tree.set_argument(call, "weight_decay", DECAY)
    return tree.text()

"""LK306: weights drawn as wide as their layer allows: He's for rectified units, else Glorot's."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.initial import with_keras_initializers, with_scaled_at, with_scaled_weights
from losskit.recording.recording import Recording

_SQUASHING = ("tanh", "sigmoid", "softsign", "hardtanh", "hard_sigmoid")


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    names = [(layer.activation or layer.kind).lower() for layer in recording.layers]
    rectified = any("relu" in name for name in names) or bool(recording.per_layer("dead_fraction"))
    squashing = any(name in _SQUASHING for name in names) or bool(recording.per_layer("saturated_fraction"))
    glorot = squashing and not rectified
    title = f"Draw the initial weights as {'Glorot & Bengio (2010)' if glorot else 'He et al. (2015)'} say"
    if recording.framework == "keras":
        text = with_keras_initializers(source, "glorot_normal" if glorot else "he_normal")
    else:
        how = "xavier_normal_" if glorot else "kaiming_normal_"
        text = with_scaled_weights(source, how, constants=True)
        if text is None and finding.used_at is not None:
            text = with_scaled_at(source, finding.used_at.line, how)
    if text is not None:
        yield Edit("glorot" if glorot else "he", title, text)

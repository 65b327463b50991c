"""LK304: hidden units of a bounded activation sit in its flat ends, where hardly any gradient passes."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.gradients import dead_at
from losskit.doctor.evidence.outcome import adversarial, skill, suffering
from losskit.doctor.evidence.place import first_site
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import Layer
from losskit.recording.recording import Recording

FLAT = 0.5


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    shares = {
        name: dead_at(signal, end=True) or 0.0 for name, signal in recording.per_layer("saturated_fraction").items()
    }
    layers = {layer.name: layer for layer in _hidden(recording)}
    flat = {name: share for name, share in shares.items() if share >= FLAT and name in layers}
    trouble = suffering(recording)
    if not flat or adversarial(recording):
        return
    name = next(iter(flat))
    layer = layers[name]
    at_start = dead_at(recording.signal(f"saturated_fraction/{name}"), end=False) or 0.0
    when = "from the start" if at_start >= FLAT else f"({at_start:.0%} at the start)"
    yield rule.finding(
        f"{flat[name]:.0%} of the outputs of {layer.activation or 'the activation'} in {name} lie in its flat ends "
        f"{when}, where hardly any gradient passes{f'; {trouble}' if trouble else ''}.",
        place=(layer.biased if at_start >= FLAT else None)  # a gate that is shut from the start
        or layer.activated
        or layer.place
        or first_site(recording, "model"),
        confidence=0.85 if trouble else 0.5,
        severity=None if trouble else "info",
        evidence={"saturated_fraction": flat, "at_start": at_start, "skill": skill(recording)},
    )


def _hidden(recording: Recording) -> list[Layer]:
    """Layers in front of the last one with weights: an output may be as sure as it likes."""
    last = max((layer.depth for layer in recording.layers if layer.trainable and layer.fan_in), default=0)
    return [layer for layer in recording.layers if layer.depth < last]


RULE = Rule(
    code="LK304",
    name="saturated-units",
    severity="error",
    what="Most outputs of a sigmoid or tanh layer are at the ends of its range, where its slope is almost zero.",
    why=(
        "Large inputs, large weights or a large step drove the units there; the slope that the gradient is "
        "multiplied by is below 0.02, so they hardly come back."
    ),
    fix="Scale what goes into the activation, draw smaller initial weights, or use ReLU in hidden layers.",
    thresholds=(
        "Half of a hidden layer's outputs (DeepDiagnosis, ICSE 2022: more than half of the units) beyond ±0.99 of a "
        "tanh, outside 0.01 to 0.99 of a sigmoid, in the median of the last quarter of the run, while it gains less "
        "than half of what chance leaves; without that harm it is only mentioned."
    ),
    needs=("saturated_fraction/<layer>", "loss"),
    false_alarms=0.01,
    check=check,
    explains=("LK301", "LK402", "LK403", "LK404", "LK405", "LK503"),
    settings=("()", "activation", "val", "mean", "a", "b"),
)

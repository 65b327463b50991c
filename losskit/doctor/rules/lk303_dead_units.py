"""LK303: most units of a rectified layer are zero for every sample, and so are their gradients."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.gradients import dead_at
from losskit.doctor.evidence.outcome import adversarial, skill, suffering
from losskit.doctor.evidence.place import first_site
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import Layer, Place
from losskit.recording.recording import Recording

DEAD = 0.7


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    ends = {name: dead_at(signal, end=True) for name, signal in recording.per_layer("dead_fraction").items()}
    dead = {name: share for name, share in ends.items() if share is not None and share >= DEAD}
    if not dead or adversarial(recording):
        return
    trouble = suffering(recording)
    name = next(iter(dead))  # the first: what follows a dead layer gets nothing either
    at_start = dead_at(recording.signal(f"dead_fraction/{name}"), end=False) or 0.0
    layer = next((layer for layer in recording.layers if layer.name == name), None)
    first = _first_values(recording, layer) if layer is not None and at_start >= DEAD else None
    when = "from the start" if at_start >= DEAD else f"({at_start:.0%} at the start)"
    yield rule.finding(
        f"{dead[name]:.0%} of the units of {name} are dead at the end {when}: zero for every sample, without gradient"
        f"{f'; {trouble}' if trouble else ''}.",
        place=first or (layer.place if layer is not None else None) or first_site(recording, "model"),
        settings=("val",) if first else (),
        confidence=0.9 if trouble else 0.6,
        severity=None if trouble else "info",
        evidence={"dead_fraction": dead, "at_start": at_start, "skill": skill(recording)},
    )


def _first_values(recording: Recording, dead: Layer) -> Place | None:
    """Where the script gives first biases, else first weights, to the layer that feeds the units."""
    feeding = [one for one in recording.layers if one.trainable and one.depth <= dead.depth]
    layer = max(feeding, key=lambda one: one.depth, default=None)
    return None if layer is None else layer.biased or layer.initialised


RULE = Rule(
    code="LK303",
    name="dead-units",
    severity="warning",
    what="Most units of a ReLU layer output zero whatever the input; no gradient reaches them, so they stay that way.",
    why="A large step or a negative bias pushed their pre-activations below zero for every sample.",
    fix="Lower the learning rate, start biases at zero with He initialisation, or use LeakyReLU.",
    thresholds=(
        "At least 70 % of a layer's units dead (AUTOTRAINER γ, ICSE 2021) in the median of the last quarter of the "
        "run, while it gains less than half of what chance leaves; without that harm it is only mentioned."
    ),
    needs=("dead_fraction/<layer>", "loss"),
    false_alarms=0.01,
    check=check,
    explains=("LK402", "LK404", "LK405", "LK503"),
)

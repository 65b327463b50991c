"""LK302: gradients grow on their way back, or leap, and throw the weights away."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.gradients import EXPLODED, cliff, gradient_flow
from losskit.doctor.evidence.outcome import adversarial, descent, suffering
from losskit.doctor.evidence.place import first_site, optimizer_place
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    trouble, curve = suffering(recording), descent(recording)
    if trouble is None or curve is None or adversarial(recording):
        return
    flow, leap = gradient_flow(recording, start_only=True), cliff(recording)
    evidence: dict[str, object] = {}
    said = []
    if flow is not None and flow.ratio > EXPLODED and flow.monotone and flow.trend.slope < 0:
        evidence |= {"first_over_last": flow.ratio, "decades_per_layer": flow.trend.slope}
        said.append(f"from the last to the first of {len(flow.layers)} layers they grow {flow.ratio:.3g} times")
    if leap is not None:
        evidence |= {"step": leap[0], "times_usual": leap[1]}
        said.append(f"at step {leap[0]} their norm leapt to {leap[1]:.3g} times the usual")
    if not said:
        return
    norms = recording.signal("gradient_norm").finite()
    evidence["gradient_norm_largest"] = float(norms.max()) if len(norms) else None
    yield rule.finding(
        f"Gradients explode: {' and '.join(said)}; {trouble}.",
        place=first_site(recording, "backward", "step") or optimizer_place(recording) or first_site(recording, "fit"),
        confidence=0.9,
        evidence=evidence,
    )


RULE = Rule(
    code="LK302",
    name="exploding-gradient",
    severity="error",
    what=(
        "Gradients grow geometrically on their way back through layers or time steps, and single steps wreck the "
        "weights."
    ),
    why=(
        "Multiplying by many matrices whose norms exceed 1 grows without bound; recurrent networks do it at a cliff "
        "of the loss (Pascanu, Mikolov & Bengio, 2013)."
    ),
    fix="Clip the gradient norm before the optimizer's step; use smaller initial weights.",
    thresholds=(
        "The first layer's mean |gradient| is more than 70 times the last one's at the start (AUTOTRAINER β₃, ICSE "
        "2021) and rises by a rank test, or the norm leaps 100-fold out of a calm of ten steps; and the loss "
        "diverges or gains less than half of what chance leaves."
    ),
    needs=("gradient_norm or gradient_mean_absolute/<layer>", "loss"),
    false_alarms=0.01,
    check=check,
    explains=("LK201", "LK202", "LK205", "LK206", "LK404"),
)

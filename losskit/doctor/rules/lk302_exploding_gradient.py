"""LK302: gradients grow on their way back, or leap, and throw the weights away."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.gradients import explosions
from losskit.doctor.evidence.outcome import adversarial, suffering
from losskit.doctor.evidence.place import first_site, optimizer_place
from losskit.doctor.evidence.rate import ordinary_rate
from losskit.doctor.evidence.scale import unscaled_inputs, unscaled_targets
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    trouble, found = suffering(recording), explosions(recording)
    if trouble is None or not found or adversarial(recording):
        return
    if not ordinary_rate(recording) or unscaled_inputs(recording) or unscaled_targets(recording):
        return  # these make any gradient large
    norms = recording.signal("gradient_norm").finite()
    evidence: dict[str, object] = {name: value for numbers in found.values() for name, value in numbers.items()}
    evidence["gradient_norm_largest"] = float(norms.max()) if len(norms) else None
    yield rule.finding(
        f"Gradients explode: {' and '.join(found)}; {trouble}.",
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
        "At an ordinary rate, on scaled data: the first layer's mean |gradient| is more than 70 times the last "
        "one's at the start (AUTOTRAINER β₃, ICSE 2021) and rises by a rank test, or the last layer's output is as "
        "much larger than the first one's; or the norm leaps 100-fold out of a calm of ten steps, in a recurrent "
        "network also from the first step on; or the very first step changes a recurrent layer by more than all of its "
        "weights; and the loss diverges or gains less than half of what chance leaves."
    ),
    needs=("gradient_norm or gradient_mean_absolute/<layer>", "loss"),
    false_alarms=0.01,
    check=check,
    explains=("LK201", "LK202", "LK205", "LK206", "LK404"),
)

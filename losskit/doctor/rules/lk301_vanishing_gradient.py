"""LK301: gradients shrink geometrically on their way back, so the first layers do not learn."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from losskit.doctor.evidence.gradients import VANISHED, Flow, dead_at, gradient_flow
from losskit.doctor.evidence.outcome import adversarial, descent, skill, suffering
from losskit.doctor.evidence.place import first_site
from losskit.doctor.evidence.rate import SMALL_UPDATE
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import Layer, Place
from losskit.recording.recording import Recording

SQUASHING = {"sigmoid", "tanh", "hard_sigmoid", "hardsigmoid", "softsign", "hardtanh", "logsigmoid", "hard_tanh"}


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    flow, curve, gained = gradient_flow(recording), descent(recording), skill(recording)
    if flow is None or curve is None or adversarial(recording) or curve.non_finite is not None:
        return
    if flow.ratio >= VANISHED or not flow.monotone or flow.trend.slope <= 0 or _died(recording):
        return
    first = flow.layers[0]
    updates = recording.signal(f"update_ratio/{first.name}").finite()
    update = float(np.median(updates)) if len(updates) else None
    if gained is None or suffering(recording) is None:
        return  # it learns all the same (or nobody can tell): residual paths, normalisation, an adaptive optimizer
    squashing = _squashing(recording, flow)
    per_layer = 10.0**-flow.trend.slope
    yield rule.finding(
        f"Gradients vanish: from the last to the first of {len(flow.layers)} layers they shrink to {flow.ratio:.1e}, "
        f"by {per_layer:.2g} per layer{f' of {squashing.activation or squashing.kind}' if squashing else ''}; "
        f"the first layers do not learn.",
        place=_place(recording, squashing, first),
        confidence=0.95 if update is None or update < SMALL_UPDATE else 0.85,
        evidence={
            "first_over_last": flow.ratio,
            "decades_per_layer": flow.trend.slope,
            "mean_absolute_gradient": dict(
                zip((layer.name for layer in flow.layers), map(float, flow.sizes), strict=True)
            ),
            "first_layer_update_ratio": update,
            "skill": gained,
        },
    )


def _died(recording: Recording) -> bool:
    """Dead units pass no gradient either, and are another fault."""
    shares = (dead_at(signal, end=True) for signal in recording.per_layer("dead_fraction").values())
    return any(share is not None and share > 0.9 for share in shares)


def _squashing(recording: Recording, flow: Flow) -> Layer | None:
    """The first squashing activation in front of the last layer with weights."""
    layers = sorted(recording.layers, key=lambda layer: layer.depth)
    hidden = (layer for layer in layers if layer.depth < flow.layers[-1].depth)
    return next((layer for layer in hidden if (layer.activation or layer.kind).lower() in SQUASHING), None)


def _place(recording: Recording, squashing: Layer | None, first: Layer) -> Place | None:
    squashed = first.activated if len(recording.signal(f"saturated_fraction/{first.name}")) else None
    return (squashing.place if squashing else squashed) or first.place or first_site(recording, "model")


RULE = Rule(
    code="LK301",
    name="vanishing-gradient",
    severity="error",
    what="The gradient shrinks by a constant factor per layer on its way back; the first layers get next to nothing.",
    why=(
        "Each layer multiplies the gradient by its weights and by the activation's slope, which is at most 0.25 for "
        "a sigmoid: ten of them leave a millionth."
    ),
    fix="Use ReLU (or GELU, SiLU) with He initialisation in the hidden layers, or normalisation or residual paths.",
    thresholds=(
        "Mean |gradient| of the first layer below 1e-3 of the last one's (AUTOTRAINER β₁, ICSE 2021), falling with "
        "depth by a rank test at one-sided 5 %, while the run gains less than half of what chance leaves."
    ),
    needs=("gradient_mean_absolute/<layer>", "Layer", "loss", "Metric or LossCall.target"),
    false_alarms=0.01,
    check=check,
    explains=("LK304", "LK402", "LK404", "LK503"),
    settings=("()", "activation"),
)

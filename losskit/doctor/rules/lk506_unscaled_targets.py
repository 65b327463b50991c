"""LK506: regression targets in natural units that the model's outputs take forever to reach."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from losskit.doctor.evidence.outcome import adversarial, descent, skill, suffering
from losskit.doctor.evidence.place import discarded_place, target_place
from losskit.doctor.evidence.rate import ordinary_rate
from losskit.doctor.evidence.scale import unscaled_targets
from losskit.doctor.evidence.trend import blocks
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording

FAR = 0.5  # standard deviations of the targets between their mean and the predictions' mean
MOST = 0.5  # of the run spent on the way there
POOR = 0.1  # R²


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    shown, curve = unscaled_targets(recording), descent(recording)
    if shown is None or curve is None or adversarial(recording):
        return
    trouble = _trouble(recording, shown)
    yield rule.finding(
        f"The targets are not scaled: mean {shown['mean']:.3g}, standard deviation {shown['std']:.3g}"
        f"{f'; {trouble}' if trouble else ''}.",
        place=discarded_place(recording, "targets") or target_place(recording),
        confidence=(0.9 if ordinary_rate(recording) else 0.6) if trouble else 0.5,
        severity=None if trouble else "info",
        evidence={**shown, "loss_start": curve.start, "loss_end": curve.end, "skill": skill(recording)},
    )


def _trouble(recording: Recording, targets: dict[str, float]) -> str | None:
    """How the scale hurts: the loss blew up, or the predictions have not reached the targets' range."""
    curve, gained = descent(recording), skill(recording)
    assert curve is not None
    if curve.non_finite is not None:
        return "the loss became non-finite"
    if curve.diverged:
        return f"the loss grew from {curve.start:.3g} to {curve.end:.3g}"
    means = recording.signal("prediction/mean").finite()
    if len(means) and targets["std"] > 0:
        mean = float(np.median(means[-max(len(means) // 10, 1) :]))
        if abs(mean - targets["mean"]) > FAR * targets["std"]:
            return f"at the end the predictions still average {mean:.3g}"
        arrival = _arrival(recording, targets)
        if arrival is not None and arrival > MOST * curve.steps and suffering(recording):
            return f"the predictions took {arrival} of {curve.steps} steps to get there, and {suffering(recording)}"
    if gained is not None and gained < POOR:
        return f"R² is {gained:.2g} at the end"
    return None


def _arrival(recording: Recording, targets: dict[str, float]) -> int | None:
    """The step at which the predictions' mean came near the targets' to stay, on a line between two looks."""
    steps, means = blocks(recording.signal("prediction/mean"))
    beyond = np.abs(means - targets["mean"]) - FAR * targets["std"]
    far = np.flatnonzero(beyond > 0)
    if not len(far):
        return None
    last = int(far[-1])
    return int(np.interp(0, -beyond[last : last + 2], steps[last : last + 2]))


RULE = Rule(
    code="LK506",
    name="unscaled-targets",
    severity="error",
    what="The regression targets are far from zero mean and unit spread, and the model does not get there.",
    why=(
        "Outputs start near zero; to reach a mean of hundreds the weights must grow that much, and a squared "
        "error's gradients are as large as the distance."
    ),
    fix="Standardise the targets with the training targets' mean and standard deviation, and undo it on predictions.",
    thresholds=(
        "Mean or standard deviation of the targets of a squared or absolute loss above 10 (two orders of magnitude "
        "in the squared error), and the run diverges, R² stays below 0.1, or the predictions' mean ends half a "
        "standard deviation or more away, or took most of a run to get that near which gained less than half of what "
        "can be gained. Without that harm it is only mentioned."
    ),
    needs=("LossCall.target", "loss"),
    false_alarms=0.01,
    check=check,
    explains=("LK201", "LK202", "LK205", "LK206", "LK302", "LK303", "LK402", "LK403", "LK404", "LK405"),
)

"""LK512: a few far targets rule a squared error."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.data import WEIGHT
from losskit.doctor.evidence.floor import SQUARED
from losskit.doctor.evidence.outcome import adversarial, skill, suffering, the_loss
from losskit.doctor.evidence.place import labels_place
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording

MINORITY = 0.1  # of the targets: more are not outliers


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    data, call = recording.data, the_loss(recording)
    if data is None or call is None or call.loss not in SQUARED or adversarial(recording):
        return
    if not 0 < data.target_outliers <= MINORITY or data.target_outlier_weight < WEIGHT:
        return
    trouble = suffering(recording)
    yield rule.finding(
        f"{data.target_outliers:.1%} of the targets lie more than ten robust standard deviations from the median (up "
        f"to {data.target_outlier_score:.0f}) and hold {data.target_outlier_weight:.0%} of the squared deviation"
        f"{f'; {trouble}' if trouble else ''}.",
        place=labels_place(recording) or call.created or call.place,
        confidence=0.93 if trouble else 0.5,
        severity=None if trouble else "info",
        evidence={
            "function": call.function,
            "target_outliers": data.target_outliers,
            "target_outlier_score": data.target_outlier_score,
            "target_outlier_weight": data.target_outlier_weight,
            "target_quartiles": list(data.target_quartiles),
            "target_minimum": data.target_minimum,
            "target_maximum": data.target_maximum,
            "skill": skill(recording),
        },
    )


RULE = Rule(
    code="LK512",
    name="target-outliers",
    severity="warning",
    what="A few targets are so far from the others that a squared error is mostly about them.",
    why="The gradient of a squared error grows with the distance: the model is torn after each outlier in a batch.",
    fix="Use a loss whose gradient is bounded (Huber, absolute error), or drop the targets that cannot be right.",
    thresholds=(
        "At most a tenth of the targets lie beyond ten robust standard deviations (median and MAD; Hampel, 1974) and "
        "make out half or more of the squared deviation, and the run gains less than half of what chance leaves, or "
        "diverges. Without that harm it is only mentioned."
    ),
    needs=("DataFacts", "LossCall", "loss"),
    false_alarms=0.01,
    check=check,
    explains=("LK205", "LK206", "LK302", "LK401", "LK402", "LK403", "LK404", "LK405", "LK501", "LK506"),
)

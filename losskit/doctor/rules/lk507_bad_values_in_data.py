"""LK507: numbers in the data that are no measurements: NaN, infinity, stand-ins for missing values, absurd outliers."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.data import changed_place, looked_up
from losskit.doctor.evidence.outcome import adversarial, skill, suffering
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording

LEARNED = 0.9  # of what chance leaves: a run that got there made do with them
FEW = 0.5  # of the rows with a stand-in: beyond that the value is the rule


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    if adversarial(recording):
        return
    role = _non_finite(recording)
    trouble = suffering(recording)
    if role is not None:
        yield rule.finding(
            f"The {role} hold numbers that are not finite{f'; {trouble}' if trouble else ''}.",
            place=changed_place(recording, role, "written", "divided", "first"),
            confidence=0.98 if trouble else 0.6,
            severity=None if trouble else "info",
            evidence={"kind": "non-finite", "role": role, "rows": _share(recording, role)},
        )
        return
    data = recording.data
    if data is None or looked_up(recording):
        return
    if data.sentinel is not None and data.sentinel_rows <= FEW:
        said = (
            f"{data.sentinel:g} stands in {data.sentinel_rows:.1%} of the input rows, {data.sentinel_distance:.0f} "
            f"times the range of the other values away"
        )
    elif data.outlying_rows > 0:
        said = (
            f"{data.outlying_rows:.1%} of the input rows hold a value far from all others of its feature, up to "
            f"{data.outlier_score:.2g} robust standard deviations from the median"
        )
    else:
        return
    gained = skill(recording)
    unlearned = data.sentinel is not None and gained is not None and gained < LEARNED
    yield rule.finding(
        f"The inputs hold values that are hardly measurements: {said}{f'; {trouble}' if trouble else ''}.",
        place=changed_place(recording, "inputs", "written", "first"),
        confidence=0.94 if trouble else 0.7 if unlearned else 0.5,
        severity=None if trouble else "warning" if unlearned else "info",
        evidence={
            "kind": "sentinel" if data.sentinel is not None else "outlier",
            "role": "inputs",
            "value": data.sentinel,
            "rows": data.sentinel_rows if data.sentinel is not None else data.outlying_rows,
            "distance": data.sentinel_distance,
            "score": data.outlier_score,
            "skill": gained,
        },
    )


def _non_finite(recording: Recording) -> str | None:
    """Which of "inputs" and "targets" were not finite to begin with: a model that broke may be fed its own output."""
    events = [event for event in recording.events if event.kind == "non-finite" and "tensor" in event.data]
    first = min(events, key=lambda event: event.step or 0, default=None)
    broken = first.data["tensor"] if first is not None else None
    for role, tensor in (("inputs", "input"), ("targets", "target")):
        if broken == tensor or any(event.message == f"{tensor} of the data set" for event in events):
            return role
        if broken is None and _share(recording, role) > 0:
            return role
    return None


def _share(recording: Recording, role: str) -> float:
    """Of the rows looked at."""
    data = recording.data
    if data is None:
        return 0.0
    return data.non_finite_rows if role == "inputs" else data.non_finite_targets


RULE = Rule(
    code="LK507",
    name="bad-values-in-data",
    severity="error",
    what="Inputs or targets hold NaN, infinity, a stand-in for missing values (−999, 9999, 1e10), or absurd outliers.",
    why=(
        "One NaN makes the loss NaN, and every weight with it; one huge value makes the gradient and the scale of its "
        "feature, so that the others count for nothing."
    ),
    fix="Drop the rows, or put in the feature's median, where the data is read; then scale.",
    thresholds=(
        "Any number that is not finite; a value repeated three times or more that lies three ranges of all other "
        "values away from them; or at most a tenth of the rows ten times as far from the median as the next, and ten "
        "robust standard deviations (Hampel, 1974) or more; and the loss becomes non-finite, diverges, or the run "
        "gains less than half of what chance leaves, with a stand-in less than nine tenths. Without that harm it is "
        "only mentioned."
    ),
    needs=("DataFacts", "Event", "loss"),
    false_alarms=0.01,
    check=check,
    explains=(
        *("LK201", "LK202", "LK203", "LK204", "LK205", "LK206", "LK302", "LK303", "LK304", "LK401", "LK402"),
        *("LK403", "LK404", "LK405", "LK503", "LK505", "LK506"),
    ),
)

"""LK503: one class is rare, and the model ignores it."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.floor import class_counts
from losskit.doctor.evidence.outcome import descent, skill, the_loss
from losskit.doctor.evidence.place import first_site
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import Place
from losskit.recording.recording import Recording

RARE = 0.2  # share of the smallest class: "moderate" imbalance begins there (Google's machine-learning guide)
STEPS = 50


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    call, curve, metric = the_loss(recording), descent(recording), recording.metric
    if call is None or curve is None or metric is None or metric.value is None or curve.steps < STEPS:
        return
    counts = class_counts(call)
    if not counts or len(counts) < 2 or curve.non_finite is not None or curve.diverged:
        return
    total, classes = sum(counts.values()), len(counts)
    smallest = min(counts, key=lambda label: counts[label])
    share = counts[smallest] / total
    if share * classes / 2 > RARE:  # for K classes: relative to a balanced 1/K, as 0.2 is to 1/2
        return
    if any(call.arguments.get(name) for name in ("weight", "pos_weight", "class_weight", "weighted")):
        return
    learning = curve.floor is not None and curve.end < 0.98 * curve.floor
    if _ignored(recording, classes):
        what = f"the model ignores it: {metric.name} {metric.value:.3g} is that of always answering the same class"
    elif _mostly_missed(recording, classes) and learning:
        what = f"the model misses most of it: {metric.name} is {metric.value:.3g}"
    else:
        return
    yield rule.finding(
        f"Class {smallest} is {share:.1%} of the targets and {what}.",
        place=_weighted_at(recording) or call.created or call.place,
        confidence=0.85 if learning else 0.6,
        evidence={
            "counts": {str(label): count for label, count in sorted(counts.items())},
            "smallest_share": share,
            "metric": metric.value,
            "chance": metric.chance,
            "loss_end": curve.end,
            "chance_floor": curve.floor,
        },
    )


def _weighted_at(recording: Recording) -> Place | None:
    """Where Keras is told what each class weighs."""
    return first_site(recording, "fit") if recording.framework == "keras" else None


def _ignored(recording: Recording, classes: int) -> bool:
    """Whether the decisions are those of a constant: balanced accuracy near 1/K, accuracy near the largest share."""
    metric = recording.metric
    assert metric is not None
    assert metric.value is not None
    if metric.name == "balanced_accuracy":
        return metric.value < 1 / classes + 0.1 * (1 - 1 / classes)
    if metric.name == "accuracy" and metric.chance is not None:
        return metric.value < metric.chance + 0.1 * (1 - metric.chance)
    return False


def _mostly_missed(recording: Recording, classes: int) -> bool:
    """Whether, of two classes, less than half of the rare one is found: (1 + recall)/2 is the balanced accuracy of a
    model that always knows the frequent one."""
    metric, gained = recording.metric, skill(recording)
    named = metric is not None and metric.name == "balanced_accuracy"
    return named and classes == 2 and gained is not None and gained < 0.5


RULE = Rule(
    code="LK503",
    name="class-imbalance",
    severity="warning",
    what="One class has few samples, and the model never (or hardly ever) predicts it.",
    why="Every sample weighs the same in the mean, so answering the frequent class is already a small loss.",
    fix="Weight the classes by the inverse of their frequency (weight=, pos_weight=, class_weight=), or resample.",
    thresholds=(
        "A class holds at most 20 % of two classes' samples (0.4/K of K classes), and balanced accuracy is within a "
        "tenth of the way from chance to perfect; of two classes, where the loss is below its chance floor, within a "
        "half (less than half of the rare class is found). An imbalance that the model copes with is not reported."
    ),
    needs=("LossCall.target", "Metric", "loss"),
    false_alarms=0.01,
    check=check,
    explains=("LK404",),
    settings=("loss",),
)

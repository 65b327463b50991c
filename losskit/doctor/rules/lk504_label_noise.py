"""LK504: a part of the training labels is wrong, and the model learns it by heart."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from losskit.doctor.evidence.data import changed_place, wrong_labels
from losskit.doctor.evidence.outcome import adversarial, suffering
from losskit.doctor.evidence.trend import rank_trend
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording

WRONG = 0.1  # of the labels: more than the worst of ten test sets in use has (QuickDraw 10 %, Northcutt et al., 2021)


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    data, wrong = recording.data, wrong_labels(recording)
    if data is None or wrong is None or wrong < WRONG or adversarial(recording):
        return
    trouble = suffering(recording) or _memorised(recording)
    yield rule.finding(
        f"About {wrong:.0%} of the training labels are wrong: neighbours agree on {data.compared_agreement:.2f} of "
        f"what they could among training rows, on {data.evaluation_agreement:.2f} among evaluation rows"
        f"{f'; {trouble}' if trouble else ''}.",
        place=changed_place(recording, "targets", "written"),
        confidence=0.9 if trouble else 0.6,
        severity=None if trouble else "info",
        evidence={
            "wrong_labels": wrong,
            "training_agreement": data.compared_agreement,
            "evaluation_agreement": data.evaluation_agreement,
            "rows": data.compared_rows,
        },
    )


def _memorised(recording: Recording) -> str | None:
    """Whether the validation loss, or the task metric, got worse after its best."""
    losses = recording.signal("validation/loss").finite()
    if len(losses):
        best = int(losses.argmin())
        if rank_trend(losses[best:], np.arange(best, len(losses))).rising:
            return f"the validation loss has risen from {losses[best]:.3g} to {losses[-1]:.3g}"
    metric = recording.metric
    if metric is None or metric.value is None or metric.best is None or not metric.count or metric.name == "r2":
        return None
    noise = (metric.best * (1 - metric.best) / metric.count) ** 0.5
    if metric.best - metric.value > 3 * max(noise, 1 / metric.count):
        return f"{metric.name} has fallen from {metric.best:.3g} to {metric.value:.3g}"
    return None


RULE = Rule(
    code="LK504",
    name="label-noise",
    severity="warning",
    what="Many training labels are wrong; evaluation labels are not, or less often.",
    why="Cross-entropy weighs a label more the less it fits, and in the end the model knows the wrong ones by heart.",
    fix=(
        "Have the labels checked where neighbours disagree; until then stop early, or use a loss that bounds what one "
        "label can do (generalised cross-entropy, symmetric cross-entropy, label smoothing)."
    ),
    thresholds=(
        "The five nearest neighbours agree less among training rows than among as many evaluation rows, by four "
        "standard errors, and that makes out at least 10 % wrong labels (uniform noise; Zhang & Sabuncu, 2018). It is "
        "a warning when the run gains less than half of what chance leaves, or gets worse after its best."
    ),
    needs=("DataFacts", "Metric", "loss"),
    false_alarms=0.01,
    check=check,
    explains=("LK404", "LK405", "LK402", "LK403", "LK407", "LK501", "LK502"),
)

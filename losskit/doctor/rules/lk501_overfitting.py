"""LK501: the validation loss rises from its minimum while the training loss keeps falling."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from losskit.doctor.evidence.outcome import adversarial, loss_floor
from losskit.doctor.evidence.place import first_site, optimizer_place
from losskit.doctor.evidence.trend import blocks, rank_trend
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording, Signal

PASSES = 6  # from the minimum on: the fewest for which a two-sided rank test can reach 1 % (2/6! = 0.3 %)
LOSS = 0.05  # generalisation loss GL = E/E_min − 1: Prechelt's largest criterion, GL₅ (Early Stopping, But When?, 1998)
GIVEN_BACK = 0.1  # of the validation loss's whole descent
MOSTLY = 0.5  # of that descent
LARGE_LOSS = 0.5


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    signal = recording.signal("validation/loss")
    steps, values = np.asarray(signal.steps, dtype=np.float64), signal.array()
    if not np.isfinite(values).all() or len(values) < PASSES + 1 or adversarial(recording):
        return
    best = int(values.argmin())
    after = rank_trend(values[best:], steps[best:])
    train_steps, train = blocks(recording.signal("loss"))
    late = train[train_steps >= steps[best]]
    if len(values) - best < PASSES or not after.rising or len(late) < 2:
        return
    floor = loss_floor(recording)
    learns = floor is None or 0 <= late[-1] < floor  # a loss that has a chance floor is never negative
    if not (learns and late[-1] < values[best] and rank_trend(train, train_steps).falling and late[-1] < late[0]):
        return
    smallest = float(values[best])
    end = float(np.median(values[-3:]))
    loss = end / smallest - 1 if smallest > 0 else math.inf
    untrained = floor if floor is not None else float(np.nan_to_num(recording.signal("loss").values[0]))
    descent = max(float(values[0]), untrained) - smallest  # the first pass comes after an epoch of training
    given_back = (end - smallest) / descent if descent > 0 else math.inf
    if loss < LOSS:
        return
    lost = descent > 0 and given_back >= MOSTLY
    matters = lost or (given_back >= GIVEN_BACK and (loss >= LARGE_LOSS or _metric_fell(recording)))
    yield rule.finding(
        f"Overfitting: the validation loss was lowest ({smallest:.3g}) at step {int(steps[best])} and has risen to "
        f"{end:.3g} since, while the training loss fell to {late[-1]:.3g}.",
        place=first_site(recording, "fit") or optimizer_place(recording),
        confidence=0.9 if matters else 0.6,
        severity=None if matters else "info",
        evidence={
            "validation_loss_smallest": smallest,
            "validation_loss_end": end,
            "generalisation_loss": loss,
            "given_back": given_back,
            "best_step": int(steps[best]),
            "best_pass": best,
            "passes": len(values),
            "training_loss_end": float(late[-1]),
            "probability": after.probability,
        },
    )


def _metric_fell(recording: Recording) -> bool:
    """Whether the validation metric ends below its best by more than two standard errors."""
    signal: Signal = recording.signal("validation/metric")
    values, metric = signal.finite(), recording.metric
    if len(values) < PASSES or metric is None:
        return False
    best, end = float(values.max()), float(np.median(values[-3:]))
    noise = math.sqrt(max(best * (1 - best), 0.0) / metric.count) if metric.name != "r2" and metric.count else 0.05
    return best - end > 2 * noise


RULE = Rule(
    code="LK501",
    name="overfitting",
    severity="warning",
    what="The model goes on to learn the training samples by heart: it gets worse on samples it has not seen.",
    why="It has more freedom than the training set can pin down, and was trained beyond the point that generalises.",
    fix="Stop where the validation loss is smallest (early stopping), add weight decay, dropout or data.",
    thresholds=(
        "After its minimum the validation loss rises by a rank test (1 %, six passes or more), by at least 5 % "
        "(Prechelt's GL₅, 1998), while the training loss falls below it. It matters when half of the whole "
        "descent (from a constant prediction's loss) is given back, or a tenth of it and either half is added to the "
        "minimum or the metric falls by two standard errors; else it is only mentioned."
    ),
    needs=("validation/loss", "loss"),
    false_alarms=0.02,
    check=check,
)

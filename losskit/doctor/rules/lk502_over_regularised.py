"""LK502: regularisation so strong that the model cannot even fit the data it trains on."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.outcome import adversarial, descent, skill, suffering
from losskit.doctor.evidence.penalty import HALVED, pressures, shrunk
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording

STEPS = 50  # of a run that was meant to train: fewer are a try-out
LAST = 8  # training batches whose score is averaged
FITTED = 0.8  # of what chance leaves: training batches that score so much are fitted, and some of the rest is noise
PULLING = ("decay", "penalty", "layer-penalty")
# The arguments that say how strong a regulariser is.
SETTINGS = {
    "decay": ("weight_decay",),
    "dropout": ("p", "rate"),
    "smoothing": ("label_smoothing",),
    "penalty": ("*",),
    "layer-penalty": ("l2", "l1", "kernel_regularizer"),
}


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    curve, gained, harm = descent(recording), skill(recording), suffering(recording)
    if curve is None or curve.non_finite is not None or adversarial(recording) or curve.steps < STEPS:
        return
    for pressure in pressures(recording):
        left = shrunk(recording, pressure.layers)
        done = ""
        if pressure.kind in PULLING:
            if left is None or left >= HALVED:
                continue  # the weights hold out against it
            done = f"; the weights have shrunk to {left:.0%} of what they were"
        hurts = harm is not None and gained is not None
        heavy = pressure.kind in ("penalty", "layer-penalty") and _unfitted(recording)
        yield rule.finding(
            f"The model cannot fit its training data under {pressure.told}{done}: {harm}."
            if hurts
            else f"Strong regularisation: {pressure.told}{done}.",
            place=pressure.place,
            settings=SETTINGS.get(pressure.kind, ()),
            confidence=0.9 if hurts else 0.7 if heavy else 0.5,
            severity=None if hurts else "warning" if heavy else "info",
            evidence={
                "regulariser": pressure.kind,
                "value": pressure.value,
                "weights_left": left,
                "skill": gained,
                "loss_start": curve.start,
                "loss_end": curve.end,
                "chance_floor": curve.floor,
            },
        )


def _unfitted(recording: Recording) -> bool:
    """Whether the score of the training batches ends below four fifths of what chance leaves."""
    scores, metric = recording.signal("metric").finite(), recording.metric
    if metric is None or metric.chance is None or len(scores) < LAST:
        return False
    return float(scores[-LAST:].mean()) < metric.chance + FITTED * (1 - metric.chance)


RULE = Rule(
    code="LK502",
    name="over-regularised",
    severity="error",
    what="Weight decay, a penalty on the weights, dropout or label smoothing outweighs the data: training cannot fit.",
    why=(
        "Where the penalty is most of the objective, the way down is to shrink the weights, and with them every "
        "prediction towards a constant; a layer that loses most of its inputs learns from noise."
    ),
    fix="Begin without regularisation, fit the training data, then add as much as validation asks for.",
    thresholds=(
        "A penalty is at least half of the loss at the start; decay is beyond what is customary (0.1 decoupled, 0.01 "
        "coupled) and has had the time to halve the weights (rate × decay × steps ≥ ln 2); and the weights did fall "
        "below half of what they were. Or dropout is 0.8 or more (Srivastava et al., 2014, end at 0.8), label "
        "smoothing 0.5 or more (0.1 is usual). It counts when less than half of what can be gained over chance was "
        "gained, a penalty when it was less than four fifths on training batches."
    ),
    needs=("weight_norm", "loss", "OptimizerFacts", "Layer"),
    false_alarms=0.01,
    check=check,
    explains=("LK301", "LK303", "LK304", "LK402", "LK404", "LK405", "LK503"),
)

"""LK105: the output activation of a regression cannot reach the targets."""

from __future__ import annotations

import math
from collections.abc import Iterable

from losskit.doctor.evidence.loss_calls import (
    RANGES,
    REGRESSION,
    is_one_hot,
    last_activation,
    number,
    place_of,
    trained_on,
    within,
)
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import LossCall
from losskit.recording.recording import Recording

BEYOND = 0.5  # standard deviations of the targets


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    for call in trained_on(recording):
        if call.loss in REGRESSION and (finding := _unreachable(rule, call)) is not None:
            yield finding


def _unreachable(rule: Rule, call: LossCall) -> Finding | None:
    activation, target = last_activation(call), call.target
    if activation is None or activation.name not in RANGES or target is None or is_one_hot(target):
        return None
    low, high = RANGES[activation.name]
    if not within(call.prediction, low, high):  # something scales it after the activation
        return None
    if target.minimum is None or target.maximum is None or target.mean is None or not target.std:
        return None
    below, above = (low - target.minimum) / target.std, (target.maximum - high) / target.std
    outside = max(below, above)
    if outside < BEYOND:
        return None
    mean_outside = not low <= target.mean <= high
    reach = f"at least {low:g}" if math.isinf(high) else f"between {low:g} and {high:g}"
    return rule.finding(
        f"The model ends in {activation.name}, whose values are {reach}, but the targets go from "
        f"{number(target.minimum)} to {number(target.maximum)} (mean {number(target.mean)}): "
        + (
            "even the average target is out of its reach." if mean_outside else "it can never predict the rest of them."
        ),
        place=place_of(activation, call),
        confidence=0.98 if mean_outside or outside >= 1 else 0.85,
        evidence={
            "function": call.function,
            "activation": activation.name,
            "reach": [low, high if math.isfinite(high) else None],
            "target_minimum": target.minimum,
            "target_maximum": target.maximum,
            "target_mean": target.mean,
            "target_std": target.std,
            "standard_deviations_outside": outside,
        },
        severity="error" if mean_outside or outside >= 1 else "warning",
    )


RULE = Rule(
    code="LK105",
    name="unreachable-targets",
    severity="error",
    what="The last activation of a regression model is confined to a range that does not hold the targets.",
    why="A relu gives nothing below 0, a sigmoid nothing outside (0, 1): for targets beyond, the model sticks to the "
    "border, where the activation has no gradient, and the error stays.",
    fix="Let the last layer be linear, or scale the targets into the range of the activation.",
    thresholds="Targets beyond the range by half a standard deviation of the targets (a warning), by a whole one or "
    "with their mean beyond it (an error): a target d beyond costs at least d² in squared error, a quarter of the "
    "variance at half a standard deviation.",
    needs=("loss_calls",),
    false_alarms=0.001,
    check=check,
    explains=("LK404", "LK402", "LK301", "LK303", "LK304", "LK403", "LK405", "LK506"),
    settings=("activation", "()"),
)

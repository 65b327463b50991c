"""LK401: the learning rate is too high: steps overshoot, the loss grows or never settles."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from losskit.doctor.evidence.gradients import explosions
from losskit.doctor.evidence.noise import SMALL_BATCH, samples_per_step
from losskit.doctor.evidence.outcome import Descent, adversarial, descent, skill, suffering
from losskit.doctor.evidence.place import optimizer_place
from losskit.doctor.evidence.rate import (
    LARGE_UPDATE,
    at_full_rate,
    customary_rate,
    ordinary_rate,
    rate_of,
    the_optimizer,
    update_ratios,
)
from losskit.doctor.evidence.scale import unscaled_inputs, unscaled_targets
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    curve, optimizer = descent(recording), the_optimizer(recording)
    if curve is None or optimizer is None or adversarial(recording):
        return
    ordinary = ordinary_rate(recording)
    if ordinary and (unscaled_inputs(recording) or unscaled_targets(recording) or explosions(recording)):
        return  # the rate would do if it were not for these
    ratios = at_full_rate(update_ratios(recording), recording)
    sustained = len(ratios) > 0 and float(np.median(ratios)) > LARGE_UPDATE
    at_start = len(ratios) > 0 and float(ratios[:10].max()) > LARGE_UPDATE  # units that died at once move no more
    gained = skill(recording)

    if _broke(recording, curve):
        return  # LK201's: what was learned until then was learned at this rate
    if curve.diverged and _grew(recording, curve):
        happened, confidence = f"the loss grew from {curve.start:.3g} to {curve.peak:.3g}", 0.95
    elif (sustained or at_start) and _overshot(recording, curve) and suffering(recording):
        happened, confidence = f"the loss rose from {curve.start:.3g} to {curve.peak:.3g} and never settled", 0.9
    elif sustained and not ordinary and gained is not None and gained < 0.9:
        happened, confidence = "the loss cannot settle", 0.7
    else:
        return
    rate, customary = rate_of(recording), customary_rate(recording)
    moved = f"; a step changes the weights by {np.median(ratios):.0%}" if sustained else ""
    usual = f" ({customary:g} is customary)" if customary is not None and not ordinary else ""
    yield rule.finding(
        f"The learning rate{f' {rate:g}' if rate is not None else ''} of {optimizer.kind}{usual} is too high: "
        f"{happened}{moved}.",
        place=optimizer_place(recording),
        confidence=confidence if not ordinary else confidence - 0.1,
        evidence={
            "rate": rate,
            "customary_rate": customary,
            "loss_start": curve.start,
            "loss_peak": curve.peak,
            "loss_end": curve.end,
            "non_finite_step": curve.non_finite,
            "update_ratio": float(np.median(ratios)) if len(ratios) else None,
            "skill": gained,
        },
    )


def _grew(recording: Recording, curve: Descent) -> bool:
    """Whether the loss climbed before it was lost."""
    if curve.non_finite is None:
        return True
    signal = recording.signal("loss")
    before = np.array([v for step, v in signal if step < curve.non_finite and np.isfinite(v)])
    return len(before) > 1 and float(before[1:].max()) > 2 * max(curve.start, 0.0)


def _broke(recording: Recording, curve: Descent) -> bool:
    """Whether the loss was lost out of a fall: a single number broke, no step went too far."""
    return curve.non_finite is not None and curve.trend.falling and not _grew(recording, curve)


def _overshot(recording: Recording, curve: Descent) -> bool:
    samples = samples_per_step(recording)
    few = samples is not None and samples <= SMALL_BATCH  # the highest loss is that of a hard sample
    peak = float(curve.curve[1].max()) if few else curve.peak
    return peak > 2 * max(curve.start, curve.floor or curve.start)


RULE = Rule(
    code="LK401",
    name="rate-too-high",
    severity="error",
    what="The learning rate is so high that steps overshoot the minimum: the loss grows, or jumps about above chance.",
    why="Gradient descent is stable only while rate × curvature < 2; above that every step makes the error larger.",
    fix="Lower the learning rate by a factor of 10 to 100, to the optimizer's customary value.",
    thresholds=(
        "The loss ends above twice its start (or non-finite after it climbed), or updates change more than 10 % of "
        "the weights per step (log₁₀ ratio > −1: TheDeepChecker, arXiv 2204.00694; cs231n takes 1e-3 for usual) "
        "while the run gains less than half of what chance leaves. A rate is ordinary within a decade of the "
        "optimizer's default."
    ),
    needs=("loss", "OptimizerFacts"),
    false_alarms=0.01,
    check=check,
    explains=("LK201", "LK202", "LK205", "LK206", "LK302", "LK303", "LK304", "LK403", "LK404", "LK503"),
    settings=("lr", "learning_rate"),
)

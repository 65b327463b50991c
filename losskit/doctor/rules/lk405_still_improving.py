"""LK405: the run ended while the loss was still falling, with much left to gain."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from losskit.doctor.evidence.outcome import (
    NEIGHBOURLY,
    Descent,
    adversarial,
    at_chance,
    descent,
    held_out,
    metric_noise,
    neighbours_skill,
    skill,
)
from losskit.doctor.evidence.place import first_site, optimizer_place
from losskit.doctor.evidence.rate import ordinary_rate
from losskit.doctor.evidence.schedule import course
from losskit.doctor.evidence.trend import rank_trend
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording, Signal

STEPS = 20  # one for each block of the curve
PASSES = 6  # validation passes that can show a trend
BLOCKS = 3  # of the curve's twenty, that are averaged where it begins, turns and ends
# The second half's share of a decay e^(−t/τ) over a time T is 1/(1 + e^(T/2τ)): a half while it is a straight line,
# 0.38 after one time constant, which leaves 58 % of the descent so far to come, 0.27 after two, which leave 16 %.
UNBENT, BENT = 1 / (1 + math.exp(0.5)), 1 / (1 + math.exp(1.0))
PASSED, DESCENT = 4, -0.5  # passes and their Kendall's tau; who waits for nothing better does not stop at the best
FEW, QUARTER, GOOD = 5, 0.25, 0.85  # passes, the part of the error that the last one took, and a skill that suffices
MOVED = 0.02  # of its height: less of a descent could be the first turn of anything


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    stopped = _stopped_at_its_best(recording)
    if stopped is not None:
        yield _stopped(rule, recording, *stopped)
        return
    curve, gained, over = descent(recording), skill(recording), course(recording)
    if curve is None or gained is None or adversarial(recording):
        return
    short = _cut_short(recording)
    climbs = short or _climbs(recording)
    if gained >= max(0.5, NEIGHBOURLY * (neighbours_skill(recording) or 0.0)) and not climbs:
        return
    if curve.non_finite is not None or curve.steps < STEPS or not ordinary_rate(recording):
        return
    if over is not None and over.end < over.peak / 10:
        return  # the schedule had ended the run: more epochs of it would be steps of nothing
    begun, turned, ended = _heights(curve)
    error = curve.noise * math.sqrt(2 / BLOCKS)  # of a difference of two of them
    least = 0.0 if short else BENT if climbs else UNBENT  # the metric tells more than the loss
    if not (curve.trend.falling and turned - ended >= max(least * (begun - ended), 3 * error)):
        return
    if begun - ended < MOVED * abs(begun) or not _generalises(recording):
        return
    share = (turned - ended) / (begun - ended)
    epochs = recording.progress.epochs
    ran = f"{epochs} epochs" if epochs else f"{curve.steps} steps"
    yield rule.finding(
        f"The run ended after {ran} while the loss was still falling: {begun:.3g}, {turned:.3g} half way, {ended:.3g} "
        f"at the end, {max(gained, 0):.0%} of what can be gained over chance.",
        place=first_site(recording, "epochs", "fit", "loader") or optimizer_place(recording),
        confidence=0.7,
        # Of a batch's own pairs, as in contrastive learning, half is no mark.
        severity=None if held_out(recording) or at_chance(recording) else "info",
        evidence={
            "steps": curve.steps,
            "epochs": epochs,
            "late_share": share,
            "loss_start": curve.start,
            "loss_end": curve.end,
            "chance_floor": curve.floor,
            "skill": gained,
        },
    )


def _stopped_at_its_best(recording: Recording) -> tuple[int, int] | None:
    """(epochs made, epochs planned) where a script that waits for its validation to get no better has ended a run of
    which the last pass is the best, by its loss and by its score, after a descent."""
    progress = recording.progress
    losses, scores = (_one_a_step(recording.signal(f"validation/{name}")) for name in ("loss", "metric"))
    made = len(losses)
    planned = progress.planned_epochs
    if planned is None or not recording.places("patience") or not PASSED <= made < planned:
        return None
    best = losses[-1] < min(losses[:-1]) and scores[-1:] == [max(scores, default=0.0)]
    return (made, planned) if best and rank_trend(np.array(losses)).tau < DESCENT else None


def _one_a_step(signal: Signal) -> list[float]:
    """The first value of each step: a test after the run, with other weights perhaps, is no pass of it."""
    firsts: dict[int, float] = {}
    for step, value in zip(signal.steps, signal.values, strict=True):
        firsts.setdefault(int(step), float(value))
    return list(firsts.values())


def _stopped(rule: Rule, recording: Recording, made: int, planned: int) -> Finding:
    return rule.finding(
        f"The run was ended after {made} of {planned} epochs, while the validation was at its best: what "
        "decides when to stop takes better for worse, and may have kept the worst weights.",
        place=first_site(recording, "patience"),
        confidence=0.9,
        evidence={"epochs": made, "planned_epochs": planned, "skill": skill(recording), "stopped": True},
    )


def _heights(curve: Descent) -> tuple[float, float, float]:
    """The loss where the run begins, half way and where it ends."""
    values = curve.curve[1]
    middle = max((len(values) - BLOCKS) // 2, 0)
    parts = values[:BLOCKS], values[middle : middle + BLOCKS], values[-BLOCKS:]
    begun, turned, ended = (float(part.mean()) for part in parts)
    return begun, turned, ended


def _climbs(recording: Recording) -> bool:
    """Whether the second half brought the validation metric its share of the way from chance, beyond noise, and as much
    again is left."""
    values, metric = recording.signal("validation/metric").finite(), recording.metric
    chance = 0.0 if metric is None or metric.name == "r2" else metric.chance
    if len(values) < 2 or chance is None:
        return False
    turned, ended = float(values[(len(values) - 1) // 2]), float(values[-1])
    brought = ended - turned
    return max(BENT * (ended - chance), 3 * math.sqrt(2) * metric_noise(recording)) < brought <= 1 - ended


def _cut_short(recording: Recording) -> bool:
    """Whether the last of a few validation passes still took a quarter of the error, of its loss too, and beyond noise:
    whatever the error comes to rest at, the next pass would have taken more than a little."""
    values, losses = recording.signal("validation/metric").finite(), recording.signal("validation/loss").finite()
    gained = skill(recording)
    if not 2 <= len(values) <= FEW or gained is None or gained >= GOOD or not held_out(recording):
        return False
    before, last = 1 - float(values[-2]), 1 - float(values[-1])
    taken = before - last > max(QUARTER * before, 3 * math.sqrt(2) * metric_noise(recording))
    return taken and (len(losses) < 2 or float(losses[-1]) < (1 - QUARTER) * float(losses[-2]))


def _generalises(recording: Recording) -> bool:
    """Whether the validation loss, where there is one, does not already rise."""
    losses = recording.signal("validation/loss")
    return len(losses) < PASSES or not rank_trend(losses.array()[len(losses) // 2 :]).rising


RULE = Rule(
    code="LK405",
    name="still-improving",
    severity="warning",
    what="The run ended while the loss was still falling almost as fast as in the beginning, or was stopped at its "
    "best.",
    why=(
        "A loss that decays with a time constant of τ steps has most of its way before it after fewer than τ of them; "
        "it bends when it comes near its end."
    ),
    fix="Train for three to ten times as many epochs, or use smaller batches, which make more steps of an epoch.",
    thresholds=(
        "The loss falls by a rank test (1 %), and the second half of the run brings, beyond three standard errors, at "
        "least 38 % of the descent (an exponential decay of less than one time constant, which has 58 % of its descent "
        "so far, or more, yet to come), and less than half of what can be gained over chance was gained on held-out "
        "data, or nothing at all. Where more was gained, or the loss has bent (27 %, two time constants), the "
        "validation metric decides: its second half brings 27 % of its way, beyond three standard errors, and as much "
        "again is left. Of up to five passes it is enough that the last took a quarter of what was missing, and of "
        "the validation loss, while a skill of 85 % is not reached. A script that counts how long its validation has "
        "got no better is wrong to stop when the last of four passes or more is the best by loss and score, after a "
        "descent (Kendall's tau below −½). A rate ten "
        "times below the customary one that moves the weights by less than 1e-3 is LK402, the cause of the same curve."
    ),
    needs=("loss", "Metric or LossCall.target"),
    false_alarms=0.02,
    check=check,
    explains=("LK404", "LK503"),
    settings=("number", "epochs"),
)

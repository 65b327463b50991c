"""LK206: the loss fell, and then climbed away for good."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from losskit.doctor.evidence.numbers import lost_at
from losskit.doctor.evidence.outcome import adversarial, metric_noise, skill, suffering
from losskit.doctor.evidence.place import optimizer_place
from losskit.doctor.evidence.rate import the_optimizer
from losskit.doctor.evidence.swings import BEYOND  # of any two of 20 parts, as blocks are
from losskit.doctor.evidence.trend import blocks, rank_trend
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording, Signal

REGAINED = 0.5  # of what the loss had fallen
MEDIAN = math.sqrt(math.pi / 2)  # standard error of a median over that of a mean, of normal noise
RAISED = 3.0  # half a decade: rates are searched on a grid of that width (Bengio, 2012)


@dataclass(frozen=True)
class Climb:
    """From where the loss was lowest, at `step`, to the end."""

    start: float
    lowest: float
    end: float
    step: int
    last: int


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    climb, optimizer = _climb(recording), the_optimizer(recording)
    if climb is None or optimizer is None or adversarial(recording):
        return
    trouble = suffering(recording)
    harmed = trouble is not None and (_forgot(recording) or climb.end > climb.start)
    rate = recording.signal("rate")
    then, now = rate.at(climb.step), rate.at(climb.last)
    raised = then is not None and now is not None and now >= RAISED * then
    if lost_at(recording) is not None and not raised:  # of a loss that is no number others tell the cause
        return
    scheduled = optimizer.schedule.place if raised and optimizer.schedule is not None else None
    finding = rule.finding(
        f"The loss fell from {climb.start:.3g} to {climb.lowest:.3g} at step {climb.step} and has climbed to "
        f"{climb.end:.3g} since"
        + (f", while the learning rate was raised from {then:g} to {now:g}" if raised else "")
        + (f"; {trouble}." if harmed else "."),
        place=scheduled or optimizer_place(recording),
        confidence=(0.995 if raised else 0.8) if harmed else 0.5,
        severity="error" if harmed else "info",
        evidence={
            "loss_start": climb.start,
            "loss_lowest": climb.lowest,
            "loss_end": climb.end,
            "step": climb.step,
            "rate_at_lowest": then,
            "rate_at_end": now,
            "skill": skill(recording),
        },
    )
    yield replace(finding, explains=(*rule.explains, "LK201", "LK302", "LK401")) if raised and harmed else finding


def _climb(recording: Recording) -> Climb | None:
    """None for a loss that did not fall first, or did not climb by a rank test to half of where it came from, or
    whose batches' noise alone explains either: the lowest of 20 medians is the lowest by chance too."""
    signal = recording.signal("loss")
    steps, medians = blocks(signal)
    if len(medians) < 10:
        return None
    low = int(medians.argmin())
    start, lowest, end = float(signal.values[0]), float(medians[low]), float(medians[-1])
    rising = rank_trend(medians[low:], steps[low:]).rising
    if low == 0 or not rising or end - lowest < REGAINED * (max(start, medians[0]) - lowest):
        return None
    one = _scatter(signal, steps, medians)  # deviation of one loss, and below of the difference of two medians
    two = math.sqrt(2) * MEDIAN * one / math.sqrt(len(signal.finite()) / len(medians))
    fell = start - lowest > BEYOND * one or medians[0] - lowest > BEYOND * two
    if not fell or end - lowest <= BEYOND * two:
        return None
    return Climb(start, lowest, end, int(steps[low]), signal.steps[-1])


def _scatter(signal: Signal, steps: np.ndarray, medians: np.ndarray) -> float:
    """Standard deviation of single losses about the line through the medians, from their median distance to it;
    0 where each block has one loss, of whose noise nothing is known."""
    values = signal.array()
    kept = np.isfinite(values)
    distances = np.abs(values[kept] - np.interp(np.asarray(signal.steps)[kept], steps, medians))
    return float(np.median(distances)) / NormalDist().inv_cdf(0.75)


def _forgot(recording: Recording) -> bool:
    """Whether the task metric fell with it: below its best by more than the noise of both (three deviations)."""
    metric = recording.metric
    if metric is None or metric.value is None or metric.best is None:
        return False
    return metric.best - metric.value > max(3 * 2**0.5 * metric_noise(recording), 0.1 * abs(metric.best))


RULE = Rule(
    code="LK206",
    name="divergence",
    severity="error",
    what="The loss fell at first and then climbed away from what it had reached, for good.",
    why=(
        "The rate is too high for the curvature of the place that was reached: gradient descent is stable only below "
        "2/λmax, which grows in training (Cohen et al., 2021). A schedule that raises the rate, a momentum near 1, or "
        "an Adam whose second moment has faded to eps lead there late."
    ),
    fix="Lower the rate or let it decay, clip the gradient norm, keep the weights of the best step.",
    thresholds=(
        "After its lowest of 20 blocks the loss rises by the Mann–Kendall test at 1 % to half of where it came from; "
        "fall and climb are more than the scatter of single losses makes of any two of 20 medians at 1 %; "
        "the run gained less than half of what chance leaves, and its metric fell from its best beyond noise, or the "
        "loss ends above its start. Else a remark: losses of players, of annealed objectives and of rewards climb in "
        "healthy runs."
    ),
    needs=("loss", "OptimizerFacts"),
    false_alarms=0.005,
    check=check,
    explains=("LK205", "LK403", "LK404", "LK405"),
    settings=("lr", "learning_rate"),
)

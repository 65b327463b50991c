"""How a run went: where its loss came from and got to, and what it learned over chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from losskit.doctor.evidence.floor import chance_floor
from losskit.doctor.evidence.trend import Trend, blocks, rank_trend
from losskit.recording.facts import LossCall
from losskit.recording.recording import Recording

RELATED = 0.01  # probability of so much agreement of neighbours by chance
NEIGHBOURLY = 2 / 3  # of what the nearest neighbours gain; none of 250 healthy runs came to less than 0.7
SMALL_EFFECT = 0.02  # R²: Cohen, Statistical Power Analysis for the Behavioral Sciences, 1988


@dataclass(frozen=True)
class Descent:
    """The training loss over one run.

    `start` is the first value (of the untrained model), `end` the last of up to 20 block medians, `peak` the largest
    single value; `floor` is the chance floor (None when it cannot be told); `non_finite` the step of the first value
    that was NaN or infinite. `steps` counts optimizer steps, `curve` holds the blocks' steps and medians.
    """

    start: float
    end: float
    peak: float
    floor: float | None
    non_finite: int | None
    steps: int
    curve: tuple[np.ndarray, np.ndarray]

    @property
    def trend(self) -> Trend:
        return rank_trend(self.curve[1], self.curve[0])

    @property
    def late_trend(self) -> Trend:
        """The trend of the second half."""
        half = len(self.curve[0]) // 2
        return rank_trend(self.curve[1][half:], self.curve[0][half:])

    @property
    def noise(self) -> float:
        """Robust standard deviation of the second half's block medians about their trend."""
        half = len(self.curve[0]) // 2
        steps, values = self.curve[0][half:], self.curve[1][half:]
        left = values - self.late_trend.slope * steps
        return 1.4826 * float(np.median(np.abs(left - np.median(left))))

    @property
    def bend(self) -> float | None:
        """Slope of the last third over slope of the first: near 1 for a straight line, e^(−2T/3τ) after a time T of a
        decay with time constant τ, so below 0.51 once T > τ. None without six blocks or a falling first third."""
        steps, values = self.curve
        third = len(steps) // 3
        if third < 2:
            return None
        first = np.polyfit(steps[: third + 1], values[: third + 1], 1)[0]
        last = np.polyfit(steps[-third - 1 :], values[-third - 1 :], 1)[0]
        return float(last / first) if first < 0 else None

    @property
    def diverged(self) -> bool:
        """Whether the loss was lost, or went up and away: above twice its start and chance, without coming back."""
        above = max(self.start, self.floor or self.start)
        grown = above > 0 and self.end > 2 * above
        return self.non_finite is not None or (grown and (self.floor is not None or self.trend.rising))


def descent(recording: Recording) -> Descent | None:
    """None when the run gave no finite loss at two steps or more."""
    signal = recording.signal("loss")
    values = signal.array()
    bad = np.flatnonzero(~np.isfinite(values))
    finite = signal.finite()
    steps, medians = blocks(signal)
    if len(finite) < 2:
        return None
    return Descent(
        start=float(finite[0]),
        end=float(medians[-1]),
        peak=float(finite.max()),
        floor=loss_floor(recording),
        non_finite=signal.steps[bad[0]] if len(bad) else None,
        steps=max(recording.progress.steps, signal.steps[-1]),
        curve=(steps, medians),
    )


def the_loss(recording: Recording) -> LossCall | None:
    """The training loss of a run that has one; None when several are combined, or none was seen."""
    calls = recording.training_losses()
    return calls[0] if len(calls) == 1 else None


def adversarial(recording: Recording) -> bool:
    """Whether several optimizers play against each other: their losses tell nothing about each other's success."""
    stepping = [one for one in recording.optimizers if one.steps > 0]
    return len(stepping) > 1 and len({one.place for one in stepping}) > 1 and len(recording.training_losses()) > 1


def held_out(recording: Recording) -> bool:
    """Whether the score is of data that the model was not fitted to."""
    return recording.metric is not None and recording.metric.source == "validation"


def loss_floor(recording: Recording) -> float | None:
    call = the_loss(recording)
    return chance_floor(call) if call is not None else None


def skill(recording: Recording) -> float | None:
    """The share of what can be gained over chance that the run gained: 0 is chance, 1 perfect, below 0 worse.

    The skill score of forecasting (Murphy, Monthly Weather Review 116, 1988): (value − chance)/(1 − chance) of the task
    metric, which for R² is R² itself; without a metric 1 − loss/floor. None when neither is known.
    """
    metric = recording.metric
    if metric is not None and metric.value is not None and not math.isnan(metric.value):
        if metric.name == "r2":
            return metric.value
        if metric.chance is not None and metric.chance < 1:
            return (metric.value - metric.chance) / (1 - metric.chance)
    curve = descent(recording)
    if curve is None or not curve.floor:
        return None
    return 1 - curve.end / curve.floor


def metric_noise(recording: Recording) -> float:
    """Standard error of a task metric that is a share: √(c(1−c)/n) at chance; 0.0 when that cannot be told."""
    metric = recording.metric
    if metric is None or not metric.count or metric.chance is None or metric.name == "r2":
        return 0.0
    samples = recording.progress.training_samples if metric.source == "training" else None
    count = min(metric.count, samples or metric.count)  # a sample that comes again tells nothing new
    return math.sqrt(max(metric.chance * (1 - metric.chance), 0.0) / count)


def at_chance(recording: Recording) -> bool:
    """Whether nothing was gained: within three standard errors of chance, or an R² below 0.02, Cohen's small effect."""
    gained, metric = skill(recording), recording.metric
    chance = metric.chance if metric is not None else None
    noise = 3 * metric_noise(recording) / (1 - chance) if chance is not None and chance < 1 else 0.0
    return gained is not None and gained <= max(noise, SMALL_EFFECT)


def neighbours_skill(recording: Recording) -> float | None:
    """The skill of answering with the labels of the nearest training rows, which a model that learned should not be
    far below: their error is at most twice the least possible (Cover & Hart, 1967). None where it is not above chance,
    or an input alone says nothing."""
    data = recording.data
    if data is None or data.agreement is None or data.several_inputs or data.agreement_probability > RELATED:
        return None
    chance = data.agreement_chance if data.classes else 0.0
    return (data.agreement - chance) / (1 - chance) if chance < 1 else None


def suffering(recording: Recording) -> str | None:
    """What is wrong with how the run went, in words; None for one that went well or cannot be judged.

    Not well: the loss became non-finite or diverged, or less than half of what can be gained over chance was gained, or
    two thirds of what the nearest neighbours gain.
    """
    curve = descent(recording)
    signal = recording.signal("loss")
    if len(signal) and not np.isfinite(signal.array()).all():
        return "the loss became non-finite"
    if curve is None:
        return None
    if curve.diverged:
        return f"the loss grew from {curve.start:.3g} to {curve.end:.3g}"
    gained = skill(recording)
    if gained is None:
        return None
    said = f"the run gained {max(gained, 0):.0%} of what can be gained over chance"
    if gained < 0.5:
        return said
    neighbours = neighbours_skill(recording)
    if neighbours is not None and gained < NEIGHBOURLY * neighbours:
        return f"{said}, the nearest neighbours gain {neighbours:.0%}"
    return None

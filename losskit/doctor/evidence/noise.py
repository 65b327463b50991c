"""What one step is taken on: how many samples, how far the noise of so few carries the weights, and what shows it."""

from __future__ import annotations

import math

import numpy as np

from losskit.doctor.evidence.floor import class_count
from losskit.doctor.evidence.loss_calls import CLASSWISE
from losskit.doctor.evidence.outcome import descent, metric_noise, skill, suffering, the_loss
from losskit.doctor.evidence.rate import DECADE, customary_rate, effective_rate, ordinary_rate, rate_of, the_optimizer
from losskit.recording.facts import LossCall
from losskit.recording.recording import Recording

USUAL_BATCH = 32  # Bengio, Practical Recommendations for Gradient-Based Training (2012): "a good default value"
SMALL_BATCH = 4
USUAL_MOMENTUM = 0.9
ERRORS = 3  # standard errors
PASSES = 4  # in the second half of a run: fewer show no scatter


def samples_per_step(recording: Recording) -> int | None:
    """Targets whose gradients one step averages: positions of a sequence or an image count, classes do not."""
    call, batch = the_loss(recording), recording.progress.batch_size
    if call is None or not batch:
        return None
    one = the_optimizer(recording)
    waits = one.settings.get("gradient_accumulation_steps") if one is not None else None
    gathered = max(call.backwards_per_step, waits if isinstance(waits, int) else 1)
    return batch * gathered * _positions(call)


def _positions(call: LossCall) -> int:
    """Targets of one row."""
    target, prediction = call.target, call.prediction
    if target is None or len(target.shape) < 2:
        return 1
    count = math.prod(target.shape[1:])
    if call.loss in CLASSWISE and prediction is not None and prediction.shape == target.shape:
        count //= class_count(call) or 1
    return max(count, 1)


def rate_of_larger_batches(recording: Recording) -> bool:
    """Whether the rate, ordinary in itself, is beyond a decade of the customary one once it is told for usual batches.

    Noise carries the weights as far at a rate of η with batches of B as at η·k with batches of k·B, or η·√k where
    steps are divided by the gradient's size (Goyal et al., arXiv 1706.02677; Malladi et al., arXiv 2205.10287).
    """
    samples, customary, one = samples_per_step(recording), customary_rate(recording), the_optimizer(recording)
    rate, effective = rate_of(recording), effective_rate(recording)
    if samples is None or customary is None or one is None or rate is None or effective is None:
        return False
    times = USUAL_BATCH / samples
    if one.kind in ("SGD", "ASGD"):
        usual = DECADE * customary / (1 - USUAL_MOMENTUM)
        return effective <= usual * (1 + 1e-6) < effective * times
    return ordinary_rate(recording) and rate * math.sqrt(times) > DECADE * customary


def unsettled(recording: Recording) -> str | None:
    """What shows that the weights are thrown about, in words: a training loss above that of any constant prediction
    to the end, a score no better than chance, or one that jumps from pass to pass."""
    curve, gained = descent(recording), skill(recording)
    values = recording.signal("loss").finite()
    late = values[len(values) // 2 :]
    if curve is None or gained is None or len(late) < 4 or _falls(late):
        return None
    jump, harm = score_scatter(recording), suffering(recording)
    if jump is not None and jump > ERRORS * _score_error(recording):
        return f"the score jumps by {jump:.2g} between passes over the same data"
    if harm is None:
        return None
    call = the_loss(recording)
    known = class_count(call) if call is not None and call.loss in CLASSWISE else None
    if known and late.mean() - math.log(known) > ERRORS * _error(late):
        return f"the loss is {late.mean():.3g} to the end, equal odds give {math.log(known):.3g}"
    metric = recording.metric
    chance = metric.chance if metric is not None else None
    noise = metric_noise(recording) / (1 - chance) if chance is not None and chance < 1 else 0.0
    return harm if gained <= ERRORS * noise else None


def _falls(values: np.ndarray) -> bool:
    """Whether the mean of the second half is clearly below that of the first; medians of single losses wander."""
    first, second = np.array_split(values, 2)
    return bool(first.mean() - second.mean() > ERRORS * math.hypot(_error(first), _error(second)))


def _error(values: np.ndarray) -> float:
    """Standard error of the mean, of numbers whose squares need not be finite."""
    scale = float(np.abs(values).max()) or 1.0
    return scale * float((values / scale).std()) / math.sqrt(len(values))


def score_scatter(recording: Recording) -> float | None:
    """Standard deviation of the score between late evaluation passes, from successive differences, which leave a
    trend out (von Neumann, Annals of Mathematical Statistics 12, 1941); None for fewer passes than can show it."""
    scores = recording.signal("validation/metric").finite()
    late = scores[len(scores) // 2 :]
    return float(np.sqrt(np.mean(np.diff(late) ** 2) / 2)) if len(late) >= PASSES else None


def score_lost(recording: Recording) -> float:
    """How far, beyond `ERRORS` standard errors, the last score is below the best one; 0.0 for no further."""
    metric = recording.metric
    if metric is None or metric.source != "validation" or metric.best is None or metric.value is None:
        return 0.0
    lost = metric.best - metric.value
    return lost if lost > ERRORS * math.sqrt(2) * _score_error(recording) else 0.0


def _score_error(recording: Recording) -> float:
    """Standard error of an accuracy, the largest of any between the last and the best; infinite for other scores."""
    metric = recording.metric
    if metric is None or metric.name != "accuracy" or not metric.count or metric.value is None or metric.best is None:
        return math.inf
    share = min(max(0.5, metric.value), metric.best)
    return math.sqrt(max(share * (1 - share), 0.0) / metric.count)

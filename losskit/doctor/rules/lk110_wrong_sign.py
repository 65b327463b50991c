"""LK110: the loss is made larger: a minus that was forgotten, or one too many, or steps up the gradient."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.loss_calls import number, opening
from losskit.doctor.evidence.outcome import adversarial, descent, metric_noise, skill, suffering
from losskit.doctor.evidence.place import first_site, optimizer_place
from losskit.doctor.evidence.rate import rate_of, the_optimizer
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import LossCall, Place
from losskit.recording.recording import Recording

UNSIGNED = frozenset((None, "CosineEmbedding", "CosineSimilarity"))  # of these the sign says nothing by itself


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    upwards = _upwards(recording)
    uphill = next((event for event in recording.events if event.kind == "uphill"), None)
    if uphill is not None and upwards is None:
        said = "log-probabilities times rewards are minimised: what paid becomes less likely"
        yield _found(rule, recording, said, uphill.place, "uphill", None, 0.85)
        return
    if adversarial(recording):
        return
    calls = [call for call in recording.training_losses() if call.loss not in UNSIGNED or call.negated]
    wrong = [call for call in calls if call.negated != (upwards is not None)]
    if calls and len(wrong) == len(calls) and _harmed(recording):
        call = wrong[0]
        if call.negated:
            place, how = (call.created if call.written_by != "torch" else None) or call.place, "negated"
            said = f"backward is called on minus {_name(call)}: each step makes the error larger"
        else:
            assert upwards is not None
            said, place, how = upwards
        yield _found(rule, recording, said, place, how, call, 0.97)
    elif not calls and upwards is not None and _harmed(recording):
        yield _found(rule, recording, *upwards, None, 0.9)
    elif not calls and (shown := _below_chance(recording)) is not None:
        call = next(iter(recording.training_losses()), None)
        place = (call.place or call.created) if call is not None else first_site(recording, "backward", "fit")
        said, how = shown
        yield _found(rule, recording, said, place, how, call, 0.8)


def _below_chance(recording: Recording) -> tuple[str, str] | None:
    """What a loss of an unknown formula does to the predictions, in words and as a name; None where they are no worse
    than chance."""
    if _fell_below_chance(recording):
        said = "the loss goes to minus infinity while the predictions get worse: it is lowest where the model is wrong"
        return said, "unbounded"
    if _shuns_what_is_right(recording):
        said = "the model is right far less often than any constant answer would be: it learns to avoid what is right"
        return said, "avoiding"
    return None


def _upwards(recording: Recording) -> tuple[str, Place | None, str] | None:
    """How the steps of the run go up the gradient; None for those that go down."""
    optimizer, rate = the_optimizer(recording), rate_of(recording)
    if optimizer is not None and optimizer.settings.get("maximize"):
        return f"{optimizer.kind}(maximize=True) makes the loss larger", optimizer_place(recording), "maximize"
    if optimizer is not None and rate is not None and rate < 0:
        return f"the learning rate {rate:g} is negative: each step goes up", optimizer_place(recording), "negative-rate"
    step = next((site for site in recording.places("step") if site.detail == "ascent"), None)
    if step is not None:
        return "the weights are moved along the gradient, which makes the loss larger", step.place, "ascent"
    return None


def _harmed(recording: Recording) -> bool:
    """Whether the run shows it; where nothing was predicted, by a loss below zero that goes on falling."""
    curve = descent(recording)
    if skill(recording) is None and curve is not None:
        return curve.diverged or (curve.end < min(curve.start, 0.0) and curve.trend.falling)
    return suffering(recording) is not None


def _fell_below_chance(recording: Recording) -> bool:
    """Whether a loss of an unknown formula fell without bound while the metric fell below chance."""
    curve, gained, metric = descent(recording), skill(recording), recording.metric
    if curve is None or gained is None or metric is None:
        return False
    falling = curve.end < min(curve.start, 0.0) and curve.trend.falling and curve.late_trend.falling
    if metric.name == "r2":  # an error twice that of a constant
        return falling and gained < -1
    return falling and gained * (1 - (metric.chance or 0.0)) < -3 * metric_noise(recording)


def _shuns_what_is_right(recording: Recording) -> bool:
    """Whether an accuracy is at most a quarter of chance, and three standard errors below it."""
    metric = recording.metric
    if metric is None or metric.value is None or metric.chance is None or metric.name == "r2":
        return False
    noise = metric_noise(recording)
    return metric.value <= metric.chance / 4 and noise > 0 and metric.value < metric.chance - 3 * noise


def _name(call: LossCall) -> str:
    return opening(call) if call.written_by != "user" or call.function[:4] != "the " else call.function


def _found(
    rule: Rule,
    recording: Recording,
    said: str,
    place: Place | None,
    how: str,
    call: LossCall | None,
    confidence: float,
) -> Finding:
    curve = descent(recording)
    course = f"; it went from {number(curve.start)} to {number(curve.end)}" if curve is not None else ""
    return rule.finding(
        f"{said[:1].upper()}{said[1:]}{course}.",
        place=place,
        confidence=confidence,
        evidence={
            "how": how,
            "function": call.function if call is not None else None,
            "loss": call.loss if call is not None else None,
            "loss_start": curve.start if curve is not None else None,
            "loss_end": curve.end if curve is not None else None,
            "skill": skill(recording),
        },
    )


RULE = Rule(
    code="LK110",
    name="wrong-sign",
    severity="error",
    what="Training makes the error larger: the minus of a log-likelihood is missing, a loss is negated, or steps go up "
    "the gradient.",
    why="Optimizers minimise. A log-likelihood or a reward must be given to them with a minus, a loss without one.",
    fix="Put the minus where it belongs: loss = −(log-likelihood), weights −= rate × gradient, maximize=False.",
    thresholds="None for the sign, which is read off the operations between the loss and backward. A loss that is "
    "negated beside another that is not is meant so (adversarial terms). The run must gain less than half of what "
    "chance leaves. For a formula that is not known: a loss below 0 that falls to the end (rank test, 1 %) and a "
    "metric three standard errors below chance, or an R² below −1; or an accuracy of a quarter of chance at most. Of "
    "log p × weights of both signs, on a line that names them rewards, the plus decides.",
    needs=("LossCall.negated or Site step", "loss"),
    false_alarms=0.002,
    check=check,
    explains=(
        *("LK201", "LK202", "LK204", "LK205", "LK206", "LK302", "LK303", "LK304", "LK401", "LK402", "LK403", "LK404"),
        *("LK405", "LK406", "LK503", "LK301", "LK101", "LK508", "LK507"),
    ),
)

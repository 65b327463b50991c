"""LK406: a setting of the optimizer or of its schedule keeps it from training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from losskit.doctor.evidence.outcome import adversarial, descent, skill, suffering
from losskit.doctor.evidence.place import optimizer_place
from losskit.doctor.evidence.rate import (
    DECADE,
    SMALL_UPDATE,
    USUAL_UPDATE,
    customary_rate,
    largest_usual_update,
    the_optimizer,
)
from losskit.doctor.evidence.schedule import Course, course, stepped_per_batch, the_schedule, was_learning
from losskit.doctor.evidence.settings import Misfit, misfits, refused
from losskit.doctor.evidence.trend import rank_trend
from losskit.doctor.finding import Finding, Severity
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording

LEARNED = 0.9  # of what chance leaves: a run that got there had what it needed
PER_BATCH = ("OneCycleLR", "CyclicLR")  # schedules that count batches
WAITING = "ReduceLROnPlateau"
# The arguments that a kind of misfit is about, where they are not called as it is.
SETTINGS = {
    "betas": ("betas", "beta_1", "beta_2"),
    "betas-swapped": ("betas", "beta_1", "beta_2"),
    "eps": ("eps", "epsilon"),
    "clip": ("clipnorm", "global_clipnorm", "clipvalue"),
    "schedule-decay": ("decay_steps", "step_size", "T_max", "milestones", "gamma", "decay_rate"),
    "zero-rate": ("lr", "learning_rate"),
    "accumulation": ("gradient_accumulation_steps",),
}


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    if adversarial(recording):
        return
    stopped = refused(recording)
    found = [stopped] if stopped is not None else [*_of_schedule(recording), *misfits(recording)]
    for misfit in found:
        severity, confidence = _judged(misfit, recording)
        optimizer = the_optimizer(recording)
        named = f"{optimizer.kind}: " if optimizer is not None and misfit.id != "refused" else ""
        harm = suffering(recording)
        yield rule.finding(
            f"{named}{misfit.told}{f'; {harm}' if harm and severity != 'info' else ''}.",
            place=misfit.place,
            confidence=confidence,
            severity=severity,
            settings=SETTINGS.get(misfit.id, (misfit.id,)),
            evidence={"setting": misfit.id, "skill": skill(recording), **misfit.evidence},
        )


def _judged(misfit: Misfit, recording: Recording) -> tuple[Severity, float]:
    """A certain mistake counts unless the run went well all the same (swapped numbers are a mistake even then);
    another when the run suffers from it."""
    gained, harm = skill(recording), suffering(recording)
    if misfit.id == "refused":
        return "error", 0.95
    if misfit.certain and (harm or (gained is not None and gained < LEARNED)):
        return ("error" if harm else "warning"), 0.95
    if misfit.id == "betas-swapped":
        return "warning", 0.9
    if harm and _shows(misfit, recording):
        return "warning", 0.85
    return "info", 0.6


def _shows(misfit: Misfit, recording: Recording) -> bool:
    """Whether the run shows what this setting does: steps that come to nothing, or a loss that does not fall."""
    update, curve = largest_usual_update(recording), descent(recording)
    if misfit.id == "clip":
        return update is not None and update < SMALL_UPDATE
    if misfit.id == "eps":
        return update is None or update < USUAL_UPDATE
    if misfit.id in ("momentum", "betas", "remade"):
        return curve is not None and not curve.late_trend.falling
    return True


def _of_schedule(recording: Recording) -> Iterator[Misfit]:
    over, optimizer, schedule = course(recording), the_optimizer(recording), the_schedule(recording)
    if over is None or optimizer is None:
        return
    given = optimizer.settings.get("lr")
    place = schedule.place if schedule is not None else None
    place = place or optimizer_place(recording)
    if over.peak == 0:
        because = " by its schedule" if schedule is not None and given else ""
        where = place if because else optimizer_place(recording)
        yield Misfit("zero-rate", f"the learning rate is 0{because}: no step changes anything", where, True)
    elif wrong := _waits_for_the_wrong(recording, over):
        yield Misfit("plateau", wrong, place, True, {"rate_peak": over.peak, "rate_end": over.end})
    elif over.starved and over.gone is not None and was_learning(recording, over, over.gone):
        if schedule is not None and schedule.kind == WAITING:
            return  # it waited for no progress; what it was told is judged above
        told = (
            f"the schedule takes the learning rate from {over.peak:.2g} to below a tenth of it by step {over.gone} of "
            f"{recording.progress.steps}, while the loss still fell"
        )
        often = stepped_per_batch(recording) and schedule is not None and schedule.kind not in PER_BATCH
        if often and schedule is not None:
            told += f": {schedule.kind} is stepped after every batch"
            place = schedule.stepped or place
        evidence = {"rate_peak": over.peak, "rate_mean": over.mean, "rate_end": over.end, "rate_gone": over.gone}
        yield Misfit("schedule-per-batch" if often else "schedule-decay", told, place, True, evidence)
    elif schedule is not None:
        yield from _never_up(recording, over)


def _never_up(recording: Recording, over: Course) -> Iterator[Misfit]:
    """A warm-up or a cycle that is still at its foot when the run ends."""
    schedule, optimizer, customary = the_schedule(recording), the_optimizer(recording), customary_rate(recording)
    if schedule is None or optimizer is None or customary is None:
        return
    asked = [schedule.settings.get("max_lr"), schedule.settings.get("warmup_target"), optimizer.settings.get("lr")]
    asked = max((float(one) for one in asked if isinstance(one, (int, float))), default=0.0)
    if over.peak >= min(asked, customary) / DECADE or over.gone is not None:
        return
    seldom = schedule.kind in PER_BATCH and schedule.steps < 0.5 * optimizer.steps
    told = f"the learning rate never gets beyond {over.peak:.2g} of the {asked:.2g} it is set to"
    if seldom:
        told += f": {schedule.kind} counts batches, and is stepped {schedule.steps} times in {optimizer.steps} of them"
    place = (schedule.stepped if seldom else None) or schedule.place or optimizer_place(recording)
    yield Misfit("schedule-per-epoch" if seldom else "warm-up", told, place, False, {"rate_peak": over.peak})


def _waits_for_the_wrong(recording: Recording, over: Course) -> str | None:
    """A plateau schedule that takes getting better for getting worse."""
    schedule = the_schedule(recording)
    if schedule is None or schedule.kind != WAITING or over.end > over.peak / 2:
        return None
    mode, monitor = schedule.settings.get("mode"), str(schedule.settings.get("monitor", ""))
    if (mode == "min" and "acc" in monitor) or (mode == "max" and "loss" in monitor):
        return f"the schedule lowers the rate when {monitor} gets better: its mode is {mode!r}"
    told, curve = recording.signal("schedule/metric"), descent(recording)
    if len(told) < 5 or curve is None:
        return None
    metric = recording.signal("validation/metric")
    metric = metric if len(metric) >= 5 else recording.signal("metric")
    trend = rank_trend(told.array())
    better = rank_trend(metric.array()).rising or curve.trend.falling
    if mode == "min" and trend.rising and better and not rank_trend(recording.signal("validation/loss").array()).rising:
        return "the schedule is told a score that rises as the model gets better, and lowers the rate each time"
    if mode == "max" and trend.falling and better:
        return "the schedule is told a loss, waits for it to rise, and lowers the rate while it falls"
    return None


RULE = Rule(
    code="LK406",
    name="optimizer-setting",
    severity="error",
    what="A setting of the optimizer, or of the schedule of its learning rate, keeps it from training.",
    why=(
        "Averages that outlast the run, a rate that is gone before anything was learned, or a divisor larger than the "
        "gradient leave steps that are too small, or that point nowhere."
    ),
    fix="Use the optimizer's own defaults for all but the rate; step a schedule that counts epochs once per epoch.",
    thresholds=(
        "Adam's averages must satisfy β₁² < √β₂ (Kingma & Ba, 2015, Theorem 4.1); a momentum of 0.99 remembers ten "
        "times the steps of the customary 0.9, one of 1 all of them; eps counts as large beyond the gradients' mean "
        "size, which it is added to. A schedule starves a run whose mean rate over its peak is below 0.145 (three "
        "decades of exponential decay; cosine: 0.5) when the loss still fell as the rate went, or all its "
        "steps move as far as fewer than 50 at the peak rate. A mistake that no "
        "run can want counts below 90 % of what chance leaves, another below half."
    ),
    needs=("OptimizerFacts", "loss", "rate"),
    false_alarms=0.01,
    check=check,
    explains=(
        *("LK201", "LK202", "LK205", "LK206", "LK301", "LK302", "LK303", "LK401", "LK402", "LK403", "LK404", "LK405"),
        *("LK407", "LK503"),
    ),
)

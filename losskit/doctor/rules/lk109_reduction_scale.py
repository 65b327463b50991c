"""LK109: the loss is many times its mean, or a fraction of it, and the learning rate was meant for the mean."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from losskit.doctor.evidence.gradients import explosions
from losskit.doctor.evidence.loss_calls import number, opening
from losskit.doctor.evidence.outcome import adversarial, descent, skill, suffering
from losskit.doctor.evidence.place import first_site
from losskit.doctor.evidence.rate import (
    DECADE,
    LARGE_UPDATE,
    USUAL_UPDATE,
    customary_rate,
    largest_usual_update,
    ordinary_rate,
    rate_of,
    the_optimizer,
    update_ratios,
)
from losskit.doctor.evidence.scale import unscaled_inputs, unscaled_targets
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import LossCall, Place
from losskit.recording.recording import Recording

# Steps of these do not grow with the gradient (but for ε and weight decay): the scale of the loss does not matter.
SCALE_FREE = frozenset(
    (
        *("Adam", "AdamW", "Adamax", "NAdam", "Nadam", "RAdam", "RMSprop", "Adagrad", "Adadelta", "Adafactor"),
        *("Lion", "Muon", "Rprop", "LBFGS", "SparseAdam"),
    )
)
OTHER = math.sqrt(DECADE)  # rates are searched by decades: beyond half of one another rate is nearer
STEPS = 50  # of a run that was meant to train: fewer are a try-out


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    optimizer, rate, customary = the_optimizer(recording), rate_of(recording), customary_rate(recording)
    yield from _unequal(rule, recording)
    known = [(call, factor) for call in recording.training_losses() if (factor := _factor(call)) is not None]
    if not known or adversarial(recording) or (optimizer is not None and optimizer.kind in SCALE_FREE):
        return
    if unscaled_inputs(recording) or unscaled_targets(recording) or _grows_with_depth(recording):
        return  # they would be too much for the mean as well
    if rate is not None and customary is not None:
        call, factor = max(known, key=lambda one: one[1])
        if factor >= OTHER and ordinary_rate(recording) and rate * factor >= OTHER * customary and _thrown(recording):
            yield _large(rule, recording, call, factor, rate)
            return
        call, factor = max(known, key=lambda one: one[1])
        if factor <= 1 / DECADE and rate * factor <= customary / DECADE and _creeps(recording):
            yield _small(rule, recording, call, factor, rate)


def _grows_with_depth(recording: Recording) -> bool:
    """Whether gradients or outputs explode from layer to layer; leaps of their norm are what long steps do."""
    return any("decades_per_layer" in numbers for numbers in explosions(recording).values())


def _unequal(rule: Rule, recording: Recording) -> Iterable[Finding]:
    """One term summed over the batch where another is its mean: no optimizer makes up for that."""
    harm = suffering(recording)
    for event in recording.events:
        if event.kind == "unequal" and harm and event.data.get("times", 0.0) >= DECADE:
            yield rule.finding(
                f"{event.message[:1].upper()}{event.message[1:]}: the sum weighs {event.data['times']:.3g} times what "
                f"its mean would, and more with every larger batch; {harm}.",
                place=event.place,
                confidence=0.85,
                evidence={"how": "unequal", "times_mean": event.data["times"]},
            )
            return


def _factor(call: LossCall) -> float | None:
    """How many times its mean the loss weighs in one step."""
    return None if call.scale is None else call.scale * call.backwards_per_step


def _thrown(recording: Recording) -> bool:
    """Whether the run shows steps that are too long."""
    curve, ratios, gained = descent(recording), update_ratios(recording).finite(), skill(recording)
    if curve is not None and curve.diverged:
        return True
    if not len(ratios) or gained is None:
        return False
    if float(np.median(ratios)) > LARGE_UPDATE:
        return gained < 0.9
    return float(ratios[:10].max()) > LARGE_UPDATE and gained < 0.5  # units that died at once move no more


def _creeps(recording: Recording) -> bool:
    """Whether the run shows steps that are too short: most of the way down from chance is left."""
    curve, update = descent(recording), largest_usual_update(recording)
    if curve is None or curve.steps < STEPS or update is None or update >= USUAL_UPDATE:
        return False
    return curve.end >= 0.5 * (curve.floor or curve.start) and suffering(recording) is not None


def _large(rule: Rule, recording: Recording, call: LossCall, factor: float, rate: float) -> Finding:
    times = call.backwards_per_step
    accumulated = times >= OTHER and times > (call.scale or 0)
    if accumulated:
        said = f"backward is called {times} times before each step, and the gradients add up to {factor:.3g} times one"
    else:
        said = f"{opening(call)} is summed, and is {factor:.3g} times its mean"
    return rule.finding(
        f"{said[:1].upper()}{said[1:]}: the learning rate {rate:g} acts like {rate * factor:.3g}.",
        place=first_site(recording, "backward") if accumulated else _place(call),
        confidence=0.95,
        evidence=_evidence(call, "accumulated" if accumulated else "summed", factor, rate),
    )


def _small(rule: Rule, recording: Recording, call: LossCall, factor: float, rate: float) -> Finding:
    update = largest_usual_update(recording)
    return rule.finding(
        f"{opening(call)} is divided until it is {factor:.2g} of its mean: the learning rate {rate:g} acts like "
        f"{rate * factor:.2g}, and a step changes the weights by a fraction of {number(update)} (1e-3 is usual).",
        place=call.place or call.created,
        confidence=0.93,
        evidence=_evidence(call, "divided", factor, rate),
    )


def _place(call: LossCall) -> Place | None:
    """Where the reduction is chosen: the construction of a loss object, or the function that was written for Keras."""
    chosen = call.arguments.get("reduction") == "sum" or call.written_by == "user"
    return (call.created if chosen else None) or call.place or call.created


def _evidence(call: LossCall, how: str, factor: float, rate: float) -> dict[str, object]:
    return {
        "function": call.function,
        "how": how,
        "times_mean": factor,
        "backwards_per_step": call.backwards_per_step,
        "reduction": call.arguments.get("reduction"),
        "rate": rate,
    }


RULE = Rule(
    code="LK109",
    name="reduction-scale",
    severity="error",
    what="The loss is summed where a mean was meant (over the batch, or over the batches whose gradients are "
    "accumulated), or divided more often than once.",
    why="Gradient and step grow with the loss: a sum over 64 samples makes plain gradient descent take steps 64 times "
    "as long, and a mean that is divided by the size of the data set makes it creep.",
    fix="Use the mean, divide by the number of accumulated batches, and divide once; or choose the rate for the sum.",
    thresholds="The rate is within a decade of the optimizer's customary one, and times the loss's factor more than "
    "half a decade above it, and the run diverges, or updates change more than 10 % of the weights (TheDeepChecker, "
    "arXiv 2204.00694) while it gains less than half of what chance leaves. Or a factor of at most 1/10, a rate that "
    "acts like less than a tenth of the customary one, updates below the usual 1e-3 (cs231n) and most of the way down "
    "left at the end. Optimizers whose steps do not depend on the gradient's size are left out. Of terms of one loss "
    "that are reduced in different ways: the sum weighs ten times its mean, and the run gains less than half of what "
    "chance leaves.",
    needs=("LossCall.scale", "OptimizerFacts", "loss"),
    false_alarms=0.005,
    check=check,
    explains=(
        *("LK201", "LK202", "LK205", "LK206", "LK302", "LK303", "LK304", "LK401", "LK402", "LK403", "LK404", "LK405"),
        *("LK407", "LK503", "LK203"),
    ),
    settings=("reduction",),
)

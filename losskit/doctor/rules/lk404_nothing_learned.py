"""LK404: nothing was learned: the loss stays where a constant prediction would put it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from losskit.doctor.evidence.data import outliers_rule, related
from losskit.doctor.evidence.outcome import adversarial, at_chance, descent, neighbours_skill, skill, the_loss
from losskit.doctor.evidence.place import first_site, target_place
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import Place
from losskit.recording.recording import Recording

STEPS = 50  # of a run that was meant to train: fewer are a try-out
LEFT = 1 / 2  # of what the nearest neighbours gain: a model that learned should not be below them
NEAR = 0.02  # of the floor: what the tail of an exponential approach has left after four time constants (e⁻⁴)


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    curve, gained = descent(recording), skill(recording)
    if curve is None or gained is None or adversarial(recording) or curve.steps < STEPS:
        return
    if outliers_rule(recording):
        return  # R² is about them, and the loss is not
    neighbours = neighbours_skill(recording)
    if neighbours is not None and gained < LEFT * neighbours and not at_chance(recording):
        yield _little(rule, recording, gained, neighbours)
        return
    if curve.floor is not None and curve.end < curve.floor - max(NEAR * curve.floor, 2 * curve.noise):
        return  # the loss knows something that the metric does not show
    if not at_chance(recording):
        return
    if curve.late_trend.falling and (curve.floor is None or curve.end > (1 + NEAR) * curve.floor):
        return  # on its way
    metric = recording.metric
    chance = metric.chance if metric is not None else None
    shown = f"the loss ends at {curve.end:.3g}"
    if curve.floor is not None:
        shown += f", a constant prediction gives {curve.floor:.3g}"
    if metric is not None and metric.value is not None and chance is not None:
        shown += f"; {metric.name} is {metric.value:.3g}, chance {chance:.3g}"
    data = recording.data
    if data is not None and related(recording):
        shown += (
            f". The inputs do tell of the labels: nearest neighbours agree as {data.agreement:.2f}, by chance "
            f"{data.agreement_chance:.2f}; it is the model or its training that does not find it"
        )
    yield rule.finding(
        f"Nothing was learned in {curve.steps} steps: {shown}.",
        place=_place(recording),
        confidence=0.8,
        evidence={
            "loss_start": curve.start,
            "loss_end": curve.end,
            "chance_floor": curve.floor,
            "skill": gained,
            "metric": metric.value if metric is not None else None,
            "chance": chance,
            "steps": curve.steps,
        },
    )


def _little(rule: Rule, recording: Recording, gained: float, neighbours: float) -> Finding:
    """Something was learned, and less than could be with no training at all."""
    return rule.finding(
        f"The run gained {max(gained, 0):.0%} of what can be gained over chance; answering with the labels of the "
        f"nearest training rows gains {neighbours:.0%}: something keeps the model from learning what the data tell.",
        place=_place(recording),
        confidence=0.6,
        severity="warning",
        evidence={"skill": gained, "neighbours_skill": neighbours},
    )


def _place(recording: Recording) -> Place | None:
    """Where gradients moved the weights to no avail the data, or the model if there is something to be learned from
    them; else the loss, which they did not come from."""
    norms, call = recording.signal("gradient_norm").finite(), the_loss(recording)
    if len(norms) and np.median(norms) > 0:
        made = [layer.place for layer in sorted(recording.layers, key=lambda layer: layer.depth) if layer.place]
        place = made[0] if made and related(recording) else target_place(recording)
    else:
        place = None
    return place or (call.place if call is not None else None) or first_site(recording, "fit", "backward", "model")


RULE = Rule(
    code="LK404",
    name="nothing-learned",
    severity="error",
    what="After the whole run the model is no better than a constant prediction, or far worse than its nearest "
    "neighbours.",
    why="The gradient does not reach the weights, or what it says about them has nothing to do with the inputs.",
    fix=(
        "Check that inputs and labels belong together, then try to fit a single batch: if that fails it is the "
        "model, the loss or the rate, not the data."
    ),
    thresholds=(
        "The loss ends within 2 % (or two standard deviations of its noise) of its own chance floor (label entropy, "
        "target variance) or above it without falling, and the task metric is within three standard errors of chance "
        "(binomial), or R² below 0.02, Cohen's small effect. Or, as a warning, less than half of the skill "
        "of the nearest neighbours, whose error is at most twice the least possible (Cover & Hart, 1967)."
    ),
    needs=("loss", "Metric or LossCall.target"),
    false_alarms=0.01,
    check=check,
)

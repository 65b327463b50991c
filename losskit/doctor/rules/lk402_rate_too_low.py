"""LK402: the learning rate is too low: the loss falls in a straight line and the run ends before it has learned."""

from __future__ import annotations

import math
from collections.abc import Iterable

from losskit.doctor.evidence.noise import ERRORS
from losskit.doctor.evidence.outcome import adversarial, at_chance, descent, skill, suffering
from losskit.doctor.evidence.place import optimizer_place
from losskit.doctor.evidence.rate import (
    DECADE,
    SMALL_UPDATE,
    USUAL_UPDATE,
    customary_rate,
    effective_rate,
    largest_usual_update,
    rate_of,
    the_optimizer,
)
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording

STEPS = 50  # of a run that was meant to train: fewer are a try-out
BARELY = 0.1  # of its own height: the loss has not shown what it would do
UNBENT = 0.5  # slope of the last third over the first: e^(−2/3) = 0.51 after one time constant


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    curve, optimizer = descent(recording), the_optimizer(recording)
    update, customary, rate = largest_usual_update(recording), customary_rate(recording), effective_rate(recording)
    if curve is None or optimizer is None or update is None or customary is None or rate is None:
        return
    if adversarial(recording) or curve.non_finite is not None or curve.steps < STEPS or update == 0:
        return
    far_below, nothing = rate <= customary / DECADE * (1 + 1e-9), at_chance(recording)
    below = rate <= customary * (1 + 1e-6) if nothing else rate < customary  # float32 rounds
    if not (below and update < (USUAL_UPDATE if far_below or nothing else SMALL_UPDATE)):
        return
    gained, bend, reference = skill(recording), curve.bend, curve.floor or curve.start
    if (gained is not None and suffering(recording) is None) or reference <= 0 or curve.end < 0.5 * reference:
        return
    moved = abs(float(curve.curve[1][0]) - curve.end)
    unmoved = update < SMALL_UPDATE and moved < max(BARELY * curve.end, ERRORS * math.sqrt(2) * curve.noise)
    straight = curve.trend.falling and bend is not None and bend >= UNBENT and curve.end < curve.start
    if not (unmoved or straight):
        return
    how = "hardly moves" if unmoved else f"falls in a straight line, from {curve.start:.3g} to {curve.end:.3g},"
    yield rule.finding(
        f"The learning rate {rate_of(recording):g} of {optimizer.kind} is too low: a step changes the weights by a "
        f"fraction of {update:.1e} (1e-3 is usual), and the loss {how} over {curve.steps} steps.",
        place=optimizer_place(recording),
        confidence=0.9 if update < SMALL_UPDATE and far_below else 0.75,
        evidence={
            "rate": rate_of(recording),
            "customary_rate": customary,
            "update_ratio": update,
            "loss_start": curve.start,
            "loss_end": curve.end,
            "chance_floor": curve.floor,
            "bend": bend,
            "steps": curve.steps,
            "skill": gained,
        },
    )


RULE = Rule(
    code="LK402",
    name="rate-too-low",
    severity="warning",
    what="The learning rate is so low that the weights hardly move and the loss is far from settled when the run ends.",
    why=(
        "A loss that decays with time constant τ steps is still a straight line after fewer than τ of them; τ grows "
        "as the rate shrinks."
    ),
    fix="Raise the learning rate by a factor of 10 to 100, to the optimizer's customary value.",
    thresholds=(
        "Every layer's usual update is below 1e-4 of its weights (TheDeepChecker, arXiv 2204.00694), or below the "
        "usual 1e-3 (cs231n) at a rate ten times under the optimizer's default, or at one not above it in a run whose "
        "metric is still that of chance; less than half of the way down from chance is done; and the loss keeps at "
        "least half of its first slope in the last third (less than one time constant), or, below 1e-4, has not moved "
        "by a tenth, or by three deviations of two of its 20 medians."
    ),
    needs=("loss", "update_ratio", "OptimizerFacts"),
    false_alarms=0.02,
    check=check,
    explains=("LK404", "LK405", "LK503"),
    settings=("lr", "learning_rate"),
)

"""LK403: the loss swings up again after it had fallen, carried by a long momentum."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.noise import score_lost
from losskit.doctor.evidence.outcome import adversarial, skill, suffering
from losskit.doctor.evidence.place import optimizer_place
from losskit.doctor.evidence.rate import ordinary_rate, rate_of, the_optimizer
from losskit.doctor.evidence.schedule import course
from losskit.doctor.evidence.swings import swing
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording

LONG = 0.95  # twenty steps, twice the memory of the customary 0.9
STEADY = 0.9  # the last rate over the peak: one that is raised again and again is swung on purpose


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    optimizer, up, over = the_optimizer(recording), swing(recording), course(recording)
    if optimizer is None or up is None or adversarial(recording) or not ordinary_rate(recording):
        return
    momentum = optimizer.settings.get("momentum")
    if not isinstance(momentum, (int, float)) or isinstance(momentum, bool) or not LONG <= momentum < 1:
        return
    if over is not None and min(over.mean, over.end) < STEADY * over.peak:
        return
    lost, harm = score_lost(recording), suffering(recording)
    if not (harm or lost):
        return
    metric = recording.metric
    shown = f"the {metric.name} has fallen from {metric.best:.3g} to {metric.value:.3g}" if lost and metric else harm
    memory = 1 / (1 - momentum)
    yield rule.finding(
        f"The loss had come down to {up.lowest:.3g} and swings up to {up.highest:.3g}: momentum {momentum:g} of "
        f"{optimizer.kind} goes on in the direction of the last {memory:.0f} steps; {shown}.",
        place=optimizer_place(recording),
        confidence=0.85,
        evidence={
            "momentum": momentum,
            "rate": rate_of(recording),
            "loss_lowest": up.lowest,
            "loss_highest": up.highest,
            "loss_end": up.end,
            "turns": up.turns,
            "score_lost": lost,
            "skill": skill(recording),
        },
    )


RULE = Rule(
    code="LK403",
    name="oscillation",
    severity="error",
    what="The loss falls, swings up again and ends above what it had reached: steps overshoot the minimum and return.",
    why=(
        "Momentum μ lets a step go on for 1/(1 − μ) more: far beyond the minimum, where the rate allows it. The "
        "swing fades over 2/(1 − μ) steps, and the noise of the gradients drives it anew."
    ),
    fix="Lower the momentum to 0.9, or the learning rate by a factor of 3 to 10.",
    thresholds=(
        "Momentum of at least 0.95, twice the memory of the customary 0.9 (Polyak, 1964; Sutskever et al., 2013), at "
        "an ordinary and steady rate; the mean loss of a later twentieth of the run is above that of an earlier one "
        "by Welch's test (1 %, divided by the number of pairs); and the score ends three standard errors below its "
        "best, or with less than half of what chance leaves."
    ),
    needs=("loss", "OptimizerFacts", "Metric"),
    false_alarms=0.01,
    check=check,
    explains=("LK205", "LK206", "LK302", "LK303", "LK304", "LK401", "LK404", "LK405", "LK501", "LK503"),
    settings=("momentum",),
)

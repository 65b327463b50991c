"""LK307: gradients of earlier steps are still there when new ones are added, or are gone before the step is made."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.outcome import skill, suffering
from losskit.doctor.evidence.place import first_site
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import OptimizerFacts, Place
from losskit.recording.recording import Recording

STEPS = 3  # that went wrong: one may be an experiment before the loop


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    trouble = suffering(recording)
    ending = f"; {trouble}." if trouble else "."
    severity = None if trouble else "warning"
    left = [event for event in recording.events if event.kind == "stale"]
    stale = [one for one in recording.optimizers if one.stale_steps >= max(STEPS, one.fresh_steps + 1)]
    evidence: dict[str, object] = {"skill": skill(recording)}
    if stale or left:
        message = "Gradients are not set to zero between two steps: each is added to those of all steps before"
        if stale:
            steps = stale[0].stale_steps + stale[0].fresh_steps
            evidence |= {"stale_steps": stale[0].stale_steps, "steps_looked_at": steps}
            message += f" (in {stale[0].stale_steps} of the first {steps} steps of {stale[0].kind})"
        place = _missing_at(recording, stale[0]) if stale else left[0].place
        yield rule.finding(message + ending, place=place, confidence=0.97, severity=severity, evidence=evidence)
    elif _zeroed_before_step(recording):
        yield rule.finding(
            f"Gradients are set to zero after backward and before the step: the optimizer gets none{ending}",
            place=first_site(recording, "zero_grad", "step"),
            confidence=0.97,
            evidence=evidence,
        )


def _missing_at(recording: Recording, optimizer: OptimizerFacts) -> Place | None:
    """The zero_grad that is called too rarely or on something else; without one, the backward it should precede."""
    zeroed = [site.place for site in recording.places("zero_grad")]
    backward = [site.place for site in recording.places("backward")]
    stepping = [one for one in recording.optimizers if one.steps > 0]
    if not zeroed or not backward:
        return next(iter(backward), None) or first_site(recording, "step", "fit") or optimizer.place
    if len(stepping) == 1:
        return zeroed[0]
    return max(backward, key=lambda place: min(abs(place.line - other.line) for other in zeroed))


def _zeroed_before_step(recording: Recording) -> bool:
    """Whether gradients came to layers that the optimizers hold, and none was left at the steps."""
    if recording.progress.steps < STEPS or not recording.places("zero_grad"):
        return False
    missing = {name.rpartition(".")[0] for one in recording.optimizers for name in one.missing}
    came = any(layer.reached and layer.name not in missing for layer in recording.layers)
    return came and not recording.signal("gradient_norm").array().any()


RULE = Rule(
    code="LK307",
    name="gradients-not-zeroed",
    severity="error",
    what="Gradients are not set to zero between two optimizer steps, or are zeroed when the step should use them.",
    why=(
        "backward() adds to what is in .grad: without zeroing, each step follows the sum of all gradients so far, "
        "which points to where the weights were long ago and grows without bound."
    ),
    fix="Call optimizer.zero_grad() once per step, before backward().",
    thresholds=(
        "In most of the first ten steps, and three at least, the gradients were not zero at any backward since the "
        "step before (accumulation over micro-batches begins at zero); or they are zero at every step although "
        "backward gave some. What is seen is the gradients themselves, however they are zeroed."
    ),
    needs=("OptimizerFacts.stale_steps",),
    false_alarms=0.001,
    check=check,
    explains=(
        *("LK201", "LK202", "LK205", "LK206", "LK302", "LK303", "LK304", "LK305", "LK401", "LK402", "LK403", "LK404"),
        *("LK405", "LK406", "LK501", "LK503", "LK504", "LK508"),
    ),
)

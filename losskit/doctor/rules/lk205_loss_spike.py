"""LK205: the loss leaps for a batch, and what was learned is lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from losskit.doctor.evidence.outcome import adversarial, suffering
from losskit.doctor.evidence.place import first_site, optimizer_place
from losskit.doctor.evidence.spikes import Spike, loss_spikes
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.recording import Recording

SOON = 8  # values after a spike before which it is too early to say that it never came back
AGAIN = 3  # times: an outlier of a fixed data set comes once an epoch
RAISED = 2.0  # a rate that was doubled since the step before is a restart or a warm-up


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    found = [spike for spike in loss_spikes(recording) if not _restarted(recording, spike)]
    if not found or adversarial(recording):
        return
    trouble, worst = suffering(recording), max(found, key=lambda spike: spike.value)
    lasting = next((spike for spike in found if spike.steps is None and spike.left >= SOON), None)
    harm = trouble or (f"after step {lasting.step} it never came back" if lasting is not None else None)
    back = f"it was back after {worst.steps} steps" if worst.steps is not None else "the run ends with it"
    times = "once" if len(found) == 1 else f"{len(found)} times"
    finding = rule.finding(
        f"The loss leapt {times} above where it had begun: to {worst.value:.3g} at step {worst.step}, out of "
        f"{worst.usual:.3g}; {harm or back}.",
        place=first_site(recording, "backward", "step") or optimizer_place(recording) or first_site(recording, "fit"),
        confidence=0.92 if harm else 0.5,
        severity="warning" if harm else "info",
        evidence={
            "spikes": len(found),
            "steps": [spike.step for spike in found[:20]],
            "largest": worst.value,
            "usual": worst.usual,
            "score": worst.score,
            "steps_to_recover": worst.steps,
        },
    )
    # What comes again and again is a batch; gradients that explode by themselves do not stop.
    yield replace(finding, explains=("LK302", "LK404")) if harm and len(found) >= AGAIN else finding


def _restarted(recording: Recording, spike: Spike) -> bool:
    """Whether the rate was raised at the spike: a cycle, or a warm restart."""
    rate = recording.signal("rate")
    now, before = rate.at(spike.step), rate.at(spike.step - max(spike.step // 20, 1))
    return now is not None and before is not None and now >= RAISED * before


RULE = Rule(
    code="LK205",
    name="loss-spike",
    severity="warning",
    what="For single batches the loss leaps far out of its noise, above that of the untrained model.",
    why=(
        "An outlier among the data, or a step into a steep part of the loss, gives a gradient thousands of times the "
        "usual one; with it one step undoes many, and Adam's or momentum's averages remember it."
    ),
    fix="Clip the gradient norm before the step, warm the learning rate up, and look at the samples of that batch.",
    thresholds=(
        "Above all of the first eight losses, and √(n/0.01) robust deviations above the median of the 32 before it (n "
        "steps in all): Cantelli's inequality and a union bound keep the chance of one false spike in a run at 1 % "
        "whatever the noise. A warning if the run gained less than half of what chance leaves, or never came back; "
        "else a remark."
    ),
    needs=("loss",),
    false_alarms=0.01,
    check=check,
)

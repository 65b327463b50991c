"""LK201: the loss became NaN or infinite."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from losskit.doctor.evidence.numbers import culprit, first_non_finite
from losskit.doctor.evidence.outcome import the_loss
from losskit.doctor.evidence.place import first_site
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import Event, Operation
from losskit.recording.recording import Recording


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    signal = recording.signal("loss")
    bad = np.flatnonzero(~np.isfinite(signal.array()))
    events = [event for event in recording.events if event.kind == "non-finite"]
    if not len(bad) and not any("loss" in (event.message, event.data.get("tensor")) for event in events):
        return
    first, broke = first_non_finite(recording), culprit(recording)
    step = signal.steps[bad[0]] if len(bad) else (first.step if first is not None else None)
    before = np.array([value for at, value in signal if (step is None or at < step) and np.isfinite(value)])
    call = the_loss(recording) or next(iter(recording.training_losses()), None)
    value = "infinite" if len(bad) and np.isinf(signal.values[bad[0]]) else "NaN"
    place = broke.place if broke is not None else None
    yield rule.finding(
        f"The loss became {value}{f' at step {step}' if step is not None else ''}{_cause(before, first, broke)}.",
        place=place or (call.place if call is not None else None) or first_site(recording, "fit", "backward"),
        confidence=0.99,
        evidence={
            "step": step,
            "first_non_finite": first.message if first is not None else None,
            "operation": broke.name if broke is not None else None,
            "argument_minimum": broke.minimum if broke is not None else None,
            "argument_maximum": broke.maximum if broke is not None else None,
            "loss_before": float(before[-1]) if len(before) else None,
            "loss_start": float(before[0]) if len(before) else None,
            "remaining": int(len(signal) - bad[0]) if len(bad) else 0,
        },
    )


def _cause(before: np.ndarray, first: Event | None, broke: Operation | None) -> str:
    """What the way there says."""
    named = f" (the first such number was seen in {first.message})" if first is not None and first.message else ""
    if broke is not None:
        extent = "" if broke.minimum is None else f", of arguments between {broke.minimum:.3g} and {broke.maximum:.3g}"
        named = f" (the first such number came from {broke.name}{extent})"
    if not len(before):
        return f" from the first batch on{named}"
    if len(before) > 1 and before[1:].max() > 2 * max(before[0], 0.0):
        return f", after it had grown from {before[0]:.3g} to {before[1:].max():.3g}{named}"
    return f", out of ordinary values (the last was {before[-1]:.3g}){named}"


RULE = Rule(
    code="LK201",
    name="non-finite-loss",
    severity="error",
    what="The loss is NaN or infinite; from then on every weight is too, and nothing more is learned.",
    why="A logarithm of 0, an overflow, a division by 0, or a number in the data that is not finite.",
    fix=(
        "Use the loss that takes logits instead of log(sigmoid) or log(softmax), clip the gradient norm, or lower "
        "the learning rate."
    ),
    thresholds="None: any loss value that is not finite.",
    needs=("loss",),
    false_alarms=0.0,
    check=check,
    explains=("LK404", "LK508"),
)

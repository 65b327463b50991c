"""How it was measured: what ran, in which versions, at what cost, and what could not be seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from losskit.doctor.finding import Diagnosis
from losskit.recording.recording import Recording
from losskit.report.html.checks import checks
from losskit.report.html.element import Child, clip, element, prose
from losskit.report.html.figure import table
from losskit.report.html.numbers import count, number, percent, seconds
from losskit.report.html.page import Section
from losskit.report.html.proof import deciding_trial
from losskit.report.html.run import metric_name

_LINES = 30


def measured(diagnosis: Diagnosis) -> Section:
    """The section at the end of a doctor's page."""
    recording, trial = diagnosis.recording, deciding_trial(diagnosis)
    facts = what_ran(recording)
    if diagnosis.overhead is not None:
        facts.append(("Watching", f"took {percent(diagnosis.overhead)} of the training time after its first steps"))
    if trial:
        seeds = ", ".join(map(str, trial.seeds[:_LINES]))
        facts.append(("Trials", f"original and patched script with seeds {seeds}; {seconds(trial.seconds)}"))
    unseen = [event.message for event in recording.events if event.kind == "blind"] + list(diagnosis.notes)
    content: list[Child] = [table(["what", "value"], facts, caption="What ran", class_="facts")]
    if unseen:
        content.append(element("h3", "What could not be seen or done"))
        content.append(
            element("ul", [element("li", prose(clip(text, 500))) for text in unseen[:_LINES]], class_="reasons")
        )
    if diagnosis.findings:
        folded = [element("summary", "All rules that looked at the run"), checks(diagnosis.findings, recording)]
        content.append(element("details", folded))
    return Section("method", "Method", "How it was measured", content)


def what_ran(recording: Recording) -> list[tuple[str, Child]]:
    """Script, versions, length, optimizer and loss, as far as they are known."""
    start, end, progress = recording.start, recording.end, recording.progress
    facts: list[tuple[str, Child]] = []
    if start:
        command = " ".join((start.script, *start.arguments))
        facts.append(("Script", element("code", clip(command, 400))))
        if start.versions:
            facts.append(
                ("Versions", ", ".join(f"{clip(name, 40)} {clip(v, 40)}" for name, v in start.versions.items()))
            )
        facts.append(("Seed", "not set" if start.seed is None else str(start.seed)))
    facts.append(("Length", ", ".join(_length(recording))))
    if end:
        watched = f", {seconds(end.training_seconds)} of them training" if end.training_seconds else ""
        facts.append(("Time", f"{seconds(end.seconds)}{watched}; ended: {end.reason}, status {end.exit}"))
    if progress.training_samples is not None or progress.validation_samples is not None:
        told = f"{number(progress.training_samples)} training, {number(progress.validation_samples)} validation"
        facts.append(("Samples", told))
    for optimizer in recording.optimizers[:4]:
        facts.append(("Optimizer", [element("code", clip(optimizer.kind, 80)), " ", settings_text(optimizer.settings)]))
    for call in recording.training_losses()[:4]:
        takes = f" (takes {call.expects.replace('_', ' ')})" if call.expects else ""
        place = [", ", element("code", clip(str(call.place), 200))] if call.place else None
        facts.append(("Loss", [element("code", clip(call.function, 120)), takes, place]))
    if recording.metric:
        one = recording.metric
        told = (
            f"{metric_name(one.name)} on {one.source} data: {number(one.value)} over {count(one.count, 'prediction')}"
        )
        chance = f"; the best constant answer scores {number(one.chance)}" if one.chance is not None else ""
        facts.append(("Task metric", told + chance))
    if recording.layers:
        trainable = sum(layer.trainable for layer in recording.layers)
        facts.append(("Model", f"{count(len(recording.layers), 'layer')}, {count(trainable, 'trainable parameter')}"))
    return facts


def settings_text(settings: Mapping[str, Any]) -> str:
    """lr 0.01, momentum 0.9, …; what is off (0, no, none) is left out."""
    parts = []
    for key, value in [item for item in settings.items() if item[1]][:_LINES]:
        shown = number(value) if isinstance(value, (int, float)) else clip(str(value), 80)
        parts.append(f"{clip(str(key), 40).replace('_', ' ')} {shown}")
    return ", ".join(parts)


def _length(recording: Recording) -> list[str]:
    progress = recording.progress
    parts = [count(progress.steps, "step")]
    if progress.epochs is not None:
        parts.append(count(progress.epochs, "epoch"))
    if progress.batch_size is not None:
        parts.append(f"{count(progress.batch_size, 'sample')} per batch")
    return parts

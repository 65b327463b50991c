"""LK206: a schedule that raises the rate taken out, a lower rate, or the gradient norm clipped before the step."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from losskit.doctor.evidence.place import optimizer_place
from losskit.doctor.evidence.rate import the_optimizer
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.lk302_exploding_gradient import with_clipping
from losskit.doctor.remedies.optimizer import number, with_rate
from losskit.doctor.remedies.source import Source, last_name
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    optimizer, place = the_optimizer(recording), optimizer_place(recording)
    raised = finding.evidence.get("rate_at_end") != finding.evidence.get("rate_at_lowest")
    if raised and optimizer is not None and optimizer.schedule is not None and optimizer.schedule.place is not None:
        text = _without_schedule(source, optimizer.schedule.place.line)
        if text is not None:
            yield Edit("constant-rate", "Leave out the schedule that raises the learning rate", text)
    rate = recording.signal("rate").values[:1]
    if place is None or not rate:
        return
    for lower in (rate[0] / 10, rate[0] / 100):
        text = with_rate(source, place, recording, number(lower))
        if text is not None:
            yield Edit(f"rate-{number(lower)}", f"Set the learning rate to {number(lower)}", text)
    text = with_clipping(source, place.line)
    if text is not None:
        yield Edit("clip-gradient-norm", "Clip the gradient norm before each step", text)


def _without_schedule(text: str, line: int) -> str | None:
    """The file in which the schedule that is made at that line makes no step, and is no callback; None when neither is
    found."""
    tree = Source(text)
    made = tree.call(line)
    assign = tree.parent(made) if made is not None else None
    if isinstance(assign, cst.Element):  # callbacks=[LearningRateScheduler(…)]
        tree.remove_item(assign)
        return tree.text()
    if not isinstance(assign, cst.Assign):
        return None
    names = {last_name(to.target) for to in assign.targets}
    steps = [one for one in tree.calls("step") if isinstance(one.func, cst.Attribute)]
    steps = [one for one in steps if isinstance(one.func, cst.Attribute) and last_name(one.func.value) in names]
    for step in steps:
        tree.remove_statement(step)
    callbacks = [one for one in tree.nodes(cst.Element) if isinstance(one.value, cst.Name) and one.value.value in names]
    for callback in callbacks:
        tree.remove_item(callback)
    return tree.text() if steps or callbacks else None

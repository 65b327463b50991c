"""LK108: a loss is averaged over nothing: every target of a batch is masked, ignored, or has weight 0."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.outcome import suffering
from losskit.doctor.evidence.place import first_site
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import LossCall, Place
from losskit.recording.recording import Recording

DIVIDED, IGNORED = "divided", "ignored"


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    calls = recording.training_losses()
    event = next((event for event in recording.events if event.kind == "empty"), None)
    if event is not None:
        by = DIVIDED if DIVIDED in event.message else IGNORED
        call = _averaged(calls, by)
        yield rule.finding(
            f"At step {event.step} {event.message}: the mean of nothing is 0/0, which is NaN.{_share(call)}",
            place=_division(recording) if by == DIVIDED else _place(call) or event.place,
            confidence=0.97,
            evidence=_evidence(call, by) | {"step": event.step, "said": event.message},
        )
        return
    failed = (recording.end is not None and recording.end.exit != 0) or suffering(recording) is not None
    for call in calls:
        if call.arguments.get("ends_empty") and failed:
            yield rule.finding(
                f"The run ended at a batch in which every target is ignored: the mean of nothing is NaN.{_share(call)}",
                place=_place(call),
                confidence=0.9,
                evidence=_evidence(call, IGNORED),
            )
        elif call.arguments.get("empty_batches") == 1 or call.arguments.get("least_divisor") == 0:
            by = DIVIDED if "least_divisor" in call.arguments else IGNORED
            yield _nothing_left(rule, recording, call, by)


def _nothing_left(rule: Rule, recording: Recording, call: LossCall, by: str) -> Finding:
    if by == DIVIDED:
        said, place = "was divided by a number that is 0 in some batches", _division(recording) or _place(call)
    elif call.written_by == "torch":
        said, place = "ignores every target of every batch that was seen", call.created or call.place
    else:
        said, place = "gives every sample that was seen the weight 0", _weights(recording) or _place(call)
    return rule.finding(
        f"The loss {said}: there is nothing to learn from.",
        place=place,
        confidence=0.95,
        evidence=_evidence(call, by),
    )


def _averaged(calls: list[LossCall], by: str) -> LossCall | None:
    """The loss that it happened to."""
    told = "least_divisor" if by == DIVIDED else "ignored"
    return next((call for call in calls if told in call.arguments), calls[0] if calls else None)


def _place(call: LossCall | None) -> Place | None:
    """The loss; of one that was written for Keras the function, not the line that names it."""
    if call is None:
        return None
    return (call.created if call.written_by == "user" else None) or call.place or call.created


def _division(recording: Recording) -> Place | None:
    """The line of the division by the smallest number made of a sum; else the loss."""
    divisions = [one for one in recording.operations if one.name == "div" and one.minimum is not None]
    sums = [one for one in divisions if any(name in ("sum", "count_nonzero", "nansum") for name in one.of)]
    nearest = min(sums, key=lambda one: abs(one.minimum or 0.0), default=None)
    if nearest is not None:
        return nearest.place
    return _place(_averaged(recording.training_losses(), DIVIDED))


def _weights(recording: Recording) -> Place | None:
    """Where the weights of the samples got their values; else where they are handed over."""
    made = (site.place for site in recording.places("data") if site.detail == "weights")
    return next(made, None) or first_site(recording, "fit")


def _share(call: LossCall | None) -> str:
    ignored = call.arguments.get("ignored") if call is not None else None
    return "" if ignored is None else f" Of all targets seen {ignored:.0%} are ignored."


def _evidence(call: LossCall | None, by: str) -> dict[str, object]:
    arguments = {} if call is None else call.arguments
    return {
        "function": call.function if call is not None else None,
        "by": by,
        "ignored": arguments.get("ignored"),
        "empty_batches": arguments.get("empty_batches"),
        "least_divisor": arguments.get("least_divisor"),
    }


RULE = Rule(
    code="LK108",
    name="empty-reduction",
    severity="error",
    what="A loss is averaged over the targets that count, and in some batch none does: all are masked, ignored, or "
    "have weight 0.",
    why="0/0 is NaN, and the gradient of a masked mean is NaN with it: one such batch ruins every weight. Where a "
    "framework gives 0 instead, and no target counts at all, nothing is learned.",
    fix="Divide by mask.sum().clamp(min=1), or skip a batch without a target that counts.",
    thresholds="None: the count that the mean divides by was 0.",
    needs=("Event of kind empty, or loss_calls",),
    false_alarms=0.0,
    check=check,
    explains=(
        "LK201",
        "LK202",
        "LK204",
        "LK206",
        "LK302",
        "LK303",
        "LK404",
        "LK402",
        "LK401",
        "LK305",
        "LK307",
        "LK405",
        "LK504",
    ),
)

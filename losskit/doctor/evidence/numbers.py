"""Where finite numbers ended: in which step, in what, and at which operation."""

from __future__ import annotations

import numpy as np

from losskit.recording.facts import Event, Operation
from losskit.recording.recording import Recording

LOGARITHMS = frozenset(("log", "log2", "log10", "log1p"))
QUOTIENTS = frozenset(("div", "reciprocal"))
BOUNDED = frozenset(("softmax", "sigmoid", "hardsigmoid", "hard_sigmoid", "tanh"))  # they round to their bound
EXPONENTIALS = frozenset(("exp", "expm1", "exponential"))
# Finite at the edge of their domain, with an infinite slope there.
CORNERS = frozenset(("sqrt", "pow", "acos", "asin", "hypot", "norm", "std"))
UNINFORMATIVE = frozenset(("softmax", "log_softmax", "logsumexp"))  # not finite when what they get is not


def lost_at(recording: Recording) -> int | None:
    """The step whose loss was the first that is not finite; None when all were."""
    return next((step for step, value in recording.signal("loss") if not np.isfinite(value)), None)


def first_non_finite(recording: Recording) -> Event | None:
    """The first number that is not finite; of those of one step the one that an operation made."""
    events = [event for event in recording.events if event.kind == "non-finite"]

    def order(event: Event) -> tuple[int, bool]:
        return -1 if event.step is None else event.step, event.data.get("tensor") != "operation"

    return min(events, key=order, default=None)


def culprit(recording: Recording) -> Operation | None:
    """The operation that gave the first number that is not finite, when the run tells."""
    for event in recording.events:
        if event.kind == "non-finite" and event.data.get("tensor") == "operation":
            here = [one for one in recording.operations if one.name == event.message and one.place == event.place]
            if here and here[0].name not in UNINFORMATIVE:
                return here[0]
    lost = lost_at(recording)
    broken = [one for one in recording.operations if one.infinite and one.step is not None and one.place is not None]
    broken = [one for one in broken if one.name not in UNINFORMATIVE and (lost is None or (one.step or 0) <= lost)]
    return min(broken, key=lambda one: one.step or 0, default=None)


def gradient_lost_at(recording: Recording) -> int | None:
    """The step in which a gradient was not finite though the loss was; None when that was not seen.

    Seen as it happened, in a step that was looked at; or by its trace: weights that are not finite under the first loss
    that is not.
    """
    lost = lost_at(recording)
    for event in recording.events:
        if event.kind != "non-finite" or event.step is None:
            continue
        if event.data.get("tensor") == "gradient" and (lost is None or event.step < lost):
            return event.step
        if event.message == "weight" and event.place is None and event.step == lost:
            return event.step - 1
    norms = recording.signal("gradient_norm")
    seen = next((s for s, value in norms if not np.isfinite(value) and (lost is None or s < lost)), None)
    if seen is not None or lost is None or any("tensor" in event.data for event in recording.events):
        return seen
    # Nobody saw what broke (Keras): a root in a loss that was finite one step before has a slope that can be infinite.
    finite_before = recording.signal("loss").steps[:1] < [lost]
    corner = any(one.name in CORNERS for one in recording.operations)
    return lost - 1 if finite_before and corner and culprit(recording) is None else None


def climbed(recording: Recording) -> bool:
    """Whether the loss had grown to twice its start before it was lost: then steps went too far."""
    lost = lost_at(recording)
    values = [value for step, value in recording.signal("loss") if lost is None or step < lost]
    before = np.array(values)
    return len(before) > 1 and float(before[1:].max()) > 2 * max(float(before[0]), 0.0)


def unstable(operation: Operation) -> str | None:
    """The formula that this operation is part of, when a stable one is known for it: in words; None otherwise."""
    behind = operation.of
    bounded = next((name for name in behind if name in BOUNDED), None)
    exponential = next((name for name in behind if name in EXPONENTIALS), None)
    if operation.name in LOGARITHMS and bounded is not None:
        one_minus = "rsub" in behind or "sub" in behind
        return f"log({'1 − ' if one_minus else ''}{bounded})"
    if operation.name in LOGARITHMS and exponential is not None:
        if "div" in behind[: behind.index(exponential)]:
            return "log(exp / sum(exp))"
        return "log(sum(exp))" if "sum" in behind else "log(1 + exp)" if "add" in behind else None
    if operation.name in QUOTIENTS and exponential is not None:
        return "exp / sum(exp)" if "sum" in behind else "1 / (1 + exp)" if "add" in behind else None
    return None


__all__ = [
    "CORNERS",
    "EXPONENTIALS",
    "UNINFORMATIVE",
    "climbed",
    "culprit",
    "first_non_finite",
    "gradient_lost_at",
    "lost_at",
    "unstable",
]

"""LK202: the loss is finite, and its gradient is not."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.numbers import (
    CORNERS,
    UNINFORMATIVE,
    climbed,
    gradient_lost_at,
    lost_at,
    unstable,
)
from losskit.doctor.evidence.outcome import suffering
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import Operation
from losskit.recording.recording import Recording

NEAR = 1e-6  # ε32 · 10: an argument that came this close to the edge, relative to its extent, may have met it unseen

_AT = {
    "sqrt": "the square root of 0",
    "pow": "a power below 1 of 0",
    "acos": "acos at ±1",
    "asin": "asin at ±1",
    "hypot": "hypot(0, 0)",
    "div": "a division by 0",
    "log": "the logarithm of a number that is not positive",
}


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    step = gradient_lost_at(recording)
    if step is None or (lost_at(recording) is None and suffering(recording) is None):
        return  # a scaled loss overflows now and then: its steps are left out and nothing is lost
    found = _steepest(recording, step)
    if found is None or unstable(found) is not None:  # LK204's
        return
    met = found.steep or found.infinite
    yield rule.finding(
        f"The gradient became NaN or infinite at step {step} while the loss was finite: "
        f"{_AT.get(found.name, found.name)} has no finite slope.",
        place=found.place,
        confidence=(0.97 if met else 0.8) if not climbed(recording) else 0.6,
        evidence={
            "step": step,
            "operation": found.name,
            "of": list(found.of),
            "argument_minimum": found.minimum,
            "argument_maximum": found.maximum,
            "entries_without_slope": found.steep,
            "infinite_values": found.infinite,
        },
    )


def _steepest(recording: Recording, step: int) -> Operation | None:
    """The operation that had no finite slope first; else the only one with a corner, when nothing was seen of it."""
    known = [one for one in recording.operations if one.place is not None and one.name not in UNINFORMATIVE]
    met = [one for one in known if (one.steep or one.infinite) and one.step is not None and one.step <= step]
    if met:
        return min(met, key=lambda one: (one.step or 0, not one.steep))
    corners = [one for one in known if one.name in CORNERS and one.name != "pow" and not one.offset]
    near = [one for one in corners if _near(one)]
    places = near or corners
    return places[0] if len({one.place for one in places}) == 1 else None


def _near(operation: Operation) -> bool:
    """Whether an argument came so close to the edge that one may have met it unseen."""
    low, high = operation.minimum, operation.maximum
    if low is None or high is None:
        return True
    if operation.name in ("acos", "asin"):
        return max(-low, high) >= 1 - NEAR
    return low <= NEAR * max(high, 1.0)


RULE = Rule(
    code="LK202",
    name="non-finite-gradient",
    severity="error",
    what="The loss is finite, its gradient NaN or infinite: the next step makes every weight NaN.",
    why=(
        "sqrt, powers below 1 and acos have an infinite slope at the edge of where they are defined, and the chain "
        "rule multiplies it by 0; where() differentiates the branch that it does not take."
    ),
    fix=(
        "Add a small number inside the root (sqrt(x + 1e-12)), keep the argument of acos inside ±(1 − 1e-6), divide by "
        "norm + 1e-8, and make the argument safe before where() chooses."
    ),
    thresholds=(
        "None for the gradient: any value that is not finite, before the loss is. The operation is the first seen at "
        "an argument without a finite slope; when none was seen, the only one in the script that has such a point."
    ),
    needs=("Operation", "gradient_norm or Event"),
    false_alarms=0.0,
    check=check,
    explains=("LK201", "LK205", "LK206", "LK404", "LK508"),
)

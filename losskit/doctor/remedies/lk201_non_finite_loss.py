"""LK201: the operation that broke kept where it is finite, a clipped gradient, or a lower rate."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.place import optimizer_place
from losskit.doctor.evidence.rate import rate_of
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.lk302_exploding_gradient import with_clipping
from losskit.doctor.remedies.numbers import stable_logarithms, with_safe_argument
from losskit.doctor.remedies.optimizer import number, with_rate
from losskit.recording.recording import Recording


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    operation = finding.evidence.get("operation")
    if operation is not None and finding.used_at is not None:
        safe = with_safe_argument(source, finding.used_at.line, operation)
        if safe is not None:
            yield Edit("safe-argument", f"Keep the argument of {operation} where it is finite", safe)
    if operation is None or operation.startswith("log"):
        stable = stable_logarithms(source)
        if stable is not None:
            yield Edit("stable-logarithm", "Keep the logarithm's argument away from zero", stable)
    place = optimizer_place(recording)
    if place is None or finding.used_at is None or place.file != finding.used_at.file:
        return
    clipped = with_clipping(source, place.line)
    if clipped is not None:
        yield Edit("clip-gradient-norm", "Clip the gradient norm before each step", clipped)
    rate = rate_of(recording)
    if rate is not None:
        code = number(rate / 10)
        slower = with_rate(source, place, recording, code)
        if slower is not None:
            yield Edit(f"rate-{code}", f"Set the learning rate to {code}", slower)

"""LK405: more epochs, or a higher rate; or the other way round for what stopped the run."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import libcst as cst
import libcst.matchers as m

from losskit.doctor.evidence.place import optimizer_place
from losskit.doctor.evidence.rate import DECADE, customary_rate, rate_of
from losskit.doctor.finding import Finding
from losskit.doctor.remedies import Edit
from losskit.doctor.remedies.epochs import with_epochs
from losskit.doctor.remedies.optimizer import rate_edits
from losskit.doctor.remedies.source import Source
from losskit.recording.recording import Recording

SETTLED = 4  # time constants: e⁻⁴ = 2 % are left
OPPOSITE = {"min": "max", "max": "min"}
LEAST, USUAL, MOST = 4, 10, 20  # times as long


def propose(finding: Finding, recording: Recording, source: str) -> Iterable[Edit]:
    """As long as the curve says the loss needs; longer than that; a rate of three times, where that is customary."""
    if finding.used_at is None:
        return
    if "stopped" in finding.evidence:
        yield from _other_way(Source(source), finding.used_at.line)
        return
    needed = _times(finding.evidence.get("late_share"))
    for times in dict.fromkeys((needed, min(2 * needed, MOST))):
        changed = with_epochs(source, finding.used_at.line, recording, lambda epochs, times=times: epochs * times)
        if changed is not None:
            text, epochs = changed
            yield Edit(f"epochs-{epochs}", f"Train for {epochs} epochs", text)
    place, rate, customary = optimizer_place(recording), rate_of(recording), customary_rate(recording)
    if place is not None and place.file == finding.used_at.file and rate is not None and customary is not None:
        rates = [value for value in (rate * DECADE, rate * 3) if value <= customary * DECADE]
        yield from rate_edits(replace(finding, call=place), recording, source, rates)


def _other_way(tree: Source, line: int) -> Iterable[Edit]:
    """Where what stops the run is told, or assumes, that more is better, less is; and the other way round."""
    call = tree.call(line)
    mode = None if call is None else tree.argument(call, "mode")
    told = mode.value if mode is not None else None if call is None else _assumed(tree, call)
    if call is None or not isinstance(told, cst.SimpleString) or told.evaluated_value not in OPPOSITE:
        return
    other = OPPOSITE[str(told.evaluated_value)]
    tree.set_argument(call, "mode", f'"{other}"')
    yield Edit(f"mode-{other}", f'Let it wait for the {other}imum: mode="{other}"', tree.text())


def _assumed(tree: Source, call: cst.Call) -> cst.BaseExpression | None:
    """The default of `mode` in the constructor of a class of the script's own."""
    for made in tree.nodes(cst.ClassDef):
        if isinstance(call.func, cst.Name) and made.name.value == call.func.value:
            for method in m.findall(made, m.FunctionDef(name=m.Name("__init__"))):
                parameters = cst.ensure_type(method, cst.FunctionDef).params
                for one in (*parameters.params, *parameters.kwonly_params):
                    if one.name.value == "mode":
                        return one.default
    return None


def _times(share: object) -> int:
    """How much longer: the second half's share of a decay is 1/(1 + e^(T/2τ))."""
    spent = 2 * math.log(1 / share - 1) if isinstance(share, float) and 0 < share < 0.5 else 0.0  # T/τ
    return round(min(max(SETTLED / spent, LEAST), USUAL)) if spent else USUAL

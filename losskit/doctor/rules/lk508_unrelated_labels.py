"""LK508: the labels do not belong to the inputs they stand beside."""

from __future__ import annotations

from collections.abc import Iterable

from losskit.doctor.evidence.data import unrelated
from losskit.doctor.evidence.gradients import recurrent
from losskit.doctor.evidence.outcome import adversarial, at_chance, descent, skill, suffering
from losskit.doctor.evidence.place import target_place
from losskit.doctor.finding import Finding
from losskit.doctor.rules import Rule
from losskit.recording.facts import Site
from losskit.recording.recording import Recording

FEW = 30  # rows, where the script is seen to put inputs or labels into an order of their own
STEPS = 50  # of a run that was meant to train: fewer are a try-out


def check(rule: Rule, recording: Recording) -> Iterable[Finding]:
    data, curve = recording.data, descent(recording)
    mixed, trouble = next((one for one in recording.events if one.kind == "mixed"), None), suffering(recording)
    if mixed is not None and trouble:
        yield rule.finding(
            f"{mixed.message.capitalize()}: what the model says of a sample is not about it; {trouble}.",
            place=mixed.place,
            confidence=0.93,
            evidence={"mixed": True, "skill": skill(recording)},
        )
        return
    alone = _last(recording.places("reordered"))
    if data is None or curve is None or curve.steps < STEPS or adversarial(recording):
        return
    if not unrelated(recording, *([FEW] if alone is not None else [])):
        return
    if not at_chance(recording) or data.agreement is None:
        return
    if alone is None and recurrent(recording):
        return  # what a sequence says may lie in the order of its steps, which distances of rows do not show
    said = f"; {alone.detail} is put into an order of its own" if alone is not None else ""
    yield rule.finding(
        f"The labels have nothing to do with the inputs: nearest neighbours agree as often as any two rows "
        f"({data.agreement:.2f}, by chance {data.agreement_chance:.2f}; {data.rows} rows), and the model learned "
        f"nothing that holds{said}.",
        place=alone.place if alone is not None else target_place(recording),
        confidence=0.97 if alone is not None else 0.9,
        evidence={
            "agreement": data.agreement,
            "agreement_chance": data.agreement_chance,
            "agreement_probability": data.agreement_probability,
            "dependence_probability": data.dependence_probability,
            "rows": data.rows,
            "reordered": sorted({site.detail for site in recording.places("reordered")}),
            "skill": skill(recording),
        },
    )


def _last(sites: list[Site]) -> Site | None:
    return max(sites, key=lambda site: site.place.line, default=None)


RULE = Rule(
    code="LK508",
    name="unrelated-labels",
    severity="error",
    what="Inputs and labels do not belong together: rows that are alike have labels that are not.",
    why=(
        "Inputs or labels were shuffled, sorted or shifted alone, or the inputs reshaped so that rows mix: the model "
        "can only learn the training pairs by heart."
    ),
    fix="Put inputs and labels into the same order: draw one permutation, and index both with it.",
    thresholds=(
        "Neither the labels of the five nearest neighbours (permutation test) nor the distances of the inputs "
        "(distance correlation t-test, Székely & Rizzo, 2013) show a relation at 1 %, among 100 rows or more (30 where "
        "inputs or labels are seen to be put into an order alone), and the task metric is within three standard errors "
        "of chance, or R² below 0.02."
    ),
    needs=("DataFacts", "Metric", "loss"),
    false_alarms=0.01,
    check=check,
    explains=("LK404", "LK501", "LK303", "LK402", "LK403", "LK405", "LK407", "LK502", "LK503", "LK504", "LK505"),
)

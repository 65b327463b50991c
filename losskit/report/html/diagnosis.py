"""The page of a Diagnosis: verdict, patch, proof, the run, the evidence, and how it was measured."""

from __future__ import annotations

import os
from pathlib import PurePath

from losskit.doctor.finding import Diagnosis
from losskit.report.html import finding as findings
from losskit.report.html import proof, run
from losskit.report.html.checks import checks, ready
from losskit.report.html.diff import diff_block
from losskit.report.html.element import Child, Markup, clip, element, prose
from losskit.report.html.method import measured
from losskit.report.html.numbers import count, number, seconds
from losskit.report.html.page import Section, write

_OTHERS = 12
_ROWS = 40  # of all evidence tables together
_CHARACTERS = 16_000  # of patches


def write_diagnosis(diagnosis: Diagnosis, path: str | os.PathLike[str]) -> None:
    """Write the Diagnosis as one HTML file under 300 KB that loads nothing; replaces `path` whole or not at all."""
    sections = [
        _patch(diagnosis),
        _trial(diagnosis),
        _others(diagnosis),
        _ended(diagnosis),
        run.section(diagnosis.recording),
    ]
    sections += [_checked(diagnosis), _evidence(diagnosis), measured(diagnosis)]
    write(
        path,
        title=clip(f"{_headline(diagnosis)} – losskit doctor", 160),
        kind="doctor",
        opening=_opening(diagnosis),
        sections=[section for section in sections if section],
    )


def _headline(diagnosis: Diagnosis) -> str:
    if diagnosis.findings:
        return findings.sentences(diagnosis.findings[0].message)[0]
    if diagnosis.exit:
        return f"{_script(diagnosis)} stopped before it was done"
    if not ready(diagnosis.recording):
        return f"No training was seen in {_script(diagnosis)}"
    return f"Nothing wrong was found in {_script(diagnosis)}"


def _opening(diagnosis: Diagnosis) -> Child:
    text = _headline(diagnosis)
    headline = element("h1", prose(text), class_="long" if len(text) > 80 else None)
    if not diagnosis.findings:
        return [_eyebrow(diagnosis), headline, _calm(diagnosis)]
    first = diagnosis.findings[0]
    rest = findings.sentences(first.message)[1]
    trial = proof.deciding_trial(diagnosis)
    return [
        _eyebrow(diagnosis),
        headline,
        findings.tags(first),
        element("p", prose(rest), class_="lead") if rest else None,
        findings.meaning(first, "h2"),
        proof.result(trial) if trial else None,
    ]


def _eyebrow(diagnosis: Diagnosis) -> Markup:
    """Script, framework, length of the run and the metric it ended with."""
    recording, metric = diagnosis.recording, diagnosis.metric
    parts: list[Child] = [element("code", _script(diagnosis))]
    if diagnosis.framework:
        parts.append(f" · {_FRAMEWORKS.get(diagnosis.framework, diagnosis.framework)}")
    if recording.progress.steps:
        parts.append(f" · {count(recording.progress.steps, 'step')}")
    if recording.end:
        parts.append(f" · {seconds(recording.end.seconds)}")
    if metric and metric.value is not None:
        parts.append(f" · {metric.source} {run.metric_name(metric.name)} {number(metric.value)}")
    return element("p", parts, class_="eyebrow")


def _calm(diagnosis: Diagnosis) -> Child:
    end = diagnosis.recording.end
    if diagnosis.exit:
        last = end.traceback.strip().splitlines()[-1] if end and end.traceback and end.traceback.strip() else None
        said = element("p", element("code", clip(last, 600)), class_="lead") if last else None
        status = f"The script ended with status {diagnosis.exit}. "
        return [said, element("p", status, "No rule found a cause in what was recorded until then.")]
    looked = len(ready(diagnosis.recording))
    if not looked:
        return element("p", "Too little was recorded for any rule to judge: see below what was seen.", class_="lead")
    return [
        element(
            "p",
            f"{count(looked, 'rule')} looked at the loss and what is fed to it, at the numbers, the gradients, the "
            "steps and the data of this run, and found nothing.",
            class_="lead",
        ),
        element(
            "p",
            "That is no proof that the run is as good as it can be: it means that none of the known faults left its "
            "traces. The curves below are worth a look all the same.",
        ),
    ]


def _patch(diagnosis: Diagnosis) -> Section | None:
    """What was accepted, as one patch; else the most promising remedy of the first finding."""
    accepted = proof.accepted(diagnosis)
    chosen = accepted or [remedy for finding in diagnosis.findings[:1] for remedy in finding.remedies[:1]]
    if not chosen:
        return None
    titles = [element("p", prose(clip(remedy.title, 200))) for remedy in chosen[:_OTHERS]]
    if accepted and diagnosis.diff:
        shown: Child = [titles, diff_block(diagnosis.diff, name="Patch", characters=_CHARACTERS)]
    else:
        budget = _CHARACTERS // len(chosen)
        blocks = [
            diff_block(remedy.diff, name=f"Patch: {clip(remedy.title, 200)}", characters=budget) for remedy in chosen
        ]
        shown = list(zip(titles, blocks, strict=False))
    if diagnosis.patched:
        where: list[Child] = ["The patched script was written to ", element("code", clip(diagnosis.patched, 300)), "."]
    elif accepted:
        where = ["The script itself was left as it was."]
    elif chosen[0].trial:
        where = ["It was tried and not accepted, so the script was left as it was."]
    else:
        command = element("code", f"losskit doctor {_script(diagnosis)} --fix")
        where = ["Not tried yet: ", command, " runs the script with and without it."]
    heading = "A patch that was tried" if chosen[0].trial and not accepted else "The patch"
    return Section("patch", "Patch", heading, [shown, element("p", where, class_="muted")])


def _trial(diagnosis: Diagnosis) -> Section | None:
    trial = proof.deciding_trial(diagnosis)
    curves = proof.trial_curves(trial) if trial else None
    if not trial or not curves:
        return None
    text = (
        f"The script was run as it was and with the patch, in a copy of its folder, with the same "
        f"{count(len(trial.seeds), 'seed')} and the same budget."
    )
    return Section("proof", "Before and after", "Before and after", [element("p", text, class_="muted"), curves])


def _others(diagnosis: Diagnosis) -> Section | None:
    """The symptoms of the first finding, then what stands on its own."""
    if not diagnosis.findings:
        return None
    first, *rest = diagnosis.findings
    content: list[Child] = []
    if first.explains:
        said = "These follow from the cause above and should go away with it:"
        content = [element("p", said), findings.symptoms(first, rest)]
    content += [findings.other(finding) for finding in rest[:_OTHERS] if finding.code not in first.explains]
    return Section("others", "Also found", "Also found", content) if content else None


def _ended(diagnosis: Diagnosis) -> Section | None:
    end = diagnosis.recording.end
    if not end or not end.traceback:
        return None
    text = f"It ended with status {diagnosis.exit}. What had been recorded until then was diagnosed all the same."
    said = element("p", text) if diagnosis.findings else None
    return Section("traceback", "Traceback", "How the script ended", [said, run.traceback(end.traceback)])


def _checked(diagnosis: Diagnosis) -> Section | None:
    if diagnosis.findings or not ready(diagnosis.recording):
        return None
    return Section("checked", "What was checked", "What was checked", checks((), diagnosis.recording))


def _evidence(diagnosis: Diagnosis) -> Section | None:
    if not diagnosis.findings:
        return None
    shown = diagnosis.findings[:_OTHERS]
    rows = max(6, _ROWS // len(shown))
    return Section("evidence", "Evidence", "Evidence", [findings.evidence(finding, rows=rows) for finding in shown])


def _script(diagnosis: Diagnosis) -> str:
    return clip(PurePath(diagnosis.script).name or diagnosis.script, 120)


_FRAMEWORKS = {"torch": "PyTorch", "keras": "Keras", "jax": "JAX", "tensorflow": "TensorFlow", "numpy": "NumPy"}

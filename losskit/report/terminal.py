"""A diagnosis for people at a terminal: what was found in plain words first, then the evidence and the cure."""

from __future__ import annotations

import textwrap
import unicodedata
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from losskit.doctor.finding import Diagnosis, Finding, Remedy
from losskit.doctor.rules import rules
from losskit.recording.facts import Place
from losskit.trials.trial import Trial

STYLES = {"error": "bold red", "warning": "bold yellow", "info": "bold cyan"}
DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}
INDENT = 4


def show(diagnosis: Diagnosis, file: TextIO | None = None) -> None:
    """Print it. Colour only on a terminal that wants it (NO_COLOR is heard); text of the user is never markup."""
    console = _console(file)
    console.print(_headline(diagnosis))
    for number, finding in enumerate(diagnosis.findings, 1):
        console.print()
        _show_finding(finding, console, f"{number}. ")
    if diagnosis.notes:
        console.print()
    for note in diagnosis.notes:
        console.print(Text.assemble(("Note: ", "bold"), clean(note)))
    _show_outcome(diagnosis, console)


def say_finding(finding: Finding) -> None:
    """Print one finding by itself."""
    _show_finding(finding, _console(None), "")


def _console(file: TextIO | None) -> Console:
    return Console(file=file, markup=False, highlight=False, emoji=False)


def _show_finding(finding: Finding, console: Console, number: str) -> None:
    """Cause and place, why, the evidence, what to do, and the remedies with their trials."""
    head = Text(number)
    head.append(finding.severity, STYLES[finding.severity]).append(f" {finding.code} {finding.name}", "bold")
    if finding.place is not None:
        head.append("  ").append_text(_place(finding.place))
    if finding.call is not None:
        head.append(", used at ").append_text(_place(finding.call))
    console.print(head, soft_wrap=True)
    _say(console, finding.message)
    rule = rules().get(finding.code)
    if rule is not None:
        _say(console, rule.why, "why")
    if finding.explains:
        names = [f"{code} {rules()[code].name}" if code in rules() else code for code in finding.explains]
        _say(console, ", ".join(names), "explains")
    evidence = " · ".join(f"{name} {_value(value)}" for name, value in finding.evidence.items())
    _say(console, f"{evidence} · confidence {finding.confidence:.0%}".removeprefix(" · "), "evidence")
    if rule is not None:
        _say(console, rule.fix, "fix")
    cured = any(remedy.trial is not None and remedy.trial.accepted for remedy in finding.remedies)
    for remedy in finding.remedies:
        if remedy.trial is not None or not cured:  # what has helped makes untried alternatives idle
            _show_remedy(remedy, console)


def _headline(diagnosis: Diagnosis) -> Text:
    script = clean(diagnosis.script)
    problems = sum(finding.severity != "info" for finding in diagnosis.findings)
    if problems:
        text = Text(f"{problems} {'problem' if problems == 1 else 'problems'} found in {script}", "bold")
    elif diagnosis.exit:
        text = Text(f"{script} failed before anything could be found", "bold")
    elif not diagnosis.recording.signals:
        text = Text(f"Nothing to diagnose: no training was seen in {script}", "bold")
    else:
        text = Text(f"No problem found in {script}", "bold")
    metric = diagnosis.metric
    if metric is not None and metric.value is not None:
        text.append(f" · {metric.name} {metric.value:.4g} ({metric.source})", "not bold")
    end = diagnosis.recording.end
    if end is not None and end.probe_seconds:
        text.append(f" · watching took {end.probe_seconds:.2g} s of {end.seconds:.2g} s", "not bold")
    return text


def _show_remedy(remedy: Remedy, console: Console) -> None:
    console.print()
    _say(console, f"{remedy.title} ({remedy.id})", "remedy")
    _show_diff(remedy.diff, console)
    if remedy.trial is not None:
        _show_trial(remedy.trial, console, "trial")


def _show_diff(diff: str, console: Console) -> None:
    """Never wrapped, so that it can be copied; in the terminal's own colours, which fit its background."""
    for line in clean(diff).splitlines():
        console.print(Text(" " * INDENT + line, DIFF_STYLES.get(line[:1], "")), soft_wrap=True)


def _show_trial(trial: Trial, console: Console, label: str) -> None:
    runs = zip(trial.seeds, trial.before, trial.after, strict=True)
    seeds = " · ".join(f"seed {seed}: {_metric(before)} → {_metric(after)}" for seed, before, after in runs)
    if seeds:
        _say(console, f"{trial.metric} {seeds}", label)
    _say(console, trial.reason, "accepted" if trial.accepted else "rejected")


def _show_outcome(diagnosis: Diagnosis, console: Console) -> None:
    if diagnosis.final_trial is not None:
        console.print("\nAll accepted changes together:")
        _show_trial(diagnosis.final_trial, console, "trial")
    if diagnosis.diff and diagnosis.patched is None:
        console.print("\nThe accepted change (nothing was written; --output FILE writes it):")
        _show_diff(diagnosis.diff, console)
    if diagnosis.patched is not None:
        console.print(Text(f"\nThe accepted change is written to {diagnosis.patched}"), soft_wrap=True)
    if diagnosis.report is not None:
        console.print(Text(f"Report written to {diagnosis.report}"), soft_wrap=True)


def _say(console: Console, text: str, label: str = "") -> None:
    said = clean(f"{label}  {text}" if label else text)
    margin = " " * INDENT
    for number, paragraph in enumerate(said.splitlines()):
        filled = textwrap.fill(
            paragraph,
            max(console.width, 2 * INDENT),
            initial_indent=margin,
            subsequent_indent=margin,
            break_on_hyphens=False,
        )
        line = Text(filled)
        if number == 0:
            line.stylize("dim", INDENT, INDENT + len(label))
        console.print(line, soft_wrap=True)


def clean(text: str) -> str:
    """A text without what would steer the terminal: control, formatting and lone surrogate characters."""
    return "".join(c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs") else "\ufffd" for c in text)


def _place(place: Place) -> Text:
    return Text(clean(str(place)), style=f"link {Path(place.file).absolute().as_uri()}")


def _metric(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"


def _value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


__all__ = ["clean", "say_finding", "show"]

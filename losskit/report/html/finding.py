"""Findings as people read them: the verdict, what it means, the patch, and the evidence."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from losskit.doctor.finding import Finding, Remedy
from losskit.doctor.rules import Rule, rules
from losskit.report.html.diff import diff_block
from losskit.report.html.element import Child, Markup, clip, element, prose
from losskit.report.html.figure import table
from losskit.report.html.numbers import number, percent

_CODES = 40
_ITEMS = 8  # of a list in a table
_TEXT = 1200
_HEADLINE = 70
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\"'(])")


def sentences(message: str) -> tuple[str, str]:
    """The headline and the rest of a message: its first sentence, or what stands before its colon if that is long."""
    first, *rest = _SENTENCE.split(clip(message.strip(), _TEXT), maxsplit=1)
    if len(first) > _HEADLINE and ": " in first:
        first, detail = first.split(": ", maxsplit=1)
        rest.insert(0, detail[:1].upper() + detail[1:])
    return first.removesuffix("."), " ".join(rest)


def tags(finding: Finding) -> Markup:
    """Severity, code, certainty and place, in a line."""
    return element(
        "ul",
        element("li", finding.severity.capitalize(), class_=f"severity {_known(finding.severity)}"),
        element("li", element("code", clip(str(finding.place), 200)), class_="place") if finding.place else None,
        element("li", "used at ", element("code", clip(str(finding.call), 200)), class_="place")
        if finding.call
        else None,
        element("li", f"{finding.code} {finding.name}"),
        element("li", f"{percent(finding.confidence)} sure"),
        class_="tags",
    )


def meaning(finding: Finding, level: str) -> Markup | None:
    """Why it matters and what to do, as the rule has it."""
    rule = _rule(finding)
    if rule is None:
        return None
    return element(
        "div",
        element("div", element(level, "What it means"), element("p", prose(rule.why))),
        element("div", element(level, "What to do"), element("p", prose(rule.fix))),
        class_="meaning",
    )


def other(finding: Finding) -> Markup:
    """A finding below the first one, with its remedies folded."""
    first, rest = sentences(finding.message)
    return element(
        "article",
        element("h3", prose(first)),
        tags(finding),
        element("p", prose(rest)) if rest else None,
        [element("p", "It explains:"), symptoms(finding, ())] if finding.explains else None,
        meaning(finding, "h4"),
        [folded(remedy) for remedy in finding.remedies[:1]],
        class_="finding",
    )


def symptoms(finding: Finding, present: Sequence[Finding]) -> Markup | None:
    """What the finding accounts for: it needs no repair of its own. Those that are told beside it keep their words."""
    told = {other.code: other for other in present}
    items = []
    for code in finding.explains[:_CODES]:
        rule = rules().get(code)
        name = told[code].name if code in told else rule.name if rule else ""
        words = sentences(told[code].message)[0] + "." if code in told else rule.what if rule else "Seen in this run."
        items.append(element("li", element("strong", f"{code} {name}".strip()), ": ", prose(words)))
    return element("ul", items, class_="reasons") if items else None


def folded(remedy: Remedy) -> Markup:
    """A remedy that is not the one on top."""
    outcome = element("p", prose(clip(remedy.trial.reason, 400)), class_="note") if remedy.trial else None
    return element(
        "details",
        element("summary", f"Patch: {clip(remedy.title, 200)}"),
        outcome,
        diff_block(remedy.diff, name=f"Patch: {clip(remedy.title, 200)}", characters=3000),
    )


def evidence(finding: Finding, *, rows: int) -> Markup:
    """The numbers behind a finding, and the thresholds that decide."""
    rule = _rule(finding)
    shown = [[_words(key), _shown(value)] for key, value in list(finding.evidence.items())[:rows]]
    return element(
        "div",
        element("h3", f"{finding.code} {finding.name}"),
        table(["measured", "value"], shown, caption=f"Evidence for {finding.code}", class_="facts")
        if shown
        else element("p", "No numbers were recorded for it.", class_="muted"),
        element("p", "Thresholds: ", prose(rule.thresholds), class_="note") if rule else None,
    )


def _rule(finding: Finding) -> Rule | None:
    """None for a code this version does not have (a diagnosis of another version's)."""
    return rules().get(finding.code)


def _known(severity: str) -> str:
    return severity if severity in ("error", "warning") else "info"


def _words(key: str) -> str:
    return clip(key.replace("_", " "), 80)


def _shown(value: Any, depth: int = 0) -> Child:
    """A JSON value for people: numbers rounded, long lists cut."""
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool)):
        return number(value, 4)
    if value is None or isinstance(value, bool):
        return {None: "–", True: "yes", False: "no"}[value]
    if depth < 2 and isinstance(value, Mapping):
        parts: list[Child] = [
            [_words(str(key)), " ", _shown(item, depth + 1)] for key, item in list(value.items())[:_ITEMS]
        ]
        return _joined(parts, len(value))
    if depth < 2 and isinstance(value, (list, tuple)):
        return _joined([_shown(item, depth + 1) for item in value[:_ITEMS]], len(value))
    return clip(str(value), 60 if depth else 300)


def _joined(parts: list[Child], total: int) -> list[Child]:
    if not parts:
        return ["none"]
    separated: list[Child] = [parts[0]]
    for part in parts[1:]:
        separated += [", ", part]
    return [*separated, f", … {total - len(parts):,} more"] if total > len(parts) else separated


def finite(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None and math.isfinite(value)]

"""The page of `losskit fit`: the scores, why this loss, the curves, and the settings."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from losskit.recording.recording import Recording
from losskit.report.html import run
from losskit.report.html.element import Child, clip, element, prose
from losskit.report.html.figure import table
from losskit.report.html.method import what_ran
from losskit.report.html.numbers import number
from losskit.report.html.page import Section, write


def write_fit(
    recording: Recording,
    path: str | os.PathLike[str],
    *,
    title: str,
    task: str,
    scores: Mapping[str, Mapping[str, float | None]],
    loss: str,
    advice: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
) -> None:
    """Write a fit as one HTML file under 300 KB that loads nothing; replaces `path` whole or not at all.

    `title` is the headline ("diabetes: R² 0.47 on test data"), `task` one line about data and task;
    `scores` maps train, validation, test to {measure: value}; `loss` is the loss used, `advice` why, a sentence each;
    `settings` what was used (model, optimizer, epochs, …).
    """
    sections = [_why(loss, advice), run.section(recording), _settings(recording, settings or {})]
    write(
        path,
        title=clip(f"{title} – losskit fit", 160),
        kind="fit",
        opening=_opening(title, task, scores),
        sections=sections,
    )


def _opening(title: str, task: str, scores: Mapping[str, Mapping[str, float | None]]) -> list[Child]:
    measures = list(dict.fromkeys(name for row in scores.values() for name in row))
    rows = [[part, *(number(row.get(name)) for name in measures)] for part, row in scores.items()]
    head = ["data", *(run.metric_name(name) for name in measures)]
    return [
        element("p", prose(clip(task, 600)), class_="eyebrow"),
        element("h1", prose(clip(title, 200))),
        table(head, rows, caption="Scores", class_="numeric scores") if rows else None,
    ]


def _why(loss: str, advice: Sequence[str]) -> Section:
    reasons = element("ul", [element("li", prose(clip(text, 600))) for text in advice[:20]], class_="reasons")
    return Section(
        "loss",
        "The loss",
        "The loss",
        [element("p", element("code", clip(loss, 300)), class_="lead"), reasons if advice else None],
    )


def _settings(recording: Recording, settings: Mapping[str, Any]) -> Section:
    used = [(clip(str(key), 80).replace("_", " "), _setting(value)) for key, value in list(settings.items())[:60]]
    known = what_ran(recording)
    return Section(
        "settings",
        "Settings",
        "Settings",
        [
            table(["setting", "value"], used, caption="What was chosen", class_="facts") if used else None,
            table(["what", "value"], known, caption="What ran", class_="facts"),
        ],
    )


def _setting(value: Any) -> str:
    return number(value) if isinstance(value, (int, float)) or value is None else clip(str(value), 300)

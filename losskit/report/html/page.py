"""The document around a report: head, navigation, sections, style and script, in one file that loads nothing."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import losskit
from losskit.report.html.element import Child, Markup, element, join

_LIMIT = 250_000  # bytes of all sections; head, style, script and opening take up to 50,000 more
_THEMES = ("auto", "light", "dark")


@dataclass(frozen=True)
class Section:
    """A part of the page under a heading of its own. `short` is its name in the navigation."""

    slug: str
    short: str
    heading: str
    content: Child


def write(path: str | os.PathLike[str], *, title: str, kind: str, opening: Child, sections: Sequence[Section]) -> None:
    """Write the page, whole or not at all. `opening` is the verdict above the sections, with the page's h1."""
    temporary = Path(f"{os.fspath(path)}.{os.getpid()}.tmp")
    try:
        temporary.write_text(_document(title, kind, opening, _fitting(sections)), encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _fitting(sections: Sequence[Section]) -> list[Section]:
    """The sections, with the content of the largest ones left out until the others fit into `_LIMIT` bytes."""
    sizes = {one.slug: len(join(one.content).encode()) for one in sections}
    while sum(sizes.values()) > _LIMIT:
        sizes[max(sizes, key=sizes.__getitem__)] = 0
    left_out = element("p", "Left out: with it this page would be larger than 300 KB.", class_="muted")
    return [one if sizes[one.slug] else replace(one, content=left_out) for one in sections]


def _document(title: str, kind: str, opening: Child, sections: Sequence[Section]) -> str:
    style, script = _own("page.css"), _own("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="generator", content=f"losskit {losskit.__version__}"),
        element("title", title),
        Markup(f"<style>{style}</style>"),
    )
    body = element(
        "body",
        element("a", "Skip to the report", href="#report", class_="skip"),
        element(
            "header",
            element("span", element("b", "losskit"), f" {kind}", class_="brand"),
            _themes(),
            class_="top",
        ),
        element(
            "div",
            element(
                "nav",
                element("ol", [element("li", element("a", one.short, href=f"#{one.slug}")) for one in sections]),
                aria_label="Sections",
            ),
            element(
                "main",
                element("article", opening, class_="opening"),
                [
                    element(
                        "section",
                        element("h2", one.heading, id=f"{one.slug}-heading"),
                        one.content,
                        id=one.slug,
                        aria_labelledby=f"{one.slug}-heading",
                    )
                    for one in sections
                ],
                id="report",
            ),
            class_="sheet",
        ),
        element(
            "footer",
            f"Written by losskit {losskit.__version__}. This file is complete: it loads nothing and sends nothing.",
        ),
        Markup(f"<script>{script}</script>"),
    )
    return "<!doctype html>\n" + element("html", head, body, lang="en") + "\n"


def _themes() -> Markup:
    """Light, dark, or as the system has it: plain radio buttons that the style sheet looks at."""
    choices = [
        join(
            [
                element("input", type="radio", name="theme", id=f"theme-{theme}", checked=theme == "auto"),
                element("label", theme.capitalize(), for_=f"theme-{theme}"),
            ]
        )
        for theme in _THEMES
    ]
    return element("fieldset", element("legend", "Colours", class_="unseen"), choices, class_="themes")


def _own(name: str) -> str:
    return files("losskit.report.html").joinpath(name).read_text(encoding="utf-8")

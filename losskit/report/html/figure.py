"""What every chart shares: the frame with caption, text alternative, axes, and the numbers behind it as a table.

A plot is an SVG stretched over its box (strokes keep their width), and its words are HTML beside it: they stay readable
at every width. Positions are shares of the box, 0 at the top left.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from losskit.report.html.element import Child, Markup, element, prose
from losskit.report.html.scale import Scale

SIZE = 1000  # the plot's own units, both ways


def figure(
    slug: str,
    title: str,
    plot: Child,
    *,
    note: str | None = None,
    legend: Child = None,
    data: Child = None,
    readings: object = None,
    kind: str,
) -> Markup:
    """A chart: caption, legend, plot and the table of its numbers. `readings` (numbers only) feed the crosshair."""
    return element(
        "figure",
        element("figcaption", element("strong", title), element("span", prose(note), class_="note") if note else None),
        legend,
        plot,
        element("details", element("summary", "Numbers"), data, class_="numbers") if data else None,
        _json(readings) if readings is not None else None,
        id=f"figure-{slug}",
        class_=f"chart {kind}",
    )


def svg(slug: str, title: str, description: str, shapes: Child, *, width: int = SIZE, height: int = SIZE) -> Markup:
    """The drawing, with its text alternative."""
    return element(
        "svg",
        element("title", title, id=f"{slug}-title"),
        element("desc", description, id=f"{slug}-description"),
        shapes,
        viewBox=f"0 0 {width} {height}",
        preserveAspectRatio="none",
        role="img",
        aria_labelledby=f"{slug}-title {slug}-description",
    )


def x_ticks(scale: Scale, name: str) -> Markup:
    ticks = [element("span", label, style=f"left:{100 * at:.2f}%", class_=_edge(at)) for at, label in scale.ticks()]
    return element("div", ticks, element("b", name), class_="x", aria_hidden="true")


def y_ticks(scale: Scale) -> Markup:
    ticks = [element("span", label, style=f"top:{100 * (1 - at):.2f}%") for at, label in scale.ticks()]
    return element("div", ticks, class_="y", aria_hidden="true")


def path(points: Iterable[str], class_: str) -> Markup | None:
    """One path; None when there is nothing to draw."""
    drawn = "".join(points)
    return element("path", d=drawn, class_=class_) if drawn else None


def table(head: Sequence[Child], rows: Iterable[Sequence[Child]], *, caption: str, class_: str | None = None) -> Markup:
    """A table whose first column names the rows; it scrolls inside its own box where it is too wide."""
    body = [
        element("tr", element("th", row[0], scope="row"), [element("td", cell) for cell in row[1:]]) for row in rows
    ]
    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", [element("th", cell, scope="col") for cell in head])),
            element("tbody", body),
        ),
        class_=f"scroll {class_}" if class_ else "scroll",
        tabindex=0,
        role="region",
        aria_label=caption,
    )


def units(shares: Iterable[float]) -> list[str]:
    """Shares of the box in the plot's units, as short as they can be written."""
    return [f"{SIZE * share:.1f}".removesuffix(".0") for share in shares]


def _edge(at: float) -> str | None:
    return "first" if at < 0.02 else "last" if at > 0.98 else None


def _json(readings: object) -> Markup:
    """Numbers for the page's script. '<' cannot end the element: it is written as \\u003c."""
    text = json.dumps(readings, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return Markup(f'<script type="application/json">{text}</script>')

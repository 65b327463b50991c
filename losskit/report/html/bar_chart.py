"""How often each value occurs: the classes of a target."""

from __future__ import annotations

from collections.abc import Mapping

from losskit.report.html.element import Child, Markup, clip, element
from losskit.report.html.figure import SIZE, figure, path, svg, table
from losskit.report.html.numbers import number, percent

_WIDE, _NARROW = 60, 40  # characters of all counts side by side that fit on a desk and on a phone


def bar_chart(slug: str, title: str, counts: Mapping[str, int], *, note: str | None = None) -> Markup | None:
    """A bar per value, in numeric order where the values are numbers; None when there is none."""
    if not counts:
        return None
    names = sorted(counts, key=lambda name: (0, float(name), "") if _numeric(name) else (1, 0.0, name))
    most, total = max(counts.values()) or 1, sum(counts.values()) or 1
    wide = SIZE / len(names)
    bars = [
        f"M{wide * (i + 0.14):.1f} {SIZE}v-{SIZE * counts[name] / most:.1f}h{wide * 0.72:.1f}V{SIZE}z"
        for i, name in enumerate(names)
    ]
    taken = len(names) * (len(number(most)) + 1)
    few = taken <= _WIDE
    labels: list[Child] = []
    for index, name in enumerate(names):
        left = f"left:{100 * (index + 0.5) / len(names):.2f}%"
        if few or index % max(1, len(names) // 8) == 0:
            labels.append(element("span", clip(name, 12), style=left, class_="name"))
        if few:
            height = 100 * counts[name] / most
            labels.append(element("span", number(counts[name]), style=f"{left};bottom:{height:.1f}%", class_="count"))
    rarest, commonest = min(names, key=counts.__getitem__), max(names, key=counts.__getitem__)
    text = (
        f"{len(names)} values. Most frequent: {commonest}, {percent(counts[commonest] / total)}; "
        f"least: {rarest}, {percent(counts[rarest] / total)}."
    )
    plot = element(
        "div",
        svg(slug, title, text, path(bars, "bar c4")),
        element("div", labels, class_="words dense" if taken > _NARROW else "words", aria_hidden="true"),
        class_="plot",
    )
    rows = [[name, number(counts[name]), percent(counts[name] / total)] for name in names]
    data = table(["value", "count", "share"], rows, caption=title)
    return figure(slug, title, plot, note=note or text, data=data, kind="bars")


def _numeric(name: str) -> bool:
    return name.lstrip("-").isdigit() and name.isascii()

"""Rows on one shared axis: the pairs of a trial, and the ranges of tensors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from losskit.report.html.element import Child, Markup, element
from losskit.report.html.figure import SIZE, figure, path, svg, table, units, x_ticks
from losskit.report.html.numbers import number
from losskit.report.html.scale import Scale, scale_of


class Pair(NamedTuple):
    """One seed of a trial: the metric without and with the patch."""

    name: str
    before: float | None
    after: float | None


class Range(NamedTuple):
    """What a tensor held: extremes, mean and standard deviation."""

    name: str
    minimum: float
    maximum: float
    mean: float | None
    std: float | None
    colour: int


def paired_chart(slug: str, title: str, pairs: Sequence[Pair], metric: str, *, note: str | None = None) -> Markup:
    """Two dots per seed, joined: what the patch did to each run."""
    seen = [value for pair in pairs for value in pair[1:] if value is not None and math.isfinite(value)]
    scale = _margined(
        scale_of(seen, linear=True, within=(0.0, 1.0) if all(0 <= value <= 1 for value in seen) else None)
    )
    shapes: list[Child] = []
    labels: list[Child] = []
    for row, pair in enumerate(pairs):
        down = units([(row + 0.5) / len(pairs)])[0]
        ends = [(value, colour) for value, colour in ((pair.before, 1), (pair.after, 2)) if value in seen]
        across = units(float(scale.position(value)) for value, _ in ends if value is not None)
        if len(across) == 2:
            shapes.append(path([f"M{across[0]} {down}L{across[1]} {down}"], "joint"))
        shapes += [path([f"M{at} {down}h0"], f"dot c{colour}") for at, (_, colour) in zip(across, ends, strict=True)]
        labels += _ends(pair, row, len(pairs), scale)
    text = "; ".join(f"{pair.name}: {number(pair.before)} before, {number(pair.after)} after" for pair in pairs)
    plot = _rows(slug, title, text, shapes, [pair.name for pair in pairs], labels, scale, metric)
    legend = element(
        "ul",
        element("li", element("i", class_="swatch round c1", aria_hidden="true"), "before"),
        element("li", element("i", class_="swatch round c2", aria_hidden="true"), "after"),
        class_="legend",
    )
    if len(seen) < 2 * len(pairs):
        note = f"{note or ''} Where a dot is missing, the run gave no metric.".strip()
    data = table(
        ["run", "before", "after"],
        [[pair.name, number(pair.before), number(pair.after)] for pair in pairs],
        caption=f"{metric} before and after",
    )
    return figure(slug, title, plot, note=note, legend=legend, data=data, kind="rows pairs")


def range_chart(slug: str, title: str, ranges: Sequence[Range], *, note: str | None = None) -> Markup | None:
    """Per tensor a thin line from minimum to maximum, a thick one a standard deviation to either side of the mean."""
    if not ranges:
        return None
    scale = _margined(scale_of([0.0, *(end for one in ranges for end in (one.minimum, one.maximum))], linear=True))
    shapes: list[Child] = []
    for row, one in enumerate(ranges):
        down = units([(row + 0.5) / len(ranges)])[0]
        low, high = units(map(float, scale.position([one.minimum, one.maximum])))  # type: ignore[arg-type]
        shapes.append(path([f"M{low} {down}L{high} {down}"], f"whole c{one.colour}"))
        if one.mean is not None:
            std = one.std or 0.0
            near = [max(one.mean - std, one.minimum), min(one.mean + std, one.maximum), one.mean]
            left, right, middle = units(map(float, scale.position(near)))  # type: ignore[arg-type]
            shapes.append(path([f"M{left} {down}L{right} {down}"], f"middle c{one.colour}"))
            shapes.append(path([f"M{middle} {down}h0"], "mean"))
    text = "; ".join(f"{r.name} from {number(r.minimum)} to {number(r.maximum)}, mean {number(r.mean)}" for r in ranges)
    plot = _rows(slug, title, text, shapes, [one.name for one in ranges], None, scale, "value")
    return figure(slug, title, plot, note=note, kind="rows")


def _rows(
    slug: str, title: str, text: str, shapes: Child, names: Sequence[str], labels: Child, scale: Scale, axis: str
) -> Markup:
    places = [f"top:{100 * (row + 0.5) / len(names):.2f}%" for row in range(len(names))]
    grid = path((f"M{at} 0v{SIZE}" for at in units(at for at, _ in scale.ticks())), "grid")
    return element(
        "div",
        svg(slug, title, text, [grid, shapes]),
        element(
            "div",
            [element("span", name, style=place, title=name) for name, place in zip(names, places, strict=True)],
            class_="names",
            aria_hidden="true",
        ),
        element("div", labels, class_="ends", aria_hidden="true") if labels else None,
        x_ticks(scale, axis),
        class_="plot",
        style=f"--rows:{len(names)}",
    )


def _ends(pair: Pair, row: int, rows: int, scale: Scale) -> list[Markup]:
    """The two values beside their dots, on the outer sides."""
    before, after = (value if value is not None and math.isfinite(value) else None for value in pair[1:])
    if before is not None and after is not None:
        sides = ("left", "right") if after >= before else ("right", "left")
        words = [(value, number(value), side) for value, side in zip((before, after), sides, strict=True)]
    elif before is None and after is None:
        words = [(scale.low, "no metric", "absent")]
    else:
        words = [(value, number(value), "right") for value in (before, after) if value is not None]
    down = f"top:{100 * (row + 0.5) / rows:.2f}%"
    return [
        element("span", text, style=f"left:{100 * float(scale.position(value)):.2f}%;{down}", class_=side)
        for value, text, side in words
    ]


def _margined(scale: Scale) -> Scale:
    """A little room at both ends, so that no dot stands on the edge."""
    margin = (scale.high - scale.low) * 0.04
    return Scale(scale.low - margin, scale.high + margin)

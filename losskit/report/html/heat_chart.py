"""One strip per layer over the steps, coloured by value: where along the depth a run goes wrong, and when."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from losskit.recording.recording import Signal
from losskit.report.html.element import Markup, clip, element
from losskit.report.html.figure import figure, path, svg, table, x_ticks
from losskit.report.html.numbers import number
from losskit.report.html.scale import Scale, steps_scale

LEVELS = 9
ROWS = 40
_CELLS = 1600  # of one chart; more layers get fewer columns
_COLUMNS = 80
_LOST, _NOTHING = -1, -2


def heat_chart(
    slug: str, title: str, layers: Mapping[str, Signal], *, note: str | None = None, share: bool = False
) -> Markup | None:
    """Layers from the input (top) to the output (bottom); a `share` is drawn on 0 to 1, anything else by its logarithm.

    A cell is the median of its steps. None when nothing was measured.
    """
    rows = _chosen({name: signal for name, signal in layers.items() if len(signal)})
    if not rows:
        return None
    x = steps_scale(step for signal in rows.values() for step in (signal.steps[0], signal.steps[-1]))
    columns = min(_COLUMNS, _CELLS // len(rows), max(len(set(signal.steps)) for signal in rows.values()))
    cells = np.array([_cells(signal, x, columns) for signal in rows.values()])
    scale = Scale(0.0, 1.0) if share else _log_scale(cells)
    levels = _levels(cells, scale)
    if len(rows) < len(layers):
        note = f"{note or ''} {len(rows)} of {len(layers)} layers, evenly chosen.".strip()
    plot = element(
        "div",
        svg(slug, title, _described(rows), _paths(levels), width=columns, height=len(rows)),
        element("div", [_label(name, i, len(rows)) for i, name in enumerate(rows)], class_="names", aria_hidden="true"),
        x_ticks(x, "step"),
        class_="plot",
        style=f"--rows:{len(rows)}",
    )
    readings = {
        "x": [x.low, x.high],
        "cells": [[float(f"{v:.3g}") if math.isfinite(v) else None for v in row] for row in cells],
    }
    data = table(
        ["layer", "first", "median", "last", "lowest", "highest"],
        [[name, *map(number, _summary(signal))] for name, signal in rows.items()],
        caption=f"{title}, per layer",
    )
    return figure(
        slug, title, plot, note=note, legend=_legend(scale, levels), data=data, readings=readings, kind="heat"
    )


def _chosen(layers: dict[str, Signal]) -> dict[str, Signal]:
    """At most `ROWS` layers, the first and last among them."""
    names = list(layers)
    kept = np.linspace(0, len(names) - 1, min(len(names), ROWS)).round().astype(int)
    return {names[index]: layers[names[index]] for index in kept}


def _cells(signal: Signal, x: Scale, columns: int) -> np.ndarray:
    """The median of each column; infinite where a value was not finite, NaN before the first.

    A column without a measurement holds the last one: signals are sampled, not every step is measured.
    """
    values = signal.array()
    column = np.minimum((x.position(np.asarray(signal.steps)) * columns).astype(int), columns - 1)
    cells = np.full(columns, np.nan)
    edges = np.searchsorted(column, np.arange(columns + 1))
    held = math.nan
    for index, (start, stop) in enumerate(pairwise(edges)):
        if stop > start:
            part = values[start:stop]
            held = float(np.median(part)) if np.isfinite(part).all() else math.inf
        cells[index] = held
    return cells


def _log_scale(cells: np.ndarray) -> Scale:
    positive = cells[np.isfinite(cells) & (cells > 1e-300)]
    if positive.size == 0:
        return Scale(0.1, 1.0, log=True)
    low, high = math.floor(math.log10(positive.min())), math.ceil(math.log10(positive.max()))
    return Scale(10.0**low, 10.0 ** max(high, low + 1), log=True)


def _levels(cells: np.ndarray, scale: Scale) -> np.ndarray:
    """Which of the colours each cell has; an exact zero has the lowest."""
    known = np.isfinite(cells)
    levels = np.full(cells.shape, _NOTHING)
    levels[known] = np.minimum(scale.position(cells[known]) * LEVELS, LEVELS - 1).astype(int)
    levels[np.isinf(cells)] = _LOST
    return levels


def _paths(levels: np.ndarray) -> list[Markup | None]:
    """A path per colour; neighbours of one colour are one stroke."""
    strokes: dict[int, list[str]] = {}
    for row, line in enumerate(levels.tolist()):
        start = 0
        for column in range(1, len(line) + 1):
            if column == len(line) or line[column] != line[start]:
                strokes.setdefault(line[start], []).append(f"M{start} {row}.5h{column - start}")
                start = column
    names = {_LOST: "cell bad", _NOTHING: "cell nothing"}
    return [path(found, names.get(level, f"cell h{level}")) for level, found in sorted(strokes.items())]


def _label(name: str, row: int, rows: int) -> Markup:
    return element("span", element("bdi", clip(name, 60)), style=f"top:{100 * (row + 0.5) / rows:.2f}%", title=name)


def _legend(scale: Scale, levels: np.ndarray) -> Markup:
    swatches = [element("i", class_=f"h{level}") for level in range(LEVELS)]
    lost = element("span", element("i", class_="bad"), " not finite") if (levels == _LOST).any() else None
    return element(
        "div",
        element("span", number(scale.low), element("span", swatches, class_="ramp"), number(scale.high)),
        lost,
        element("output", class_="reading"),
        class_="legend",
    )


def _summary(signal: Signal) -> Sequence[float | None]:
    finite = signal.finite()
    if finite.size == 0:
        return [signal.values[0], None, signal.values[-1], None, None]
    return [signal.values[0], float(np.median(finite)), signal.values[-1], float(finite.min()), float(finite.max())]


def _described(rows: Mapping[str, Signal]) -> str:
    """The layers with the lowest and the highest median, in a sentence."""
    medians = {name: float(np.median(signal.finite())) for name, signal in rows.items() if signal.finite().size}
    lost = [name for name, signal in rows.items() if signal.finite().size < len(signal)]
    text = f"{len(rows)} layers."
    if medians:
        low, high = min(medians, key=medians.__getitem__), max(medians, key=medians.__getitem__)
        text += f" Lowest median {number(medians[low])} in {low}, highest {number(medians[high])} in {high}."
    return f"{text} Not finite at times in {', '.join(lost[:5])}." if lost else text

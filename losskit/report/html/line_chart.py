"""Series over optimizer steps: axes, a log scale where it is needed, breaks and marks where a value is not finite."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from losskit.recording.recording import Signal
from losskit.report.html.element import Child, Markup, element
from losskit.report.html.figure import figure, path, svg, table, units, x_ticks, y_ticks
from losskit.report.html.numbers import count, number
from losskit.report.html.scale import Scale, decimate, running_median, scale_of, steps_scale

POINTS = 600
_ROWS = 20  # of the table under a chart
_MARKS = 60
_LONG = 100  # from this many points on a running median can be drawn,
_NOISY = 0.01  # and is, when the points are typically this share of the plot's height away from it


@dataclass(frozen=True)
class Line:
    """One series as drawn. `colour` numbers the palette; a `faint` line is background, without legend or reading.

    `smooth`: a noisy series is drawn faintly, with its running median on top.
    """

    name: str
    signal: Signal
    colour: int
    faint: bool = False
    dots: bool = False
    smooth: bool = True


def line_chart(
    slug: str,
    title: str,
    lines: Sequence[Line],
    *,
    references: Sequence[tuple[str, float]] = (),
    linear: bool = False,
    within: tuple[float, float] | None = None,
    note: str | None = None,
    points: int = POINTS,
) -> Markup | None:
    """The chart; None when no series has a point. `references` are horizontal lines with a name."""
    lines = [line for line in lines if len(line.signal)]
    if not lines:
        return None
    x = steps_scale(step for line in lines for step in (line.signal.steps[0], line.signal.steps[-1]))
    heights = np.concatenate([line.signal.finite() for line in lines] + [np.array([at for _, at in references])])
    y = scale_of(heights, linear=linear, within=within)
    shapes: list[Child] = [
        path((f"M0 {at}h1000" for at in units(1 - at for at, _ in y.ticks())), "grid"),
        [path([f"M0 {units([1 - float(y.position(at))])[0]}h1000"], "reference") for _, at in references],
        [_drawn(line, x, y, points) for line in lines],
    ]
    named = [line for line in lines if not line.faint]
    if y.log:
        note = f"{note} Logarithmic axis." if note else "Logarithmic axis."
    plot = element(
        "div",
        svg(slug, title, " ".join(describe(line) for line in named), shapes),
        y_ticks(y),
        x_ticks(x, "step"),
        element(
            "div",
            [element("span", name, style=f"top:{100 * (1 - float(y.position(at))):.2f}%") for name, at in references],
            class_="references",
        ),
        class_="plot",
    )
    readings = {
        "x": [x.low, x.high],
        "lines": [_reading(s, points // 2) for s in named],
    }
    return figure(
        slug,
        title,
        plot,
        note=note,
        legend=_legend(named),
        data=_table(title, named),
        readings=readings,
        kind="lines",
    )


def describe(line: Line) -> str:
    """A series in one sentence, for those who do not see the chart."""
    finite = [(step, value) for step, value in line.signal if math.isfinite(value)]
    lost = len(line.signal) - len(finite)
    if not finite:
        return f"{line.name}: none of its {count(lost, 'value')} is finite."
    (first, start), (last, end) = finite[0], finite[-1]
    low, high = min(value for _, value in finite), max(value for _, value in finite)
    text = f"{line.name}: {number(start)} at step {number(first)}, {number(end)} at step {number(last)}"
    text += f", between {number(low)} and {number(high)}"
    return f"{text}; {count(lost, 'value')} not finite." if lost else f"{text}."


def median_of(signals: Sequence[Signal], name: str) -> Signal:
    """The median over series at every step where all of them have a value (the last one at or before the step)."""
    present = [signal for signal in signals if len(signal)]
    median = Signal(name)
    if not present:
        return median
    first, last = max(s.steps[0] for s in present), min(s.steps[-1] for s in present)
    steps = np.unique(np.concatenate([np.asarray(s.steps) for s in present]))
    steps = steps[(steps >= first) & (steps <= last)]
    held = [s.array()[np.searchsorted(np.asarray(s.steps), steps, side="right") - 1] for s in present]
    for step, values in zip(steps, np.array(held).T, strict=True):
        finite = values[np.isfinite(values)]
        if finite.size:
            median.append(int(step), float(np.median(finite)))
    return median


def smoothed(signal: Signal) -> Signal:
    """The running median of a series that is long and finite enough for one, else the series itself."""
    finite = np.isfinite(signal.array())
    if finite.sum() < _LONG:
        return signal
    steps, values = running_median(np.asarray(signal.steps)[finite], signal.array()[finite])
    return Signal(signal.name, [round(step) for step in steps], values.tolist())


def _drawn(line: Line, x: Scale, y: Scale, points: int) -> list[Child]:
    """The path of a series, its running median when it is noisy, and a mark where a value is not finite."""
    steps, values = np.asarray(line.signal.steps, dtype=np.float64), line.signal.array()
    finite = np.isfinite(values)
    breaks = np.cumsum(~finite)[finite]  # two neighbours with different counts have a gap between them
    across, shown = steps[finite], values[finite]
    kept = decimate(shown, points)
    noisy = line.smooth and not line.faint and not line.dots and _noisy(shown, y)
    style = f"series c{line.colour}" + (" faint" if line.faint else " raw" if noisy else "")
    shapes: list[Child] = [path(_path(x.position(across[kept]), 1 - y.position(shown[kept]), breaks[kept]), style)]
    if noisy:
        middle, median = running_median(across, shown)
        shapes.append(
            path(_path(x.position(middle), 1 - y.position(median), np.zeros(len(middle))), f"series c{line.colour}")
        )
    if line.dots and len(shown) <= _MARKS:
        dots = zip(units(x.position(across)), units(1 - y.position(shown)), strict=True)
        shapes.append(path((f"M{a} {b}h0" for a, b in dots), f"dots c{line.colour}"))
    shapes.append(path(_lost(steps, finite, x), "lost"))
    return shapes


def _noisy(values: np.ndarray, y: Scale) -> bool:
    if len(values) < _LONG:
        return False
    index = np.arange(len(values))
    middle, median = running_median(index, values)
    return float(np.median(np.abs(y.position(values) - np.interp(index, middle, y.position(median))))) > _NOISY


def _lost(steps: np.ndarray, finite: np.ndarray, x: Scale) -> Iterable[str]:
    """A stroke along the upper edge for every stretch of values that are not finite."""
    changes = np.flatnonzero(np.diff(np.concatenate([[True], finite, [True]]).astype(int)))
    stretches = list(zip(changes[::2], changes[1::2] - 1, strict=True))
    for index in np.unique(np.linspace(0, len(stretches) - 1, min(len(stretches), _MARKS)).astype(int)):
        start, end = units(x.position(steps[list(stretches[index])]))
        yield f"M{start} 0L{end} 0"


def _path(x: np.ndarray, y: np.ndarray, breaks: np.ndarray) -> Iterable[str]:
    previous = None
    for across, down, gap in zip(units(x), units(y), breaks, strict=True):
        if gap == previous:
            yield f"L{across} {down}"
        else:
            yield f"M{across} {down}h0"  # a lone point between two gaps is still a dot
        previous = gap


def _legend(lines: Sequence[Line]) -> Markup:
    """Names with their last values; the crosshair replaces the values by those under it."""
    items = [
        element(
            "li",
            element("i", class_=f"swatch c{line.colour}", aria_hidden="true"),
            line.name + " ",
            element("b", number(line.signal.last), data_value=True),
        )
        for line in lines
    ]
    lost = [step for line in lines for step, value in line.signal if not math.isfinite(value)]
    if lost:
        stays = any(not math.isfinite(line.signal.values[-1]) for line in lines)
        text = f"not finite {'from' if stays else 'at'} step {number(min(lost))}"
        items.append(element("li", element("i", class_="swatch bad", aria_hidden="true"), text))
    return element("ul", items, class_="legend")


def _reading(line: Line, points: int) -> list[list[float | int | None]]:
    """The steps and values the crosshair reads, four digits each; null is not finite."""
    values = line.signal.array()
    finite = np.flatnonzero(np.isfinite(values))
    kept = finite[decimate(values[finite], points)]
    lost = np.flatnonzero(~np.isfinite(values))
    lost = lost[np.linspace(0, len(lost) - 1, min(len(lost), _MARKS)).round().astype(int)] if len(lost) else lost
    shown = np.sort(np.concatenate([kept, lost]))
    return [
        [line.signal.steps[index] for index in shown],
        [float(f"{values[index]:.4g}") if math.isfinite(values[index]) else None for index in shown],
    ]


def _table(title: str, lines: Sequence[Line]) -> Markup:
    steps = sorted({step for line in lines for step in line.signal.steps})
    chosen = [steps[round(i)] for i in np.linspace(0, len(steps) - 1, min(len(steps), _ROWS))]
    rows = [[number(step)] + [number(line.signal.at(step)) for line in lines] for step in chosen]
    caption = f"{title}: {len(chosen)} of {count(len(steps), 'step')}, the last value at or before each"
    return table(["step", *(line.name for line in lines)], rows, caption=caption)

"""What the charts draw: read back from their SVG."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest
from parsing import Page

from losskit.recording.recording import Signal
from losskit.report.html.bar_chart import bar_chart
from losskit.report.html.diff import diff_block
from losskit.report.html.figure import figure
from losskit.report.html.heat_chart import heat_chart
from losskit.report.html.line_chart import Line, line_chart, median_of, smoothed
from losskit.report.html.row_chart import Pair, Range, paired_chart, range_chart


def paths(markup: str | None, class_: str) -> list[str]:
    assert markup is not None
    return [node.attributes["d"] or "" for node in Page(markup).having(class_) if node.tag == "path"]


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([-\d.]+) ([-\d.]+)", path)]


def line(values: list[float], steps: list[int] | None = None) -> Line:
    return Line("loss", Signal("loss", steps or list(range(len(values))), values), 1)


def test_a_line_goes_through_its_points():
    (path,) = paths(line_chart("a", "A", [line([0.0, 5.0, 10.0], [0, 10, 40])]), "series")
    assert points(path) == [(0, 1000), (250, 500), (1000, 0)]


def test_the_axis_is_logarithmic_over_more_than_two_decades_and_says_so():
    chart = line_chart("a", "A", [line([1.0, 100.0, 10_000.0])])
    assert points(paths(chart, "series")[0]) == [(0, 1000), (500, 500), (1000, 0)]
    assert "Logarithmic axis" in str(chart)


def test_a_line_breaks_and_is_marked_where_a_value_is_not_finite():
    chart = line_chart("a", "A", [line([1.0, 2.0, math.nan, math.inf, 3.0, math.nan])])
    (path,) = paths(chart, "series")
    assert path.count("M") == 2
    assert [points(mark) for mark in re.findall(r"M[^M]+", paths(chart, "lost")[0])] == [
        [(400, 0), (600, 0)],
        [(1000, 0), (1000, 0)],
    ]
    assert "not finite from step 2" in str(chart)
    assert "3 values not finite" in str(chart)


def test_a_series_without_a_finite_value_still_makes_a_chart():
    chart = line_chart("a", "A", [line([math.nan, math.nan])])
    assert not paths(chart, "series")
    assert paths(chart, "lost")
    assert line_chart("a", "A", [line([])]) is None


def test_a_long_series_is_thinned_but_keeps_its_spike():
    values = [1.0] * 100_000
    values[777] = 2.0
    (path,) = paths(line_chart("a", "A", [line(values)]), "series")
    assert len(points(path)) <= 600
    assert min(y for _, y in points(path)) < 10


def test_a_noisy_series_gets_a_running_median_and_a_smooth_one_does_not():
    rng = np.random.default_rng(0)
    noisy = line_chart("a", "A", [line(rng.random(1000).tolist())])
    assert len(paths(noisy, "series")) == 2
    assert len(paths(noisy, "raw")) == 1
    assert len(paths(line_chart("a", "A", [line(np.linspace(0, 1, 1000).tolist())]), "series")) == 1


def test_what_the_crosshair_reads_are_numbers_only():
    chart = line_chart("a", "A", [Line("</script>", Signal("x", [0, 1, 2], [1.5, math.nan, 2.5]), 1)])
    (script,) = Page(str(chart)).all("script")
    assert json.loads(script.text) == {"x": [0, 2], "lines": [[[0, 1, 2], [1.5, None, 2.5]]]}


def test_median_over_seeds_where_all_have_a_value():
    one, two = Signal("a", [0, 10, 20], [0.0, 1.0, 2.0]), Signal("a", [5, 10], [3.0, 5.0])
    median = median_of([one, two, Signal("a")], "before")
    assert (median.steps, median.values) == ([5, 10], [1.5, 3.0])
    assert len(median_of([], "x")) == 0


def test_only_a_long_series_is_smoothed():
    short = Signal("a", [0, 1], [0.0, math.nan])
    assert smoothed(short) is short
    long = Signal("a", list(range(1000)), [float(step % 2) for step in range(1000)])
    assert len(smoothed(long)) == 100


def test_heat_has_a_stroke_per_colour_run_and_marks_what_is_not_finite():
    layers = {
        "first": Signal("g/first", [0, 1, 2, 3], [1e-6] * 4),
        "last": Signal("g/last", [0, 1, 2, 3], [1.0, 1.0, math.nan, 1.0]),
    }
    chart = heat_chart("h", "H", layers)
    assert paths(chart, "h0") == ["M0 0.5h4"]
    assert paths(chart, "bad")[-1] == "M2 1.5h1"
    assert paths(chart, "h8") == ["M0 1.5h2M3 1.5h1"]


def test_heat_of_shares_runs_from_zero_to_one():
    chart = heat_chart("h", "H", {"a": Signal("d/a", [0, 1], [0.0, 0.5])}, share=True)
    assert paths(chart, "h0") == ["M0 0.5h1"]
    assert paths(chart, "h4") == ["M1 0.5h1"]


def test_heat_holds_the_last_value_between_samples_and_is_blank_before_the_first():
    layers = {"a": Signal("a", list(range(4)), [1.0] * 4), "b": Signal("b", [1], [100.0])}
    chart = heat_chart("h", "H", layers)
    assert paths(chart, "h8") == ["M1 1.5h3"]
    assert "M0 1.5h1" in paths(chart, "nothing")


def test_many_layers_are_thinned_and_it_is_said():
    chart = heat_chart("h", "H", {f"layer{i}": Signal("x", [0, 1], [1.0, 2.0]) for i in range(200)})
    names = [node.text for node in Page(str(chart)).having("names")[0].children]
    assert len(names) == 40
    assert (names[0], names[-1]) == ("layer0", "layer199")
    assert "40 of 200 layers" in str(chart)
    assert heat_chart("h", "H", {"a": Signal("a")}) is None


def test_pairs_are_joined_and_a_missing_one_is_said():
    chart = paired_chart(
        "p", "P", [Pair("seed 0", 0.0, 1.0), Pair("seed 1", None, 0.5), Pair("seed 2", None, None)], "R²"
    )
    assert len(paths(chart, "joint")) == 1
    assert len(paths(chart, "dot")) == 3
    assert "Where a dot is missing, the run gave no metric." in chart
    assert "no metric" in [node.text for node in Page(chart).having("absent")]


def test_ranges_share_an_axis():
    chart = range_chart("r", "R", [Range("targets", 0, 100, 50, 10, 1), Range("predictions", 0, 1, None, None, 2)])
    wide, narrow = (points(path) for path in paths(chart, "whole"))
    assert narrow[1][0] - narrow[0][0] == pytest.approx((wide[1][0] - wide[0][0]) / 100, abs=0.2)
    assert range_chart("r", "R", []) is None


def test_bars_are_in_numeric_order_and_as_high_as_their_counts():
    chart = bar_chart("b", "B", {"10": 5, "2": 10, "-1": 1})
    labels = [node.text for node in Page(str(chart)).having("name")]
    assert labels == ["-1", "2", "10"]
    heights = [float(height) for height in re.findall(r"v-([\d.]+)h", paths(chart, "bar")[0])]
    assert heights == [100, 1000, 500]
    assert bar_chart("b", "B", {}) is None
    assert bar_chart("b", "B", {"x": 0}) is not None


DIFF = (
    "--- a/t.py\n+++ b/t.py\n@@ -3,3 +3,4 @@ def f():\n"
    " same\n--- old\n+++ new\n+more\n also\n\\ No newline at end of file\n"
)


def test_a_diff_is_copied_as_it_is_and_numbered_on_both_sides():
    page = Page(diff_block(DIFF, name="Patch", characters=1000))
    assert page.all("code")[0].text == DIFF
    rows = [(node.attributes["class"], node.attributes.get("data-old"), node.attributes.get("data-new"))
            for node in page.all("span")]  # fmt: skip
    assert rows == [
        ("file", None, None), ("file", None, None), ("hunk", None, None), ("same", "3", "3"),
        ("removed", "4", None), ("added", None, "4"), ("added", None, "5"), ("same", "5", "6"), ("same", None, None),
    ]  # fmt: skip
    assert len(page.all("button")) == 1


def test_a_diff_that_was_cut_says_so_and_is_not_offered():
    page = Page(diff_block(DIFF, name="Patch", characters=30))
    assert "Cut here: 7 more lines" in page.having("note")[0].text
    assert not page.all("button")


def test_readings_cannot_end_their_element():
    made = figure("a", "A", None, kind="lines", readings={"x": "</script><img>"})
    page = Page(made)
    assert [node.tag for node in page.nodes] == ["figure", "figcaption", "strong", "script"]
    assert json.loads(page.all("script")[0].text) == {"x": "</script><img>"}

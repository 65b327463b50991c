"""Axes, ticks, numbers, and the points that are kept of a long series."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from losskit.report.html.numbers import count, number, percent, seconds
from losskit.report.html.scale import Scale, decimate, running_median, scale_of, steps_scale

finite = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.97412, "0.974"), (0.5, "0.5"), (0.0, "0"), (-0.0, "0"), (24.2857, "24.3"), (1234.5, "1,234"),
        (123456.0, "123,456"), (1e6, "1e6"), (5.123e11, "5.12e11"), (1.2e-7, "1.2e−7"), (-3.1e-9, "−3.1e−9"),
        (-1.5, "−1.5"), (1, "1"), (100_000, "100,000"), (10**18, "1e18"), (True, "yes"), (None, "–"),
        (math.nan, "NaN"), (math.inf, "∞"), (-math.inf, "−∞"), (999.7, "1,000"), (0.0001, "0.0001"),
    ],
)  # fmt: skip
def test_numbers(value: float | None, text: str):
    assert number(value) == text


def test_units_of_time_share_and_count():
    assert [seconds(value) for value in (0.84, 12.34, 60, 75, 3600, 7260)] == [
        "0.84 s", "12.3 s", "1 min", "1 min 15 s", "1 h", "2 h 1 min",
    ]  # fmt: skip
    assert [percent(share) for share in (0.0123, 0.5, 0.98, 1.0)] == ["1.2 %", "50 %", "98 %", "100 %"]
    assert [count(n, noun) for n, noun in ((1, "seed"), (3, "seed"), (2, "pass"))] == ["1 seed", "3 seeds", "2 passes"]


@given(st.lists(finite, min_size=1, max_size=20))
def test_every_value_has_a_place_on_its_axis(values: list[float]):
    scale = scale_of(values)
    at = scale.position(np.array(values))
    assert np.isfinite(at).all()
    assert ((at >= 0) & (at <= 1)).all()
    order = np.argsort(values, kind="stable")
    assert (np.diff(at[order]) >= 0).all()


@given(st.lists(finite, min_size=1, max_size=20))
@example([0.0, 5e-324])
@example([1e300, 1.7e308, -1.7e308])
@example([0.1, 0.1 + 1e-12])
def test_ticks_are_few_round_and_on_the_axis(values: list[float]):
    scale = scale_of(values)
    ticks = scale.ticks()
    assert 2 <= len(ticks) <= 8
    assert all(-1e-9 <= at <= 1 + 1e-9 for at, _ in ticks)
    assert len({label for _, label in ticks}) == len(ticks)


def test_a_linear_axis_ends_on_its_ticks():
    for values in ([0.39, 0.61], [1.7, 2.4], [0, 16], [-50, 2.0]):
        ticks = scale_of(values).ticks()
        assert (ticks[0][0], ticks[-1][0]) == pytest.approx((0, 1))


def test_a_narrow_axis_far_from_zero_still_tells_its_ticks_apart():
    assert [label for _, label in scale_of([2.2961, 2.3009]).ticks()] == [
        "2.296", "2.297", "2.298", "2.299", "2.3", "2.301",
    ]  # fmt: skip


def test_logarithmic_when_it_spans_more_than_two_decades():
    assert scale_of([1e-3, 1.0]).log
    assert not scale_of([0.1, 9.0]).log
    assert not scale_of([-1.0, 1e6]).log
    assert not scale_of([1e-3, 1.0], linear=True).log
    with_zero = scale_of([0.0, 1e-3, 10.0])
    assert with_zero.log
    assert with_zero.position(0.0) == 0
    assert scale_of([1e-3, 1.0]).position(np.array([1e-3, 10**-1.5, 1.0])) == pytest.approx([0, 0.5, 1])


def test_an_axis_is_kept_to_what_is_possible():
    assert scale_of([0.3, 0.99], within=(0, 1)).high == 1
    assert scale_of([1.0, 1.0], within=(0, 1)).high == 1
    assert scale_of([0.0], within=(0, 1)).low == 0
    assert scale_of([]) == scale_of([math.nan, math.inf]) == Scale(0, 1)
    assert steps_scale([]) == Scale(0, 1)
    assert steps_scale([7]) == Scale(7, 8)


@given(st.lists(finite, min_size=1, max_size=3000), st.integers(10, 600))
def test_decimation_keeps_ends_and_extremes(values: list[float], limit: int):
    array = np.array(values)
    kept = decimate(array, limit)
    assert len(kept) <= limit or len(kept) == len(array)
    assert (np.diff(kept) > 0).all()
    assert (kept[0], kept[-1]) == (0, len(array) - 1)
    assert array[kept].min() == array.min()
    assert array[kept].max() == array.max()


def test_a_single_spike_survives_decimation():
    values = np.zeros(100_000)
    values[54_321] = 9.0
    assert 54_321 in decimate(values, 600)


def test_running_median_follows_the_middle_of_noise():
    rng = np.random.default_rng(0)
    steps = np.arange(5000.0)
    middle, median = running_median(steps, steps / 5000 + rng.normal(0, 0.1, 5000))
    assert len(middle) == 100
    assert median == pytest.approx(middle / 5000, abs=0.08)

"""Rank tests against SciPy's, which computes them another way."""

import math

import numpy as np
import pytest
from scipy import stats

from losskit.doctor.evidence.trend import blocks, rank_trend
from losskit.recording.recording import Signal


@pytest.mark.parametrize("n", [3, 4, 7, 10])
def test_exact_probability_is_kendalls(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    expected = stats.kendalltau(np.arange(n), values, method="exact")
    trend = rank_trend(values)
    assert trend.tau == pytest.approx(expected.statistic)
    assert trend.probability == pytest.approx(expected.pvalue)


@pytest.mark.parametrize("n", [12, 40])
def test_normal_probability_with_ties_is_kendalls(n: int) -> None:
    values = np.random.default_rng(n).integers(0, 5, size=n).astype(float) + np.linspace(0, 2, n).round()
    expected = stats.kendalltau(np.arange(n), values, method="asymptotic")
    # SciPy has no continuity correction, so ours is the larger by at most one step of S.
    assert expected.pvalue <= rank_trend(values).probability <= expected.pvalue * 1.2 + 0.02


def test_slope_is_theil_sens_and_ignores_an_outlier() -> None:
    positions = np.array([0.0, 1, 2, 4, 7, 8])
    values = 3 * positions - 1
    values[2] = 1e6
    assert rank_trend(values, positions).slope == pytest.approx(stats.theilslopes(values, positions).slope)
    assert rank_trend(values, positions).slope == pytest.approx(3.0, rel=0.1)


def test_direction_and_significance() -> None:
    noise = np.random.default_rng(0).normal(size=20)
    assert rank_trend(np.arange(20) + noise).rising
    assert rank_trend(-np.arange(20) + noise).falling
    assert not rank_trend(noise).rising
    assert not rank_trend(noise).falling


def test_no_trend_in_noise_more_often_than_the_level() -> None:
    generator = np.random.default_rng(1)
    called = [rank_trend(generator.normal(size=20)).probability < 0.01 for _ in range(2000)]
    assert np.mean(called) < 0.017  # 0.01 and three standard errors


def test_too_little_to_say() -> None:
    assert rank_trend(np.array([1.0, 2.0])).probability == 1.0
    assert rank_trend(np.array([5.0] * 12)).probability == 1.0
    assert rank_trend(np.array([1.0, math.nan, math.inf, 2.0])).probability == 1.0


def test_blocks_span_steps_not_samples() -> None:
    signal = Signal("loss", [*range(10), 100, 200, 300], [1.0] * 10 + [2.0, math.nan, 3.0])
    _, values = blocks(signal, count=3)
    assert values.tolist() == [1.0, 2.0, 3.0]
    assert blocks(Signal("loss", [1, 2], [math.nan, math.inf]))[0].size == 0
    assert blocks(Signal("loss"))[1].size == 0
    steps, values = blocks(Signal("loss", [5], [2.0]))
    assert (steps.tolist(), values.tolist()) == ([5.0], [2.0])

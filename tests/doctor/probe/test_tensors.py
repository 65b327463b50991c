"""TensorSummary against NumPy on all batches at once."""

from __future__ import annotations

import numpy as np
import pytest

from losskit.doctor.probe.tensors import TensorSummary


def test_statistics_of_batches_are_those_of_all_of_them() -> None:
    random = np.random.default_rng(0)
    batches = [(random.normal(3, 2, (n, 4)) * [1, 10, 100, 0]).astype(np.float32) for n in (7, 1, 20)]
    summary = TensorSummary()
    for batch in batches:
        summary.add(batch)
    facts = summary.facts()
    every = np.concatenate(batches).astype(np.float64)
    assert facts is not None
    assert (facts.shape, facts.dtype, facts.batches) == ((7, 4), "float32", 3)
    assert (facts.minimum, facts.maximum) == (every.min(), every.max())
    assert facts.mean == pytest.approx(every.mean(), rel=1e-12)
    assert facts.std == pytest.approx(every.std(), rel=1e-12)
    assert facts.row_sum_maximum == pytest.approx(every.sum(1).max())
    assert facts.feature_std_maximum == pytest.approx(every.std(0).max())
    assert facts.feature_std_minimum == 0
    assert facts.feature_mean_absolute_maximum == pytest.approx(abs(every.mean(0)).max())
    assert not facts.integral
    assert facts.distinct is None


def test_labels_are_counted() -> None:
    summary = TensorSummary()
    summary.add(np.array([0, 2, 2]))
    summary.add(np.array([2, -100]))
    facts = summary.facts()
    assert facts is not None
    assert facts.integral
    assert facts.distinct == {"0": 1, "2": 3, "-100": 1}


def test_more_than_64_labels_are_not_counted() -> None:
    summary = TensorSummary()
    summary.add(np.arange(40))
    summary.add(np.arange(40, 80))
    facts = summary.facts()
    assert facts is not None
    assert facts.integral
    assert facts.distinct is None


def test_what_is_not_finite_is_counted_and_left_out() -> None:
    summary = TensorSummary()
    summary.add(np.array([[1.0, np.nan], [np.inf, 3.0]]))
    facts = summary.facts()
    assert facts is not None
    assert facts.non_finite == 2
    assert (facts.minimum, facts.maximum, facts.mean, facts.std) == (1, 3, 2, 1)


def test_nothing_but_nan_has_no_statistics() -> None:
    summary = TensorSummary()
    summary.add(np.array([np.nan]))
    facts = summary.facts()
    assert facts is not None
    assert facts.mean is None
    assert facts.minimum is None
    assert not facts.integral


def test_no_batch_no_facts() -> None:
    assert TensorSummary().facts() is None


def test_half_precision_does_not_overflow() -> None:
    summary = TensorSummary()
    summary.add(np.full((100, 100), 60000, np.float16))
    facts = summary.facts()
    assert facts is not None
    assert facts.mean == pytest.approx(60000, rel=1e-3)
    assert facts.row_sum_maximum == pytest.approx(100 * facts.mean)

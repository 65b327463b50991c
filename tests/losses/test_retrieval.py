"""Losses of retrieval against all pairs, scikit-learn's measure and what they are at their ends."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import losskit
from losskit.core.errors import ShapeError
from tests.conftest import Framework

RNG = np.random.default_rng(23)


def test_cosent_by_sorting_is_that_of_all_pairs_and_masked_pairs_are_in_none(framework: Framework):
    s, t = RNG.uniform(-1, 1, 40), RNG.integers(0, 5, 40) / 4
    keep = RNG.uniform(size=40) > 0.25
    a, b = s[keep], t[keep]
    above = b[:, None] > b[None]
    exact = math.log1p(np.exp(20 * (a[None] - a[:, None]))[above].sum())
    s[~keep] = np.nan
    loss = losskit.CoSENT()
    value, gradient = loss.value_and_gradient(
        framework.array(s), framework.array(t), mask=framework.array(keep), reduction="mean"
    )
    assert float(framework.numpy(value)) == pytest.approx(exact, rel=1e-12)
    assert not framework.numpy(gradient)[~keep].any()
    assert np.isfinite(framework.numpy(gradient)).all()


def test_cosent_says_nothing_of_equal_targets():
    value, gradient = losskit.CoSENT().value_and_gradient(RNG.normal(size=6), np.full(6, 0.5))
    assert value == 0
    assert not gradient.any()


def test_a_sharp_smooth_average_precision_is_scikit_learns():
    metrics = pytest.importorskip("sklearn.metrics")
    scores, relevant = RNG.normal(size=(5, 30)), (RNG.uniform(size=(5, 30)) < 0.3) * 1.0
    exact = [1 - metrics.average_precision_score(y, s) for y, s in zip(relevant, scores, strict=True)]
    sharp = losskit.SmoothAveragePrecision(temperature=1e-9)
    np.testing.assert_allclose(sharp(scores, relevant, reduction="none"), exact, rtol=1e-9)


def test_the_softest_neighbour_is_a_draw_from_all():
    x, groups = RNG.normal(size=(6, 3)), np.array([0, 0, 0, 1, 1, 1])
    assert losskit.SoftNearestNeighbor(temperature=1e12)(x, groups) == pytest.approx(math.log(5 / 2))


def test_like_pairs_that_coincide_or_are_opposite_have_finite_gradients(framework: Framework):
    x = np.array([[1.0, 2.0], [2.0, 4.0], [-1.0, -2.0], [0.5, -1.0], [0.0, 0.0]])
    groups = np.array([0, 0, 0, 1, 1])
    for loss in (losskit.TupletMargin(), losskit.SoftNearestNeighbor()):
        value, gradient = loss.value_and_gradient(framework.array(x), framework.array(groups))
        assert math.isfinite(float(framework.numpy(value)))
        assert np.isfinite(framework.numpy(gradient)).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losskit.CoSENT(scale=0), "scale: expected a finite number > 0"),
        (lambda: losskit.SmoothAveragePrecision(temperature=-1), "temperature: expected a finite number > 0"),
        (lambda: losskit.TupletMargin(margin=2), "margin: expected an angle in radians"),
    ],
)
def test_a_hyper_parameter_that_cannot_be_is_refused_at_once(make, message: str):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


def test_similarities_are_one_number_for_each_pair():
    with pytest.raises(ShapeError, match=re.escape("one similarity for each pair, shape (N,)")):
        losskit.CoSENT()(np.ones((4, 1)), np.ones((4, 1)))

"""Losses of whole samples and of whole batches: what a mask leaves out, columns, what is not defined, shapes."""

from __future__ import annotations

import re

import numpy as np
import pytest

import losskit
from losskit.core.errors import ShapeError
from tests.conftest import Framework

RNG = np.random.default_rng(7)
SAMPLES = [
    losskit.ErrorToSignalRatio(),
    losskit.RelativeSquaredError(),
    losskit.ScaleInvariantLog(),
    losskit.ScaleInvariantLog(root=False, variance_focus=1.0),
]
AGREEMENT = [losskit.Concordance(), losskit.Pearson(), losskit.RSquared()]


def drawn(loss: losskit.Loss, shape: tuple[int, ...]) -> list[np.ndarray]:
    return [RNG.uniform(0.5, 3, shape) for _ in loss.inputs]


@pytest.mark.parametrize("loss", SAMPLES, ids=str)
def test_a_masked_part_of_a_sample_is_as_if_not_there(loss: losskit.Loss, framework: Framework):
    inputs = drawn(loss, (3, 5))
    keep = np.array([[True, False, True, True, False]] * 2 + [[False] * 5])
    without = loss(*(array[:2, [0, 2, 3]] for array in inputs), reduction="none")
    for array in inputs:
        array[~keep] = np.nan
    given, mask = [framework.array(array) for array in inputs], framework.array(keep)
    np.testing.assert_allclose(framework.numpy(loss(*given, mask=mask, reduction="none")), [*without, 0], rtol=1e-12)
    # The sample of which nothing is left does not count in the mean.
    value, gradient = loss.value_and_gradient(*given, mask=mask)
    assert float(framework.numpy(value)) == pytest.approx(without.mean())
    assert np.isfinite(framework.numpy(gradient)).all()
    assert not framework.numpy(gradient)[~keep].any()


@pytest.mark.parametrize("loss", SAMPLES, ids=str)
def test_a_sample_may_have_any_number_of_axes_but_needs_one(loss: losskit.Loss):
    inputs = drawn(loss, (2, 3, 4))
    flat = [array.reshape(2, 12) for array in inputs]
    np.testing.assert_allclose(loss(*inputs, reduction="none"), loss(*flat, reduction="none"), rtol=1e-12)
    with pytest.raises(ShapeError, match=re.escape("prediction: expected samples") + ".*fix: .*prediction\\[None\\]"):
        loss(*(array[:, 0, 0] for array in inputs))


@pytest.mark.parametrize("loss", AGREEMENT, ids=str)
def test_columns_are_batches_of_their_own_and_masked_samples_count_in_none(loss: losskit.Loss, framework: Framework):
    prediction, target = drawn(loss, (6, 2))
    keep = np.ones((6, 2), bool)
    keep[0, 0] = keep[1:3, 1] = False
    first, second = loss(prediction[1:, 0], target[1:, 0]), loss(prediction[[0, 3, 4, 5], 1], target[[0, 3, 4, 5], 1])
    prediction[~keep], target[~keep] = np.nan, np.inf
    given = framework.array(prediction), framework.array(target)
    value, gradient = loss.value_and_gradient(*given, mask=framework.array(keep))
    assert float(framework.numpy(value)) == pytest.approx((5 * first + 4 * second) / 9)
    assert not framework.numpy(gradient)[~keep].any()


@pytest.mark.parametrize("loss", AGREEMENT, ids=str)
def test_a_common_offset_does_not_cost_digits(loss: losskit.Loss, framework: Framework):
    near = [np.round(array * 64) / 64 for array in drawn(loss, (50,))]
    far = [framework.array((array + 2.0**16).astype("float32")) for array in near]
    assert float(framework.numpy(loss(*far))) == pytest.approx(float(loss(*near)), rel=1e-5)


@pytest.mark.parametrize(
    ("loss", "prediction", "target", "value"),
    [
        (losskit.Concordance(), 0.1, 0.1, 0.0),
        (losskit.Concordance(), 0.1, 0.7, 1.0),
        (losskit.Pearson(), 0.1, [0.3, 0.1, 0.2], 1.0),
        (losskit.Pearson(), [0.3, 0.1, 0.2], 0.1, 1.0),
        (losskit.RSquared(), [0.3, 0.1, 0.2], 0.1, 1.0),
    ],
    ids=str,
)
def test_a_constant_batch_has_a_stated_value_and_no_wild_gradient(loss, prediction, target, value):
    """0.1 three times has a mean that is not 0.1."""
    got, gradient = loss.value_and_gradient(*(np.broadcast_to(x, 3) * 1.0 for x in (prediction, target)))
    assert got == pytest.approx(value, abs=1e-15)
    assert np.abs(gradient).max() < 1e-15


def test_a_masked_sample_is_neither_prediction_nor_rival(framework: Framework):
    loss = losskit.BalancedSquaredError(noise_scale=0.5)
    prediction, target = drawn(loss, (5,))
    keep = np.array([True, False, True, True, False])
    without = loss(prediction[keep], target[keep], reduction="none")
    prediction[1], target[4] = np.nan, np.inf
    values = loss(*map(framework.array, (prediction, target)), mask=framework.array(keep), reduction="none")
    np.testing.assert_allclose(framework.numpy(values)[keep], without, rtol=1e-12)
    assert not framework.numpy(values)[~keep].any()


def test_losses_that_are_others_in_disguise():
    p, t = RNG.normal(size=(2, 50))
    alpha = 0.2
    bounds = np.stack([p, p + 1], -1)
    for loss, inputs, other, factor in (
        (losskit.AbsolutePower(exponent=1.0), (p, t), losskit.AbsoluteError()(p, t), 1),
        (losskit.AbsolutePower(exponent=2.0), (p, t), losskit.SquaredError()(p, t), 1),
        (losskit.EpsilonInsensitive(epsilon=0.0), (p, t), losskit.AbsoluteError()(p, t), 1),
        (losskit.SquaredEpsilonInsensitive(epsilon=0.0), (p, t), losskit.SquaredError()(p, t), 1),
        (losskit.QuantileHuber(level=0.5), (p, t), losskit.SmoothL1()(p, t), 0.5),
        (losskit.MultiQuantile(levels=(0.3,)), (p[:, None], t), losskit.Quantile(level=0.3)(p, t), 1),
        (losskit.LogLinearQuantile(level=0.3), (p, np.exp(t)), losskit.Quantile(level=0.3)(np.exp(p), np.exp(t)), 1),
        (
            losskit.IntervalScore(alpha=alpha),
            (bounds, t),
            losskit.MultiQuantile(levels=(alpha / 2, 1 - alpha / 2))(bounds, t),
            4 / alpha,
        ),
        (losskit.AbsoluteScaledError(), (p, t, np.full(50, 2.0)), losskit.AbsoluteError()(p, t), 0.5),
        (losskit.Hampel(a=1.0, b=1e3, c=2e3), (p, t), losskit.Huber()(p, t), 1),
        (losskit.Talwar(scale=1e3), (p, t), losskit.HalfSquaredError()(p, t), 1),
    ):
        assert loss(*inputs) == pytest.approx(factor * other, rel=1e-12), str(loss)


@pytest.mark.parametrize(
    ("loss", "shapes", "message"),
    [
        (losskit.MultiQuantile(), ((4, 2), (4,)), "one column for each of the levels (0.1, 0.5, 0.9)"),
        (losskit.IntervalScore(), ((4, 3), (4,)), "the columns lower and upper along the last axis, 2"),
        (losskit.BalancedSquaredError(), ((4, 1), (4, 1)), "one number for each sample, shape (N,)"),
    ],
    ids=str,
)
def test_a_wrong_number_of_columns_is_an_error(loss: losskit.Loss, shapes, message: str):
    with pytest.raises(ShapeError, match=re.escape(message)):
        loss(*map(np.ones, shapes))

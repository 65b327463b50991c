"""Masks and ignored labels inside one value: pixels of a sample, pairs of a batch, classes."""

from __future__ import annotations

import numpy as np
import pytest

import losskit
from tests.conftest import Framework

RNG = np.random.default_rng(11)
OVERLAPS = [
    losskit.Dice(),
    losskit.Jaccard(smooth=0.5),
    losskit.Tversky(input="probabilities"),
    losskit.GeneralizedDice(),
    losskit.SensitivitySpecificity(),
    losskit.UnifiedFocal(),
    losskit.ExponentialLogarithmic(),
]


@pytest.mark.parametrize("loss", OVERLAPS, ids=str)
@pytest.mark.parametrize("classes", [False, True])
def test_a_masked_pixel_is_as_if_not_there(loss: losskit.Loss, classes: bool, framework: Framework):
    prediction = RNG.uniform(0.1, 0.9, (3, 5, 4) if classes else (3, 5))
    target = RNG.integers(0, 4, (3, 5)) if classes else RNG.uniform(0, 1, (3, 5))
    keep = np.array([[True, False, True, True, False]] * 2 + [[False] * 5])
    without = loss(prediction[:2, [0, 2, 3]], target[:2, [0, 2, 3]], reduction="none")
    prediction[:, 1], target[:, 4] = np.nan, 10**6
    given = framework.array(prediction), framework.array(target)
    mask = framework.array(keep)
    values = framework.numpy(loss(*given, mask=mask, reduction="none"))
    np.testing.assert_allclose(values, [*without, 0], rtol=1e-12)
    # The sample that keeps no pixel does not count in the mean.
    value, gradient = loss.value_and_gradient(*given, mask=mask)
    assert float(framework.numpy(value)) == pytest.approx(without.mean())
    assert not framework.numpy(gradient)[~keep].any()
    assert np.isfinite(framework.numpy(gradient)).all()


def test_an_ignored_label_of_a_pixel_is_a_mask():
    prediction, target = RNG.normal(size=(2, 5, 3)), RNG.integers(0, 3, (2, 5))
    target[0, 1] = 255
    assert losskit.Dice()(prediction, target, mask=target != 255) == pytest.approx(
        (
            losskit.Dice()(np.delete(prediction[:1], 1, 1), np.delete(target[:1], 1, 1))
            + losskit.Dice()(prediction[1:], target[1:])
        )
        / 2
    )


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
def test_a_masked_pair_is_neither_query_nor_rival(similarity, framework: Framework):
    loss = losskit.InfoNCE(similarity=similarity, temperature=0.5)
    queries, keys = RNG.normal(size=(2, 5, 3))
    keep = np.array([True, False, True, True, False])
    without = loss(queries[keep], keys[keep], reduction="none")
    queries[1], keys[4] = np.nan, np.inf
    given = framework.array(queries), framework.array(keys)
    values = framework.numpy(loss(*given, mask=framework.array(keep), reduction="none"))
    np.testing.assert_allclose(values[keep], without, rtol=1e-12)
    assert not values[~keep].any()
    value, gradients = loss.value_and_gradient(*given, mask=framework.array(keep))
    assert float(framework.numpy(value)) == pytest.approx(without.mean())
    for gradient in gradients:
        assert np.isfinite(framework.numpy(gradient)).all()
        assert not framework.numpy(gradient)[~keep].any()


def test_ignored_labels_count_neither_in_the_sum_nor_in_the_divisor(framework: Framework):
    scores, labels = RNG.normal(size=(4, 3)), np.array([0, -100, 2, -100])
    kept = labels >= 0
    loss = losskit.CrossEntropy(class_weight=(1.0, 2.0, 3.0), label_smoothing=0.1, ignore_index=-100)
    got = loss(framework.array(scores), framework.array(labels))
    assert float(framework.numpy(got)) == pytest.approx(loss(scores[kept], labels[kept]))
    terms = loss.terms(framework.array(scores), framework.array(labels))
    assert float(framework.numpy(terms.weight)) == 4
    assert float(framework.numpy(terms.count)) == 2


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_an_index_and_its_one_hot_row_are_one_target(smoothing: float):
    scores, labels = RNG.normal(size=(6, 3)), RNG.integers(0, 3, 6)
    for loss in (
        losskit.CrossEntropy(class_weight=(1.0, 2.0, 3.0), label_smoothing=smoothing),
        losskit.Focal(class_weight=(1.0, 2.0, 3.0)),
        losskit.LogitAdjustedCrossEntropy(prior=(3, 2, 1)),
    ):
        assert loss(scores, labels) == pytest.approx(loss(scores, np.eye(3)[labels]))


def test_losses_that_are_others_in_disguise():
    z, t = RNG.normal(size=50), RNG.integers(0, 2, 50).astype(float)
    two = np.stack([np.zeros(50), z], -1)
    binary = losskit.BinaryCrossEntropy()(z, t, reduction="none")
    for loss, inputs in (
        (losskit.SoftMargin(), (z, 2 * t - 1)),
        (losskit.BinaryFocal(gamma=0), (z, t)),
        (losskit.BinaryCrossEntropy(input="probabilities"), (1 / (1 + np.exp(-z)), t)),
        (losskit.CrossEntropy(), (two, t.astype(int))),
        (losskit.Focal(gamma=0), (two, t.astype(int))),
        (losskit.Poly1CrossEntropy(epsilon=0), (two, t.astype(int))),
        (losskit.LogitAdjustedCrossEntropy(prior=(1, 1)), (two, t.astype(int))),
        (losskit.KLDivergence(), (two, np.eye(2)[t.astype(int)])),
    ):
        np.testing.assert_allclose(loss(*inputs, reduction="none"), binary, rtol=1e-12, err_msg=str(loss))
    np.testing.assert_allclose(
        losskit.Tversky(alpha=0.5, beta=0.5, smooth=0.5)(z[None], t[None]), losskit.Dice(smooth=1.0)(z[None], t[None])
    )
    np.testing.assert_allclose(
        losskit.Tversky(alpha=1, beta=1, smooth=1)(z[None], t[None]), losskit.Jaccard(smooth=1.0)(z[None], t[None])
    )


@pytest.mark.parametrize("loss", [losskit.Dice(), losskit.InfoNCE()], ids=str)
def test_a_curvature_that_no_value_has_of_its_own_is_refused(loss: losskit.Loss):
    with pytest.raises(TypeError, match=rf"{type(loss).__name__}\.curvature: .*Hessian"):
        loss.curvature(np.ones((2, 3)), np.ones((2, 3)))

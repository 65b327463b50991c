"""Compound losses of segmentation as what they are made of; classes that are alike; what is refused."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import losskit
from losskit.core.errors import ShapeError
from tests.conftest import Framework

RNG = np.random.default_rng(31)
LIKE = ((0.0, 1.0, 1.0), (1.0, 0.0, 0.25), (1.0, 0.25, 0.0))


def test_a_unified_focal_loss_of_gamma_0_is_a_mean_of_cross_entropy_and_tversky():
    z, y = RNG.normal(size=(4, 6, 3)), RNG.integers(0, 3, (4, 6))
    loss = losskit.UnifiedFocal(gamma=0.0, delta=0.5, overlap_share=0.25, asymmetric=False)
    parts = losskit.CrossEntropy()(z, y) / 2, losskit.Tversky(alpha=0.5, beta=0.5, smooth=1e-6)(z, y)
    assert loss(z, y) == pytest.approx(0.75 * parts[0] + 0.25 * parts[1])


def test_an_exponential_logarithmic_loss_of_gamma_1_is_cross_entropy_and_log_dice():
    z, y = RNG.normal(size=(4, 6)), (RNG.uniform(size=(4, 6)) < 0.5) * 1.0
    loss = losskit.ExponentialLogarithmic(gamma=1.0, dice_weight=0.0, cross_weight=1.0, class_weight=(1.0, 3.0))
    each = losskit.BinaryCrossEntropy(class_weight=(1.0, 3.0))(z, y, reduction="none")
    np.testing.assert_allclose(loss(z, y, reduction="none"), each.mean(-1))
    overlap = losskit.ExponentialLogarithmic(gamma=1.0, dice_weight=2.0, cross_weight=0.0)(z, y, reduction="none")
    of_both = [-np.log(1 - losskit.Dice()(s, t, reduction="none")) for s, t in ((z, y), (-z, 1 - y))]
    np.testing.assert_allclose(overlap, of_both[0] + of_both[1])


def test_a_mistake_for_a_class_that_is_alike_costs_less(framework: Framework):
    target = np.array([[0, 1, 2, 1]])
    right = 20 * np.eye(3)[target]
    alike, other = right.copy(), right.copy()
    alike[0, 1], other[0, 1] = 20 * np.eye(3)[2], 20 * np.eye(3)[0]
    loss = losskit.GeneralizedWassersteinDice(distances=LIKE)
    values = [float(framework.numpy(loss(framework.array(z), framework.array(target)))) for z in (right, alike, other)]
    assert values[0] < 1e-6 < values[1] < values[2]
    assert values[1] == pytest.approx(1 - (2 * 2.75 + 1) / (2 * 2.75 + 0.25 + 1), abs=1e-6)


def test_a_masked_pixel_of_classes_is_as_if_not_there(framework: Framework):
    z, y = RNG.normal(size=(2, 5, 3)), RNG.integers(0, 3, (2, 5))
    keep = np.array([[True, False, True, True, False]] * 2)
    loss = losskit.GeneralizedWassersteinDice(distances=LIKE)
    without = loss(z[:, [0, 2, 3]], y[:, [0, 2, 3]], reduction="none")
    z[:, 1], y[:, 4] = np.nan, 10**6
    given = [framework.array(x) for x in (z, y)]
    np.testing.assert_allclose(framework.numpy(loss(*given, mask=framework.array(keep), reduction="none")), without)


@pytest.mark.parametrize("loss", [losskit.UnifiedFocal(), losskit.ExponentialLogarithmic()], ids=str)
def test_what_is_perfect_has_a_finite_gradient(loss: losskit.Loss, framework: Framework):
    sure = np.array([[500.0, -500.0, 500.0]])
    value, gradient = loss.value_and_gradient(framework.array(sure), framework.array((sure > 0) * 1.0))
    assert math.isfinite(float(framework.numpy(value)))
    assert np.isfinite(framework.numpy(gradient)).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losskit.UnifiedFocal(delta=1.0), "delta: expected a number between 0 and 1"),
        (lambda: losskit.UnifiedFocal(gamma=1.0), "gamma: expected a number from 0 to below 1"),
        (lambda: losskit.UnifiedFocal(overlap_share=2.0), "overlap_share: expected a number from 0 to 1"),
        (lambda: losskit.ExponentialLogarithmic(smooth=0.0), "smooth: expected a finite number > 0"),
        (
            lambda: losskit.ExponentialLogarithmic(class_weight=(1, -1)),
            "class_weight[1]: expected a finite number >= 0",
        ),
        (lambda: losskit.GeneralizedWassersteinDice(distances=((0, 1),)), "distances: expected C rows of C numbers"),
        (
            lambda: losskit.GeneralizedWassersteinDice(distances=((1, 1), (1, 0))),
            "distances: expected 0 on the diagonal",
        ),
        (lambda: losskit.GeneralizedWassersteinDice(background=2), "background: expected one of the 2 classes"),
    ],
)
def test_a_hyper_parameter_that_cannot_be_is_refused_at_once(make, message: str):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


def test_distances_and_weights_are_of_the_classes():
    z, y = np.zeros((2, 4, 3)), np.zeros((2, 4), int)
    with pytest.raises(ShapeError, match="expected 2 classes, as distances has"):
        losskit.GeneralizedWassersteinDice()(z, y)
    with pytest.raises(ShapeError, match="got masks; they have no distances"):
        losskit.GeneralizedWassersteinDice(distances=LIKE)(z, z)
    with pytest.raises(ShapeError, match="one weight for each of the 3 classes"):
        losskit.ExponentialLogarithmic(class_weight=(1.0, 2.0))(z, y)

"""Losses of images: axes, masks inside an image, what peers give, what is not defined."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

import losskit
from losskit.core.errors import ShapeError
from tests.conftest import Framework

RNG = np.random.default_rng(23)
SMALL = {"window_size": 3}
IMAGES = [
    losskit.StructuralSimilarity(**SMALL),
    losskit.MultiScaleStructuralSimilarity(**SMALL, weights=(0.5, 0.5)),
    losskit.ImageTotalVariation(),
    losskit.ImageTotalVariation(norm="isotropic"),
    losskit.ImageTotalVariation(norm="squared"),
    losskit.GradientDifference(),
    losskit.GradientDifference(signed=True, squared=True),
]
every = pytest.mark.parametrize("loss", IMAGES, ids=str)


def pair(*shape: int) -> list[np.ndarray]:
    first = np.cumsum(np.cumsum(RNG.normal(size=shape), 1), 2) / 4
    return [first, first + 0.1 * RNG.normal(size=shape)]


@every
def test_axes_say_where_the_image_lies(loss):
    images = pair(2, 8, 7, 3)[: len(loss.inputs)]
    last = replace(loss, axes=(1, 2))
    first = [np.moveaxis(image, -1, 1) for image in images]
    np.testing.assert_allclose(last(*images, reduction="none"), loss(*first, reduction="none"), rtol=1e-12)
    of_each = np.mean([loss(*(image[..., c] for image in images), reduction="none") for c in range(3)], axis=0)
    np.testing.assert_allclose(last(*images, reduction="none"), of_each, rtol=1e-12)


def test_a_window_with_a_masked_pixel_is_left_out(framework: Framework):
    loss = losskit.StructuralSimilarity(**SMALL)
    prediction, target = pair(3, 6, 5)
    keep = np.ones((3, 6, 5), bool)
    keep[0, :, 3:] = False  # what is left is an image of 6 × 3
    keep[1, 2:4] = False  # no window of 3 × 3 is whole
    left = loss(prediction[:1, :, :3], target[:1, :, :3])
    whole = loss(prediction[2:], target[2:])
    prediction[~keep], target[~keep] = np.nan, np.inf
    given = framework.array(prediction), framework.array(target)
    mask = framework.array(keep)
    values = framework.numpy(loss(*given, mask=mask, reduction="none"))
    np.testing.assert_allclose(values, [left, 0, whole], rtol=1e-9)
    value, gradient = loss.value_and_gradient(*given, mask=mask)
    assert float(framework.numpy(value)) == pytest.approx((left + whole) / 2)
    assert np.isfinite(framework.numpy(gradient)).all()
    assert not framework.numpy(gradient)[~keep].any()


@pytest.mark.parametrize(
    "loss",
    [
        losskit.ImageTotalVariation(),
        losskit.ImageTotalVariation(norm="isotropic"),
        losskit.GradientDifference(),
        losskit.EdgeAwareSmoothness(),
    ],
    ids=str,
)
def test_a_difference_to_a_masked_pixel_is_left_out(loss, framework: Framework):
    images = pair(2, 6, 5)[: len(loss.inputs)]
    keep = np.ones((2, 6, 5), bool)
    keep[0, :2] = keep[0, :, 4] = False
    left = loss(*(image[:1, 2:, :4] for image in images))
    whole = loss(*(image[1:] for image in images))
    for image in images:
        image[~keep] = np.nan
    values = loss(*map(framework.array, images), mask=framework.array(keep), reduction="none")
    np.testing.assert_allclose(framework.numpy(values), [left, whole], rtol=1e-12)


def test_a_pixel_or_a_position_that_is_masked_is_as_if_not_there(framework: Framework):
    prediction, target = RNG.normal(size=(2, 2, 4, 3))
    keep = np.ones((2, 4, 3), bool)
    keep[0, 1, 2] = False
    rest = [0, 2, 3]
    for loss, some in ((losskit.GramMatrix(), rest), (losskit.PeakSignalToNoiseRatio(), None)):
        if some is None:
            left = loss(
                prediction[:1].reshape(1, -1)[:, keep[0].ravel()], target[:1].reshape(1, -1)[:, keep[0].ravel()]
            )
        else:
            left = loss(prediction[:1, some], target[:1, some])
        spoilt = np.where(keep, prediction, np.nan), np.where(keep, target, np.inf)
        values = loss(*map(framework.array, spoilt), mask=framework.array(keep), reduction="none")
        expected = [left, loss(prediction[1:], target[1:])]
        np.testing.assert_allclose(framework.numpy(values), expected, rtol=1e-12)


def test_ssim_is_tensorflows():
    tf = pytest.importorskip("tensorflow")
    prediction, target = (tf.constant(image, "float32") for image in pair(2, 44, 48, 3))
    for ours, theirs in (
        (losskit.SSIM(axes=(1, 2)), tf.image.ssim(prediction, target, 1.0)),
        (
            losskit.MSSSIM(axes=(1, 2), window_size=5, weights=(0.3, 0.7)),
            tf.image.ssim_multiscale(prediction, target, 1.0, power_factors=(0.3, 0.7), filter_size=5),
        ),
    ):
        np.testing.assert_allclose(ours(prediction.numpy(), target.numpy(), reduction="none"), 1 - theirs, atol=2e-5)
    psnr = np.mean(tf.image.psnr(prediction, target, 1.0))
    np.testing.assert_allclose(-losskit.PSNR()(prediction.numpy(), target.numpy()), psnr, rtol=1e-5)
    steps = 3 * (43 * 48 + 44 * 47) / 2
    np.testing.assert_allclose(
        losskit.ImageTotalVariation(axes=(1, 2))(prediction.numpy()),
        np.mean(tf.image.total_variation(prediction)) / steps,
        rtol=1e-2,  # two means against one sum: the axes' counts differ by 2 %
    )


def test_ssim_keeps_its_digits_in_bright_flat_windows(framework: Framework):
    """Variances of 1e-6 around 1 are lost in float32's E[x²] − μ²."""
    prediction, target = (1 + 1e-3 * RNG.normal(size=(2, 1, 16, 16))).astype("float32")
    loss = losskit.SSIM(k2=1e-3)
    exact = loss(prediction.astype("float64"), target.astype("float64"))
    got = loss(*(framework.array(image) for image in (prediction, target)))
    assert float(framework.numpy(got)) == pytest.approx(float(exact), rel=1e-4)


def test_inverted_structure_has_value_1_and_gradient_0():
    image = pair(1, 12, 12)[0]
    value, gradient = losskit.MSSSIM(**SMALL, weights=(0.5, 0.5)).value_and_gradient(image, -image)
    assert value == 1
    assert not gradient.any()


def test_losses_of_images_and_features_that_are_others_in_disguise():
    p, t = RNG.normal(size=(2, 6, 4))
    assert losskit.LPIPS()(p, t) == pytest.approx(2 * losskit.CosineDistance()(p, t))
    depth = p.reshape(2, 3, 4)
    assert losskit.EdgeAwareSmoothness()(depth, np.ones((2, 3, 4))) == pytest.approx(
        losskit.ImageTotalVariation()(depth)
    )
    gradient = RNG.normal(size=(5, 3, 2))
    assert losskit.R1()(gradient) == pytest.approx(losskit.GradientPenalty(norm=0.0)(gradient) / 2)
    z, other = RNG.normal(size=(2, 6, 4))
    a, b, share = RNG.integers(0, 4, 6), RNG.integers(0, 4, 6), RNG.uniform(size=6)
    mixed = share[:, None] * np.eye(4)[a] + (1 - share)[:, None] * np.eye(4)[b]
    assert losskit.MixupCrossEntropy()(z, a, b, share) == pytest.approx(losskit.CE()(z, mixed))
    assert losskit.RDrop(alpha=0.0)(z, a, other) == pytest.approx(losskit.CE()(z, a) + losskit.CE()(other, a))
    assert losskit.RDrop(alpha=3.0)(z, a, z) == pytest.approx(2 * losskit.CE()(z, a))


@pytest.mark.parametrize(
    ("make", "shapes", "message"),
    [
        (lambda: losskit.SSIM(), ((2, 8, 16), (2, 8, 16)), "at least 11 pixels along axis -2"),
        (lambda: losskit.MSSSIM(), ((2, 160, 160), (2, 160, 160)), "at least 176 pixels"),
        (lambda: losskit.SSIM(axes=(0, 1)), ((20, 20, 20),) * 2, "asks for an axis 0"),
        (lambda: losskit.SSIM(axes=(1, -2)), ((2, 20, 20),) * 2, "names an axis twice"),
        (lambda: losskit.EdgeAwareSmoothness(), ((2, 4, 4), (2, 3, 4, 4)), "one axis of channels more at the end"),
        (lambda: losskit.LPIPS(channel_weight=(1.0, 2.0)), ((2, 3), (2, 3)), "each of the 3 channels"),
        (lambda: losskit.LoadBalancing(top_k=3), ((5, 2),), "at least 3 experts"),
    ],
)
def test_what_does_not_fit_is_an_error(make, shapes, message):
    with pytest.raises(ShapeError, match=re.escape(message)):
        make()(*map(np.ones, shapes))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losskit.SSIM(axes=()), "axes: expected different whole numbers"),
        (lambda: losskit.SSIM(axes=(1, 1)), "axes: expected different whole numbers"),
        (lambda: losskit.SSIM(window_size=1), "window_size: expected a whole number >= 2"),
        (lambda: losskit.SSIM(sigma=0.0), "sigma: expected a finite number > 0"),
        (lambda: losskit.MSSSIM(weights=()), "weights: expected one for each scale"),
        (lambda: losskit.ImageTotalVariation(norm="l1"), "norm: expected one of"),
        (lambda: losskit.LPIPS(channel_weight=(-1.0,)), "channel_weight[0]: expected"),
        (lambda: losskit.LoadBalancing(top_k=0), "top_k: expected a whole number >= 1"),
        (lambda: losskit.PseudoLabelCrossEntropy(threshold=1.0), "threshold: expected a number in [0, 1)"),
        (lambda: losskit.RDrop(input="probabilities"), "input: RegularizedDropout is of logits"),
    ],
)
def test_wrong_hyper_parameters_are_errors(make, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


def test_masks_of_padding_leave_tokens_out_of_loads(framework: Framework):
    logits = RNG.normal(size=(6, 3))
    keep = np.array([True, True, False, True, False, True])
    without = losskit.LoadBalancing(top_k=2)(logits[keep])
    logits[~keep] = np.nan
    got = losskit.LoadBalancing(top_k=2)(framework.array(logits), mask=framework.array(keep))
    assert float(framework.numpy(got)) == pytest.approx(float(without))
    even = np.kron(np.eye(3), np.ones((2, 1))) * 50.0
    assert losskit.LoadBalancing()(even) == pytest.approx(1.0)
    assert losskit.LoadBalancing()(even[:2]) == pytest.approx(3.0)

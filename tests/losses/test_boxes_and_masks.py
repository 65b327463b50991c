"""Boxes, key points and masks: boxes without an area, decisions that are hard, losses that are others, wrong input."""

from __future__ import annotations

import re

import numpy as np
import pytest

import losskit
from losskit.core.errors import DomainError, ShapeError
from tests.conftest import Framework

RNG = np.random.default_rng(5)
BOXES = [
    losskit.IntersectionOverUnion(),
    losskit.GeneralizedIntersectionOverUnion(),
    losskit.DistanceIntersectionOverUnion(),
    losskit.CompleteIntersectionOverUnion(alpha=1.5),
    losskit.EfficientIntersectionOverUnion(),
    losskit.ScyllaIntersectionOverUnion(),
]
POINT, LINE, BOX = (1.0, 1.0, 1.0, 1.0), (0.0, 1.0, 4.0, 1.0), (0.0, 0.0, 2.0, 3.0)


@pytest.mark.parametrize("loss", BOXES, ids=str)
def test_boxes_without_an_area_have_losses_and_gradients(loss: losskit.Loss, framework: Framework):
    pairs = [(a, b) for a in (POINT, LINE, BOX) for b in (POINT, LINE, BOX)]
    prediction, target = (framework.array(np.array(boxes)) for boxes in zip(*pairs, strict=True))
    values, gradient = loss.value_and_gradient(prediction, target, reduction="none")
    assert np.isfinite(framework.numpy(gradient)).all()
    np.testing.assert_array_equal(framework.numpy(values)[[0, 4, 8]], 0)
    assert (framework.numpy(values)[[1, 2, 3, 5, 6, 7]] >= 1 - 1e-12).all()


@pytest.mark.parametrize("loss", BOXES, ids=str)
def test_thin_boxes_have_the_limit_that_boxes_on_one_line_are_given(loss: losskit.Loss):
    def thin(height: float) -> list[np.ndarray]:
        return [np.array([[0.0, 0.0, 3.0, height]]), np.array([[1.0, 0.0, 5.0, height]])]

    assert loss(*thin(0.0)) == pytest.approx(float(loss(*thin(1e-9))), rel=1e-7)


@pytest.mark.parametrize("loss", BOXES, ids=str)
@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_the_unit_of_boxes_does_not_matter(loss: losskit.Loss, size: float):
    prediction, target = np.array([[0, 0, 2, 3]], "float32"), np.array([[1, 1, 4, 3]], "float32")
    value, gradient = loss.value_and_gradient(prediction, target)
    got, steeper = loss.value_and_gradient(prediction * np.float32(size), target * np.float32(size))
    assert got == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(steeper * size, gradient, rtol=1e-4, atol=1e-7)


def test_values_by_hand():
    a, b = np.array([[0.0, 0.0, 2.0, 2.0]]), np.array([[1.0, 1.0, 3.0, 3.0]])
    assert losskit.IntersectionOverUnion()(a, b) == pytest.approx(1 - 1 / 7)
    assert losskit.IntersectionOverUnion(scale="log")(a, b) == pytest.approx(np.log(7))
    assert losskit.GeneralizedIntersectionOverUnion()(a, b) == pytest.approx(1 - 1 / 7 + 2 / 9)
    assert losskit.DistanceIntersectionOverUnion()(a, b) == pytest.approx(1 - 1 / 7 + 2 / 18)
    assert losskit.CompleteIntersectionOverUnion()(a, b) == pytest.approx(1 - 1 / 7 + 2 / 18)
    assert losskit.EfficientIntersectionOverUnion()(a, b) == pytest.approx(1 - 1 / 7 + 2 / 18)
    assert losskit.ScyllaIntersectionOverUnion()(a, b) == pytest.approx(1 - 1 / 7 + (1 - np.exp(-1 / 9)))


def test_boxes_that_do_not_meet_are_pulled_together_or_not():
    a, b = np.array([[0.0, 0.0, 1.0, 1.0]]), np.array([[5.0, 0.0, 6.0, 1.0]])
    assert not losskit.IntersectionOverUnion().value_and_gradient(a, b)[1].any()
    for loss in BOXES[1:]:
        assert loss.value_and_gradient(a, b)[1][0, 2] < 0, str(loss)


ROTATED = [
    losskit.RotatedBoxWasserstein(),
    losskit.RotatedBoxKLDivergence(direction="symmetric"),
    losskit.ProbabilisticIntersectionOverUnion(),
    losskit.KalmanFilterIntersectionOverUnion(),
]


@pytest.mark.parametrize("loss", ROTATED, ids=str)
def test_a_rotated_box_may_be_written_down_in_any_way(loss: losskit.Loss):
    a, b = np.array([[1.0, 2.0, 4.0, 1.0, 0.3]]), np.array([[1.5, 2.0, 3.0, 2.0, -0.4]])
    value, quarter = loss(a, b), np.pi / 2
    for turns in (-3, -1, 1, 2):
        sides = [2, 3] if turns % 2 == 0 else [3, 2]
        other = np.concatenate([b[:, :2], b[:, sides], b[:, 4:] + turns * quarter], axis=1)
        assert loss(a, other) == pytest.approx(value, rel=1e-12)
        assert loss(other, b) == pytest.approx(loss(b, b), rel=1e-12, abs=1e-7)


@pytest.mark.parametrize("loss", ROTATED, ids=str)
def test_a_rotated_box_has_five_numbers_and_sides_above_0(loss: losskit.Loss):
    box = np.array([[1.0, 2.0, 4.0, 1.0, 0.3]])
    with pytest.raises(DomainError, match=r"target\[0\]: expected a box \(x, y, w, h, angle\) with w > 0 and h > 0"):
        loss(box, box * [1, 1, 1, 0, 1])
    with pytest.raises(ShapeError, match=r"along the last axis, got shape \(1, 4\)"):
        loss(box[:, :4], box[:, :4])


def test_rotated_boxes_by_hand():
    a, b = np.array([[0.0, 0.0, 2.0, 2.0, 0.0]]), np.array([[3.0, 4.0, 2.0, 2.0, 0.7]])
    assert losskit.RotatedBoxWasserstein(transform="sqrt", tau=None)(a, b) == pytest.approx(5)
    assert losskit.RotatedBoxKLDivergence(transform="none", tau=None)(a, b) == pytest.approx(25 / 2)
    assert losskit.ProbabilisticIntersectionOverUnion(scale="bhattacharyya")(a, b) == pytest.approx(25 * 3 / 8)
    assert losskit.KalmanFilterIntersectionOverUnion()(a, b) == pytest.approx(2 / 3)


def test_a_thin_line_is_its_own_skeleton_and_a_gap_in_it_costs_its_length():
    loss, line = losskit.CenterlineDice(input="probabilities", smooth=1e-9), np.zeros((1, 7, 9))
    line[0, 3, 1:8] = 1.0
    assert loss(line, line) == 0
    broken = line.copy()
    broken[0, 3, 4] = 0.0
    assert loss(broken, line) == pytest.approx(1 - 2 * (6 / 7) / (1 + 6 / 7))
    # Thickened, both skeletons still lie within the other: the area is not what counts.
    thick = np.maximum(line, np.maximum(np.roll(line, 1, axis=1), np.roll(line, -1, axis=1)))
    assert loss(thick, line) == pytest.approx(0, abs=1e-6)


def test_pixels_left_out_of_a_skeleton_are_as_beyond_the_edge(framework: Framework):
    z, t = RNG.normal(0, 2, (2, 6, 6)), RNG.integers(0, 2, (2, 6, 6)) * 1.0
    mask = np.ones((2, 6, 6), bool)
    mask[:, :, 4:] = False
    spoilt = np.where(mask, z, np.nan)
    loss = losskit.CenterlineDice()
    given = framework.array(spoilt), framework.array(t)
    value, gradient = loss.value_and_gradient(*given, mask=framework.array(mask))
    cropped, its_gradient = loss.value_and_gradient(z[:, :, :4], t[:, :, :4])
    np.testing.assert_allclose(framework.numpy(value), cropped, rtol=1e-12)
    np.testing.assert_allclose(framework.numpy(gradient)[:, :, :4], its_gradient, atol=1e-12)
    assert not framework.numpy(gradient)[:, :, 4:].any()


def test_hard_decisions_have_the_jaccard_loss(framework: Framework):
    """What a Lovász extension extends."""
    decided, target = RNG.integers(0, 2, (2, 6, 20)).astype(float)
    jaccard = losskit.Jaccard(input="probabilities", smooth=0.0)(decided, target, reduction="none")
    given = framework.array(decided), framework.array(target)
    softmax = losskit.LovaszSoftmax(input="probabilities")(*given, reduction="none")
    np.testing.assert_allclose(framework.numpy(softmax), jaccard, rtol=1e-12)
    scores = framework.array(np.where(decided == target, 1.0, 0.0) * (2 * target - 1))
    hinge = losskit.LovaszHinge()(scores, given[1], reduction="none")
    np.testing.assert_allclose(framework.numpy(hinge), jaccard, rtol=1e-12)


@pytest.mark.parametrize("loss", [losskit.LovaszSoftmax(), losskit.LovaszSoftmax(classes="all"), losskit.LovaszHinge()])
@pytest.mark.parametrize("classes", [False, True])
def test_a_masked_pixel_is_not_ranked(loss: losskit.Loss, classes: bool, framework: Framework):
    if classes and isinstance(loss, losskit.LovaszHinge):
        pytest.skip("the hinge is of masks")
    prediction = RNG.normal(size=(3, 2, 5, 4) if classes else (3, 2, 5))
    target = RNG.integers(0, 3, (3, 2, 5)) if classes else RNG.integers(0, 2, (3, 2, 5)).astype(float)
    keep = np.array([[[True, False, True, True, False]] * 2] * 2 + [[[False] * 5] * 2])
    without = loss(prediction[:2, :, [0, 2, 3]], target[:2, :, [0, 2, 3]], reduction="none")
    prediction[:, :, 1], target[:, :, 4] = np.nan, 10**6
    given = framework.array(prediction), framework.array(target)
    mask = framework.array(keep)
    values = framework.numpy(loss(*given, mask=mask, reduction="none"))
    np.testing.assert_allclose(values, [*without, 0], rtol=1e-12)
    gradient = framework.numpy(loss.value_and_gradient(*given, mask=mask)[1])
    assert np.isfinite(gradient).all()
    assert not gradient[~keep].any()


def test_losses_that_are_others_in_disguise():
    scores, masks, labels = RNG.normal(size=(3, 8, 4)), RNG.uniform(size=(3, 8, 4)), RNG.integers(0, 4, (3, 8))
    dice = losskit.Dice()(scores, masks, reduction="none")
    for loss, value in (
        (losskit.Tversky(alpha=0.5, beta=0.5, smooth=0.5, gamma=0.75), dice**0.75),
        (losskit.LogCoshDice(), np.log(np.cosh(dice))),
    ):
        np.testing.assert_allclose(loss(scores, masks, reduction="none"), value, rtol=1e-12)
    # Weights that are alike: one overlap of the one-hot masks.
    softmax = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    np.testing.assert_allclose(
        losskit.GeneralizedDice(power=0.0)(scores, labels, reduction="none"),
        losskit.Dice(input="probabilities")(softmax, np.eye(4)[labels], reduction="none"),
    )
    points, others = RNG.normal(size=(2, 5, 3, 2))
    np.testing.assert_allclose(
        losskit.ObjectKeypointSimilarity()(points, others, np.full((5, 3), 2.0)),
        np.mean(1 - np.exp(-((points - others) ** 2).sum(-1) / 8)),
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losskit.IntersectionOverUnion(alpha=0.5), "alpha: expected a finite number >= 1, got 0.5"),
        (lambda: losskit.IntersectionOverUnion(scale="square"), "scale: expected one of"),
        (lambda: losskit.IntersectionOverUnion(scale="log", alpha=2), 'alpha: a power is only a factor of scale="log"'),
        (lambda: losskit.ScyllaIntersectionOverUnion(theta=1), "theta: expected a finite number >= 2, got 1"),
        (lambda: losskit.Tversky(gamma=0), "gamma: expected a finite number > 0"),
        (lambda: losskit.GeneralizedDice(power=-1), "power: expected a finite number >= 0"),
        (lambda: losskit.SensitivitySpecificity(sensitivity=1), "sensitivity: expected a number between 0 and 1"),
        (lambda: losskit.LovaszSoftmax(classes="some"), "classes: expected one of"),
        (lambda: losskit.Boundary(input="softmax"), "input: expected one of"),
    ],
)
def test_a_hyper_parameter_that_cannot_be_is_refused_at_once(make, message: str):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


def test_wrong_boxes_and_masks_are_errors(framework: Framework):
    boxes = framework.array(np.array([BOX, BOX]))
    swapped = framework.array(np.array([BOX, (2.0, 0.0, 0.0, 3.0)]))
    with pytest.raises(DomainError, match=re.escape("prediction[1]: expected a box (x1, y1, x2, y2) with x1 <= x2")):
        losskit.IntersectionOverUnion()(swapped, boxes)
    with pytest.raises(ShapeError, match=r"boxes .* along the last axis, got shape"):
        losskit.IntersectionOverUnion()(boxes[:, :2], boxes[:, :2])
    scores = framework.array(RNG.normal(size=(2, 4)))
    with pytest.raises(DomainError, match=re.escape("target[0, 0]: expected masks of 0 and 1")):
        losskit.LovaszHinge()(scores, framework.array(np.full((2, 4), 0.5)))
    with pytest.raises(ShapeError, match="target: expected floating-point masks of shape"):
        losskit.LovaszHinge()(scores, framework.array(np.ones((2, 4), int)))

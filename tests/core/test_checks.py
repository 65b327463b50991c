"""How much is checked, and what the errors say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import losskit
from losskit.arrays import namespace
from losskit.core.domain import NAMED, Domain


def test_levels_of_checking() -> None:
    wrong = np.array([0.3, 0.7]), np.array([0.0, 2.0])
    with pytest.raises(losskit.DomainError, match=r"target\[1\].*got 2"):
        losskit.BCE()(*wrong)
    with losskit.checks("shapes"):
        losskit.BCE()(*wrong)
        with pytest.raises(losskit.ShapeError):
            losskit.BCE()(np.zeros(2), np.zeros((2, 1)))
    with pytest.raises(losskit.DomainError):
        losskit.BCE()(*wrong)
    with pytest.raises(losskit.LosskitError, match="'values'"):
        losskit.checks("all")


def test_a_level_set_without_a_block_stays_until_the_next() -> None:
    try:
        losskit.checks("off")
        losskit.Hinge()(np.array([0.5]), np.array([0.0]))
    finally:
        losskit.checks("values")
    with pytest.raises(losskit.DomainError, match="2 \\* target - 1"):
        losskit.Hinge()(np.array([0.5]), np.array([0.0]))


def test_the_shape_error_names_both_shapes_and_the_fix() -> None:
    with pytest.raises(losskit.ShapeError) as caught:
        losskit.MSE()(np.zeros((4, 1)), np.zeros(4))
    text = str(caught.value)
    assert "(4, 1)" in text
    assert "(4,)" in text
    assert "fix: prediction = prediction[..., 0]" in text


def test_labels_say_what_is_wrong_with_them() -> None:
    scores = np.zeros((3, 4))
    with pytest.raises(losskit.DomainError, match=r"target\[2\].*4 classes, got 4"):
        losskit.CE()(scores, np.array([0, 1, 4]))
    with pytest.raises(losskit.DomainError, match="cast target to int64"):
        losskit.CE()(scores, np.array([0.0, 1.0, 2.0]))
    with pytest.raises(losskit.ShapeError, match=r"fix: target = target\[\.\.\., 0\]"):
        losskit.CE()(scores, np.array([[0], [1], [2]]))
    with pytest.raises(losskit.DomainError, match="sum to 1"):
        losskit.CE()(scores, np.full((3, 4), 0.5))


def test_weights_are_checked() -> None:
    with pytest.raises(losskit.DomainError, match="weight"):
        losskit.MSE()(np.zeros(2), np.zeros(2), weight=np.array([1.0, -1.0]))
    with pytest.raises(losskit.ShapeError, match="weight"):
        losskit.MSE()(np.zeros((2, 3)), np.zeros((2, 3)), weight=np.ones(3))


def test_inputs_by_name_and_in_any_order() -> None:
    value = losskit.Huber()(target=np.array([0.5]), prediction=np.array([0.0]))
    assert value == losskit.Huber()(np.array([0.0]), np.array([0.5]))
    with pytest.raises(TypeError, match="missing: target"):
        losskit.Huber()(np.zeros(2))
    with pytest.raises(TypeError, match="given twice"):
        losskit.Huber()(np.zeros(2), prediction=np.zeros(2))
    with pytest.raises(TypeError, match="not an input"):
        losskit.Huber()(np.zeros(2), np.zeros(2), labels=np.zeros(2))


def test_index_and_one_hot_targets_agree_with_class_weights() -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.normal(size=(5, 3)), np.array([0, 1, 2, 1, 0])
    loss = losskit.CE(class_weight=(3.0, 1.0, 0.5), label_smoothing=0.1)
    assert loss(scores, labels) == pytest.approx(loss(scores, np.eye(3)[labels]), rel=1e-14)


def test_ignored_labels_are_left_out() -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.normal(size=(4, 3)), np.array([0, -100, 2, -100])
    loss = losskit.CE(ignore_index=-100)
    assert loss(scores, labels) == pytest.approx(losskit.CE()(scores[::2], labels[::2]), rel=1e-14)
    assert loss(scores, np.full(4, -100)) == 0.0
    assert np.isnan(loss(scores, np.full(4, -100), empty="nan"))
    with pytest.raises(losskit.EmptyReductionError, match="skip this batch"):
        loss(scores, np.full(4, -100), empty="raise")


def test_a_pixel_left_out_of_a_mask_counts_nowhere() -> None:
    rng = np.random.default_rng(0)
    scores, target = rng.normal(size=(2, 4, 4)), (rng.random((2, 4, 4)) > 0.5).astype(float)
    keep = rng.random((2, 4, 4)) > 0.3
    changed = np.where(keep, scores, np.nan)
    assert losskit.Dice()(changed, target, mask=keep) == losskit.Dice()(scores, target, mask=keep)
    assert losskit.Dice()(scores, target, mask=np.array([True, False])) == losskit.Dice()(scores[:1], target[:1])


@pytest.mark.parametrize("made", [list, np.asarray])
def test_nan_hides_no_value_outside(made: Any) -> None:
    loss = losskit.BinaryCrossEntropy(input="probabilities")
    target = made([1.0, 0.0, 1.0])
    for prediction in ([math.nan, 0.5, 2.0], [-1.0, 0.5, math.nan], [math.nan, math.nan, 2.0]):
        with pytest.raises(losskit.DomainError, match="prediction"):
            loss(made(prediction), target)
    assert math.isnan(loss(made([math.nan, 0.5, 0.25]), target))


def test_nothing_is_inside_every_domain() -> None:
    assert losskit.BinaryCrossEntropy(input="probabilities")(np.zeros(0), np.zeros(0)) == 0.0
    assert losskit.CrossEntropy()(np.zeros((0, 3)), np.zeros(0, int)) == 0.0


def test_a_convex_domain_judges_one_number_as_an_array_of_it() -> None:
    stated = {vars(cls).get(name) for cls in losskit.catalogue.values() for name in cls.inputs}
    domains = {domain for domain in stated if isinstance(domain, Domain)} | set(NAMED.values())
    convex = [domain for domain in domains if domain.convex and domain.restricts()]
    assert len(convex) > 5
    xp = namespace(np.zeros(1))
    for domain in convex:
        numbers = np.array([-math.inf, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, math.inf])
        outside = np.asarray(domain.bad(xp, numbers, 3))
        assert outside.any(), domain
        assert [bool(domain.bad(xp, number, 3)) for number in numbers.tolist()] == outside.tolist(), domain
        inside = np.flatnonzero(~outside)
        assert not outside[inside[0] : inside[-1]].any(), f"{domain} is not convex"

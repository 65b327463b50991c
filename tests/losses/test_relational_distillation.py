"""Distillation of relations: other widths, what is masked, what does not count, small batches."""

from __future__ import annotations

import numpy as np
import pytest

import losskit
from losskit.core.errors import ShapeError
from tests.conftest import Framework

RNG = np.random.default_rng(29)
OF_FEATURES = [
    losskit.RelationalDistillation(),
    losskit.RelationalDistillation(relation="angle"),
    losskit.SimilarityPreserving(),
]
OF_LOGITS = losskit.StrongerTeacherDistillation(temperature=2.0)


def features(loss: losskit.Loss, n: int = 7) -> list[np.ndarray]:
    return [RNG.normal(size=(n, 3)), RNG.normal(size=(n, 3 if loss is OF_LOGITS else 5))]


@pytest.mark.parametrize("loss", [*OF_FEATURES, OF_LOGITS], ids=str)
def test_a_masked_sample_is_in_no_relation(loss: losskit.Loss, framework: Framework):
    inputs = features(loss)
    keep = np.array([True, True, False, True, True, True, False])
    without = loss(*(array[keep] for array in inputs), reduction="none")
    for array in inputs:
        array[~keep] = np.nan
    given, mask = [framework.array(array) for array in inputs], framework.array(keep)
    np.testing.assert_allclose(framework.numpy(loss(*given, mask=mask, reduction="none"))[keep], without, rtol=1e-10)
    value, gradient = loss.value_and_gradient(*given, mask=mask)
    assert float(framework.numpy(value)) == pytest.approx(without.mean())
    assert np.isfinite(framework.numpy(gradient)).all()
    assert not framework.numpy(gradient)[~keep].any()


@pytest.mark.parametrize("loss", [*OF_FEATURES, OF_LOGITS], ids=str)
def test_small_batches_and_equal_samples_have_finite_values_and_gradients(loss: losskit.Loss, framework: Framework):
    for n in (1, 2, 3):
        for student in (RNG.normal(size=(n, 3)), np.zeros((n, 3)), np.ones((n, 3))):
            value, gradient = loss.value_and_gradient(*map(framework.array, (student, RNG.normal(size=(n, 3)))))
            assert np.isfinite(float(framework.numpy(value)))
            assert np.isfinite(framework.numpy(gradient)).all()


def test_place_scale_and_turn_of_the_features_do_not_count():
    x, y = RNG.normal(size=(2, 6, 3))
    turn, _ = np.linalg.qr(RNG.normal(size=(3, 3)))
    for loss in OF_FEATURES[:2]:
        assert loss(x, y) == pytest.approx(loss(3 * x @ turn + 5, y)), str(loss)
        assert loss(3 * x @ turn + 5, x) == pytest.approx(0, abs=1e-25), str(loss)
    assert losskit.SimilarityPreserving()(3 * x @ turn, x) == pytest.approx(0, abs=1e-25)


def test_dist_is_pearson_by_rows_and_by_columns():
    p, q = RNG.normal(size=(2, 8, 4))
    a, b = (np.exp(z) / np.exp(z).sum(-1, keepdims=True) for z in (p, q))
    rows = np.mean([1 - np.corrcoef(x, y)[0, 1] for x, y in zip(a, b, strict=True)])
    classes = np.mean([1 - np.corrcoef(x, y)[0, 1] for x, y in zip(a.T, b.T, strict=True)])
    assert losskit.StrongerTeacherDistillation(inter=3.0, intra=5.0)(p, q) == pytest.approx(3 * rows + 5 * classes)


def test_a_masked_position_has_no_attention_and_channels_may_differ(framework: Framework):
    loss = losskit.AttentionTransfer()
    student, teacher = RNG.normal(size=(2, 4, 3)), RNG.normal(size=(2, 4, 5))
    keep = np.array([[True, False, True, True]] * 2)
    without = loss(student[:, [0, 2, 3]], teacher[:, [0, 2, 3]], reduction="none")
    student[:, 1], teacher[:, 1] = np.nan, np.inf
    given = framework.array(student), framework.array(teacher)
    mask = framework.array(keep)
    np.testing.assert_allclose(framework.numpy(loss(*given, mask=mask, reduction="none")), without, rtol=1e-12)
    _, gradient = loss.value_and_gradient(*given, mask=mask)
    assert np.isfinite(framework.numpy(gradient)).all()
    image = np.moveaxis(np.ones((1, 2, 2, 3)), -1, 1)
    assert loss(image, np.ones((1, 3, 2, 7))) == pytest.approx(0, abs=1e-30)
    with pytest.raises(ShapeError, match="at the positions of prediction"):
        loss(np.ones((1, 4, 4, 3)), np.ones((1, 2, 2, 3)))


@pytest.mark.parametrize(
    "make",
    [
        lambda: losskit.RelationalDistillation(relation="area"),  # pyright: ignore[reportArgumentType]
        lambda: losskit.StrongerTeacherDistillation(temperature=0),
        lambda: losskit.StrongerTeacherDistillation(intra=-1),
        lambda: losskit.AttentionTransfer(power=0.5),
    ],
)
def test_a_hyper_parameter_that_cannot_be_is_refused_at_once(make):
    with pytest.raises(ValueError, match="expected"):
        make()

"""The picture of a loss: its own values and gradients, for every loss of the catalogue."""

from __future__ import annotations

import numpy as np
import pytest

import losskit
from losskit.core.catalogue import default
from losskit.report.profile import _apart, _at_once, _one_by_one, drawn, example, profile

LOSSES = [loss for loss in map(default, losskit.catalogue.values()) if loss is not None]


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_every_loss_takes_its_own_example(loss: losskit.Loss) -> None:
    with losskit.checks("values"):
        assert np.isfinite(loss(**example(loss)))


def test_a_profile_is_the_loss_and_its_slope() -> None:
    shape = profile(losskit.Huber(delta=1.0))
    assert shape is not None
    np.testing.assert_allclose(shape.value, losskit.Huber()(shape.x, np.ones_like(shape.x), reduction="none"))
    np.testing.assert_allclose(shape.gradient, np.clip(shape.x - 1, -1, 1))


@pytest.mark.parametrize(
    "name", ["CrossEntropy", "KLDivergence", "SoftDynamicTimeWarping", "StudentTNegativeLogLikelihood"]
)
def test_all_points_at_once_are_the_points_one_by_one(name: str) -> None:
    loss = default(losskit.catalogue[name])
    assert loss is not None
    sample, x = example(loss), np.linspace(0.1, 3.0, 7)
    assert _apart(loss, sample)
    for at_once, alone in zip(_at_once(loss, sample, x), _one_by_one(loss, sample, x), strict=True):
        np.testing.assert_allclose(at_once, alone, rtol=1e-12)


def test_what_moves_is_named_and_stays_inside_its_domain() -> None:
    rows = profile(losskit.CrossEntropy())
    assert rows is not None
    assert rows.moving == "prediction, its first entry"
    unit = profile(losskit.BinaryCrossEntropy(input="probabilities"))
    assert unit is not None
    assert 0 < unit.x[0] < unit.x[-1] < 1
    assert profile(losskit.KLDivergence(input="probabilities")) is None  # one entry of a simplex cannot move alone


def test_a_picture_in_characters() -> None:
    shape = profile(losskit.SquaredError())
    assert shape is not None
    picture = drawn(shape, width=41, height=9)
    lines = picture.splitlines()
    assert len(lines) == 9 + 2
    assert lines[0].strip().startswith(f"{shape.value.max():.3g}")
    assert lines[8].strip().startswith(f"{shape.gradient.min():.3g}")
    assert "-----" in picture
    assert lines[-1].endswith("over prediction")

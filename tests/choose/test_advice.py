"""The loss that is advised follows from the targets, and the reasons say so."""

from __future__ import annotations

import numpy as np
import pytest

import losskit
from losskit.choose import advise
from losskit.data import Dataset

RNG = np.random.default_rng(0)


def dataset(targets: np.ndarray, task: str, classes: int = 0) -> Dataset:
    names = tuple(str(k) for k in range(classes))
    return Dataset("some", np.zeros((len(targets), 1), np.float32), targets, task, "of its values", classes=names)


CASES = [
    (dataset(np.repeat([0, 1], 50), "binary", 2), losskit.BinaryCrossEntropy, "accuracy"),
    (dataset(np.repeat([0, 1], [96, 4]), "binary", 2), losskit.BinaryCrossEntropy, "balanced_accuracy"),
    (dataset(np.arange(90) % 3, "multiclass", 3), losskit.CrossEntropy, "accuracy"),
    (
        dataset(np.repeat([0, 1, 2], [90, 9, 3]), "multiclass", 3),
        losskit.LogitAdjustedCrossEntropy,
        "balanced_accuracy",
    ),
    (dataset(RNG.poisson(3.0, 500).astype(np.float32), "counts"), losskit.PoissonNegativeLogLikelihood, "r2"),
    (
        dataset(RNG.negative_binomial(1, 0.1, 500).astype(np.float32), "counts"),
        losskit.NegativeBinomialNegativeLogLikelihood,
        "r2",
    ),
    (dataset(RNG.normal(5, 2, 500).astype(np.float32), "regression"), losskit.SquaredError, "r2"),
    (dataset(RNG.standard_t(1.5, 500).astype(np.float32), "regression"), losskit.Huber, "r2"),
]


@pytest.mark.parametrize(("data", "loss", "metric"), CASES)
def test_the_loss_fits_the_targets(data: Dataset, loss: type, metric: str) -> None:
    advice = advise(data)
    assert isinstance(advice.loss, loss)
    assert advice.metric == metric
    assert advice.reasons


def test_weights_make_both_classes_count_the_same() -> None:
    weights = advise(CASES[1][0]).loss.class_weight
    assert weights[0] * 96 == pytest.approx(weights[1] * 4)

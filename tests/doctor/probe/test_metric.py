"""The task metric means the same whatever the loss is and however the targets are written."""

from __future__ import annotations

import numpy as np
import pytest

from losskit.doctor.probe.metric import TaskMetric
from losskit.recording.facts import Metric

RANDOM = np.random.default_rng(0)
CLASSES = RANDOM.integers(0, 3, 90)
LOGITS = RANDOM.normal(size=(90, 3)) + 1.5 * np.eye(3)[CLASSES]
ACCURACY = float((LOGITS.argmax(1) == CLASSES).mean())
YES = RANDOM.integers(0, 2, 80)
SCORES = RANDOM.normal(size=80) + 2 * YES - 1
BINARY_ACCURACY = float(((SCORES > 0) == YES).mean())
VALUES = RANDOM.normal(5, 3, 70)
FITTED = VALUES + RANDOM.normal(size=70)
R2 = float(1 - ((FITTED - VALUES) ** 2).sum() / ((VALUES - VALUES.mean()) ** 2).sum())


def softmax(x: np.ndarray) -> np.ndarray:
    return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def trained(prediction: np.ndarray, target: np.ndarray, scores: str = "values") -> Metric:
    metric = TaskMetric()
    metric.train_on(prediction, target, scores)
    fact = metric.fact()
    assert fact is not None
    return fact


@pytest.mark.parametrize(
    ("prediction", "target"),
    [
        (LOGITS, CLASSES),
        (softmax(LOGITS), CLASSES),
        (np.log(softmax(LOGITS)), CLASSES),
        (LOGITS, np.eye(3)[CLASSES]),
        (LOGITS, CLASSES[:, None]),
        (LOGITS, 0.9 * np.eye(3)[CLASSES] + 0.1 / 3),
        (LOGITS.reshape(9, 10, 3).transpose(0, 2, 1), CLASSES.reshape(9, 10)),
    ],
)
def test_classes(prediction: np.ndarray, target: np.ndarray) -> None:
    fact = trained(prediction, target)
    assert (fact.name, fact.source, fact.count) == ("accuracy", "training", 90)
    assert fact.value == pytest.approx(ACCURACY)
    assert fact.chance == pytest.approx(np.bincount(CLASSES).max() / 90)


@pytest.mark.parametrize(
    ("prediction", "target", "scores"),
    [
        (SCORES, YES.astype(float), "logits"),
        (SCORES[:, None], YES.astype(float)[:, None], "logits"),
        (SCORES[:, None], YES.astype(float), "logits"),
        (sigmoid(SCORES), YES, "probabilities"),
        (sigmoid(SCORES), YES.astype(bool), "values"),
        (SCORES, 2.0 * YES - 1, "values"),
        (SCORES / 10 + 0.5, YES.astype(float), "values"),
        (np.stack([-SCORES, SCORES], 1), YES, "logits"),
        (SCORES, 255.0 * YES, "logits"),
        (sigmoid(SCORES)[:, None], 2 + 2 * YES, "probabilities"),
    ],
)
def test_two_classes(prediction: np.ndarray, target: np.ndarray, scores: str) -> None:
    fact = trained(prediction, target, scores)
    assert fact.name == "accuracy"
    assert fact.value == pytest.approx(BINARY_ACCURACY)


@pytest.mark.parametrize(("scale", "shift"), [(1, 0), (1 / 3, -5 / 3), (1000, 7)])
@pytest.mark.parametrize("shape", [(70,), (70, 1)])
def test_values_on_any_scale(scale: float, shift: float, shape: tuple[int, ...]) -> None:
    fact = trained((FITTED * scale + shift).reshape(shape), VALUES * scale + shift)
    assert (fact.name, fact.chance) == ("r2", 0)
    assert fact.value == pytest.approx(R2)


def test_small_whole_numbers_are_values() -> None:
    target = RANDOM.integers(0, 10, 70).astype(float)
    assert trained(target + 0.1, target).name == "r2"


def test_imbalance_counts_classes_equally() -> None:
    target = np.array([0] * 95 + [1] * 5)
    fact = trained(np.tile([1.0, 0.0], (100, 1)), target)
    assert (fact.name, fact.value, fact.chance) == ("balanced_accuracy", 0.5, 0.5)


def test_ignored_labels_do_not_count() -> None:
    fact = trained(np.eye(2)[[0, 1, 0, 0]], np.array([0, 1, -100, 1]))
    assert (fact.count, fact.value) == (3, pytest.approx(2 / 3))


def test_each_label_of_several_has_its_own_chance() -> None:
    often, rarely = np.arange(100) % 10 > 2, np.arange(100) % 10 < 3
    target = np.stack([often, rarely], 1).astype(float)
    constant = trained(np.tile([1.0, -1.0], (100, 1)), target, "logits")
    assert (constant.name, constant.value, constant.chance) == ("accuracy", 0.7, 0.7)
    right = trained(2 * target - 1, target, "logits")
    assert (right.value, right.chance) == (1.0, 0.7)


def test_rare_labels_count_like_frequent_ones() -> None:
    rare = (np.arange(1, 101) % np.array([[10], [20], [1000]]) == 0).T
    fact = trained(np.where(rare & [True, False, False], 1.0, -1.0), rare.astype(float), "logits")
    assert (fact.name, fact.chance) == ("balanced_accuracy", 0.5)
    assert fact.value == 0.75  # the third label is never there: it says nothing


def test_a_batch_of_one_class_does_not_decide() -> None:
    zeros_and_ones, signs = TaskMetric(), TaskMetric()
    for metric, low in ((zeros_and_ones, 0.0), (signs, -1.0)):
        metric.train_on(np.array([0.9, 0.8]), np.ones(2))
        assert metric.fact() is None
        metric.train_on(np.array([-0.2, 0.8, 0.3]), np.full(3, low))
    first, second = zeros_and_ones.fact(), signs.fact()
    assert first is not None
    assert second is not None
    assert (first.name, first.count) == (second.name, second.count) == ("accuracy", 5)
    assert (first.value, second.value) == (4 / 5, 3 / 5)  # 0.3 is nearer to 0 than to 1, and positive


def test_validation_is_preferred_and_training_data_is_not_validation() -> None:
    metric = TaskMetric()
    for step in range(12):
        metric.train_on(LOGITS[step : step + 5], CLASSES[step : step + 5])
    metric.evaluate_on(LOGITS, 2 - CLASSES, source="training")
    assert metric.end_pass() is None
    fact = metric.fact()
    assert fact is not None
    assert fact.source == "training"
    for _ in range(2):
        metric.evaluate_on(LOGITS[:45], CLASSES[:45], source="a")
        metric.evaluate_on(LOGITS[45:], CLASSES[45:], source="a")
        assert metric.end_pass() == pytest.approx(ACCURACY)
    metric.evaluate_on(LOGITS, (CLASSES + 1) % 3, source="b")  # evaluated on less often: a test set
    metric.end_pass()
    fact = metric.fact()
    assert fact is not None
    assert (fact.source, fact.count) == ("validation", 90)
    assert fact.value == pytest.approx(ACCURACY)


def test_the_value_is_that_of_the_last_fifth_and_memory_stays_small() -> None:
    metric = TaskMetric()
    for step in range(5000):
        right = step >= 4000
        metric.train_on(np.eye(2)[[0, 1] if right else [1, 0]], np.array([0, 1]))
    fact = metric.fact()
    assert fact is not None
    assert fact.value == pytest.approx(1, abs=0.01)
    assert fact.best == fact.value
    assert len(metric._training) <= 1024


def test_shapes_that_do_not_fit_are_left_out() -> None:
    metric = TaskMetric()
    metric.train_on(np.zeros((4, 3)), np.zeros((5, 2)))
    metric.train_on(np.zeros((0, 3)), np.zeros(0))
    assert metric.fact() is None

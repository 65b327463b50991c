"""The chance floor is what the best constant prediction scores: found by search."""

import math

import numpy as np
import pytest

from losskit.doctor.evidence.floor import chance_floor, class_counts, entropy
from losskit.doctor.probe.tensors import TensorSummary
from losskit.recording.facts import LossCall, TensorFacts


def facts(array: np.ndarray) -> TensorFacts:
    summary = TensorSummary()
    summary.add(array)
    found = summary.facts()
    assert found is not None
    return found


def call(loss: str, prediction: np.ndarray, target: np.ndarray, **arguments: object) -> LossCall:
    return LossCall(
        loss, "f", "torch", None, None, prediction=facts(prediction), target=facts(target), arguments=arguments
    )


TARGET = np.random.default_rng(0).gamma(2.0, 3.0, size=400)


def test_cross_entropy_floor_is_the_best_constant_distribution() -> None:
    labels = np.random.default_rng(0).choice(4, size=1000, p=[0.5, 0.3, 0.15, 0.05])
    shares = np.bincount(labels) / len(labels)
    generator = np.random.default_rng(1)
    scores = [-(shares * np.log(q)).sum() for q in generator.dirichlet(500 * shares, size=3000)]
    floor = chance_floor(call("CrossEntropy", np.zeros((1000, 4)), labels))
    assert floor is not None
    assert floor <= min(scores)
    assert floor == pytest.approx(min(scores), abs=1e-3)


def test_one_hot_targets_fall_back_to_equal_classes() -> None:
    assert chance_floor(call("CrossEntropy", np.zeros((6, 3)), np.eye(3)[[0, 1, 2, 0, 1, 2]])) == pytest.approx(
        math.log(3)
    )


def test_binary_cross_entropy_floor() -> None:
    target = (np.arange(100) < 20).astype(float)
    q = np.linspace(0.01, 0.99, 9801)
    best = (-(0.2 * np.log(q) + 0.8 * np.log(1 - q))).min()
    assert chance_floor(call("BinaryCrossEntropy", np.zeros(100), target)) == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize(("loss", "factor"), [("SquaredError", 1.0), ("HalfSquaredError", 0.5)])
def test_squared_error_floor_is_the_variance(loss: str, factor: float) -> None:
    constants = np.linspace(TARGET.min(), TARGET.max(), 2001)
    best = min(((TARGET - c) ** 2).mean() for c in constants) * factor
    assert chance_floor(call(loss, np.zeros(400), TARGET)) == pytest.approx(best, rel=1e-4)


def test_absolute_error_floor_of_a_normal_sample() -> None:
    target = np.random.default_rng(3).normal(5, 2, size=20000)
    best = np.abs(target - np.median(target)).mean()
    assert chance_floor(call("AbsoluteError", np.zeros(20000), target)) == pytest.approx(best, rel=0.02)


def test_sum_is_scaled_to_the_batch() -> None:
    labels = np.arange(30) % 3
    floor = chance_floor(call("CrossEntropy", np.zeros((30, 3)), labels, reduction="sum"))
    assert floor == pytest.approx(30 * math.log(3))


def test_unknown_stays_unknown() -> None:
    assert chance_floor(call("Hinge", np.zeros(4), np.ones(4))) is None
    assert chance_floor(LossCall("SquaredError", "f", "torch", None, None)) is None


def test_class_counts_are_of_classes_only() -> None:
    labels = np.array([0, 0, 0, 1, -100])
    assert class_counts(call("CrossEntropy", np.zeros((5, 2)), labels)) == {0: 3, 1: 1}
    assert class_counts(call("SquaredError", np.zeros(5), labels)) is None


def test_entropy_of_equal_counts() -> None:
    assert entropy({"0": 5, "1": 5, "2": 0}) == pytest.approx(math.log(2))

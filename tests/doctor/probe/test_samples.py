"""The sample of pairs: what it keeps, and what it says of data that is right and data that is not."""

import numpy as np
import pytest

from losskit.doctor.probe.samples import KEPT, Samples, rows
from losskit.recording.facts import DataFacts

SIZE = 400


def problem(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Three overlapping clouds."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 3, SIZE)
    return generator.normal(size=(SIZE, 5)) + 2 * labels[:, None], labels


def told(inputs: np.ndarray, targets: np.ndarray, evaluation: tuple[np.ndarray, np.ndarray] | None = None) -> DataFacts:
    samples = Samples()
    for start in range(0, len(inputs), 50):
        samples.trained(rows(inputs[start : start + 50]), targets[start : start + 50])
    if evaluation is not None:
        samples.evaluated("held out", rows(evaluation[0]), evaluation[1])
    found = samples.facts("held out")
    assert found is not None
    return found


def test_labels_that_belong_and_labels_that_do_not() -> None:
    inputs, labels = problem()
    assert told(inputs, labels).agreement_probability < 0.01
    assert told(inputs, labels).dependence_probability < 0.01
    shuffled = told(inputs, np.random.default_rng(1).permutation(labels))
    assert min(shuffled.agreement_probability, shuffled.dependence_probability) > 0.01
    assert shuffled.agreement == pytest.approx(shuffled.agreement_chance, abs=0.05)


def test_independence_is_claimed_wrongly_as_often_as_said() -> None:
    generator = np.random.default_rng(2)
    draws = [told(generator.normal(size=(200, 4)), generator.normal(size=200)) for _ in range(40)]
    assert sum(one.agreement_probability <= 0.1 for one in draws) <= 10
    assert sum(one.dependence_probability <= 0.1 for one in draws) <= 10


def test_a_linear_relation_of_many_features_is_seen_by_the_distances() -> None:
    generator = np.random.default_rng(3)
    inputs = generator.normal(size=(500, 30))
    assert told(inputs, inputs.sum(axis=1)).dependence_probability < 1e-3


def test_wrong_labels_show_against_evaluation_labels() -> None:
    inputs, labels = problem()
    wrong, generator = labels.copy(), np.random.default_rng(4)
    drawn = generator.random(SIZE) < 0.4
    wrong[drawn] = generator.integers(0, 3, drawn.sum())
    found = told(inputs, wrong, problem(5))
    assert found.compared_agreement is not None
    assert found.evaluation_agreement is not None
    assert found.compared_agreement < 0.6 * found.evaluation_agreement


def test_values_that_are_no_measurements() -> None:
    inputs, labels = problem()
    clean = told(inputs, labels)
    assert (clean.sentinel, clean.outlying_rows, clean.non_finite_rows) == (None, 0.0, 0.0)
    missing = inputs.copy()
    missing[:20, 2] = -999
    assert told(missing, labels).sentinel == -999
    assert told(missing, labels).sentinel_rows == pytest.approx(20 / SIZE)
    wild = inputs.copy()
    wild[7, 1] = 1e10
    assert told(wild, labels).outlying_rows == pytest.approx(1 / SIZE)
    wild[8, 0] = np.nan
    assert told(wild, labels).non_finite_rows == pytest.approx(1 / SIZE)
    counts = np.random.default_rng(6).poisson(0.3, size=(SIZE, 5))  # mostly zeros: nothing stands apart
    assert told(counts, labels).sentinel is None


def test_target_outliers() -> None:
    inputs, _ = problem()
    targets = inputs[:, 0] + 0.1
    assert told(inputs, targets).target_outliers == 0
    targets[:8] = 1000
    found = told(inputs, targets)
    assert found.target_outliers == pytest.approx(8 / SIZE)
    assert found.target_outlier_weight > 0.9


def test_copies_of_the_target() -> None:
    inputs, labels = problem()
    assert told(inputs, labels).copy is None
    assert told(np.column_stack([inputs, 3 - 2.5 * labels]), labels).copy == 5
    values = np.random.default_rng(7).normal(size=SIZE)
    assert told(np.column_stack([inputs, 5 * values + 1]), values).copy == 5
    assert told(values[:, None], 2 * values).copy is None  # the only feature: that is the task


def test_rows_met_again_in_evaluation() -> None:
    inputs, labels = problem()
    assert told(inputs, labels, problem(8)).seen_in_evaluation == 0
    found = told(inputs, labels, (inputs[:100], labels[:100]))
    assert found.seen_in_evaluation == pytest.approx(0.25)
    assert found.evaluation_twins == 0


def test_a_pair_of_an_earlier_batch_is_kept_once() -> None:
    inputs, labels = problem()
    samples = Samples()
    for _ in range(4):
        samples.trained(rows(inputs[:50]), labels[:50])
    found = samples.facts(None)
    assert found is not None
    assert (found.rows, found.batches, found.repeated_batches) == (50, 4, 3)


def test_a_large_batch_is_thinned_out() -> None:
    samples = Samples()
    samples.trained(rows(np.random.default_rng(9).normal(size=(5 * KEPT, 3))), np.zeros(5 * KEPT))
    found = samples.facts(None)
    assert found is not None
    assert found.rows == KEPT
    assert samples.full


def test_a_single_row_has_no_outliers() -> None:
    samples = Samples()
    samples.trained(rows(np.array([[1.0, 2.0]])), np.array([3.0]))
    found = samples.facts(None)
    assert found is not None
    assert (found.outlying_rows, found.target_outliers) == (0.0, 0.0)

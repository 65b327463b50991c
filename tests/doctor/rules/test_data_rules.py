"""Rules about data on Recordings made by hand: the fault, and its harmless neighbour."""

from dataclasses import replace

import numpy as np
import pytest
from simulated_run import LOSS, Run, problem

from losskit.doctor.finding import Finding
from losskit.doctor.rules import rules
from losskit.recording.facts import DataFacts, Metric, Place, Progress, Site
from losskit.recording.recording import Recording

DATA = DataFacts(
    rows=400,
    features=8,
    batches=10,
    distinct_rows=400,
    feature_std_maximum=1.0,
    feature_relative_std_maximum=1.0,
    agreement=0.5,
    agreement_probability=0.005,
    dependence_probability=0.0,
    evaluation_rows=100,
)


def run(rate: float = 0.05, **data: object) -> Recording:
    """A linear model that learns well at this rate, and nothing at a rate of 0."""
    recording = Run(*problem(), rate=rate).recording()
    recording.data = replace(DATA, **data)  # type: ignore[arg-type]
    recording.sites = [Site("data", Place("train.py", 3), "inputs"), Site("data", Place("train.py", 4), "targets")]
    return recording


def found(code: str, recording: Recording) -> list[Finding]:
    return list(rules()[code].check(rules()[code], recording))


UNRELATED = {"agreement": 0.0, "agreement_probability": 0.4, "dependence_probability": 0.6}


def test_unrelated_labels_are_told_of_a_run_that_learned_nothing() -> None:
    (told,) = found("LK508", run(0.0, **UNRELATED))
    assert told.place == Place("train.py", 4)
    assert not found("LK508", run(0.05, **UNRELATED))  # what the tests do not see the model does
    assert not found("LK508", run(0.0))
    assert not found("LK508", run(0.0, **UNRELATED, rows=60))


def test_unrelated_labels_are_placed_where_one_array_is_reordered() -> None:
    recording = run(0.0, **UNRELATED)
    recording.sites += [Site("reordered", Place("train.py", 6), "X"), Site("reordered", Place("train.py", 7), "y")]
    (told,) = found("LK508", recording)
    assert told.place == Place("train.py", 7)


def test_leaks_are_told_beyond_natural_duplicates() -> None:
    (told,) = found("LK510", run(seen_in_evaluation=0.25))
    assert told.severity == "warning"
    assert not found("LK510", run(seen_in_evaluation=0.25, evaluation_twins=0.25))
    (remark,) = found("LK510", run(seen_in_evaluation=0.98, evaluation_rows=400))
    assert remark.severity == "info"
    assert found("LK510", run(copy=3))


def test_the_share_of_known_rows_counts_the_whole_training_set() -> None:
    recording = run(seen_in_evaluation=0.1)
    recording.progress = Progress(steps=300, training_samples=800)
    (told,) = found("LK510", recording)
    assert told.evidence["share_of_evaluation_rows"] == pytest.approx(0.8)


def test_constant_inputs() -> None:
    assert found("LK511", run(0.0, distinct_rows=1))
    assert found("LK511", run(0.0, feature_std_maximum=1e-6))
    assert not found("LK511", run(0.0))
    assert not found("LK511", run(0.05, distinct_rows=1))


def test_stand_ins_matter_when_the_run_suffers() -> None:
    values = {"sentinel": -999.0, "sentinel_rows": 0.05, "sentinel_distance": 100.0}
    (told,) = found("LK507", run(0.0, **values))
    assert told.severity == "error"
    (told,) = found("LK507", run(0.05, **values))
    assert told.severity == "warning"  # something is left to gain, and stand-ins are never meant
    (remark,) = found("LK507", run(0.05, outlying_rows=0.02, outlier_score=50.0))
    assert remark.severity == "info"  # rare, and perhaps true
    assert not found("LK507", run(0.0))


def test_outlying_targets_of_a_squared_error() -> None:
    values = {"target_outliers": 0.02, "target_outlier_score": 80.0, "target_outlier_weight": 0.9}
    (told,) = found("LK512", run(0.0, **values))
    assert (told.severity, told.place) == ("warning", LOSS)
    bounded = run(0.0, **values)
    bounded.loss_calls = [replace(bounded.loss_calls[0], loss="Huber")]
    assert not found("LK512", bounded)
    assert not found("LK512", run(0.0, **{**values, "target_outlier_weight": 0.3}))


def test_wrong_labels_matter_when_they_are_learned() -> None:
    noisy = {"classes": 10, "compared_rows": 400, "compared_agreement": 0.35, "evaluation_agreement": 0.9}
    learned = run(0.05, **noisy)
    for step, loss in enumerate(np.r_[np.linspace(1.0, 0.4, 10), np.linspace(0.4, 1.5, 20)]):
        learned.measure("validation/loss", step, float(loss))
    (told,) = found("LK504", learned)
    assert told.severity == "warning"
    assert told.evidence["wrong_labels"] == pytest.approx(0.9 * (1 - (0.35 / 0.9) ** 0.5))
    assert [one.severity for one in found("LK504", run(0.05, **noisy))] == ["info"]
    assert not found("LK504", run(0.0, **{**noisy, "compared_agreement": 0.88}))


def test_a_metric_of_classes_that_fell() -> None:
    recording = run(0.05, classes=10, compared_rows=400, compared_agreement=0.35, evaluation_agreement=0.9)
    recording.metric = Metric("accuracy", 0.7, "validation", best=0.9, count=500, chance=0.1)
    assert [one.severity for one in found("LK504", recording)] == ["warning"]

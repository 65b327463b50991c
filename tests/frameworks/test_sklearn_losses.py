"""Estimators and scorers of every loss of the catalogue that fits scores."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import losskit

pytest.importorskip("sklearn")
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from losskit.frameworks.scores import ScoreLoss
from tests.frameworks.tables import ROWS, TARGETS, WEIGHT, X, fits_scores, losses_of_scores, one_of_each, target_of
from tests.oracles import ORACLES

LOSSES = losses_of_scores()


def is_of_one_score(loss: losskit.Loss) -> bool:
    return sum(name not in loss.optional for name in loss.differentiable) == 1


FOR_CLASSES = [loss for loss in LOSSES if loss.kind == "classwise" or "binary" in loss.tasks]
REGRESSION = [loss for loss in LOSSES if "regression" in loss.tasks and loss.kind == "elementwise"]
SCORED = [loss for loss in LOSSES if is_of_one_score(loss)]
by_any_loss = pytest.mark.parametrize("loss", LOSSES, ids=str)


# -- estimators --------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("loss", [loss for loss in REGRESSION if is_of_one_score(loss)], ids=str)
def test_a_line_is_better_than_the_best_constant(loss: losskit.Loss) -> None:
    target, scored = target_of(loss), ScoreLoss(loss)
    line = losskit.sklearn.LossRegressor(loss, max_iter=200).fit(X, target, WEIGHT)
    constant = losskit.sklearn.LossRegressor(loss).fit(np.zeros((ROWS, 1)), target, WEIGHT)
    fitted, least = (
        float(scored(model._raw(table)[:, 0], scored.targets(target), weight=WEIGHT))
        for model, table in ((line, X), (constant, np.zeros((ROWS, 1))))
    )
    assert fitted < least - 1e-3 * abs(least)
    assert np.isfinite(line.predict(X)).all()


LABELS = {
    2: TARGETS["binary"].astype(int),
    3: np.argmax(X[:, :3] + 0.5 * np.random.default_rng(6).normal(size=(ROWS, 3)), axis=1),
}
CLASSIFIERS = [
    (loss, classes)
    for loss in FOR_CLASSES
    if not ORACLES[type(loss).__name__].held  # what falls is not the value
    for classes in LABELS
    if classes == 3 or not any(isinstance(value, tuple) and len(value) == 3 for value in vars(loss).values())
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("loss", "classes"), CLASSIFIERS, ids=[f"{loss}-{classes}" for loss, classes in CLASSIFIERS])
def test_a_classifier_is_better_than_the_best_constant(loss: losskit.Loss, classes: int) -> None:
    labels, penalty = LABELS[classes], 1e-3 * losskit.L2()
    model = losskit.sklearn.LossClassifier(loss, penalty=penalty, max_iter=60)
    if isinstance(loss, losskit.LogitNormCrossEntropy | losskit.FocalCosine) and classes == 2:
        with pytest.raises(TypeError, match="only knows which score is higher"):
            model.fit(X, labels)
        return
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        model.fit(X, labels, WEIGHT)
    if any("falls without end" in str(one.message) for one in told):
        assert not loss.facts.non_negative
        assert mean_loss(model, X, labels) < -1e3
        return
    constant = losskit.sklearn.LossClassifier(loss, penalty=penalty, max_iter=60).fit(0 * X, labels, WEIGHT)
    # Where a cut-off hinge pulls one class it no longer pulls the other: from a constant there is nowhere to go.
    stuck = loss.facts.convex is False and loss.facts.smooth == 0
    assert mean_loss(model, X, labels) < mean_loss(constant, 0 * X, labels) + (1e-9 if stuck else -1e-3)
    if loss.facts.convex and loss.facts.non_negative:
        assert model.score(X, labels) > np.bincount(labels).max() / ROWS + 0.1
    if hasattr(model, "predict_proba"):
        np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1, rtol=1e-9)


def mean_loss(model: Any, table: np.ndarray, labels: np.ndarray) -> float:
    scores, scored = model._full(model._raw(table)), model._loss_
    target = labels
    if not scored.classwise:
        members = labels[:, None] == (np.array([1]) if scores.shape[1] == 1 else np.arange(scores.shape[1]))
        target = scored.targets(members.astype(float))
    return float(scored(scores, target, weight=WEIGHT))


@by_any_loss
def test_what_an_estimator_is_not_for_it_says(loss: losskit.Loss) -> None:
    y = TARGETS["binary"]
    if loss not in FOR_CLASSES:
        with pytest.raises(TypeError, match=r"expected a loss for classes, .* fix: LossRegressor"):
            losskit.sklearn.LossClassifier(loss).fit(X, y)
    if loss not in REGRESSION:
        with pytest.raises(TypeError, match=r"expected a loss for regression, .* fix: LossClassifier"):
            losskit.sklearn.LossRegressor(loss).fit(X, y)
    elif not is_of_one_score(loss):
        with pytest.raises(TypeError, match=r"expected one of a single prediction, .* which needs more"):
            losskit.sklearn.LossRegressor(loss).fit(X, y)


# -- scorers -----------------------------------------------------------------------------------------------------------


class Regressor(RegressorMixin, BaseEstimator):
    """Answers what lies in its only column."""

    def predict(self, X: Any) -> Any:
        return X[:, 0]


class Classifier(ClassifierMixin, BaseEstimator):
    """Scores are the columns; of two classes one score, the second's above the first's."""

    def __init__(self, classes: int = 2) -> None:
        self.classes = classes
        self.classes_ = np.arange(10, 10 + classes)

    def decision_function(self, X: Any) -> Any:
        return X[:, 1] - X[:, 0] if self.classes == 2 else X[:, : self.classes]

    def predict_proba(self, X: Any) -> Any:
        odds = np.exp(X[:, : self.classes])
        return odds / odds.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("loss", [loss for loss in SCORED if loss not in FOR_CLASSES], ids=str)
def test_a_regressor_is_scored_by_what_it_predicts_in_the_target_s_unit(loss: losskit.Loss) -> None:
    scored = ScoreLoss(loss)
    target = scored.targets(target_of(loss))
    start = losskit.boosting.objective(loss, "xgboost").initial_score(target)
    scores = start + np.random.default_rng(5).normal(size=ROWS)
    answer = scored.respond(scores)  # what LossRegressor.predict says
    found = losskit.sklearn.scorer(loss)(Regressor(), answer[:, None], target, sample_weight=WEIGHT)
    assert found == pytest.approx(-float(scored(scores, target, weight=WEIGHT)), rel=1e-9)


@pytest.mark.parametrize("loss", FOR_CLASSES, ids=str)
def test_a_classifier_is_scored_by_its_scores_or_probabilities(loss: losskit.Loss) -> None:
    scored, target = ScoreLoss(loss), target_of(loss)
    model = Classifier(3 if scored.classwise else 2)
    scores = X[:, :3] if scored.classwise else X[:, 1] - X[:, 0]
    expected = -float(scored(scores, scored.targets(target), weight=WEIGHT))
    labels = target.astype(int) + 10
    assert losskit.sklearn.scorer(loss)(model, X, labels, sample_weight=WEIGHT) == pytest.approx(expected, rel=1e-9)


def test_no_other_loss_makes_a_scorer() -> None:
    refused = [loss for loss in one_of_each().values() if not (fits_scores(loss) and is_of_one_score(loss))]
    assert len(refused) > 50
    for loss in refused:
        with pytest.raises(TypeError, match=r"expected an ElementwiseLoss or ClasswiseLoss|which needs more"):
            losskit.sklearn.scorer(loss)

"""Losses in scikit-learn: the scorer, and estimators against scikit-learn's own."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import losskit

pytest.importorskip("sklearn")
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor, QuantileRegressor, Ridge
from sklearn.metrics import log_loss, mean_absolute_error, mean_pinball_loss
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

LossRegressor, LossClassifier = losskit.sklearn.LossRegressor, losskit.sklearn.LossClassifier
RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 4)) * [1.0, 10.0, 0.1, 1.0] + [0.0, 100.0, 0.0, 5.0]
SIGNAL = X[:, 0] + 0.1 * (X[:, 1] - 100) - 5 * X[:, 2]
Y = SIGNAL + RNG.normal(size=200)
LABELS = np.array(["low", "middle", "high"])[np.digitize(Y, [-1.0, 1.0])]
TWO = np.where(Y > 0, "yes", "no")
WEIGHT = RNG.uniform(0.1, 3.0, 200)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(
    [
        *(LossRegressor(hidden=hidden) for hidden in ((), (3,))),
        *(LossClassifier(loss, hidden=hidden) for loss in (None, losskit.Hinge()) for hidden in ((), (3,))),
    ]
)
def test_scikit_learn_s_own_checks(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["alike", "weighted"])
def test_squared_error_is_linear_regression_and_with_l2_ridge(weight: Any) -> None:
    ours, theirs = LossRegressor().fit(X, Y, weight), LinearRegression().fit(X, Y, weight)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-5)
    assert ours.intercept_ == pytest.approx(theirs.intercept_, rel=1e-5)
    total = 200 if weight is None else weight.sum()
    ours = LossRegressor(losskit.HalfSquaredError(), penalty=3.0 / total * losskit.L2()).fit(X, Y, weight)
    np.testing.assert_allclose(ours.coef_, Ridge(alpha=3.0).fit(X, Y, weight).coef_, rtol=1e-5)


@pytest.mark.parametrize("labels", [TWO, LABELS], ids=["two", "three"])
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["alike", "weighted"])
def test_cross_entropy_with_l2_is_logistic_regression(labels: np.ndarray, weight: Any) -> None:
    total = 200 if weight is None else weight.sum()
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    theirs = LogisticRegression(C=2.0, tol=1e-10, max_iter=5000).fit(scaled, labels, weight)
    losses = [losskit.CrossEntropy()] + ([losskit.BinaryCrossEntropy()] if labels is TWO else [])
    for loss in losses:
        ours = LossClassifier(loss, penalty=1 / (2.0 * total) * losskit.L2()).fit(scaled, labels, weight)
        np.testing.assert_allclose(np.atleast_2d(ours.coef_), theirs.coef_, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(ours.predict_proba(scaled), theirs.predict_proba(scaled), atol=1e-5)
        assert (ours.predict(scaled) == theirs.predict(scaled)).all()


def test_poisson_and_quantile_regression() -> None:
    counts = RNG.poisson(np.exp(SIGNAL / 3)).astype(float)
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    ours = LossRegressor(losskit.PoissonNegativeLogLikelihood()).fit(scaled, counts)
    theirs = PoissonRegressor(alpha=0, tol=1e-10, max_iter=1000).fit(scaled, counts)
    np.testing.assert_allclose(ours.predict(scaled), theirs.predict(scaled), rtol=1e-4)
    ours = LossRegressor(losskit.Quantile(level=0.8)).fit(scaled, Y)
    theirs = QuantileRegressor(quantile=0.8, alpha=0).fit(scaled, Y)
    best = mean_pinball_loss(Y, theirs.predict(scaled), alpha=0.8)
    assert mean_pinball_loss(Y, ours.predict(scaled), alpha=0.8) < 1.01 * best  # a kink: near, not exact


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_hidden_layers_bend_what_a_line_cannot() -> None:
    ring = np.where(np.square(X[:, [0, 3]] - [0, 5]).sum(axis=1) > 1.4, 1, 0)
    network = LossClassifier(hidden=(8,), penalty=1e-3 * losskit.L2(), max_iter=150, random_state=0)
    assert network.fit(X[:, [0, 3]], ring).score(X[:, [0, 3]], ring) > 0.95
    assert LossClassifier().fit(X[:, [0, 3]], ring).score(X[:, [0, 3]], ring) < 0.8
    with pytest.raises(AttributeError, match="linear model"):
        _ = network.coef_


def test_estimators_are_cloned_pickled_and_keep_feature_names() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abcd"))
    fitted = LossRegressor(losskit.Huber(delta=2.0), penalty=0.1 * losskit.L2()).fit(frame, Y)
    assert list(fitted.feature_names_in_) == list("abcd")
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).predict(frame), fitted.predict(frame))
    assert clone(fitted).loss == losskit.Huber(delta=2.0)


def test_what_does_not_fit_says_so() -> None:
    with pytest.raises(TypeError, match=r"fix: LossClassifier"):
        LossRegressor(losskit.CrossEntropy()).fit(X, Y)
    with pytest.raises(TypeError, match=r"fix: LossRegressor"):
        LossClassifier(losskit.Huber()).fit(X, TWO)
    with pytest.raises(TypeError, match="penalties only"):
        LossRegressor(penalty=losskit.MSE() + losskit.L2()).fit(X, Y)
    with pytest.raises(losskit.DomainError, match=r"y\[\d+, 0\]: expected a whole number"):
        LossRegressor(losskit.PoissonNegativeLogLikelihood()).fit(X, Y)
    with pytest.warns(ConvergenceWarning, match="falls without end here"):
        LossClassifier(losskit.Unhinged()).fit(X, TWO)
    assert not hasattr(LossClassifier(losskit.Hinge()), "predict_proba")
    with pytest.raises(TypeError, match="needs more"):
        losskit.sklearn.scorer(losskit.GaussianNegativeLogLikelihood())


def test_scorer_agrees_with_scikit_learn_s_metrics() -> None:
    line = LinearRegression().fit(X, Y)
    expected = -mean_absolute_error(Y, line.predict(X), sample_weight=WEIGHT)
    assert losskit.sklearn.scorer(losskit.MAE())(line, X, Y, sample_weight=WEIGHT) == pytest.approx(expected)
    for labels in (TWO, LABELS):
        model = LogisticRegression(max_iter=5000).fit(X, labels)
        expected = -log_loss(labels, model.predict_proba(X))
        for word in ("logits", "probabilities", "log_probabilities"):
            given = losskit.sklearn.scorer(losskit.CrossEntropy(input=word))
            assert given(model, X, labels) == pytest.approx(expected, rel=1e-6)
    model = LogisticRegression(max_iter=5000).fit(X, TWO)
    binary = losskit.sklearn.scorer(losskit.BinaryCrossEntropy())
    assert binary(model, X, TWO) == pytest.approx(-log_loss(TWO, model.predict_proba(X)), rel=1e-6)
    hinge = np.maximum(0, 1 - np.where(TWO == "yes", 1, -1) * model.decision_function(X)).mean()
    assert losskit.sklearn.scorer(losskit.Hinge())(model, X, TWO) == pytest.approx(-hinge)
    with pytest.raises(ValueError, match="a loss of two classes, got 3"):
        binary(LogisticRegression(max_iter=5000).fit(X, LABELS), X, LABELS)


def test_scorer_in_model_selection() -> None:
    scoring = losskit.sklearn.scorer(losskit.Huber())
    assert cross_val_score(LinearRegression(), X, Y, scoring=scoring).shape == (5,)
    grid = {"penalty": [None, 10.0 * losskit.L2()]}
    search = GridSearchCV(LossRegressor(losskit.Huber()), grid, scoring=scoring).fit(X, Y)
    assert search.best_params_ == {"penalty": None}

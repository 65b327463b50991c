"""Losses that a boosting library has itself: ours make the same trees, or come as near."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losskit
from tests.frameworks.tables import TARGETS, WEIGHT, X

# -- XGBoost ---------------------------------------------------------------------------------------------------------

XGB = {"max_depth": 3, "nthread": 1, "learning_rate": 0.3}
# The loss, its twin in the library and the target. Of residual losses XGBoost and LightGBM have no Hessian like ours.
XGB_TWINS = {
    "squared": (losskit.HalfSquaredError(), {"objective": "reg:squarederror"}, "regression"),
    "logistic": (losskit.BinaryCrossEntropy(), {"objective": "binary:logistic"}, "binary"),
    "poisson": (losskit.PoissonNegativeLogLikelihood(), {"objective": "count:poisson", "max_delta_step": 0}, "count"),
    "gamma": (losskit.GammaNegativeLogLikelihood(), {"objective": "reg:gamma"}, "positive"),
    "tweedie": (losskit.Tweedie(), {"objective": "reg:tweedie", "tweedie_variance_power": 1.5}, "positive"),
    "softmax": (losskit.CrossEntropy(), {"objective": "multi:softprob", "num_class": 3}, "multiclass"),
}


@pytest.mark.parametrize("name", XGB_TWINS)
def test_xgboost_makes_the_same_trees_as_its_own_objective(name: str) -> None:
    xgboost = pytest.importorskip("xgboost")
    loss, native, target = XGB_TWINS[name]
    data = xgboost.DMatrix(X, TARGETS[target], weight=WEIGHT)
    # base_score is in the response's unit for native objectives, and a score for others: where exp(0) = 1 is 0 for us.
    ours_start, native_start = {"poisson": (0, 1), "gamma": (0, 1), "tweedie": (0, 1), "logistic": (0, 0.5)}.get(
        name, (0, 0)
    )
    theirs = xgboost.train({**XGB, **native, "base_score": native_start}, data, 20)
    options = {key: value for key, value in native.items() if key in ("num_class", "max_delta_step")}
    ours = xgboost.train(
        {**XGB, **options, "base_score": ours_start}, data, 20, obj=losskit.boosting.objective(loss, "xgboost")
    )
    expected = theirs.predict(data, output_margin=True)
    np.testing.assert_allclose(ours.predict(data, output_margin=True), expected, rtol=2e-3, atol=2e-4)


def test_xgboost_pseudo_huber_from_a_far_start() -> None:
    """Its own objective has ℓ″ = (1 + u²)^(−3/2) for Hessian, which is next to nothing there; ours comes home."""
    xgboost = pytest.importorskip("xgboost")
    target = TARGETS["regression"] + 30
    data = xgboost.DMatrix(X, target)
    objective = losskit.boosting.objective(losskit.PseudoHuber(delta=1.0), "xgboost")
    start = {**XGB, "base_score": 0.0}
    theirs = xgboost.train({**start, "objective": "reg:pseudohubererror", "huber_slope": 1.0}, data, 30)
    ours = xgboost.train(start, data, 30, obj=objective)
    assert objective.mean(ours.predict(data), target) < 0.3
    assert objective.mean(theirs.predict(data), target) > 10


def test_xgboost_s_scikit_learn_wrapper() -> None:
    xgboost = pytest.importorskip("xgboost")
    target = TARGETS["regression"]
    objective = losskit.boosting.objective(losskit.HalfSquaredError(), "xgboost")
    options = {"n_estimators": 10, "max_depth": 3, "n_jobs": 1, "base_score": 0.0}
    theirs = xgboost.XGBRegressor(**options).fit(X, target, sample_weight=WEIGHT)
    ours = xgboost.XGBRegressor(objective=objective, eval_metric=objective.metric, **options)
    ours.fit(X, target, sample_weight=WEIGHT, eval_set=[(X, target)], sample_weight_eval_set=[WEIGHT], verbose=False)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-4, atol=1e-5)
    last = ours.evals_result()["validation_0"]["HalfSquaredError"][-1]
    assert last == pytest.approx(objective.mean(ours.predict(X), target, WEIGHT), rel=1e-5)
    hinge = losskit.boosting.objective(losskit.Hinge(), "xgboost")
    classifier = xgboost.XGBClassifier(objective=hinge, n_estimators=10, n_jobs=1, base_score=0.5)
    classifier.fit(X, TARGETS["binary"])  # labels 0 and 1, which the loss has as −1 and +1
    margin = classifier.predict(X, output_margin=True)
    assert np.mean((margin > 0) == TARGETS["binary"]) > 0.8


# -- LightGBM --------------------------------------------------------------------------------------------------------

LGB = {"num_leaves": 7, "num_threads": 1, "verbose": -1, "learning_rate": 0.2, "min_data_in_leaf": 10}
LGB |= {"deterministic": True, "boost_from_average": False, "min_sum_hessian_in_leaf": 1e-3}
LGB_TWINS = {
    "squared": (losskit.HalfSquaredError(), {"objective": "regression"}, "regression"),
    "logistic": (losskit.BinaryCrossEntropy(), {"objective": "binary"}, "binary"),
    # The library adds its poisson_max_delta_step to the Hessian's exponent.
    "poisson": (
        losskit.PoissonNegativeLogLikelihood(),
        {"objective": "poisson", "poisson_max_delta_step": 1e-9},
        "count",
    ),
    "gamma": (losskit.GammaNegativeLogLikelihood(), {"objective": "gamma"}, "positive"),
    "tweedie": (losskit.Tweedie(), {"objective": "tweedie", "tweedie_variance_power": 1.5}, "positive"),
    # Its factor C/(C − 1) is our 2 for two classes.
    "softmax": (losskit.CrossEntropy(), {"objective": "multiclass", "num_class": 2}, "binary"),
}


@pytest.mark.parametrize("name", LGB_TWINS)
def test_lightgbm_makes_the_same_trees_as_its_own_objective(name: str) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    loss, native, target = LGB_TWINS[name]

    def data() -> Any:
        return lightgbm.Dataset(X, TARGETS[target], weight=WEIGHT)

    theirs = lightgbm.train({**LGB, **native}, data(), 20)
    objective = losskit.boosting.objective(loss, "lightgbm")
    ours = lightgbm.train({**LGB, **native, "objective": objective}, data(), 20)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X, raw_score=True), rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize(
    ("loss", "native"),
    [
        (losskit.AbsoluteError(), {"objective": "l1"}),
        (losskit.Quantile(level=0.9), {"objective": "quantile", "alpha": 0.9}),
        (losskit.Huber(delta=1.0), {"objective": "huber", "alpha": 1.0}),
    ],
    ids=str,
)
def test_lightgbm_without_renewed_leaves_comes_as_near(loss: Any, native: dict[str, Any]) -> None:
    """Its own l1 and quantile put exact quantiles into the leaves, which no custom objective can."""
    lightgbm = pytest.importorskip("lightgbm")
    target = 1000 * TARGETS["regression"]
    if isinstance(loss, losskit.Huber):
        loss, native = losskit.Huber(delta=1000.0), {**native, "alpha": 1000.0}
    objective = losskit.boosting.objective(loss, "lightgbm")
    start = np.full(300, objective.initial_score(target))
    theirs = lightgbm.train({**LGB, **native, "boost_from_average": True}, lightgbm.Dataset(X, target), 60)
    ours = lightgbm.train({**LGB, "objective": objective}, lightgbm.Dataset(X, target, init_score=start), 60)
    assert objective.mean(start + ours.predict(X), target) < 1.15 * objective.mean(theirs.predict(X), target)


def test_lightgbm_metric_parameters_of_a_likelihood_and_the_wrapper() -> None:
    lightgbm = pytest.importorskip("lightgbm")
    target = TARGETS["regression"]
    objective = losskit.boosting.objective(losskit.GaussianNegativeLogLikelihood(), "lightgbm")
    start = np.tile(objective.initial_score(target, WEIGHT), (300, 1))
    data, history = lightgbm.Dataset(X, target, weight=WEIGHT, init_score=start), {}
    lightgbm.train(
        {**LGB, "objective": objective, "num_class": 2, "metric": "none"},
        data,
        20,
        valid_sets=[data],
        feval=objective.metric,
        callbacks=[lightgbm.record_evaluation(history)],
    )
    values = history["training"]["GaussianNegativeLogLikelihood"]
    assert values[-1] < values[0] < objective.mean(start, target, WEIGHT)
    squared = losskit.boosting.objective(losskit.HalfSquaredError(), "lightgbm")
    options = {"n_estimators": 10, "n_jobs": 1, "verbose": -1, "boost_from_average": False}
    theirs = lightgbm.LGBMRegressor(**options).fit(X, target, sample_weight=WEIGHT)
    ours = lightgbm.LGBMRegressor(objective=squared, **options)
    ours.fit(X, target, sample_weight=WEIGHT, eval_X=X, eval_y=target, eval_metric=squared.metric)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-4, atol=1e-5)
    last = ours.evals_result_["training"]["HalfSquaredError"][-1]
    assert last == pytest.approx(squared.mean(ours.predict(X), target, WEIGHT), rel=1e-5)  # it is the training set


# -- CatBoost --------------------------------------------------------------------------------------------------------

CAT = {"iterations": 15, "depth": 3, "learning_rate": 0.3, "bootstrap_type": "No", "thread_count": 1, "verbose": False}
CAT |= {"allow_writing_files": False, "random_seed": 0, "leaf_estimation_iterations": 1}
CAT_TWINS = {
    "squared": (losskit.HalfSquaredError(), "RMSE", "Newton", "regression"),
    "logistic": (losskit.BinaryCrossEntropy(), "Logloss", "Newton", "binary"),
    "poisson": (losskit.PoissonNegativeLogLikelihood(), "Poisson", "Gradient", "count"),
    "tweedie": (losskit.Tweedie(), "Tweedie:variance_power=1.5", "Gradient", "positive"),
    "expectile": (losskit.Expectile(level=0.8), "Expectile:alpha=0.8", "Gradient", "regression"),
    "log-cosh": (losskit.LogCosh(), "LogCosh", "Gradient", "regression"),
    # Their leaves by first derivatives alone, as CatBoost has no other for these.
    "median": (losskit.Quantile(level=0.5), "MAE", "Gradient", "regression"),
    "quantile": (losskit.Quantile(level=0.9), "Quantile:alpha=0.9", "Gradient", "regression"),
    "huber": (losskit.Huber(delta=1.0), "Huber:delta=1.0", "Gradient", "regression"),
    "focal": (
        losskit.BinaryFocal(gamma=2.0, class_weight=(0.75, 0.25)),
        "Focal:focal_alpha=0.25;focal_gamma=2.0",
        "Gradient",
        "binary",
    ),
    "softmax": (losskit.CrossEntropy(), "MultiClass", "Gradient", "multiclass"),
}


@pytest.mark.filterwarnings("ignore:Failed to import numba", "ignore:Can't optimize method")
@pytest.mark.parametrize("name", CAT_TWINS)
def test_catboost_makes_the_same_trees_as_its_own_objective(name: str) -> None:
    catboost = pytest.importorskip("catboost")
    loss, native, estimation, target = CAT_TWINS[name]
    options = {**CAT, "leaf_estimation_method": estimation, "iterations": 3 if name == "softmax" else 15}
    rows = slice(None)
    if name == "softmax":  # for which CatBoost calls Python once per row
        options["classes_count"], rows = 3, slice(60)
    objective = losskit.boosting.objective(loss, "catboost")
    pool = catboost.Pool(X[rows], TARGETS[target][rows], weight=WEIGHT[rows])
    average = {"boost_from_average": False} if name in ("squared", "median", "quantile") else {}
    theirs = catboost.CatBoost({**options, **average, "loss_function": native}).fit(pool)
    ours = catboost.CatBoost({**options, "loss_function": objective, "eval_metric": objective.metric}).fit(pool)
    scores = ours.predict(pool, prediction_type="RawFormulaVal")
    np.testing.assert_allclose(scores, theirs.predict(pool, prediction_type="RawFormulaVal"), rtol=2e-3, atol=2e-4)
    values = ours.get_evals_result()["learn"]
    assert next(iter(values.values()))[-1] == pytest.approx(
        objective.mean(scores, TARGETS[target][rows], WEIGHT[rows]), rel=1e-5
    )

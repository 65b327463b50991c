"""Losses as objectives of gradient boosting, over the whole catalogue."""

from __future__ import annotations

import os
import pickle
from typing import Any

import numpy as np
import pytest

import losskit
from losskit.core.domain import Labels, Signs
from tests.frameworks.tables import ROWS, TARGETS, WEIGHT, X, fits_scores, losses_of_scores, one_of_each, target_of
from tests.oracles import ORACLES

LOSSES = losses_of_scores()
by_loss = pytest.mark.parametrize("loss", LOSSES, ids=str)


def is_kinked(loss: losskit.Loss) -> bool:
    return loss.facts.smooth == 0 and not isinstance(loss, losskit.RMSE)  # its values, not their root, are boosted


def rows_of(constant: Any) -> np.ndarray:
    return np.array(np.broadcast_to(constant, (ROWS, *np.shape(constant))))  # LightGBM reads memory, not strides


# -- derivatives and starts, without a library -----------------------------------------------------------------------


def scores_and_target(loss: losskit.Loss, objective: Any) -> tuple[np.ndarray, np.ndarray]:
    target = target_of(loss)
    start = np.asarray(objective.initial_score(target))
    scores = rows_of(start) + np.random.default_rng(1).normal(size=(ROWS, *start.shape))
    return scores, target


@pytest.mark.parametrize("loss", [loss for loss in LOSSES if not ORACLES[type(loss).__name__].held], ids=str)
def test_gradient_is_the_slope_and_the_hessian_is_positive(loss: losskit.Loss) -> None:
    objective = losskit.boosting.objective(loss, "lightgbm")
    scores, target = scores_and_target(loss, objective)
    gradient, hessian = objective(target, scores, WEIGHT)
    assert gradient.shape == hessian.shape == scores.shape
    assert (hessian > 0).all()
    assert np.isfinite(hessian).all()
    assert ((hessian > 1e-10) | (np.abs(gradient) < 1e-4)).all()  # where a row pulls it is no mere floor
    scored, labels = objective.scored, objective.scored.targets(target)
    step = 1e-6 * np.random.default_rng(2).choice([-1, 1], scores.shape)
    rise = scored.terms(scores + step, labels, WEIGHT).total - scored.terms(scores - step, labels, WEIGHT).total
    assert rise == pytest.approx(2 * np.sum(gradient * step), rel=1e-4, abs=1e-8)


RESIDUAL = [loss for loss in LOSSES if loss.facts.zero_at_target and not is_kinked(loss)]


@pytest.mark.parametrize("loss", RESIDUAL, ids=str)
def test_a_full_step_of_a_leaf_never_raises_a_loss_of_residuals(loss: losskit.Loss) -> None:
    """−Σg / Σh over all rows at once, as a tree of one leaf makes it, from a far start."""
    objective = losskit.boosting.objective(loss, "lightgbm")
    scores, target = scores_and_target(loss, objective)
    for far in (0.0, 5.0, -5.0):
        z = scores + far
        for _ in range(5):
            gradient, hessian = objective(target, z)
            before = objective.mean(z, target)
            z = z - gradient.sum() / hessian.sum()
            assert objective.mean(z, target) <= before * (1 + 1e-12)


@by_loss
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["alike", "weighted"])
def test_no_constant_is_better_than_the_initial_score(loss: losskit.Loss, weight: np.ndarray | None) -> None:
    objective, target = losskit.boosting.objective(loss, "xgboost"), target_of(loss)
    start, rng = np.asarray(objective.initial_score(target, weight)), np.random.default_rng(3)
    best = objective.mean(rows_of(start), target, weight) - 1e-7
    others = [start + size * rng.normal(size=start.shape) for size in (1e-2, 0.1, 1.0, 3.0) for _ in range(20)]
    better = [other for other in others if objective.mean(rows_of(other), target, weight) < best]
    if better:
        starts_from_the_shares(loss, objective, start, weight)


def starts_from_the_shares(loss: losskit.Loss, objective: Any, start: np.ndarray, weight: np.ndarray | None) -> None:
    """Where a loss of classes is least no row pulls, or it is least at infinity: there is nothing to start from."""
    target = target_of(loss)
    assert isinstance(loss.domain("target"), Labels | Signs) or {"binary", "multilabel"} & set(loss.tasks)
    counts = np.bincount(target.astype(int), weights=weight)
    shares = np.log(counts / counts.sum())
    np.testing.assert_allclose(start, shares if start.ndim else shares[1] - shares[0], rtol=1e-12)
    rng = np.random.default_rng(4)
    others = [size * rng.normal(size=start.shape) for size in (3.0, 30.0) for _ in range(300)]
    least = min(others, key=lambda other: objective.mean(rows_of(other), target, weight))
    pull, usual = (np.abs(objective.derivatives(rows_of(z), target, weight)[0]).max() for z in (least, start))
    assert pull < 1e-3 * usual or np.abs(least - least.mean()).max() > 15 or abs(float(least.sum())) > 30


@pytest.mark.parametrize("name", ["Ramp", "Unhinged", "ReverseCrossEntropy", "NormalizedCrossEntropy"])
def test_where_no_constant_is_a_start_the_shares_are(name: str) -> None:
    loss = losskit.catalogue[name]()
    objective = losskit.boosting.objective(loss, "lightgbm")
    starts_from_the_shares(loss, objective, np.asarray(objective.initial_score(target_of(loss))), None)


@pytest.mark.parametrize("name", ["Huber", "LogCosh", "Cauchy", "Tukey", "Welsch"])
def test_far_outliers_do_not_make_steps_explode(name: str) -> None:
    """Their ℓ″ is 0, or 1e-17, or negative: a Newton step by it would be anything."""
    objective = losskit.boosting.objective(losskit.catalogue[name](), "lightgbm")
    gradient, hessian = objective(np.array([0.0]), np.array([4.0]))
    assert abs(gradient[0] / hessian[0]) <= 4.0 + 1e-9


def test_units_do_not_matter_to_absolute_error() -> None:
    objective = losskit.boosting.objective(losskit.AbsoluteError(), "lightgbm")
    target, scores = TARGETS["regression"], X[:, 2]
    (g, h), (big_g, big_h) = objective(target, scores), objective(1e6 * target, 1e6 * scores)
    np.testing.assert_allclose(big_g.sum() / big_h.sum(), 1e6 * g.sum() / h.sum(), rtol=1e-9)


REFUSED = {name: loss for name, loss in one_of_each().items() if not fits_scores(loss)}


@pytest.mark.parametrize("name", REFUSED)
def test_a_loss_of_more_than_scores_and_a_target_says_what_it_takes(name: str) -> None:
    loss = REFUSED[name]
    if loss.kind not in ("elementwise", "classwise"):
        why = f"which is {loss.kind}"
    elif loss.inputs[:2] != ("prediction", "target"):
        why = f"which takes {', '.join(loss.inputs)}"
    else:
        why = "which (also needs .* of each row|takes cosines|takes the scores of .* and .*|takes numbers that end .*)"
    with pytest.raises(TypeError, match=f"expected an ElementwiseLoss or ClasswiseLoss .* {why}; fix: losskit.find"):
        losskit.boosting.objective(loss, "xgboost")


def test_catboost_has_one_score_per_row_or_one_per_class() -> None:
    for loss in LOSSES:
        several = sum(name not in loss.optional for name in loss.differentiable) > 1
        if several:
            with pytest.raises(TypeError, match="fix: take 'xgboost' or 'lightgbm'"):
                losskit.boosting.objective(loss, "catboost")
        else:
            assert losskit.boosting.objective(loss, "catboost").loss == loss


def test_wrong_use_says_so() -> None:
    with pytest.raises(ValueError, match="got 'sklearn'"):
        losskit.boosting.objective(losskit.Huber(), "sklearn")  # pyright: ignore
    with pytest.raises(TypeError, match="one column per class"):
        losskit.boosting.objective(losskit.CrossEntropy(), "xgboost")(np.array([0.0, 1.0]), np.zeros(2))
    with pytest.raises(losskit.DomainError, match=r"target\[1\]: expected class indices.* got 0.5"):
        losskit.boosting.objective(losskit.CrossEntropy(), "xgboost")(np.array([0.0, 0.5]), np.zeros((2, 2)))


@pytest.mark.parametrize("library", ["xgboost", "lightgbm", "catboost"])
def test_an_objective_is_a_value(library: Any) -> None:
    objective = losskit.boosting.objective(losskit.Huber(delta=2.0), library)
    assert pickle.loads(pickle.dumps(objective)) == objective
    assert hash(objective) == hash(losskit.boosting.objective(losskit.Huber(delta=2.0), library))
    assert objective.metric.__name__ == "Huber"


# -- training ----------------------------------------------------------------------------------------------------------

ROUNDS = 5


def history_of_xgboost(objective: Any, target: np.ndarray, start: Any) -> list[float]:
    xgboost = pytest.importorskip("xgboost")
    data = xgboost.DMatrix(X, target, weight=WEIGHT)
    columns = {} if np.ndim(start) == 0 else {"num_class" if objective.scored.classwise else "num_target": len(start)}
    history: dict[str, Any] = {}
    xgboost.train(
        # A leaf needs a sum of Hessians of 1 by default, which those of a loss of directions do not reach.
        {"max_depth": 3, "nthread": 1, "base_score": start, "min_child_weight": 0}
        | {"disable_default_eval_metric": True, **columns},
        data,
        ROUNDS,
        obj=objective,
        custom_metric=objective.metric,
        evals=[(data, "train")],
        evals_result=history,
        verbose_eval=False,
    )
    return history["train"][objective.__name__]


def history_of_lightgbm(objective: Any, target: np.ndarray, start: Any) -> list[float]:
    lightgbm = pytest.importorskip("lightgbm")
    data = lightgbm.Dataset(X, target, weight=WEIGHT, init_score=rows_of(start))
    options = {"num_leaves": 7, "num_threads": 1, "verbose": -1, "learning_rate": 0.3, "metric": "none"}
    history: dict[str, Any] = {}
    lightgbm.train(
        {**options, "objective": objective, "num_class": np.size(start)},
        data,
        ROUNDS,
        valid_sets=[data],
        feval=objective.metric,
        callbacks=[lightgbm.record_evaluation(history)],
    )
    return history["training"][objective.__name__]


def history_of_catboost(objective: Any, target: np.ndarray, start: Any) -> list[float]:
    catboost = pytest.importorskip("catboost")
    pool = catboost.Pool(X, target, weight=WEIGHT, baseline=rows_of(start))
    options = {"depth": 3, "learning_rate": 0.3, "bootstrap_type": "No", "thread_count": 1, "verbose": False}
    options |= {"allow_writing_files": False, "iterations": ROUNDS, "leaf_estimation_iterations": 1}
    options |= {"classes_count": np.size(start)} if objective.scored.classwise else {}
    model = catboost.CatBoost({**options, "loss_function": objective, "eval_metric": objective.metric}).fit(pool)
    return next(iter(model.get_evals_result()["learn"].values()))


HISTORY_OF = {"xgboost": history_of_xgboost, "lightgbm": history_of_lightgbm, "catboost": history_of_catboost}


def trained_by(loss: losskit.Loss) -> tuple[str, ...]:
    """The libraries that take a loss. Of classes CatBoost calls Python once per row: with LOSSKIT_TEST_ALL=1 only."""
    if sum(name not in loss.optional for name in loss.differentiable) > 1:
        return ("xgboost", "lightgbm")
    slow = loss.kind == "classwise" and not os.environ.get("LOSSKIT_TEST_ALL")
    return ("xgboost", "lightgbm") if slow else tuple(HISTORY_OF)


TRAINED = [(loss, library) for loss in LOSSES for library in trained_by(loss)]


@pytest.mark.filterwarnings("ignore:Failed to import numba", "ignore:Can't optimize method")
@pytest.mark.parametrize(("loss", "library"), TRAINED, ids=[f"{loss}-{library}" for loss, library in TRAINED])
def test_every_loss_falls_from_its_initial_score(loss: losskit.Loss, library: Any) -> None:
    objective, target = losskit.boosting.objective(loss, library), target_of(loss)
    start = objective.initial_score(target, WEIGHT)
    values = HISTORY_OF[library](objective, target, start)
    before = objective.mean(rows_of(start), target, WEIGHT)
    assert values[0] <= before + 1e-5 * abs(before)  # float32, and printed with six digits
    assert values[-1] < values[0]

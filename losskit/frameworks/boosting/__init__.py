"""A loss as an objective of gradient boosting: derivatives by raw scores, the best start, and the metric."""

from __future__ import annotations

from typing import Literal, get_args, overload

from losskit.core.loss import Loss
from losskit.frameworks.boosting.catboost import CatBoostClassObjective, CatBoostObjective
from losskit.frameworks.boosting.lightgbm import LightGBMObjective
from losskit.frameworks.boosting.objective import Objective
from losskit.frameworks.boosting.xgboost import XGBoostObjective
from losskit.frameworks.scores import ScoreLoss

__all__ = [
    "CatBoostClassObjective",
    "CatBoostObjective",
    "LightGBMObjective",
    "Objective",
    "XGBoostObjective",
    "objective",
]

Library = Literal["xgboost", "lightgbm", "catboost"]


@overload
def objective(loss: Loss, library: Literal["xgboost"]) -> XGBoostObjective: ...
@overload
def objective(loss: Loss, library: Literal["lightgbm"]) -> LightGBMObjective: ...
@overload
def objective(loss: Loss, library: Literal["catboost"]) -> CatBoostObjective: ...
def objective(loss: Loss, library: Library) -> Objective:
    """An elementwise or classwise loss as an objective of "xgboost", "lightgbm" or "catboost".

    The model's raw scores may be any real numbers: a loss of probabilities sees them through sigmoid or softmax, one of
    a mean through exp; `objective.response(scores)` gives that. `objective.metric` is the library's evaluation metric,
    `objective.initial_score(y)` the best constant to start from. Sample weights count in all three.
    Target: numbers, class indices, or 0/1 also where the loss means −1/+1. Nothing of a library is imported.
    Every elementwise and classwise loss of a prediction and a target is taken. A likelihood of several parameters has a
    column of scores for each, which CatBoost has not.
    A leaf that is too small is told by its sum of Hessians (XGBoost's min_child_weight, 1 by default): of a loss whose
    curvature is small, as of one that sees directions only, lower it.
    Raises TypeError for losses of pairs, lists or masks, and for those that need more of each row than its target
    (AbsoluteScaledError's scale); ValueError for another library.

    >>> import losskit
    >>> objective = losskit.boosting.objective(losskit.Huber(delta=2.0), "xgboost")
    >>> round(objective.initial_score([0.0, 1.0, 2.0, 100.0]), 3)
    1.667
    >>> gradient, hessian = objective([0.0, 1.0, 2.0, 100.0], [1.0, 1.0, 1.0, 1.0])
    >>> gradient.tolist(), hessian.round(2).tolist()[:3]
    ([1.0, 0.0, -1.0, -2.0], [1.0, 1.0, 1.0])
    """
    if library not in get_args(Library):
        raise ValueError(f"library: expected one of {get_args(Library)}, got {library!r}")
    if library == "xgboost":
        return XGBoostObjective(loss)
    if library == "lightgbm":
        return LightGBMObjective(loss)
    return CatBoostClassObjective(loss) if ScoreLoss(loss).classwise else CatBoostObjective(loss)

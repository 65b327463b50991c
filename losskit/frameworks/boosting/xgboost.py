"""XGBoost: functions of (scores, DMatrix), or of (target, scores, sample_weight) in its scikit-learn wrappers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from losskit.frameworks.boosting.objective import Metric, Objective, arguments

Array = Any


@dataclass(unsafe_hash=True)
class XGBoostObjective(Objective):
    """For `xgboost.train(params, data, obj=…)` and `XGBRegressor(objective=…)`.

    params["base_score"] = objective.initial_score(y) starts from the best constant; XGBClassifier, which keeps a
    logistic link beside any objective, wants the sigmoid of it. Classes: params["num_class"]; raw scores come from
    `predict(data, output_margin=True)`. A likelihood of several parameters: params["num_target"].
    """

    def __call__(self, first: Array, second: Any, sample_weight: Array | None = None) -> tuple[Array, Array]:
        gradient, hessian = self.derivatives(*arguments(first, second, sample_weight))
        return gradient.astype("float32"), hessian.astype("float32")

    @property
    def metric(self) -> XGBoostMetric:
        return XGBoostMetric(self)


@dataclass(unsafe_hash=True)
class XGBoostMetric(Metric):
    """For `xgboost.train(…, custom_metric=…)`, which takes (name, value), and the wrappers' eval_metric, a number."""

    def __call__(self, first: Array, second: Any, sample_weight: Array | None = None) -> tuple[str, float] | float:
        value = self.objective.mean(*arguments(first, second, sample_weight))
        return (self.__name__, value) if hasattr(second, "get_label") else value

"""LightGBM: functions of (scores, Dataset), or of (target, scores, weight) in its scikit-learn wrappers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from losskit.frameworks.boosting.objective import Metric, Objective, arguments

Array = Any


@dataclass(unsafe_hash=True)
class LightGBMObjective(Objective):
    """For `lightgbm.train({"objective": …}, …)` and `LGBMRegressor(objective=…)`.

    A Dataset's init_score, one `objective.initial_score(y)` per row, starts from the best constant; predictions leave
    it out. Classes, and the parameters of a likelihood: params["num_class"].
    """

    def __call__(self, first: Array, second: Any, weight: Array | None = None) -> tuple[Array, Array]:
        return self.derivatives(*arguments(first, second, weight))

    @property
    def metric(self) -> LightGBMMetric:
        return LightGBMMetric(self)


@dataclass(unsafe_hash=True)
class LightGBMMetric(Metric):
    """For `lightgbm.train(…, feval=…)` and the wrappers' eval_metric: (name, value, greater is better)."""

    def __call__(self, first: Array, second: Any, weight: Array | None = None) -> tuple[str, float, bool]:
        return self.__name__, self.objective.mean(*arguments(first, second, weight)), False

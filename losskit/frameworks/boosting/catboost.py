"""CatBoost: objects with calc_ders_range or calc_ders_multi, which ask for derivatives of the negative loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from losskit.core.loss import Loss
from losskit.core.reduction import Terms
from losskit.frameworks.boosting.objective import Metric, Objective

Array = Any


@dataclass(unsafe_hash=True)
class CatBoostObjective(Objective):
    """For a loss of one score: `CatBoostRegressor(loss_function=objective, eval_metric=objective.metric)`.

    A Pool's baseline, one `objective.initial_score(y)` per row, starts from the best constant; `predict` leaves it out
    unless it is given a Pool with one. CatBoost asks for blocks of rows: of a loss with a kink at the target it is the
    block's mean residual that counts.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.scored.has_columns != self.scored.classwise:
            raise TypeError(
                f"loss: CatBoost's own objectives have one score per row or one per class; {self.loss} needs "
                f"{', '.join(self.scored.parameters)}; fix: take 'xgboost' or 'lightgbm'"
            )

    def calc_ders_range(self, approxes: Array, targets: Array, weights: Array | None) -> Array:
        """(N, 2): −∂ℓ/∂z and −h, weighted."""
        gradient, hessian = self.derivatives(np.asarray(approxes), np.asarray(targets), weights)
        return -np.stack([gradient, hessian], axis=1)

    @property
    def metric(self) -> CatBoostMetric:
        return CatBoostMetric(self)


@dataclass(unsafe_hash=True)
class CatBoostClassObjective(CatBoostObjective):
    """For a loss of one score per class: `CatBoostClassifier(loss_function=objective, eval_metric=…)`.

    CatBoost calls it once per row: for small data.
    """

    def calc_ders_multi(self, approxes: Array, target: float, weight: float | None) -> tuple[list[float], Any]:
        """−∂ℓ/∂z of one row, and −h as the diagonal of a matrix, weighted."""
        share = None if weight is None else np.asarray([weight])
        gradient, hessian = self.derivatives(np.asarray(approxes)[None, :], np.asarray([target]), share)
        return (-gradient[0]).tolist(), np.diag(-hessian[0]).tolist()


@dataclass(unsafe_hash=True)
class CatBoostMetric(Metric):
    """For eval_metric: parts of a mean, which CatBoost adds up, and the mean of their sums."""

    def evaluate(self, approxes: Array, target: Array, weight: Array | None) -> tuple[float, float]:
        """(Σ weight · ℓ, Σ weight)."""
        scored = self.objective.scored
        scores = np.stack(approxes, axis=-1) if scored.classwise else np.asarray(approxes[0])
        terms = scored.terms(np.asarray(scores, "float64"), scored.targets(target), weight)
        return float(terms.total), float(terms.weight)

    def get_final_error(self, error: float, weight: float) -> float:
        loss: Loss = self.objective.scored.loss
        return float(Terms(np.asarray(error), np.asarray(weight), np.asarray(weight), loss).mean())

    def is_max_optimal(self) -> bool:
        return False

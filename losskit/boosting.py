"""`losskit.boosting`: losses as objectives of XGBoost, LightGBM and CatBoost."""

from losskit.frameworks.boosting import (
    CatBoostClassObjective,
    CatBoostObjective,
    LightGBMObjective,
    Objective,
    XGBoostObjective,
    objective,
)

__all__ = [
    "CatBoostClassObjective",
    "CatBoostObjective",
    "LightGBMObjective",
    "Objective",
    "XGBoostObjective",
    "objective",
]

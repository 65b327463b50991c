"""`losskit.sklearn`: losses as scorers, and estimators that minimise them."""

from losskit.frameworks.sklearn import LossClassifier, LossRegressor, Scorer, scorer

__all__ = ["LossClassifier", "LossRegressor", "Scorer", "scorer"]

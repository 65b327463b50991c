"""Losses in scikit-learn: a scorer, and estimators that minimise any fitting loss."""

from losskit.frameworks.sklearn.estimators import LossClassifier, LossRegressor
from losskit.frameworks.sklearn.scorer import Scorer, scorer

__all__ = ["LossClassifier", "LossRegressor", "Scorer", "scorer"]

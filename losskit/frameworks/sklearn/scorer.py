"""A loss as a scikit-learn scorer: the mean loss of what an estimator answers, negated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils.metadata_routing import MetadataRequest

from losskit.core.domain import Signs
from losskit.core.loss import Loss
from losskit.frameworks.scores import ScoreLoss

Array = Any


@dataclass(frozen=True)
class Scorer:
    """`scorer(estimator, X, y, sample_weight=None)`: minus the mean loss. Made by `scorer`."""

    loss: Loss

    def __post_init__(self) -> None:
        if len(ScoreLoss(self.loss).parameters) > 1:
            raise TypeError(f"loss: expected one of a single prediction, got {self.loss}, which needs more")

    def __call__(self, estimator: Any, X: Any, y: Any, sample_weight: Array | None = None) -> float:
        target = np.asarray(y)
        if not is_classifier(estimator):
            prediction = np.asarray(estimator.predict(X), "float64")
            target = np.asarray(target, "float64")
            return -float(ScoreLoss(self.loss).of_response(prediction, target, weight=sample_weight))
        classes = list(estimator.classes_)
        target = np.asarray([classes.index(label) for label in target.tolist()])
        prediction = self._answer(estimator, X)
        if not ScoreLoss(self.loss).classwise:
            if len(classes) != 2:
                raise ValueError(f"y: {self.loss} is a loss of two classes, got {len(classes)}")
            prediction = prediction[:, 1]
            target = (2.0 * target - 1) if isinstance(self.loss.domain("target"), Signs) else target.astype("float64")
        return -float(self.loss(prediction, target, weight=sample_weight))

    def _answer(self, estimator: Any, X: Any) -> Array:
        """One column per class of what the loss takes: probabilities, their logarithms, or scores.

        Of two classes the score of the first is 0; without scores, log-probabilities serve, which are scores too.
        """
        word = getattr(self.loss, "input", "logits")
        if word == "logits" and hasattr(estimator, "decision_function"):
            scores = np.asarray(estimator.decision_function(X), "float64")
            return np.stack([np.zeros_like(scores), scores], axis=1) if scores.ndim == 1 else scores
        probabilities = np.asarray(estimator.predict_proba(X), "float64")
        if word == "probabilities":
            return probabilities
        with np.errstate(divide="ignore"):
            logarithms = np.log(probabilities)
        if ScoreLoss(self.loss).classwise:
            return logarithms
        return logarithms - logarithms[:, :1]  # log p₁ − log p₀ is the logit of two classes

    # -- metadata routing: `scorer.set_score_request(sample_weight=True)` ----------------------------------------------

    @cached_property
    def _request(self) -> MetadataRequest:
        request = MetadataRequest(owner=self)
        request.score.add_request(param="sample_weight", alias=None)
        return request

    def set_score_request(self, *, sample_weight: bool | str | None) -> Scorer:
        """Whether cross-validation hands sample weights to this scorer; a new scorer is returned."""
        other = Scorer(self.loss)
        other._request.score.add_request(param="sample_weight", alias=sample_weight)
        return other

    def get_metadata_routing(self) -> MetadataRequest:
        return self._request


def scorer(loss: Loss) -> Scorer:
    """A loss as a scorer for `cross_val_score(…, scoring=…)`, `GridSearchCV` and the like: greater is better.

    Asks a regressor for `predict`, whose answers are in the target's unit: means, also where the loss takes their
    logarithm, and probabilities for one that takes logits. Asks a classifier for `decision_function` where the loss
    takes logits or margins, for `predict_proba` where it takes probabilities. Class labels of any kind become what the
    loss wants.
    Raises TypeError for losses of pairs, lists, masks or several parameters.

    >>> import losskit, numpy as np
    >>> from sklearn.dummy import DummyRegressor
    >>> X, y = np.zeros((3, 1)), np.array([0.0, 1.0, 5.0])
    >>> losskit.sklearn.scorer(losskit.MAE())(DummyRegressor(strategy="median").fit(X, y), X, y)
    -1.6666666666666667
    """
    return Scorer(loss)

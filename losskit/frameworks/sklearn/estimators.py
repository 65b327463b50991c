"""Estimators that minimise a loss of the catalogue, plus a penalty."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from losskit.arrays import namespace
from losskit.core.loss import Loss
from losskit.core.objective import Objective
from losskit.core.penalty import Penalty
from losskit.frameworks.scores import ScoreLoss
from losskit.frameworks.sklearn.fitting import Layers, fit
from losskit.frameworks.start import best_constant
from losskit.losses import CrossEntropy, SquaredError

Array = Any
ENDLESS = -1e6  # of the loss at the start: no minimum lies that deep


class LossEstimator(BaseEstimator):
    """The base: scores z = W·tanh(…) + b, fitted by L-BFGS to the mean of a loss and a penalty on the weights."""

    n_features_in_: int
    _loss_: ScoreLoss
    _layers_: Layers
    _flat_: bool  # one column of scores, answered without an axis of its own

    def __init__(
        self,
        loss: Loss | None = None,
        *,
        penalty: Penalty | Objective | None = None,
        hidden: Sequence[int] = (),
        max_iter: int = 1000,
        tol: float = 1e-7,
        random_state: Any = None,
    ) -> None:
        self.loss = loss
        self.penalty = penalty
        self.hidden = hidden
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def _scored(self) -> ScoreLoss:
        raise NotImplementedError

    def _full(self, scores: Array) -> Array:
        """What the loss is given of the scores that are fitted."""
        return scores

    def _fit(self, X: Array, target: Array, start: Array, weight: Array | None) -> None:
        """Find the layers whose scores have the least mean loss; `start` has one score per column."""
        penalty = self.penalty

        def objective(scores: Array, weights: Sequence[Array]) -> Array:
            value = self._loss_(self._full(scores), target, weight=weight)
            if isinstance(penalty, Objective):
                return value + penalty(parameters=list(weights))
            return value if penalty is None else value + penalty(list(weights))

        rng = check_random_state(self.random_state)
        self._layers_, found = fit(X, objective, start, weight, self.hidden, rng, self.max_iter, self.tol)
        self.n_iter_ = max(int(found.nit), 1)
        if found.fun < ENDLESS:
            warnings.warn(
                f"fit: {self._loss_.given} falls without end here, and what was found is no minimum; "
                "fix: take a loss that is never negative",
                ConvergenceWarning,
                stacklevel=3,
            )
        elif self.n_iter_ >= self.max_iter:
            warnings.warn(
                f"fit: no minimum after max_iter={self.max_iter} iterations; fix: raise max_iter or tol",
                ConvergenceWarning,
                stacklevel=3,
            )

    def _checked_loss(self) -> ScoreLoss:
        if isinstance(self.penalty, Objective) and self.penalty.losses:
            raise TypeError(f"penalty: expected penalties only, got {self.penalty}; fix: give the loss as loss=")
        scored = self._scored()
        if len(scored.parameters) > 1:
            raise TypeError(f"loss: expected one of a single prediction, got {scored.given}, which needs more")
        return scored

    def _raw(self, X: Any) -> Array:
        """Scores of shape (N, columns)."""
        check_is_fitted(self)
        return self._layers_(np.asarray(validate_data(self, X, reset=False, dtype="float64")))

    @property
    def coef_(self) -> Array:
        """Of a linear model: one weight per feature, or a row of them per column of scores."""
        weight = self._linear().weights[0].T
        return weight[0] if self._flat_ else weight

    @property
    def intercept_(self) -> Array:
        """Of a linear model: one number, or one per column of scores."""
        offset = self._linear().offsets[0]
        return offset[0] if self._flat_ else offset

    def _linear(self) -> Layers:
        if "_layers_" not in vars(self) or len(self._layers_.weights) > 1:
            raise AttributeError("coef_ and intercept_ are those of a fitted linear model, hidden=()")
        return self._layers_


class LossRegressor(RegressorMixin, LossEstimator):
    """Regression by any elementwise regression loss: J = loss(z, y) + penalty(W), z = W·x + b.

    loss: None is SquaredError. penalty: on the weights, not the offsets, for example 1e-3 * losskit.L2(). hidden: the
    widths of tanh layers; () is a linear model. `predict` answers in the target's unit: e^z where the loss takes the
    logarithm of a mean. Targets (N,) or (N, outputs).
    Minimised by L-BFGS on all rows, until a step gains less than tol² of the loss, with hidden layers less than tol.
    For losses with a kink it comes close, not to the last digit, and L1 makes weights small, not exactly 0. A loss that
    falls without end, or still does after max_iter steps, gives a ConvergenceWarning. Raises DomainError for targets
    that are not the loss's, TypeError for losses of other kinds.

    >>> import losskit, numpy as np
    >>> X = np.arange(6.0)[:, None]
    >>> losskit.sklearn.LossRegressor(losskit.Huber(delta=0.1)).fit(X, 2 * X[:, 0] + 1).coef_.round(3)
    array([2.])
    """

    def _scored(self) -> ScoreLoss:
        scored = ScoreLoss(SquaredError() if self.loss is None else self.loss)
        if scored.classwise or "regression" not in scored.loss.tasks:
            raise TypeError(f"loss: expected a loss for regression, got {scored.given}; fix: LossClassifier(loss=…)")
        return scored

    def fit(self, X: Any, y: Any, sample_weight: Array | None = None) -> LossRegressor:
        """Fit to X (N, features) and y; sample_weight (N,) counts rows."""
        self._loss_ = self._checked_loss()
        X, y = validate_data(self, X, y, dtype="float64", multi_output=True, y_numeric=True)
        weight = None if sample_weight is None else _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        target = np.asarray(y, "float64")
        self._flat_ = target.ndim == 1
        columns = target[:, None] if self._flat_ else target
        domain = self._loss_.loss.domain("target")
        domain.check(namespace(columns), "y", columns)
        start = np.array([best_constant(self._loss_, column, weight) for column in columns.T])
        self._fit(X, columns, start, weight)
        return self

    def predict(self, X: Any) -> Array:
        """The prediction for each row, in the target's unit."""
        scores = self._raw(X)
        answer = self._loss_.respond(scores)
        return answer[:, 0] if self._flat_ else answer

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _has_probabilities(estimator: LossClassifier) -> bool:
    if not estimator._scored().of_probabilities:
        raise AttributeError(f"{estimator.loss} knows scores, not probabilities; fix: use decision_function")
    return True


class LossClassifier(ClassifierMixin, LossEstimator):
    """Classification by any loss of class scores, or of one score against another: J = loss(z, y) + penalty(W).

    loss: None is CrossEntropy. penalty, hidden and the method: as in LossRegressor. Two classes have one score, that of
    the second (a loss of class scores sees 0 for the first). A binary loss with more classes has one score per class,
    each against the rest. Raises TypeError for a loss of other kinds, and of two classes for one that only knows which
    score is higher (LogitNormCrossEntropy). `predict_proba` is there for losses that know their scores as logits.
    With penalty = 1/(C·N) * losskit.L2() CrossEntropy is scikit-learn's LogisticRegression(C).

    >>> import losskit, numpy as np
    >>> X, y = np.arange(6.0)[:, None], np.array(list("aaabbb"))
    >>> margin = losskit.sklearn.LossClassifier(losskit.SquaredHinge(), penalty=0.1 * losskit.L2())
    >>> margin.fit(X, y).predict([[1.0], [4.0]])
    array(['a', 'b'], dtype='<U1')
    """

    classes_: Array

    def _scored(self) -> ScoreLoss:
        scored = ScoreLoss(CrossEntropy() if self.loss is None else self.loss)
        if not scored.classwise and "binary" not in scored.loss.tasks:
            raise TypeError(f"loss: expected a loss for classes, got {scored.given}; fix: LossRegressor(loss=…)")
        return scored

    def _full(self, scores: Array) -> Array:
        if not (self._flat_ and self._loss_.classwise):
            return scores
        xp = namespace(scores)
        return xp.concatenate([xp.zeros_like(scores), scores], axis=1)

    def _check_two_classes(self) -> None:
        """Of two classes only the difference of scores is fitted: a loss that it does not change cannot be."""
        near, far = (self._loss_(np.array([[0.0, ahead]]), np.array([0])) for ahead in (1.0, 2.0))
        if near == far:
            raise TypeError(
                f"loss: of two classes {self._loss_.given} only knows which score is higher; "
                "fix: take a loss for binary targets"
            )

    def fit(self, X: Any, y: Any, sample_weight: Array | None = None) -> LossClassifier:
        """Fit to X (N, features) and labels y (N,); sample_weight (N,) counts rows."""
        self._loss_ = self._checked_loss()
        X, y = validate_data(self, X, y, dtype="float64")
        check_classification_targets(y)
        weight = None if sample_weight is None else _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        self.classes_, index = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y: expected at least two classes, got one class: {self.classes_[0]!r}")
        self._flat_ = len(self.classes_) == 2
        if self._loss_.classwise:
            if self._flat_:
                self._check_two_classes()
            target = index
            start = np.asarray(best_constant(self._loss_, target, weight))
            start = start[1:] - start[:1] if self._flat_ else start
        else:
            members = index[:, None] == (np.array([1]) if self._flat_ else np.arange(len(self.classes_)))
            target = self._loss_.targets(members.astype("float64"))
            start = np.array([best_constant(self._loss_, column, weight) for column in target.T])
        self._fit(X, target, start, weight)
        return self

    def decision_function(self, X: Any) -> Array:
        """Scores: (N,) for two classes, positive for the second; else (N, classes)."""
        scores = self._raw(X)
        return scores[:, 0] if self._flat_ else scores

    def predict(self, X: Any) -> Array:
        """The class with the highest score."""
        scores = self.decision_function(X)
        return self.classes_[(scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)]

    @available_if(_has_probabilities)
    def predict_proba(self, X: Any) -> Array:
        """Probabilities (N, classes): softmax, or sigmoid (of several classes normalised to sum to 1)."""
        scores = self._raw(X)
        answer = self._loss_.respond(self._full(scores))
        if self._flat_ and not self._loss_.classwise:
            return np.concatenate([self._loss_.respond(-scores), answer], axis=1)
        return answer / answer.sum(axis=1, keepdims=True)

    @available_if(_has_probabilities)
    def predict_log_proba(self, X: Any) -> Array:
        """The logarithms of predict_proba."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

"""A loss as a function of a model's raw scores, which are any real numbers: what trees and linear models add up."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from losskit.arrays import namespace
from losskit.core.domain import Cosines, Interval, Signs
from losskit.core.errors import DomainError
from losskit.core.kinds import ClasswiseLoss, ElementwiseLoss
from losskit.core.loss import Loss
from losskit.core.reduction import Terms

Array = Any

# What a loss takes, and the same loss of what is not bounded: sigmoid, softmax or exp are then part of its formula.
UNBOUNDED = {"probabilities": "logits", "log_probabilities": "logits", "mean": "log_mean"}
RESPONSE = {"logits": "probabilities", "log_mean": "mean"}


@dataclass(frozen=True)
class ScoreLoss:
    """A loss of raw scores. One of probabilities is taken in its form of logits, one of a mean in that of a log-mean.

    Scores have the shape of the loss's values, with a last axis of their own where one value needs several: the C
    classes of a ClasswiseLoss, or a likelihood's parameters in the order of `loss.differentiable`.
    Raises TypeError for losses of more than their own row, without a target, or of inputs that no model predicts.
    """

    given: Loss

    def __post_init__(self) -> None:
        inputs, kind = self.given.inputs, self.given.kind
        if not isinstance(self.given, (ElementwiseLoss, ClasswiseLoss)):
            why = f"which is {kind}"
        elif inputs[:2] != ("prediction", "target"):
            why = f"which takes {', '.join(inputs)}"
        elif left := [name for name in inputs[2:] if name not in (*self.given.optional, *self.given.differentiable)]:
            why = f"which also needs {', '.join(left)} of each row"
        elif isinstance(self.given.domain("prediction"), Cosines):
            why = "which takes cosines"
        elif getattr(self.loss.domain("prediction"), "upper", math.inf) < math.inf:
            why = "which takes numbers that end somewhere, and has no form of logits"
        elif isinstance(self.given, ClasswiseLoss) and len(self.parameters) > 1:
            why = f"which takes the scores of {' and '.join(self.parameters)}"
        else:
            return
        raise TypeError(
            f"loss: expected an ElementwiseLoss or ClasswiseLoss of a prediction and a target, got {self.given}, {why}"
            "; fix: losskit.find(task=...) lists some for 'regression', 'binary', 'multiclass'"
        )

    @cached_property
    def loss(self) -> Any:
        """The loss whose prediction may be any real number, as far as it has such a form."""
        word = getattr(self.given, "input", None)
        return replace(self.given, input=UNBOUNDED[word]) if word in UNBOUNDED else self.given  # pyright: ignore

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The inputs that scores stand for."""
        return tuple(name for name in self.loss.differentiable if name not in self.loss.optional)

    @property
    def classwise(self) -> bool:
        return isinstance(self.loss, ClasswiseLoss)

    @property
    def has_columns(self) -> bool:
        return self.classwise or len(self.parameters) > 1

    def targets(self, labels: Array) -> Array:
        """Labels as the loss wants them, of what libraries hand over: class indices as floats, and 0/1 for −1/+1."""
        labels = np.asarray(labels)
        domain = self.loss.domain("target")
        if domain.integer:
            whole = labels.astype("int64")
            if np.any(whole != labels):
                first = int(np.argmax(whole != labels))
                raise DomainError(f"target[{first}]: expected {domain.describe()}, got {labels[first]}")
            return whole
        labels = labels.astype("float64")
        # Where some are 0 none can be −1: what is meant is beyond doubt.
        return 2 * labels - 1 if isinstance(domain, Signs) and np.isin(labels, (0, 1)).all() else labels

    def inputs(self, scores: Array) -> dict[str, Array]:
        """The loss's inputs that these scores stand for, by name."""
        if len(self.parameters) > 1:
            return {name: scores[..., k] for k, name in enumerate(self.parameters)}
        lower = self._lower
        if lower is None:
            return {"prediction": scores}
        xp = namespace(scores)
        # Below log ε the bound is all that is left, and it is not in the domain itself.
        return {"prediction": lower + xp.exp(xp.clip(scores, math.log(np.finfo(float).eps), math.inf))}

    @property
    def _lower(self) -> float | None:
        """Where the prediction's domain begins, None for one without bounds."""
        domain = self.loss.domain("prediction")
        return domain.lower if isinstance(domain, Interval) and domain.lower > -math.inf else None

    def __call__(self, scores: Array, target: Array, **options: Any) -> Array:
        """The loss of these scores; options as those of `Loss.__call__`."""
        return self.loss(**self.inputs(scores), target=target, **options)

    def terms(self, scores: Array, target: Array, weight: Array | None = None) -> Terms:
        """The parts of the mean; their total is what has derivatives row by row, of RMSE too."""
        return self.loss.terms(**self.inputs(scores), target=target, weight=weight)

    def scores_of(self, target: Array) -> Array:
        """The scores that say exactly the target, for a loss that is zero there."""
        return target if self._lower is None else np.log(target - self._lower)

    def respond(self, scores: Array) -> Array:
        """What scores say in the target's terms: probabilities for a loss of probabilities, e^z for a log-mean.

        The first column for a likelihood of several parameters; scores themselves where there is nothing to undo.
        """
        scores = np.asarray(scores, "float64")
        xp = namespace(scores)
        if len(self.parameters) > 1:
            scores = scores[..., 0]
        if self.of_probabilities:
            return xp.exp(xp.log_softmax(scores)) if self.classwise else xp.sigmoid(scores)
        if self.loss.facts.minimiser == "log_mean":
            return xp.exp(scores)
        return scores if len(self.parameters) > 1 else self.inputs(scores)["prediction"]

    def of_response(self, response: Array, target: Array, **options: Any) -> Array:
        """The loss of what a model answers in the target's terms, as `respond` has it for one score."""
        word = getattr(self.loss, "input", "")
        if self.of_probabilities or word == "log_mean":
            return replace(self.loss, input=RESPONSE[word])(response, target, **options)
        if self.loss.facts.minimiser == "log_mean":
            with np.errstate(divide="ignore"):
                response = np.log(response)
        return self.loss(response, target, **options)

    @cached_property
    def of_probabilities(self) -> bool:
        """Whether the loss knows its scores as the logits of probabilities."""
        if getattr(self.loss, "input", None) != "logits":
            return False
        try:
            return replace(self.loss, input="probabilities") is not None
        except ValueError:  # scores between which there is a margin, or which are adjusted
            return False

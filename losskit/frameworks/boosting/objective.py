"""What an objective is in every library: a loss of raw scores, its derivatives, its start and its metric."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from losskit.core.loss import Loss
from losskit.frameworks.boosting.derivatives import derivatives
from losskit.frameworks.scores import ScoreLoss
from losskit.frameworks.start import best_constant

Array = Any


@dataclass(unsafe_hash=True)
class Objective(ABC):
    """A loss as one library's objective; compares, hashes and pickles like the loss. Made by `objective`.

    Not frozen only because CatBoost sets a mark of its own on what it is handed.
    """

    loss: Loss

    def __post_init__(self) -> None:
        assert self.scored is not None  # a loss that has no objective is refused here, not while training

    @cached_property
    def scored(self) -> ScoreLoss:
        return ScoreLoss(self.loss)

    @property
    def __name__(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride] - the libraries ask for it
        return type(self.loss).__name__

    @property
    @abstractmethod
    def metric(self) -> Any:
        """The mean loss of raw scores, in the form the library's evaluation takes; less is better."""

    def initial_score(self, target: Array, weight: Array | None = None) -> Any:
        """The constant that minimises the loss over a sample: a float, or an array with one entry per column.

        Boosting starts from it: as XGBoost's base_score; for every row, as LightGBM's init_score and CatBoost's
        baseline, which their predictions leave out. A loss of classes that has no such constant, or only where no row
        pulls any more, starts from the logits of the classes' shares. target and weight: shape (N,).
        """
        target = np.asarray(target)
        self.check_targets(target)
        start = best_constant(self.scored, self.scored.targets(target), weight)
        return start if self.scored.has_columns else float(start)

    def response(self, scores: Array) -> Array:
        """What raw scores say in the target's terms: probabilities, e^z of a log-mean, or the scores themselves."""
        return self.scored.respond(scores)

    def derivatives(self, scores: Array, target: Array, weight: Array | None = None) -> tuple[Array, Array]:
        """Gradient and Hessian per row, weighted, of the scores' shape; float64. `derivatives.py` says why so."""
        return derivatives(self.scored, self.shaped(scores), self.scored.targets(target), weight)

    def mean(self, scores: Array, target: Array, weight: Array | None = None) -> float:
        """The loss of these scores, as `loss(…)` has it."""
        scores = np.asarray(self.shaped(scores), "float64")
        return float(self.scored(scores, self.scored.targets(target), weight=weight))

    def shaped(self, scores: Array) -> Array:
        """The scores, if they have a column for each that the loss needs. Raises TypeError otherwise."""
        if self.scored.has_columns != (np.ndim(scores) == 2):
            wanted = "one column per class" if self.scored.classwise else f"columns {self.scored.parameters}"
            expected = f"(N, k), {wanted}" if self.scored.has_columns else "(N,)"
            raise TypeError(
                f"scores: {self.loss} expects shape {expected}, got {np.shape(scores)}; "
                "fix: set num_class (XGBoost's num_target for a likelihood's parameters) to the number of columns"
            )
        return scores

    @staticmethod
    def check_targets(target: Array) -> None:
        if target.ndim != 1 or not target.size:
            raise TypeError(f"target: expected at least one number per row, shape (N,), got {target.shape}")


@dataclass(unsafe_hash=True)
class Metric:
    """The mean loss as a library's metric."""

    objective: Objective

    @property
    def __name__(self) -> str:
        return self.objective.__name__


def arguments(first: Array, second: Any, sample_weight: Array | None) -> tuple[Array, Array, Array | None]:
    """(scores, target, weight) of either calling convention.

    Training gives (scores, data set), the scikit-learn wrappers (target, scores, weight).
    """
    if hasattr(second, "get_label"):
        weight = second.get_weight()  # XGBoost: an empty array for none
        return first, second.get_label(), None if weight is None or not len(weight) else weight
    return second, first, sample_weight

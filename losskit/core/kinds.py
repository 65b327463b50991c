"""Kinds of loss, by what one value depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Domain, Labels, LogSimplex, Rows, Simplex
from losskit.core.errors import ShapeError
from losskit.core.loss import Loss

Array = Any
ScoreInput = Literal["logits", "log_probabilities", "probabilities"]


@dataclass(frozen=True, kw_only=True)
class ElementwiseLoss(Loss):
    """Each value depends on one prediction and one target; arguments and values have one shape."""


@dataclass(frozen=True, kw_only=True)
class RowwiseLoss(Loss):
    """Each value depends on one row (the last axis) of each argument; values have the leading shape."""


@dataclass(frozen=True, kw_only=True)
class BatchwiseLoss(Loss):
    """Each value depends on its row and on the other rows of the batch: contrastive, ranking, matching."""


@dataclass(frozen=True, kw_only=True)
class ClasswiseLoss(RowwiseLoss):
    """One row of C class scores against a class index or a row of class probabilities.

    input: what the prediction holds: "logits" (any real scores), "log_probabilities" or "probabilities".
    class_weight: C numbers ≥ 0; the value of class k counts that much, and so does the divisor of a mean.
    ignore_index: class indices equal to it are left out, as if masked.
    """

    input: ScoreInput = "logits"
    class_weight: tuple[float, ...] | None = None
    ignore_index: int | None = None

    target = Labels()

    def __post_init__(self) -> None:
        if self.class_weight is not None:
            object.__setattr__(self, "class_weight", tuple(float(weight) for weight in self.class_weight))

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return {"logits": Rows(), "log_probabilities": LogSimplex(), "probabilities": Simplex()}[self.input]

    def log_probabilities(self, xp: Any, prediction: Array) -> Array:
        """log p of every class, accurate also where p is nearly 1 or underflows."""
        if self.input == "logits":
            return xp.log_softmax(prediction)
        return prediction if self.input == "log_probabilities" else xp.log(prediction)

    def expected(self, xp: Any, per_class: Array, target: Array) -> Array:
        """Σₖ targetₖ · per_classₖ; for an index, the entry of that class. 0 · ±inf counts as 0."""
        if not xp.is_floating(target):
            return xp.take_along_axis(per_class, xp.expand_dims(target, axis=-1), axis=-1)[..., 0]
        absent = target == 0
        zero = xp.zeros_like(per_class)
        return xp.sum(xp.where(absent, zero, target * xp.where(absent, zero, per_class)), axis=-1)

    def weights(self, xp: Any, like: Array) -> Array | None:
        """class_weight as an array that goes with rows of classes."""
        if self.class_weight is None:
            return None
        weights = xp.asarray(self.class_weight, like=like)
        if xp.shape(weights) != xp.shape(like)[-1:]:
            raise ShapeError(
                f"class_weight: expected one weight for each of the {xp.shape(like)[-1]} classes, "
                f"got {len(self.class_weight)}"
            )
        return xp.broadcast_to(weights, xp.shape(like))

    def measure(self, xp: Any, *inputs: Array) -> Array | None:
        prediction, target = inputs[:2]
        weights = self.weights(xp, prediction)
        return None if weights is None else self.expected(xp, weights, target)

    def kept(self, xp: Any, *inputs: Array) -> Array | None:
        target = inputs[1]
        return None if self.ignore_index is None or xp.is_floating(target) else target != self.ignore_index


@dataclass(frozen=True, kw_only=True)
class StructuredLoss(Loss):
    """Each value depends on one whole sample (an image with its mask, a sequence): values have the shape (N,).

    A mask has the target's shape: pixels can be left out of a sample, and a sample that keeps none is left out.
    """

    def _values_shape(self, xp: Any, bound: dict[str, Array]) -> tuple[int, ...]:
        return xp.shape(bound[self.inputs[0]])[:1]

    def kept_values(self, xp: Any, keep: Array) -> Array:
        return xp.any(keep, axis=tuple(range(1, len(xp.shape(keep))))) if len(xp.shape(keep)) > 1 else keep

    def _keep(self, xp: Any, bound: dict[str, Array], mask: Array | None) -> Array | None:
        if mask is None:
            return None
        target = bound[self.inputs[-1]]
        mask = xp.asarray(mask, like=target)
        if xp.shape(mask) not in (xp.shape(target), xp.shape(target)[:1]):
            raise ShapeError(
                f"mask: expected the target's shape {xp.shape(target)}, or {xp.shape(target)[:1]} for whole samples, "
                f"got {xp.shape(mask)}"
            )
        while len(xp.shape(mask)) < len(xp.shape(target)):
            mask = xp.expand_dims(mask, axis=-1)
        return mask & xp.cast(xp.ones_like(target), "bool")

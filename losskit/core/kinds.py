"""Kinds of loss, by what one value depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Domain, Labels, LogSimplex, Rows, Simplex
from losskit.core.errors import ShapeError
from losskit.core.hyperparameters import non_negative, one_of
from losskit.core.loss import Loss

Array = Any
ScoreInput = Literal["logits", "log_probabilities", "probabilities"]

SCORE_DOMAINS: dict[ScoreInput, Domain] = {
    "logits": Rows(),
    "log_probabilities": LogSimplex(),
    "probabilities": Simplex(),
}
"""What rows of class scores may hold, by the word that a loss's `input` has for it."""


@dataclass(frozen=True, kw_only=True)
class ElementwiseLoss(Loss):
    """Each value depends on one prediction and one target; arguments and values have one shape."""

    kind = "elementwise"


@dataclass(frozen=True, kw_only=True)
class RowwiseLoss(Loss):
    """Each value depends on one row (the last axis) of each argument; values have the leading shape."""

    kind = "rowwise"


@dataclass(frozen=True, kw_only=True)
class BatchwiseLoss(Loss):
    """Each value depends on its row and on the other rows of the batch: contrastive, ranking, matching."""

    kind = "batchwise"

    def curvature(self, *inputs: Array, **named: Array) -> Array:
        raise TypeError(
            f"{type(self).__name__}.curvature: each value depends on the whole batch, and has no second "
            "derivative of its own; take the framework's Hessian"
        )


@dataclass(frozen=True, kw_only=True)
class ClasswiseLoss(RowwiseLoss):
    """One row of C class scores against a class index or a row of class probabilities.

    input: what the prediction holds: "logits" (any real scores), "log_probabilities" or "probabilities".
    class_weight: C numbers ≥ 0; the value of class k counts that much, and so does the divisor of a mean.
    ignore_index: class indices equal to it are left out, as if masked.
    """

    kind = "classwise"
    input: ScoreInput = "logits"
    class_weight: tuple[float, ...] | None = None
    ignore_index: int | None = None

    target = Labels()

    def __post_init__(self) -> None:
        one_of(tuple(SCORE_DOMAINS), input=self.input)
        if self.class_weight is not None:
            weights = tuple(float(weight) for weight in self.class_weight)
            non_negative(**{f"class_weight[{k}]": weight for k, weight in enumerate(weights)})
            object.__setattr__(self, "class_weight", weights)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return SCORE_DOMAINS[self.input]

    def chosen(self, xp: Any, rows: Array, target: Array, harmless: float = 0.0) -> Array:
        """The entry of the target's class; for a row of probabilities all entries, `harmless` where it has a 0.

        What has no share in the target is replaced before anything infinite is made of it: 0 · ∞ must reach neither
        value nor derivative.
        """
        if xp.is_floating(target):
            return xp.where(target == 0, harmless, rows)
        return xp.take_along_axis(rows, xp.expand_dims(target, axis=-1), axis=-1)[..., 0]

    def mixed(self, xp: Any, chosen: Array, target: Array) -> Array:
        """The chosen value times its class's weight; for a row of probabilities Σₖ targetₖ · weightₖ · chosenₖ."""
        shares = self.shares(xp, target, chosen)
        if shares is None:
            return chosen
        return xp.sum(shares * chosen, axis=-1) if xp.is_floating(target) else shares * chosen

    def shares(self, xp: Any, target: Array, like: Array) -> Array | None:
        """How much each chosen value counts: target · class_weight; None for an index without weights."""
        soft = xp.is_floating(target)
        if self.class_weight is None:
            return target if soft else None
        weights = xp.asarray(self.class_weight, like=like)
        if soft:
            return target * weights
        rows = xp.broadcast_to(weights, (*xp.shape(target), len(self.class_weight)))
        return self.chosen(xp, rows, target)

    def log_probabilities(self, xp: Any, prediction: Array) -> Array:
        """log p of every class, accurate also where p is nearly 1 or underflows."""
        if self.input == "logits":
            return xp.log_softmax(prediction)
        return prediction if self.input == "log_probabilities" else xp.log(prediction)

    def log_chosen(self, xp: Any, prediction: Array, target: Array) -> Array:
        """log p of what the target chooses."""
        if self.input == "probabilities":
            return xp.log(self.chosen(xp, prediction, target, harmless=0.5))
        return self.chosen(xp, self.log_probabilities(xp, prediction), target, harmless=-1.0)

    def measure(self, xp: Any, *inputs: Array) -> Array | None:
        if self.class_weight is None:
            return None
        prediction, target = inputs[:2]
        shares = self.shares(xp, target, prediction)
        return xp.sum(shares, axis=-1) if xp.is_floating(target) else shares

    def counted(self, xp: Any, value: Array, prediction: Array, target: Array) -> Array:
        """A row's value times the class weight of its target: for a value that is no mixture of its classes' values."""
        weight = self.measure(xp, prediction, target)
        return value if weight is None else weight * value

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        classes = xp.shape(bound["prediction"])[-1]
        if self.class_weight is not None and len(self.class_weight) != classes:
            raise ShapeError(
                f"class_weight: expected one weight for each of the {classes} classes of prediction, "
                f"got {len(self.class_weight)}"
            )

    def kept(self, xp: Any, *inputs: Array) -> Array | None:
        target = inputs[1]
        return None if self.ignore_index is None or xp.is_floating(target) else target != self.ignore_index


@dataclass(frozen=True, kw_only=True)
class StructuredLoss(Loss):
    """Each value depends on one whole sample (an image with its mask, a sequence): values have the shape (N,).

    A mask has the target's shape: pixels can be left out of a sample, and a sample that keeps none is left out.
    """

    kind = "structured"

    def curvature(self, *inputs: Array, **named: Array) -> Array:
        raise TypeError(
            f"{type(self).__name__}.curvature: each value depends on a whole sample, and has no second "
            "derivative of its own; take the framework's Hessian"
        )

    def _values_shape(self, xp: Any, bound: dict[str, Array]) -> tuple[int, ...]:
        return xp.shape(bound[self.inputs[0]])[:1]

    def kept_values(self, xp: Any, keep: Array) -> Array:
        return xp.any(keep, axis=tuple(range(1, len(xp.shape(keep))))) if len(xp.shape(keep)) > 1 else keep

    def _keep(self, xp: Any, bound: dict[str, Array], mask: Array | None) -> Array | None:
        if mask is None:
            return None
        target = bound["target"] if "target" in bound else bound[self.inputs[-1]]
        mask = xp.asarray(mask, like=target)
        if xp.shape(mask) not in (xp.shape(target), xp.shape(target)[:1]):
            raise ShapeError(
                f"mask: expected the target's shape {xp.shape(target)}, or {xp.shape(target)[:1]} for whole samples, "
                f"got {xp.shape(mask)}"
            )
        while len(xp.shape(mask)) < len(xp.shape(target)):
            mask = xp.expand_dims(mask, axis=-1)
        return mask & xp.cast(xp.ones_like(target), "bool")

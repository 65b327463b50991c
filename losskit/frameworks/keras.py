"""A loss as a keras.losses.Loss, saved and loaded inside a .keras model."""

from __future__ import annotations

from typing import Any

import keras

from losskit.core.config import from_config
from losskit.core.loss import Loss
from losskit.core.reduction import Empty, Reduction, checked

Array = Any


@keras.saving.register_keras_serializable(package="losskit")
class KerasLoss(keras.losses.Loss):
    """A losskit loss with Keras's conventions: `(y_true, y_pred, sample_weight=None)`. Made by `wrap`.

    The mean is losskit's: it divides by the sum of the weights that are left, where Keras divides by their number.
    """

    def __init__(
        self,
        loss: Loss | dict[str, Any],
        reduction: Reduction = "mean",
        empty: Empty = "zero",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        checked(reduction, empty)
        built = from_config(loss) if isinstance(loss, dict) else loss
        if not isinstance(built, Loss) or len(built.inputs) != 2:
            raise TypeError(f"wrap: expected a loss of a prediction and a target, got {built}")
        self.loss = built
        self.empty: Empty = empty
        self.mean_or_sum: Reduction = reduction
        super().__init__(name=name or type(built).__name__, reduction=reduction, dtype=dtype)

    def __call__(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> Array:
        mask = getattr(y_pred, "_keras_mask", None)  # set by masking layers
        y_pred = keras.ops.convert_to_tensor(y_pred)
        y_true = self._fit_target(keras.ops.convert_to_tensor(y_true), y_pred)
        values = y_pred.shape[:-1] if self.loss.domain(self.loss.inputs[0]).columns else y_pred.shape
        if sample_weight is not None:
            sample_weight = _drop_last(keras.ops.convert_to_tensor(sample_weight), len(values))
        return self.loss(y_pred, y_true, weight=sample_weight, mask=mask, reduction=self.mean_or_sum, empty=self.empty)

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """The values, unreduced."""
        y_pred = keras.ops.convert_to_tensor(y_pred)
        return self.loss(y_pred, self._fit_target(keras.ops.convert_to_tensor(y_true), y_pred), reduction="none")

    def _fit_target(self, y_true: Array, y_pred: Array) -> Array:
        """Keras hands labels over as floats, and (N,) targets beside (N, 1) predictions: both are undone here.

        Only an axis of length 1 is added or dropped; nothing is broadcast.
        """
        rank = len(y_pred.shape)
        if self.loss.domain(self.loss.inputs[1]).integer:
            if len(y_true.shape) == rank and y_true.shape[-1] == 1 and y_pred.shape[-1] != 1:
                y_true = keras.ops.squeeze(y_true, axis=-1)
            if len(y_true.shape) == rank - 1:
                return keras.ops.cast(y_true, "int32")
        elif len(y_true.shape) == rank - 1 and y_pred.shape[-1] == 1:
            y_true = keras.ops.expand_dims(y_true, axis=-1)
        return keras.ops.cast(y_true, y_pred.dtype)

    def get_config(self) -> dict[str, Any]:
        return {"loss": self.loss.config(), "reduction": self.mean_or_sum, "empty": self.empty, "name": self.name}


def wrap(loss: Loss, *, reduction: Reduction = "mean", empty: Empty = "zero", name: str | None = None) -> KerasLoss:
    """A losskit loss for `model.compile(loss=…)`; it is saved and loaded inside a .keras model.

    Classes lie on the last axis, as everywhere in Keras. Raises TypeError for a loss of other inputs than two.
    """
    return KerasLoss(loss, reduction=reduction, empty=empty, name=name)


def _drop_last(weight: Array, rank: int) -> Array:
    """Keras's (N, 1) weights, for values of shape (N,)."""
    while len(weight.shape) > rank and weight.shape[-1] == 1:
        weight = keras.ops.squeeze(weight, axis=-1)
    return weight

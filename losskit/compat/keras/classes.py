"""`keras.losses`' classes, computed by losskit's formulas.

Each is a subclass of Keras's class of the same name: the constructor, its defaults and errors, `isinstance` and what
Keras writes into a .keras file are Keras's. `fixed=True` gives losskit's conventions, as in the functions. A mean,
under any of Keras's names for it, then divides by the sum of the weights that are not masked; what is masked reaches no
gradient; and the configuration holds every argument, where Keras 3.15 forgets Huber's delta and the axis of
CosineSimilarity and SparseCategoricalCrossentropy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import keras

from losskit.compat.keras import alignment, classification, margin, metric, overlap, regression
from losskit.compat.keras.conventions import get_keras_mask, mean_of_what_is_left, set_keras_mask

__all__ = [
    "CTC",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "Circle",
    "CosineSimilarity",
    "Dice",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
]

Array = Any
losses = keras.losses


class Fixable(losses.Loss):
    """What the classes share: Keras's constructor, `fixed`, and the function that takes the place of Keras's."""

    function: ClassVar[Callable[..., Array]]

    def __init__(self, *arguments: Any, fixed: bool = False, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fixed = fixed
        self.fn = self.function

    def __call__(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> Array:
        if not self.fixed:
            return super().__call__(y_true, y_pred, sample_weight)
        mask = get_keras_mask(y_pred)
        y_pred = keras.ops.convert_to_tensor(y_pred, dtype=self.dtype)
        set_keras_mask(y_pred, mask)  # a tensor of another dtype has lost it
        values = self.call(keras.ops.convert_to_tensor(y_true), y_pred)
        own = get_keras_mask(values)  # of ignored labels
        mask = own if mask is None else mask if own is None else mask & own
        return mean_of_what_is_left(values, sample_weight, mask, self.reduction)

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """The values, unreduced."""
        if not self.fixed:
            return super().call(y_true, y_pred)
        return self.fn(y_true, y_pred, **self._arguments(), fixed=True)

    def get_config(self) -> dict[str, Any]:
        """Keras's, and with fixed=True every argument."""
        config = super().get_config()
        return {**config, **self._arguments(), "fixed": True} if self.fixed else config

    def _arguments(self) -> dict[str, Any]:
        return self._fn_kwargs  # pyright: ignore[reportAttributeAccessIssue] - Keras's own, of the classes below


_registered = keras.saving.register_keras_serializable(package="losskit.compat.keras")


@_registered
class CTC(Fixable, losses.CTC):
    """As keras.losses.CTC; see ctc."""

    function = staticmethod(alignment.ctc)


@_registered
class BinaryCrossentropy(Fixable, losses.BinaryCrossentropy):
    """As keras.losses.BinaryCrossentropy; see binary_crossentropy."""

    function = staticmethod(classification.binary_crossentropy)


@_registered
class BinaryFocalCrossentropy(Fixable, losses.BinaryFocalCrossentropy):
    """As keras.losses.BinaryFocalCrossentropy; see binary_focal_crossentropy."""

    function = staticmethod(classification.binary_focal_crossentropy)


@_registered
class CategoricalCrossentropy(Fixable, losses.CategoricalCrossentropy):
    """As keras.losses.CategoricalCrossentropy; see categorical_crossentropy."""

    function = staticmethod(classification.categorical_crossentropy)


@_registered
class CategoricalFocalCrossentropy(Fixable, losses.CategoricalFocalCrossentropy):
    """As keras.losses.CategoricalFocalCrossentropy; see categorical_focal_crossentropy."""

    function = staticmethod(classification.categorical_focal_crossentropy)


@_registered
class CategoricalGeneralizedCrossEntropy(Fixable, losses.CategoricalGeneralizedCrossEntropy):
    """As keras.losses.CategoricalGeneralizedCrossEntropy; see categorical_generalized_cross_entropy."""

    function = staticmethod(classification.categorical_generalized_cross_entropy)


@_registered
class CategoricalHinge(Fixable, losses.CategoricalHinge):
    """As keras.losses.CategoricalHinge; see categorical_hinge."""

    function = staticmethod(margin.categorical_hinge)


@_registered
class Circle(Fixable, losses.Circle):
    """As keras.losses.Circle; see circle."""

    function = staticmethod(metric.circle)


@_registered
class CosineSimilarity(Fixable, losses.CosineSimilarity):
    """As keras.losses.CosineSimilarity; see cosine_similarity."""

    function = staticmethod(regression.cosine_similarity)


@_registered
class Dice(Fixable, losses.Dice):
    """As keras.losses.Dice; see dice."""

    function = staticmethod(overlap.dice)


@_registered
class Hinge(Fixable, losses.Hinge):
    """As keras.losses.Hinge; see hinge."""

    function = staticmethod(margin.hinge)


@_registered
class Huber(Fixable, losses.Huber):
    """As keras.losses.Huber; see huber."""

    function = staticmethod(regression.huber)


@_registered
class KLDivergence(Fixable, losses.KLDivergence):
    """As keras.losses.KLDivergence; see kl_divergence."""

    function = staticmethod(regression.kl_divergence)


@_registered
class LogCosh(Fixable, losses.LogCosh):
    """As keras.losses.LogCosh; see log_cosh."""

    function = staticmethod(regression.log_cosh)


@_registered
class MeanAbsoluteError(Fixable, losses.MeanAbsoluteError):
    """As keras.losses.MeanAbsoluteError; see mean_absolute_error."""

    function = staticmethod(regression.mean_absolute_error)


@_registered
class MeanAbsolutePercentageError(Fixable, losses.MeanAbsolutePercentageError):
    """As keras.losses.MeanAbsolutePercentageError; see mean_absolute_percentage_error."""

    function = staticmethod(regression.mean_absolute_percentage_error)


@_registered
class MeanSquaredError(Fixable, losses.MeanSquaredError):
    """As keras.losses.MeanSquaredError; see mean_squared_error."""

    function = staticmethod(regression.mean_squared_error)


@_registered
class MeanSquaredLogarithmicError(Fixable, losses.MeanSquaredLogarithmicError):
    """As keras.losses.MeanSquaredLogarithmicError; see mean_squared_logarithmic_error."""

    function = staticmethod(regression.mean_squared_logarithmic_error)


@_registered
class Poisson(Fixable, losses.Poisson):
    """As keras.losses.Poisson; see poisson."""

    function = staticmethod(regression.poisson)


@_registered
class SparseCategoricalCrossentropy(Fixable, losses.SparseCategoricalCrossentropy):
    """As keras.losses.SparseCategoricalCrossentropy; see sparse_categorical_crossentropy."""

    function = staticmethod(classification.sparse_categorical_crossentropy)


@_registered
class SquaredHinge(Fixable, losses.SquaredHinge):
    """As keras.losses.SquaredHinge; see squared_hinge."""

    function = staticmethod(margin.squared_hinge)


@_registered
class Tversky(Fixable, losses.Tversky):
    """As keras.losses.Tversky; see tversky."""

    function = staticmethod(overlap.tversky)

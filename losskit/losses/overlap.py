"""Segmentation by overlap: Dice, Jaccard, Tversky."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Domain, Probability, Real
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, one_of
from losskit.core.kinds import StructuredLoss
from losskit.core.loss import fits, shape_fix

__all__ = ["Dice", "Jaccard", "Tversky"]

Array = Any


@dataclass(frozen=True)
class Segmentation(Domain):
    """Masks in [0, 1] of the scores' shape, or class indices with one axis fewer (integers)."""

    integer: bool = True

    def describe(self) -> str:
        return "masks in [0, 1] of the scores' shape, or class indices 0..C-1 with one axis fewer"

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        if xp.is_floating(array):
            return (array < 0) | (array > 1)
        return (array < 0) | (array >= width) if width is not None else array < 0


@dataclass(frozen=True, kw_only=True)
class OverlapLoss(StructuredLoss):
    """The base: soft counts of true positives, false positives and false negatives of each sample.

    With masks of the scores' shape (floating point) every score is a mask of its own (sigmoid) and a sample has one
    overlap over all of them. With class indices of shape (N, …) beside scores (N, …, C) the scores are classes
    (softmax) and the value is the mean over the classes.
    smooth s ≥ 0 is added to both sides of the ratio. A sample with nothing to find and nothing found has loss 0.
    """

    input: Literal["logits", "probabilities"] = "logits"
    smooth: float = 1.0

    target = Segmentation()
    tasks = ("segmentation",)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return Real() if self.input == "logits" else Probability()

    def __post_init__(self) -> None:
        one_of(("logits", "probabilities"), input=self.input)
        non_negative(smooth=self.smooth)

    def counts(self, xp: Any, prediction: Array, target: Array, keep: Array | None) -> tuple[Array, Array, Array]:
        """(true positives, false positives, false negatives), of shape (N,), or (N, C) for classes."""
        classes = not xp.is_floating(target)
        present, absent = self._probabilities(xp, prediction, classes)
        if classes:
            target = xp.cast(xp.one_hot(target, xp.shape(prediction)[-1]), present)
        missing = 1 - target
        if keep is not None:
            keep = xp.expand_dims(keep, axis=-1) if classes else keep
            present, absent = xp.where(keep, present, 0.0), xp.where(keep, absent, 0.0)
        last = len(xp.shape(present)) - (1 if classes else 0)
        axes = tuple(range(1, last))
        return (
            xp.sum(present * target, axis=axes),
            xp.sum(present * missing, axis=axes),
            xp.sum(absent * target, axis=axes),
        )

    def ratio(self, xp: Any, wrong: Array, right: Array) -> Array:
        """1 − (right + s) / (right + wrong + s) as wrong / (…): nothing cancels near a perfect overlap."""
        union = wrong + right + self.smooth
        return xp.where(union == 0, 0.0, wrong / xp.where(union == 0, 1.0, union))

    def per_sample(self, xp: Any, target: Array, value: Array) -> Array:
        return value if xp.is_floating(target) else xp.mean(value, axis=-1)

    def _probabilities(self, xp: Any, prediction: Array, classes: bool) -> tuple[Array, Array]:
        """p and 1 − p, the latter accurate where p is nearly 1."""
        if self.input == "probabilities":
            return prediction, 1 - prediction
        if classes:
            log_p = xp.log_softmax(prediction)
            return xp.exp(log_p), -xp.expm1(log_p)
        return xp.sigmoid(prediction), xp.sigmoid(-prediction)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        prediction, target = (xp.shape(bound[name]) for name in self.inputs)
        masks = xp.is_floating(bound["target"])
        expected = prediction if masks else prediction[:-1]
        if len(prediction) < 2 or not fits(target, expected):
            raise ShapeError(
                f"target: expected floating-point masks of shape {prediction} or integer class indices of shape "
                f"{prediction[:-1]} to go with prediction of shape {prediction}, "
                f"got {xp.dtype_name(bound['target'])} of shape {target}"
                + shape_fix("target", target, "prediction", expected)
            )

    def _width(self, xp: Any, bound: dict[str, Array]) -> int | None:
        return xp.shape(bound["prediction"])[-1]


@dataclass(frozen=True, kw_only=True)
class Dice(OverlapLoss):
    """Soft Dice loss: ℓ = 1 − (2·TP + s) / (2·TP + FP + FN + s), with TP = Σpt, FP = Σp(1 − t), FN = Σ(1 − p)t.

    Shapes: prediction (N, …), target alike (masks), or (N, …) class indices for scores (N, …, C); values (N,).
    Range: [0, 1]. Insensitive to how much background there is; add a cross-entropy for smoother gradients.
    Source: Milletari, Navab & Ahmadi 2016, arXiv:1606.04797 (who square the sums in the divisor).
    As monai.losses.DiceLoss, segmentation_models_pytorch DiceLoss, keras.losses.Dice.
    """

    facts = Facts(non_negative=True)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        found, false, missed = self.counts(xp, prediction, target, keep)
        return self.per_sample(xp, target, self.ratio(xp, false + missed, 2 * found))


@dataclass(frozen=True, kw_only=True)
class Jaccard(OverlapLoss):
    """Soft Jaccard (IoU) loss: ℓ = 1 − (TP + s) / (TP + FP + FN + s), with the soft counts of Dice.

    Shapes: as Dice; values (N,). Range: [0, 1].
    Source: Rahman & Wang 2016, doi:10.1007/978-3-319-50835-1_22.
    """

    aliases = ("SoftIoU",)
    facts = Facts(non_negative=True)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        found, false, missed = self.counts(xp, prediction, target, keep)
        return self.per_sample(xp, target, self.ratio(xp, false + missed, found))


@dataclass(frozen=True, kw_only=True)
class Tversky(OverlapLoss):
    """Tversky loss: ℓ = 1 − (TP + s) / (TP + α·FP + β·FN + s), with the soft counts of Dice.

    Shapes: as Dice; values (N,). Range: [0, 1]. alpha weighs false positives, beta false negatives, both ≥ 0: ½ and ½
    is Dice (with s halved), 1 and 1 Jaccard; beta > alpha favours recall, for small structures.
    Source: Salehi, Erdogmus & Gholipour 2017, arXiv:1706.05721. As keras.losses.Tversky, monai.losses.TverskyLoss.
    """

    alpha: float = 0.3
    beta: float = 0.7

    facts = Facts(non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(alpha=self.alpha, beta=self.beta)
        if self.alpha + self.beta == 0:
            raise ValueError("alpha, beta: expected at least one above 0: with both 0 nothing wrong counts")

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        found, false, missed = self.counts(xp, prediction, target, keep)
        return self.per_sample(xp, target, self.ratio(xp, self.alpha * false + self.beta * missed, found))

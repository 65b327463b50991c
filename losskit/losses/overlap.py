"""Segmentation by overlap: Dice and its kin, Jaccard, Tversky, sensitivity and specificity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Domain, Probability, Real
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import fraction, non_negative, one_of, positive
from losskit.core.kinds import StructuredLoss
from losskit.core.loss import fits, shape_fix

__all__ = ["Dice", "GeneralizedDice", "Jaccard", "LogCoshDice", "SensitivitySpecificity", "Tversky"]

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
class SegmentationLoss(StructuredLoss):
    """The base: the probabilities of the pixels of each sample, and which of them there are.

    With masks of the scores' shape (floating point) every score is a mask of its own (sigmoid). With class indices of
    shape (N, …) beside scores (N, …, C) the scores are classes (softmax).
    """

    input: Literal["logits", "probabilities"] = "logits"

    target = Segmentation()
    tasks = ("segmentation",)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return Real() if self.input == "logits" else Probability()

    def __post_init__(self) -> None:
        one_of(("logits", "probabilities"), input=self.input)

    def pixels(
        self, xp: Any, prediction: Array, target: Array, keep: Array | None
    ) -> tuple[Array, Array, Array, Array | None]:
        """p, 1 − p, t and what is kept, of one shape; 1 − p is accurate where p is nearly 1."""
        classes = not xp.is_floating(target)
        if self.input == "probabilities":
            present, absent = prediction, 1 - prediction
        elif classes:
            log_p = xp.log_softmax(prediction)
            present, absent = xp.exp(log_p), -xp.expm1(log_p)
        else:
            present, absent = xp.sigmoid(prediction), xp.sigmoid(-prediction)
        if classes:
            target = xp.cast(xp.one_hot(target, xp.shape(prediction)[-1]), present)
            keep = None if keep is None else xp.expand_dims(keep, axis=-1)
        return present, absent, target, keep

    def per_sample(self, xp: Any, target: Array, value: Array) -> Array:
        """One value for a sample: of a mask it is one, of classes it is their mean."""
        return value if xp.is_floating(target) else xp.mean(value, axis=-1)

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
class OverlapLoss(SegmentationLoss):
    """The base: soft counts of true positives, false positives and false negatives of each sample.

    A sample with masks has one overlap over all of them; with classes it has one for each, and the value is the mean
    over the classes. smooth s ≥ 0 is added to both sides of the ratio. A sample with nothing to find and nothing found
    has loss 0.
    """

    smooth: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(smooth=self.smooth)

    def counts(self, xp: Any, prediction: Array, target: Array, keep: Array | None) -> tuple[Array, Array, Array]:
        """(true positives, false positives, false negatives), of shape (N,), or (N, C) for classes."""
        axes = tuple(range(1, len(xp.shape(target))))
        return tally(xp, *self.pixels(xp, prediction, target, keep), axes)

    def ratio(self, xp: Any, wrong: Array, right: Array) -> Array:
        """1 − (right + s) / (right + wrong + s) as wrong / (…): nothing cancels near a perfect overlap."""
        union = wrong + right + self.smooth
        return xp.where(union == 0, 0.0, wrong / xp.where(union == 0, 1.0, union))


def tally(
    xp: Any, present: Array, absent: Array, target: Array, keep: Array | None, axes: tuple[int, ...]
) -> tuple[Array, Array, Array]:
    """Soft counts of true positives, false positives and false negatives over these axes."""
    missing = 1 - target
    if keep is not None:
        present, absent = xp.where(keep, present, 0.0), xp.where(keep, absent, 0.0)
    return (
        xp.sum(present * target, axis=axes),
        xp.sum(present * missing, axis=axes),
        xp.sum(absent * target, axis=axes),
    )


@dataclass(frozen=True, kw_only=True)
class Dice(OverlapLoss):
    """Soft Dice loss: ℓ = 1 − (2·TP + s) / (2·TP + FP + FN + s), with TP = Σpt, FP = Σp(1 − t), FN = Σ(1 − p)t.

    Shapes: prediction (N, …), target alike (masks), or (N, …) class indices for scores (N, …, C); values (N,).
    Range: [0, 1]. Insensitive to how much background there is. For smoother gradients add a cross-entropy:
    CrossEntropy() + Dice() is DiceCE (nnU-Net, MONAI's DiceCELoss), Focal() + Dice() DiceFocal, and with masks
    0.5 * BinaryCrossEntropy() + 0.5 * Dice() the combo loss.
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
    """Tversky loss: ℓ = (1 − (TP + s) / (TP + α·FP + β·FN + s))^γ, with the soft counts of Dice.

    Shapes: as Dice; values (N,). Range: [0, 1]. alpha weighs false positives, beta false negatives, both ≥ 0: ½ and ½
    is Dice (with s halved), 1 and 1 Jaccard; beta > alpha favours recall, for small structures. gamma γ > 0 is the
    focal Tversky loss, of each class: below 1 (3/4 in the paper, which writes 1/γ) overlaps that are nearly right keep
    pulling, above 1 poor ones pull more. At a perfect overlap the gradient is taken as 0.
    Source: Salehi, Erdogmus & Gholipour 2017, arXiv:1706.05721; focal: Abraham & Khan 2018, arXiv:1810.07842. As
    keras.losses.Tversky, monai.losses.TverskyLoss, segmentation_models_pytorch TverskyLoss (γ as here; NaN gradient at
    a perfect overlap for γ < 1).
    """

    alpha: float = 0.3
    beta: float = 0.7
    gamma: float = 1.0

    aliases = ("FocalTversky",)
    facts = Facts(non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(alpha=self.alpha, beta=self.beta)
        if self.alpha + self.beta == 0:
            raise ValueError("alpha, beta: expected at least one above 0: with both 0 nothing wrong counts")
        positive(gamma=self.gamma)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        found, false, missed = self.counts(xp, prediction, target, keep)
        value = self.ratio(xp, self.alpha * false + self.beta * missed, found)
        if self.gamma != 1:
            perfect = value == 0  # the slope is infinite there for γ < 1
            value = xp.where(perfect, 0.0, xp.power(xp.where(perfect, 1.0, value), self.gamma))
        return self.per_sample(xp, target, value)


@dataclass(frozen=True, kw_only=True)
class LogCoshDice(OverlapLoss):
    """Log-cosh Dice loss: ℓ = log cosh(d), with d the Dice loss, of each class.

    Shapes: as Dice; values (N,). Range: [0, log cosh 1], about ½d²: overlaps that are nearly right pull less than in
    Dice. Source: Jadon 2020, arXiv:2006.14822.
    """

    facts = Facts(non_negative=True)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        found, false, missed = self.counts(xp, prediction, target, keep)
        dice = self.ratio(xp, false + missed, 2 * found)
        # cosh d − 1 = (e^d − 1)² / 2e^d: log cosh d itself is lost where d² is less than a rounding of 1.
        return self.per_sample(xp, target, xp.log1p(xp.square(xp.expm1(dice)) * xp.exp(-dice) / 2))


@dataclass(frozen=True, kw_only=True)
class GeneralizedDice(OverlapLoss):
    """Generalised Dice loss: ℓ = 1 − (2·Σ_c w_c·TP_c + s) / (Σ_c w_c·(2·TP_c + FP_c + FN_c) + s).

    Shapes: as Dice; values (N,). Masks are two classes, foreground and background. Range: [0, 1].
    w_c = (n / n_c)^power, with n_c the size of class c in the target and n that of the smallest class that is there:
    power ≥ 0 is 2 in the paper, and 0 weighs pixels alike. An absent class has the weight of the smallest: what is
    wrongly found of it counts. Rare classes count as much as large ones; where one has a few pixels only, they outweigh
    all others.
    Source: Sudre et al. 2017, arXiv:1707.03237. As monai.losses.GeneralizedDiceLoss (w_type "square", "simple" and
    "uniform" are power 2, 1 and 0; the weights are not relative there, so that smooth means less).
    """

    power: float = 2.0

    facts = Facts(non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(power=self.power)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        masks = xp.is_floating(target)
        present, absent, target, keep = self.pixels(xp, prediction, target, keep)
        if masks:
            present, absent = xp.stack([present, absent], axis=-1), xp.stack([absent, present], axis=-1)
            target = xp.stack([target, 1 - target], axis=-1)
            keep = None if keep is None else xp.expand_dims(keep, axis=-1)
        axes = tuple(range(1, len(xp.shape(target)) - 1))
        found, false, missed = tally(xp, present, absent, target, keep, axes)
        size = xp.sum(target if keep is None else xp.where(keep, target, 0.0), axis=axes)
        there = size > 0
        smallest = xp.min(xp.where(there, size, math.inf), axis=-1, keepdims=True)
        weight = xp.where(there, xp.power(smallest / xp.where(there, size, 1.0), self.power), 1.0)
        return self.ratio(xp, xp.sum(weight * (false + missed), axis=-1), xp.sum(2 * weight * found, axis=-1))


@dataclass(frozen=True, kw_only=True)
class SensitivitySpecificity(SegmentationLoss):
    """Sensitivity-specificity loss: ℓ = r Σ t(t − p)² / Σ t + (1 − r) Σ (1 − t)(t − p)² / Σ (1 − t).

    Shapes: as Dice; values (N,), of classes the mean. Range: [0, 1]. sensitivity r in (0, 1): the share of what is to
    be found, however small it is, in the error; the rest is the background's. Where a sample has none of the one, only
    the other counts. Source: Brosch et al. 2015, Deep convolutional encoder networks for multiple sclerosis lesion
    segmentation, MICCAI (r = 0.05).
    """

    sensitivity: float = 0.05

    facts = Facts(non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction(sensitivity=self.sensitivity)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        axes, given = tuple(range(1, len(xp.shape(target)))), target
        present, absent, target, keep = self.pixels(xp, prediction, target, keep)
        # t − p without 1 − p: nothing cancels where t is 0 or 1.
        squared = xp.square(target * absent - (1 - target) * present)

        def mean(share: Array) -> Array:
            share = share if keep is None else xp.where(keep, share, 0.0)
            total = xp.sum(share, axis=axes)
            return xp.sum(share * squared, axis=axes) / xp.where(total == 0, 1.0, total)

        value = self.sensitivity * mean(target) + (1 - self.sensitivity) * mean(1 - target)
        return self.per_sample(xp, given, value)

"""Segmentation by overlap and surprise at once, and by overlap with classes that are more or less alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Labels
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import fraction, non_negative, positive
from losskit.losses.classification import power
from losskit.losses.overlap import OverlapLoss, tally

__all__ = ["ExponentialLogarithmic", "GeneralizedWassersteinDice", "UnifiedFocal"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class CompoundLoss(OverlapLoss):
    """The base: soft counts of each class and the surprise of each pixel; a mask is two classes, background first."""

    def classes(
        self, xp: Any, prediction: Array, target: Array, keep: Array | None
    ) -> tuple[Array, Array, Array, Array, Array | None]:
        """p, 1 − p, −log p where the target is and t of each class (the last axis), and what is kept of them."""
        masks = xp.is_floating(target)
        present, absent, t, kept = self.pixels(xp, prediction, target, keep)
        if masks:
            present, absent = xp.stack([absent, present], axis=-1), xp.stack([present, absent], axis=-1)
            t = xp.stack([1 - t, t], axis=-1)
            kept = None if kept is None else xp.expand_dims(kept, axis=-1)
        if self.input == "probabilities":
            # What is not there is not asked: 0 · ∞ is not meant.
            if masks:  # 1 − p was rounded: of the background −log(1 − p) itself
                p = [xp.where(t[..., k] == 0, 0.5, prediction) for k in (0, 1)]
                surprise = -xp.stack([xp.log1p(-p[0]), xp.log(p[1])], axis=-1)
            else:
                surprise = -xp.log(xp.where(t == 0, 1.0, present))
        elif masks:
            surprise = xp.stack([xp.softplus(prediction), xp.softplus(-prediction)], axis=-1)
        else:
            surprise = -xp.log_softmax(prediction)
        return present, absent, surprise, t, kept

    def mean_over_pixels(self, xp: Any, values: Array, keep: Array | None) -> Array:
        """The mean of each sample over its pixels of what their classes sum to."""
        each = xp.sum(values, axis=-1)
        axes = tuple(range(1, len(xp.shape(each))))
        return xp.mean_where(each, None if keep is None else keep[..., 0] & (xp.ones_like(each) > 0), axis=axes)


@dataclass(frozen=True, kw_only=True)
class UnifiedFocal(CompoundLoss):
    """Unified focal loss: ℓ = λ · mean over classes of (1 − TI)^a + (1 − λ) · mean over pixels of w (1 − p)^b (−log p).

    TI = (TP + s) / (TP + δ FN + (1 − δ) FP + s), Tversky's index with Dice's soft counts; p the probability of the
    pixel's class; w = δ for objects, 1 − δ for the background; a = 1 − γ for objects, 1 for the background; b = γ for
    the background, 0 for objects. So what is easy is held down in the background alone, and what is hard lifted in
    objects alone; asymmetric=False: a = 1 − γ and b = γ for all. Shapes: as Dice; of masks the classes are background
    and object, of class indices class 0 is the background; values (N,). Range: [0, ∞). overlap_share λ in [0, 1], delta
    δ in (0, 1): above ½ it favours recall; gamma γ in [0, 1): 0 is a mean of Tversky and cross-entropy. Where an
    overlap is perfect or p = 1, the gradient of a power is taken as 0.
    Source: Yeung et al. 2021, arXiv:2102.04525. As the authors' code, which clips p at 1e-7; the weight of
    monai's AsymmetricUnifiedFocalLoss is 1 − λ, that of the mean over pixels.
    """

    smooth: float = 1e-6
    overlap_share: float = 0.5
    delta: float = 0.6
    gamma: float = 0.5
    asymmetric: bool = True

    facts = Facts(non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction(delta=self.delta)
        if not 0 <= self.overlap_share <= 1:
            raise ValueError(f"overlap_share: expected a number from 0 to 1, got {self.overlap_share}")
        if not 0 <= self.gamma < 1:
            raise ValueError(f"gamma: expected a number from 0 to below 1, got {self.gamma}")

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        present, absent, surprise, target, keep = self.classes(xp, prediction, target, keep)
        background = xp.arange(xp.shape(present)[-1], like=present) == 0
        axes = tuple(range(1, len(xp.shape(target)) - 1))
        found, false, missed = tally(xp, present, absent, target, keep, axes)
        overlap = self.ratio(xp, self.delta * missed + (1 - self.delta) * false, found)
        lifted = overlap if self.gamma == 0 else power(xp, overlap, 1 - self.gamma)
        held = surprise if self.gamma == 0 else power(xp, absent, self.gamma) * surprise
        if self.asymmetric:
            lifted, held = xp.where(background, overlap, lifted), xp.where(background, held, surprise)
        weight = xp.where(background, xp.full_like(target, 1 - self.delta), self.delta)
        focal = self.mean_over_pixels(xp, xp.where(target == 0, 0.0, target * weight * held), keep)
        return self.overlap_share * xp.mean(lifted, axis=-1) + (1 - self.overlap_share) * focal


@dataclass(frozen=True, kw_only=True)
class ExponentialLogarithmic(CompoundLoss):
    """Exponential logarithmic loss: ℓ = a · mean over classes of (−log D)^γ + b · mean over pixels of w (−log p)^γ.

    D = (2·TP + s) / (2·TP + FP + FN + s) is Dice's overlap, p the probability of the pixel's class, w its weight.
    Shapes: as Dice; of masks the classes are background and object; values (N,). Range: [0, ∞). dice_weight a ≥ 0 and
    cross_weight b ≥ 0. gamma γ > 0: below 1 what is nearly right keeps pulling, above 1 what is wrong pulls more.
    class_weight: a number ≥ 0 for each class; the paper takes √(all pixels / the class's). smooth s > 0. Where an
    overlap is perfect or p = 1 the gradient is taken as 0. A class that a sample has not, and that is found nowhere,
    counts 0. Source: Wong et al. 2018, arXiv:1809.00076.
    """

    dice_weight: float = 0.8
    cross_weight: float = 0.2
    gamma: float = 0.3
    class_weight: tuple[float, ...] | None = None

    aliases = ("ExpLog",)
    facts = Facts(non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(gamma=self.gamma, smooth=self.smooth)
        non_negative(dice_weight=self.dice_weight, cross_weight=self.cross_weight)
        if self.class_weight is not None:
            weights = tuple(float(weight) for weight in self.class_weight)
            non_negative(**{f"class_weight[{k}]": weight for k, weight in enumerate(weights)})
            object.__setattr__(self, "class_weight", weights)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        classes = 2 if xp.is_floating(bound["target"]) else xp.shape(bound["prediction"])[-1]
        if self.class_weight is not None and len(self.class_weight) != classes:
            raise ShapeError(
                f"class_weight: expected one weight for each of the {classes} classes, got {len(self.class_weight)}"
            )

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        present, absent, surprise, target, keep = self.classes(xp, prediction, target, keep)
        axes = tuple(range(1, len(xp.shape(target)) - 1))
        found, false, missed = tally(xp, present, absent, target, keep, axes)
        # −log D of the ratio of what is wrong to what is right: nothing cancels near a perfect overlap.
        overlap = xp.log1p((false + missed) / (2 * found + self.smooth))
        cross = xp.where(target == 0, 0.0, target * power(xp, surprise, self.gamma))
        if self.class_weight is not None:
            cross = cross * xp.asarray(self.class_weight, like=cross)
        value = self.dice_weight * xp.mean(power(xp, overlap, self.gamma), axis=-1)
        return value + self.cross_weight * self.mean_over_pixels(xp, cross, keep)


@dataclass(frozen=True, kw_only=True)
class GeneralizedWassersteinDice(OverlapLoss):
    """Generalised Wasserstein Dice loss: ℓ = 1 − (2·TP + s) / (2·TP + E + s), TP = Σ (1 − W) of objects, E = Σ W.

    W = Σₖ M_yk pₖ is what it costs to move a pixel's probabilities to its class y: between classes that are alike
    (parts of one organ) little. Shapes: scores (N, …, C) and class indices (N, …); values (N,). Range: [0, 1].
    distances: the matrix M, C rows of C numbers ≥ 0 with 0 on its diagonal; it is divided by its largest. background:
    the class whose pixels are not in TP. With 1 between all classes, W is 1 − p of the pixel's class.
    Source: Fidon et al. 2017, arXiv:1707.00478. As monai's GeneralizedWassersteinDiceLoss(weighting_mode="default"),
    which does not divide by M's largest but asks for it.
    """

    distances: tuple[tuple[float, ...], ...] = ((0.0, 1.0), (1.0, 0.0))
    background: int = 0

    target = Labels(soft=False)
    example_shapes = ((1, 4, 2), (1, 4))
    facts = Facts(non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        rows = tuple(tuple(float(number) for number in row) for row in self.distances)
        count = len(rows)
        if count < 2 or any(len(row) != count for row in rows):
            raise ValueError(f"distances: expected C rows of C numbers, C >= 2, got {self.distances}")
        non_negative(**{f"distances[{j}][{k}]": x for j, row in enumerate(rows) for k, x in enumerate(row)})
        if any(rows[k][k] for k in range(count)) or not any(any(row) for row in rows):
            raise ValueError(f"distances: expected 0 on the diagonal and a number above 0 beside it, got {rows}")
        if not 0 <= self.background < count:
            raise ValueError(f"background: expected one of the {count} classes, got {self.background}")
        object.__setattr__(self, "distances", rows)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        shape = xp.shape(bound["prediction"])
        if xp.is_floating(bound["target"]):
            raise ShapeError(
                f"target: expected integer class indices of shape {shape[:-1]}, got masks; they have no distances"
            )
        if shape[-1] != len(self.distances):
            raise ShapeError(f"prediction: expected {len(self.distances)} classes, as distances has, got shape {shape}")

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        largest = max(max(row) for row in self.distances)
        matrix = xp.asarray([[number / largest for number in row] for row in self.distances], like=prediction)
        present, _, own, kept = self.pixels(xp, prediction, target, keep)
        axes = tuple(range(1, len(xp.shape(target))))
        to_classes = xp.take(matrix, target)  # M_yk of each pixel
        cost, gain = xp.sum(to_classes * present, axis=-1), xp.sum((1 - to_classes) * present, axis=-1)
        gain = gain * (1 - own[..., self.background])
        if kept is not None:
            cost, gain = (xp.where(kept[..., 0], x, 0.0) for x in (cost, gain))
        return self.ratio(xp, xp.sum(cost, axis=axes), 2 * xp.sum(gain, axis=axes))

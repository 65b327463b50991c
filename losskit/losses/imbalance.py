"""Rare classes: shifts, margins and weights by how rare they are, and losses that are one measure of a whole batch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Domain, Labels, Probability, Real
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import fraction, non_negative, one_of, positive
from losskit.core.kinds import BatchwiseLoss, ClasswiseLoss
from losskit.losses.classification import BinaryCrossEntropy, BinaryFocal, steepest_row
from losskit.losses.relative import SampleLoss

__all__ = [
    "BalancedBinaryCrossEntropy",
    "FBeta",
    "LabelDistributionAwareMargin",
    "LogitAdjustedCrossEntropy",
    "MatthewsCorrelation",
    "ReducedFocal",
    "effective_number",
]

Array = Any


def effective_number(counts: Sequence[float], beta: float = 0.999) -> tuple[float, ...]:
    """Class weights by the effective number of samples: w_k ∝ (1 − β) / (1 − β^n_k), with mean 1.

    counts: how many samples of each class there are, each > 0. beta in [0, 1): 0 weighs all classes alike, β → 1 by
    1 / n_k. Give the result to any classification loss: `losskit.Focal(class_weight=effective_number(counts))`.
    Source: Cui et al. 2019, arXiv:1901.05555 (class-balanced loss).

    >>> import losskit
    >>> [round(weight, 3) for weight in losskit.effective_number([1000, 10], beta=0.99)]
    [0.175, 1.825]
    """
    if not counts or not all(0 < count < math.inf for count in counts):
        raise ValueError(f"counts: expected numbers of samples > 0, got {counts}; fix: leave absent classes out")
    if not 0 <= beta < 1:
        raise ValueError(f"beta: expected a number in [0, 1), got {beta}")
    # 1 − β^n by expm1: where β is near 1 the difference has no digits left.
    shares = [1 / -math.expm1(count * math.log(beta)) if beta else 1.0 for count in counts]
    mean = math.fsum(shares) / len(shares)
    return tuple(share / mean for share in shares)


@dataclass(frozen=True, kw_only=True)
class LogitAdjustedCrossEntropy(ClasswiseLoss):
    """Logit-adjusted cross-entropy (τ = 1: balanced softmax): ℓ = CrossEntropy(z + τ log π, t).

    Shapes: prediction (…, C) logits; target (…) class indices or (…, C) probabilities; values (…). Unit: nats.
    Range: [0, ∞). prior π: the C class frequencies of the training data, each > 0 (they are normalised); tau ≥ 0.
    Trained with it, the plain logits z aim at balanced accuracy: predict with argmax z, without the adjustment.
    Source: Menon et al. 2020, arXiv:2007.07314; Ren et al. 2020, arXiv:2007.10740.
    """

    prior: tuple[float, ...]
    tau: float = 1.0

    tasks = ("multiclass",)
    aliases = ("LogitAdjusted", "BalancedSoftmax")
    facts = Facts(convex=True, smooth=2, gradient_bound=steepest_row, non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.input != "logits":
            raise ValueError(f"input: logit adjustment needs logits, got input={self.input!r}")
        if not self.prior or not all(0 < count < math.inf for count in self.prior):
            raise ValueError(f"prior: expected class frequencies > 0, got {self.prior}; fix: add 1 to every count")
        non_negative(tau=self.tau)
        total = math.fsum(self.prior)
        # What is normalised already stays as it is: a loss made of its own config is the same loss.
        total = 1.0 if abs(total - 1) < 1e-12 else total
        object.__setattr__(self, "prior", tuple(count / total for count in self.prior))

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        classes = xp.shape(bound["prediction"])[-1]
        if len(self.prior) != classes:
            raise ShapeError(
                f"prior: expected one frequency for each of the {classes} classes of prediction, got {len(self.prior)}"
            )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        shift = xp.asarray([self.tau * math.log(share) for share in self.prior], like=prediction)
        return self.mixed(xp, -self.log_chosen(xp, prediction + shift, target), target)


@dataclass(frozen=True, kw_only=True)
class LabelDistributionAwareMargin(ClasswiseLoss):
    """Label-distribution-aware margin (LDAM): ℓ = CrossEntropy(s · (z − Δ_y onehot(y)), y), Δ_k = m · (n_min / n_k)^¼.

    Shapes: prediction (…, C) scores; target (…) class indices; values (…). Unit: nats. Range: [0, ∞). counts n: how
    many samples of each class the training data have, each > 0. max_margin m > 0: the margin of the rarest class.
    scale s > 0. For scores that are cosines (features and class vectors normalised): margins and scale are made for
    [−1, 1]. Predict with argmax z. The paper weighs classes, by effective_number, in the last epochs only (deferred
    re-weighting).
    Source: Cao et al. 2019, arXiv:1906.07413.
    """

    counts: tuple[float, ...]
    max_margin: float = 0.5
    scale: float = 30.0

    target = Labels(soft=False)
    tasks = ("multiclass",)
    aliases = ("LDAM",)
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=lambda loss: loss.scale * math.sqrt(2) * max(loss.class_weight or (1.0,)),
        non_negative=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.input != "logits":
            raise ValueError(f"input: a margin is between scores, got input={self.input!r}")
        if not self.counts or not all(0 < count < math.inf for count in self.counts):
            raise ValueError(f"counts: expected numbers of samples > 0, got {self.counts}")
        positive(max_margin=self.max_margin, scale=self.scale)
        object.__setattr__(self, "counts", tuple(float(count) for count in self.counts))

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        classes = xp.shape(bound["prediction"])[-1]
        if len(self.counts) != classes:
            raise ShapeError(
                f"counts: expected one number for each of the {classes} classes of prediction, got {len(self.counts)}"
            )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        rarest = min(self.counts)
        margins = xp.asarray([self.max_margin * (rarest / count) ** 0.25 for count in self.counts], like=prediction)
        own = xp.one_hot(target, len(self.counts)) > 0
        shifted = self.scale * xp.where(own, prediction - margins, prediction)
        return self.mixed(xp, -self.log_chosen(xp, shifted, target), target)


@dataclass(frozen=True, kw_only=True)
class ReducedFocal(BinaryFocal):
    """Reduced focal loss: ℓ = min(1, (1 − pₜ) / (1 − h))^γ · (−log pₜ), pₜ the probability given to the true class.

    Shapes: prediction and target alike, any. Unit: nats. Range: [0, ∞). gamma ≥ 0, threshold h in (0, 1). Soft targets
    mix the two classes' values. As BinaryFocal, but below h, where the prediction is wrong, it is the full
    cross-entropy: hard samples, wrong labels among them, pull no more than there. At the kink pₜ = h the derivative is
    the mean of both sides.
    Source: Sergievskiy & Ponamarev 2019, arXiv:1903.01347; they divide by h^γ, which is this at h = ½ and jumps at the
    threshold for any other h. As segmentation_models_pytorch's FocalLoss(reduced_threshold=0.5).
    """

    threshold: float = 0.5

    tasks = ("binary", "multilabel", "detection")
    aliases = ()
    facts = Facts(
        convex=lambda loss: loss.gamma == 0,
        smooth=lambda loss: (0 if loss.gamma else 2) if loss.input == "logits" else None,
        non_negative=True,
        proper=lambda loss: loss.gamma == 0 and loss.class_weight is None,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction(threshold=self.threshold)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return super().formula(xp, prediction, target)

    def weights(self, xp: Any, positive: Array, negative: Array) -> tuple[Array, Array]:
        """As of BinaryFocal, with the prediction held at the threshold where it is wrong."""
        h = self.threshold
        at = math.log(h) - math.log1p(-h) if self.input == "logits" else h
        opposite = -at if self.input == "logits" else 1 - h
        # Chosen before it is held: at p = 0 the logarithm's ∞ times the derivative 0 of what is held would be NaN.
        held = super().weights(
            xp,
            xp.where(positive < at, at, xp.maximum(positive, at)),
            xp.where(negative > opposite, opposite, xp.minimum(negative, opposite)),
        )
        of_positive, of_negative = (weight / (1 - h) ** self.gamma for weight in held)
        return of_positive, of_negative


@dataclass(frozen=True, kw_only=True)
class BalancedBinaryCrossEntropy(SampleLoss):
    """Cross-entropy balanced in each sample: ℓ = −mean(β t log p + (1 − β)(1 − t) log(1 − p)), β the share of zeros.

    Shapes: prediction and target alike, (N, …) with at least two axes; values (N,). Unit: nats. Range: [0, ∞).
    β = mean(1 − t) over the sample, so that both classes weigh β(1 − β) in all, however rare one is: edges, vessels,
    cracks. Soft targets count in both classes. input: "logits" or "probabilities". A sample of one class only has value
    and gradient 0: where such samples are to be learnt, BinaryCrossEntropy with a class_weight of the whole data set.
    Probabilities are far above the truth for the rare class. A mask has the target's shape; β is then of what is kept.
    Source: Xie & Tu 2015, Holistically-nested edge detection, arXiv:1504.06375 (the sum, not the mean).
    """

    input: Literal["logits", "probabilities"] = "logits"

    target = Probability()
    tasks = ("binary", "segmentation")
    aliases = ("BalancedBCE", "ClassBalancedCrossEntropy")
    facts = Facts(convex=True, smooth=lambda loss: 2 if loss.input == "logits" else None, non_negative=True)

    def __post_init__(self) -> None:
        one_of(("logits", "probabilities"), input=self.input)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return Real() if self.input == "logits" else Probability()

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        axes = self.parts(xp, target)
        ones, zeros = (xp.mean_where(share, keep, axis=axes, keepdims=True) for share in (target, 1 - target))
        # Replaced where the sample has one class only: that it is 0 times may be infinite.
        harmless = 0.0 if self.input == "logits" else 0.5
        prediction = xp.where((ones == 0) | (zeros == 0), harmless, prediction)
        cross_entropy = BinaryCrossEntropy(input=self.input)
        positive, negative = cross_entropy.both_surprises(xp, prediction, target)
        return xp.mean_where(zeros * target * positive + ones * (1 - target) * negative, keep, axis=axes)


# -- one measure of a batch --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class BatchMeasure(BatchwiseLoss):
    """The base: soft counts over the batch, the first axis; further axes are labels with a measure each.

    Values have the shape of the prediction, and a mean of them is the mean of the labels' measures: what each entry
    adds to its label's measure. Weights count in that mean, not in the measure's divisor.
    """

    input: Literal["logits", "probabilities"] = "logits"

    target = Probability()
    tasks = ("binary", "multilabel")

    def __post_init__(self) -> None:
        one_of(("logits", "probabilities"), input=self.input)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return Real() if self.input == "logits" else Probability()

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        if not xp.shape(bound["prediction"]):
            raise ShapeError("prediction: expected a batch along the first axis, got a scalar")
        super().check_shapes(xp, bound)

    def probabilities(self, xp: Any, prediction: Array) -> tuple[Array, Array]:
        """p and 1 − p, the latter accurate where p is nearly 1."""
        if self.input == "probabilities":
            return prediction, 1 - prediction
        return xp.sigmoid(prediction), xp.sigmoid(-prediction)


@dataclass(frozen=True, kw_only=True)
class FBeta(BatchMeasure):
    """Soft F-beta loss (β = 1: soft F1): 1 − Fβ = (FP + β² FN) / ((1 + β²) TP + FP + β² FN), of a batch.

    Shapes: prediction and target alike, (N,) or (N, L); values alike. TP = Σpt, FP = Σp(1 − t), FN = Σ(1 − p)t along
    the batch. The mean is 1 − Fβ of the batch, with labels the mean over them (macro); a single value is what one entry
    adds: ℓ = (p(1 − t) + β²(1 − p)t) / the batch's mean divisor. Range of the mean: [0, 1]. beta > 0: above 1 recall
    counts more, below 1 precision. A label with nothing to find and nothing found has loss 0.
    Small batches give noisy measures: use large ones, or add a cross-entropy. One measure per row, over its labels, is
    Dice(smooth=0) for β = 1 and Tversky(alpha=1 / (1 + β²), beta=β² / (1 + β²), smooth=0).
    Source: van Rijsbergen 1979, Information Retrieval, with probabilities for decisions. As pytorch_toolbelt's
    BinarySoftF1Loss.
    """

    beta: float = 1.0

    aliases = ("SoftF1", "SoftFBeta")
    facts = Facts(non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(beta=self.beta)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        p, q = self.probabilities(xp, prediction)
        of_recall = self.beta**2
        wrong = p * (1 - target) + of_recall * (q * target)
        divisor = xp.mean_where((1 + of_recall) * (p * target) + wrong, keep, axis=0)
        nothing = divisor == 0
        return xp.where(nothing, 0.0, wrong / xp.where(nothing, 1.0, divisor))


@dataclass(frozen=True, kw_only=True)
class MatthewsCorrelation(BatchMeasure):
    """Matthews correlation loss: 1 − MCC, MCC = (TP·TN − FP·FN) / √((TP+FP)(TP+FN)(TN+FP)(TN+FN)), of a batch.

    Shapes: prediction and target alike, (N,) or (N, L); values alike. Soft counts along the batch, as FBeta. The mean
    is 1 − MCC of the batch, with labels the mean over them; a single value is what one entry adds:
    ℓ = 1 − (p − p̄)(t − t̄) / √(p̄(1 − p̄) t̄(1 − t̄)). Range of the mean: [0, 2]; 1 is chance. All four counts matter
    alike, whichever class is rare. Where a batch has one class only (or p is all 0 or all 1) MCC is 0: value 1,
    gradient 0. For images flatten them into the batch.
    Source: Matthews 1975, Biochimica et Biophysica Acta 405:442–451; as a loss: Abhishek & Hamarneh 2020,
    arXiv:2010.13454. As segmentation_models_pytorch's MCCLoss.
    """

    aliases = ("MCC", "MatthewsCorrelationCoefficient")

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        p, q = self.probabilities(xp, prediction)
        mean_p, mean_q, mean_t, mean_u = (xp.mean_where(each, keep, axis=0) for each in (p, q, target, 1 - target))
        # Two roots: the product of the four would underflow first.
        p_spread, t_spread = mean_p * mean_q, mean_t * mean_u
        undefined = (p_spread == 0) | (t_spread == 0)
        p_root, t_root = (xp.sqrt(xp.where(undefined, 1.0, each)) for each in (p_spread, t_spread))
        value = 1 - (p - mean_p) / p_root * ((target - mean_t) / t_root)
        return xp.where(undefined, 1.0, value)

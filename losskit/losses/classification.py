"""Classification by probability: cross-entropies and what is built on them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Domain, Probability, Real
from losskit.core.facts import Facts
from losskit.core.kinds import ClasswiseLoss, ElementwiseLoss

__all__ = [
    "BinaryCrossEntropy",
    "BinaryFocal",
    "CrossEntropy",
    "Focal",
    "GeneralizedCrossEntropy",
    "LogitAdjustedCrossEntropy",
    "Poly1CrossEntropy",
]

Array = Any
TINY = 1e-37  # a normal number of every dtype the formulas run in; the power of a probability stays differentiable


@dataclass(frozen=True, kw_only=True)
class BinaryLoss(ElementwiseLoss):
    """The base of losses of one score against a target in [0, 1].

    input: "logits" (any real score) or "probabilities". class_weight: (of class 0, of class 1), each ≥ 0; the divisor
    of a mean counts them too.
    """

    input: Literal["logits", "probabilities"] = "logits"
    class_weight: tuple[float, float] | None = None

    target = Probability()
    tasks = ("binary", "multilabel")

    def __post_init__(self) -> None:
        if self.class_weight is not None:
            negative, positive = self.class_weight
            object.__setattr__(self, "class_weight", (float(negative), float(positive)))

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return Real() if self.input == "logits" else Probability()

    def surprises(self, xp: Any, prediction: Array) -> tuple[Array, Array]:
        """−log p and −log(1 − p), each accurate where it is nearly 0 too."""
        if self.input == "logits":
            return xp.softplus(-prediction), xp.softplus(prediction)
        return -xp.log(prediction), -xp.log1p(-prediction)

    def mixed(self, xp: Any, positive: Array, negative: Array, target: Array) -> Array:
        """target · positive + (1 − target) · negative, class weights included; 0 · inf counts as 0."""
        weight = self.class_weight or (1.0, 1.0)
        zero = xp.zeros_like(target)
        # Replaced on both sides of the product: an infinite part with no share must not reach a derivative.
        first = xp.where(target > 0, target * weight[1], zero) * xp.where(target > 0, positive, zero)
        return first + xp.where(target < 1, (1 - target) * weight[0], zero) * xp.where(target < 1, negative, zero)

    def measure(self, xp: Any, *inputs: Array) -> Array | None:
        if self.class_weight is None:
            return None
        target = inputs[1]
        return target * self.class_weight[1] + (1 - target) * self.class_weight[0]


@dataclass(frozen=True, kw_only=True)
class BinaryCrossEntropy(BinaryLoss):
    """Binary cross-entropy (log loss, logistic loss): ℓ = −t log p − (1 − t) log(1 − p), p = σ(z).

    Shapes: prediction and target alike, any. Unit: nats. Range: [0, ∞). Targets 0, 1 or between (soft labels).
    label_smoothing s in [0, 1): targets become (1 − s)·t + s/2.
    Source: Cox 1958, doi:10.1111/j.2517-6161.1958.tb00292.x; Good 1952, doi:10.1111/j.2517-6161.1952.tb00104.x.
    As torch.nn.BCEWithLogitsLoss (input="probabilities": BCELoss, which clamps the logarithm at −100),
    keras.losses.BinaryCrossentropy(from_logits=True), optax.sigmoid_binary_cross_entropy.
    """

    label_smoothing: float = 0.0

    aliases = ("BCE", "LogLoss", "LogisticLoss", "SigmoidCrossEntropy")
    facts = Facts(
        convex=True,
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        gradient_bound=lambda loss: max(loss.class_weight or (1.0,)) if loss.input == "logits" else math.inf,
        non_negative=True,
        proper=lambda loss: loss.label_smoothing == 0 and loss.class_weight is None,
        minimiser=lambda loss: "probability" if loss.label_smoothing == 0 and loss.class_weight is None else None,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _fraction("label_smoothing", self.label_smoothing)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        if self.label_smoothing:
            target = (1 - self.label_smoothing) * target + self.label_smoothing / 2
        return self.mixed(xp, *self.surprises(xp, prediction), target)


@dataclass(frozen=True, kw_only=True)
class BinaryFocal(BinaryLoss):
    """Sigmoid focal loss: ℓ = (1 − pₜ)^γ · (−log pₜ), pₜ the probability given to the true class.

    Shapes: prediction and target alike, any. Unit: nats. Range: [0, ∞). gamma ≥ 0: 0 is BinaryCrossEntropy. Soft
    targets mix the two classes' values. The paper's α is class_weight=(1 − α, α). For dense detection, where easy negatives
    swamp the rest; it is not proper: its probabilities need calibration.
    Source: Lin et al. 2017, arXiv:1708.02002. As torchvision.ops.sigmoid_focal_loss,
    keras.losses.BinaryFocalCrossentropy, optax.sigmoid_focal_loss.
    """

    gamma: float = 2.0

    aliases = ("SigmoidFocal",)
    facts = Facts(non_negative=True, smooth=lambda loss: 2 if loss.input == "logits" else None)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.gamma >= 0:
            raise ValueError(f"gamma: expected a number >= 0, got {self.gamma}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        positive, negative = self.surprises(xp, prediction)
        if self.input == "logits":
            p, q = xp.sigmoid(prediction), xp.sigmoid(-prediction)
        else:
            p, q = prediction, 1 - prediction
        # x^γ has no finite derivative at 0 for γ < 1; below TINY the other factor has vanished long before.
        positive = xp.power(xp.maximum(q, TINY), self.gamma) * positive
        negative = xp.power(xp.maximum(p, TINY), self.gamma) * negative
        return self.mixed(xp, positive, negative, target)


@dataclass(frozen=True, kw_only=True)
class CrossEntropy(ClasswiseLoss):
    """Softmax cross-entropy: ℓ = −Σₖ qₖ log softmax(z)ₖ, with q the target smoothed: (1 − s)·t + s/C.

    Shapes: prediction (…, C); target (…) class indices or (…, C) probabilities; values (…). Unit: nats.
    Range: [0, ∞). label_smoothing s in [0, 1). class_weight multiplies each class's part; the divisor of a mean is the
    weight of the (unsmoothed) target, whether it comes as index or as probabilities.
    Source: Bridle 1990, doi:10.1007/978-3-642-76153-9_28; label smoothing: Szegedy et al. 2015, arXiv:1512.00567.
    As torch.nn.CrossEntropyLoss (which divides by N for probability targets), keras.losses.CategoricalCrossentropy and
    SparseCategoricalCrossentropy (from_logits=True), optax.softmax_cross_entropy.
    """

    label_smoothing: float = 0.0

    tasks = ("multiclass",)
    aliases = ("CE", "SoftmaxCrossEntropy", "CategoricalCrossEntropy")
    facts = Facts(
        convex=True,
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        gradient_bound=lambda loss: math.sqrt(2) if loss.input == "logits" and loss.class_weight is None else None,
        non_negative=True,
        proper=lambda loss: loss.label_smoothing == 0 and loss.class_weight is None,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _fraction("label_smoothing", self.label_smoothing)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        surprise = -self.log_probabilities(xp, prediction)
        weights = self.weights(xp, surprise)
        if weights is not None:
            surprise = weights * surprise
        value = self.expected(xp, surprise, target)
        if self.label_smoothing:
            value = (1 - self.label_smoothing) * value + self.label_smoothing * xp.mean(surprise, axis=-1)
        return value


@dataclass(frozen=True, kw_only=True)
class PerClassLoss(ClasswiseLoss):
    """The base of losses that are a function of log p of the true class; soft targets mix the classes' values."""

    tasks = ("multiclass",)

    def of_log_probability(self, xp: Any, log_p: Array) -> Array:
        """The value, were this the true class."""
        raise TypeError(f"{type(self).__name__} states no of_log_probability")

    def mixed(self, xp: Any, prediction: Array, target: Array) -> Array:
        per_class = self.of_log_probability(xp, self.log_probabilities(xp, prediction))
        weights = self.weights(xp, per_class)
        return self.expected(xp, per_class if weights is None else weights * per_class, target)


@dataclass(frozen=True, kw_only=True)
class Focal(PerClassLoss):
    """Softmax focal loss: ℓ = (1 − p_y)^γ · (−log p_y).

    Shapes: prediction (…, C); target (…) class indices or (…, C) probabilities; values (…). Unit: nats. Range: [0, ∞).
    gamma ≥ 0: 0 is CrossEntropy. The α of one weight per class is class_weight.
    Source: Lin et al. 2017, arXiv:1708.02002. As keras.losses.CategoricalFocalCrossentropy.
    """

    gamma: float = 2.0

    aliases = ("SoftmaxFocal", "CategoricalFocal")
    facts = Facts(non_negative=True, smooth=lambda loss: 2 if loss.input == "logits" else None)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.gamma >= 0:
            raise ValueError(f"gamma: expected a number >= 0, got {self.gamma}")

    def of_log_probability(self, xp: Any, log_p: Array) -> Array:
        return xp.power(xp.maximum(-xp.expm1(log_p), TINY), self.gamma) * -log_p  # TINY: as in BinaryFocal

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return self.mixed(xp, prediction, target)


@dataclass(frozen=True, kw_only=True)
class GeneralizedCrossEntropy(PerClassLoss):
    """Generalised cross-entropy: ℓ = (1 − p_y^q) / q, between cross-entropy (q → 0) and the absolute error (q = 1).

    Shapes: prediction (…, C); target (…) class indices or (…, C) probabilities; values (…). Range: [0, 1/q].
    q in (0, 1]. Bounded, so that wrong labels pull less: for noisy labels; slower to learn hard classes.
    Source: Zhang & Sabuncu 2018, arXiv:1805.07836. As keras.losses.CategoricalGeneralizedCrossEntropy.
    """

    q: float = 0.7

    aliases = ("GCE",)
    facts = Facts(non_negative=True, smooth=lambda loss: 2 if loss.input == "logits" else None)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.q <= 1:
            raise ValueError(f"q: expected a number in (0, 1], got {self.q}")

    def of_log_probability(self, xp: Any, log_p: Array) -> Array:
        return -xp.expm1(self.q * log_p) / self.q

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return self.mixed(xp, prediction, target)


@dataclass(frozen=True, kw_only=True)
class Poly1CrossEntropy(PerClassLoss):
    """Poly-1: cross-entropy with its first polynomial coefficient changed: ℓ = −log p_y + ε (1 − p_y).

    Shapes: prediction (…, C); target (…) class indices or (…, C) probabilities; values (…). Range: [0, ∞) for ε ≥ −1.
    epsilon ≥ −1. Source: Leng et al. 2022, arXiv:2204.12511. As optax.poly_loss_cross_entropy.
    """

    epsilon: float = 1.0

    aliases = ("Poly1", "PolyLoss")
    facts = Facts(non_negative=True, smooth=lambda loss: 2 if loss.input == "logits" else None)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.epsilon >= -1:
            raise ValueError(f"epsilon: expected a number >= -1, got {self.epsilon}")

    def of_log_probability(self, xp: Any, log_p: Array) -> Array:
        return -log_p - self.epsilon * xp.expm1(log_p)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        return self.mixed(xp, prediction, target)


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
    facts = Facts(convex=True, smooth=2, gradient_bound=math.sqrt(2), non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        total = math.fsum(self.prior)
        if not self.prior or min(self.prior) <= 0:
            raise ValueError(f"prior: expected class frequencies > 0, got {self.prior}; fix: add 1 to every count")
        object.__setattr__(self, "prior", tuple(float(count) / total for count in self.prior))
        if self.input != "logits":
            raise ValueError(f"input: logit adjustment needs logits, got input={self.input!r}")
        if not self.tau >= 0:
            raise ValueError(f"tau: expected a number >= 0, got {self.tau}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        shift = xp.asarray([self.tau * math.log(share) for share in self.prior], like=prediction)
        cross_entropy = CrossEntropy(class_weight=self.class_weight)
        return cross_entropy.formula(xp, prediction + shift, target)


def _fraction(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"{name}: expected a number in [0, 1), got {value}")

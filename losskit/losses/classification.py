"""Classification by probability: cross-entropies and what is built on them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Domain, Probability, Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, one_of, positive
from losskit.core.kinds import ClasswiseLoss, ElementwiseLoss

__all__ = [
    "BinaryCrossEntropy",
    "BinaryFocal",
    "CrossEntropy",
    "Focal",
    "GeneralizedCrossEntropy",
    "Poly1CrossEntropy",
]

Array = Any
CERTAIN = 1e4
"""A logit whose p is 1 in every precision that formulas run in."""


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
        one_of(("logits", "probabilities"), input=self.input)
        if self.class_weight is not None:
            if len(self.class_weight) != 2:
                raise ValueError(f"class_weight: expected (of class 0, of class 1), got {self.class_weight}")
            negative, positive = (float(weight) for weight in self.class_weight)
            non_negative(**{"class_weight[0]": negative, "class_weight[1]": positive})
            object.__setattr__(self, "class_weight", (negative, positive))

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return Real() if self.input == "logits" else Probability()

    def sides(self, xp: Any, prediction: Array, target: Array) -> tuple[Array, Array]:
        """The prediction as class 1 and as class 0 see it: harmless where the class has no share in the target.

        Replaced before anything infinite is made of it: 0 · ∞ must reach neither value nor derivative.
        """
        harmless = 0.0 if self.input == "logits" else 0.5
        return xp.where(target == 0, harmless, prediction), xp.where(target == 1, harmless, prediction)

    def surprises(self, xp: Any, positive: Array, negative: Array) -> tuple[Array, Array]:
        """−log p of the one side and −log(1 − p) of the other, each accurate where it is nearly 0 too."""
        if self.input == "logits":
            return xp.softplus(-positive), xp.softplus(negative)
        return -xp.log(positive), -xp.log1p(-negative)

    def both_surprises(self, xp: Any, prediction: Array, target: Array) -> tuple[Array, Array]:
        """`surprises` of both `sides`; of a logit with one exponential and one logarithm for the two."""
        if self.input != "logits":
            return self.surprises(xp, *self.sides(xp, prediction, target))
        # Held where it is right and p is 1 in any precision: what has no share may be infinitely surprised there.
        low, high = (
            xp.where(prediction < -CERTAIN, -CERTAIN, prediction),
            xp.where(prediction > CERTAIN, CERTAIN, prediction),
        )
        prediction = xp.where(target == 1, high, xp.where(target == 0, low, prediction))
        above = prediction > 0
        tail = xp.log1p(xp.exp(xp.where(above, -prediction, prediction)))  # of the magnitude, smooth from the left at 0
        return tail + xp.where(above, 0.0, -prediction), tail + xp.where(above, prediction, 0.0)

    def mixed(self, xp: Any, positive: Array, negative: Array, target: Array) -> Array:
        """target · positive + (1 − target) · negative, class weights included."""
        of_negative, of_positive = self.class_weight or (1.0, 1.0)
        return target * of_positive * positive + (1 - target) * of_negative * negative

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
        gradient_bound=lambda loss: _steepest(loss) if loss.input == "logits" else math.inf,
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
        return self.mixed(xp, *self.both_surprises(xp, prediction, target), target)


def _steepest(loss: BinaryCrossEntropy) -> float:
    """A confident wrong prediction pulls by the larger share of the smoothed target."""
    return max(loss.class_weight or (1.0,)) * (1 - loss.label_smoothing / 2)


@dataclass(frozen=True, kw_only=True)
class BinaryFocal(BinaryLoss):
    """Sigmoid focal loss: ℓ = (1 − pₜ)^γ · (−log pₜ), pₜ the probability given to the true class.

    Shapes: prediction and target alike, any. Unit: nats. Range: [0, ∞). gamma ≥ 0: 0 is BinaryCrossEntropy. Soft
    targets mix the two classes' values. The paper's α is class_weight=(1 − α, α). For dense detection, where easy
    negatives swamp the rest; it is not proper: its probabilities need calibration.
    Source: Lin et al. 2017, arXiv:1708.02002. As torchvision.ops.sigmoid_focal_loss,
    keras.losses.BinaryFocalCrossentropy, optax.sigmoid_focal_loss.
    """

    gamma: float = 2.0

    aliases = ("SigmoidFocal",)
    facts = Facts(
        # In p a product of falling convex functions; in the logit the weight's tail bends it.
        convex=lambda loss: loss.gamma == 0 if loss.input == "logits" else True,
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        non_negative=True,
        proper=lambda loss: loss.gamma == 0 and loss.class_weight is None,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(gamma=self.gamma)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        sides = self.sides(xp, prediction, target)
        positive, negative = self.surprises(xp, *sides)
        if self.gamma:
            of_positive, of_negative = self.weights(xp, *sides)
            positive, negative = of_positive * positive, of_negative * negative
        return self.mixed(xp, positive, negative, target)

    def weights(self, xp: Any, positive: Array, negative: Array) -> tuple[Array, Array]:
        """(1 − p)^γ and p^γ, without the derivative at 0 that x^γ has not for γ < 1."""
        if self.input == "logits":
            return xp.exp(-self.gamma * xp.softplus(positive)), xp.exp(-self.gamma * xp.softplus(-negative))
        return power(xp, 1 - positive, self.gamma), power(xp, negative, self.gamma)


def power(xp: Any, x: Array, exponent: float) -> Array:
    """x to a power > 0; where x is 0 the derivative is taken as 0."""
    return xp.where(x == 0, 0.0, xp.power(xp.where(x == 0, 1.0, x), exponent))


@dataclass(frozen=True, kw_only=True)
class CrossEntropy(ClasswiseLoss):
    """Softmax cross-entropy: ℓ = −Σₖ qₖ log softmax(z)ₖ, with q the target smoothed: (1 − s)·t + s/C.

    Shapes: prediction (…, C); target (…) class indices or (…, C) probabilities; values (…). Unit: nats.
    Range: [0, ∞). label_smoothing s in [0, 1). class_weight multiplies each class's part; the divisor of a mean is the
    weight of the (unsmoothed) target, whether it comes as index or as probabilities. Of logits only: softcap c > 0
    takes c · tanh(z / c) for z, so that no logit exceeds c (Gemma 2 has 30); z_loss λ ≥ 0 adds λ · (log Σ exp z)²,
    which keeps logits from drifting off together (PaLM has 1e-4), and counts as the target's class_weight does.
    Source: Bridle 1990, doi:10.1007/978-3-642-76153-9_28; label smoothing: Szegedy et al. 2015, arXiv:1512.00567;
    z-loss: Chowdhery et al. 2022, arXiv:2204.02311; softcap: Gemma Team 2024, arXiv:2408.00118.
    As torch.nn.CrossEntropyLoss (which divides by N for probability targets), keras.losses.CategoricalCrossentropy and
    SparseCategoricalCrossentropy (from_logits=True), optax.softmax_cross_entropy; Liger's cross-entropy calls z_loss
    lse_square_scale.
    """

    label_smoothing: float = 0.0
    z_loss: float = 0.0
    softcap: float | None = None

    tasks = ("multiclass",)
    aliases = ("CE", "SoftmaxCrossEntropy", "CategoricalCrossEntropy")
    facts = Facts(
        # log Σ exp is convex, its square only where it is positive.
        convex=lambda loss: None if loss.z_loss or loss.softcap else True,
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        gradient_bound=lambda loss: None if loss.label_smoothing or loss.z_loss or loss.softcap else steepest_row(loss),
        non_negative=True,
        # A z-loss only asks of all logits that say p for those that are log p.
        proper=lambda loss: None if loss.softcap else _if_all_count_alike(loss, loss.label_smoothing == 0),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _fraction("label_smoothing", self.label_smoothing)
        non_negative(z_loss=self.z_loss)
        if self.softcap is not None:
            positive(softcap=self.softcap)
        if self.input != "logits" and (self.z_loss or self.softcap):
            raise ValueError(f"input: z_loss and softcap are of logits, got input={self.input!r}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        if self.softcap is not None:
            prediction = _capped(xp, prediction, self.softcap)
        value = self.mixed(xp, -self.log_chosen(xp, prediction, target), target)
        if self.label_smoothing:
            surprise = -self.log_probabilities(xp, prediction)
            if self.class_weight is not None:
                surprise = xp.asarray(self.class_weight, like=surprise) * surprise
            value = (1 - self.label_smoothing) * value + self.label_smoothing * xp.mean(surprise, axis=-1)
        if self.z_loss:
            value = value + self.z_loss * self.counted(xp, xp.square(xp.logsumexp(prediction)), prediction, target)
        return value


def _capped(xp: Any, logits: Array, cap: float) -> Array:
    """cap · tanh(logits / cap), whose derivative keeps its digits near the cap, where 1 − tanh² has none."""
    above = logits > 0
    distance = xp.where(above, -logits, logits) * (2 / cap)
    size = -xp.expm1(distance) / (1 + xp.exp(distance))
    return cap * xp.where(above, size, -size)


def steepest_row(loss: ClasswiseLoss) -> float:
    """By a logit ‖p − onehot‖ is at most √2: all probability on one wrong class."""
    slope = {"logits": math.sqrt(2), "log_probabilities": 1.0, "probabilities": math.inf}[loss.input]
    return slope * max(loss.class_weight or (1.0,))


def _if_all_count_alike(loss: ClasswiseLoss, proper: bool) -> bool | None:
    """Class weights shift the best prediction; where a class is ignored nothing is claimed."""
    return None if loss.ignore_index is not None else proper and loss.class_weight is None


@dataclass(frozen=True, kw_only=True)
class Focal(ClasswiseLoss):
    """Softmax focal loss: ℓ = (1 − p_y)^γ · (−log p_y).

    Shapes: prediction (…, C); target (…) class indices or (…, C) probabilities, which mix the classes' values; values
    (…). Unit: nats. Range: [0, ∞). gamma ≥ 0: 0 is CrossEntropy. The α of one weight per class is class_weight.
    Source: Lin et al. 2017, arXiv:1708.02002. As keras.losses.CategoricalFocalCrossentropy.
    """

    gamma: float = 2.0

    tasks = ("multiclass",)
    aliases = ("SoftmaxFocal", "CategoricalFocal")
    facts = Facts(
        convex=lambda loss: loss.gamma == 0 or loss.input == "probabilities",
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        non_negative=True,
        proper=lambda loss: _if_all_count_alike(loss, loss.gamma == 0),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(gamma=self.gamma)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        if not self.gamma:
            return self.mixed(xp, -self.log_chosen(xp, prediction, target), target)
        if self.input == "logits":
            rows = xp.log_softmax(prediction)
            log_p, log_q = (self.chosen(xp, each, target, -1.0) for each in (rows, log_complements(xp, rows)))
            return self.mixed(xp, xp.exp(self.gamma * log_q) * -log_p, target)
        log_p = self.log_chosen(xp, prediction, target)
        if self.input == "probabilities":
            q = 1 - self.chosen(xp, prediction, target, harmless=0.5)
        else:
            q = -xp.expm1(log_p)
        return self.mixed(xp, power(xp, q, self.gamma) * -log_p, target)


def log_complements(xp: Any, log_p: Array) -> Array:
    """log(1 − p) of every class, finite where p rounds to 1: for the top class the others' shares are summed."""
    is_top = xp.arange(xp.shape(log_p)[-1], like=log_p) == xp.argmax(xp.stop_gradient(log_p), axis=-1, keepdims=True)
    of_top = xp.logsumexp(xp.where(is_top, -math.inf, log_p), keepdims=True)
    return xp.where(is_top, of_top, xp.log1mexp(xp.where(is_top, -1.0, log_p)))


@dataclass(frozen=True, kw_only=True)
class GeneralizedCrossEntropy(ClasswiseLoss):
    """Generalised cross-entropy: ℓ = (1 − p_y^q) / q, between cross-entropy (q → 0) and the absolute error (q = 1).

    Shapes: prediction (…, C); target (…) class indices or (…, C) probabilities, which mix the classes' values; values
    (…). Range: [0, 1/q]. q in (0, 1]; 1 is half of Σₖ |pₖ − tₖ| (MAE) for a class index. Bounded, so that wrong labels
    pull less: for noisy labels; slower to learn hard classes. Source: Zhang & Sabuncu 2018, arXiv:1805.07836.
    As keras.losses.CategoricalGeneralizedCrossEntropy.
    """

    q: float = 0.7

    tasks = ("multiclass",)
    aliases = ("GCE",)
    facts = Facts(
        convex=lambda loss: loss.input == "probabilities",
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        # ‖∂ℓ/∂z‖ = p^q · √2 (1 − p) with the rest on one class, largest at p = q / (1 + q).
        gradient_bound=lambda loss: (
            steepest_row(loss) * (loss.q / (1 + loss.q)) ** loss.q / (1 + loss.q) if loss.input == "logits" else None
        ),
        non_negative=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.q <= 1:
            raise ValueError(f"q: expected a number in (0, 1], got {self.q}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        if self.input == "probabilities":
            p = self.chosen(xp, prediction, target, harmless=0.5)
            log_p = xp.log(xp.where(p == 0, 1.0, p))
        else:
            p, log_p = None, self.log_chosen(xp, prediction, target)
        value = -xp.expm1(self.q * log_p) / self.q
        if p is not None:  # at 0 the power itself, whose derivative is infinite; that of log p, times 0, is nothing
            value = xp.where(p == 0, (1 - xp.power(xp.where(p == 0, p, 1.0), self.q)) / self.q, value)
        return self.mixed(xp, value, target)


@dataclass(frozen=True, kw_only=True)
class Poly1CrossEntropy(ClasswiseLoss):
    """Poly-1: cross-entropy with its first polynomial coefficient changed: ℓ = −log p_y + ε (1 − p_y).

    Shapes: prediction (…, C); target (…) class indices or (…, C) probabilities, which mix the classes' values; values
    (…). Range: [0, ∞). epsilon ≥ −1.
    Source: Leng et al. 2022, arXiv:2204.12511. As optax.losses.poly_loss_cross_entropy.
    """

    epsilon: float = 1.0

    tasks = ("multiclass",)
    aliases = ("Poly1", "PolyLoss")
    facts = Facts(
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        gradient_bound=lambda loss: _steepest_poly(loss) if loss.input == "logits" else None,
        non_negative=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not -1 <= self.epsilon < math.inf:
            raise ValueError(f"epsilon: expected a finite number >= -1, got {self.epsilon}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        log_p = self.log_chosen(xp, prediction, target)
        return self.mixed(xp, -log_p - self.epsilon * xp.expm1(log_p), target)


def _steepest_poly(loss: Poly1CrossEntropy) -> float:
    """‖∂ℓ/∂z‖ = (1 + εp) · √2 (1 − p) with the rest on one class, largest at p = (ε − 1) / 2ε, or at 0."""
    return steepest_row(loss) * ((1 + loss.epsilon) ** 2 / (4 * loss.epsilon) if loss.epsilon > 1 else 1.0)


def _fraction(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"{name}: expected a number in [0, 1), got {value}")

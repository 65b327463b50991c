"""Ordered classes (grades, stages, ages in years): a miss by two classes costs more than a miss by one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Domain, Labels, Rows
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, one_of, positive
from losskit.core.kinds import SCORE_DOMAINS, BatchwiseLoss, ClasswiseLoss, RowwiseLoss, ScoreInput
from losskit.losses.classification import log_complements

__all__ = [
    "AllThreshold",
    "ClassDistanceWeightedCrossEntropy",
    "ContinuationRatio",
    "CumulativeLink",
    "ImmediateThreshold",
    "RankedProbabilityScore",
    "SoftOrdinalCrossEntropy",
    "WeightedKappa",
]

Array = Any


# -- K − 1 scores between K classes ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ThresholdLoss(RowwiseLoss):
    """The base: K − 1 scores tell K ordered classes apart; the k-th is high where the class lies above k."""

    prediction, target = Rows(), Labels(soft=False, extra=1)
    tasks = ("ordinal",)

    def above(self, xp: Any, prediction: Array, target: Array) -> Array:
        """For each threshold whether the class lies above it: the labels 1[y > k] of K − 1 binary tasks."""
        return xp.expand_dims(target, -1) > self.thresholds(xp, prediction, target)

    def thresholds(self, xp: Any, prediction: Array, target: Array) -> Array:
        """0 … K − 2, as the target counts."""
        return xp.cast(xp.arange(xp.shape(prediction)[-1], like=target), target)


@dataclass(frozen=True, kw_only=True)
class MarginThresholdLoss(ThresholdLoss):
    """The base of sums of a binary loss φ over thresholds.

    penalty: φ(s) of a score s counted positive on the right side: "logistic" log(1 + e⁻ˢ), "hinge" max(0, m − s),
    "squared_hinge" max(0, m − s)². margin m > 0 is for the hinges.
    """

    penalty: Literal["logistic", "hinge", "squared_hinge"] = "logistic"
    margin: float = 1.0

    def __post_init__(self) -> None:
        one_of(("logistic", "hinge", "squared_hinge"), penalty=self.penalty)
        positive(margin=self.margin)

    def penalties(self, xp: Any, prediction: Array, target: Array) -> Array:
        """φ for each threshold."""
        signed = xp.where(self.above(xp, prediction, target), prediction, -prediction)
        if self.penalty == "logistic":
            return xp.softplus(-signed)
        short = xp.relu(self.margin - signed)
        return short if self.penalty == "hinge" else xp.square(short)


def _smoothness(loss: MarginThresholdLoss) -> int:
    return {"logistic": 2, "hinge": 0, "squared_hinge": 1}[loss.penalty]


@dataclass(frozen=True, kw_only=True)
class AllThreshold(MarginThresholdLoss):
    """All-threshold ordinal loss, with the logistic penalty that of CORAL: ℓ = Σₖ λₖ φ(zₖ if y > k, else −zₖ).

    Shapes: prediction (…, K − 1) scores, the k-th (from 0) high where the class lies above k; target (…) class indices
    0 … K − 1; values (…). Unit (logistic): nats. Range: [0, ∞). penalty: φ, "logistic", "hinge" or "squared_hinge",
    the hinges with margin > 0. importance: λ, K − 1 numbers ≥ 0, None for 1 each.
    CORAL is this on zₖ = f(x) + bₖ, one f for all thresholds; so are proportional odds models with thresholds θₖ,
    zₖ = f(x) − θₖ. With free scores σ(zₖ) estimates P(y > k), but need not fall with k: see ContinuationRatio.
    Predict the number of scores above 0. Every threshold a prediction is off adds a term, so far misses cost more.
    Source: Rennie & Srebro 2005, Loss Functions for Preference Levels, IJCAI workshop; CORAL: Cao, Mirjalili & Raschka
    2020, doi:10.1016/j.patrec.2020.11.008, arXiv:1901.07884. As coral_pytorch.losses.coral_loss (which takes the K − 1
    binary labels), tfr.keras.losses.OrdinalLoss.
    """

    importance: tuple[float, ...] | None = None

    aliases = ("CORAL", "CumulativeBinaryCrossEntropy")
    facts = Facts(
        convex=True,
        smooth=_smoothness,
        non_negative=True,
        proper=lambda loss: True if loss.penalty == "logistic" and min(loss.importance or (1.0,)) > 0 else None,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.importance is not None:
            weights = tuple(float(weight) for weight in self.importance)
            non_negative(**{f"importance[{k}]": weight for k, weight in enumerate(weights)})
            object.__setattr__(self, "importance", weights)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        scores = xp.shape(bound["prediction"])[-1]
        if self.importance is not None and len(self.importance) != scores:
            raise ShapeError(
                f"importance: expected one weight for each of the {scores} scores of prediction, "
                f"got {len(self.importance)}"
            )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        terms = self.penalties(xp, prediction, target)
        if self.importance is not None:
            terms = xp.asarray(self.importance, like=terms) * terms
        return xp.sum(terms, axis=-1)


@dataclass(frozen=True, kw_only=True)
class ImmediateThreshold(MarginThresholdLoss):
    """Immediate-threshold ordinal loss: ℓ = φ(z_{y−1}) + φ(−z_y), the two thresholds beside the class only.

    Shapes: prediction (…, K − 1) scores, the k-th (from 0) high where the class lies above k; target (…) class indices
    0 … K − 1 (the lowest and the highest have one threshold); values (…). Unit (logistic): nats. Range: [0, ∞).
    penalty: φ, "logistic", "hinge" or "squared_hinge", the hinges with margin > 0.
    For scores that fall with k by construction, zₖ = f(x) − θₖ with rising θ. It bounds the 0–1 error; AllThreshold
    bounds the absolute error, and does better where misses by more classes cost more.
    Source: Rennie & Srebro 2005, Loss Functions for Preference Levels, IJCAI workshop. As mord.LogisticIT.
    """

    facts = Facts(
        convex=True,
        smooth=_smoothness,
        gradient_bound=lambda loss: None if loss.penalty == "squared_hinge" else math.sqrt(2),
        non_negative=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        steps = xp.expand_dims(target, -1) - self.thresholds(xp, prediction, target)
        beside = (steps == 0) | (steps == 1)
        # Replaced before and after the penalty: a far score may be infinite.
        terms = self.penalties(xp, xp.where(beside, prediction, 0.0), target)
        return xp.sum(xp.where(beside, terms, 0.0), axis=-1)


@dataclass(frozen=True, kw_only=True)
class ContinuationRatio(ThresholdLoss):
    """Continuation-ratio negative log-likelihood (CORN): ℓ = −Σ_{k<y} log σ(zₖ) − log(1 − σ(z_y)).

    Shapes: prediction (…, K − 1) logits of P(y > k | y ≥ k), k from 0; target (…) class indices 0 … K − 1 (the highest
    has no last term); values (…). Unit: nats. Range: [0, ∞).
    P(y > k) = σ(z₀) ⋯ σ(zₖ) falls with k whatever the logits are; predict how many of these are above ½.
    Source: Shi, Cao & Raschka 2021, arXiv:2111.08851. As coral_pytorch.losses.corn_loss, which divides the sum by the
    number of binary tasks that count (k ≤ y), not by the number of samples.
    """

    aliases = ("CORN", "ConditionalOrdinal")
    facts = Facts(convex=True, smooth=2, non_negative=True, proper=True)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        reached = xp.expand_dims(target, -1) >= self.thresholds(xp, prediction, target)
        # Replaced before and after: a score that does not count may be infinite.
        score = xp.where(reached, prediction, 0.0)
        terms = xp.softplus(xp.where(self.above(xp, prediction, target), -score, score))
        return xp.sum(xp.where(reached, terms, 0.0), axis=-1)


@dataclass(frozen=True)
class Falling(Domain):
    """Rows whose entries do not rise along the last axis."""

    columns: bool = True

    def describe(self) -> str:
        return "scores that do not rise along a row"

    def fix(self) -> str:
        return "thresholds that rise, as running sums of softplus; the scores are f[..., None] - thresholds"

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        return array > xp.concatenate([array[..., :1], array[..., :-1]], axis=-1)


@dataclass(frozen=True, kw_only=True)
class CumulativeLink(ThresholdLoss):
    """Cumulative-link (proportional odds) negative log-likelihood: ℓ = −log(σ(z_{y−1}) − σ(z_y)).

    Shapes: prediction (…, K − 1) logits of P(y > k), k from 0, that do not rise along a row: zₖ = f(x) − θₖ with rising
    thresholds θ; target (…) class indices 0 … K − 1 (the lowest has 1, the highest 0 for the missing σ); values (…).
    Unit: nats. Range: [0, ∞]: ∞ for a class between two equal scores. DomainError where scores rise. In McCullagh's
    form P(y ≤ k) = σ(θₖ − f).
    Computed as softplus(−z_{y−1}) + softplus(z_y) − log(1 − exp(z_y − z_{y−1})), where no difference of probabilities
    is left: accurate in both tails. As a likelihood it is calibrated, which sums of margins are not.
    Source: McCullagh 1980, Regression Models for Ordinal Data, JRSS B 42. As spacecutter's CumulativeLinkLoss (which
    takes the probabilities, clipped), the ordered logit of statsmodels' OrderedModel.
    """

    prediction = Falling()
    aliases = ("ProportionalOdds", "OrderedLogit")
    facts = Facts(convex=True, non_negative=True, proper=True)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        scores = xp.shape(prediction)[-1]
        # An index out of range has a row of zeros: at the ends one side is missing.
        upper, lower = (
            xp.sum(xp.where(xp.one_hot(index, scores) > 0, prediction, 0.0), axis=-1) for index in (target - 1, target)
        )
        first, last = target == 0, target == scores
        between = xp.where(first | last, -1.0, lower - upper)
        return (
            xp.where(first, 0.0, xp.softplus(-upper))
            + xp.where(last, 0.0, xp.softplus(lower))
            - xp.where(first | last, 0.0, xp.log1mexp(between))
        )


# -- K class scores ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class RankedProbabilityScore(ClasswiseLoss):
    """Ranked probability score, the squared earth mover's distance of ordered classes: ℓ = Σₖ (P(k) − T(k))².

    Shapes: prediction (…, C); target (…) class indices or (…, C) probabilities; values (…). Range: [0, C − 1]. P and T
    are the running sums of p and t; the last term is 0. Classes are one step apart. Proper: no calibration is lost.
    Source: Epstein 1969, A Scoring System for Probability Forecasts of Ranked Categories, J. Appl. Meteorology; Hou, Yu
    & Samaras 2016, arXiv:1611.05916. Image assessment (NIMA) takes the root of its mean over classes.
    """

    tasks = ("ordinal",)
    aliases = ("RPS", "SquaredEarthMovers", "EMD2")
    facts = Facts(
        convex=lambda loss: True if loss.input == "probabilities" else None,
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        non_negative=True,
        proper=lambda loss: None if loss.ignore_index is not None or loss.class_weight is not None else True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        p = prediction
        if self.input != "probabilities":
            p = xp.softmax(prediction) if self.input == "logits" else xp.exp(prediction)
        if xp.is_floating(target):
            apart = xp.cumsum(p - target, axis=-1)
        else:
            # Below the class what is left of it, from there on what is right of it: sums in which nothing cancels.
            right = xp.flip(xp.cumsum(xp.flip(p, axis=-1), axis=-1), axis=-1)
            right = xp.concatenate([right[..., 1:], xp.zeros_like(right[..., :1])], axis=-1)
            classes = xp.cast(xp.arange(xp.shape(p)[-1], like=target), target)
            apart = xp.where(xp.expand_dims(target, -1) > classes, xp.cumsum(p, axis=-1), right)
        value = xp.sum(xp.square(apart), axis=-1)
        weight = self.measure(xp, prediction, target)
        return value if weight is None else weight * value


@dataclass(frozen=True, kw_only=True)
class OrdinalClasses(ClasswiseLoss):
    """The base: one score for each of C ordered classes, against the index of a class."""

    target = Labels(soft=False)
    tasks = ("ordinal",)

    def distances(self, xp: Any, prediction: Array, target: Array) -> Array:
        """|k − y| of every class, as numbers."""
        classes = xp.arange(xp.shape(prediction)[-1], like=prediction)
        return xp.abs(xp.cast(classes, prediction) - xp.expand_dims(xp.cast(target, prediction), -1))


@dataclass(frozen=True, kw_only=True)
class SoftOrdinalCrossEntropy(OrdinalClasses):
    """Cross-entropy with labels softened by distance (SORD): ℓ = −Σₖ qₖ log pₖ, q = softmax(−|k − y|^r / T).

    Shapes: prediction (…, C); target (…) class indices; values (…). Unit: nats. Range: [H(q), ∞). power r > 0 and
    temperature T > 0: T → 0 is CrossEntropy. The network learns the softened labels: its probabilities are wider than
    the truth. Binomial and geometric labels are UnimodalCrossEntropy's.
    Source: Diaz & Marathe 2019, Soft Labels for Ordinal Regression, CVPR. With C classes dlordinal's
    ExponentialCrossEntropyLoss mixes such labels with the hard one.
    """

    power: float = 1.0
    temperature: float = 1.0

    aliases = ("SORD",)
    facts = Facts(convex=True, smooth=lambda loss: 2 if loss.input == "logits" else None, non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(power=self.power, temperature=self.temperature)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        softened = xp.softmax(-xp.power(self.distances(xp, prediction, target), self.power) / self.temperature)
        # Where a softened label underflows to 0 it is no claim: 0 · (−∞) must reach neither value nor derivative.
        none = softened == 0
        if self.input == "probabilities":
            log_p = xp.log(xp.where(none, 0.5, prediction))
        else:
            log_p = xp.where(none, -1.0, self.log_probabilities(xp, prediction))
        return self.mixed(xp, -xp.sum(softened * log_p, axis=-1), target)


@dataclass(frozen=True, kw_only=True)
class ClassDistanceWeightedCrossEntropy(OrdinalClasses):
    """Class-distance weighted cross-entropy: ℓ = −Σₖ |k − y|^α log(1 − pₖ).

    Shapes: prediction (…, C); target (…) class indices; values (…). Unit: nats. Range: [0, ∞). power α > 0: how much
    more far classes cost. It pushes down the wrong classes, each by its distance, and the right one up only by that.
    Source: Polat et al. 2022, arXiv:2202.05167. As dlordinal's CDWCELoss.
    """

    power: float = 1.0

    aliases = ("CDWCE", "CDWCrossEntropy")
    facts = Facts(
        convex=lambda loss: True if loss.input == "probabilities" else None,
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        non_negative=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(power=self.power)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        distances = self.distances(xp, prediction, target)
        own = distances == 0
        # The own class counts 0 and is replaced: with p = 1 its term would be 0 · (−∞).
        if self.input == "logits":
            log_q = xp.where(own, -1.0, log_complements(xp, xp.log_softmax(prediction)))
        elif self.input == "log_probabilities":
            log_q = xp.log1mexp(xp.where(own, -1.0, prediction))
        else:
            log_q = xp.log1p(-xp.where(own, 0.5, prediction))
        return self.mixed(xp, -xp.sum(xp.power(distances, self.power) * log_q, axis=-1), target)


@dataclass(frozen=True, kw_only=True)
class WeightedKappa(BatchwiseLoss):
    """Weighted kappa loss: the mean of ℓᵢ = Σₖ |k − yᵢ|^r pᵢₖ / E, which is 1 − κ, E = Σₗₖ |k − l|^r · ȳₗ · p̄ₖ.

    Shapes: prediction (N, C); target (N,) class indices; values (N,). ȳ and p̄ are the batch's shares of labels and
    mean probabilities, so E is the disagreement expected by chance. Range of the mean: 0 to about 2; 1 is chance.
    power r > 0: 2 for quadratic weights, 1 for linear ones. input: "logits", "log_probabilities" or "probabilities".
    Small batches are noisy estimates of κ, and of a batch with one class alone nothing is learnt; one of a single class
    that is predicted perfectly has loss 0. Weights count in the mean, not in E.
    Source: de la Torre, Puig & Valls 2018, Pattern Recognition Letters 105:144–154 (who take the logarithm). As
    dlordinal's WKLoss.
    """

    power: float = 2.0
    input: ScoreInput = "logits"

    target = Labels(soft=False)
    tasks = ("ordinal",)
    aliases = ("WeightedKappaLoss", "QuadraticWeightedKappa")
    facts = Facts(non_negative=True)

    def __post_init__(self) -> None:
        one_of(tuple(SCORE_DOMAINS), input=self.input)
        positive(power=self.power)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return SCORE_DOMAINS[self.input]

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        p = prediction
        if self.input != "probabilities":
            p = xp.softmax(prediction) if self.input == "logits" else xp.exp(prediction)
        count = xp.shape(p)[-1]
        classes = xp.cast(xp.arange(count, like=p), p)
        costs = xp.power(xp.abs(xp.expand_dims(classes, -1) - classes), self.power)
        labels = xp.one_hot(target, count, p)
        observed = xp.sum(xp.matmul(labels, costs) * p, axis=-1)
        kept = None if keep is None else xp.expand_dims(keep, -1)
        label_shares, shares = (xp.mean_where(rows, kept, axis=0) for rows in (labels, p))
        expected = xp.sum(xp.matmul(xp.expand_dims(label_shares, 0), costs)[0] * shares)
        nothing = expected == 0
        return xp.where(nothing, 0.0, observed / xp.where(nothing, 1.0, expected))

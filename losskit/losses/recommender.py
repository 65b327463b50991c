"""Recommendation from what people chose: the score of the chosen item against those of sampled others.

Each sample has one positive and K negatives; values are per sample. With one negative take `scores[..., None]`. To
correct for how often the sampler draws an item, subtract the logarithm of that from its score first. What is not drawn
uniformly over the catalogue is learned about in proportion to how often it is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Real, Rows
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, one_of, positive
from losskit.core.kinds import RowwiseLoss
from losskit.core.loss import fits

__all__ = [
    "BayesianPersonalizedRanking",
    "BayesianPersonalizedRankingMax",
    "CosineContrastive",
    "NoiseContrastiveEstimation",
    "SampledSoftmax",
    "Top1",
    "WeightedApproximateRankPairwise",
]

Array = Any


@dataclass(frozen=True, kw_only=True)
class SampledNegativesLoss(RowwiseLoss):
    """The base: scores `positive` (…) of what was chosen and `negatives` (…, K) of what was not; values (…)."""

    positive, negatives = Real(), Rows()
    differentiable = ("positive", "negatives")
    tasks = ("recommendation",)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        first, shape = (xp.shape(bound[name]) for name in self.inputs)
        if len(shape) == len(first) + 1 and fits(shape[:-1], first):
            return
        if fits(shape, first):
            fix = "; fix: negatives = negatives[..., None]"
        else:
            fix = "; fix: negatives = negatives[..., 0]" if shape[-1:] == (1,) and len(shape) == len(first) + 2 else ""
        raise ShapeError(
            f"negatives: expected K scores for each sample, shape {first} and K, to go with positive of shape {first}, "
            f"got {shape}{fix}"
        )

    def behind(self, xp: Any, positive: Array, negatives: Array) -> Array:
        """How far the positive is behind each negative: s⁻ − s⁺."""
        return negatives - xp.expand_dims(positive, -1)


@dataclass(frozen=True, kw_only=True)
class BayesianPersonalizedRanking(SampledNegativesLoss):
    """BPR: ℓ = the mean over the negatives of log(1 + e^(s⁻ − s⁺)), −log of how probably the chosen is preferred.

    Shapes: positive (…), negatives (…, K); values (…). Unit: nats. Range: [0, ∞); log 2 for equal scores. Its mean is a
    smooth upper bound of one minus the AUC per user; with many negatives most are easy, and pull no more:
    BayesianPersonalizedRankingMax or SampledSoftmax listen to the hard ones. The regularisation of the source is weight
    decay. Of one negative, without its axis, it is BradleyTerry.
    Source: Rendle et al. 2009, arXiv:1205.2618. recbole's BPRLoss adds 1e-10 inside the logarithm, and has no gradient
    where the positive is 23 behind.
    """

    aliases = ("BPR",)
    facts = Facts(convex=True, smooth=2, non_negative=True)

    def formula(self, xp: Any, positive: Array, negatives: Array) -> Array:
        return xp.mean(xp.softplus(self.behind(xp, positive, negatives)), axis=-1)


@dataclass(frozen=True, kw_only=True)
class BayesianPersonalizedRankingMax(SampledNegativesLoss):
    """BPR-max: ℓ = −log Σⱼ qⱼ σ(s⁺ − s⁻ⱼ) + λ Σⱼ qⱼ (s⁻ⱼ)², q = softmax(s⁻).

    BPR against the highest negative, softly: what is far below it hardly counts, so that many negatives help.
    Shapes: positive (…), negatives (…, K); values (…). Unit: nats. Range: [0, ∞). regularization λ ≥ 0 keeps the scores
    of hard negatives small; 0 leaves that out. Not convex. Exact while squares of scores fit the dtype.
    Source: Hidasi & Karatzoglou 2018, arXiv:1706.03847. As GRU4Rec's bpr-max with bpreg=λ, which adds 1e-24 inside the
    logarithm.
    """

    regularization: float = 1.0

    aliases = ("BPRMax",)
    facts = Facts(convex=False, smooth=2, non_negative=True)

    def __post_init__(self) -> None:
        non_negative(regularization=self.regularization)

    def formula(self, xp: Any, positive: Array, negatives: Array) -> Array:
        log_q, lag = xp.log_softmax(negatives), self.behind(xp, positive, negatives)
        # Where the chosen leads, by what is missing from 1; elsewhere as a sum of exponentials that may all be tiny.
        missing = xp.sum(xp.exp(log_q) * xp.sigmoid(lag), axis=-1)
        leads = missing < 0.5
        won = -xp.log1p(-xp.where(leads, missing, 0.0))
        value = xp.where(leads, won, -xp.logsumexp(log_q - xp.softplus(lag)))
        if not self.regularization:
            return value
        return value + self.regularization * xp.sum(xp.exp(log_q) * xp.square(negatives), axis=-1)


@dataclass(frozen=True, kw_only=True)
class Top1(SampledNegativesLoss):
    """TOP1: ℓ = Σⱼ qⱼ (σ(s⁻ⱼ − s⁺) + σ((s⁻ⱼ)²)), the relative rank of the chosen, and scores of others held near 0.

    weighting: q is "mean", 1/K, or "softmax", softmax(s⁻) (TOP1-max: against the highest negative, softly).
    Shapes: positive (…), negatives (…, K); values (…). Unit: none. Range: (0.5, 2). Not convex, and where the positive
    is far behind it hardly pulls. Exact while squares of scores fit the dtype.
    Source: Hidasi et al. 2016, arXiv:1511.06939; "softmax": Hidasi & Karatzoglou 2018, arXiv:1706.03847. As GRU4Rec's
    top1 and top1-max.
    """

    weighting: Literal["mean", "softmax"] = "mean"

    aliases = ("TOP1", "TOP1Max")
    facts = Facts(convex=False, smooth=2, non_negative=True)

    def __post_init__(self) -> None:
        one_of(("mean", "softmax"), weighting=self.weighting)

    def formula(self, xp: Any, positive: Array, negatives: Array) -> Array:
        value = xp.sigmoid(self.behind(xp, positive, negatives)) + xp.sigmoid(xp.square(negatives))
        if self.weighting == "mean":
            return xp.mean(value, axis=-1)
        return xp.sum(xp.softmax(negatives) * value, axis=-1)


@dataclass(frozen=True, kw_only=True)
class SampledSoftmax(SampledNegativesLoss):
    """Cross-entropy of the chosen among the sampled: ℓ = −log(e^(s⁺) / (e^(s⁺) + Σⱼ e^(s⁻ⱼ))).

    Shapes: positive (…), negatives (…, K); values (…). Unit: nats. Range: [0, ∞); at chance log(K + 1). For the softmax
    over the whole catalogue, subtract log of the expected number of draws from each score, the positive's too. The
    negatives with the highest scores pull most. With the other positives of a batch as negatives it is InfoNCE.
    Source: Bengio & Senécal 2008, Adaptive importance sampling to accelerate training of a neural probabilistic
    language model, IEEE Transactions on Neural Networks 19; Jean et al. 2014, arXiv:1412.2007. As
    tensorflow.nn.sampled_softmax_loss; of hazards of a case and its controls it is pycox's CoxCCLoss.
    """

    aliases = ("SampledCrossEntropy", "SSM")
    facts = Facts(convex=True, smooth=2, non_negative=True)

    def formula(self, xp: Any, positive: Array, negatives: Array) -> Array:
        return xp.softplus(xp.logsumexp(self.behind(xp, positive, negatives)))


@dataclass(frozen=True, kw_only=True)
class NoiseContrastiveEstimation(SampledNegativesLoss):
    """Which is data and which is noise: ℓ = log(1 + e^(−s⁺)) + Σⱼ log(1 + e^(s⁻ⱼ)), a logistic regression.

    Shapes: positive (…), negatives (…, K); values (…). Unit: nats. Range: [0, ∞); (K + 1) log 2 for scores of 0. For
    noise-contrastive estimation a score is log p(x) − log(K q(x)), the positive's too, p the model and q what negatives
    are drawn from: the p that is learnt comes out normalised without ever being summed over the catalogue. With bare
    scores it is negative sampling (word2vec): they come out as log(p/q) − log K, so that popular items are held back;
    enough for embeddings, not for probabilities. Each score counts by itself, as in BinaryCrossEntropy; SampledSoftmax
    sees differences alone, and leaves p open by a factor. Noise unlike the data is told at once, and teaches little: q
    should be near p.
    Source: Gutmann & Hyvärinen 2010, Noise-contrastive estimation: a new estimation principle for unnormalized
    statistical models, AISTATS; for words: Mnih & Teh 2012, arXiv:1206.6426; negative sampling: Mikolov et al. 2013,
    arXiv:1310.4546. As tensorflow.nn.nce_loss, which draws the negatives and subtracts log(K q) itself.
    """

    aliases = ("NegativeSampling", "SkipGramNegativeSampling")
    facts = Facts(convex=True, smooth=2, gradient_bound=1.0, non_negative=True)

    def formula(self, xp: Any, positive: Array, negatives: Array) -> Array:
        return xp.softplus(-positive) + xp.sum(xp.softplus(negatives), axis=-1)


@dataclass(frozen=True, kw_only=True)
class WeightedApproximateRankPairwise(SampledNegativesLoss):
    """WARP: ℓ = H(r) · the mean of m − s⁺ + s⁻ over the negatives that violate s⁺ > s⁻ + m; 0 where none does.

    r is the rank that the violations let expect: their number among K, or that times (items − 1) / K in a catalogue of
    `items`; H(r) = 1 + ½ + … + 1/r, which makes precision at the top count. r is a constant for the derivatives: the
    value jumps where a violation begins. Shapes: positive (…), negatives (…, K); values (…). Range: [0, ∞).
    margin m > 0, in the scores' unit. The source draws negatives until one violates, and takes the rank from how many
    that were; here all K are looked at: a steadier estimate, without a loop.
    Source: Usunier, Buffoni & Gallinari 2009, Ranking with ordered weighted pairwise classification, ICML; Weston,
    Bengio & Usunier 2011, WSABIE, IJCAI. LightFM's warp draws.
    """

    margin: float = 1.0
    items: int | None = None

    aliases = ("WARP",)
    facts = Facts(non_negative=True)

    def __post_init__(self) -> None:
        positive(margin=self.margin)
        if self.items is not None and self.items < 2:
            raise ValueError(f"items: expected a catalogue of at least 2, or None for the sample, got {self.items}")

    def formula(self, xp: Any, positive: Array, negatives: Array) -> Array:
        short = xp.relu(self.margin + self.behind(xp, positive, negatives))
        count = xp.sum(xp.cast(short > 0, short), axis=-1)
        rank = count if self.items is None else count * ((self.items - 1) / xp.shape(negatives)[-1])
        harmonic = xp.digamma(rank + 1) + EULER
        return harmonic * (xp.sum(short, axis=-1) / xp.where(count == 0, 1.0, count))


EULER = 0.5772156649015329  # H(r) = ψ(r + 1) + this


@dataclass(frozen=True, kw_only=True)
class CosineContrastive(SampledNegativesLoss):
    """Cosine contrastive loss: ℓ = 1 − c⁺ + (w/K) Σⱼ max(0, c⁻ⱼ − m), c the cosines of user and item.

    Negatives below the margin do not count: of many, the easy ones are filtered out. Shapes: positive (…),
    negatives (…, K), both cosines; values (…). Range: [0, 2 + w(1 − m)]. margin m in [−1, 1); negative_weight w > 0,
    which the source has in the hundreds for as many negatives. The derivative at the kink c⁻ = m is 0.
    Source: Mao et al. 2021, arXiv:2109.12613 (SimpleX). Of one pair of embeddings, torch's CosineEmbeddingLoss.
    """

    margin: float = 0.0
    negative_weight: float = 1.0

    aliases = ("CCL",)
    facts = Facts(convex=True)

    def __post_init__(self) -> None:
        positive(negative_weight=self.negative_weight)
        if not -1 <= self.margin < 1:
            raise ValueError(f"margin: expected a cosine in [-1, 1), got {self.margin}")

    def formula(self, xp: Any, positive: Array, negatives: Array) -> Array:
        above = xp.relu(negatives - self.margin)
        return 1 - positive + self.negative_weight * xp.mean(above, axis=-1)

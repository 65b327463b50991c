"""Metric learning: pairs and groups, of which like ones are to be nearer than unlike ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Groups, Rows, Signs
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, positive
from losskit.core.kinds import RowwiseLoss
from losskit.losses.contrastive import RowsOfABatch, diagonal, off_diagonal, products, relations
from losskit.losses.similarity import direction, pairwise_distances

__all__ = [
    "Angular",
    "BatchHardTriplet",
    "Center",
    "Circle",
    "CosineEmbedding",
    "GeneralizedLiftedStructure",
    "LiftedStructure",
    "MultiSimilarity",
    "NPairs",
]

Array = Any

# -- a pair ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class CosineEmbedding(RowwiseLoss):
    """Cosine embedding loss of a pair: ℓ = 1 − cos(x, y) for a like pair (+1), max(0, cos(x, y) − m) for an unlike one.

    Shapes: first and second (…, D), target (…) of +1 and −1; values (…). Range: [0, 2]. margin m in [−1, 1]. Only
    directions count. Where a vector is zero the cosine is 0, without a gradient. The gradient grows as 1/‖x‖.
    As torch.nn.CosineEmbeddingLoss. For like pairs alone CosineDistance.
    """

    margin: float = 0.0

    first, second, target = Rows(), Rows(), Signs()
    differentiable = ("first", "second")
    tasks = ("metric",)
    facts = Facts(convex=False, gradient_bound=math.inf, non_negative=True, symmetric=True)

    def __post_init__(self) -> None:
        if not -1 <= self.margin <= 1:
            raise ValueError(f"margin: expected a cosine from -1 to 1, got {self.margin}")

    def formula(self, xp: Any, first: Array, second: Array, target: Array) -> Array:
        (x, x_is_zero), (y, y_is_zero) = (direction(xp, rows) for rows in (first, second))
        # 1 − cos as half the squared distance of the unit vectors: accurate where they almost agree.
        apart = xp.where(x_is_zero | y_is_zero, 1.0, xp.sum(xp.square(x - y), axis=-1) / 2)
        return xp.where(target > 0, apart, xp.relu(xp.sum(x * y, axis=-1) - self.margin))


@dataclass(frozen=True, kw_only=True)
class Center(RowwiseLoss):
    """Center loss: ℓ = ½‖x − c‖², c the centre of the embedding's class.

    Shapes: embedding and center (…, D), the centres looked up by class, `centers[labels]`; values (…). Unit: the
    embedding's, squared. Range: [0, ∞). Beside a cross-entropy, with a small weight: alone it draws everything to one
    point. The centres get their gradient, too; the paper moves them by a rate of their own.
    Source: Wen et al. 2016, doi:10.1007/978-3-319-46478-7_31.
    """

    embedding, center = Rows(), Rows()
    differentiable = ("embedding", "center")
    tasks = ("metric",)
    facts = Facts(
        convex=True, smooth=2, gradient_bound=math.inf, non_negative=True, zero_at_target=True, symmetric=True
    )

    def formula(self, xp: Any, embedding: Array, center: Array) -> Array:
        return xp.sum(xp.square(embedding - center), axis=-1) / 2


# -- pairs of a batch --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class NPairs(RowsOfABatch):
    """N-pair loss: ℓᵢ = −mean over j of i's group of log softmaxⱼ(aᵢ · pⱼ) + λ(‖aᵢ‖² + ‖pᵢ‖²).

    Shapes: anchors and positives (N, D), the i-th being of one class; groups (N,) integers, equal for pairs of one
    class, optional: without them each pair is of a class of its own, and ℓᵢ = log(1 + Σ_{j≠i} exp(aᵢ · pⱼ − aᵢ · pᵢ)).
    Unit: nats. Range: [0, ∞). penalty λ ≥ 0 keeps the embeddings, which are not normalised, short. A masked pair is
    left out both as anchor and as positive. Normalised and with a temperature it is InfoNCE.
    Source: Sohn 2016, Improved deep metric learning with multi-class N-pair loss objective, NeurIPS. As TensorFlow
    Addons' NpairsLoss; tf.contrib's npairs_loss has a quarter of its reg_lambda for λ.
    """

    penalty: float = 0.0

    anchors, positives, groups = Rows(), Rows(), Groups()
    differentiable = ("anchors", "positives")
    tasks = ("metric",)
    aliases = ("NPair",)
    facts = Facts(non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        non_negative(penalty=self.penalty)

    def formula(
        self, xp: Any, anchors: Array, positives: Array, groups: Array | None = None, *, keep: Array | None = None
    ) -> Array:
        scores, own = products(xp, anchors, positives), diagonal(xp, anchors)
        like = own if groups is None else own | relations(xp, groups, keep)[0]
        if keep is not None:
            # A left-out positive is no rival; a left-out anchor keeps its own, so that no row is empty.
            scores = xp.where(own | xp.expand_dims(keep, axis=0), scores, xp.full_like(scores, -math.inf))
        value = -xp.mean_where(xp.log_softmax(scores), like, axis=-1)
        if not self.penalty:
            return value
        return value + self.penalty * xp.sum(xp.square(anchors) + xp.square(positives), axis=-1)


@dataclass(frozen=True, kw_only=True)
class Angular(RowsOfABatch):
    """Angular loss of a batch of pairs: ℓᵢ = log(1 + Σₙ exp(4t(aᵢ + pᵢ) · n − 2(1 + t) aᵢ · pᵢ)), t = tan²α.

    n are all members of the other pairs, and all vectors are normalised first. It bounds the angle at n in the triangle
    of the three, by α, where a triplet's margin bounds distances.
    Shapes: anchors and positives (N, D), the i-th being of one class, of which there is no other pair in the batch;
    values (N,). Unit: nats. Range: [0, ∞). angle α in degrees, between 0 and 90; the paper takes 36 to 55. A zero
    vector has a product of 0 with everything. A masked pair is left out everywhere.
    Source: Wang et al. 2017, arXiv:1708.01682. As pytorch-metric-learning's AngularLoss, which takes labels.
    """

    angle: float = 40.0

    anchors, positives = Rows(), Rows()
    differentiable = ("anchors", "positives")
    tasks = ("metric",)
    facts = Facts(non_negative=True, symmetric=True, cost="n^2")

    def __post_init__(self) -> None:
        if not 0 < self.angle < 90:
            raise ValueError(f"angle: expected degrees between 0 and 90, got {self.angle}")

    def formula(self, xp: Any, anchors: Array, positives: Array, *, keep: Array | None = None) -> Array:
        t = math.tan(math.radians(self.angle)) ** 2
        anchors, positives = (direction(xp, rows)[0] for rows in (anchors, positives))
        sums = anchors + positives
        rivals = off_diagonal(xp, anchors)
        if keep is not None:
            rivals = rivals & xp.expand_dims(keep, axis=0)
        found = [xp.where(rivals, products(xp, sums, rows) * (4 * t), -math.inf) for rows in (anchors, positives)]
        away = xp.logsumexp(xp.concatenate(found, axis=-1))
        return xp.softplus(away - xp.sum(anchors * positives, axis=-1) * (2 * (1 + t)))


# -- groups of a batch -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class GroupLoss(RowsOfABatch):
    """The base: each embedding of a batch against those of its own group and those of the others."""

    embeddings, groups = Rows(), Groups()
    differentiable = ("embeddings",)
    tasks = ("metric",)


@dataclass(frozen=True, kw_only=True)
class BatchHardTriplet(GroupLoss):
    """Triplet loss with the hardest of a batch: ℓᵢ = max(0, m + maxₚ ‖xᵢ − xₚ‖ − minₙ ‖xᵢ − xₙ‖).

    p are the others of i's group, n those of other groups. Shapes: embeddings (N, D); groups (N,) integers, equal for
    samples that belong together; values (N,). Unit: the embedding's. Range: [0, ∞). margin m > 0, or None: softplus in
    the place of m and the hinge, which goes on pulling (the paper's soft margin). Of ties each has its share of the
    gradient; the derivative of a distance of 0 is taken as 0. A sample without a p or without an n has value 0 and
    counts in the mean: draw several samples of each of several groups. Where labels are wrong the hardest are those.
    Time and memory N² D.
    Source: Hermans, Beyer & Leibe 2017, arXiv:1703.07737. As TensorFlow Addons' TripletHardLoss (margin=None: its
    soft=True), whose distance to itself counts as one of the positives.
    """

    margin: float | None = 1.0

    aliases = ("TripletHard",)
    facts = Facts(non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        if self.margin is not None:
            positive(margin=self.margin)

    def formula(self, xp: Any, embeddings: Array, groups: Array, *, keep: Array | None = None) -> Array:
        distances = pairwise_distances(xp, embeddings, embeddings)
        like, unlike = relations(xp, groups, keep)
        far = xp.max(xp.where(like, distances, -math.inf), axis=-1)
        near = xp.min(xp.where(unlike, distances, math.inf), axis=-1)
        whole = xp.any(like, axis=-1) & xp.any(unlike, axis=-1)
        # Replaced before they meet: ∞ must reach neither value nor derivative.
        lead = xp.where(whole, far, 0.0) - xp.where(whole, near, 0.0)
        value = xp.softplus(lead) if self.margin is None else xp.relu(self.margin + lead)
        return xp.where(whole, value, 0.0)


@dataclass(frozen=True, kw_only=True)
class LiftedStructure(GroupLoss):
    """Lifted structure loss: L = 1/(2|P|) Σ_P max(0, log(Σₙ e^{m − dᵢₙ} + Σₙ e^{m − dⱼₙ}) + dᵢⱼ)², P the like pairs.

    n are the samples of other groups, d Euclidean distances. Shapes: embeddings (N, D); groups (N,) integers, equal for
    samples that belong together; values (N,), shares in L of the pairs that a sample is the first of, whose mean is L.
    Unit: the embedding's, squared. Range: [0, ∞). margin m > 0. A pair without any n counts 0. The derivative of a
    distance of 0 is taken as 0. For embeddings that are not normalised. Time and memory N² D.
    Source: Song et al. 2016, arXiv:1511.06452. As TensorFlow Addons' LiftedStructLoss, pytorch-metric-learning's
    LiftedStructureLoss.
    """

    margin: float = 1.0

    aliases = ("LiftedStruct",)
    facts = Facts(non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(margin=self.margin)

    def formula(self, xp: Any, embeddings: Array, groups: Array, *, keep: Array | None = None) -> Array:
        distances = pairwise_distances(xp, embeddings, embeddings)
        like, unlike = relations(xp, groups, keep)
        push = xp.logsumexp(xp.where(unlike, self.margin - distances, -math.inf))
        here, there = (xp.broadcast_to(xp.expand_dims(push, axis=a), xp.shape(distances)) for a in (1, 0))
        both = xp.logaddexp(here, there)
        # Where there is nothing to push from, or no pair, 0: −∞ must not reach a derivative.
        counted = like & (both != -math.inf)
        hinge = xp.relu(xp.where(counted, both, 0.0) + distances)
        shares = xp.sum(xp.where(counted, xp.square(hinge), 0.0), axis=-1) / 2
        pairs = xp.sum(xp.cast(like, distances))
        samples = xp.sum(xp.ones_like(shares) if keep is None else xp.cast(keep, shares))
        return shares * (samples / xp.where(pairs == 0, 1.0, pairs))


@dataclass(frozen=True, kw_only=True)
class GeneralizedLiftedStructure(GroupLoss):
    """Generalised lifted structure loss: ℓᵢ = max(0, log Σₚ e^{dᵢₚ} + log Σₙ e^{m − dᵢₙ}).

    p are the others of i's group, n those of other groups, d Euclidean distances. Shapes: embeddings (N, D); groups
    (N,) integers, equal for samples that belong together; values (N,). Range: [0, ∞). margin m > 0. A smooth
    BatchHardTriplet: all pull, the hardest most. A sample without a p or without an n has value 0 and counts in the
    mean. The derivative of a distance of 0 is taken as 0. Time and memory N² D.
    Source: Hermans, Beyer & Leibe 2017, arXiv:1703.07737. As pytorch-metric-learning's GeneralizedLiftedStructureLoss,
    which leaves samples without p or n out of the mean.
    """

    margin: float = 1.0

    facts = Facts(non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(margin=self.margin)

    def formula(self, xp: Any, embeddings: Array, groups: Array, *, keep: Array | None = None) -> Array:
        distances = pairwise_distances(xp, embeddings, embeddings)
        like, unlike = relations(xp, groups, keep)
        pull = xp.logsumexp(xp.where(like, distances, -math.inf))
        push = xp.logsumexp(xp.where(unlike, -distances, -math.inf))
        whole = xp.any(like, axis=-1) & xp.any(unlike, axis=-1)
        return xp.relu(xp.where(whole, self.margin + (pull + push), 0.0))


@dataclass(frozen=True, kw_only=True)
class MultiSimilarity(GroupLoss):
    """Multi-similarity loss: ℓᵢ = log(1 + Σₚ e^{−α(sᵢₚ − λ)}) / α + log(1 + Σₙ e^{β(sᵢₙ − λ)}) / β, s cosines.

    p are the others of i's group, n those of other groups. Shapes: embeddings (N, D); groups (N,) integers, equal for
    samples that belong together; values (N,). Range: [0, ∞). alpha > 0 and beta > 0: how much the hardest p and n count
    above the others; threshold λ: the cosine that like pairs are to exceed and unlike ones not to reach. A zero vector
    has cosine 0 to everything. The paper first drops easy pairs, which this does not: with a large beta they count
    little.
    Source: Wang et al. 2019, arXiv:1904.06627. As pytorch-metric-learning's MultiSimilarityLoss (its base is λ).
    """

    alpha: float = 2.0
    beta: float = 50.0
    threshold: float = 0.5

    facts = Facts(non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(alpha=self.alpha, beta=self.beta)
        if not math.isfinite(self.threshold):
            raise ValueError(f"threshold: expected a finite number, got {self.threshold}")

    def formula(self, xp: Any, embeddings: Array, groups: Array, *, keep: Array | None = None) -> Array:
        unit, _ = direction(xp, embeddings)
        excess = products(xp, unit, unit) - self.threshold
        like, unlike = relations(xp, groups, keep)
        pull = xp.logsumexp(xp.where(like, excess * -self.alpha, -math.inf))
        push = xp.logsumexp(xp.where(unlike, excess * self.beta, -math.inf))
        return xp.softplus(pull) / self.alpha + xp.softplus(push) / self.beta


@dataclass(frozen=True, kw_only=True)
class Circle(GroupLoss):
    """Circle loss: ℓᵢ = log(1 + Σₚ e^{−γ αᵢₚ (sᵢₚ − 1 + m)} · Σₙ e^{γ βᵢₙ (sᵢₙ − m)}), s cosines.

    p are the others of i's group, n those of other groups; α = max(0, 1 + m − s) and β = max(0, s + m), held constant
    in the gradient: each similarity is moved by how far it is from its optimum. Shapes: embeddings (N, D); groups (N,)
    integers, equal for samples that belong together; values (N,). Range: [0, ∞). scale γ > 0; margin m in [0, 1): like
    pairs are to have cosines above 1 − m, unlike ones below m. A zero vector has cosine 0 to everything. A sample
    without a p or without an n has value 0 and counts in the mean. What is differentiated is not the value alone:
    finite differences of it give another gradient. Time and memory N² D.
    Source: Sun et al. 2020, arXiv:2002.10857 (γ = 256, m = ¼ for faces). As pytorch-metric-learning's CircleLoss;
    keras.losses.Circle has the same value and differentiates α and β too.
    """

    scale: float = 80.0
    margin: float = 0.4

    facts = Facts(non_negative=True, cost="n^2")

    def __post_init__(self) -> None:
        positive(scale=self.scale)
        if not 0 <= self.margin < 1:
            raise ValueError(f"margin: expected a number from 0 to less than 1, got {self.margin}")

    def formula(self, xp: Any, embeddings: Array, groups: Array, *, keep: Array | None = None) -> Array:
        unit, _ = direction(xp, embeddings)
        cosines = products(xp, unit, unit)
        return self.value(xp, cosines, *relations(xp, groups, keep))

    def value(self, xp: Any, cosines: Array, like: Array, unlike: Array) -> Array:
        """Of each row of similarities."""
        attract, repel = self.weights(xp, cosines)
        pull = xp.logsumexp(xp.where(like, attract * (1 - self.margin - cosines) * self.scale, -math.inf))
        push = xp.logsumexp(xp.where(unlike, repel * (cosines - self.margin) * self.scale, -math.inf))
        return xp.softplus(pull + push)

    def weights(self, xp: Any, cosines: Array) -> tuple[Array, Array]:
        """α and β."""
        here = xp.stop_gradient(cosines)
        return xp.relu(1 + self.margin - here), xp.relu(here + self.margin)

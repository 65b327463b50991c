"""The area under the ROC curve: how probable it is that a positive scores above a negative, as a loss of a batch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Flags, Real
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of, positive
from losskit.core.kinds import BatchwiseLoss
from losskit.losses.hard_examples import highest

__all__ = ["AreaUnderCurve", "AreaUnderCurveMargin"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class CurveLoss(BatchwiseLoss):
    """The base: scores of a batch, the first axis; further axes are labels with a curve each.

    Values have the shape of the prediction, and a mean of them is the mean of the labels' measures. A label of which
    the batch has positives only, or negatives only, has value 0 and gradient 0: draw batches with both. Weights count
    in the mean of the shares alone.
    """

    margin: float = 1.0

    prediction, target = Real(), Flags()
    tasks = ("binary", "multilabel", "imbalance")

    def __post_init__(self) -> None:
        positive(margin=self.margin)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        if not xp.shape(bound["prediction"]):
            raise ShapeError("prediction: expected a batch along the first axis, got a scalar")
        super().check_shapes(xp, bound)

    def sides(self, xp: Any, target: Array, keep: Array | None) -> tuple[Array, Array]:
        """Which entries are positives and which negatives, of what is kept."""
        positives, negatives = target > 0.5, target < 0.5
        return (positives, negatives) if keep is None else (positives & keep, negatives & keep)


@dataclass(frozen=True, kw_only=True)
class AreaUnderCurve(CurveLoss):
    """One minus the area under the ROC curve, with φ for the step: the mean of φ(s⁺ − s⁻) over all pairs of a batch.

    penalty: φ(d) is "squared_hinge" max(0, m − d)², "hinge" max(0, m − d), or "logistic" log(1 + e⁻ᵈ). margin m > 0 is
    for the hinges, in the scores' unit. The hinges take time N log N: sorted once, the sums over all pairs are running
    sums of gaps, none of which is negative; "logistic" takes time and memory N².
    Shapes: prediction and target (0 or 1) alike, (N,) or (N, L); values alike: N times what the pairs of an entry add
    to the mean, half of each for either side. Range of the mean: [0, ∞). For rare positives, where accuracy says
    nothing; scores get no meaning as probabilities. The derivative of a hinge's kink is 0. Exact while squares of the
    scores' differences fit the dtype.
    false_positive_rate β in (0, 1]: below 1 it is the partial area, up to that rate: only the highest ⌊βN⁻⌋ of the
    batch's N⁻ negatives count, at least one. Which they are is constant for the derivatives.
    Source: Yan et al. 2003, Optimizing classifier performance via an approximation to the Wilcoxon–Mann–Whitney
    statistic, ICML; in N log N: Rust & Hocking 2023, arXiv:2302.11062; partial: Zhu et al. 2022, arXiv:2203.00176. As
    LibAUC's PairwiseAUCLoss, in time and memory N², and, as to what is partial, its pAUC_CVaR_Loss.
    """

    penalty: Literal["squared_hinge", "hinge", "logistic"] = "squared_hinge"
    false_positive_rate: float = 1.0

    aliases = ("AUC", "PairwiseAUC", "PartialAUC", "WilcoxonMannWhitney")
    facts = Facts(
        convex=lambda loss: True if loss.false_positive_rate == 1 else None,
        non_negative=True,
        cost=lambda loss: "n^2" if loss.penalty == "logistic" else "n log n",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(("squared_hinge", "hinge", "logistic"), penalty=self.penalty)
        if not 0 < self.false_positive_rate <= 1:
            raise ValueError(f"false_positive_rate: expected a number in (0, 1], got {self.false_positive_rate}")

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        # Along the last axis, where sorting is.
        scores = xp.swapaxes(prediction, 0, -1)
        positives, negatives = (xp.swapaxes(side, 0, -1) for side in self.sides(xp, target, keep))
        size = xp.sum(xp.cast(positives | negatives, scores), axis=-1, keepdims=True)
        if self.false_positive_rate < 1:
            negatives = self.highest(xp, xp.stop_gradient(scores), negatives)
        if self.penalty == "logistic":
            pairs = xp.expand_dims(positives, -1) & xp.expand_dims(negatives, -2)
            lag = xp.expand_dims(scores, -2) - xp.expand_dims(scores, -1)  # s⁻ − s⁺ at [positive, negative]
            values = xp.where(pairs, xp.softplus(xp.where(pairs, lag, 0.0)), 0.0)
            totals = xp.sum(values, axis=-1) + xp.sum(values, axis=-2)
        else:
            # A pair falls short of the margin by how far the negative is above this of the positive.
            line = xp.where(positives, scores - self.margin, scores)
            squared = self.penalty == "squared_hinge"
            of_positives = distances_up(xp, line, positives, negatives, squared)
            totals = of_positives + distances_up(xp, -line, negatives, positives, squared)
        p, n = (xp.sum(xp.cast(side, scores), axis=-1, keepdims=True) for side in (positives, negatives))
        nothing = (p == 0) | (n == 0)
        share = xp.where(nothing, 0.0, size / (2 * xp.where(nothing, 1.0, p) * xp.where(nothing, 1.0, n)))
        return xp.swapaxes(share * totals, 0, -1)

    def highest(self, xp: Any, scores: Array, negatives: Array) -> Array:
        """The negatives that count: as many as may be taken for positives, of the highest scores."""
        count = xp.sum(xp.cast(negatives, scores), axis=-1, keepdims=True)
        among = xp.where(negatives, scores, -math.inf)
        return negatives & highest(xp, among, self.false_positive_rate, count)[0]


def distances_up(xp: Any, line: Array, asking: Array, counted: Array, squared: bool) -> Array:
    """For each place asking, the sum of its (squared) distances to the places counted that lie above it; 0 elsewhere.

    Along the last axis, in time n log n. From the top down, with c places above a gap g, the sum of distances grows by
    c·g, that of squares by g times the sums of distances before and after it: nothing is subtracted but neighbours.
    """
    # Of equal places those asking come first: nothing is above what it meets.
    order = xp.argsort(xp.cast(counted, line))
    order = xp.take_along_axis(order, xp.argsort(-xp.take_along_axis(xp.stop_gradient(line), order)))
    z, c = (xp.take_along_axis(x, order) for x in (line, xp.cast(counted, line)))
    nothing = xp.zeros_like(z[..., :1])
    gap = xp.concatenate([nothing, z[..., :-1] - z[..., 1:]], axis=-1)
    total = xp.cumsum(gap * (xp.cumsum(c) - c))
    if squared:
        total = xp.cumsum(gap * (total + xp.concatenate([nothing, total[..., :-1]], axis=-1)))
    return xp.where(asking, xp.take_along_axis(total, xp.argsort(order)), 0.0)


@dataclass(frozen=True, kw_only=True)
class AreaUnderCurveMargin(CurveLoss):
    """AUC margin loss (AUCM): L = Var⁺(s) + Var⁻(s) + max(0, m − (mean⁺ s − mean⁻ s))², over the batch.

    Positives close to each other, negatives too, and their means a margin apart: of the mean of (m − (s⁺ − s⁻))² over
    all pairs, without its pull on what is far enough. Shapes: prediction and target (0 or 1) alike, (N,) or (N, L);
    values alike: N/N⁺ (s − mean⁺ s)² of a positive, N/N⁻ (s − mean⁻ s)² of a negative, and the last term each. Range:
    [0, ∞). margin m > 0, in the scores' unit: 1 is for scores that are probabilities. In time N. Exact while squares
    fit the dtype.
    Source: Ying, Wen & Lyu 2016, Stochastic online AUC maximization, NIPS; Yuan et al. 2020, arXiv:2012.03173. LibAUC's
    AUCMLoss has a, b and α as parameters, which its optimiser moves towards what they are here: both means and what is
    lacking of the margin, with which it has this value.
    """

    aliases = ("AUCM", "AUCMargin")
    facts = Facts(convex=True, non_negative=True)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        positives, negatives = self.sides(xp, target, keep)
        # Relative to one score, a constant for the derivatives: scores that are close lose no digits in their means.
        scores = prediction - xp.stop_gradient(prediction[:1])
        above, p = mean_of(xp, scores, positives)
        below, n = mean_of(xp, scores, negatives)
        spread = xp.where(positives, xp.square(scores - above) / p, xp.square(scores - below) / n)
        lack = xp.square(xp.relu(self.margin - (above - below)))
        both = xp.any(positives, axis=0, keepdims=True) & xp.any(negatives, axis=0, keepdims=True)
        return xp.where(both, (p + n) * spread + lack, 0.0)


def mean_of(xp: Any, x: Array, chosen: Array) -> tuple[Array, Array]:
    """The mean over the batch of what is chosen, 0 of nothing, and how many that is, at least 1."""
    count = xp.maximum(xp.sum(xp.cast(chosen, x), axis=0, keepdims=True), 1.0)
    return xp.sum(xp.where(chosen, x, 0.0), axis=0, keepdims=True) / count, count

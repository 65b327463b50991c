"""Sequences of labels: chains of tags, tokens that are not wanted, lists of hypotheses.

The loss of a causal language model is CrossEntropy of each token from the logits before it:
`CrossEntropy(ignore_index=-100)(logits[:, :-1], tokens[:, 1:])`. Its mean is over all tokens that count, and so it is
over micro-batches whose `terms` are added (transformers' num_items_in_batch).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Labels, MultiHot, Rows
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, positive
from losskit.core.kinds import ClasswiseLoss, RowwiseLoss, StructuredLoss
from losskit.core.loss import fits, shape_fix
from losskit.losses.classification import log_complements

__all__ = ["ConditionalRandomField", "MinimumRisk", "Unlikelihood"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class ConditionalRandomField(StructuredLoss):
    """Linear-chain CRF: ℓ = log Σ exp(score of any tags) − score of the target's, a score Σₜ z(t, yₜ) + A(yₜ₋₁, yₜ).

    For tags that depend on their neighbours: named entities, parts of speech. Shapes: prediction z (N, T, C); target
    (N, T) class indices; transitions A (N, C, C), from the first of its axes to the second, usually one matrix for all:
    `broadcast_to(transitions, (N, C, C))`; values (N,). Unit: nats. Range: [0, ∞). Gradients reach both.
    Scores of how a sequence starts and ends are added to the prediction of its first and last step. A forbidden
    transition has the score −∞, or a large negative one; a target that makes one of −∞ has no loss (NaN).
    A mask has the target's shape: a step that is left out (padding) is as if not there.
    Scores count relative to the target's, so that the value keeps its digits where the target is nearly certain.
    Time grows with T·C²; T steps in a row, each vectorised over N and C².
    Source: Lafferty, McCallum & Pereira 2001, Conditional random fields, Proc. ICML, 282–289. As minus torchcrf.CRF's
    and tfa.text.crf_log_likelihood's log-likelihood; torchcrf has scores of start and end as parameters.
    """

    prediction, target, transitions = Rows(), Labels(soft=False), Rows()
    differentiable = ("prediction", "transitions")
    example_shapes = ((1, 4, 3), (1, 4), (1, 3, 3))
    tasks = ("sequence", "multiclass")
    aliases = ("CRF", "LinearChainCRF")
    facts = Facts(convex=True, smooth=2, gradient_bound=math.sqrt(2), non_negative=True)

    def formula(
        self, xp: Any, prediction: Array, target: Array, transitions: Array, *, keep: Array | None = None
    ) -> Array:
        tags = xp.shape(prediction)[-1]
        scores = prediction - xp.take_along_axis(prediction, xp.expand_dims(target, -1), axis=-1)
        moves = xp.reshape(transitions, (-1, tags * tags))
        kept = xp.ones_like(target) > 0 if keep is None else keep
        # `here` holds log Σ exp of the scores of tags that end in each tag, relative to those of the target.
        tag, begun = target[:, :1], kept[:, :1]
        here = xp.where(begun, scores[:, 0], 0.0)

        def step(state: tuple[Array, ...], entries: tuple[Array, ...]) -> tuple[Array, ...]:
            (here, tag, begun), (scores, next_tag, present) = state, entries
            # Replaced where there is no such move: it might be a forbidden one.
            wanted = xp.where(begun & present, xp.take_along_axis(moves, tag * tags + next_tag, axis=-1), 0.0)
            ways = xp.expand_dims(here, -1) + (transitions - xp.expand_dims(wanted, -1))
            after = xp.where(begun, xp.logsumexp(ways, axis=1), 0.0) + scores
            # A step that is left out changes nothing; the first that is not has nothing before it.
            return xp.where(present, after, here), xp.where(present, next_tag, tag), begun | present

        columns = (xp.expand_dims(each, -1) for each in (target, kept))
        sequences = tuple(xp.swapaxes(each, 0, 1)[1:] for each in (scores, *columns))
        here, *_ = xp.fold(step, (here, tag, begun), sequences)
        return xp.logsumexp(here)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        first, moves = xp.shape(bound["prediction"]), xp.shape(bound["transitions"])
        if len(first) != 3:
            raise ShapeError(f"prediction: expected scores of shape (N, T, C), got {first}")
        self._check_labels(xp, "target", bound["target"], "prediction", first)
        expected = (first[0], first[2], first[2])
        if not fits(moves, expected):
            fix = f"; fix: transitions = broadcast_to(transitions, {expected})" if fits(moves, expected[1:]) else ""
            raise ShapeError(
                f"transitions: expected the shape {expected} to go with prediction of shape {first}, got {moves}"
                + (fix or shape_fix("transitions", moves, "prediction", expected))
            )

    def _replaced(self, xp: Any, name: str, array: Array, keep: Array) -> Array:
        # Of whole samples only: a step that is left out has no transitions of its own.
        return super()._replaced(xp, name, array, self.kept_values(xp, keep) if name == "transitions" else keep)


@dataclass(frozen=True, kw_only=True)
class Unlikelihood(ClasswiseLoss):
    """Unlikelihood training: ℓ = −log p_y − α Σₖ uₖ log(1 − pₖ), u marking tokens that are not wanted.

    Against repetition in generated text: u marks the tokens of the context so far, but not the target itself.
    Shapes: prediction (…, C); target (…) class indices or (…, C) probabilities; unwanted (…, C), 0 or 1; values (…).
    Unit: nats. Range: [0, ∞). alpha α ≥ 0. class_weight multiplies the whole value by the target's.
    Infinite where a token is certain that is not wanted. Source: Welleck et al. 2019, arXiv:1908.04319.
    """

    alpha: float = 1.0

    unwanted = MultiHot()
    tasks = ("sequence", "multiclass")
    facts = Facts(
        convex=lambda loss: loss.alpha == 0 or loss.input != "logits",
        smooth=lambda loss: 2 if loss.input == "logits" else None,
        non_negative=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        non_negative(alpha=self.alpha)

    def formula(self, xp: Any, prediction: Array, target: Array, unwanted: Array) -> Array:
        likelihood = self.mixed(xp, -self.log_chosen(xp, prediction, target), target)
        # What is not marked is replaced before anything infinite is made of it.
        if self.input == "logits":
            log_q = xp.where(unwanted == 0, 0.0, log_complements(xp, xp.log_softmax(prediction)))
        elif self.input == "log_probabilities":
            log_q = xp.log1mexp(xp.where(unwanted == 0, -1.0, prediction))
        else:
            log_q = xp.log1p(-xp.where(unwanted == 0, 0.5, prediction))
        surprise = -xp.sum(unwanted * log_q, axis=-1)
        return likelihood + self.alpha * self.counted(xp, surprise, prediction, target)


@dataclass(frozen=True, kw_only=True)
class MinimumRisk(RowwiseLoss):
    """Expected risk over a list of hypotheses: ℓ = Σₖ pₖ·rₖ, p = softmax(α·s) of their scores.

    For metrics that have no gradient: s are the hypotheses' log-probabilities (sums over their tokens), r their word
    errors, or 1 − BLEU. Shapes: prediction s and risk r (…, K), K hypotheses of one input; values (…). Unit: the
    risk's. Range: between the least and the greatest risk. sharpness α > 0: below 1 the hypotheses count more alike
    (5e-3 in Shen et al.). A common constant of the risks shifts the value only: taking off their mean, as in word error
    training, changes no gradient. Train with a likelihood first, and beside it: scores are only compared with those on
    the list. Source: Shen et al. 2016, arXiv:1512.02433; Prabhavalkar et al. 2018, arXiv:1712.01818.
    """

    sharpness: float = 1.0

    prediction, risk = Rows(), Rows()
    tasks = ("sequence",)
    aliases = ("ExpectedRisk", "MWER", "MinimumWordErrorRate")
    facts = Facts(convex=False, smooth=2, gradient_bound=math.inf)

    def __post_init__(self) -> None:
        positive(sharpness=self.sharpness)

    def formula(self, xp: Any, prediction: Array, risk: Array) -> Array:
        return xp.sum(xp.softmax(self.sharpness * prediction) * risk, axis=-1)

"""Separation of sources: losses for which it does not matter which output is which source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from losskit.core.config import from_config
from losskit.core.domain import Domain, Probability, Real, Rows
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.kinds import ElementwiseLoss, StructuredLoss
from losskit.core.loss import Loss, fits, shape_fix
from losskit.losses.alignment.lengths import whole_samples
from losskit.losses.audio import ScaleInvariantSignalToDistortionRatio, SignalToNoiseRatio

__all__ = ["DeepClustering", "MixtureInvariant", "PermutationInvariant"]

Array = Any
SI_SDR = ScaleInvariantSignalToDistortionRatio()
SNR_TO_30_DECIBELS = SignalToNoiseRatio(epsilon=1e-3)


@dataclass(frozen=True, kw_only=True)
class CriterionLoss(StructuredLoss):
    """The base: several outputs, compared by another loss with what they may belong to.

    criterion: any elementwise loss, averaged over each source, or structured one of a prediction and a target, with its
    hyper-parameters.
    """

    criterion: Loss = SI_SDR

    tasks = ("audio",)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.criterion.domain("prediction")

    @property
    def target(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.criterion.domain("target")

    def __post_init__(self) -> None:
        if isinstance(self.criterion, Mapping):  # as `config` has it
            object.__setattr__(self, "criterion", from_config(self.criterion))
        criterion = self.criterion
        whole = isinstance(criterion, (ElementwiseLoss, StructuredLoss)) and "none" in criterion.reductions
        if not whole or criterion.inputs != ("prediction", "target"):
            raise ValueError(
                f"criterion: expected an elementwise or structured loss of a prediction and a target, got {criterion}"
            )

    def config(self) -> dict[str, Any]:
        return super().config() | {"criterion": self.criterion.config()}

    def costs(self, xp: Any, outputs: Array, sources: Array) -> Array:
        """The criterion of every output (N, K, …) against every source (N, L, …): (N, K, L)."""
        count = xp.shape(outputs)[1], xp.shape(sources)[1]
        # As samples of the criterion's, (N·K·L, …).
        p, t = xp.expand_dims(outputs, 2), xp.expand_dims(sources, 1)
        pairs = [xp.reshape(x, (-1, *xp.shape(outputs)[2:])) for x in (p + xp.zeros_like(t), t + xp.zeros_like(p))]
        each = self.criterion.formula(xp, *pairs)
        if len(xp.shape(each)) > 1:
            each = xp.mean(each, axis=tuple(range(1, len(xp.shape(each)))))
        return xp.reshape(each, (-1, *count))

    def _keep(self, xp: Any, bound: dict[str, Array], mask: Array | None) -> Array | None:
        return None if mask is None else whole_samples(xp, bound["target"], mask)


@dataclass(frozen=True, kw_only=True)
class PermutationInvariant(CriterionLoss):
    """Permutation-invariant training: ℓ = min over permutations π of the mean over sources k of criterion(pₖ, t_π(k)).

    For speech separation and diarisation, where outputs have no order. Shapes: prediction and target alike, (N, K, …),
    K outputs and as many sources, each a sample of the criterion's; a mask (N,); values (N,). Unit, range and domains:
    the criterion's. criterion: any elementwise loss, averaged over each source, or structured one of a prediction and a
    target, with its hyper-parameters. Where two assignments cost the same, the gradient is that of one of them.
    Exact for every K, by dynamic programming over subsets: K² criteria and K·2^(K−1) sums, not K! of them (10 sources:
    5 thousand, not 4 million). Source: Yu et al. 2017, arXiv:1607.00325.
    As asteroid's PITLossWrapper, speechbrain's PitWrapper.
    """

    example_shapes = ((1, 2, 4), (1, 2, 4))
    aliases = ("PIT",)
    facts = Facts(
        convex=False,
        smooth=lambda loss: None if loss.criterion.facts.smooth is None else 0,
        non_negative=lambda loss: loss.criterion.facts.non_negative,
        zero_at_target=lambda loss: (
            True if loss.criterion.facts.zero_at_target and loss.criterion.facts.non_negative else None
        ),
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        sources = xp.shape(prediction)[1]
        cost = self.costs(xp, prediction, target)
        # The least cost of giving the first outputs the sources of a subset; a subset is a number, by its bits.
        least = {0: xp.zeros_like(cost[:, 0, 0])}
        for subset in range(1, 2**sources):
            output = subset.bit_count() - 1
            first, *others = [least[subset - 2**k] + cost[:, output, k] for k in range(sources) if subset & 2**k]
            # A choice, not a minimum, whose derivative asks where the minimum is attained: compilers that compute a
            # cost twice, in different roundings, find nowhere.
            for other in others:
                first = xp.where(other < first, other, first)
            least[subset] = first
        return least[2**sources - 1] / sources

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        first, target = xp.shape(bound["prediction"]), xp.shape(bound["target"])
        if len(first) < 3 or not fits(target, first):
            raise ShapeError(
                f"target: expected sources of shape (N, K, …), as prediction has {first}, got {target}"
                + shape_fix("target", target, "prediction", first)
            )


@dataclass(frozen=True, kw_only=True)
class MixtureInvariant(CriterionLoss):
    """Mixture-invariant training: ℓ = min over divisions of the outputs in two of the mean of criterion(Σ p, mixture).

    To learn separation from mixtures alone: the model gets the sum of two of them, and its outputs have to add up to
    both, each output in the one or the other. Shapes: prediction (N, K, …), K outputs, and target (N, 2, …), the two
    mixtures, each a sample of the criterion's; a mask (N,); values (N,). Unit and range: the criterion's. criterion:
    any elementwise loss, averaged over each mixture, or structured one of a prediction and a target, whose predictions
    may be any numbers. Where two divisions cost the same, the gradient is that of the first of them. Exact, by all 2^K
    divisions: time and memory grow with 2^K, 256 sums for 8 outputs.
    Source: Wisdom et al. 2020, arXiv:2006.12701 (its loss, with its ceiling of 30 decibels, is the default). As
    asteroid's MixITLossWrapper, espnet's MixITSolver.
    """

    criterion: Loss = SNR_TO_30_DECIBELS

    example_shapes = ((1, 3, 4), (1, 2, 4))
    aliases = ("MixIT",)
    facts = Facts(convex=False, non_negative=lambda loss: loss.criterion.facts.non_negative)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.criterion.domain("prediction") != Real():
            raise ValueError(f"criterion: expected one whose predictions may be any numbers, got {self.criterion}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        shape = xp.shape(prediction)
        count = shape[1]
        # Each subset, a number by its bits, as a row of 0 and 1; the rest of it stands as far from the other end.
        members = [[float(subset >> k & 1) for k in range(count)] for subset in range(2**count)]
        flat = xp.reshape(prediction, (shape[0], count, -1))
        sums = xp.reshape(xp.matmul(xp.asarray(members, like=prediction), flat), (shape[0], 2**count, *shape[2:]))
        cost = self.costs(xp, sums, target)
        both = (cost[..., 0] + xp.flip(cost[..., 1], axis=1)) / 2
        best = xp.argmax(-xp.stop_gradient(both), axis=1, keepdims=True)
        return xp.take_along_axis(both, best, axis=1)[:, 0]

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        first, target = xp.shape(bound["prediction"]), xp.shape(bound["target"])
        expected = (*first[:1], 2, *first[2:])
        if len(first) < 3 or not fits(target, expected):
            raise ShapeError(
                f"target: expected two mixtures, shape {expected}, to go with prediction of shape (N, K, …), which has "
                f"{first}, got {target}" + shape_fix("target", target, "prediction", expected)
            )


@dataclass(frozen=True, kw_only=True)
class DeepClustering(StructuredLoss):
    """Deep clustering: ℓ = ‖VVᵀ − YYᵀ‖² / T² of the embeddings V and memberships Y of T points of each sample.

    Points of one source are to have one embedding, those of different sources orthogonal ones: no output belongs to a
    source. Shapes: prediction (N, T, D), usually unit vectors; target (N, T, K), the share of each source in a point
    (one-hot rows where one is loudest); values (N,). Range: [0, ∞). Time grows with T·(D + K)², not with T²: it is
    ‖VᵀV‖² − 2‖VᵀY‖² + ‖YᵀY‖². A mask is (N, T), or (N,): points that are left out (silence) count
    neither in the sum nor in T. Source: Hershey et al. 2016, arXiv:1508.04306, without the division by T².
    """

    prediction, target = Rows(), Probability()
    example_shapes = ((1, 4, 3), (1, 4, 2))
    tasks = ("audio",)
    aliases = ("DPCL",)
    facts = Facts(convex=False, smooth=2, non_negative=True)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        count = xp.sum(xp.ones_like(target[..., 0]) if keep is None else xp.cast(keep, target), axis=-1)
        count = xp.expand_dims(xp.expand_dims(xp.where(count == 0, 1.0, count), -1), -1)
        if keep is not None:
            target = xp.where(xp.expand_dims(keep, -1), target, 0.0)
        v, y = xp.swapaxes(prediction, 1, 2), xp.swapaxes(target, 1, 2)
        products = [xp.matmul(a, b) / count for a, b in ((v, prediction), (v, target), (y, target))]
        own, shared, wanted = (xp.sum(xp.square(product), axis=(1, 2)) for product in products)
        value = own - 2 * shared + wanted
        # A square, that rounding must not take below 0.
        return xp.where(value < 0, value - xp.stop_gradient(value), value)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        first, target = xp.shape(bound["prediction"]), xp.shape(bound["target"])
        if len(first) != 3 or len(target) != 3 or not fits(target[:2], first[:2]):
            raise ShapeError(
                f"target: expected memberships of shape (N, T, K) to go with prediction of shape (N, T, D), got "
                f"{target} and {first}" + shape_fix("target", target, "prediction", target[:3])
            )

    def _keep(self, xp: Any, bound: dict[str, Array], mask: Array | None) -> Array | None:
        """(N, T): of a point all shares count, or none."""
        points = bound | {"target": bound["target"][..., 0]}
        return super()._keep(xp, points, mask)

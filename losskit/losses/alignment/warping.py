"""Time series compared up to when things happen: dynamic time warping, softened."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Rows
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.core.kinds import StructuredLoss
from losskit.core.loss import fits, shape_fix
from losskit.losses.alignment.lengths import (
    Lengths,
    at,
    check_ends,
    check_lengths,
    last_first,
    slanted,
    whole_samples,
    within,
)

__all__ = ["SoftDynamicTimeWarping"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class SoftDynamicTimeWarping(StructuredLoss):
    """Soft-DTW: ℓ = −γ log Σ exp(−cost / γ), over the ways to align two series; a cost is Σ ‖pᵢ − tⱼ‖² along the way.

    A way goes from the first steps to the last ones, ahead in either series or in both. For series whose shape counts,
    not when each part of it happens. Shapes: prediction (N, T, D), target (N, U, D); prediction_lengths and
    target_lengths (N,) integers ≥ 1, without which all steps count; a mask (N,); values (N,). What lies behind the ends
    matters neither to value nor gradient. Unit: that of the series, squared. gamma γ > 0, in the same unit: towards 0
    it is the least cost (DTW), with a gradient that jumps; the larger, the more ways count.
    Range: any number; it is not least where the series are equal. divergence=True takes half of each series' loss to
    itself off: 0 for equal series. Time and memory grow with T·U·D (three times with divergence); T + U steps in a
    row, along the anti-diagonals, each vectorised over N and T. Exact while costs fit the dtype.
    Source: Cuturi & Blondel 2017, arXiv:1703.01541; the divergence: Blondel, Mensch & Vert 2021, arXiv:2010.08354.
    As tslearn.metrics.SoftDTWLossPyTorch, whose normalize is the divergence.
    """

    gamma: float = 1.0
    divergence: bool = False

    prediction, target = Rows(), Rows()
    prediction_lengths, target_lengths = Lengths(least=1), Lengths(least=1)
    tasks = ("forecasting", "sequence")
    aliases = ("SoftDTW",)
    facts = Facts(convex=False, smooth=2, cost="n^2")

    def __post_init__(self) -> None:
        positive(gamma=self.gamma)

    def formula(
        self,
        xp: Any,
        prediction: Array,
        target: Array,
        prediction_lengths: Array | None = None,
        target_lengths: Array | None = None,
    ) -> Array:
        p, t = (prediction, prediction_lengths), (target, target_lengths)
        value = self.softened(xp, *p, *t)
        if not self.divergence:
            return value
        # Equal series are equal in every rounding: their divergence is exactly 0.
        return value - (self.softened(xp, *p, *p) / 2 + self.softened(xp, *t, *t) / 2)

    def softened(self, xp: Any, a: Array, of_a: Array | None, b: Array, of_b: Array | None) -> Array:
        """−γ log Σ exp(−cost / γ)."""
        a, b = self._ended(xp, a, of_a), self._ended(xp, b, of_b)
        # Differences, not a² + b² − 2ab, which cancels where the series are near each other.
        cost = xp.sum(xp.square(xp.expand_dims(a, 2) - xp.expand_dims(b, 1)), axis=-1)
        gain = slanted(xp, cost / -self.gamma, -math.inf)
        diagonals = xp.shape(gain)[2]
        # `here` holds log Σ exp(−cost / γ) of the ways to step i of a and d − i of b.
        none = xp.full_like(gain[:, :, 0], -math.inf)
        here, before = xp.concatenate([gain[:, :1, 0], none[:, 1:]], axis=-1), none
        i, j = (self._last(xp, x, of_x) for x, of_x in ((a, of_a), (b, of_b)))

        def step(state: tuple[Array, ...], diagonal: tuple[Array, ...]) -> tuple[Array, ...]:
            (before, here, total), (gain, d) = state, diagonal
            above, across = (xp.concatenate([none[:, :1], x[:, :-1]], axis=-1) for x in (here, before))
            after = xp.logaddexp(xp.logaddexp(here, above), across) + gain
            return here, after, xp.where(i + j == d, at(xp, after, i), total)

        sequences = last_first(xp, gain)[1:], xp.arange(diagonals, like=i)[1:]
        *_, total = xp.fold(step, (before, here, at(xp, here, i)), sequences)
        return -self.gamma * total

    def _ended(self, xp: Any, x: Array, lengths: Array | None) -> Array:
        if lengths is None:
            return x
        return xp.where(xp.expand_dims(within(xp, xp.shape(x)[1], lengths), -1), x, 0.0)

    def _last(self, xp: Any, x: Array, lengths: Array | None) -> Array:
        """The index of each series' last step."""
        if lengths is not None:
            return xp.cast(lengths, "int32") - 1
        return xp.cast(xp.zeros_like(x[:, 0, 0]), "int32") + (xp.shape(x)[1] - 1)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        first, target = xp.shape(bound["prediction"]), xp.shape(bound["target"])
        if len(first) != 3 or len(target) != 3 or not fits(target[::2], first[::2]):
            raise ShapeError(
                f"target: expected series of shape (N, U, D) to go with prediction of shape (N, T, D), got {target} "
                f"and {first}" + shape_fix("target", target, "prediction", target[:3])
            )
        check_lengths(xp, bound, ("prediction_lengths", "target_lengths"))

    def check_values(self, xp: Any, bound: dict[str, Array]) -> None:
        for name in ("prediction", "target"):
            check_ends(xp, f"{name}_lengths", bound, Lengths(least=1, most=xp.shape(bound[name])[1]))
        super().check_values(xp, bound)

    def _keep(self, xp: Any, bound: dict[str, Array], mask: Array | None) -> Array | None:
        return None if mask is None else whole_samples(xp, bound["target"], mask)

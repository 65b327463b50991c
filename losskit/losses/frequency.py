"""Forecasts by their frequencies: errors that go on over the horizon, not step by step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Real
from losskit.core.facts import Facts
from losskit.losses.relative import SampleLoss

__all__ = ["FrequencyEnhancedForecast"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class FrequencyEnhancedForecast(SampleLoss):
    """FreDF: ℓ = α mean |F(r)| + (1 − α) mean r², r = p − t, F the Fourier transform along the horizon.

    Steps of a series depend on each other, which a squared error of each does not see; their frequencies all but do
    not. Shapes: prediction and target alike, (N, …, T) with T steps; what is between (channels) has transforms of its
    own; values (N,). Range: [0, ∞). alpha α in [0, 1], the transform's part: 0 is the mean squared error of a sample.
    F has ⌊T/2⌋ + 1 frequencies and no factor, as torch.fft.rfft: for errors without relation to each other |F| grows
    as √T, so α is to be tuned for each T, and with the target's unit. The derivative of a magnitude at 0 is taken as 0.
    Missing steps (a mask of the target's shape) count as met in F. Time grows with T².
    Source: Wang et al. 2024, arXiv:2402.02399.
    """

    alpha: float = 0.5

    prediction, target = Real(), Real()
    tasks = ("regression", "forecasting")
    aliases = ("FreDF",)
    facts = Facts(
        convex=True,
        smooth=lambda loss: 0 if loss.alpha else 2,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
        cost=lambda loss: "n^2" if loss.alpha else "n",
    )

    def __post_init__(self) -> None:
        if not 0 <= self.alpha <= 1:
            raise ValueError(f"alpha: expected a number in [0, 1], got {self.alpha}")

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        residual = prediction - target
        if keep is not None:
            residual = xp.where(keep, residual, 0.0)
        squares = xp.mean_where(xp.square(residual), keep, axis=self.parts(xp, target))
        if self.alpha == 0:
            return squares
        magnitudes = self.magnitudes(xp, residual)
        return self.alpha * xp.mean(magnitudes, axis=self.parts(xp, magnitudes)) + (1 - self.alpha) * squares

    def magnitudes(self, xp: Any, series: Array) -> Array:
        """|F| of each frequency, along the last axis."""
        steps = xp.shape(series)[-1]
        # Whole turns are taken off as integers: the angle of k·n itself would have lost its digits.
        turns = xp.expand_dims(xp.arange(steps, like=series), -1) * xp.arange(steps // 2 + 1, like=series)
        angles = 2 * math.pi / steps * xp.cast(turns % steps, series)
        # Relative to the largest entry, a constant for the derivatives: the squares neither overflow nor vanish.
        largest = xp.stop_gradient(xp.max(xp.abs(series), axis=-1, keepdims=True))
        scale = xp.where(largest == 0, 1.0, largest)
        parts = [xp.matmul(series / scale, wave(angles)) for wave in (xp.cos, xp.sin)]
        return xp.safe_norm(xp.stack(parts, axis=-1)) * scale

"""Audio: ratios of signal to distortion, in decibels, and errors of an offset."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import fraction, positive
from losskit.losses.relative import SampleLoss

__all__ = [
    "DirectCurrentError",
    "ScaleDependentSignalToDistortionRatio",
    "ScaleInvariantSignalToDistortionRatio",
    "SignalToNoiseRatio",
]

Array = Any


@dataclass(frozen=True, kw_only=True)
class DecibelLoss(SampleLoss):
    """The base: ℓ = 10 log₁₀((noise + ε·signal) / (signal + ε·noise)) of energies, each a sum over a sample.

    epsilon ε in (0, 1) is relative, so that loudness does not matter, and bounds the value to ±10 log₁₀(1/ε) decibels
    (80 by default): no sample that is nearly perfect takes the gradient of all.
    """

    epsilon: float = 1e-8

    prediction, target = Real(), Real()
    tasks = ("audio",)

    def __post_init__(self) -> None:
        fraction(epsilon=self.epsilon)

    def projection(self, xp: Any, p: Array, t: Array) -> Array:
        """αt, the part of p in the direction of t; 0 where t is silent."""
        energy = self.dot(xp, t, t)
        return self.dot(xp, p, t) / xp.where(energy == 0, 1.0, energy) * t

    def decibels(self, xp: Any, noise: Array, signal: Array) -> Array:
        """The negative ratio of signal to noise, from what `dot` gives; of nothing to nothing it is the upper bound."""
        axes = self.parts(xp, noise)
        noise, signal = xp.sum(noise, axis=axes), xp.sum(signal, axis=axes)
        silent = noise + signal == 0
        noise = xp.where(silent, 1.0, noise)
        # A difference of logarithms: of the ratio itself the second derivative has fourth powers.
        ratio = xp.log(noise + self.epsilon * signal) - xp.log(signal + self.epsilon * noise)
        return 10 / math.log(10) * ratio

    def scaled(self, xp: Any, *inputs: Array) -> list[Array]:
        """Samples over the largest entry of all of them, so that squares neither overflow nor vanish."""
        # A constant for the derivatives, which do not depend on it: the loss has no unit.
        sizes = [xp.max(xp.abs(xp.stop_gradient(x)), axis=self.parts(xp, x), keepdims=True) for x in inputs]
        largest = functools.reduce(xp.maximum, sizes)
        scale = xp.where(largest == 0, 1.0, largest)
        return [x / scale for x in inputs]

    def dot(self, xp: Any, a: Array, b: Array) -> Array:
        """The inner product of two samples, with axes of length 1 in the place of theirs."""
        return xp.sum(a * b, axis=self.parts(xp, a), keepdims=True)


@dataclass(frozen=True, kw_only=True)
class SignalToNoiseRatio(DecibelLoss):
    """Negative SNR: ℓ = −10 log₁₀(Σt² / Σ(p − t)²), over each sample.

    Shapes: prediction and target alike, (N, …) with at least two axes; values (N,). Unit: decibels. Range: ±10
    log₁₀(1/ε): the ratio is (Σ(p − t)² + ε·Σt²) / (Σt² + ε·Σ(p − t)²), with epsilon ε in (0, 1); 1e-3 ends the pull at
    30 dB. Quiet samples count as much as loud ones. A silent target has no ratio: its value is the upper bound and its
    gradient 0, whatever is predicted; add an absolute error where silence has to be learned.
    A mask has the target's shape: padding can be left out.
    Source: Le Roux et al. 2019, arXiv:1811.02508; the bound: Wisdom et al. 2020, arXiv:2006.12701 (of one side).
    As auraloss.time.SNRLoss and asteroid's "snr", which add 1e-8 to energies and by default take out the mean.
    """

    aliases = ("SNR",)
    facts = Facts(
        convex=False, smooth=2, gradient_bound=math.inf, non_negative=False, zero_at_target=False, symmetric=False
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        # Masked entries are 0 in both, and add nothing to either sum.
        error, t = self.scaled(xp, prediction - target, target)
        return self.decibels(xp, self.dot(xp, error, error), self.dot(xp, t, t))


@dataclass(frozen=True, kw_only=True)
class ScaleInvariantSignalToDistortionRatio(DecibelLoss):
    """Negative SI-SDR (SI-SNR): ℓ = −10 log₁₀(‖αt‖² / ‖αt − p‖²), αt the projection of p on t, over each sample.

    How far the prediction's direction is from the target's; the loudness of neither counts. Take SignalToNoiseRatio
    where it does. Shapes: prediction and target alike, (N, …) with at least two axes; values (N,). Unit: decibels.
    Range: ±10 log₁₀(1/ε): the ratio is (‖αt − p‖² + ε·‖αt‖²) / (‖αt‖² + ε·‖αt − p‖²), with epsilon ε in (0, 1).
    zero_mean takes the mean of each out first. Where one is silent (or constant, with zero_mean) it has no direction:
    the value is the upper bound, the gradient 0. The gradient grows as 1/‖p‖: losses of p alone set its scale.
    A mask has the target's shape: padding can be left out, of the mean too.
    Source: Le Roux et al. 2019, arXiv:1811.02508. As auraloss.time.SISDRLoss and asteroid's "sisdr", which add 1e-8 to
    energies; the negative of torchmetrics' ScaleInvariantSignalDistortionRatio (by default without zero_mean).
    """

    zero_mean: bool = True

    aliases = ("SISDR", "SISNR", "ScaleInvariantSignalToNoiseRatio")
    facts = Facts(convex=False, gradient_bound=math.inf, non_negative=False, zero_at_target=False, symmetric=True)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        if self.zero_mean:
            prediction, target = (self._centred(xp, x, keep) for x in (prediction, target))
        (p,), (t,) = self.scaled(xp, prediction), self.scaled(xp, target)  # each has its scale, and neither counts
        projection = self.projection(xp, p, t)
        # Of a silent target all is noise, and the gradient of its ratio to nothing is 0.
        apart = p - projection
        return self.decibels(xp, self.dot(xp, apart, apart), self.dot(xp, projection, projection))

    def _centred(self, xp: Any, x: Array, keep: Array | None) -> Array:
        """x minus its mean over each sample, 0 where it is left out, and exactly 0 where all entries are alike."""
        axes = self.parts(xp, x)
        present = xp.ones_like(x) if keep is None else xp.cast(keep, x)
        count = xp.sum(present, axis=axes, keepdims=True)
        count = xp.where(count == 0, 1.0, count)
        # First relative to about the mean, a constant for the derivatives, which do not depend on it: equal entries
        # then are equally small, and what their mean is rounded by is nothing beside them.
        rough = xp.sum(x / count, axis=axes, keepdims=True)
        x = present * (x - xp.stop_gradient(rough))
        return present * (x - xp.sum(x / count, axis=axes, keepdims=True))


@dataclass(frozen=True, kw_only=True)
class ScaleDependentSignalToDistortionRatio(DecibelLoss):
    """Negative SD-SDR: ℓ = −10 log₁₀(‖αt‖² / ‖t − p‖²), αt the projection of p on t, over each sample.

    As SignalToNoiseRatio, less what a prediction is too quiet by (20 log₁₀ |α|): unlike it, it does not reward silence.
    Shapes: prediction and target alike, (N, …) with at least two axes; values (N,). Unit: decibels. Range: up to ±10
    log₁₀(1/ε): the ratio is (‖t − p‖² + ε·‖αt‖²) / (‖αt‖² + ε·‖t − p‖²), with epsilon ε in (0, 1). A silent target
    has no ratio: its value is the upper bound, its gradient 0. A mask has the target's shape: padding can be left out.
    Source: Le Roux et al. 2019, arXiv:1811.02508. As auraloss.time.SDSDRLoss and asteroid's "sdsdr", which add 1e-8 to
    energies and by default take out the mean.
    """

    aliases = ("SDSDR",)
    facts = Facts(convex=False, smooth=2, gradient_bound=math.inf, non_negative=False, zero_at_target=False)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        p, t, error = self.scaled(xp, prediction, target, prediction - target)
        projection = self.projection(xp, p, t)
        return self.decibels(xp, self.dot(xp, error, error), self.dot(xp, projection, projection))


@dataclass(frozen=True, kw_only=True)
class DirectCurrentError(SampleLoss):
    """The energy of the error's mean relative to that of the signal: ℓ = (mean(p − t))² / (mean t² + ε), per sample.

    A wrong offset (direct current) is hardly heard, and hardly seen in other audio losses: add this one to them.
    Shapes: prediction and target alike, (N, …) with at least two axes; values (N,). Unit: none. Range: [0, ∞).
    epsilon > 0, in the target's unit squared, is what keeps a silent target from dividing by 0.
    A mask has the target's shape: padding can be left out. Exact while the squares fit the dtype.
    Source: Wright & Välimäki 2020, arXiv:1911.08922. As auraloss.time.DCLoss, which has a ratio for each channel:
    move channels to the first axis for that.
    """

    epsilon: float = 1e-8

    prediction, target = Real(), Real()
    tasks = ("audio",)
    aliases = ("DCError",)
    facts = Facts(
        convex=True, smooth=2, gradient_bound=math.inf, non_negative=True, zero_at_target=True, symmetric=False
    )

    def __post_init__(self) -> None:
        positive(epsilon=self.epsilon)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        # Masked entries are 0 in both, and add nothing to either sum.
        axes = self.parts(xp, target)
        present = xp.ones_like(target) if keep is None else xp.cast(keep, target)
        count = xp.sum(present, axis=axes)
        count = xp.where(count == 0, 1.0, count)
        offset, energy = xp.sum(prediction - target, axis=axes) / count, xp.sum(xp.square(target), axis=axes) / count
        return xp.square(offset) / (energy + self.epsilon)

"""Audio by its spectrum: how loud each frequency is at each time, without its phase."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Real
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, positive
from losskit.losses.relative import SampleLoss

__all__ = ["MultiResolutionSpectral"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class MultiResolutionSpectral(SampleLoss):
    """Multi-resolution STFT loss: ℓ = mean over resolutions of a·‖S − Ŝ‖ / ‖S‖ + b·mean|log S − log Ŝ|.

    S and Ŝ are the magnitudes of target and prediction in each frame and at each frequency; the first part (spectral
    convergence) minds the loud ones, the second all alike. windows, hops and sizes, in samples, have an entry for each
    resolution: the length of its Hann window, the step between its frames, the length of its Fourier transform; one
    entry makes the plain STFT loss. convergence a and log_magnitude b ≥ 0: 0 leaves a part out. epsilon > 0 is the
    least power, in the signal's unit squared, that is told from silence: below it there is no gradient.
    Shapes: prediction and target alike, (N, …, L) with L samples, each longer than half of every size; what is between
    (channels) is joined; values (N,). Unit: none. Range: [0, ∞). Two signals that differ in phase only have loss 0: add
    a loss of the waveform where that matters. Frames are centred, the ends mirrored. A mask has the target's shape;
    frames of which no sample is kept do not count.
    The transform is a product with a matrix of size² / 2 numbers: well used accelerators do not notice it, a CPU does.
    Source: Yamamoto, Song & Kim 2020, arXiv:1910.11480 (whose resolutions the defaults are); Arık, Jun & Diamos 2018,
    arXiv:1808.06719. As auraloss.freq.MultiResolutionSTFTLoss, with one or several resolutions.
    """

    windows: tuple[int, ...] = (240, 600, 1200)
    hops: tuple[int, ...] = (50, 120, 240)
    sizes: tuple[int, ...] = (512, 1024, 2048)
    convergence: float = 1.0
    log_magnitude: float = 1.0
    epsilon: float = 1e-8

    prediction, target = Real(), Real()
    example_shapes = ((1, 1025), (1, 1025))
    tasks = ("audio",)
    aliases = ("MultiResolutionSTFT", "STFT", "SpectralConvergence")
    facts = Facts(convex=False, smooth=0, non_negative=True, zero_at_target=True)

    def __post_init__(self) -> None:
        positive(epsilon=self.epsilon)
        non_negative(convergence=self.convergence, log_magnitude=self.log_magnitude)
        resolutions = (self.windows, self.hops, self.sizes)
        if not self.windows or len({len(each) for each in resolutions}) > 1:
            raise ValueError(f"windows, hops, sizes: expected as many of each, at least one, got {resolutions}")
        for window, hop, size in zip(*resolutions, strict=True):
            if not 0 < window <= size or hop < 1:
                raise ValueError(
                    f"windows, hops, sizes: expected 0 < window <= size and hop > 0, got {window}, {hop}, {size}"
                )

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        length = xp.shape(target)[-1]
        channels = math.prod(xp.shape(target)[1:-1])
        p, t = (xp.reshape(x, (-1, length)) for x in (prediction, target))
        kept = xp.reshape(xp.ones_like(target) if keep is None else xp.cast(keep, target), (-1, length))
        values = []
        for window, hop, size in zip(self.windows, self.hops, self.sizes, strict=True):
            places = self._places(xp, target, length, window, hop, size)
            powers = [self._powers(xp, x, places, window, size) for x in (p, t)]
            # (rows, frames, 1): in which frames there is anything.
            present = xp.swapaxes(xp.max(xp.take(xp.swapaxes(kept, 0, 1), places), axis=1), 0, 1)
            powers.append(xp.zeros_like(powers[0]) + xp.expand_dims(present, -1))
            count = channels * math.prod(xp.shape(powers[0])[1:])
            values.append(self._compared(xp, *(xp.reshape(x, (-1, count)) for x in powers)))
        return sum(values[1:], values[0]) / len(values)

    def _compared(self, xp: Any, p: Array, t: Array, present: Array) -> Array:
        loudness = [xp.where(present > 0, xp.sqrt(x), 0.0) for x in (p, t)]
        # The norm's gradient is 0 where the spectra are alike (the bare root has NaN).
        reference = xp.safe_norm(loudness[1])
        apart = xp.safe_norm(loudness[0] - loudness[1]) / xp.where(reference == 0, 1.0, reference)
        count = xp.sum(present, axis=-1)
        ratio = xp.sum(present * xp.abs(xp.log(p) - xp.log(t)), axis=-1) / xp.where(count == 0, 1.0, count)
        return self.convergence * apart + self.log_magnitude / 2 * ratio

    def _places(self, xp: Any, like: Array, length: int, window: int, hop: int, size: int) -> Array:
        """(frames, window): which sample is where in each frame; before the start and behind the end mirrored."""
        first = (size - window) // 2 - size // 2
        starts = xp.arange(1 + length // hop, like=like) * hop + first
        places = xp.abs(xp.expand_dims(starts, -1) + xp.arange(window, like=like))
        return (length - 1) - xp.abs((length - 1) - places)

    def _powers(self, xp: Any, rows: Array, places: Array, window: int, size: int) -> Array:
        """(rows, frames, frequencies): the square of each magnitude, at least epsilon."""
        frames = xp.swapaxes(xp.take(xp.swapaxes(rows, 0, 1), places), 1, 2)
        count, frequencies = xp.shape(places)[0], size // 2 + 1
        ticks = xp.arange(window, like=rows)
        hann = (1.0 - xp.cos(2 * math.pi / window * xp.cast(ticks, rows))) / 2
        # Whole turns are taken off as integers: the angle of k·n itself would have lost its digits.
        turns = xp.expand_dims(ticks, -1) * xp.arange(frequencies, like=rows)
        angles = 2 * math.pi / size * xp.cast(turns % size, rows)
        flat = xp.reshape(frames, (-1, window)) * hann
        power = xp.square(xp.matmul(flat, xp.cos(angles))) + xp.square(xp.matmul(flat, xp.sin(angles)))
        power = xp.where(power < self.epsilon, self.epsilon, power)
        return xp.swapaxes(xp.reshape(power, (count, -1, frequencies)), 0, 1)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        length, least = xp.shape(bound["prediction"])[-1], max(self.sizes) // 2 + 1
        if length is not None and length < least:
            raise ShapeError(
                f"prediction: expected at least {least} samples, half of the largest of the sizes {self.sizes} and one "
                f"more, got {length}; fix: give longer signals, or smaller windows, hops and sizes"
            )

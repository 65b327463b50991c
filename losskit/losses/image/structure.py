"""Images compared window by window, at one scale or several, and pixel by pixel in decibels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Real
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import positive
from losskit.losses.image.sample import ImageLoss, cut
from losskit.losses.relative import SampleLoss

__all__ = ["MultiScaleStructuralSimilarity", "PeakSignalToNoiseRatio", "StructuralSimilarity"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class WindowLoss(ImageLoss):
    """The base: means and variances of prediction and target in every window that lies within the image.

    window_size K: pixels of a window along each axis; sigma: the deviation of its Gaussian weights, in pixels, None for
    equal ones. value_range L > 0: what lies between the darkest and the brightest value (1, 2 for [−1, 1], 255).
    k1 and k2 > 0: the constants C₁ = (k1·L)² and C₂ = (k2·L)² that keep dark and flat windows from dividing by 0.
    """

    window_size: int = 11
    sigma: float | None = 1.5
    value_range: float = 1.0
    k1: float = 0.01
    k2: float = 0.03

    prediction, target = Real(), Real()

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(value_range=self.value_range, k1=self.k1, k2=self.k2)
        if self.sigma is not None:
            positive(sigma=self.sigma)
        if not isinstance(self.window_size, int) or self.window_size < 2:
            raise ValueError(f"window_size: expected a whole number >= 2, got {self.window_size!r}")

    def least_side(self) -> int:
        return self.window_size

    def window(self) -> list[float]:
        """The weights of a window along one axis; they sum to 1."""
        middle = (self.window_size - 1) / 2
        width = math.inf if self.sigma is None else 2 * self.sigma**2
        weights = [math.exp(-((k - middle) ** 2) / width) for k in range(self.window_size)]
        return [weight / math.fsum(weights) for weight in weights]

    def gaps(self, xp: Any, total: Array, difference: Array) -> tuple[Array, Array]:
        """What luminance and contrast-structure lack to 1, of each window, from the images' sum and difference.

        1 − (2μₚμₜ + C₁)/(μₚ² + μₜ² + C₁) = μ²(p−t)/(½μ²(p+t) + ½μ²(p−t) + C₁), and alike with variances for the
        second: nothing cancels, images that agree have exactly 0, and two maps do for the usual five.
        """
        mean_total, spread_total = self._moments(xp, total)
        mean_difference, spread_difference = self._moments(xp, difference)
        c1, c2 = (self.k1 * self.value_range) ** 2, (self.k2 * self.value_range) ** 2
        squared = xp.square(mean_difference)
        luminance = squared / ((xp.square(mean_total) + squared) / 2 + c1)
        return luminance, spread_difference / ((spread_total + spread_difference) / 2 + c2)

    def _moments(self, xp: Any, x: Array) -> tuple[Array, Array]:
        """Mean and variance in each window, an axis after the other: the window is a product.

        The variance of a row of rows is the mean of theirs and the variance of their means: sums of squares, which keep
        the digits that E[x²] − μ² loses in bright, flat windows.
        """
        weights, spread = self.window(), None
        for axis in self.along(xp, x):
            mean = _filtered(x, axis, weights)
            between = _weighted([xp.square(part - mean) for part in _shifted(x, axis, self.window_size)], weights)
            spread = between if spread is None else between + _filtered(spread, axis, weights)
            x = mean
        return x, spread


def _shifted(x: Array, axis: int, size: int) -> list[Array]:
    """The first pixel of each window along an axis, the second, and so on."""
    return [cut(x, axis, k, k + 1 - size or None) for k in range(size)]


def _filtered(x: Array, axis: int, weights: list[float]) -> Array:
    """The weighted mean of each window along an axis."""
    return _weighted(_shifted(x, axis, len(weights)), weights)


def _weighted(parts: list[Array], weights: list[float]) -> Array:
    """Σ weight · part, for weights that are the same from both ends: one product for two parts."""
    half = len(parts) // 2
    pairs = [(parts[k] + parts[-1 - k]) * weights[k] for k in range(half)]
    middle = [parts[half] * weights[half]] if len(parts) % 2 else []
    first, *rest = pairs + middle
    return sum(rest, start=first)


def _halved(x: Array, axis: int) -> Array:
    """The means of pairs along an axis; a last pixel without a partner is dropped."""
    return (cut(x, axis, None, -1, 2) + cut(x, axis, 1, None, 2)) / 2


@dataclass(frozen=True, kw_only=True)
class StructuralSimilarity(WindowLoss):
    """SSIM as a loss: ℓ = 1 − mean over windows of (2μₚμₜ + C₁)(2σₚₜ + C₂) / ((μₚ² + μₜ² + C₁)(σₚ² + σₜ² + C₂)).

    Means, variances and the covariance are those of a Gaussian window of 11 pixels (sigma=None: equal weights), in each
    channel. Shapes: prediction and target alike, (N, …) with the image's axes among them; axes=(−2, −1) fits (N, H, W)
    and (N, C, H, W), (1, 2) fits (N, H, W, C), (−3, −2, −1) volumes; values (N,). Unit: none. Range: [0, 2]; 0 for
    equal images. value_range L is the images' span: with a wrong one C₁ and C₂ mean nothing.
    Asks for structure where the squared error asks for the mean of what may be, which is blurred; usual beside an
    absolute error, which fixes colours. A mask has the target's shape: windows with a masked pixel are left out.
    ShapeError for images smaller than a window. Exact while fourth powers of pixels fit the dtype.
    Source: Wang, Bovik, Sheikh & Simoncelli 2004, doi:10.1109/TIP.2003.819861. As one minus tf.image.ssim and
    pytorch_msssim's ssim; kornia's ssim_loss is half of this, of images padded to keep their size; scikit-image's
    structural_similarity has by default equal weights over 7 pixels and variances divided by one less than there are.
    """

    example_shapes = ((1, 11, 11), (1, 11, 11))
    aliases = ("SSIM", "StructuralDissimilarity")
    facts = Facts(convex=False, smooth=2, non_negative=True, zero_at_target=True, symmetric=True)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        luminance, structure = self.gaps(xp, prediction + target, prediction - target)
        gap = luminance + structure - luminance * structure
        whole = None if keep is None else self._whole(xp, keep)
        return xp.mean_where(gap, whole, self.parts(xp, gap))

    def kept_values(self, xp: Any, keep: Array) -> Array:
        return super().kept_values(xp, self._whole(xp, keep))

    def _whole(self, xp: Any, keep: Array) -> Array:
        """Which windows are kept to the last pixel."""
        for axis in self.along(xp, keep):
            keep, *others = _shifted(keep, axis, self.window_size)
            for other in others:
                keep = keep & other
        return keep


@dataclass(frozen=True, kw_only=True)
class MultiScaleStructuralSimilarity(WindowLoss):
    """MS-SSIM as a loss: ℓ = 1 − Πⱼ csⱼ^wⱼ over images halved in size again and again; the last factor is its SSIM.

    csⱼ is the mean over windows of SSIM's second factor (contrast and structure) at scale j, of each channel; products
    of the channels are averaged. Shapes and hyper-parameters as StructuralSimilarity; values (N,). Unit: none.
    Range: [0, 1]. weights wⱼ > 0, one for each scale, the finest first: Wang's five by default, which sum to 1. Sides
    are halved by averaging pairs; of an odd side the last pixel is dropped. ShapeError for images of which the last
    scale is smaller than a window: 176 pixels with the defaults; take fewer weights then, or smaller windows.
    A scale with csⱼ ≤ 0 (structure inverted) makes the product 0: value 1, gradient 0; its slope near 0 is steep. Begin
    with another loss, or add an absolute error: Zhao et al. take 0.84 of this and 0.16 of that.
    A mask has the shape (N,). Exact while fourth powers of pixels fit the dtype.
    Source: Wang, Simoncelli & Bovik 2003, doi:10.1109/ACSSC.2003.1292216; as a loss: Zhao et al. 2015,
    arXiv:1511.08861. As one minus pytorch_msssim's ms_ssim and tf.image.ssim_multiscale, where all sides are even.
    """

    weights: tuple[float, ...] = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)

    example_shapes = ((1, 176, 176), (1, 176, 176))
    aliases = ("MSSSIM", "MultiScaleSSIM")
    facts = Facts(convex=False, non_negative=True, zero_at_target=True, symmetric=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "weights", tuple(float(weight) for weight in self.weights))
        if not self.weights:
            raise ValueError("weights: expected one for each scale, got none")
        positive(**{f"weights[{j}]": weight for j, weight in enumerate(self.weights)})

    def least_side(self) -> int:
        return self.window_size * 2 ** (len(self.weights) - 1)

    def _keep(self, xp: Any, bound: dict[str, Array], mask: Array | None) -> Array | None:
        samples = xp.shape(bound["target"])[:1]
        if mask is not None and xp.shape(xp.asarray(mask, like=bound["target"])) != samples:
            raise ShapeError(
                f"mask: expected {samples}, one entry for each sample: nearly all coarse windows have holes"
            )
        return super()._keep(xp, bound, mask)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        axes, last = self.along(xp, prediction), len(self.weights) - 1
        total, difference = prediction + target, prediction - target
        exponent, dead = 0.0, None
        for scale, weight in enumerate(self.weights):
            luminance, gap = self.gaps(xp, total, difference)
            if scale == last:
                gap = luminance + gap - luminance * gap
            gap = xp.mean(gap, axis=axes)
            inverted = gap >= 1  # the power's slope is infinite there
            dead = inverted if dead is None else dead | inverted
            exponent = weight * xp.log1p(-xp.where(inverted, 0.0, gap)) + exponent
            for axis in axes if scale < last else ():
                total, difference = _halved(total, axis), _halved(difference, axis)
        # 1 − Π csⱼ^wⱼ by what the factors lack to 1: nothing cancels where the images nearly agree.
        value = xp.where(dead, 1.0, -xp.expm1(exponent))
        channels = tuple(range(1, len(xp.shape(value))))
        return xp.mean(value, axis=channels) if channels else value


@dataclass(frozen=True, kw_only=True)
class PeakSignalToNoiseRatio(SampleLoss):
    """Minus the PSNR: ℓ = 10 log₁₀(mean (p − t)² / L² + ε), over each sample.

    Shapes: prediction and target alike, (N, …) with at least two axes; values (N,). Unit: decibels. Range: above
    10 log₁₀ ε, −80 by default; −PSNR until ε is felt. value_range L > 0: what lies between the darkest and the
    brightest value (1, 2 for [−1, 1], 255). epsilon ε > 0, a mean square relative to L², is for images that are met
    exactly. The gradient is that of the squared error over the image's own: images that are nearly right count as much
    as those that are far off, which is what a restoration benchmark in decibels asks for.
    A mask has the target's shape: pixels can be left out. Exact while the squares fit the dtype.
    As kornia's psnr_loss, which has ε = 0 and one mean for the batch, and NAFNet's PSNRLoss (ε = 1e-8).
    """

    value_range: float = 1.0
    epsilon: float = 1e-8

    prediction, target = Real(), Real()
    tasks = ("image",)
    aliases = ("PSNR", "PSNRLoss")
    facts = Facts(convex=False, smooth=2, non_negative=False, zero_at_target=False, symmetric=True)

    def __post_init__(self) -> None:
        positive(value_range=self.value_range, epsilon=self.epsilon)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        squared = xp.square((prediction - target) / self.value_range)
        power = xp.mean_where(squared, keep, self.parts(xp, squared)) + self.epsilon
        return xp.log(power) * (10 / math.log(10))

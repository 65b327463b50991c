"""Differences between neighbouring pixels: how large they are, whether they are the target's, whether at edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Real
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, one_of
from losskit.core.loss import fits, shape_fix
from losskit.losses.image.sample import ImageLoss, both_kept, cut, differences
from losskit.losses.relative import SampleLoss
from losskit.losses.similarity import length

__all__ = ["EdgeAwareSmoothness", "GradientDifference", "ImageTotalVariation"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class ImageTotalVariation(ImageLoss):
    """How much neighbouring pixels differ: ℓ = mean |∂ᵧp| + mean |∂ₓp|, over each sample. Smooths what is predicted.

    norm: "anisotropic" (the above), "isotropic" (mean √((∂ᵧp)² + (∂ₓp)²), which does not prefer edges along the axes),
    or "squared" (mean (∂ᵧp)² + mean (∂ₓp)²: no kinks, but it blurs edges). ∂p is the difference to the next pixel.
    Shapes: prediction (N, …) with the image's axes among them; axes=(−2, −1) fits (N, H, W) and (N, C, H, W), (1, 2)
    fits (N, H, W, C); values (N,). Unit: the prediction's ("squared": its square). Range: [0, ∞). Derivatives of |∂p|
    and of the root at 0 are 0. A mask has the prediction's shape: differences to a masked pixel are left out.
    Source: Rudin, Osher & Fatemi 1992, doi:10.1016/0167-2789(92)90242-F. tf.image.total_variation, kornia's and piq's
    total_variation sum the differences of an image; kornia's reduction="mean" is this.
    """

    norm: Literal["anisotropic", "isotropic", "squared"] = "anisotropic"

    prediction = Real()
    example_shapes = ((1, 4, 4),)
    aliases = ("TotalVariationPenalty", "TVLoss")
    facts = Facts(convex=True, smooth=lambda loss: 2 if loss.norm == "squared" else 0, non_negative=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(("anisotropic", "isotropic", "squared"), norm=self.norm)

    def formula(self, xp: Any, prediction: Array, *, keep: Array | None = None) -> Array:
        axes = self.along(xp, prediction)
        steps, kept = [differences(prediction, a) for a in axes], [both_kept(keep, a) for a in axes]
        if self.norm == "isotropic":
            # All differences of a pixel together: none has a next pixel along every axis but those before the last.
            steps = [_inner(step, a, axes) for step, a in zip(steps, axes, strict=True)]
            every = None if keep is None else _all(_inner(k, a, axes) for k, a in zip(kept, axes, strict=True))
            sizes = length(xp, xp.stack(steps, axis=-1))
            return xp.mean_where(sizes, every, self.parts(xp, sizes))
        size = xp.square if self.norm == "squared" else xp.abs
        return sum_of(xp.mean_where(size(step), k, self.parts(xp, step)) for step, k in zip(steps, kept, strict=True))


def _inner(step: Array, axis: int, axes: tuple[int, ...]) -> Array:
    """Differences along an axis, of those pixels that have a next one along every axis."""
    for other in axes:
        step = step if other == axis else cut(step, other, None, -1)
    return step


def _all(parts: Any) -> Array:
    first, *rest = parts
    for part in rest:
        first = first & part
    return first


def sum_of(parts: Any) -> Array:
    """The sum of arrays, at least one."""
    first, *rest = parts
    return sum(rest, start=first)


@dataclass(frozen=True, kw_only=True)
class GradientDifference(ImageLoss):
    """Differences of neighbours against the target's: ℓ = mean ||∂ᵧp| − |∂ᵧt|| + mean ||∂ₓp| − |∂ₓt||, of each sample.

    Sharpens: a blurred prediction has the right pixels on average, but not the right differences. signed=True compares
    the differences themselves, |∂p − ∂t|, which is convex and tells a rising edge from a falling one, as depth models
    do (on log-depth or scale-free disparity). squared=True has squares in place of magnitudes.
    Shapes: prediction and target alike, (N, …) with the image's axes among them; axes=(−2, −1) fits (N, H, W) and
    (N, C, H, W), (1, 2) fits (N, H, W, C); values (N,). Unit: the target's, or its square. Range: [0, ∞). A constant
    offset costs nothing: add an absolute error. Derivatives of a magnitude at 0 are 0.
    A mask has the target's shape: differences to a masked pixel are left out.
    Source: Mathieu, Couprie & LeCun 2015, arXiv:1511.05440 (a sum, and any power); signed, at several scales: Li &
    Snavely 2018, arXiv:1804.00607.
    """

    signed: bool = False
    squared: bool = False

    prediction, target = Real(), Real()
    example_shapes = ((1, 4, 4), (1, 4, 4))
    aliases = ("GDL", "GradientMatching")
    facts = Facts(
        convex=lambda loss: loss.signed,
        smooth=lambda loss: 2 if loss.signed and loss.squared else 0,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        size = xp.square if self.squared else xp.abs
        if self.signed:
            gaps = [differences(prediction - target, axis) for axis in self.along(xp, prediction)]
        else:
            gaps = [
                xp.abs(differences(prediction, axis)) - xp.abs(differences(target, axis))
                for axis in self.along(xp, prediction)
            ]
        kept = [both_kept(keep, axis) for axis in self.along(xp, prediction)]
        return sum_of(xp.mean_where(size(gap), k, self.parts(xp, gap)) for gap, k in zip(gaps, kept, strict=True))


@dataclass(frozen=True, kw_only=True)
class EdgeAwareSmoothness(SampleLoss):
    """Smoothness but where the image has edges: ℓ = Σₐ mean |∂ₐp| e^(−α|∂ₐI|), over each sample, a over its axes.

    prediction p: a map (N, H, W), or of any other number of axes: depth, disparity, one component of a flow. image I:
    of the same shape, or with a last axis of channels, (N, H, W, C), whose |∂I| are averaged; no gradient flows to it.
    Values (N,). Unit: the prediction's. Range: [0, ∞). sharpness α ≥ 0: how fast an edge lifts the penalty, per unit of
    the image (UFlow has 150 for images in [0, 1]); 0 is ImageTotalVariation. The derivative of |∂p| at 0 is 0.
    Small predictions are smooth ones: in training without depths divide each disparity map by its mean before.
    A mask has the prediction's shape: differences to a masked pixel are left out.
    Source: Heise et al. 2013, PM-Huber, ICCV; Godard, Mac Aodha & Brostow 2016, arXiv:1609.03677. As
    kornia's inverse_depth_smoothness_loss, which has channels first and takes the mean over a batch.
    """

    sharpness: float = 1.0

    prediction, image = Real(), Real()
    tasks = ("depth", "image")
    aliases = ("InverseDepthSmoothness", "EdgeAwareTotalVariation")
    facts = Facts(convex=True, smooth=0, non_negative=True)

    def __post_init__(self) -> None:
        non_negative(sharpness=self.sharpness)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, {"prediction": bound["prediction"]})
        shape, image = xp.shape(bound["prediction"]), xp.shape(bound["image"])
        if not fits(image[: len(shape)], shape) or len(image) > len(shape) + 1:
            raise ShapeError(
                f"image: expected the shape {shape} of prediction, or one axis of channels more at the end, "
                f"got {image}" + shape_fix("image", image, "prediction", image[:-1])
            )
        if any(side is not None and side < 2 for side in shape[1:]):
            raise ShapeError(f"prediction: expected at least 2 pixels along each axis of an image, got shape {shape}")

    def _keep(self, xp: Any, bound: dict[str, Array], mask: Array | None) -> Array | None:
        return super()._keep(xp, {self.inputs[-1]: bound["prediction"]}, mask)  # a mask is of the map, not of channels

    def formula(self, xp: Any, prediction: Array, image: Array, *, keep: Array | None = None) -> Array:
        channels = len(xp.shape(image)) > len(xp.shape(prediction))
        parts = []
        for axis in range(1, len(xp.shape(prediction))):
            edge = xp.abs(differences(image, axis))
            edge = xp.mean(edge, axis=-1) if channels else edge
            step = xp.abs(differences(prediction, axis)) * xp.exp(-self.sharpness * edge)
            parts.append(xp.mean_where(step, both_kept(keep, axis), self.parts(xp, step)))
        return sum_of(parts)

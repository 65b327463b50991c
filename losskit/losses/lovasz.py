"""Segmentation by the Lovász extension of the Jaccard loss: the IoU of hard decisions, made convex in the errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Real
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of
from losskit.core.kinds import StructuredLoss
from losskit.core.loss import fits, shape_fix
from losskit.losses.overlap import Segmentation, SegmentationLoss

__all__ = ["LovaszHinge", "LovaszSoftmax"]

Array = Any


@dataclass(frozen=True)
class HardSegmentation(Segmentation):
    """Masks of 0 and 1 of the scores' shape, or class indices with one axis fewer (integers)."""

    def describe(self) -> str:
        return "masks of 0 and 1 of the scores' shape, or class indices 0..C-1 with one axis fewer"

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        if xp.is_floating(array):
            return (array != 0) & (array != 1) & (array == array)
        return super().bad(xp, array, width)


def lovasz_extension(xp: Any, errors: Array, target: Array, keep: Array | None) -> Array:
    """Σ eₖ gₖ over the errors eₖ ≥ 0 of the last axis, from the largest down; gₖ is how much the k-th costs in IoU.

    target: 0 or 1. With G pixels to find, P of them and N others among the errors so far, the Jaccard loss is
    1 − (G − P) / (G + N). Its steps are 1 / (G + N) for a pixel to find and (G − P) / ((G + N − 1)(G + N)) for another:
    as differences of the losses they would be lost in large images. Ties keep their order.
    """
    kept = xp.ones_like(errors) if keep is None else xp.cast(keep, errors)
    order = xp.argsort(-xp.stop_gradient(errors), axis=-1)
    to_find = xp.take_along_axis(target * kept, order, axis=-1)
    other = xp.take_along_axis((1 - target) * kept, order, axis=-1)
    union = xp.sum(to_find, axis=-1, keepdims=True) + xp.cumsum(other, axis=-1)
    left = xp.sum(to_find, axis=-1, keepdims=True) - xp.cumsum(to_find, axis=-1)
    before = union - other
    # With nothing to find the first wrong pixel costs all.
    step = xp.where(before == 0, 1.0, left / xp.where(before == 0, 1.0, before))
    cost = (to_find + other * step) / xp.where(union == 0, 1.0, union)
    return xp.sum(xp.take_along_axis(errors, order, axis=-1) * cost, axis=-1)


@dataclass(frozen=True, kw_only=True)
class LovaszHinge(StructuredLoss):
    """Lovász hinge: the Lovász extension of the Jaccard loss at the hinge losses max(0, 1 − z·s), s = ±1 the side.

    Shapes: prediction (N, …) scores, target alike: masks of 0 and 1; values (N,), of one image each. For the IoU of the
    whole batch, make it one image: prediction.reshape(1, -1). Unit: none. Range: [0, ∞). Where all hinges are 1 it is
    the Jaccard loss of the decisions z > 0. For fine-tuning: it weighs pixels by rank, and its gradient jumps when
    ranks change; start with a cross-entropy. Sorts: n log n.
    Source: Berman, Triki & Blaschko 2018, arXiv:1705.08790. As segmentation_models_pytorch LovaszLoss(mode="binary",
    per_image=True), mmseg's LovaszLoss.
    """

    prediction, target = Real(), HardSegmentation()
    tasks = ("segmentation",)
    facts = Facts(convex=True, smooth=0, gradient_bound=1.0, non_negative=True, cost="n log n")

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        hinge = xp.relu(1 - prediction * (2 * target - 1))
        return lovasz_extension(xp, *(_flat(xp, array) for array in (hinge, target, keep)))

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        prediction, target = (xp.shape(bound[name]) for name in self.inputs)
        if len(prediction) < 2 or not fits(target, prediction) or not xp.is_floating(bound["target"]):
            raise ShapeError(
                f"target: expected floating-point masks of shape {prediction}, of samples with at least one axis more, "
                f"got {xp.dtype_name(bound['target'])} of shape {target}"
                + shape_fix("target", target, "prediction", prediction)
            )


@dataclass(frozen=True, kw_only=True)
class LovaszSoftmax(SegmentationLoss):
    """Lovász-softmax: the Lovász extension of the Jaccard loss at the errors |t − p|, the mean over classes.

    Shapes: prediction (N, …, C) scores, target (N, …) class indices (softmax); or prediction (N, …) scores, target
    alike, masks of 0 and 1, each sample one mask (sigmoid); values (N,), of one image each. For the IoU of the whole
    batch, make it one image: prediction.reshape(1, -1, C). Unit: none. Range: [0, 1]. classes: the mean is over those
    "present" in the sample's target, or "all"; of a class that is absent the largest error counts, and no other.
    For fine-tuning: it weighs pixels by rank, and its gradient jumps when ranks change; start with a cross-entropy.
    Sorts, all classes at once: n log n.
    Source: Berman, Triki & Blaschko 2018, arXiv:1705.08790. As segmentation_models_pytorch LovaszLoss(mode=
    "multiclass", per_image=True), mmseg's LovaszLoss.
    """

    classes: Literal["present", "all"] = "present"

    target = HardSegmentation()
    aliases = ("LovaszSigmoid",)
    facts = Facts(
        convex=lambda loss: loss.input == "probabilities",
        smooth=0,
        non_negative=True,
        cost="n log n",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(("present", "all"), classes=self.classes)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        masks = xp.is_floating(target)
        present, absent, target, keep = self.pixels(xp, prediction, target, keep)
        errors = xp.where(target == 1, absent, present)
        if masks:
            return lovasz_extension(xp, *(_flat(xp, array) for array in (errors, target, keep)))
        keep = None if keep is None else keep & (xp.ones_like(errors) == 1)
        errors, target, keep = (_by_class(xp, array) for array in (errors, target, keep))
        value = lovasz_extension(xp, errors, target, keep)
        if self.classes == "all":
            return xp.mean(value, axis=-1)
        there = xp.any(target == 1 if keep is None else (target == 1) & keep, axis=-1)
        count = xp.sum(xp.cast(there, value), axis=-1)
        return xp.sum(xp.where(there, value, 0.0), axis=-1) / xp.where(count == 0, 1.0, count)


def _flat(xp: Any, array: Array | None) -> Array | None:
    """(N, …) as (N, pixels)."""
    return None if array is None else xp.reshape(array, _flattened(xp.shape(array)))


def _by_class(xp: Any, array: Array | None) -> Array | None:
    """(N, …, C) as (N, C, pixels)."""
    if array is None:
        return None
    *samples, classes = xp.shape(array)
    return xp.swapaxes(xp.reshape(array, (*_flattened(samples), classes)), 1, 2)


def _flattened(shape: Sequence[int | None]) -> tuple[int, int]:
    """(N, pixels) for (N, …); TensorFlow's graphs may not know N, or the image's size."""
    samples, *image = shape
    known = [size for size in image if size is not None]
    return (-1, math.prod(known)) if len(known) == len(image) else (samples or -1, -1)

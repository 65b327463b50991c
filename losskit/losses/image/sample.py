"""What the losses of images share: the axes of an image, neighbours along them, means over what is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from losskit.core.errors import ShapeError
from losskit.losses.relative import SampleLoss

Array = Any


@dataclass(frozen=True, kw_only=True)
class ImageLoss(SampleLoss):
    """The base: axes names the axes along which pixels are neighbours; what is left of a sample are channels.

    (−2, −1) is right for (N, H, W) and for PyTorch's (N, C, H, W), (1, 2) for Keras's (N, H, W, C), (−3, −2, −1) for
    volumes and (−1,) for signals.
    """

    axes: tuple[int, ...] = (-2, -1)

    tasks = ("image",)

    def __post_init__(self) -> None:
        axes = tuple(self.axes)
        if not axes or len(set(axes)) < len(axes) or not all(isinstance(axis, int) for axis in axes):
            raise ValueError(f"axes: expected different whole numbers, at least one, got {self.axes!r}")
        object.__setattr__(self, "axes", axes)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        first, least = self.inputs[0], self.least_side()
        shape = xp.shape(bound[first])
        for axis in self.axes:
            if not -len(shape) < axis < len(shape) or axis == 0:
                raise ShapeError(f"{first}: axes={self.axes} asks for an axis {axis} of samples, got shape {shape}")
            if shape[axis] is not None and shape[axis] < least:
                raise ShapeError(f"{first}: expected at least {least} pixels along axis {axis}, got shape {shape}")
        if len(set(self.along(xp, bound[first]))) < len(self.axes):
            raise ShapeError(f"{first}: axes={self.axes} names an axis twice in shape {shape}")

    def least_side(self) -> int:
        """How many pixels an image needs along each of its axes."""
        return 2

    def along(self, xp: Any, x: Array) -> tuple[int, ...]:
        """The image's axes, counted from the front."""
        return tuple(axis % len(xp.shape(x)) for axis in self.axes)


def cut(x: Array, axis: int, start: int | None, stop: int | None, step: int | None = None) -> Array:
    """x[start:stop:step] along an axis counted from the front."""
    return x[(*(slice(None),) * axis, slice(start, stop, step))]


def differences(x: Array, axis: int) -> Array:
    """What each pixel but the first is more than the one before."""
    return cut(x, axis, 1, None) - cut(x, axis, None, -1)


def both_kept(keep: Array | None, axis: int) -> Array | None:
    """Whether both pixels of a difference are kept."""
    return None if keep is None else cut(keep, axis, 1, None) & cut(keep, axis, None, -1)

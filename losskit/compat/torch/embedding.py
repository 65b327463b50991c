"""PyTorch's losses of embeddings: cosines of pairs, distances of triplets."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from losskit.arrays.torch import xp
from losskit.compat.torch.conventions import (
    check_same_shape,
    common_dtype,
    mean_or_zero,
    reduced,
    reduction_of,
    wide,
)
from losskit.core.checks import values_are_checked
from losskit.core.domain import Signs
from losskit.losses import CosineDistance
from losskit.losses.similarity import length

__all__ = ["cosine_embedding_loss", "triplet_margin_loss", "triplet_margin_with_distance_loss"]


def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.cosine_embedding_loss: 1 − cos where target is 1, max(0, cos − margin) where it is −1.

    Shapes: inputs (N, D) and target (N), or (D) and (); else RuntimeError. Any other target counts 0. A zero vector has
    cosine 0, and no gradient.
    fixed=True: ShapeError for inputs that differ, DomainError for a target that is neither −1 nor +1.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if target.ndim > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if not input1.ndim == input2.ndim == target.ndim + 1:
        raise RuntimeError(
            f"{target.ndim}D target tensor expects {target.ndim + 1}D input tensors, but found inputs with sizes "
            f"{list(input1.shape)} and {list(input2.shape)}."
        )
    if fixed:
        check_same_shape(input1=input1, input2=input2)
        if values_are_checked(xp, target):
            Signs().check(xp, "target", target)
    distance = CosineDistance().formula(xp, *torch.broadcast_tensors(_floating(input1), _floating(input2)))
    unlike = torch.where(target == -1, xp.relu(1 - distance - margin), 0.0)
    values = torch.where(target == 1, distance, unlike)
    if fixed:
        return mean_or_zero(values, reduction)
    return reduced(values, reduction, common_dtype(input1, input2) if input1.is_floating_point() else values.dtype)


def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.triplet_margin_loss: max(0, margin + ‖a − p + eps‖ − ‖a − n + eps‖), p-norms.

    Shapes: (…, D) each, of as many axes (else RuntimeError); values (…). swap: the negative's distance to the positive
    where it is smaller. ValueError for margin ≤ 0. The gradient of a distance of 0 is 0.
    fixed=True: as losskit.Triplet, no eps is added, ShapeError for shapes that differ.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if fixed:
        eps = 0.0
    values = _triplet(anchor, positive, negative, lambda x, y: _distance(x, y, p, eps), margin, swap, fixed)
    if fixed:
        return mean_or_zero(values, reduction)
    return reduced(values, reduction, _float_dtype(common_dtype(anchor, positive, negative), values))


def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.triplet_margin_with_distance_loss: triplet_margin_loss with a distance of one's own.

    Without one it is the Euclidean distance, eps = 1e-6 added to each difference, or with fixed=True none.
    """
    reduction = reduction_of(reduction)
    if distance_function is None:
        eps = 0.0 if fixed else 1e-6
        distance_function = lambda x, y: _distance(x, y, 2, eps)  # noqa: E731
    values = _triplet(anchor, positive, negative, distance_function, margin, swap, fixed)
    if fixed:
        return mean_or_zero(values, reduction)
    return reduced(values, reduction, values.dtype)


def _triplet(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    distance: Callable[[Tensor, Tensor], Tensor],
    margin: float,
    swap: bool,
    fixed: bool,
) -> Tensor:
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
            f"anchor {anchor.ndim}D, positive {positive.ndim}D, and negative {negative.ndim}D inputs"
        )
    if fixed:
        check_same_shape(anchor=anchor, positive=positive, negative=negative)
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = xp.minimum(far, distance(positive, negative))
    return xp.relu(margin + near - far)


def _distance(x: Tensor, y: Tensor, p: float, eps: float) -> Tensor:
    """The p-norm of x − y + eps along the last axis."""
    difference = _floating(x) - _floating(y) + eps
    if p == 2:
        return length(xp, difference)
    size = xp.abs(difference)
    if p == math.inf:
        return xp.max(size, axis=-1)
    if p == 1:
        return size.sum(-1)
    largest = xp.stop_gradient(xp.max(size, axis=-1, keepdims=True))
    scale = torch.where(largest == 0, 1.0, largest)  # so that powers neither overflow nor vanish
    total = xp.power(size / scale, p).sum(-1)
    nothing = total == 0
    root = xp.power(torch.where(nothing, 1.0, total), 1 / p)
    return torch.where(nothing, 0.0, root) * scale[..., 0]


def _floating(tensor: Tensor) -> Tensor:
    """Integers, which PyTorch takes here, as floating point; half precision as float32."""
    return wide(tensor) if tensor.is_floating_point() else tensor.to(torch.get_default_dtype())


def _float_dtype(dtype: torch.dtype, values: Tensor) -> torch.dtype:
    return dtype if dtype.is_floating_point else values.dtype

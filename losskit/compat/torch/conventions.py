"""PyTorch's conventions, said once: the names of reductions, what is warned of, the dtypes values come back in."""

from __future__ import annotations

import warnings
from typing import cast, get_args

import torch
from torch import Tensor

from losskit.core.errors import ShapeError
from losskit.core.loss import HALF, Loss
from losskit.core.reduction import Reduction


def reduction_of(reduction: str, size_average: bool | None = None, reduce: bool | None = None) -> Reduction:
    """The reduction asked for. The legacy flags win over `reduction`, with a warning; ValueError for an unknown one."""
    if size_average is not None or reduce is not None:
        if reduce is False:
            reduction = "none"
        else:
            reduction = "sum" if size_average is False else "mean"
        warnings.warn(
            f"size_average and reduce args will be deprecated, please use reduction='{reduction}' instead.",
            stacklevel=3,
        )
    if reduction == "elementwise_mean":
        warnings.warn("reduction='elementwise_mean' is deprecated. Please use reduction='mean' instead.", stacklevel=3)
        return "mean"
    return valid(reduction, "is not a valid value for reduction")


def valid(reduction: str, complaint: str) -> Reduction:
    """The reduction, or ValueError in PyTorch's words (there are two wordings) and ours."""
    if reduction not in get_args(Reduction):
        raise ValueError(f"{reduction} {complaint}: expected one of {get_args(Reduction)}")
    return cast(Reduction, reduction)


def warn_of_broadcasting(input: Tensor, target: Tensor) -> None:
    """The UserWarning with which PyTorch lets different sizes pass."""
    if target.size() != input.size():
        warnings.warn(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}). This will "
            "likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=3,
        )


def wide(tensor: Tensor) -> Tensor:
    """Half precision as float32, in which formulas run; everything else as it is."""
    return tensor.float() if str(tensor.dtype).removeprefix("torch.") in HALF else tensor


def reduced(values: Tensor, reduction: str, dtype: torch.dtype, divisor: Tensor | float | None = None) -> Tensor:
    """Values reduced where they are wide, and brought to PyTorch's dtype. A mean divides by their number, or `divisor`.

    A mean of nothing is NaN, as PyTorch has it.
    """
    if reduction == "mean":
        values = values.mean() if divisor is None else values.sum() / divisor
    elif reduction == "sum":
        values = values.sum()
    return values.to(dtype)


def mean_or_zero(values: Tensor, reduction: str) -> Tensor:
    """losskit's reduction of unweighted values: a mean of nothing is 0."""
    if reduction == "mean":
        return values.sum() / max(values.numel(), 1)
    return values.sum() if reduction == "sum" else values


def common_dtype(*tensors: Tensor) -> torch.dtype:
    """The dtype that PyTorch promotes these to."""
    dtype = tensors[0].dtype
    for tensor in tensors[1:]:
        dtype = torch.promote_types(dtype, tensor.dtype)
    return dtype


def check(loss: Loss, *inputs: Tensor) -> None:
    """losskit's checks of a loss's inputs: raises ShapeError and DomainError."""
    xp, bound = loss.bind(inputs, {})
    loss.check_shapes(xp, bound)
    loss.check_values(xp, bound)


def check_same_shape(**tensors: Tensor) -> None:
    """Raise ShapeError unless all have the shape of the first."""
    (first, reference), *rest = tensors.items()
    for name, tensor in rest:
        if tensor.shape != reference.shape:
            raise ShapeError(
                f"{name}: expected the shape {tuple(reference.shape)} of {first}, got {tuple(tensor.shape)}"
            )

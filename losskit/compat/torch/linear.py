"""Cross-entropy behind a linear layer, under PyTorch's names and conventions."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from losskit.compat.torch.classification import cross_entropy
from losskit.compat.torch.conventions import wide
from losskit.frameworks.torch.projection import Linear
from losskit.losses.classification import CrossEntropy


def linear_cross_entropy(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: Tensor | None = None,
    weight: Tensor | None = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: Any = None,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.linear_cross_entropy.

    Shapes: input (D) or (N, D); linear_weight (C, D) or (C, d₁ …, D), with linear_bias without D; target as
    cross_entropy has it for logits (N, C, d₁ …). `options` (any but None) asks for blocks of logits instead of all of
    them, where PyTorch's chunked path would; its chunk sizes are not taken. It then has what PyTorch's has not: label
    smoothing, derivatives of every order, torch.func, torch.compile. Raises PyTorch's errors.
    fixed=True: as in cross_entropy.
    """
    classes, between = linear_weight.shape[0], linear_weight.shape[1:-1]
    _check_shapes(input, linear_weight, linear_bias)
    if input.dim() == 2 and target.dim() > 0 and target.shape[0] != input.shape[0]:
        raise ValueError(
            f"Expected input batch_size ({input.shape[0]}) to match target batch_size ({target.shape[0]})."
        )
    soft = target.shape == (*input.shape[:-1], classes, *between)
    if soft and ignore_index is not None:
        raise RuntimeError("ignore_index cannot be specified when target contains probabilities")
    ignored = -100 if ignore_index is None else ignore_index
    if options is not None and not between and not soft and reduction in ("mean", "sum", "none"):
        loss = CrossEntropy(
            class_weight=None if weight is None else tuple(weight.tolist()),
            ignore_index=ignored,
            label_smoothing=label_smoothing,
        )
        lean = Linear(loss, reduction, "zero" if fixed else "nan", None)  # pyright: ignore[reportArgumentType]
        return lean(input, linear_weight, target, bias=linear_bias).to(input.dtype)
    flat = linear_weight.reshape(math.prod(between, start=classes), -1)
    bias = None if linear_bias is None else wide(linear_bias).reshape(-1)
    # Halves are summed in float32, which PyTorch does not do here.
    logits = torch.nn.functional.linear(wide(input), wide(flat), bias).reshape(*input.shape[:-1], classes, *between)
    weight = None if weight is None else wide(weight)
    target = target.to(logits.dtype) if target.is_floating_point() else target
    value = cross_entropy(logits, target, weight, None, ignored, None, reduction, label_smoothing, fixed=fixed)
    return value.to(input.dtype)


def _check_shapes(input: Tensor, linear_weight: Tensor, linear_bias: Tensor | None) -> None:
    if input.dim() not in (1, 2):
        raise RuntimeError(f"expected input with dimensionality 1 or 2, got {input.dim()}")
    if linear_weight.dim() < 2:
        raise RuntimeError(f"expected linear_weight with dimensionality at least 2, got {linear_weight.dim()}")
    if input.shape[-1] != linear_weight.shape[-1]:
        raise RuntimeError(
            "expected equal input and linear_weight last dimensions (in_features), "
            f"got {input.shape[-1]} and {linear_weight.shape[-1]}, respectively"
        )
    if linear_bias is not None and linear_bias.shape != linear_weight.shape[:-1]:
        raise RuntimeError(
            f"expected linear_bias shape {tuple(linear_weight.shape[:-1])}, got {tuple(linear_bias.shape)}"
        )
    if linear_weight.dim() > 2 and input.dim() == 1:
        raise RuntimeError(
            f"K-dimensional loss defined by linear_weight shape {tuple(linear_weight.shape)} requires batched input, "
            f"(N, {input.shape[-1]}), got unbatched input with shape {tuple(input.shape)}"
        )

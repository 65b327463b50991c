"""PyTorch's margin losses of scores: against signs, class indices, sets of classes."""

from __future__ import annotations

import torch
from torch import Tensor

from losskit.arrays.torch import xp
from losskit.compat.torch.conventions import (
    check_same_shape,
    common_dtype,
    mean_or_zero,
    reduced,
    reduction_of,
    valid,
    wide,
)
from losskit.core.checks import values_are_checked
from losskit.core.domain import Signs
from losskit.losses import BinaryCrossEntropy, SoftMargin

__all__ = [
    "hinge_embedding_loss",
    "margin_ranking_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "soft_margin_loss",
]


def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.soft_margin_loss, log(1 + exp(−target · input)), but finite at every finite input.

    Shapes: any that broadcast. fixed=True: losskit.SoftMargin: ShapeError for other shapes, DomainError for a target
    that is neither −1 nor +1.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if fixed:
        return SoftMargin()(input, target, reduction=reduction)
    score, sign = torch.broadcast_tensors(wide(input), wide(target))
    return reduced(SoftMargin().formula(xp, score, sign), reduction, common_dtype(input, target))


def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.multilabel_soft_margin_loss: the mean over classes of binary cross-entropies of logits.

    Shapes: input and target (…, C), weight broadcasts; values (…). Weighted classes are divided by C.
    fixed=True: losskit.BinaryCrossEntropy: weighted classes are divided by their weights; ShapeError instead of
    broadcasting, DomainError for targets outside [0, 1].
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(reduction, size_average, reduce)
    reduction = valid(reduction, "is not valid")
    loss = BinaryCrossEntropy()
    if fixed:
        entries = loss(wide(input), target, reduction="none")
        weights = torch.ones_like(entries) if weight is None else wide(weight).expand_as(entries)
        return mean_or_zero((entries * weights).sum(-1) / weights.sum(-1), reduction)
    z, share = wide(input), wide(target)
    of_one, of_zero = loss.surprises(xp, z, z)
    entries = share * of_one + (1 - share) * of_zero
    entries = entries if weight is None else entries * weight
    return reduced(entries.sum(-1) / input.shape[-1], reduction, common_dtype(input, target))


def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.hinge_embedding_loss: input where target is 1, max(0, margin − input) where it is −1.

    Shapes: any that broadcast. Any other target counts as both.
    fixed=True: ShapeError for other shapes, DomainError for a target that is neither −1 nor +1.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    distance = wide(input)
    near = torch.where(target != -1, distance, 0.0)
    far = torch.where(target != 1, xp.relu(margin - distance), 0.0)
    if fixed:
        check_same_shape(input=input, target=target)
        _check_signs(target)
        return mean_or_zero(near + far, reduction)
    return reduced(near + far, reduction, common_dtype(input, target))


def margin_ranking_loss(
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
    """As torch.nn.functional.margin_ranking_loss: max(0, margin − target · (input1 − input2)).

    Shapes: any of as many axes (else RuntimeError) that broadcast.
    fixed=True: ShapeError for other shapes, DomainError for a target that is neither −1 nor +1.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if not input1.ndim == input2.ndim == target.ndim:
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.size()}, input2: {input2.size()}, target: {target.size()} "
        )
    if fixed:
        check_same_shape(input1=input1, input2=input2, target=target)
        _check_signs(target)
    values = xp.relu(margin - wide(target) * (wide(input1) - wide(input2)))
    if fixed:
        return mean_or_zero(values, reduction)
    return reduced(values, reduction, common_dtype(input1, input2, target))


def _check_signs(target: Tensor) -> None:
    if values_are_checked(xp, target):
        Signs().check(xp, "target", target)


def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.multi_margin_loss: weight[target] · Σⱼ max(0, margin − input[target] + inputⱼ)ᵖ / C.

    Shapes: input (C) or (N, C), target without C, weight (C). A mean divides by N. Raises PyTorch's errors.
    fixed=True: a mean divides by the weights of the target classes, and is 0 for an empty batch.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.ndim != 1:
        raise ValueError("weight must be one-dimensional")
    input = _rows(input)
    samples, classes = input.shape[:-1], input.shape[-1]
    if target.shape != samples and not (input.ndim == 1 and target.shape == (1,)):
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch "
            f"size). Expected target size {list(samples)}, but got {list(target.shape)}. Input has shape "
            f"{list(input.shape)}."
        )
    if weight is not None and weight.numel() != classes:
        raise RuntimeError(f"inconsistent weight size, expected {classes} but got {list(weight.shape)}")
    _check_indices(target, 0, classes)
    scores, label = torch.broadcast_tensors(wide(input), target[..., None])
    label = label[..., :1]
    rivals = xp.relu(margin - (scores.gather(-1, label) - scores))
    is_rival = torch.arange(classes, device=label.device) != label
    values = torch.where(is_rival, xp.power(rivals, p), 0.0).sum(-1) / classes
    share = None if weight is None else wide(weight)[label[..., 0]]
    values = values if share is None else values * share
    if not fixed:
        return reduced(values, reduction, input.dtype)
    if share is None or reduction != "mean":
        return mean_or_zero(values, reduction)
    return values.sum() / torch.where(share.sum() == 0, 1.0, share.sum())


def multilabel_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.multilabel_margin_loss: Σ max(0, 1 − inputⱼ + inputᵢ) / C, j a true class, i a false one.

    Shapes: input and target (C) or (N, C). A row of target lists the true classes, and ends at the first −1. Raises
    PyTorch's errors. fixed=True: a mean of nothing is 0.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    rows = _rows(input)
    if target.shape != input.shape:
        raise RuntimeError(f"inconsistent target size: {list(target.shape)} for input of size: {list(input.shape)}")
    input, target = rows, torch.atleast_1d(target)
    classes = input.shape[-1]
    _check_indices(target, -1, classes)
    scores = wide(input)
    listed = torch.cumsum(target < 0, dim=-1) == 0
    label = torch.where(listed, target, 0)
    is_true = (xp.one_hot(torch.where(listed, target, -1), classes) > 0).any(-2)
    gaps = scores.gather(-1, label)[..., None] - scores[..., None, :]
    values = torch.where(listed[..., None] & ~is_true[..., None, :], xp.relu(1 - gaps), 0.0).sum((-1, -2)) / classes
    return mean_or_zero(values, reduction) if fixed else reduced(values, reduction, input.dtype)


def _rows(input: Tensor) -> Tensor:
    """Scores of one sample or of several; a scalar is one class's score."""
    if input.ndim > 2 or (input.ndim and input.shape[-1] == 0):
        raise RuntimeError(
            f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(input.shape)}"
        )
    return torch.atleast_1d(input)


def _check_indices(target: Tensor, least: int, classes: int) -> None:
    if target.dtype != torch.int64:
        names = {torch.float16: "Half", torch.float32: "Float", torch.float64: "Double", torch.int32: "Int"}
        raise RuntimeError(f"expected scalar type Long but found {names.get(target.dtype, target.dtype)}")
    if values_are_checked(xp, target) and bool(((target < least) | (target >= classes)).any()):
        raise RuntimeError(f"target out of range: expected {least}..{classes - 1}")

"""PyTorch's losses of class probabilities: cross-entropies and the Kullback–Leibler divergence."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor

from losskit.arrays.torch import xp
from losskit.compat.torch.conventions import common_dtype, reduced, reduction_of, wide
from losskit.core.checks import values_are_checked
from losskit.core.kinds import ScoreInput
from losskit.core.reduction import Reduction
from losskit.losses import BinaryCrossEntropy, CrossEntropy, KLDivergence

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "kl_div", "nll_loss"]


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.cross_entropy.

    Shapes: input (C), (N, C) or (N, C, d₁ …); target without C: class indices, or like input: class probabilities;
    weight (C). A mean divides by the weight of the target classes that are not ignored, for probabilities by the number
    of rows. Raises PyTorch's errors: RuntimeError, ValueError, and on the CPU IndexError for a class out of range.
    fixed=True: losskit.CrossEntropy: a mean divides by the weight of the target in both cases and is 0 where everything
    is ignored; what an ignored row holds reaches no gradient; probabilities must sum to 1 (DomainError).
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    axis = _class_axis(input)
    classes = input.shape[axis]
    soft = target.shape == input.shape
    if soft and not target.is_floating_point():
        raise RuntimeError(f"Expected floating point type for target with class probabilities, got {target.dtype}")
    if soft and ignore_index >= 0:
        raise RuntimeError("ignore_index is not supported for floating point target")
    _check_class_weight(weight, classes)
    if not soft:
        _check_labels(input, target, classes, ignore_index)
    if fixed:
        loss = CrossEntropy(
            class_weight=None if weight is None else tuple(weight.tolist()),
            ignore_index=ignore_index,
            label_smoothing=label_smoothing,
        )
        return loss(input.movedim(axis, -1), target.movedim(axis, -1) if soft else target, reduction=reduction)
    if not soft:
        return _of_labels("logits", input, target, weight, ignore_index, reduction, label_smoothing)
    row = _smoothed(wide(target).movedim(axis, -1), label_smoothing)
    row = row if weight is None else row * weight
    scores = wide(input).movedim(axis, -1)
    if target.requires_grad:  # the formula leaves out what a share of 0 multiplies, which is the target's derivative
        values = -torch.sum(row * CrossEntropy().log_probabilities(xp, scores), dim=-1)
    else:
        values = CrossEntropy().formula(xp, scores, row)
    return reduced(values, reduction, common_dtype(input, target))


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.nll_loss: −weight[target] · input[target]; shapes, divisor and errors as in cross_entropy.

    fixed=True: losskit.CrossEntropy(input="log_probabilities"): DomainError unless input is log-probabilities, 0 for
    a mean of nothing.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    axis = _class_axis(input)
    classes = input.shape[axis]
    _check_class_weight(weight, classes)
    if weight is not None and weight.dtype != input.dtype:
        raise RuntimeError(f"expected scalar type {_scalar(input)} but found {_scalar(weight)}")
    _check_labels(input, target, classes, ignore_index)
    if not fixed:
        return _of_labels("log_probabilities", input, target, weight, ignore_index, reduction)
    class_weight = None if weight is None else tuple(weight.tolist())
    loss = CrossEntropy(input="log_probabilities", class_weight=class_weight, ignore_index=ignore_index)
    return loss(input.movedim(axis, -1), target, reduction=reduction)


def _of_labels(
    holds: ScoreInput,
    input: Tensor,
    target: Tensor,
    weight: Tensor | None,
    ignore_index: int,
    reduction: Reduction,
    label_smoothing: float = 0.0,
) -> Tensor:
    rows = wide(input).movedim(_class_axis(input), -1)
    kept = target != ignore_index
    label = torch.where(kept, target, 0).long()
    share = torch.ones_like(label, dtype=rows.dtype) if weight is None else wide(weight)[label]
    share = torch.where(kept, share, 0.0)
    loss = CrossEntropy(input=holds)
    if label_smoothing:
        row = _smoothed(xp.one_hot(label, rows.shape[-1], rows), label_smoothing)
        values = torch.where(kept, loss.formula(xp, rows, row if weight is None else row * weight), 0.0)
    else:
        values = torch.where(kept, loss.formula(xp, rows, label) * share, 0.0)
    return reduced(values, reduction, input.dtype, share.sum())


def _smoothed(row: Tensor, smoothing: float) -> Tensor:
    return (1 - smoothing) * row + smoothing / row.shape[-1] if smoothing else row


def _class_axis(input: Tensor) -> int:
    if input.ndim == 0:
        raise RuntimeError("Expected 1 or more dimensions for input, got a scalar")
    return 0 if input.ndim == 1 else 1


def _check_class_weight(weight: Tensor | None, classes: int) -> None:
    if weight is not None and weight.shape != (classes,):
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but got weight tensor of "
            f"shape: {list(weight.shape)}"
        )


def _check_labels(input: Tensor, target: Tensor, classes: int, ignore_index: int) -> None:
    if target.dtype not in (torch.int64, torch.uint8):
        raise RuntimeError(f"expected target dtype to be Long or Byte, got {target.dtype}")
    expected = input.shape[:1] + input.shape[2:] if input.ndim > 1 else torch.Size()
    if expected and target.ndim and target.shape[0] != expected[0]:
        raise ValueError(f"Expected input batch_size ({expected[0]}) to match target batch_size ({target.shape[0]}).")
    if target.shape != expected:
        raise RuntimeError(f"Expected target size {list(expected)}, got {list(target.shape)}")
    if values_are_checked(xp, target):
        bad = target[(target != ignore_index) & ((target < 0) | (target >= classes))]
        if bad.numel():
            raise IndexError(f"Target {bad.flatten()[0].item()} is out of bounds.")


def _scalar(tensor: Tensor) -> str:
    return {torch.float16: "Half", torch.bfloat16: "BFloat16", torch.float32: "Float"}.get(tensor.dtype, "Double")


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.binary_cross_entropy, of probabilities: logarithms below −100 count as −100.

    Shapes: input and target alike (else ValueError); weight broadcasts, and a mean divides by the number of values.
    RuntimeError on the CPU for an input outside [0, 1].
    fixed=True: losskit.BinaryCrossEntropy(input="probabilities"): no clamp, infinite at a certain miss; a mean divides
    by Σ weight; targets must lie in [0, 1] (DomainError).
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if target.size() != input.size():
        raise ValueError(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}) is "
            "deprecated. Please ensure they have the same size."
        )
    loss = BinaryCrossEntropy(input="probabilities")
    if fixed:
        return loss(input, target, weight=_spread(weight, input), reduction=reduction)
    if values_are_checked(xp, input) and bool(((input < 0) | (input > 1)).any()):
        raise RuntimeError("all elements of input should be between 0 and 1")
    of_one, of_zero = _capped_surprises(loss, wide(input))
    values = wide(target) * of_one + (1 - wide(target)) * of_zero
    values = values if weight is None else values * weight
    return reduced(values, reduction, input.dtype)


SURPRISE_CAP = 100.0
"""PyTorch's largest −log p …"""
SMALLEST = 1e-12
"""… and the probability below which its slope is that at this one."""


def _capped_surprises(loss: BinaryCrossEntropy, p: Tensor) -> tuple[Tensor, Tensor]:
    """−log p and −log(1 − p), neither above the cap, with slopes as steep as at the smallest probability."""
    unlikely, likely = p < SMALLEST, 1 - p < SMALLEST
    of_one, _ = loss.surprises(xp, torch.where(unlikely, 0.5, p), p)
    _, of_zero = loss.surprises(xp, p, torch.where(likely, 0.5, p))
    capped = (surprise.clamp(max=SURPRISE_CAP) for surprise in loss.surprises(xp, p.detach(), p.detach()))
    moved = (p - p.detach()) / SMALLEST  # 0, with the slope of a line
    flat_one, flat_zero = capped
    return torch.where(unlikely, flat_one - moved, of_one), torch.where(likely, flat_zero + moved, of_zero)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.binary_cross_entropy_with_logits.

    Shapes: input and target alike (else ValueError); weight and pos_weight broadcast to them. A mean divides by the
    number of values. fixed=True: losskit.BinaryCrossEntropy: a mean divides by the sum of the weights, with pos_weight
    as the weight of class 1; targets must lie in [0, 1] (DomainError).
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if target.size() != input.size():
        raise ValueError(f"Target size ({target.size()}) must be the same as input size ({input.size()})")
    loss = BinaryCrossEntropy()
    if fixed and pos_weight is None:
        return loss(input, target, weight=_spread(weight, input), reduction=reduction)
    z, share = wide(input), wide(target)
    # Gradients by the target need both sides; without them, what a share of 0 multiplies may be infinite.
    of_one, of_zero = loss.surprises(xp, *((z, z) if target.requires_grad else loss.sides(xp, z, share)))
    of_positive = share if pos_weight is None else share * pos_weight
    values = of_positive * of_one + (1 - share) * of_zero
    values = values if weight is None else values * weight
    if not fixed:
        return reduced(values, reduction, common_dtype(input, target))
    loss.terms(input, target)  # for its checks
    weights = (of_positive + (1 - share)) * (1.0 if weight is None else weight)
    total = weights.sum()
    return reduced(values, reduction, values.dtype, torch.where(total == 0, 1.0, total))


def _spread(weight: Tensor | None, input: Tensor) -> Tensor | None:
    return None if weight is None else weight.expand_as(input)


def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.kl_div: target · (log target − input), entry by entry; log_target: target is a logarithm.

    Shapes: any that broadcast. "mean" divides by the number of entries, with PyTorch's warning; "batchmean" divides the
    sum by the first axis.
    fixed=True: losskit.KLDivergence(input="log_probabilities"): one value for each row along the last axis, and "mean"
    is over rows; both must be distributions of the same shape (DomainError, ShapeError).
    """
    by_flags = size_average is not None or reduce is not None
    batchmean = reduction == "batchmean" and not by_flags
    if reduction == "mean" and not by_flags and not fixed:
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size. 'batchmean' divides "
            "only by the batch size, and aligns with the KL div math definition. 'mean' will be changed to behave the "
            "same as 'batchmean' in the next major release.",
            stacklevel=2,
        )
    how = "sum" if batchmean else reduction_of(reduction, size_average, reduce)
    loss = KLDivergence(input="log_probabilities")
    share = torch.exp(wide(target)) if log_target else wide(target)
    if fixed:
        value = loss(wide(input), share, reduction=how)
    else:  # each entry is a row of its own
        entries = loss.formula(xp, wide(input)[..., None], share[..., None])
        value = reduced(entries, how, common_dtype(input, target))
    return value / input.shape[0] if batchmean and input.ndim else value

"""Cross-entropy of a block of logits in one Triton kernel: read twice, the gradient written once.

Importing this file imports Triton; `rows.py` does so where it meets a CUDA tensor.
"""

# In a kernel a number is a tensor, and a call of a jitted function is Triton's: it is not what it looks like.
# It is no dependency: it comes with PyTorch for GPUs.
# pyright: reportArgumentType=false, reportCallIssue=false, reportGeneralTypeIssues=false
# pyright: reportMissingImports=false, reportIndexIssue=false

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch._C._functorch import is_legacy_batchedtensor

from losskit.losses.classification import CrossEntropy

BLOCK = 4096
"""Classes that are looked at together, at most."""


def fits(
    loss: CrossEntropy, logits: torch.Tensor, target: torch.Tensor, scale: torch.Tensor | None, place: torch.Tensor
) -> bool:
    """Whether the kernel takes these: float32 logits, and a target that has no more digits than they have."""
    given = (logits, target, place) if scale is None else (logits, target, place, scale)
    return (
        all(type(each) is torch.Tensor and not is_legacy_batchedtensor(each) for each in given)  # numbers in memory
        and all(each.device == logits.device for each in given)
        and logits.dtype == torch.float32
        and logits.numel() > 0
        and logits.stride(-1) == place.stride(-1) == 1
        and target.dtype != torch.float64
        and target.shape == (logits.shape if target.is_floating_point() else logits.shape[:1])
        and (loss.class_weight is None or len(loss.class_weight) == logits.shape[-1])
    )


def cross_entropy(
    loss: CrossEntropy,
    logits: torch.Tensor,
    target: torch.Tensor,
    scale: torch.Tensor | None,
    place: torch.Tensor,
    of_class: torch.Tensor | None = None,
) -> torch.Tensor:
    """The values of rows of logits; where scale is given, the gradient of Σ scale · value is put in `place`.

    Shapes: logits (N, C), target (N,) class indices or (N, C) probabilities, scale and values (N,); place (N, C), of
    any precision, may be the logits; of_class (C,), the loss's class weights, None: made here. A row whose index is no
    class has NaN for its value and its gradient. The arithmetic is float32.
    """
    rows, classes = logits.shape
    values = logits.new_empty(rows)
    if of_class is None and loss.class_weight is not None:
        of_class = logits.new_tensor(loss.class_weight)
    target = target.contiguous()
    if scale is not None:
        scale = scale.to(logits.dtype).contiguous()
    # A warp's 32 threads have 8 classes each, or more: with fewer, several threads would have the same class, and one
    # could read its logit where another has put the gradient already.
    block = min(BLOCK, max(256, triton.next_power_of_2(classes)))
    warps = max(1, block // 512)
    with torch.cuda.device_of(logits):
        _row[(rows,)](
            logits,
            logits.stride(0),
            target,
            of_class,
            scale,
            values,
            place,
            place.stride(0),
            classes,
            float(1 - loss.label_smoothing),
            float(loss.label_smoothing / classes),
            float(loss.z_loss),
            float(loss.softcap or 1.0),
            soft=target.is_floating_point(),
            spread=target.is_floating_point() or loss.label_smoothing > 0,
            squared=loss.z_loss > 0,
            capped=loss.softcap is not None,
            block=block,
            num_warps=warps,
        )
    return values


@triton.jit
def _row(
    logits,
    stride,
    target,
    class_weight,
    scale,
    values,
    place,
    place_stride,
    classes,
    kept,
    even,
    z_loss,
    cap,
    soft: tl.constexpr,
    spread: tl.constexpr,
    squared: tl.constexpr,
    capped: tl.constexpr,
    block: tl.constexpr,
):
    """One row: ℓ = Σₖ mₖ (log Σ exp z − zₖ) + λ w (log Σ exp z)², and its gradient, as in rows.py.

    m is made of kept · the target and even, each times the class weight. soft: the target is probabilities; spread: m
    has more classes than the index.
    """
    row = tl.program_id(0).to(tl.int64)
    logits += row * stride
    columns = tl.arange(0, block)
    counted = 0.0  # w
    alone = 0.0  # what m has at the index, beside what every class has
    at_label = 0.0
    label = -1
    if soft:
        target += row * classes
    else:
        label = tl.load(target + row)
        known = (label >= 0) & (label < classes)
        counted = tl.where(known, 1.0, float("nan"))
        if class_weight is not None:
            counted *= tl.load(class_weight + label, mask=known, other=0.0)
        alone = kept * counted
        at_label = tl.load(logits + label, mask=known, other=0.0)
        if capped:
            at_label = _capped(at_label, cap)

    # What is summed is below the largest logit so far: a constant added to all of them costs no digit of the value.
    top = float("-inf")
    base = 0.0  # the largest, but 0 as long as there are only -inf, from which nothing can be subtracted
    total = 0.0  # Σ exp(z − top)
    together = 0.0  # Σ m
    chosen = 0.0  # Σ m (z − top)
    for start in range(0, classes, block):
        at = start + columns
        inside = at < classes
        z = tl.load(logits + at, mask=inside, other=float("-inf"))
        if capped:
            z = tl.where(inside, _capped(z, cap), float("-inf"))
        higher = tl.maximum(top, tl.max(z, 0))
        new_base = tl.where(higher == float("-inf"), 0.0, higher)
        below = z - new_base
        total = total * tl.exp(top - new_base) + tl.sum(tl.exp(below), 0)
        if spread:
            weight, share = _shares(target, class_weight, at, inside, kept, even, soft)
            chosen += together * (base - new_base) + tl.sum(tl.where(share == 0.0, 0.0, share * below), 0)
            together += tl.sum(share, 0)
            if soft:
                counted += tl.sum(weight, 0)
        top = higher
        base = new_base
    if not soft:
        together += alone
        chosen += alone * (at_label - top)

    log_total = tl.log(total)
    value = together * log_total - chosen
    factor = together
    if squared:
        normaliser = log_total + top
        value += z_loss * counted * normaliser * normaliser
        factor += 2 * z_loss * counted * normaliser
    tl.store(values + row, value)

    if scale is not None:
        times = tl.load(scale + row)
        of_exponential = times * factor / total
        place += row * place_stride
        tl.debug_barrier()  # place may be the logits: all have read before one writes
        for start in range(0, classes, block):
            at = start + columns
            inside = at < classes
            z = tl.load(logits + at, mask=inside, other=float("-inf"))
            slope = 1.0
            if capped:
                slope = _slope(z, cap)
                z = _capped(z, cap)
            gradient = tl.exp(z - top) * of_exponential
            if spread:
                _, share = _shares(target, class_weight, at, inside, kept, even, soft)
                gradient -= times * share
            if not soft:
                gradient = tl.where(at == label, gradient - times * alone, gradient)
            tl.store(place + at, gradient * slope, mask=inside)


@triton.jit
def _shares(target, class_weight, at, inside, kept, even, soft: tl.constexpr):
    """Of some classes: how much each counts in the target, and what it has of m but for the index."""
    weight = tl.where(inside, 1.0, 0.0)
    if class_weight is not None:
        weight = tl.load(class_weight + at, mask=inside, other=0.0)
    share = even * weight
    if soft:
        weight *= tl.load(target + at, mask=inside, other=0.0).to(tl.float32)
        share += kept * weight
    return weight, share


@triton.jit
def _capped(z, cap):
    """cap · tanh(z / cap), with its digits near 0."""
    x = tl.abs(z) / cap
    decay = tl.exp(-2 * x)
    # Lambert's continued fraction, x / (1 + x² / (3 + x² / (5 + …))), to its fifth step: 9e-11 off at 1/2.
    square = x * x
    small = x * (945 + square * (105 + square)) / (945 + square * (420 + 15 * square))
    size = cap * tl.where(x < 0.5, small, (1 - decay) / (1 + decay))
    return tl.where(z < 0, -size, size)


@triton.jit
def _slope(z, cap):
    """The derivative of the same, 4 d / (1 + d)² with d = exp(−2 |z| / cap), with its digits near the cap."""
    decay = tl.exp(-2 * (tl.abs(z) / cap))
    return 4 * decay / ((1 + decay) * (1 + decay))

"""A block of logits: its values, and in its place their gradient."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

import torch

from losskit.arrays import namespace
from losskit.core.loss import Loss
from losskit.frameworks.torch.kernel.softmax import softmax
from losskit.losses.classification import CrossEntropy

log = logging.getLogger("losskit")

Rows = Callable[[torch.Tensor, torch.Tensor, torch.Tensor | None, torch.Tensor], torch.Tensor]
"""rows(logits, target, scale, place): the values of these rows. Where scale is given, the gradient of Σ scale · value
goes to `place`: the logits themselves, or a tensor of their shape and fewer digits. The logits may then be anything."""

CACHED = {"cpu": 2**18}
"""Logits that a formula takes at once: 1 MB of float32 on a CPU."""


def rows_of(loss: Loss, device: torch.device, dtype: torch.dtype = torch.float32) -> Rows:
    """How this loss takes a block of logits of a dtype: cross-entropy in its own memory, any other by its formula."""
    if type(loss) is not CrossEntropy:
        return partial(_formula, loss)
    kernel = one_kernel if device.type == "cuda" else one_loop
    if loss.class_weight is None:
        return partial(kernel, loss)
    # A tensor of many numbers takes milliseconds to make: once, not for each block.
    return partial(kernel, loss, of_class=torch.tensor(loss.class_weight, dtype=dtype, device=device))


def by_formula(loss: Loss, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The loss's formula, which every derivative goes through."""
    return loss.formula(namespace(logits), logits, target)


def _formula(
    loss: Loss, logits: torch.Tensor, target: torch.Tensor, scale: torch.Tensor | None, place: torch.Tensor
) -> torch.Tensor:
    # A formula has a dozen temporaries of the logits' size: few rows at a time keep them in the processor's cache.
    few = max(1, CACHED.get(logits.device.type, logits.numel()) // max(logits.shape[-1], 1))
    if scale is None:
        return torch.cat([by_formula(loss, z, t) for z, t in zip(logits.split(few), target.split(few), strict=True)])
    found = []
    parts = (array.split(few) for array in (logits, target, scale, place))
    for z, t, s, p in zip(*parts, strict=True):
        gradient, values = torch.func.grad(_weighted, argnums=1, has_aux=True)(loss, z, t, s)
        found.append(values)
        p.copy_(gradient)
    return torch.cat(found)


def _weighted(loss: Loss, logits: torch.Tensor, target: torch.Tensor, scale: torch.Tensor) -> tuple[torch.Tensor, ...]:
    values = by_formula(loss, logits, target)
    return (scale * values).sum(), values


class OneKernel:
    """Cross-entropy by the Triton kernel, as long as it `works`; not every machine has Triton, or what Triton needs."""

    def __init__(self) -> None:
        self.works = True

    def __call__(
        self,
        loss: CrossEntropy,
        logits: torch.Tensor,
        target: torch.Tensor,
        scale: torch.Tensor | None,
        place: torch.Tensor,
        of_class: torch.Tensor | None = None,
    ) -> torch.Tensor:
        if self.works:
            try:
                from losskit.frameworks.torch.projection import triton_rows

                if triton_rows.fits(loss, logits, target, scale, place):
                    return triton_rows.cross_entropy(loss, logits, target, scale, place, of_class)
            except torch.OutOfMemoryError:
                raise
            except Exception as error:  # before the kernel ran: the logits are as they were
                log.info("linear: cross-entropy runs without its Triton kernel (%s)", str(error).split("\n", 1)[0])
                self.works = False
        return cross_entropy(loss, logits, target, scale, place, of_class)


one_kernel = OneKernel()


def one_loop(
    loss: CrossEntropy,
    logits: torch.Tensor,
    target: torch.Tensor,
    scale: torch.Tensor | None,
    place: torch.Tensor,
    of_class: torch.Tensor | None = None,
) -> torch.Tensor:
    """Cross-entropy by a loop of C++ where it takes the inputs, else by a dozen operations."""
    rows = softmax if softmax.takes(loss, logits, target) else cross_entropy
    return rows(loss, logits, target, scale, place, of_class)


def cross_entropy(
    loss: CrossEntropy,
    logits: torch.Tensor,
    target: torch.Tensor,
    scale: torch.Tensor | None,
    place: torch.Tensor,
    of_class: torch.Tensor | None = None,
) -> torch.Tensor:
    """ℓ = Σₖ mₖ (log Σ exp z − zₖ) + λ w (log Σ exp z)², with m the (smoothed, weighted) target and w its class weight.

    ∂ℓ/∂zₖ = (Σ m + 2 λ w log Σ exp z) · pₖ − mₖ. A test holds both equal to the formula.
    of_class: the loss's class weights as a tensor; None: made here.
    """
    slope = None
    if loss.softcap is not None:
        slope = _cap(logits, loss.softcap)
    soft = target.is_floating_point()
    classes = logits.shape[-1]
    if of_class is None and loss.class_weight is not None:
        of_class = logits.new_tensor(loss.class_weight)
    shares = target if soft else torch.ones_like(target, dtype=logits.dtype)
    if of_class is not None:
        shares = shares * (of_class if soft else of_class[target])
    counted = shares.sum(-1) if soft else shares  # w: what the target's classes count together
    smoothing = loss.label_smoothing
    shares = (1 - smoothing) * shares
    even = None if not smoothing else smoothing / classes  # what each class gets of the smoothing …
    evenly = 0.0 if even is None else even * (float(classes) if of_class is None else of_class.sum())  # … and all
    together = (1 - smoothing) * counted + evenly

    # From here on the logits are below the largest: a constant added to all of them costs no digit of the value.
    top = logits.amax(-1, keepdim=True)
    logits.sub_(top)
    if soft:
        chosen = (shares * torch.where(target == 0, 0.0, logits)).sum(-1)  # 0 · -inf is nothing
    else:
        chosen = shares * _at(logits, target)
    if even is not None:
        chosen = chosen + even * (logits.sum(-1) if of_class is None else logits @ of_class)
    exponentials = logits.exp_()
    total = exponentials.sum(-1)
    log_total = total.log()
    found = together * log_total - chosen
    factor = together
    if loss.z_loss:
        normaliser = log_total + top.squeeze(-1)
        found = found + loss.z_loss * counted * normaliser.square()
        factor = factor + 2 * loss.z_loss * counted * normaliser
    if scale is None:
        return found

    gradient = exponentials.mul_((scale * factor / total).unsqueeze(-1))
    if soft:
        gradient.sub_(scale.unsqueeze(-1) * shares)
    else:
        _subtract_at(gradient, target, scale * shares)
    if even is not None:
        gradient.sub_((scale * even).unsqueeze(-1) if of_class is None else torch.outer(scale * even, of_class))
    if slope is not None:
        gradient.mul_(slope)
    if place is not logits:
        place.copy_(gradient)
    return found


def _at(rows: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    if torch.compiler.is_compiling():  # a comparison goes into the loop over the row; an index would end it
        return torch.where(_hit(rows, target), rows, 0.0).sum(-1)
    return rows.gather(-1, target.unsqueeze(-1)).squeeze(-1)


def _subtract_at(rows: torch.Tensor, target: torch.Tensor, amount: torch.Tensor) -> None:
    if torch.compiler.is_compiling():
        rows.sub_(torch.where(_hit(rows, target), amount.unsqueeze(-1), 0.0))
    else:
        position = target.unsqueeze(-1)
        rows.scatter_(-1, position, rows.gather(-1, position) - amount.unsqueeze(-1))


def _hit(rows: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return torch.arange(rows.shape[-1], device=rows.device) == target.unsqueeze(-1)


def _cap(logits: torch.Tensor, cap: float) -> torch.Tensor:
    """Put cap · tanh(logits / cap) in the logits' place; its derivative, with its digits where tanh is nearly 1."""
    decay = (logits.abs() * (-2 / cap)).exp_()
    slope = 4 * decay / (1 + decay).square_()
    logits.div_(cap).tanh_().mul_(cap)
    return slope

"""From what a user passes to rows: autocast, flattening, what is left out, how much each value counts."""

from __future__ import annotations

from typing import NamedTuple

import torch

from losskit.arrays import namespace
from losskit.core.checks import values_are_checked
from losskit.core.loss import Loss
from losskit.core.reduction import Empty, Reduction, Terms
from losskit.frameworks.torch.projection.sweep import Projection, Target, of_rows
from losskit.frameworks.torch.transforms import functional

xp = namespace(torch.empty(0))
Optional = torch.Tensor | None


class Received(NamedTuple):
    """Rows of logits (or what makes them) and of targets; `counted`: their weights, None for 1 each; `rows`: which
    they are of those that came, None for all; `shape`: of the values that came."""

    student: Target
    target: Target
    counted: Optional
    rows: Optional
    shape: torch.Size


def received(
    loss: Loss, student: Target, target: Target, mask: Optional, weight: Optional, weight_name: str = "weight"
) -> Received:
    """Inputs as rows, without those that are masked or ignored. `weight_name`: what the caller's users call it.

    Where shapes must be known (under torch.compile and torch.func) rows cannot be left out: they are replaced, and
    count nothing.
    """
    first = student if isinstance(student, torch.Tensor) else student.hidden
    shape = first.shape[:-1]

    def of_each_row(name: str, array: torch.Tensor) -> torch.Tensor:
        return loss.leading(xp, name, array, {loss.inputs[0]: first}).expand(shape).reshape(-1)

    student, target = _flat(student, len(shape)), _flat(target, len(shape))
    counted = None if weight is None else of_each_row(weight_name, weight)
    if counted is not None:
        loss.check_weight(xp, counted)
    keep = None if mask is None else of_each_row("mask", mask)
    own = loss.kept(xp, target, target) if isinstance(target, torch.Tensor) else None
    keep = own if keep is None else keep if own is None else keep & own
    rows = None
    if keep is not None and (torch.compiler.is_compiling() or functional()):
        student = _replaced(student, keep)
        counted = torch.where(keep, 1.0 if counted is None else counted, 0.0)
        if isinstance(target, torch.Tensor):
            at = keep if target.ndim == 1 else keep.unsqueeze(-1)
            target = torch.where(at, target, loss.domain(loss.inputs[1]).filler(xp, target))
    elif keep is not None:
        rows = keep.nonzero().squeeze(-1)
        student, target = of_rows(student, rows), of_rows(target, rows)
        counted = None if counted is None else counted[rows]
    if isinstance(target, torch.Tensor) and values_are_checked(xp, target):
        classes = student.shape[-1] if isinstance(student, torch.Tensor) else len(student.weight)
        loss.domain(loss.inputs[1]).check(xp, loss.inputs[1], target, classes)
    return Received(student, target, counted, rows, shape)


def scales(loss: Loss, inputs: Received, reduction: Reduction) -> tuple[torch.Tensor, torch.Tensor]:
    """How much each value counts in the reduced loss, and the divisor of a mean.

    Divided before anything is differentiated, so that the gradient that is kept is that of the mean.
    """
    first = inputs.student if isinstance(inputs.student, torch.Tensor) else inputs.student.hidden
    wide = torch.promote_types(first.dtype, torch.float32)
    ones = torch.ones(len(first), dtype=wide, device=first.device)
    counted = ones if inputs.counted is None else inputs.counted.to(wide)
    if reduction == "sum":
        return counted, ones.new_ones(())
    share = loss.measure(xp, ones, inputs.target) if isinstance(inputs.target, torch.Tensor) else None
    divisor = (counted if share is None else counted * share).sum()
    return counted / torch.where(divisor == 0, 1.0, divisor), divisor


def finished(
    loss: Loss, value: torch.Tensor, divisor: torch.Tensor, reduction: Reduction, empty: Empty
) -> torch.Tensor:
    """A mean that is already divided, as `empty` wants it where nothing was left."""
    if reduction == "sum":
        return value
    one = torch.where(divisor == 0, 0.0, torch.ones_like(divisor))
    return Terms(value, one, one, loss).mean(empty)


def _flat(rows: Target, axes: int) -> Target:
    if isinstance(rows, torch.Tensor):
        return rows.reshape(-1, *rows.shape[axes:])
    return Projection(rows.hidden.reshape(-1, rows.hidden.shape[-1]), rows.weight, rows.bias)


def _replaced(rows: Target, keep: torch.Tensor) -> Target:
    if isinstance(rows, torch.Tensor):
        return torch.where(keep.unsqueeze(-1), rows, 0.0)
    return Projection(torch.where(keep.unsqueeze(-1), rows.hidden, 0.0), rows.weight, rows.bias)

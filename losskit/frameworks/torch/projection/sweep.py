"""Over the rows of hidden states, a block of logits at a time: values and gradients, never all logits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch._C._functorch import is_legacy_batchedtensor

from losskit.core.loss import HALF, Loss
from losskit.frameworks.torch.projection.rows import by_formula, rows_of

Gradients = tuple[torch.Tensor | None, torch.Tensor | None, torch.Tensor | None]
"""By hidden, weight and bias; None for what was not asked for."""

ENTRIES = {"cpu": 2**24, "cuda": 2**27}
"""Logits in a block: 64 MB of float32 on a CPU, 512 MB on a GPU, whose matrix units want more rows at a time."""
FEWEST = 256
"""Rows in a block, at least: a block adds once to all of the weight's gradient, and that costs the same memory traffic
whether it has few rows or many."""


@dataclass(frozen=True)
class Projection:
    """Logits that are made where they are needed: hidden @ weightᵀ + bias. As a target: a teacher's, a constant.

    Shapes: hidden (…, D), weight (C, D), bias (C,).
    """

    hidden: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor | None = None

    def of(self, rows: slice | torch.Tensor) -> Projection:
        return Projection(self.hidden[rows], self.weight, self.bias)

    def logits(self) -> torch.Tensor:
        """The logits, in float32 at least."""
        return plus(product(self.hidden, self.weight.T), self.bias)


Target = torch.Tensor | Projection


@dataclass(frozen=True)
class Sweep:
    """How a loss goes over rows of logits; `rows`: how many in a block, None for as many as suit the device."""

    loss: Loss
    rows: int | None = None

    def blocks(self, student: Projection) -> Iterator[slice]:
        """The rows of each block."""
        count, classes = len(student.hidden), max(len(student.weight), 1)
        size = self.rows or max(FEWEST, ENTRIES.get(student.hidden.device.type, ENTRIES["cuda"]) // classes)
        # No rows at all are one empty block.
        return (slice(start, min(start + size, count)) for start in range(0, max(count, 1), size))

    def values(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """The values by the loss's own formula."""
        return by_formula(self.loss, logits, target)

    def run(
        self,
        student: Projection,
        target: Target,
        scale: torch.Tensor | None,
        wanted: tuple[bool, bool, bool],
    ) -> tuple[torch.Tensor, Gradients]:
        """The values, and the gradients of Σ scale · value by hidden, weight and bias, as far as they are wanted."""
        hidden, weight = student.hidden, student.weight
        half = str(hidden.dtype).removeprefix("torch.") in HALF
        kernel = rows_of(self.loss, hidden.device, torch.float32 if half else hidden.dtype)
        if half and not hidden.is_cuda:
            weight = weight.float()  # once: a CPU has no product of halves summed in float32
        found, of_hidden = [], []
        of_weight = of_bias = None
        biased = wanted[2] and student.bias is not None
        for block in self.blocks(student):
            x = hidden[block].to(weight.dtype)
            logits = plus(product(x, weight.T), student.bias)
            labels = rows_of_target(of_rows(target, block))
            if scale is None or not any(wanted):
                found.append(kernel(logits, labels, None, logits))
                continue
            # Halves go where the products take them from, unless the bias's gradient is a sum of all their digits.
            there = biased or logits.dtype == weight.dtype
            gradient = logits if there else torch.empty_like(logits, dtype=weight.dtype)
            part = scale[block]
            if is_legacy_batchedtensor(part):  # many scales in one (is_grads_batched=True): nothing is done in place
                found.append(kernel(logits, labels, logits.new_ones(len(logits)), gradient))
                gradient = gradient * part.unsqueeze(-1)
            else:
                found.append(kernel(logits, labels, part, gradient))
            if biased:
                share = gradient.sum(0)
                of_bias = share if of_bias is None else of_bias + share
            gradient = gradient.to(weight.dtype)
            if wanted[0]:
                of_hidden.append(product(gradient, weight).to(hidden.dtype))
            if wanted[1]:
                of_weight = added(of_weight, gradient.T, x)
        return torch.cat(found), (
            torch.cat(of_hidden) if of_hidden else None,
            None if of_weight is None else of_weight.to(student.weight.dtype),
            None if of_bias is None or student.bias is None else of_bias.to(student.bias.dtype),
        )


def of_rows(target: Target, rows: slice | torch.Tensor) -> Target:
    """The target of some rows."""
    return target.of(rows) if isinstance(target, Projection) else target[rows]


def rows_of_target(target: Target) -> torch.Tensor:
    """A target as the formula takes it: a teacher's logits are made here."""
    return target if isinstance(target, torch.Tensor) else target.logits()


def parts(target: Target) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
    """A target, or a projection, as three arguments of an operation of autograd."""
    return (target, None, None) if isinstance(target, torch.Tensor) else (target.hidden, target.weight, target.bias)


def of_parts(arrays: Any) -> Target:
    """`parts` undone."""
    target, weight, bias = arrays
    return target if weight is None else Projection(target, weight, bias)


def product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """A matrix product, summed and given back in float32 at least."""
    if str(left.dtype).removeprefix("torch.") not in HALF:
        return left @ right
    return torch.mm(left, right, out_dtype=torch.float32) if left.is_cuda else left.float() @ right.float()


def plus(logits: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    return logits if bias is None else logits + bias


def added(so_far: torch.Tensor | None, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """so_far + left @ right, in so_far's memory."""
    if so_far is None:
        return product(left, right)
    if is_legacy_batchedtensor(left):
        return so_far + product(left, right)
    return so_far.addmm_(left, right) if left.dtype == so_far.dtype else so_far.add_(product(left, right))

"""Block by block through the loss's own formula: values, and second derivatives along a direction."""

from __future__ import annotations

from typing import Any

import torch

from losskit.frameworks.torch.projection.sweep import Projection, Sweep, Target, of_rows, plus, product, rows_of_target

Directions = tuple[torch.Tensor | None, ...]
"""In which hidden, weight and bias move; None: not at all."""


def by_formula(sweep: Sweep, student: Projection, target: Target) -> torch.Tensor:
    """The values, each block through the formula."""
    blocks = (
        sweep.values(student.of(rows).logits(), rows_of_target(of_rows(target, rows))) for rows in sweep.blocks(student)
    )
    return torch.cat(list(blocks))


def hessian_product(
    sweep: Sweep, student: Projection, target: Target, scale: torch.Tensor, directions: Directions
) -> tuple[tuple[torch.Tensor | None, ...], torch.Tensor]:
    """The Hessian of Σ scale · value, by hidden, weight and bias, times the directions.

    And how fast each value changes along them.
    """
    hidden, weight, bias = directions
    of_hidden, moved = [], []
    of_weight: Any = 0.0
    of_bias: Any = 0.0
    for rows in sweep.blocks(student):
        part, block = of_rows(target, rows), student.of(rows)
        along = (None if hidden is None else hidden[rows], weight, bias)

        def slope(
            x: torch.Tensor,
            w: torch.Tensor,
            b: torch.Tensor | None,
            rows: slice = rows,
            part: Any = part,
            along: Any = along,
        ) -> Any:
            fast = _along(sweep, Projection(x, w, b), part, along)
            return (scale[rows] * fast).sum(), fast

        wrt = (0, 1) if student.bias is None else (0, 1, 2)
        (x, w, *b), fast = torch.func.grad(slope, argnums=wrt, has_aux=True)(block.hidden, block.weight, block.bias)
        of_hidden.append(x)
        moved.append(fast)
        of_weight = of_weight + w
        of_bias = of_bias + b[0] if b else None
    return (torch.cat(of_hidden), of_weight, of_bias), torch.cat(moved)


def _along(sweep: Sweep, block: Projection, target: Target, directions: Directions) -> torch.Tensor:
    logits = block.logits()
    change = torch.zeros_like(logits)
    if directions[0] is not None:
        change = change + product(directions[0], block.weight.T)
    if directions[1] is not None:
        change = change + product(block.hidden, directions[1].T)
    # A value depends on its own row of logits alone: the gradient of their sum holds each one's.
    slope = torch.func.grad(lambda z: sweep.values(z, rows_of_target(target)).sum())(logits)
    return (slope * plus(change, directions[2])).sum(-1)

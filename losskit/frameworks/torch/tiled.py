"""A contrastive loss of a large batch, its N × N pairs computed tile by tile."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import torch
from torch._C._functorch import is_legacy_batchedtensor

from losskit.core.catalogue import catalogue
from losskit.core.loss import Loss
from losskit.frameworks.torch.transforms import functional
from losskit.losses.contrastive import AlikeRowsOfABatch

__all__ = ["tiled"]

L = TypeVar("L", bound=Loss)
Tile = Callable[..., torch.Tensor]
"""tile(rows, keep, *inputs): the values of these rows."""
Gradients = tuple[torch.Tensor | None, ...]
PAIRS = {"cpu": 2**20, "cuda": 2**27}
"""Pairs in a tile: 4 MB of float32 on a CPU, of which a formula and its derivative hold some ten at once."""
FEWEST = 64


def tiled(loss: L, rows: int | None = None) -> L:
    """The same loss in memory O(rows · N) instead of O(N²), for a batch of N samples or pairs.

    Values of `rows` samples at a time (None: as many as give a tile that suits the device), each against the whole
    batch, are made by the loss's own formula, and the gradient of their sum with them, while the tile is there. Where
    the values do not count alike (sample weights) that gradient is not the one, and the backward pass makes each tile
    again: twice the time. What comes back is equal to `loss`, is called like it (weight, mask, reduction, terms,
    value_and_gradient) and gives the same numbers up to rounding; `losskit.torch.module` and objectives take it. A
    batch of at most `rows` is computed as usual. Second derivatives are right, but backward with create_graph=True
    keeps all tiles, and so needs O(N²). torch.vmap and forward-mode derivatives are refused by PyTorch.
    dataclasses.replace gives a loss that is not tiled.

    Large batches are worth it because they give each sample more rivals. Where the network's own activations do not
    fit either, cache its embeddings and their gradients (GradCache), with this loss between.

    Raises TypeError for a loss whose formula cannot give some rows alone, and for arrays that are not PyTorch's;
    ValueError for rows < 1.
    Source: Cheng et al. 2024, arXiv:2410.17243 (tiles); GradCache: Gao et al. 2021, arXiv:2101.06983.

    >>> import torch, losskit
    >>> criterion = losskit.torch.tiled(losskit.InfoNCE(temperature=0.05), rows=256)
    >>> queries = torch.randn(1000, 16, requires_grad=True)
    >>> criterion(queries, torch.randn(1000, 16)).backward()
    >>> queries.grad.shape
    torch.Size([1000, 16])
    """
    if not isinstance(loss, Loss) or not _gives_rows(type(loss)):
        able = ", ".join(name for name, cls in catalogue.items() if _gives_rows(cls))
        raise TypeError(
            f"tiled: expected a loss whose formula takes `rows`, the samples of which it gives the values, got {loss}; "
            f"losses that do: {able}"
        )
    if rows is not None and (not isinstance(rows, int) or isinstance(rows, bool) or rows < 1):
        raise ValueError(f"rows: expected a whole number >= 1, or None, got {rows!r}")
    # A loss is what it computes, and this one computes the same: only how is the instance's own.
    lean = copy.copy(loss)
    object.__setattr__(lean, "formula", partial(_by_tiles, loss, rows))
    return lean


def _gives_rows(cls: type[Loss]) -> bool:
    return "rows" in inspect.signature(cls.formula).parameters


def _by_tiles(
    loss: Loss, size: int | None, xp: Any, *, keep: torch.Tensor | None = None, **inputs: torch.Tensor
) -> torch.Tensor:
    """The loss's formula over all rows, `size` at a time."""
    if xp.framework != "torch":
        raise TypeError(
            f"tiled: expected PyTorch tensors, got arrays of {xp.framework}; fix: call the loss itself, or pass "
            "torch.as_tensor(...)"
        )
    formula = partial(type(loss).formula, loss, xp)  # the class's: the instance's own may be this function
    first = inputs[loss.inputs[0]]
    if size is None:
        size = max(FEWEST, PAIRS.get(first.device.type, PAIRS["cuda"]) // max(len(first), 1))
    if len(first) <= size:
        return formula(**inputs, keep=keep)

    if isinstance(loss, AlikeRowsOfABatch) and loss.similarity == "cosine":
        # Every row normalised once, not again in every tile.
        inputs = {
            name: array if loss.domain(name).integer else loss.compared(xp, array) for name, array in inputs.items()
        }
        loss = replace(loss, similarity="dot")
        formula = partial(type(loss).formula, loss, xp)

    def tile(rows: torch.Tensor, keep: torch.Tensor | None, *arrays: torch.Tensor) -> torch.Tensor:
        return formula(**dict(zip(inputs, arrays, strict=True)), keep=keep, rows=rows)

    arrays = tuple(inputs.values())
    moving = torch.is_grad_enabled() and any(array.requires_grad for array in arrays)
    plain = moving and not functional() and not torch.compiler.is_compiling()
    return (_WithGradient if plain else _Tiles).apply(tile, size, keep, *arrays)  # pyright: ignore[reportReturnType]


class _Tiles(torch.autograd.Function):
    """All tiles' values; backward makes a tile again, differentiates it, and forgets it before the next one."""

    @staticmethod
    def forward(tile: Tile, size: int, keep: torch.Tensor | None, *inputs: torch.Tensor) -> torch.Tensor:
        return torch.cat([tile(rows, keep, *inputs) for rows in _tiles(inputs[0], size)])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        ctx.tile, ctx.size, *tensors = inputs
        ctx.save_for_backward(*tensors)
        ctx.autocast = _autocast(tensors[1].device.type)

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> Gradients:
        keep, *inputs = ctx.saved_tensors
        return _made_again(ctx, keep, inputs, upstream[0])


class _WithGradient(torch.autograd.Function):
    """The same, where the gradient of the values' sum is made with them: a mean needs no other."""

    @staticmethod
    def forward(ctx: Any, tile: Tile, size: int, keep: torch.Tensor | None, *inputs: torch.Tensor) -> torch.Tensor:
        leaves = [array.detach().requires_grad_(array.requires_grad) for array in inputs]
        moving = [leaf for leaf in leaves if leaf.requires_grad]
        sums = [torch.zeros_like(leaf) for leaf in moving]
        counted = torch.ones(len(inputs[0]), dtype=torch.bool, device=inputs[0].device) if keep is None else keep
        found = []
        # What a tile saves lives for a moment: it is none of what the caller's hooks are for (offloading, counting).
        with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(_as_it_is, _as_it_is):
            for rows in _tiles(inputs[0], size):
                values = tile(rows, keep, *leaves)
                found.append(values.detach())
                parts = list(torch.autograd.grad(values, moving, counted[rows].to(values.dtype)))
                for total in sums:
                    total.add_(parts.pop(0))  # gone before the next tile is made
                del values
        ctx.tile, ctx.size, ctx.autocast = tile, size, _autocast(inputs[0].device.type)
        ctx.save_for_backward(keep, *inputs, counted, *sums)
        return torch.cat(found)

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> Gradients:
        needed = ctx.needs_input_grad[3:]
        keep, *tensors = ctx.saved_tensors
        inputs, counted, sums = tensors[: len(needed)], tensors[len(needed)], iter(tensors[len(needed) + 1 :])
        each = upstream[0]
        if not torch.is_grad_enabled() and not functional() and not is_legacy_batchedtensor(each):
            factor = each[counted.to(torch.uint8).argmax()]
            if torch.equal(each, factor * counted):  # every value counts as much as the next
                return (None, None, None, *(factor * next(sums) if one else None for one in needed))
        return _made_again(ctx, keep, inputs, each)


def _made_again(ctx: Any, keep: torch.Tensor | None, inputs: list[torch.Tensor], upstream: torch.Tensor) -> Gradients:
    """The gradients, of tiles that are made again one by one."""
    moving = [k for k, needed in enumerate(ctx.needs_input_grad[3:]) if needed]
    gradients: list[torch.Tensor | None] = [None] * len(inputs)
    for rows in _tiles(inputs[0], ctx.size):

        def values(*moved: torch.Tensor, rows: torch.Tensor = rows) -> torch.Tensor:
            placed = dict(enumerate(inputs)) | dict(zip(moving, moved, strict=True))
            with ctx.autocast():
                return ctx.tile(rows, keep, *placed.values())

        pull = torch.func.vjp(values, *(inputs[k] for k in moving))[1]
        for k, part in zip(moving, pull(upstream[rows]), strict=True):
            so_far = gradients[k]
            gradients[k] = part if so_far is None else so_far + part
    return (None, None, None, *gradients)


def _autocast(kind: str) -> Callable[[], Any]:
    """The caller's, for a backward pass: it runs outside, but its tiles have to be those of the forward pass."""
    return partial(torch.autocast, kind, dtype=torch.get_autocast_dtype(kind), enabled=torch.is_autocast_enabled(kind))


def _as_it_is(tensor: torch.Tensor) -> torch.Tensor:
    return tensor


def _tiles(batch: torch.Tensor, size: int) -> tuple[torch.Tensor, ...]:
    """The indices of the rows of each tile."""
    return torch.arange(len(batch), device=batch.device).split(size)

"""The sweep under torch.compile: operations of the dispatcher, which the compiler calls and does not look into."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any

import torch

from losskit.core.config import from_config
from losskit.frameworks.torch.projection.sweep import Projection, Sweep, Target, of_parts, parts

Optional = torch.Tensor | None


def compiled_total(sweep: Sweep, student: Projection, target: Target, scale: torch.Tensor) -> torch.Tensor:
    """Σ scale · value."""
    return _total(*parts(student), scale, *parts(target), _named(sweep))[0]


def compiled_values(sweep: Sweep, student: Projection, target: Target) -> torch.Tensor:
    """One value per row."""
    return _values(*parts(student), *parts(target), _named(sweep))


def _named(sweep: Sweep) -> str:
    """A sweep as the text that an operation of the dispatcher can take: a loss is its configuration."""
    return repr((sweep.loss.config(), sweep.rows))


@lru_cache(maxsize=64)
def _of_name(name: str) -> Sweep:
    loss, rows = ast.literal_eval(name)
    return Sweep(from_config(loss), rows)  # pyright: ignore[reportArgumentType]


@torch.library.custom_op("losskit::linear_total", mutates_args=())
def _total(
    hidden: torch.Tensor,
    weight: torch.Tensor,
    bias: Optional,
    scale: torch.Tensor,
    target: torch.Tensor,
    teacher_weight: Optional,
    teacher_bias: Optional,
    sweep: str,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    goal = of_parts((target, teacher_weight, teacher_bias))
    found, kept = _of_name(sweep).run(Projection(hidden, weight, bias), goal, scale, (True, True, True))
    of_hidden, of_weight, of_bias = kept
    nothing = found.new_empty(0)
    return (found * scale).sum(), found, of_hidden, of_weight, nothing if of_bias is None else of_bias  # pyright: ignore


@_total.register_fake
def _(hidden: Any, weight: Any, bias: Any, scale: Any, target: Any, tw: Any, tb: Any, sweep: str) -> Any:
    nothing = scale.new_empty(0) if bias is None else torch.empty_like(bias)
    return scale.new_empty(()), torch.empty_like(scale), torch.empty_like(hidden), torch.empty_like(weight), nothing


def _keep(ctx: Any, inputs: Any, output: Any) -> None:
    ctx.has_bias = inputs[2] is not None
    ctx.save_for_backward(*output[1:])


def _give(ctx: Any, upstream: torch.Tensor, *_: Any) -> Any:
    found, of_hidden, of_weight, of_bias = ctx.saved_tensors
    given = upstream * of_bias if ctx.has_bias else None
    return upstream * of_hidden, upstream * of_weight, given, upstream * found, None, None, None, None


_total.register_autograd(_give, setup_context=_keep)


@torch.library.custom_op("losskit::linear_values", mutates_args=())
def _values(
    hidden: torch.Tensor,
    weight: torch.Tensor,
    bias: Optional,
    target: torch.Tensor,
    teacher_weight: Optional,
    teacher_bias: Optional,
    sweep: str,
) -> torch.Tensor:
    goal = of_parts((target, teacher_weight, teacher_bias))
    return _of_name(sweep).run(Projection(hidden, weight, bias), goal, None, (True, True, True))[0]


@_values.register_fake
def _(hidden: Any, weight: Any, bias: Any, target: Any, tw: Any, tb: Any, sweep: str) -> Any:
    return hidden.new_empty(len(hidden), dtype=torch.promote_types(hidden.dtype, torch.float32))


def _keep_inputs(ctx: Any, inputs: Any, output: Any) -> None:
    *arrays, ctx.sweep = inputs
    ctx.has_bias = arrays[2] is not None
    ctx.save_for_backward(*arrays)


def _make(ctx: Any, upstream: torch.Tensor) -> Any:
    hidden, weight, bias, *target = ctx.saved_tensors
    _, _, of_hidden, of_weight, of_bias = _total(hidden, weight, bias, upstream, *target, ctx.sweep)
    return of_hidden, of_weight, of_bias if ctx.has_bias else None, None, None, None, None


_values.register_autograd(_make, setup_context=_keep_inputs)

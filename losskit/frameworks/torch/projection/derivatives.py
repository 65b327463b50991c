"""The sweep as one operation of PyTorch's autograd, with derivatives of every order and kind.

The gradient is made together with the value, while a block of logits is there, and kept. What differentiates the
gradient in turn (double backward, torch.func) goes block by block through the loss's own formula. Forward mode takes
the formula from the start: it keeps nothing, and a rule for it would be wrong where it is nested: PyTorch switches the
outer one off while an operation's rule runs, and gives 0.
"""

from __future__ import annotations

from typing import Any

import torch
from torch._C._functorch import is_legacy_batchedtensor
from torch.autograd import Function

from losskit.frameworks.torch.projection.compiled import compiled_total, compiled_values
from losskit.frameworks.torch.projection.hessian import by_formula, hessian_product
from losskit.frameworks.torch.projection.sweep import Projection, Sweep, Target, of_parts, parts
from losskit.frameworks.torch.transforms import forward_mode, functional

Array = Any
Arrays = tuple[Array, ...]
EVERYTHING = (True, True, True)


def total(sweep: Sweep, student: Projection, target: Target, scale: torch.Tensor) -> torch.Tensor:
    """Σ scale · value, with the gradient made on the way."""
    if torch.compiler.is_compiling():
        return compiled_total(sweep, student, target, scale)
    if forward_mode():
        return (scale * by_formula(sweep, student, target)).sum()
    arrays = (*parts(student), scale, *parts(target))
    if functional():
        return _Total.apply(sweep, *arrays)[0]  # pyright: ignore[reportIndexIssue, reportOptionalSubscript]
    return _EagerTotal.apply(sweep, *arrays)  # pyright: ignore[reportReturnType]


def separate(sweep: Sweep, student: Projection, target: Target) -> torch.Tensor:
    """The values. Their gradient depends on what becomes of each: backward makes every block again."""
    if torch.compiler.is_compiling():
        return compiled_values(sweep, student, target)
    if forward_mode():
        return by_formula(sweep, student, target)
    return _Values.apply(sweep, *parts(student), *parts(target))  # pyright: ignore[reportReturnType]


class _EagerTotal(Function):
    """Without transforms around it: backward gives the kept gradient away, where nobody needs it again."""

    @staticmethod
    def forward(ctx: Any, sweep: Sweep, *arrays: Array) -> torch.Tensor:
        student, scale, target = Projection(*arrays[:3]), arrays[3], of_parts(arrays[4:])
        ctx.sweep, ctx.wanted = sweep, ctx.needs_input_grad[1:4]
        found, kept = sweep.run(student, target, scale, ctx.wanted)
        ctx.save_for_backward(*arrays, found, *kept)
        return (found * scale).sum()

    @staticmethod
    def backward(ctx: Any, *upstream: Array) -> Arrays:
        if torch.is_grad_enabled():
            return None, *_differentiable(ctx, upstream[0])
        found, *kept = ctx.saved_tensors[7:]
        # A loss that is what backward() is called on has 1 here, and its gradient need not be copied.
        alone = not _batched(upstream[0]) and bool(upstream[0] == 1)
        gradients = [each if alone or each is None else upstream[0] * each for each in kept]
        return None, *gradients, upstream[0] * found, None, None, None


class _Total(Function):
    """The same with a rule for each transform. One may hide what another differentiates: everything is wanted."""

    @staticmethod
    def forward(sweep: Sweep, *arrays: Array) -> Arrays:
        student, scale, target = Projection(*arrays[:3]), arrays[3], of_parts(arrays[4:])
        found, kept = sweep.run(student, target, scale, EVERYTHING)
        return (found * scale).sum(), found, *kept

    @staticmethod
    def setup_context(ctx: Any, inputs: Arrays, output: Arrays) -> None:
        ctx.sweep, ctx.wanted = inputs[0], EVERYTHING
        ctx.save_for_backward(*inputs[1:], *output[1:])
        ctx.mark_non_differentiable(*(array for array in output[1:] if array is not None))

    @staticmethod
    def backward(ctx: Any, *upstream: Array) -> Arrays:
        return None, *_differentiable(ctx, upstream[0])

    @staticmethod
    def vmap(info: Any, in_dims: Arrays, *arguments: Array) -> Any:
        return _one_by_one(_Total, info, in_dims, arguments)


def _batched(array: torch.Tensor) -> bool:
    """Whether many values stand behind this one: no one of them can be looked at."""
    return functional() or is_legacy_batchedtensor(array)


def _differentiable(ctx: Any, upstream: Array) -> Arrays:
    """The gradient of a total by hidden, weight, bias and scale, itself to be differentiated."""
    *arrays, _, of_hidden, of_weight, of_bias = ctx.saved_tensors
    hidden, weight, bias, scale, *target = arrays
    kept = (of_hidden, of_weight, of_bias)
    gradients = _Gradient.apply(ctx.sweep, ctx.wanted, upstream, *arrays, *kept)
    values = separate(ctx.sweep, Projection(hidden, weight, bias), of_parts(target)) if scale.requires_grad else None
    return *gradients, None if values is None else upstream * values, None, None, None  # pyright: ignore


class _Values(Function):
    """One value per row."""

    @staticmethod
    def forward(sweep: Sweep, *arrays: Array) -> torch.Tensor:
        return sweep.run(Projection(*arrays[:3]), of_parts(arrays[3:]), None, EVERYTHING)[0]

    @staticmethod
    def setup_context(ctx: Any, inputs: Arrays, output: Array) -> None:
        ctx.sweep = inputs[0]
        ctx.save_for_backward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, *upstream: Array) -> Arrays:
        student, target = ctx.saved_tensors[:3], ctx.saved_tensors[3:]
        one, nothing = upstream[0].new_ones(()), (None, None, None)
        gradients = _Gradient.apply(ctx.sweep, ctx.needs_input_grad[1:4], one, *student, upstream[0], *target, *nothing)
        return None, *gradients, *nothing  # pyright: ignore[reportGeneralTypeIssues]

    @staticmethod
    def vmap(info: Any, in_dims: Arrays, *arguments: Array) -> Any:
        return _one_by_one(_Values, info, in_dims, arguments)


class _Gradient(Function):
    """factor · ∂(Σ scale · value) by hidden, weight and bias: of what was kept, or made here."""

    @staticmethod
    def forward(sweep: Sweep, wanted: tuple[bool, bool, bool], factor: Array, *arrays: Array) -> Arrays:
        kept = arrays[7:]
        if all(array is None for array in kept):
            kept = sweep.run(Projection(*arrays[:3]), of_parts(arrays[4:7]), arrays[3], wanted)[1]
        return tuple(None if array is None else factor * array for array in kept)

    @staticmethod
    def setup_context(ctx: Any, inputs: Arrays, output: Arrays) -> None:
        ctx.sweep, ctx.wanted = inputs[:2]
        ctx.save_for_backward(*inputs[2:10])

    @staticmethod
    def backward(ctx: Any, *upstream: Array) -> Arrays:
        factor, hidden, weight, bias, scale, *target = ctx.saved_tensors
        student = Projection(hidden, weight, bias)
        gradients, moved = hessian_product(ctx.sweep, student, of_parts(target), factor * scale, upstream)
        return None, None, (scale * moved).sum(), *gradients, factor * moved, *(None for _ in range(6))

    @staticmethod
    def vmap(info: Any, in_dims: Arrays, *arguments: Array) -> Any:
        return _one_by_one(_Gradient, info, in_dims, arguments)


def _one_by_one(function: type[Function], info: Any, in_dims: Arrays, arguments: Arrays) -> Any:
    """A batch of calls in turn: all at once would hold that many blocks of logits."""
    results = [
        function.apply(
            *(
                a.select(dim, k) if isinstance(a, torch.Tensor) and dim is not None else a
                for a, dim in zip(arguments, in_dims, strict=True)
            )
        )
        for k in range(info.batch_size)
    ]
    if isinstance(results[0], torch.Tensor):
        return torch.stack(results), 0  # pyright: ignore[reportArgumentType, reportCallIssue]
    stacked = tuple(None if each[0] is None else torch.stack(each) for each in zip(*results, strict=True))
    return stacked, tuple(None if each is None else 0 for each in stacked)

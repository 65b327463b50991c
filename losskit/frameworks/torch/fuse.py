"""Value and gradient in one pass: a loop of its own on a CPU, PyTorch's compiler elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from threading import Timer
from types import FunctionType
from typing import Any

import torch

from losskit.core.checks import shapes_are_checked
from losskit.core.loss import Loss
from losskit.core.reduction import Empty, Reduction
from losskit.frameworks.torch.kernel import OnePass, one_pass, takes
from losskit.frameworks.torch.kernel.softmax import softmax
from losskit.frameworks.torch.projection.received import finished, received, scales
from losskit.frameworks.torch.projection.rows import cross_entropy
from losskit.frameworks.torch.transforms import transformed
from losskit.losses.classification import CrossEntropy

log = logging.getLogger("losskit")


class Fused:
    """What `fuse` makes: called, it gives the loss; backward then has nothing left to compute.

    `value_and_gradient(prediction, target)` gives both at once: the gradient by the input that the loss is
    differentiable in, a tuple where there are several; other inputs are data. Second derivatives, torch.func,
    torch.vmap and forward mode go through the formula and stay exact; inside another torch.compile it is the formula.
    """

    def __init__(self, loss: Loss, reduction: Reduction, empty: Empty) -> None:
        if reduction == "none":
            raise ValueError('fuse: expected reduction "mean" or "sum": the gradient of many values is not one array')
        self.loss = loss
        self.reduction: Reduction = reduction
        self.empty: Empty = empty
        self._wrt = tuple(loss.inputs.index(name) for name in loss.differentiable)
        self._by_rows = type(loss) is CrossEntropy and loss.input == "logits"
        self._loops: dict[int, OnePass | None] = {}  # by how many inputs were given
        self._compiled = torch.compile(_own_code(self._softmax if self._by_rows else self._by_formula), dynamic=True)
        self._compiles = True
        self._has_run = False

    def value_and_gradient(
        self,
        *inputs: torch.Tensor,
        weight: torch.Tensor | None = None,
        mask: torch.Tensor | None = None,
        out: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, Any]:
        """The loss and its gradient.

        out: where the gradient is written, of the prediction's shape and dtype: the prediction itself, if its memory
        may be taken, or the gradient of the step before. Raises ValueError for another shape or dtype, and for a loss
        of several differentiable inputs.
        """
        if out is not None:
            self._check_place(inputs[0], out)
        value, gradients = self._both(inputs, weight, mask, out)
        return value, gradients if len(self._wrt) > 1 else gradients[0]

    def _check_place(self, prediction: torch.Tensor, out: torch.Tensor) -> None:
        if len(self._wrt) > 1:
            names = ", ".join(self.loss.differentiable)
            raise ValueError(f"out: {type(self.loss).__name__} has gradients by {names}, expected None, got one tensor")
        if out.shape != prediction.shape or out.dtype != prediction.dtype or out.device != prediction.device:
            raise ValueError(
                f"out: expected a tensor like the prediction ({tuple(prediction.shape)}, {prediction.dtype}, "
                f"{prediction.device}), got {tuple(out.shape)}, {out.dtype}, {out.device}"
            )

    def _both(
        self,
        inputs: tuple[torch.Tensor, ...],
        weight: torch.Tensor | None,
        mask: torch.Tensor | None,
        out: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        xp, bound = self.loss.bind(inputs, {})
        if shapes_are_checked():
            self.loss.check_shapes(xp, bound)
        plain = mask is None and self.loss.kept(xp, *bound.values()) is None
        if plain:
            self.loss.check_values(xp, bound)  # inside the compiled pass there are no values to look at
        arrays = tuple(array.detach() for array in bound.values())
        place = None if out is None or not takes((out.detach(),)) else out.detach()
        value, gradients = self._in_one_pass(arrays, weight, mask, plain, place)
        if out is not None and gradients[0].data_ptr() != out.data_ptr():
            gradients = (out.detach().copy_(gradients[0]),)
        return value, gradients

    def _in_one_pass(
        self,
        arrays: tuple[torch.Tensor, ...],
        weight: torch.Tensor | None,
        mask: torch.Tensor | None,
        plain: bool,
        place: torch.Tensor | None,
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        """By a loop where there is one for these, its gradient in `place` if that is given; else in one graph."""
        if self._by_rows:
            if softmax.takes(self.loss, *arrays):  # pyright: ignore[reportArgumentType, reportCallIssue]
                if plain and weight is None and arrays[0].ndim == 2 and self.loss.class_weight is None:  # pyright: ignore[reportAttributeAccessIssue]
                    return self._plain_softmax(arrays[0], arrays[1], place)
                gradients, value = self._softmax(*arrays, weight=weight, mask=mask, place=place)
                return value, gradients
        elif weight is None and mask is None and takes(arrays):
            if len(arrays) not in self._loops:
                names = self.loss.inputs[: len(arrays)]
                self._loops[len(arrays)] = one_pass(self.loss, names, self._given(arrays))
            loop = self._loops[len(arrays)]
            if loop is not None:
                share = 1.0 if self.reduction == "sum" else 1.0 / arrays[0].numel()
                total, gradients = loop(arrays, share, place)
                return torch.full((), total * share, dtype=torch.float32), gradients
        return self._in_one_graph(arrays, weight, mask)

    def _in_one_graph(
        self, arrays: tuple[torch.Tensor, ...], weight: torch.Tensor | None, mask: torch.Tensor | None
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        """By PyTorch's compiler: on a GPU, in other dtypes, with weights, and where a loss has no loop of its own."""
        if self._compiles:
            try:
                with nullcontext() if self._has_run else _said_if_slow(self.loss):
                    gradients, value = self._compiled(*arrays, weight=weight, mask=mask)
                self._has_run = True
                return value, gradients
            except Exception as error:
                if not _from_the_compiler(error):
                    raise
                # No compiler on this machine, or a graph it cannot take: the formula gives the same numbers.
                log.info("fuse: %s runs uncompiled (%s)", self.loss, str(error).split("\n", 1)[0])
                self._compiles = False
        value, gradients = self.loss.value_and_gradient(
            *arrays, weight=weight, mask=mask, reduction=self.reduction, empty=self.empty
        )
        return value, gradients if isinstance(gradients, tuple) else (gradients,)

    def __call__(
        self, *inputs: torch.Tensor, weight: torch.Tensor | None = None, mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        moving = torch.is_grad_enabled() and any(inputs[k].requires_grad for k in self._given(inputs))
        if not moving or torch.compiler.is_compiling() or transformed():
            return self._reduced(*inputs, weight=weight, mask=mask)
        return _OnePass.apply(self, weight, mask, *inputs)  # pyright: ignore[reportReturnType]

    def _given(self, inputs: tuple[torch.Tensor, ...]) -> tuple[int, ...]:
        """Which inputs are differentiated: optional ones may be missing."""
        return tuple(k for k in self._wrt if k < len(inputs))

    def _by_formula(self, *arrays: torch.Tensor, weight: Any = None, mask: Any = None) -> Any:
        """The gradients and the value."""
        both = torch.func.grad_and_value(self._reduced, argnums=self._given(arrays))
        return both(*arrays, weight=weight, mask=mask)

    def _reduced(
        self, *inputs: torch.Tensor, weight: torch.Tensor | None = None, mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        return self.loss(*inputs, weight=weight, mask=mask, reduction=self.reduction, empty=self.empty)

    def _plain_softmax(
        self, logits: torch.Tensor, target: torch.Tensor, place: torch.Tensor | None
    ) -> tuple[torch.Tensor, tuple[torch.Tensor]]:
        """Where every row counts 1: nothing is made but the values and the gradient."""
        share = 1.0 if self.reduction == "sum" else 1.0 / len(logits)
        gradient = torch.empty_like(logits) if place is None else place
        value = softmax(self.loss, logits, target, share, gradient).sum() * share  # pyright: ignore[reportArgumentType]
        return value, (gradient,)

    def _softmax(
        self, logits: torch.Tensor, target: torch.Tensor, weight: Any = None, mask: Any = None, place: Any = None
    ) -> tuple[tuple[torch.Tensor], torch.Tensor]:
        """The gradient and the value of cross-entropy, by its own rule: the formula's derivative takes more passes."""
        assert isinstance(self.loss, CrossEntropy)
        wide = torch.promote_types(logits.dtype, torch.float32)
        inputs = received(self.loss, logits.to(wide), target, mask, weight)
        scale, divisor = scales(self.loss, inputs, self.reduction)
        assert isinstance(inputs.student, torch.Tensor)
        assert isinstance(inputs.target, torch.Tensor)
        if softmax.takes(self.loss, inputs.student, inputs.target):
            if place is None or inputs.rows is not None:
                place = torch.empty_like(inputs.student)
            gradient = place.view(inputs.student.shape)
            values = softmax(self.loss, inputs.student, inputs.target, scale, gradient)
        else:
            gradient = inputs.student.clone()
            values = cross_entropy(self.loss, gradient, inputs.target, scale, gradient)
        value = finished(self.loss, (scale * values).sum(), divisor, self.reduction, self.empty)
        if inputs.rows is not None:  # run uncompiled, rows are left out
            gradient = logits.new_zeros(inputs.shape.numel(), logits.shape[-1]).index_copy(0, inputs.rows, gradient)
        return (gradient.reshape(logits.shape).to(logits.dtype),), value

    def __reduce__(self) -> tuple[Any, ...]:
        return Fused, (self.loss, self.reduction, self.empty)  # what was compiled is on disk

    def __repr__(self) -> str:
        return f"fuse({self.loss}, reduction={self.reduction!r})"


class _OnePass(torch.autograd.Function):
    """The gradient is made with the value and kept; a second derivative recomputes it from the formula."""

    @staticmethod
    def forward(ctx: Any, fused: Fused, weight: Any, mask: Any, *inputs: torch.Tensor) -> torch.Tensor:
        value, gradients = fused._both(inputs, weight, mask)
        ctx.fused, ctx.weight, ctx.mask = fused, weight, mask
        ctx.save_for_backward(*gradients, *inputs)
        return value

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[Any, ...]:
        count = len(ctx.needs_input_grad) - 3
        gradients, inputs = ctx.saved_tensors[:-count], ctx.saved_tensors[-count:]
        wrt = ctx.fused._given(inputs)
        if torch.is_grad_enabled():  # create_graph=True: the kept gradient is a constant, this one is not
            reduced = partial(ctx.fused._reduced, weight=ctx.weight, mask=ctx.mask)
            gradients = torch.func.grad(reduced, argnums=wrt)(*inputs)
        found = dict(zip(wrt, gradients, strict=True))
        return (None, None, None, *(found[k] * upstream[0] if k in found else None for k in range(len(inputs))))


@contextmanager
def _said_if_slow(loss: Loss) -> Iterator[None]:
    """Say what is going on when a first call takes over a second."""
    said = "fuse: compiling %s, once for each dtype and number of axes; what was compiled is kept on disk"
    timer = Timer(1.0, log.warning, (said, loss))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _own_code(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function behind a code object of its own.

    The compiler keeps its versions by code object, eight at most, and runs uncompiled from then on: with the code of
    `grad_and_value` shared by all, the ninth loss of a process would be slow.
    """

    def one_pass(*arrays: Any, **options: Any) -> Any:
        return function(*arrays, **options)

    return FunctionType(one_pass.__code__.replace(), one_pass.__globals__, "one_pass", None, one_pass.__closure__)


def _from_the_compiler(error: Exception) -> bool:
    return type(error).__module__.startswith(("torch._dynamo", "torch._inductor"))


def fuse(loss: Loss, *, reduction: Reduction = "mean", empty: Empty = "zero") -> Fused:
    """Value and gradient of a loss in one pass: each input is read once, the gradient written once.

    Elementwise losses of float32 on a CPU, and cross-entropy of class indices there, run in a loop of C++ made from the
    formula: a few tenths of a second to compile with $CXX or c++, kept in ~/.cache/losskit (or $XDG_CACHE_HOME).
    Everything else is `torch.compile` of `torch.func.grad_and_value`, whose first call takes seconds. Neither compiles
    again for other batch sizes; without a compiler the formula runs as it is. Raises ValueError for reduction "none".

    >>> import torch, losskit
    >>> criterion = losskit.torch.fuse(losskit.Huber(delta=1.0))
    >>> prediction = torch.tensor([0.0, 3.0], requires_grad=True)
    >>> criterion(prediction, torch.tensor([0.5, 0.0])).backward()
    >>> prediction.grad
    tensor([-0.2500,  0.5000])
    """
    return Fused(loss, reduction, empty)

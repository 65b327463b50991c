"""A loss as an nn.Module, with PyTorch's conventions."""

from __future__ import annotations

import torch

from losskit.arrays import namespace
from losskit.core.checks import shapes_are_checked
from losskit.core.loss import Loss
from losskit.core.objective import Objective
from losskit.core.reduction import Empty, Reduction, checked
from losskit.frameworks.torch.native import native, takes

xp = namespace(torch.empty(0))


class LossModule(torch.nn.Module):
    """The module that `module` makes; `loss` is the losskit loss inside."""

    def __init__(self, loss: Loss, axis: int, reduction: Reduction, empty: Empty) -> None:
        super().__init__()
        checked(reduction, empty)
        self.loss = loss
        self.axis = axis
        self.reduction: Reduction = reduction
        self.empty: Empty = empty
        # A loss never changes: what depends on it alone is found once, not in every call.
        self._kernel = native(loss)
        self._columns = loss.domain(loss.inputs[0]).columns
        self._some_columns = any(loss.domain(name).columns for name in loss.inputs)

    def forward(
        self, *inputs: torch.Tensor, weight: torch.Tensor | None = None, mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        """The loss of (input, target, …), each as PyTorch lays it out: classes along `axis`."""
        if self._some_columns and inputs[0].ndim > 2:
            inputs = self._classes_last(inputs)
        kernel = self._kernel
        if (
            kernel is None
            or weight is not None
            or mask is not None
            or len(inputs) != 2
            or not takes(*inputs, self._columns)
        ):
            return self.loss(*inputs, weight=weight, mask=mask, reduction=self.reduction, empty=self.empty)
        if shapes_are_checked():
            self._check(inputs)
        return kernel(*inputs, self.reduction)

    def _check(self, inputs: tuple[torch.Tensor, ...]) -> None:
        prediction, target = inputs
        bound = dict(zip(self.loss.inputs, inputs, strict=True))
        if self._columns or target.shape != prediction.shape:
            self.loss.check_shapes(xp, bound)
        self.loss.check_values(xp, bound)

    def _classes_last(self, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        first = inputs[0]
        if self.axis in (-1, first.ndim - 1):
            return inputs
        # A label array has one axis fewer and stays as it is.
        return tuple(array.movedim(self.axis, -1) if array.ndim == first.ndim else array for array in inputs)

    def extra_repr(self) -> str:
        return f"{self.loss}, reduction={self.reduction!r}"


def module(
    loss: Loss | Objective, axis: int = 1, *, reduction: Reduction = "mean", empty: Empty = "zero"
) -> torch.nn.Module:
    """A loss (or an objective without penalties) as an nn.Module: `module(loss)(input, target)`.

    axis: where class scores lie in inputs with more than two axes; PyTorch's (N, C, d₁ …) is 1. PyTorch's own kernel is
    used where it gives the same numbers (`losskit.torch.NATIVE`). weight= and mask= go with the values, as in Loss.

    >>> import torch, losskit
    >>> criterion = losskit.torch.module(losskit.CrossEntropy(label_smoothing=0.1))
    >>> criterion(torch.zeros(4, 3), torch.tensor([0, 1, 2, 0]))
    tensor(1.0986)
    """
    if isinstance(loss, Objective):
        return ObjectiveModule(loss, axis)
    return LossModule(loss, axis, reduction, empty)


class ObjectiveModule(torch.nn.Module):
    """An objective as an nn.Module; pass parameters= where it has penalties."""

    def __init__(self, objective: Objective, axis: int) -> None:
        super().__init__()
        self.objective = objective
        self.losses = torch.nn.ModuleList(LossModule(loss, axis, "mean", "zero") for _, loss in objective.losses)

    def forward(
        self,
        *inputs: torch.Tensor,
        parameters: object = None,
        weight: torch.Tensor | None = None,
        mask: torch.Tensor | None = None,
    ) -> torch.Tensor:
        parts = [
            c * part(*inputs, weight=weight, mask=mask)
            for (c, _), part in zip(self.objective.losses, self.losses, strict=True)
        ]
        if self.objective.penalties:
            if parameters is None:
                raise TypeError(f"{self.objective} penalises parameters: pass parameters=model.parameters()")
            held = list(parameters)  # pyright: ignore[reportArgumentType, reportCallIssue] - an iterator is used once
            parts += [c * penalty(held) for c, penalty in self.objective.penalties]
        return torch.stack([part.reshape(()) for part in parts]).sum()

    def extra_repr(self) -> str:
        return str(self.objective)

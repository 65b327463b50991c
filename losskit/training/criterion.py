"""An objective on the batches of one training set: the objective's own numbers in less time."""

from __future__ import annotations

import torch

from losskit.core.checks import shapes_are_checked
from losskit.core.loss import Loss
from losskit.core.objective import Objective
from losskit.frameworks.torch.native import Kernel, native, takes


class Criterion:
    """objective(prediction, target), a loss by PyTorch's own kernel where it has a right one.

    `targets` are all that there are; None where that is not known.
    """

    def __init__(
        self, objective: Objective, parameters: list[torch.nn.Parameter], targets: torch.Tensor | None
    ) -> None:
        kernels = [(c, loss, native(loss)) for c, loss in objective.losses]
        self._losses = [(c, loss if kernel is None else Native(loss, kernel, targets)) for c, loss, kernel in kernels]
        self._penalties = objective.penalties
        self._parameters = parameters

    def __call__(self, prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        parts = [loss(prediction, target) if c == 1 else c * loss(prediction, target) for c, loss in self._losses]
        parts += [c * penalty(self._parameters) for c, penalty in self._penalties]
        return sum(parts[1:], start=parts[0])


class Native:
    """A loss by PyTorch's kernel, or by its formula where the kernel would not do the same.

    Losses that have a kernel take any prediction, so only targets can be wrong. They are checked once, at the first
    batch, where all are known, else in each; shapes and types are checked when they are new.
    """

    def __init__(self, loss: Loss, kernel: Kernel, targets: torch.Tensor | None) -> None:
        self._loss, self._kernel, self._targets = loss, kernel, targets
        self._columns = loss.domain(loss.inputs[0]).columns
        self._known: dict[tuple[object, ...], bool] = {}

    def __call__(self, prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        kind = (prediction.shape, prediction.dtype, target.shape, target.dtype)
        fits = self._known.get(kind)
        if fits is None or (fits and self._targets is None):
            fits = self._known[kind] = self._checked(prediction, target)
        return self._kernel(prediction, target, "mean") if fits else self._loss(prediction, target)

    def _checked(self, prediction: torch.Tensor, target: torch.Tensor) -> bool:
        """Whether the kernel does what the formula does; the formula checks what it is given by itself."""
        if not takes(prediction, target, self._columns):
            return False
        xp, bound = self._loss.bind((prediction, target), {})
        if shapes_are_checked():
            self._loss.check_shapes(xp, bound)
        targets = target if self._targets is None else self._targets
        self._loss.check_values(xp, bound | {self._loss.inputs[1]: targets})
        return True

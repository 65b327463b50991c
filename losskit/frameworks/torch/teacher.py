"""A teacher that is a moving average of its student."""

from __future__ import annotations

import copy
from typing import Any

import torch

__all__ = ["MovingAverage"]


class MovingAverage(torch.nn.Module):
    """A copy of a model whose parameters follow it: θ' ← m θ' + (1 − m) θ with each `update(model)`.

    Called, it runs the copy without gradients, in evaluation mode unless train() is asked of it. The teacher of mean
    teacher, MoCo, BYOL and DINO: `loss(student(x), teacher(x))` with any loss of two predictions, updated after each of
    the student's steps. Floating-point buffers (running statistics) are averaged too, others are copied.
    momentum m in [0, 1). warmup=True takes min(m, (1 + n) / (10 + n)) at the n-th update, so that the random start is
    forgotten soon.

    >>> import torch, losskit
    >>> model = torch.nn.Linear(2, 1)
    >>> teacher = losskit.torch.MovingAverage(model, momentum=0.99)
    >>> teacher.update(model)
    >>> teacher(torch.zeros(3, 2)).requires_grad
    False

    Source: Tarvainen & Valpola 2017, arXiv:1703.01780.
    """

    updates: torch.Tensor

    def __init__(self, model: torch.nn.Module, momentum: float = 0.999, warmup: bool = False) -> None:
        super().__init__()
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum: expected a number in [0, 1), got {momentum}")
        self.momentum, self.warmup = momentum, warmup
        self.model = copy.deepcopy(model).requires_grad_(False)
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))
        self.eval()

    @torch.no_grad()
    def forward(self, *inputs: Any, **named: Any) -> Any:
        return self.model(*inputs, **named)

    @torch.no_grad()
    def update(self, model: torch.nn.Module) -> None:
        """Move towards the model. Raises ValueError for a model of other parameters or buffers."""
        mine, theirs = self._arrays(self.model), self._arrays(model)
        if {k: v.shape for k, v in mine.items()} != {k: v.shape for k, v in theirs.items()}:
            raise ValueError("update: expected a model with the parameters and buffers of the one that was copied")
        n = int(self.updates)
        momentum = min(self.momentum, (1 + n) / (10 + n)) if self.warmup else self.momentum
        for name, own in mine.items():
            new = theirs[name].detach().to(own.device)
            if own.is_floating_point():
                own.lerp_(new.to(own.dtype), 1 - momentum)
            else:
                own.copy_(new)
        self.updates += 1

    @staticmethod
    def _arrays(model: torch.nn.Module) -> dict[str, torch.Tensor]:
        return dict(model.named_parameters()) | dict(model.named_buffers())

    def extra_repr(self) -> str:
        return f"momentum={self.momentum}, warmup={self.warmup}"

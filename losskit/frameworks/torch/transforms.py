"""Which of PyTorch's transforms are at work."""

from __future__ import annotations

import torch
from torch.autograd import forward_ad


def forward_mode() -> bool:
    """Whether derivatives are taken forward: dual numbers, torch.func.jvp, jacfwd, hessian."""
    return forward_ad._current_level >= 0


def functional() -> bool:
    """Whether torch.func or torch.vmap is at work."""
    return torch._C._are_functorch_transforms_active()


def transformed() -> bool:
    """Whether anything but plain backward is at work."""
    return functional() or forward_mode()

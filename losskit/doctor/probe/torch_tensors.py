"""Reading PyTorch tensors: their values, a sample of them, their norms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

from losskit.doctor.probe.tensors import ENTRIES


def numpy(tensor: torch.Tensor) -> Any:
    """The tensor as a NumPy array; a type that NumPy lacks becomes float32."""
    tensor = tensor.detach()
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.float()
    if tensor.is_sparse or tensor.is_quantized:
        tensor = tensor.to_dense() if tensor.is_sparse else tensor.dequantize()
    return tensor.cpu().numpy()


def sample(tensor: torch.Tensor) -> torch.Tensor:
    """About ENTRIES evenly spaced entries; an odd distance does not fall into step with the rows."""
    return tensor.reshape(-1)[:: tensor.numel() // ENTRIES | 1]


def norms(tensors: Iterable[torch.Tensor], order: int = 2) -> list[float]:
    """One norm per tensor, read from the device once."""
    tensors = [tensor.detach() for tensor in tensors]
    if not tensors:
        return []
    tensors = [t if t.dtype in (torch.float32, torch.float64) or t.is_complex() else t.float() for t in tensors]
    found = torch._foreach_norm(tensors, order)  # pyright: ignore[reportPrivateImportUsage]
    device = found[0].device
    return torch.stack([norm.to(device=device, dtype=torch.float64) for norm in found]).tolist()


def first_tensor(values: Iterable[Any]) -> torch.Tensor | None:
    for value in values:
        if isinstance(value, torch.Tensor):
            return value
        if isinstance(value, dict):
            value = tuple(value.values())
        if isinstance(value, (tuple, list)) and (found := first_tensor(value)) is not None:
            return found
    return None


__all__ = ["first_tensor", "norms", "numpy", "sample"]

"""How many entries the tensors have that are made while something runs: the largest, and all together."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode


class Largest(TorchDispatchMode):
    """Remembers how many entries the largest tensor made has, and all tensors: a measure of work on any machine."""

    entries = 0
    total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for each in result if isinstance(result, tuple | list) else [result]:
            if isinstance(each, torch.Tensor) and not each.is_meta:  # a shape only
                held = each.untyped_storage().nbytes() // each.element_size()  # an expanded row holds one row
                self.entries = max(self.entries, min(held, each.numel()))
                self.total += min(held, each.numel())
        return result

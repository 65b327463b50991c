"""What a loss that is no number was averaged over, read off autograd's graph before backward frees it."""

from __future__ import annotations

from collections import deque
from typing import Any

import torch

LOOKED_AT = 400  # nodes of the graph; a loss is nearer to its end than that
ALL_IGNORED = "every target of the batch is ignored or has weight 0"
_ELEMENTWISE = ("MseLoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "BinaryCrossEntropy")


def averaged_over_nothing(value: torch.Tensor) -> str | None:
    """In words, the mean of no entries that is in this value; None when there is none."""
    queue, seen = deque([value.grad_fn]), set()
    while queue and len(seen) < LOOKED_AT:
        node = queue.popleft()
        if node is None or node in seen:
            continue
        seen.add(node)
        found = _empty(node)
        if found is not None:
            return found
        queue.extend(following for following, _ in node.next_functions)
    return None


def _empty(node: Any) -> str | None:
    name: str = node.name()
    if name.startswith("NllLoss") and _is_zero(node._saved_total_weight):
        return ALL_IGNORED
    if name.startswith("DivBackward") and _is_zero(node._saved_other):
        return "the loss is divided by 0"
    if name.startswith("MeanBackward") and 0 in tuple(node._saved_self_sym_sizes):
        return "the mean of no entries"
    if name.startswith(_ELEMENTWISE) and node._saved_self.numel() == 0:
        return "the mean of no entries"
    return None


def _is_zero(saved: Any) -> bool:
    return isinstance(saved, torch.Tensor) and saved.numel() == 1 and float(saved) == 0


__all__ = ["ALL_IGNORED", "averaged_over_nothing"]

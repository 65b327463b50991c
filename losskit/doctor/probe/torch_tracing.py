"""Whether what runs now is being traced: then tensors hold no numbers, and nothing is to be asked of them."""

from __future__ import annotations

import torch
from torch._C._functorch import peek_interpreter_stack


def tracing() -> bool:
    """Inside of `torch.compile`, or of a transform of `torch.func`."""
    return torch.compiler.is_compiling() or peek_interpreter_stack() is not None


__all__ = ["tracing"]

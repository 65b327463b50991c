"""Value and gradient of elementwise losses in one loop of C++, written from the formula and its derivative.

PyTorch's compiler makes such a loop too; this one computes what branches share once, has elementary functions of half
the cost, compiles in a fraction of the time and is called in a few microseconds. Where there is no C++ compiler, or a
formula does what the loop cannot, PyTorch's takes over.
"""

from __future__ import annotations

import ctypes
import logging

import torch

from losskit.core.loss import Loss
from losskit.frameworks.torch.kernel.compiler import NoCompiler, build
from losskit.frameworks.torch.kernel.program import Unsupported, examples, trace, xp
from losskit.frameworks.torch.kernel.source import source
from losskit.frameworks.torch.transforms import transformed

log = logging.getLogger("losskit")
BLOCK = 64 * 4  # elements of a block of sums where vectors are shortest


class OnePass:
    """The loop of one loss: `one_pass(arrays, scale)` gives Σ value, and scale · gradient for each input in `wrt`."""

    def __init__(self, loss: Loss, names: tuple[str, ...], wrt: tuple[int, ...]) -> None:
        self.wrt = wrt
        self._library = build(source(trace(loss, names, wrt), len(names)))
        self._function = self._library.one_pass
        self._function.restype = ctypes.c_double
        pointers = len(names) + len(wrt)
        self._function.argtypes = [
            *[ctypes.c_void_p] * pointers, ctypes.c_float, ctypes.c_int64, ctypes.c_int, ctypes.c_void_p
        ]  # fmt: skip

    def __call__(
        self, arrays: tuple[torch.Tensor, ...], scale: float, out: torch.Tensor | None = None
    ) -> tuple[float, tuple[torch.Tensor, ...]]:
        count = arrays[0].numel()
        gradients = tuple(torch.empty_like(arrays[k]) for k in self.wrt) if out is None else (out,)
        sums = torch.empty((count + BLOCK - 1) // BLOCK, dtype=torch.float64)
        pointers = [array.data_ptr() for array in (*arrays, *gradients)]
        return self._function(*pointers, scale, count, torch.get_num_threads(), sums.data_ptr()), gradients


def one_pass(loss: Loss, names: tuple[str, ...], wrt: tuple[int, ...]) -> OnePass | None:
    """The loop of a loss, None where there cannot be one."""
    kind = type(loss)
    if kind.kind != "elementwise" or kind.sees_mask or kind.aggregate is not Loss.aggregate:
        return None
    if loss.kept(xp, *examples(names)) is not None or loss.measure(xp, *examples(names)) is not None:
        return None  # a mean of its own
    try:
        return OnePass(loss, names, wrt)
    except (Unsupported, NoCompiler) as why:
        log.info("fuse: %s has no loop of its own (%s)", loss, why)
        return None


def takes(arrays: tuple[torch.Tensor, ...]) -> bool:
    """Whether a loop reads these: real float32 memory of the CPU, of one shape, every element in its place."""
    shape = arrays[0].shape
    if torch.compiler.is_compiling() or transformed() or not arrays[0].numel():
        return False
    return all(
        type(array) is torch.Tensor
        and array.dtype is torch.float32
        and array.device.type == "cpu"
        and array.layout is torch.strided
        and array.shape == shape
        and array.is_contiguous()
        for array in arrays
    )

"""Cross-entropy of rows of logits in one loop of C++."""

from __future__ import annotations

import ctypes
import logging
from pathlib import Path
from typing import Any

import torch

from losskit.frameworks.torch.kernel import takes
from losskit.frameworks.torch.kernel.compiler import NoCompiler, build
from losskit.frameworks.torch.kernel.source import FUNCTIONS
from losskit.losses.classification import CrossEntropy

log = logging.getLogger("losskit")
SOURCE = FUNCTIONS + Path(__file__).with_name("softmax.cpp").read_text()


class Softmax:
    """`cross_entropy` of `projection.rows`, for what `takes` says. Compiled when it is first wanted."""

    def __init__(self) -> None:
        self._function: Any = None
        self._works = True

    def takes(self, loss: CrossEntropy, logits: torch.Tensor, target: torch.Tensor) -> bool:
        """Whether the loop computes this: class indices, float32 rows on the CPU, no softcap."""
        return (
            self._works
            and takes((logits,))
            and target.dtype is torch.int64
            and target.numel() * logits.shape[-1] == logits.numel()
            and loss.softcap is None
            and (loss.class_weight is None or not loss.label_smoothing)
            and self._is_built()
        )

    def __call__(
        self,
        loss: CrossEntropy,
        logits: torch.Tensor,
        target: torch.Tensor,
        scale: torch.Tensor | float | None,
        place: torch.Tensor | None,
        of_class: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The values; scale may be one number for all rows."""
        rows, classes = logits.shape
        if of_class is None and loss.class_weight is not None:
            of_class = logits.new_tensor(loss.class_weight)
        scales = scale.to(torch.float32).contiguous() if isinstance(scale, torch.Tensor) else None
        held = (target.contiguous(), of_class, scales)
        values = logits.new_empty(rows)
        in_place = place if place is not None and place.dtype is torch.float32 and place.is_contiguous() else logits
        wrong = self._function(
            logits.data_ptr(),
            *(None if array is None else array.data_ptr() for array in held),
            scale if isinstance(scale, float) else 1.0,
            loss.label_smoothing,
            loss.z_loss,
            values.data_ptr(),
            None if scale is None else in_place.data_ptr(),
            rows,
            classes,
            torch.get_num_threads(),
        )
        if wrong >= 0:
            raise IndexError(
                f"target[{wrong}]: expected a class index in [0, {classes}), got {int(target[wrong])}; "
                'fix: relabel, or set ignore_index (losskit.checks("values") looks before anything runs)'
            )
        if scale is not None and place is not None and place is not in_place:
            place.copy_(in_place)
        return values

    def _is_built(self) -> bool:
        if self._function is None:
            try:
                self._function = build(SOURCE).cross_entropy
            except NoCompiler as why:
                log.info("cross-entropy has no loop of its own (%s)", why)
                self._works = False
                return False
            pointer, real, whole = ctypes.c_void_p, ctypes.c_float, ctypes.c_int64
            self._function.restype = whole
            self._function.argtypes = [
                pointer, pointer, pointer, pointer, real, real, real, pointer, pointer, whole, whole, ctypes.c_int
            ]  # fmt: skip
        return True


softmax = Softmax()

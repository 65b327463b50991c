"""PyTorch's own kernels, where they are right: one pass instead of several. A test holds each row equal to ours.

Left out on purpose, because PyTorch's numbers differ from the formula: soft_margin_loss (overflows), kl_div (NaN at
0 · log 0), cross_entropy with probability targets (NaN at 0 · -inf) or class weights with smoothing, gaussian_nll_loss
(clamps the variance), binary_cross_entropy (clamps the logarithm), huber_loss with weights (divides by N).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from losskit.core.loss import Loss
from losskit.core.reduction import Reduction
from losskit.losses.classification import BinaryCrossEntropy, CrossEntropy
from losskit.losses.regression import AbsoluteError, Huber, SmoothL1, SquaredError

Kernel = Callable[[torch.Tensor, torch.Tensor, Reduction], torch.Tensor]


# The kernels behind torch.nn.functional's functions, which do again what LossModule has done: shapes are checked, and
# nothing is broadcast.
_C: Any = torch._C._nn  # pyright: ignore[reportAttributeAccessIssue]
_HOW = {"none": 0, "mean": 1, "sum": 2}
_PRECISE = (torch.float32, torch.float64)
NO_CLASS = -(2**62)  # that is ignored: a label outside 0 … C − 1 is an error, as everywhere in losskit


def _squared(prediction: torch.Tensor, target: torch.Tensor, reduction: Reduction) -> torch.Tensor:
    return _C.mse_loss(prediction, target, _HOW[reduction])


def _absolute(prediction: torch.Tensor, target: torch.Tensor, reduction: Reduction) -> torch.Tensor:
    return _C.l1_loss(prediction, target, _HOW[reduction])


def _huber(delta: float, prediction: torch.Tensor, target: torch.Tensor, reduction: Reduction) -> torch.Tensor:
    return _C.huber_loss(prediction, target, _HOW[reduction], delta)


def _smooth_l1(beta: float, prediction: torch.Tensor, target: torch.Tensor, reduction: Reduction) -> torch.Tensor:
    return _C.smooth_l1_loss(prediction, target, _HOW[reduction], beta)


def _binary_cross_entropy(prediction: torch.Tensor, target: torch.Tensor, reduction: Reduction) -> torch.Tensor:
    return torch.binary_cross_entropy_with_logits(prediction, target, None, None, _HOW[reduction])


def _cross_entropy(smoothing: float, scores: torch.Tensor, target: torch.Tensor, reduction: Reduction) -> torch.Tensor:
    scores = scores.movedim(-1, 1) if scores.ndim > 2 else scores
    return _C.cross_entropy_loss(scores, target, None, _HOW[reduction], NO_CLASS, smoothing)


def _if(right: bool, kernel: Kernel) -> Kernel | None:
    """A kernel for the settings it is right for; with others the formula runs."""
    return kernel if right else None


NATIVE: dict[type[Loss], Callable[[Any], Kernel | None]] = {
    SquaredError: lambda loss: _squared,
    AbsoluteError: lambda loss: _absolute,
    Huber: lambda loss: partial(_huber, loss.delta),
    SmoothL1: lambda loss: partial(_smooth_l1, loss.beta),
    BinaryCrossEntropy: lambda loss: _if(loss == BinaryCrossEntropy(), _binary_cross_entropy),
    CrossEntropy: lambda loss: _if(
        loss == CrossEntropy(label_smoothing=loss.label_smoothing), partial(_cross_entropy, loss.label_smoothing)
    ),
}


def native(loss: Loss) -> Kernel | None:
    """PyTorch's kernel for this loss with these hyper-parameters, None where there is none that is right."""
    row = NATIVE.get(type(loss))
    return None if row is None else row(loss)


def takes(prediction: object, target: object, columns: bool) -> bool:
    """Whether a kernel does the formula's own here: no half precision (ours sums in float32), nothing empty.

    columns: the prediction has a row of class scores for each target.
    """
    if not isinstance(prediction, torch.Tensor) or not isinstance(target, torch.Tensor):
        return False
    dtype = prediction.dtype
    if dtype not in _PRECISE or not prediction.numel():
        return False
    # Class probabilities: PyTorch's kernel divides by N and gives NaN for 0 · -inf. Indices: it takes int64 alone.
    return target.dtype == (torch.int64 if columns else dtype)

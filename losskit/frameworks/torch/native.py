"""PyTorch's own kernels, where they are right: one pass instead of several. A test holds each row equal to ours.

Left out on purpose, because PyTorch's numbers differ from the formula: soft_margin_loss (overflows), kl_div (NaN at
0 · log 0), cross_entropy with probability targets (NaN at 0 · -inf) or class weights with smoothing, gaussian_nll_loss
(clamps the variance), binary_cross_entropy (clamps the logarithm), huber_loss with weights (divides by N).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from losskit.core.loss import Loss
from losskit.core.reduction import Reduction
from losskit.losses.classification import BinaryCrossEntropy, CrossEntropy
from losskit.losses.regression import AbsoluteError, Huber, SmoothL1, SquaredError

Kernel = Callable[[torch.Tensor, torch.Tensor, Reduction], torch.Tensor]


def _squared(loss: SquaredError) -> Kernel:
    return lambda prediction, target, reduction: F.mse_loss(prediction, target, reduction=reduction)


def _absolute(loss: AbsoluteError) -> Kernel:
    return lambda prediction, target, reduction: F.l1_loss(prediction, target, reduction=reduction)


def _huber(loss: Huber) -> Kernel:
    return lambda prediction, target, reduction: F.huber_loss(prediction, target, reduction=reduction, delta=loss.delta)


def _smooth_l1(loss: SmoothL1) -> Kernel:
    return lambda prediction, target, reduction: F.smooth_l1_loss(
        prediction, target, reduction=reduction, beta=loss.beta
    )


def _binary_cross_entropy(loss: BinaryCrossEntropy) -> Kernel | None:
    if loss != BinaryCrossEntropy():  # other inputs, smoothing or class weights: the formula
        return None
    return lambda prediction, target, reduction: F.binary_cross_entropy_with_logits(
        prediction, target, reduction=reduction
    )


def _cross_entropy(loss: CrossEntropy) -> Kernel | None:
    if loss != CrossEntropy(label_smoothing=loss.label_smoothing):  # other settings: the formula
        return None

    def kernel(prediction: torch.Tensor, target: torch.Tensor, reduction: Reduction) -> torch.Tensor:
        scores = prediction.movedim(-1, 1) if prediction.ndim > 2 else prediction
        return F.cross_entropy(scores, target, reduction=reduction, label_smoothing=loss.label_smoothing)

    return kernel


NATIVE: dict[type[Loss], Callable[[Any], Kernel | None]] = {
    SquaredError: _squared,
    AbsoluteError: _absolute,
    Huber: _huber,
    SmoothL1: _smooth_l1,
    BinaryCrossEntropy: _binary_cross_entropy,
    CrossEntropy: _cross_entropy,
}


def native(loss: Loss) -> Kernel | None:
    """PyTorch's kernel for this loss with these hyper-parameters, None where there is none that is right."""
    row = NATIVE.get(type(loss))
    return None if row is None else row(loss)

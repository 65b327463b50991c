"""PyTorch's regression losses: residuals, and likelihoods of a normal and of a Poisson distribution."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from losskit.arrays.torch import xp
from losskit.compat.torch.conventions import (
    check,
    common_dtype,
    mean_or_zero,
    reduced,
    reduction_of,
    valid,
    warn_of_broadcasting,
    wide,
)
from losskit.core.domain import Positive
from losskit.core.kinds import ElementwiseLoss
from losskit.core.reduction import Reduction
from losskit.losses import (
    AbsoluteError,
    GaussianNegativeLogLikelihood,
    Huber,
    PoissonNegativeLogLikelihood,
    SmoothL1,
    SquaredError,
)

__all__ = ["gaussian_nll_loss", "huber_loss", "l1_loss", "mse_loss", "poisson_nll_loss", "smooth_l1_loss"]


def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.mse_loss: (input − target)²; a weighted mean divides by Σ weight.

    Shapes: any that broadcast, with a UserWarning where they differ; weight as input, else ValueError.
    fixed=True: losskit.SquaredError, which raises ShapeError instead, and returns half precision reduced in float32.
    """
    if not fixed:
        warn_of_broadcasting(input, target)
    reduction = reduction_of(reduction, size_average, reduce)
    if fixed:
        return SquaredError()(input, target, weight=weight, reduction=reduction)
    return _of_residual(SquaredError(), input, target, reduction, weight)


def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.l1_loss: |input − target|; shapes, weight and fixed=True as in mse_loss."""
    if not fixed:
        warn_of_broadcasting(input, target)
    reduction = reduction_of(reduction, size_average, reduce)
    if fixed:
        return AbsoluteError()(input, target, weight=weight, reduction=reduction)
    return _of_residual(AbsoluteError(), input, target, reduction, weight)


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.smooth_l1_loss; beta=0 is l1_loss, beta < 0 a RuntimeError.

    Shapes and fixed=True as in mse_loss.
    """
    if not fixed:
        warn_of_broadcasting(input, target)
    reduction = reduction_of(reduction, size_average, reduce)
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss does not support negative values for beta, got {beta}.")
    loss = SmoothL1(beta=beta) if beta else AbsoluteError()
    return loss(input, target, reduction=reduction) if fixed else _of_residual(loss, input, target, reduction)


def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.huber_loss: a weighted mean divides by the number of values, not by Σ weight.

    Shapes as in mse_loss; RuntimeError for delta ≤ 0.
    fixed=True: losskit.Huber, which divides by Σ weight and raises ShapeError instead of broadcasting.
    """
    if not fixed:
        warn_of_broadcasting(input, target)
    reduction = reduction_of(reduction)
    if delta <= 0:
        raise RuntimeError(f"huber_loss does not support non-positive values for delta, got {delta}.")
    loss = Huber(delta=delta)
    if fixed:
        return loss(input, target, weight=weight, reduction=reduction)
    return _of_residual(loss, input, target, reduction, weight, mean_of_weights=False)


def _of_residual(
    loss: ElementwiseLoss,
    input: Tensor,
    target: Tensor,
    reduction: Reduction,
    weight: Tensor | None = None,
    *,
    mean_of_weights: bool = True,
) -> Tensor:
    dtype = common_dtype(input, target)
    if weight is not None and weight.size() != input.size():
        raise ValueError("Weights and input must have the same size.")
    prediction, target = torch.broadcast_tensors(wide(input), wide(target))
    values = loss.formula(xp, prediction, target)
    if weight is None:
        return reduced(values, reduction, dtype)
    return reduced(values * weight, reduction, dtype, wide(weight).sum() if mean_of_weights else None)


def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.gaussian_nll_loss: ½ (log var + (input − target)² / var), ½ log 2π added if full.

    Shapes: input and target broadcast; var is a number, or of input's shape, or that without its last axis or with 1
    for one axis, else ValueError. Variances are raised to eps, which their gradient does not see; ValueError for one
    below 0. fixed=True: losskit.GaussianNegativeLogLikelihood of log var: no eps; var of 0 is a DomainError,
    broadcasting of input and target a ShapeError.
    """
    if not isinstance(var, Tensor):
        var = torch.full_like(input, var)
    if bool((var < 0).any()):
        raise ValueError("var has negative entry/entries")
    if var.size() != input.size():
        if var.size() == input.size()[:-1]:
            var = var.unsqueeze(-1)
        elif var.ndim != input.ndim or [b for a, b in zip(input.size(), var.size(), strict=True) if a != b] != [1]:
            raise ValueError(f"var is of incorrect size: {tuple(var.shape)} for input of {tuple(input.shape)}")
    reduction = valid(reduction, "is not valid")
    loss = GaussianNegativeLogLikelihood()
    dropped = 0.0 if full else math.log(2 * math.pi) / 2
    if fixed:
        Positive().check(xp, "var", var)
        log_variance = torch.log(wide(var)).expand_as(input)
        return mean_or_zero(loss(wide(input), target, log_variance, reduction="none") - dropped, reduction)
    clamped = var + (var.clamp(min=eps) - var).detach()
    values = loss.formula(xp, wide(input), wide(target), torch.log(wide(clamped))) - dropped
    return reduced(values, reduction, common_dtype(input, target, var))


def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
    *,
    fixed: bool = False,
) -> Tensor:
    """As torch.nn.functional.poisson_nll_loss: μ − target · log μ, with log μ = input, or log(input + eps) of a mean.

    full adds Stirling's approximation of log target! where target > 1. Shapes: any that broadcast.
    fixed=True: losskit.PoissonNegativeLogLikelihood: full adds the exact log target!, eps is not used, a mean ≤ 0 or a
    target that is no count is a DomainError, broadcasting a ShapeError.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    dtype = common_dtype(input, target)
    mean, target = wide(input), wide(target)
    if fixed:
        loss = PoissonNegativeLogLikelihood(input="log_mean" if log_input else "mean")
        if full:
            return loss(mean, target, reduction=reduction)
        check(loss, mean, target)
        return mean_or_zero(_without_factorial(loss, mean, target), reduction)
    if log_input:
        values = _without_factorial(PoissonNegativeLogLikelihood(), mean, target)
    else:
        values = _without_factorial(PoissonNegativeLogLikelihood(input="mean"), mean + eps, target) - eps
    if full:
        values = values + _stirling(target)
    return reduced(values, reduction, dtype)


def _without_factorial(loss: PoissonNegativeLogLikelihood, prediction: Tensor, target: Tensor) -> Tensor:
    """The loss without log target!: at a count of 0 it is the mean, and each count more takes log μ off."""
    log_mean = prediction if loss.input == "log_mean" else torch.log(prediction)
    return loss.formula(xp, prediction, torch.zeros_like(prediction)) - target * log_mean


def _stirling(target: Tensor) -> Tensor:
    large = target > 1
    t = torch.where(large, target, 1.0)
    return torch.where(large, t * torch.log(t) - t + torch.log(2 * math.pi * t) / 2, 0.0)

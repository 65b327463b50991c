"""Optimizers and learning-rate schedules by name: PyTorch's own, with their customary settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch.optim import Optimizer
from torch.optim import lr_scheduler as schedulers

Parameters = Iterable[torch.nn.Parameter]


def _in_one_pass(parameters: list[torch.nn.Parameter]) -> bool | None:
    """PyTorch's `fused=` for these: all of a step in one kernel, where it is right; None leaves PyTorch's own choice.

    On the CPU the kernel walks parameter and gradient in the order of memory, so both must lie alike.
    """
    right = all(p.device.type == "cpu" and p.is_floating_point() and p.is_contiguous() for p in parameters)
    return right or None


# Name → (customary learning rate, how it is made). "gradient_descent" is SGD on the whole training set at once.
OPTIMIZERS: dict[str, tuple[float, Callable[[list[torch.nn.Parameter], float, float], Optimizer]]] = {
    "gradient_descent": (1e-1, lambda p, lr, decay: torch.optim.SGD(p, lr=lr, weight_decay=decay)),
    "sgd": (1e-2, lambda p, lr, decay: torch.optim.SGD(p, lr=lr, weight_decay=decay)),
    "momentum": (1e-2, lambda p, lr, decay: torch.optim.SGD(p, lr=lr, momentum=0.9, weight_decay=decay)),
    "nesterov": (1e-2, lambda p, lr, decay: torch.optim.SGD(p, lr=lr, momentum=0.9, nesterov=True, weight_decay=decay)),
    "adam": (1e-3, lambda p, lr, decay: torch.optim.Adam(p, lr=lr, weight_decay=decay, fused=_in_one_pass(p))),
    "adamw": (1e-3, lambda p, lr, decay: torch.optim.AdamW(p, lr=lr, weight_decay=decay, fused=_in_one_pass(p))),
    "rmsprop": (1e-3, lambda p, lr, decay: torch.optim.RMSprop(p, lr=lr, weight_decay=decay)),
    "adagrad": (1e-2, lambda p, lr, decay: torch.optim.Adagrad(p, lr=lr, weight_decay=decay)),
}


def optimizer(
    name: str, parameters: Parameters, *, learning_rate: float | None = None, weight_decay: float = 0.0
) -> Optimizer:
    """The optimizer of that name; its customary learning rate where none is given."""
    if name not in OPTIMIZERS:
        raise ValueError(f"optimizer: expected one of {', '.join(OPTIMIZERS)}, got {name!r}")
    customary, make = OPTIMIZERS[name]
    rate = customary if learning_rate is None else learning_rate
    if not rate > 0:
        raise ValueError(f"learning_rate: expected a number > 0, got {learning_rate}")
    return make(list(parameters), rate, weight_decay)


def zero_gradients(optimizer: Optimizer) -> None:
    """optimizer.zero_grad() without its mark for the profiler, which takes ten times as long as the rest of it."""
    if type(optimizer).zero_grad is not Optimizer.zero_grad:  # one of its own
        optimizer.zero_grad()
        return
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = None


SCHEDULES = ("constant", "cosine", "linear", "step", "warmup_cosine")


def schedule(name: str, optimizer: Optimizer, steps: int) -> schedulers.LRScheduler:
    """The learning rate over `steps` optimizer steps, as a factor of the starting rate.

    constant; cosine to 0; linear to 0; step (a tenth after ½ and after ¾); warmup_cosine (up over the first 5 %).
    """
    steps = max(steps, 1)
    if name == "constant":
        return schedulers.LambdaLR(optimizer, lambda step: 1.0)
    if name == "cosine":
        return schedulers.CosineAnnealingLR(optimizer, T_max=steps)
    if name == "linear":
        return schedulers.LinearLR(optimizer, start_factor=1.0, end_factor=0.0, total_iters=steps)
    if name == "step":
        return schedulers.MultiStepLR(optimizer, milestones=sorted({steps // 2, steps * 3 // 4}), gamma=0.1)
    if name == "warmup_cosine":
        warm = max(steps // 20, 1)
        up = schedulers.LinearLR(optimizer, start_factor=1 / (warm + 1), total_iters=warm)
        down = schedulers.CosineAnnealingLR(optimizer, T_max=max(steps - warm, 1))
        return schedulers.SequentialLR(optimizer, [up, down], milestones=[warm])
    raise ValueError(f"schedule: expected one of {', '.join(SCHEDULES)}, got {name!r}")

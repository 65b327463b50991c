"""Several tasks in one loss: weights that are learned, drawn, or follow how the tasks' losses fall.

Each takes the tasks' losses as one tensor (K,), `torch.stack([...])`, and gives the loss to call backward on. Those
with a state are modules: their parameters belong to an optimizer, their buffers to a checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import torch

from losskit.core.hyperparameters import non_negative, positive
from losskit.losses.multi_task import UncertaintyWeighting

__all__ = [
    "DynamicWeightAverage",
    "FastAdaptiveMultitaskOptimization",
    "GradNorm",
    "RandomWeights",
    "UncertaintyWeights",
]


class TaskWeights(torch.nn.Module):
    """The base: K tasks."""

    def __init__(self, tasks: int) -> None:
        super().__init__()
        if not isinstance(tasks, int) or tasks < 1:
            raise ValueError(f"tasks: expected a whole number >= 1, got {tasks!r}")
        self.tasks = tasks

    def checked(self, losses: torch.Tensor, name: str = "losses") -> torch.Tensor:
        """The losses, if there is one for each task."""
        if tuple(losses.shape) != (self.tasks,):
            raise ValueError(f"{name}: expected shape ({self.tasks},), one for each task, got {tuple(losses.shape)}")
        return losses

    def extra_repr(self) -> str:
        return f"tasks={self.tasks}"


class UncertaintyWeights(TaskWeights):
    """losskit.UncertaintyWeighting with the log-variances as a parameter, 0 at the start.

    Give `log_variance` to the optimizer, without weight decay, which would pull the weights to 1/2.

    >>> import torch, losskit
    >>> weighting = losskit.torch.UncertaintyWeights(2)
    >>> weighting(torch.tensor([2.0, 4.0])).item()
    3.0
    """

    def __init__(self, tasks: int, regularizer: Literal["log", "softplus"] = "log") -> None:
        super().__init__(tasks)
        self.loss = UncertaintyWeighting(regularizer=regularizer)
        self.log_variance = torch.nn.Parameter(torch.zeros(tasks))

    def forward(self, losses: torch.Tensor) -> torch.Tensor:
        return self.loss(self.checked(losses), self.log_variance.to(losses.dtype))


class RandomWeights(TaskWeights):
    """Weights drawn anew for each loss: the softmax of K normal numbers, in evaluation 1/K each.

    A baseline that rivals learned weights. Source: Lin, Ye, Zhang & Tsang 2021, arXiv:2111.10603 (RLW).
    """

    def __init__(self, tasks: int, generator: torch.Generator | None = None) -> None:
        super().__init__(tasks)
        self.generator = generator

    def forward(self, losses: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return self.checked(losses).mean()
        drawn = torch.randn(self.tasks, generator=self.generator, dtype=losses.dtype, device=losses.device)
        return (torch.softmax(drawn, dim=0) * self.checked(losses)).sum()


class DynamicWeightAverage(TaskWeights):
    """Weights by how slowly each task's loss falls: wₖ = K softmax(rₖ / T)ₖ, rₖ its last mean over the one before.

    Call `end_epoch()` after each epoch; in the first two the weights are 1. temperature T > 0: large ones even the
    weights out. Source: Liu, Johns & Davison 2019, arXiv:1803.10704 (T = 2).
    """

    total: torch.Tensor
    batches: torch.Tensor
    means: torch.Tensor
    weights: torch.Tensor

    def __init__(self, tasks: int, temperature: float = 2.0) -> None:
        super().__init__(tasks)
        positive(temperature=temperature)
        self.temperature = temperature
        self.register_buffer("total", torch.zeros(tasks, dtype=torch.float64))
        self.register_buffer("batches", torch.zeros((), dtype=torch.int64))
        self.register_buffer("means", torch.full((tasks,), torch.nan, dtype=torch.float64))
        self.register_buffer("weights", torch.ones(tasks))

    def forward(self, losses: torch.Tensor) -> torch.Tensor:
        if self.training:
            self.total += self.checked(losses).detach()
            self.batches += 1
        return (self.weights.to(losses) * self.checked(losses)).sum()

    def end_epoch(self) -> None:
        """Weights for the next epoch from the mean losses of this one and the one before."""
        if self.batches == 0:
            raise RuntimeError("end_epoch: expected at least one loss since the epoch began, got none")
        means = self.total / self.batches
        if not self.means.isnan().any():
            self.weights.copy_(self.tasks * torch.softmax(means / self.means / self.temperature, dim=0))
        self.means.copy_(means)
        self.total.zero_()
        self.batches.zero_()


class GradNorm(TaskWeights):
    """Weights learned so that tasks pull on the shared layers with like strength, more where a task lags behind.

    `balance(losses, shared)` is the loss of the weights alone, Σₖ |Gₖ − Ḡ rₖ^α|: Gₖ = ‖∇ wₖLₖ‖ by the shared parameters
    (usually the last shared layer's), Ḡ their mean, rₖ the task's loss over its first one, relative to the mean of
    that; the targets are constants. Step an optimizer of `raw` with it, beside the model's with the weighted sum, which
    is what the module gives. The weights are K softmax(raw), so that they stay positive and sum to K, to which the
    paper rescales them after each step. alpha α ≥ 0: how hard the tasks that lag are pulled.

    Call balance before the weighted sum's backward frees the graph, and step both optimizers after.
    Source: Chen, Badrinarayanan, Lee & Rabinovich 2018, arXiv:1711.02257.
    """

    first: torch.Tensor

    def __init__(self, tasks: int, alpha: float = 1.5) -> None:
        super().__init__(tasks)
        non_negative(alpha=alpha)
        self.alpha = alpha
        self.raw = torch.nn.Parameter(torch.zeros(tasks))
        self.register_buffer("first", torch.full((tasks,), torch.nan))

    @property
    def weights(self) -> torch.Tensor:
        return self.tasks * torch.softmax(self.raw, dim=0)

    def forward(self, losses: torch.Tensor) -> torch.Tensor:
        return (self.weights.detach().to(losses.dtype) * self.checked(losses)).sum()

    def balance(self, losses: torch.Tensor, shared: Iterable[torch.Tensor]) -> torch.Tensor:
        """The loss of the weights; its gradient is that of `raw` only."""
        shared = list(shared)
        if self.first.isnan().any():
            self.first.copy_(self.checked(losses).detach())
        lengths = []
        for loss in self.checked(losses):
            gradients = torch.autograd.grad(loss, shared, retain_graph=True, materialize_grads=True)
            lengths.append(torch.linalg.vector_norm(torch.cat([g.flatten() for g in gradients])))
        # ‖∇ wL‖ = w ‖∇ L‖ for w > 0: no second derivative of the model is needed.
        pulls = self.weights.to(losses.dtype) * torch.stack(lengths).detach()
        with torch.no_grad():
            ratio = losses / self.first.to(losses.dtype)
            wanted = pulls.mean() * (ratio / ratio.mean()) ** self.alpha
        return (pulls - wanted).abs().sum()


class FastAdaptiveMultitaskOptimization(TaskWeights):
    """FAMO: weights that let all losses fall at one rate, from the losses alone, without a gradient for each task.

    The module gives c Σₖ zₖ log Lₖ, z = softmax(ξ), with the constant c = 1 / Σ zₖ/Lₖ: its gradient is the mean of ∇Lₖ
    with the weights zₖ/Lₖ. After the model's step pass the same batch's new losses to `update`, which moves ξ against
    by how much each logarithm fell. Losses have to be > 0. rate > 0 and decay ≥ 0: of ξ's own gradient descent.

    >>> import torch, losskit
    >>> weighting = losskit.torch.FastAdaptiveMultitaskOptimization(2)
    >>> weighting.update(before=torch.tensor([1.0, 1.0]), after=torch.tensor([0.5, 1.0]))
    >>> bool(weighting.weights[1] > weighting.weights[0])  # the one that did not fall
    True

    Source: Liu, Feng, Stone & Liu 2023, arXiv:2306.03792 (which steps ξ with Adam).
    """

    logits: torch.Tensor

    def __init__(self, tasks: int, rate: float = 0.025, decay: float = 0.001) -> None:
        super().__init__(tasks)
        positive(rate=rate)
        non_negative(decay=decay)
        self.rate, self.decay = rate, decay
        self.register_buffer("logits", torch.zeros(tasks))

    @property
    def weights(self) -> torch.Tensor:
        return torch.softmax(self.logits, dim=0)

    def forward(self, losses: torch.Tensor) -> torch.Tensor:
        weights = self.weights.to(losses.dtype)
        scale = 1 / (weights / self._positive(losses, "losses").detach()).sum()
        return scale * (weights * losses.log()).sum()

    @torch.no_grad()
    def update(self, before: torch.Tensor, after: torch.Tensor) -> None:
        """Move the weights by what a step of the model made of its batch's losses."""
        fell = self._positive(before, "before").log() - self._positive(after, "after").log()
        weights = self.weights.to(fell.dtype)
        gradient = weights * (fell - (weights * fell).sum())  # of Σ zₖ·fellₖ by ξ: the softmax's own derivative
        self.logits -= self.rate * (gradient.to(self.logits.dtype) + self.decay * self.logits)

    def _positive(self, losses: torch.Tensor, name: str) -> torch.Tensor:
        if bool((self.checked(losses, name) <= 0).any()):
            raise ValueError(f"{name}: expected losses > 0, whose logarithms are taken, got {losses.tolist()}")
        return losses

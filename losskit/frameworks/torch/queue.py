"""A queue of past embeddings: negatives from many batches for the price of one."""

from __future__ import annotations

import torch

from losskit.arrays import namespace
from losskit.core.hyperparameters import positive
from losskit.losses.classification import CrossEntropy
from losskit.losses.similarity import direction

__all__ = ["QueuedInfoNCE"]


class QueuedInfoNCE(torch.nn.Module):
    """InfoNCE against a queue of past keys: ℓᵢ = −log softmax(cos(qᵢ, ·) / T) at the own key. MoCo's loss.

    `criterion(queries, keys)`: (N, D) each; the i-th key is the i-th query's own, the `size` latest keys are its rivals
    (the batch's other keys are not). No gradient flows to keys: they come from a slowly moving copy of the model
    (`losskit.torch.MovingAverage`), else old and new ones do not compare. In training the keys enter the queue, after
    the loss was taken, in place of the oldest. Until it is full only the keys that were there count; of the first batch
    there are none, and the loss is 0. temperature T > 0. A checkpoint holds the queue.
    Source: He, Fan, Wu, Xie & Girshick 2019, arXiv:1911.05722.
    """

    queue: torch.Tensor
    seen: torch.Tensor

    def __init__(self, dimension: int, size: int = 65536, temperature: float = 0.07) -> None:
        super().__init__()
        positive(dimension=dimension, size=size, temperature=temperature)
        self.temperature = temperature
        self.register_buffer("queue", torch.zeros(size, dimension))
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))

    def forward(self, queries: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
        if queries.shape != keys.shape or queries.ndim != 2 or queries.shape[1] != self.queue.shape[1]:
            raise ValueError(
                f"queries, keys: expected (N, {self.queue.shape[1]}) both, got {tuple(queries.shape)} and "
                f"{tuple(keys.shape)}"
            )
        xp = namespace(queries)
        queries, keys = direction(xp, queries)[0], direction(xp, keys.detach())[0]
        rivals = self.queue[: int(self.seen.clamp(max=len(self.queue)))].to(queries.dtype)
        own = (queries * keys).sum(dim=1, keepdim=True)
        scores = torch.cat([own, queries @ rivals.T], dim=1) / self.temperature
        if self.training:
            self._enter(keys)
        return CrossEntropy()(scores, torch.zeros(len(scores), dtype=torch.int64, device=scores.device))

    @torch.no_grad()
    def _enter(self, keys: torch.Tensor) -> None:
        keys = keys[-len(self.queue) :]
        places = (self.seen + torch.arange(len(keys), device=keys.device)) % len(self.queue)
        # A new array, not a write into the old one, which the loss's graph still needs.
        self.queue = self.queue.index_copy(0, places, keys.to(self.queue.dtype))
        self.seen += len(keys)

    def extra_repr(self) -> str:
        size, dimension = self.queue.shape
        return f"{dimension=}, {size=}, temperature={self.temperature}"

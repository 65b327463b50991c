"""Vectors that stand for classes: learned proxies for losses of cosines, and centres that follow the embeddings."""

from __future__ import annotations

import torch

from losskit.arrays import namespace
from losskit.core.hyperparameters import positive
from losskit.core.loss import Loss
from losskit.losses.metric import Center
from losskit.losses.similarity import direction

__all__ = ["Centers", "Proxies"]


class Proxies(torch.nn.Module):
    """A loss of (scores, labels) on the cosines between embeddings and a learned vector for each class, times a scale.

    `proxies(embeddings, labels)`: embeddings (N, D), class indices (N,). With CrossEntropy and a scale of 16 to 64 it
    is the normalised softmax; with losses that take cosines (margins on angles, proxy-anchor) leave the scale at 1, for
    they have their own. per_class > 1: as many proxies for each class, of which the nearest counts (sub-centres).
    Proxies want a larger learning rate than the network: give `vectors` a parameter group of its own.

    >>> import torch, losskit
    >>> criterion = losskit.torch.Proxies(losskit.CrossEntropy(), classes=10, dimension=64, scale=16.0)
    >>> criterion(torch.randn(8, 64), torch.randint(10, (8,))).shape
    torch.Size([])

    Source: Movshovitz-Attias et al. 2017, arXiv:1703.07464; sub-centres: Deng et al. 2020, ECCV.
    """

    def __init__(self, loss: Loss, classes: int, dimension: int, scale: float = 1.0, per_class: int = 1) -> None:
        super().__init__()
        positive(scale=scale, classes=classes, dimension=dimension, per_class=per_class)
        self.loss, self.scale = loss, scale
        self.vectors = torch.nn.Parameter(torch.empty(classes, per_class, dimension))
        torch.nn.init.kaiming_normal_(self.vectors, mode="fan_in")

    def cosines(self, embeddings: torch.Tensor) -> torch.Tensor:
        """(N, C): the cosine of each embedding with the nearest proxy of each class; 0 for a zero vector."""
        xp = namespace(embeddings)
        units, vectors = direction(xp, embeddings)[0], direction(xp, self.vectors.to(embeddings.dtype))[0]
        return torch.einsum("nd,cpd->ncp", units, vectors).amax(dim=-1)

    def forward(self, embeddings: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return self.loss(self.scale * self.cosines(embeddings), labels)

    def extra_repr(self) -> str:
        classes, per_class, dimension = self.vectors.shape
        return f"{self.loss}, {classes=}, {dimension=}, scale={self.scale}, {per_class=}"


class Centers(torch.nn.Module):
    """Half the squared distance of embeddings to their class's centre, which follows them: the centre loss.

    `centers(embeddings, labels)`: embeddings (N, D), class indices (N,); the mean over the batch. In training each
    centre whose class occurs moves by rate · Σ(x − c) / (1 + n) over its n embeddings, after the loss was taken; the
    centres take no gradient. Add it to a cross-entropy with a weight of about 0.003 to 0.01: alone it draws everything
    to one point. Source: Wen et al. 2016, doi:10.1007/978-3-319-46478-7_31 (rate α = 0.5).
    """

    vectors: torch.Tensor

    def __init__(self, classes: int, dimension: int, rate: float = 0.5) -> None:
        super().__init__()
        positive(classes=classes, dimension=dimension, rate=rate)
        self.rate = rate
        self.register_buffer("vectors", torch.zeros(classes, dimension))

    def forward(self, embeddings: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        centers = self.vectors[labels].to(embeddings.dtype)  # a copy, of before they follow
        if self.training:
            self._follow((embeddings - centers).detach(), labels)
        return Center()(embeddings, centers)

    @torch.no_grad()
    def _follow(self, gaps: torch.Tensor, labels: torch.Tensor) -> None:
        pull = torch.zeros_like(self.vectors).index_add_(0, labels, gaps.to(self.vectors.dtype))
        count = torch.bincount(labels, minlength=len(self.vectors)).to(self.vectors.dtype)
        self.vectors += self.rate * pull / (1 + count[:, None])

    def extra_repr(self) -> str:
        classes, dimension = self.vectors.shape
        return f"{classes=}, {dimension=}, rate={self.rate}"

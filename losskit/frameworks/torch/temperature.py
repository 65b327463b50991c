"""A temperature that is learned with the model."""

from __future__ import annotations

import math

import torch

from losskit.core.hyperparameters import positive

__all__ = ["LearnableTemperature"]


class LearnableTemperature(torch.nn.Module):
    """Scores divided by a learned temperature: z / T, 1/T = eˢ at most `ceiling`; s is the parameter `log_scale`.

    Put it before any loss of scores or cosines: `loss(temperature(cosines), labels)`. CLIP starts at T = 0.07 and has
    the ceiling 100, without which the scale grows until the softmax is one-hot. Above the ceiling eˢ counts as the
    ceiling, but s keeps its gradient, so that it can come back (open_clip sets s back after each step).
    Give `log_scale` to the optimizer, without weight decay.
    Source: Wu, Xiong, Yu & Lin 2018, arXiv:1805.01978; learned: Radford et al. 2021, arXiv:2103.00020.
    """

    def __init__(self, start: float = 0.07, ceiling: float = 100.0) -> None:
        super().__init__()
        positive(start=start, ceiling=ceiling)
        if 1 / start > ceiling:
            raise ValueError(f"start: expected a temperature of at least 1 / ceiling = {1 / ceiling:g}, got {start}")
        self.ceiling = ceiling
        self.log_scale = torch.nn.Parameter(torch.tensor(-math.log(start)))

    @property
    def scale(self) -> torch.Tensor:
        """1/T."""
        # The part above the ceiling is a constant that is taken off again: its derivative by s is that of s.
        excess = (self.log_scale.detach() - math.log(self.ceiling)).clamp(min=0)
        return (self.log_scale - excess).exp()

    def forward(self, scores: torch.Tensor) -> torch.Tensor:
        return self.scale.to(scores.dtype) * scores

    def extra_repr(self) -> str:
        return f"ceiling={self.ceiling}"

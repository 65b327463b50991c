"""Batches of data that fits in memory: index a tensor, no worker processes."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from losskit.core.errors import ShapeError

Pair = tuple[torch.Tensor, torch.Tensor]


class Batches:
    """(inputs, targets) in batches of `size`, in a new random order at each pass; size None is one full batch.

    The order depends on the generator only, so that two runs with the same seed see the same batches.
    """

    def __init__(
        self, inputs: torch.Tensor, targets: torch.Tensor, size: int | None, generator: torch.Generator
    ) -> None:
        if len(inputs) != len(targets):
            raise ShapeError(f"targets: expected {len(inputs)} entries, as many as inputs, got {len(targets)}")
        if len(inputs) == 0:
            raise ShapeError("inputs: expected at least one sample, got none")
        if size is not None and size < 1:
            raise ValueError(f"batch_size: expected a number >= 1, or None for the whole set, got {size}")
        self.inputs, self.targets = inputs, targets
        self.size = len(inputs) if size is None else min(size, len(inputs))
        self.generator = generator

    def __len__(self) -> int:
        return -(-len(self.inputs) // self.size)

    def __iter__(self) -> Iterator[Pair]:
        if self.size == len(self.inputs):
            yield self.inputs, self.targets
            return
        order = torch.randperm(len(self.inputs), generator=self.generator).to(self.inputs.device)
        for index in order.split(self.size):
            yield self.inputs[index], self.targets[index]

"""A Dataset: inputs and one target, as NumPy arrays, with what was done to get there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Task = Literal["regression", "counts", "binary", "multiclass"]


@dataclass(frozen=True)
class Dataset:
    """Inputs (N, …) float32 and targets (N,): float32 values, or int64 class indices for classification.

    `classes` names the class of each index; `notes` say in plain words what was dropped, filled or converted;
    `why` says how the task was told.
    """

    name: str
    inputs: np.ndarray
    targets: np.ndarray
    task: Task
    why: str
    features: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def outputs(self) -> int:
        """How many numbers a model must give for a sample."""
        return len(self.classes) if self.task == "multiclass" else 1

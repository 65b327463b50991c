"""Training, validation and test parts, and scaling by what the training part shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from losskit.data.dataset import Dataset
from losskit.data.errors import DataError

Part = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Split:
    """Three parts of a Dataset, inputs scaled; `centre` and `scale` undo the scaling of a regression target.

    Statistics come from the training part alone, so that validation and test stay unseen. `target = scaled · scale +
    centre`; both are (0, 1) where targets are not scaled.
    """

    train: Part
    validation: Part
    test: Part
    centre: float = 0.0
    scale: float = 1.0


def split(dataset: Dataset, *, seed: int = 0, validation: float = 0.15, test: float = 0.15) -> Split:
    """Split at random (each class by itself), standardise tabular inputs and regression targets."""
    count = len(dataset.targets)
    if count < 10:
        raise DataError(f"{dataset.name}: expected at least 10 rows to train, validate and test on, got {count}")
    random = np.random.default_rng(seed)
    groups = [np.arange(count)]
    if dataset.task in ("binary", "multiclass"):
        groups = [np.flatnonzero(dataset.targets == k) for k in range(len(dataset.classes))]
    parts: list[list[np.ndarray]] = [[], [], []]
    for group in groups:
        order = random.permutation(group)
        held, seen = max(round(len(order) * test), 1), max(round(len(order) * validation), 1)
        for part, indices in zip(parts, (order[held + seen :], order[held : held + seen], order[:held]), strict=True):
            part.append(indices)
    train, valid, last = (np.sort(np.concatenate(part)) for part in parts)
    inputs = dataset.inputs
    if inputs.ndim == 2:
        centre, scale = inputs[train].mean(axis=0), inputs[train].std(axis=0)
        inputs = (inputs - centre) / np.where(scale > 0, scale, 1)
    targets, middle, spread = dataset.targets, 0.0, 1.0
    if dataset.task == "regression":
        middle, spread = float(targets[train].mean()), float(targets[train].std()) or 1.0
        targets = (targets - middle) / spread
    pieces = [
        (inputs[part].astype(np.float32), targets[part].astype(dataset.targets.dtype)) for part in (train, valid, last)
    ]
    return Split(pieces[0], pieces[1], pieces[2], middle, spread)

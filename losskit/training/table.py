"""Fitting a model to a split data set: tensors, model and score for each task."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from losskit.core.domain import Signs
from losskit.core.loss import Loss
from losskit.data.dataset import Dataset
from losskit.data.split import Part, Split
from losskit.recording.recording import Recording
from losskit.training.models import model as make_model
from losskit.training.run import Run

Score = Callable[[torch.Tensor, torch.Tensor], float]


def accuracy(classes: int) -> Score:
    """The share of right classes; one score per sample is a logit of the second class."""
    return lambda outputs, targets: float(
        (_predicted(outputs, classes) == (targets > 0 if classes == 2 else targets)).float().mean()
    )


def balanced_accuracy(classes: int) -> Score:
    """The mean over the classes of the share found of each."""

    def score(outputs: torch.Tensor, targets: torch.Tensor) -> float:
        labels = (targets > 0).long() if classes == 2 else targets
        right = (_predicted(outputs, classes).long() == labels).float()
        return float(torch.stack([right[labels == k].mean() for k in labels.unique()]).mean())

    return score


def r2(outputs: torch.Tensor, targets: torch.Tensor) -> float:
    """1 − squared error / squared deviation of the targets from their mean."""
    return float(1 - (outputs - targets).square().sum() / (targets - targets.mean()).square().sum())


def r2_of_log(outputs: torch.Tensor, targets: torch.Tensor) -> float:
    """R² of exp(output), for models of a log mean."""
    return r2(outputs.exp(), targets)


def _predicted(outputs: torch.Tensor, classes: int) -> torch.Tensor:
    return outputs > 0 if classes == 2 else outputs.argmax(dim=-1)


class TableFit:
    """A model of a name on a Split, trained with a loss; scores in the targets' own unit."""

    def __init__(
        self, dataset: Dataset, parts: Split, loss: Loss, metric: str, *, model: str, settings: dict[str, Any]
    ) -> None:
        fits = {dataset.task} | ({"regression"} if dataset.task == "counts" else set())
        required = tuple(name for name in loss.inputs if name not in loss.optional)
        if not fits & set(loss.tasks) or required != ("prediction", "target"):
            raise ValueError(f"loss: {loss} is for {', '.join(loss.tasks)}; the data are a {dataset.task} task")
        self.dataset, self.parts, self.loss = dataset, parts, loss
        self.metric = metric
        torch.manual_seed(settings.get("seed", 0))
        self.run = Run(
            make_model(model, dataset.inputs.shape[1:], dataset.outputs),
            loss,
            self._tensors(parts.train),
            self._tensors(parts.validation),
            score=self._score(metric),
            metric=metric,
            **settings,
        )

    @property
    def recording(self) -> Recording:
        return self.run.recording

    def fit(self, epochs: int, **options: Any) -> Recording:
        return self.run.fit(epochs, **options)

    def scores(self) -> dict[str, dict[str, float]]:
        """Loss, metric and, for numbers, the root mean squared error, on each part."""
        result = {}
        for name, part in (
            ("train", self.parts.train),
            ("validation", self.parts.validation),
            ("test", self.parts.test),
        ):
            data = self._tensors(part)
            result[name] = self.run.evaluate(data)
            if self.dataset.task in ("regression", "counts"):
                outputs = self.run.predict(data[0])
                predicted = outputs.exp() if self._models_log_mean() else outputs
                result[name]["rmse"] = float((predicted - data[1]).square().mean().sqrt()) * self.parts.scale
        return result

    def write_curve(self, path: str | os.PathLike[str]) -> None:
        """The loss curve as CSV: step, training loss, validation loss and metric where measured; replaced whole."""
        path = Path(path)
        columns = ["loss", "validation/loss", "validation/metric"]
        rows: dict[int, dict[str, float]] = {}
        for name in columns:
            for step, value in self.recording.signal(name):
                rows.setdefault(step, {})[name] = value
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            with open(temporary, "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, ["step", *columns])
                writer.writeheader()
                for step in sorted(rows):
                    writer.writerow({"step": step, **rows[step]})
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    def _tensors(self, part: Part) -> tuple[torch.Tensor, torch.Tensor]:
        inputs, targets = torch.from_numpy(part[0]), torch.from_numpy(part[1])
        if self.dataset.task == "binary":
            targets = targets.float()
            if isinstance(self.loss.domain("target"), Signs):
                targets = 2 * targets - 1
        return inputs, targets

    def _models_log_mean(self) -> bool:
        return self.loss.facts.minimiser == "log_mean"

    def _score(self, metric: str) -> Score:
        classes = len(self.dataset.classes)
        if metric == "accuracy":
            return accuracy(classes)
        if metric == "balanced_accuracy":
            return balanced_accuracy(classes)
        return r2_of_log if self._models_log_mean() else r2

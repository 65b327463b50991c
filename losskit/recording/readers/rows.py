"""Rows of named numbers, as loggers write them, as a Recording."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from losskit.recording.facts import Metric, Progress
from losskit.recording.recording import Recording, Signal

# The task metrics that rules know, by the names that loggers give them.
METRICS = {
    "accuracy": "accuracy",
    "acc": "accuracy",
    "binary_accuracy": "accuracy",
    "categorical_accuracy": "accuracy",
    "sparse_categorical_accuracy": "accuracy",
    "balanced_accuracy": "balanced_accuracy",
    "r2": "r2",
    "r2_score": "r2",
}
RATES = ("lr", "learning_rate")
GRADIENT_NORMS = ("grad_norm", "gradient_norm")
VALIDATION = ("val_", "valid_", "validation_", "eval_", "test_")
TRAINING = ("train_", "training_")


def recording_of(rows: Sequence[Mapping[str, float]]) -> Recording:
    """A Recording of rows `column → number`; cells that were blank are absent.

    Steps are the column ``step``, else ``epoch``, else the row's number (also when the column goes back, as it does
    when a log was appended to). Of several columns for one signal, ``loss_step`` and ``loss_epoch`` for example, the
    one with the most numbers counts.
    """
    columns: dict[str, Signal] = {}
    for step, row in zip(_steps(rows), rows, strict=True):
        for name, value in row.items():
            columns.setdefault(name, Signal(name)).append(step, value)
    recording = Recording()
    for name, column in sorted(columns.items(), key=lambda item: len(item[1])):  # the longest last, which stays
        signal = signal_name(name)
        if signal is not None:
            recording.signals[signal] = Signal(signal, column.steps, column.values)
    recording.metric = _metric(recording, columns)
    epochs = columns.get("epoch")
    recording.progress = Progress(
        steps=max(_steps(rows), default=0),
        epochs=len({math.floor(value) for value in epochs.values}) if epochs is not None else None,
    )
    return recording


def signal_name(column: str) -> str | None:
    """The signal that a column holds, None for one that rules do not know."""
    name = column.lower().replace("/", "_").replace("-", "_")
    validation = name.startswith(VALIDATION)
    base = _base(name)
    if base == "loss":
        return "validation/loss" if validation else "loss"
    if base in METRICS:
        return "validation/metric" if validation else "metric"
    if base in RATES or name.startswith("lr_"):
        return "rate"
    return "gradient_norm" if base in GRADIENT_NORMS else None


def _base(name: str) -> str:
    for prefix in (*VALIDATION, *TRAINING):
        name = name.removeprefix(prefix)
    return name.removesuffix("_step").removesuffix("_epoch")


def _metric(recording: Recording, columns: Iterable[str]) -> Metric | None:
    for signal, source in (("validation/metric", "validation"), ("metric", "training")):
        series = recording.signal(signal)
        if len(series):
            bases = (_base(name.lower().replace("/", "_")) for name in columns if signal_name(name) == signal)
            finite = series.finite()
            best = float(finite.max()) if finite.size else None
            return Metric(METRICS[next(bases)], series.last, source, best)
    return None


def _steps(rows: Sequence[Mapping[str, float]]) -> list[int]:
    for column in ("step", "epoch"):
        steps = [int(row[column]) for row in rows if math.isfinite(row.get(column, math.nan))]
        if len(steps) == len(rows) and steps == sorted(steps):
            return steps
    return list(range(len(rows)))


__all__ = ["recording_of", "signal_name"]

"""The task metric of a run, from predictions and targets: accuracy, balanced accuracy or R².

It must mean the same for a script and its repaired copy, so it depends on the task (what the targets are) and not on
the loss: softmax dropped or kept, probabilities or logits, indices or one-hot rows, scaled or raw targets give the same
number for the same decisions.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from losskit.recording.facts import Metric

IMBALANCED = 0.8  # largest share of one class above which accuracy says little
RECENT = 0.2  # the part of the training batches behind Metric.value when nothing was held out,
RECENT_ROWS = 64  # and so many rows at least: of a handful any score may come
POOLED = 64  # with more outputs than this R² and accuracy are over all of them together
DECIDED = 10  # batches after which the metric keeps its name
KEPT = 1024  # tallies kept; more are merged in pairs


@dataclass
class ClassTally:
    """Decisions per true class; adds up over batches. A row per label where several are decided, else one row.

    Chance is the best constant decision for each label: of labels that are rare it is right without learning anything.
    """

    correct: np.ndarray
    count: np.ndarray

    def __add__(self, other: ClassTally) -> ClassTally:
        size = max(self.count.shape[1], other.count.shape[1])
        correct = _padded(self.correct, size) + _padded(other.correct, size)
        return ClassTally(correct, _padded(self.count, size) + _padded(other.count, size))

    @property
    def size(self) -> int:
        return int(self.count.sum())

    @property
    def classes(self) -> int:
        """How many have been seen, of the label that has most."""
        return int((self.count > 0).sum(axis=1).max(initial=0))

    def score(self, name: str) -> float | None:
        if self.size == 0:
            return None
        if name == "balanced_accuracy":
            return float(np.mean([(c[n > 0] / n[n > 0]).mean() for c, n in self._undecided()]))
        return float(self.correct.sum() / self.size)

    def chance(self, name: str) -> float | None:
        if self.size == 0:
            return None
        if name == "balanced_accuracy":
            return float(np.mean([1 / (n > 0).sum() for _, n in self._undecided()]))
        return float(self.count.max(axis=1).sum() / self.size)

    def _undecided(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """The labels of which as many classes were seen as of any: of the others nothing can be told."""
        seen = (self.count > 0).sum(axis=1)
        return [(c, n) for c, n, k in zip(self.correct, self.count, seen, strict=True) if k == self.classes]


@dataclass
class ValueTally:
    """Σ(p−t)², Σt and Σt² per output; adds up over batches."""

    count: int
    error: float
    total: np.ndarray
    squares: np.ndarray

    def __add__(self, other: ValueTally) -> ValueTally:
        return ValueTally(
            self.count + other.count, self.error + other.error, self.total + other.total, self.squares + other.squares
        )

    @property
    def size(self) -> int:
        return self.count

    def score(self, name: str) -> float | None:
        spread = float((self.squares - self.total**2 / max(self.count, 1)).sum())
        if self.count < 2 or not spread > 1e-12 * float(self.squares.sum()):
            return None
        return 1 - self.error / spread

    def chance(self, name: str) -> float | None:
        return 0.0


Tally = ClassTally | ValueTally


@dataclass
class Passes:
    """The evaluation passes over one set of data."""

    running: Tally | None = None
    last: Tally | None = None
    best: float | None = None
    count: int = 0


class TaskMetric:
    """Collects (prediction, target) batches of training and of evaluation passes.

    `scores` says what one score per row means for a 0/1 target: "probabilities" and "values" are compared with 0.5,
    "logits" with 0. `source` names the data that a pass runs over; passes over the source "training" do not count.
    """

    def __init__(self) -> None:
        self.name: str | None = None
        self._task: str | None = None
        self._levels: tuple[float, float] | None = None  # what stands for 0 and 1
        self._training: list[Tally] = []
        self._per_tally = 1
        self._pending: Tally | None = None
        self._pending_batches = 0
        self._passes: dict[Hashable, Passes] = {}

    def train_on(self, prediction: np.ndarray, target: np.ndarray, scores: str = "values") -> float | None:
        """A batch as it was predicted before it is trained on; returns the metric on this batch."""
        tally = self._tally(prediction, target, scores)
        if tally is None:
            return None
        self._pending = tally if self._pending is None else _merged(self._pending, tally)
        self._pending_batches += 1
        if self._pending_batches >= self._per_tally:
            self._training.append(self._pending)
            self._pending, self._pending_batches = None, 0
        if len(self._training) > KEPT:
            self._training = [_merged(a, b) for a, b in zip(self._training[::2], self._training[1::2], strict=False)]
            self._per_tally *= 2
        self._decide()
        name = self._likely_name()
        return tally.score(name) if name else None

    def evaluate_on(
        self, prediction: np.ndarray, target: np.ndarray, scores: str = "values", source: Hashable = "held out"
    ) -> None:
        """A batch of an evaluation pass."""
        tally = None if source == "training" else self._tally(prediction, target, scores)
        if tally is not None:
            passes = self._passes.setdefault(source, Passes())
            passes.running = tally if passes.running is None else _merged(passes.running, tally)

    def forget(self, source: Hashable) -> None:
        """This data turned out to be trained on."""
        self._passes.pop(source, None)

    @property
    def in_pass(self) -> bool:
        """Whether an evaluation pass has begun."""
        return any(passes.running is not None for passes in self._passes.values())

    @property
    def held_out(self) -> bool:
        """Whether data that is not trained on was evaluated."""
        return bool(self._passes)

    @property
    def validation_source(self) -> Hashable | None:
        """The held-out data that is evaluated on most often; the first of several."""
        return max(self._passes, key=lambda source: self._passes[source].count, default=None)

    def end_pass(self) -> float | None:
        """The evaluation passes are over; returns the metric on the validation data, None when that was not met."""
        value = None
        for source, passes in self._passes.items():
            if passes.running is None:
                continue
            passes.last, passes.running, passes.count = passes.running, None, passes.count + 1
            self._decide()
            score = passes.last.score(self.name) if self.name else None
            if score is not None:
                passes.best = score if passes.best is None else max(passes.best, score)
            if source == self.validation_source:
                value = score
        return value

    def fact(self) -> Metric | None:
        """The metric as it stands, None when no prediction met its target."""
        name = self._likely_name()
        if name is None:
            return None
        validation = self._validation
        if validation is not None:
            return _metric(name, "validation", validation, self._passes[self.validation_source].best)
        windows = self._windows()
        if not windows or (name == "r2" and windows[-1].size < RECENT_ROWS / 2):
            return None
        scores = [score for score in (window.score(name) for window in windows) if score is not None]
        return _metric(name, "training", windows[-1], max(scores, default=None))

    @property
    def _validation(self) -> Tally | None:
        """The last pass over the validation data."""
        return None if self.validation_source is None else self._passes[self.validation_source].last

    def _windows(self) -> list[Tally]:
        """Consecutive stretches of the training batches, each RECENT of them; the last one ends with the last batch.

        One of all of them where they are few.
        """
        tallies = self._training + ([self._pending] if self._pending is not None else [])
        enough = max(RECENT * sum(tally.size for tally in tallies), RECENT_ROWS)
        windows: list[Tally] = []
        window: Tally | None = None
        for tally in reversed(tallies):
            window = tally if window is None else _merged(tally, window)
            if window.size >= enough:
                windows.append(window)
                window = None
        if window is not None and not windows:
            windows.append(window)
        return windows[::-1]

    def _likely_name(self) -> str | None:
        """What the targets seen so far speak for."""
        if self.name is not None:
            return self.name
        validation = self._validation
        known = self._training or ([validation] if validation is not None else [])
        if not known:
            return None
        total = _sum(known)
        if isinstance(total, ValueTally):
            return "r2"
        if total.classes < 2:
            return None
        imbalanced = (total.chance("accuracy") or 0.0) > IMBALANCED
        return "balanced_accuracy" if imbalanced else "accuracy"

    def _decide(self) -> None:
        """The name is kept for the rest of the run after ten batches of training, or after an evaluation pass."""
        if self.name is None and (len(self._training) >= DECIDED or self._validation is not None):
            self.name = self._likely_name()

    def _tally(self, prediction: np.ndarray, target: np.ndarray, scores: str) -> Tally | None:
        prediction, target = np.asarray(prediction), np.asarray(target)
        if prediction.size == 0 or target.size == 0:
            return None
        if scores != "values" and prediction.size == target.size:
            target = self._as_two_classes(target)
        task, prediction, target = _task(prediction, target, self._task)
        if task is None:
            return None
        if self._task is None and task != "ones":
            self._task = task
        if task not in (self._task, "ones"):
            return None
        if task == "values":
            return _value_tally(prediction, target)
        if task == "classes":
            predicted, true = prediction.argmax(axis=1), target
        elif task == "sign":
            predicted, true = prediction > 0, target > 0
        else:
            predicted, true = prediction > (0.0 if scores == "logits" else 0.5), target
        several = task != "classes" and true.ndim == 2 and true.shape[1] <= POOLED
        labels = true.shape[1] if several else 1
        return _class_tally(_rows(predicted, labels), _rows(true, labels))

    def _as_two_classes(self, target: np.ndarray) -> np.ndarray:
        """Two whole numbers under a loss of probabilities are two classes, whatever they are (0/255, 2/4): a repaired
        copy has 0/1 in their place, and the same metric."""
        values = set(np.unique(target).tolist())
        if self._levels is None and len(values) == 2 and all(float(value).is_integer() for value in values):
            low, high = sorted(values)
            self._levels = None if {low, high} in ({0, 1}, {-1, 1}) else (low, high)
        if self._levels is None or not values <= set(self._levels):
            return target
        return (target == self._levels[1]).astype(np.int64)


def _task(prediction: np.ndarray, target: np.ndarray, known: str | None) -> tuple[str | None, np.ndarray, np.ndarray]:
    """What is being predicted, and both arrays brought to the shape it is compared in; None when they do not fit."""
    classes = prediction.ndim >= 2 and prediction.shape[1] > 1
    indices = prediction.shape[:1] + prediction.shape[2:]
    if target.ndim == prediction.ndim and target.ndim >= 2 and target.shape[1] == 1:
        unit = target.shape[:1] + target.shape[2:]
        if classes and unit == indices and _whole(target):
            target = target.reshape(unit)
    if classes and target.shape == indices and target.dtype.kind in "biu":
        return "classes", prediction, target
    if classes and target.shape == prediction.shape and known in (None, "classes") and _distributions(target):
        return "classes", prediction, target.argmax(axis=1)
    if prediction.size != target.size:
        return None, prediction, target
    if prediction.shape != target.shape:  # (N, 1) against (N,): the same rows, whatever the loss made of them
        if _squeezed(prediction) != _squeezed(target):
            return None, prediction, target
        target = target.reshape(prediction.shape)
    if known in ("0/1", "sign", "values"):
        return known, prediction, target
    values = set(np.unique(target).tolist())
    if values <= {1}:
        return "ones", prediction, target  # of 0 and 1, or of −1 and 1
    if values <= {0, 1}:
        return "0/1", prediction, target
    return ("sign" if values <= {-1, 1} else "values"), prediction, target


def _squeezed(array: np.ndarray) -> tuple[int, ...]:
    return tuple(size for size in array.shape if size != 1)


def _whole(array: np.ndarray) -> bool:
    return array.dtype.kind in "biu"


def _distributions(target: np.ndarray) -> bool:
    """Rows along axis 1 are probabilities over the classes (one-hot rows are)."""
    if target.dtype.kind == "f" and not np.isfinite(target).all():
        return False
    return bool((target >= 0).all() and np.allclose(target.sum(axis=1, dtype=np.float64), 1, atol=1e-3))


def _rows(decisions: np.ndarray, labels: int) -> np.ndarray:
    """Class numbers, a row per label (a column of the batch)."""
    return (decisions.T if labels > 1 else decisions).reshape(labels, -1).astype(np.int64)


def _class_tally(predicted: np.ndarray, true: np.ndarray) -> ClassTally | None:
    """Both hold a row of class numbers per label."""
    if not (true >= 0).any() or true.max() >= 1 << 20:
        return None
    size = max(int(true.max()) + 1, 2)
    correct, count = [], []
    for decided, known in zip(predicted, true, strict=True):
        keep = known >= 0  # ignored entries (−100) are nobody's class
        correct.append(np.bincount(known[keep & (decided == known)], minlength=size))
        count.append(np.bincount(known[keep], minlength=size))
    return ClassTally(np.array(correct), np.array(count))


def _value_tally(prediction: np.ndarray, target: np.ndarray) -> ValueTally:
    columns = int(np.prod(target.shape[1:])) if target.ndim > 1 else 1
    columns = columns if columns <= POOLED else 1
    target = target.reshape(-1, columns).astype(np.float64)
    error = float(((prediction.reshape(-1, columns) - target) ** 2).sum())
    return ValueTally(len(target), error, target.sum(axis=0), (target**2).sum(axis=0))


def _metric(name: str, source: str, tally: Tally, best: float | None) -> Metric:
    return Metric(name, tally.score(name), source, best=best, count=tally.size, chance=tally.chance(name))


def _merged(one: Tally, other: Tally) -> Tally:
    if isinstance(one, ClassTally) and isinstance(other, ClassTally) and len(one.count) == len(other.count):
        return one + other
    if isinstance(one, ValueTally) and isinstance(other, ValueTally) and one.total.shape == other.total.shape:
        return one + other
    return other


def _sum(tallies: list[Tally]) -> Tally:
    total = tallies[0]
    for tally in tallies[1:]:
        total = _merged(total, tally)
    return total


def _padded(counts: np.ndarray, size: int) -> np.ndarray:
    """More classes, of which none was seen."""
    return np.pad(counts, ((0, 0), (0, size - counts.shape[1])))


__all__ = ["TaskMetric"]

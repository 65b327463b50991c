"""What a sample of training pairs shows: values that do not belong, rows that are known, labels that fit or do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from losskit.doctor.probe.neighbours import FEWEST, agreement, labels, relation
from losskit.recording.facts import DataFacts

PAIRWISE = 512  # rows that are compared with one another
CLASSES = 64  # more different labels are numbers
FEW_CLASSES = 20  # the same of labels that are not integers by type
GAP = 10.0  # times as far from the median as the next entry: a gap, not a tail
ROBUST = 1.4826  # MAD of a normal sample in standard deviations
FAR = 10.0  # robust standard deviations
MINORITY = 0.1  # of the rows: more are not an exception
RANGES = 3.0  # of the other values of a feature, between them and one that is repeated
REPEATED = 3
DIFFERENT = 5  # other values, at least
MEASURED = 3  # features whose values are all different, but for copies of rows
EXACT = 1e-9  # what rounding of float32 leaves of a correlation of 1, squared and rounded up


def described(
    inputs: np.ndarray,
    targets: np.ndarray,
    *,
    batches: int,
    repeated_batches: int,
    names: set[int],
    evaluation_names: list[int],
    evaluation: tuple[np.ndarray, np.ndarray],
) -> DataFacts:
    """The facts of these pairs; `names` are the distinct rows seen in training."""
    finite = np.isfinite(inputs)
    columns = _complete(inputs, finite)
    valid = np.isfinite(targets).all(axis=1)
    classes = _classes(targets[valid])
    spread, relative = _spreads(inputs)
    sentinel = _sentinel(columns)
    outlying, score = _outlying(columns)
    single = targets[valid, 0] if targets.shape[1] == 1 and classes is None else np.zeros(0)
    scores = robust_scores(single)
    paired = inputs[valid][:PAIRWISE], targets[valid][:PAIRWISE]
    related = relation(paired[0], labels(paired[1], classes is not None)) if valid.any() else None
    compared = _compared(paired, evaluation) if classes is not None else None
    evaluated = set(evaluation_names)
    return DataFacts(
        rows=len(inputs),
        features=inputs.shape[1],
        batches=batches,
        repeated_batches=repeated_batches,
        classes=classes,
        distinct_rows=len(names),
        constant_features=float((spread == 0).mean()) if spread.size else 0.0,
        feature_std_maximum=float(spread.max()) if spread.size else None,
        feature_relative_std_maximum=float(relative.max()) if relative.size else None,
        non_finite_rows=float((~finite.all(axis=1)).mean()),
        non_finite_targets=float((~valid).mean()),
        sentinel=sentinel.value,
        sentinel_rows=sentinel.rows,
        sentinel_distance=sentinel.distance,
        outlying_rows=outlying,
        outlier_score=score,
        target_quartiles=tuple(np.percentile(single, (25, 50, 75)).tolist()) if single.size else (),
        target_minimum=float(single.min()) if single.size else None,
        target_maximum=float(single.max()) if single.size else None,
        target_outliers=float((scores > FAR).mean()) if scores.size else 0.0,
        target_outlier_score=float(scores.max()) if scores.size else 0.0,
        target_outlier_weight=_weight(scores),
        evaluation_rows=len(evaluation_names),
        seen_in_evaluation=sum(name in evaluated for name in names) / len(names) if evaluated else 0.0,
        evaluation_twins=_twins(evaluation_names),
        measured=_measured(columns),
        copy=_copy(inputs[valid], targets[valid], classes),
        agreement=None if related is None else related.agreement,
        agreement_chance=0.0 if related is None else related.chance,
        agreement_probability=1.0 if related is None else related.agreement_probability,
        dependence_probability=1.0 if related is None else related.dependence_probability,
        compared_rows=0 if compared is None else min(len(paired[0]), len(evaluation[0])),
        compared_agreement=None if compared is None else compared[0],
        evaluation_agreement=None if compared is None else compared[1],
    )


def _complete(inputs: np.ndarray, finite: np.ndarray) -> np.ndarray:
    """The features, one per row, with the median in the place of what is not finite."""
    inputs = inputs[:, finite.any(axis=0)]
    if not finite.all():
        with np.errstate(invalid="ignore"):
            known = np.where(np.isfinite(inputs), inputs, np.nan)
            inputs = np.where(np.isnan(known), np.nanmedian(known, axis=0), inputs)
    return np.ascontiguousarray(inputs.T)


def robust_scores(values: np.ndarray) -> np.ndarray:
    """Distances from the median in robust standard deviations; zeros where more than half of the values are equal."""
    if not values.size:
        return values
    distances = np.abs(values - np.median(values))
    spread = ROBUST * float(np.median(distances))
    return distances / spread if spread > 0 else np.zeros(len(values))


def _weight(scores: np.ndarray) -> float:
    """The share of the squared deviation that is the outliers'."""
    squares = scores**2
    return float(squares[scores > FAR].sum() / squares.sum()) if squares.any() else 0.0


def _classes(targets: np.ndarray) -> int | None:
    """How many classes there are, when each target is the number of one."""
    if targets.shape[1:] != (1,) or not len(targets) or not bool((targets == np.floor(targets)).all()):
        return None
    count = len(np.unique(targets))
    return count if 1 < count <= min(FEW_CLASSES, len(targets) / 2) else None


def _spreads(inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The deviation of each feature whose values are finite, and that over its |mean|."""
    inputs = inputs[:, np.isfinite(inputs).all(axis=0)].astype(np.float64)
    if not inputs.size:
        return np.zeros(0), np.zeros(0)
    spread = np.where(np.ptp(inputs, axis=0) == 0, 0.0, inputs.std(axis=0))
    size = np.abs(inputs.mean(axis=0))
    return spread, np.divide(spread, size, out=np.where(spread > 0, np.inf, 0.0), where=size > 0)


@dataclass(frozen=True)
class Sentinel:
    value: float | None = None
    rows: float = 0.0
    distance: float = 0.0


def _sentinel(columns: np.ndarray) -> Sentinel:
    """The value repeated at an end of a feature that stands furthest from the others, in their ranges.

    `columns` are features, one per row.
    """
    best = Sentinel()
    for ordered in (np.sort(columns), -np.sort(-columns)):
        repeated = (ordered == ordered[:, :1]).sum(axis=1)
        next_one = ordered[np.arange(len(ordered)), np.minimum(repeated, ordered.shape[1] - 1)]
        distance, width = np.abs(next_one - ordered[:, 0]), np.abs(ordered[:, -1] - next_one)
        found = (repeated >= REPEATED) & (distance > max(RANGES, best.distance) * width) & (width > 0)
        for index in np.flatnonzero(found):
            far, value = float(distance[index] / width[index]), ordered[index, 0]
            if far > best.distance and len(np.unique(ordered[index])) > DIFFERENT:
                best = Sentinel(float(value), float((columns == value).any(axis=0).mean()), far)
    return best


def _outlying(columns: np.ndarray) -> tuple[float, float]:
    """The share of rows with an entry behind a gap, and its largest robust score."""
    count = columns.shape[1]
    if count < 2:
        return 0.0, 0.0
    scores = np.abs(columns - np.median(columns, axis=1)[:, None])
    spread = ROBUST * np.median(scores, axis=1)
    scores = scores[spread > 0] / spread[spread > 0, None]
    order = np.sort(scores)
    beyond = order[:, 1:] > GAP * np.maximum(order[:, :-1], FAR / GAP)
    first = np.where(beyond.any(axis=1), beyond.argmax(axis=1) + 1, count)
    found = (first < count) & (count - first <= MINORITY * count)
    if not found.any():
        return 0.0, 0.0
    limits = order[np.flatnonzero(found), first[found]]
    return float((scores[found] >= limits[:, None]).any(axis=0).mean()), float(order[found, -1].max())


def _measured(columns: np.ndarray) -> bool:
    """Whether several features have a value of its own for every row that is different."""
    rows = np.unique(columns, axis=1).shape[1]
    return rows >= FEWEST and sum(len(np.unique(column)) == rows for column in columns) >= MEASURED


def _twins(names: list[int]) -> float:
    """The share of rows that equal another one."""
    if not names:
        return 0.0
    _, counts = np.unique(np.asarray(names), return_counts=True)
    return float(counts[counts > 1].sum() / len(names))


def _copy(inputs: np.ndarray, targets: np.ndarray, classes: int | None) -> int | None:
    """The feature from which the target follows exactly: an affine copy of it, or one value per class.

    None with a single feature, where that is the task.
    """
    if inputs.shape[1] < 2 or targets.shape[1] != 1 or len(inputs) < FEWEST:
        return None
    target, inputs = targets[:, 0], np.nan_to_num(inputs.astype(np.float64))
    if classes is None:
        centred, away = inputs - inputs.mean(axis=0), target - target.mean()
        norms = np.sqrt((centred**2).sum(axis=0) * (away**2).sum())
        found = (norms > 0) & (np.abs(away @ centred) > (1 - EXACT) * norms)
        several = [index for index in np.flatnonzero(found) if len(np.unique(inputs[:, index])) > FEW_CLASSES]
        return int(several[0]) if several else None
    groups = [inputs[target == label] for label in np.unique(target)]
    constant = np.all([np.ptp(group, axis=0) == 0 for group in groups], axis=0)
    first = np.sort(np.stack([group[0] for group in groups]), axis=0)
    different = (first[1:] > first[:-1]).all(axis=0)
    found = np.flatnonzero(constant & different)
    return int(found[0]) if len(found) else None


def _compared(
    training: tuple[np.ndarray, np.ndarray], evaluation: tuple[np.ndarray, np.ndarray]
) -> tuple[float, float] | None:
    """The neighbours' agreement over chance among training pairs and among evaluation pairs, of as many rows each."""
    count = min(len(training[0]), len(evaluation[0]))
    if count < FEWEST or training[0].shape[1:] != evaluation[0].shape[1:] or evaluation[1].shape[1:] != (1,):
        return None
    one, other = (_over_chance(inputs[:count], targets[:count]) for inputs, targets in (training, evaluation))
    return None if one is None or other is None else (one, other)


def _over_chance(inputs: np.ndarray, targets: np.ndarray) -> float | None:
    """1 for neighbours that always agree, 0 for those that agree as often as any two rows."""
    _, counts = np.unique(targets, return_counts=True)
    chance = float(((counts / len(targets)) ** 2).sum())
    return None if chance == 1 else (agreement(inputs, labels(targets, True)) - chance) / (1 - chance)


__all__ = ["described", "robust_scores"]

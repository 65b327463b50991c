"""Facts about the targets → a loss, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from losskit.core.loss import Loss
from losskit.data.dataset import Dataset
from losskit.losses.classification import BinaryCrossEntropy, CrossEntropy
from losskit.losses.imbalance import LogitAdjustedCrossEntropy
from losskit.losses.likelihood import NegativeBinomialNegativeLogLikelihood, PoissonNegativeLogLikelihood
from losskit.losses.regression import Huber, SquaredError

# Where classes count as imbalanced: the commonest has ten times the rarest (Japkowicz & Stephen 2002 find the damage
# growing from there on for sets of ordinary size).
IMBALANCE = 10.0
# Normal residuals exceed 5 robust standard deviations once in two million; a share of 1 % is a heavy tail.
OUTLIER_SIGMAS, OUTLIER_SHARE = 5.0, 0.01


@dataclass(frozen=True)
class Advice:
    """A loss for a task, the reasons for it, and what else was considered."""

    loss: Loss
    reasons: tuple[str, ...]
    alternatives: tuple[tuple[Loss, str], ...] = ()
    metric: str = "r2"


def advise(dataset: Dataset) -> Advice:
    """The loss that fits the targets of a data set.

    Classification: a cross-entropy, which is proper; with strong imbalance the one adjusted by class frequencies.
    Counts: Poisson, or negative binomial where the variance exceeds the mean. Regression: squared error, or Huber where
    the tails are heavy. Regression targets are taken as standardised, as `losskit.data.split` leaves them.
    """
    if dataset.task in ("binary", "multiclass"):
        return _classes(dataset)
    targets = dataset.targets.astype(np.float64)
    return _counts(targets) if dataset.task == "counts" else _regression(targets)


def _classes(dataset: Dataset) -> Advice:
    counts = np.bincount(dataset.targets, minlength=len(dataset.classes))
    ratio = counts.max() / max(counts.min(), 1)
    shown = f"the commonest class has {ratio:.1f} times the rows of the rarest"
    binary = dataset.task == "binary"
    plain: Loss = BinaryCrossEntropy() if binary else CrossEntropy()
    proper = "it is proper: its minimum is at the true class probabilities"
    if ratio < IMBALANCE:
        return Advice(plain, (f"{shown}: balanced enough", proper), metric="accuracy")
    shares = counts / counts.sum()
    weights = tuple(float(w) for w in 1 / (len(counts) * shares))
    weighted: Loss = (
        BinaryCrossEntropy(class_weight=(weights[0], weights[1]))
        if binary
        else LogitAdjustedCrossEntropy(prior=tuple(map(float, shares)))
    )
    reason = (
        "weights in inverse proportion to the class frequencies make both classes count the same"
        if binary
        else "adjusting the logits by the class frequencies aims at balanced accuracy (Menon et al. 2020)"
    )
    other = ((plain, "for calibrated probabilities at the data's own class frequencies"),)
    return Advice(weighted, (shown, reason), other, "balanced_accuracy")


def _counts(targets: np.ndarray) -> Advice:
    mean, variance = float(targets.mean()), float(targets.var())
    shown = f"whole numbers from 0 on with mean {mean:.3g} and variance {variance:.3g}"
    poisson = PoissonNegativeLogLikelihood()
    if variance <= 2 * mean:
        return Advice(poisson, (shown, "counts whose variance is near their mean are Poisson"))
    # Method of moments: variance = mean + dispersion · mean².
    dispersion = max((variance - mean) / mean**2, 1e-3)
    loss = NegativeBinomialNegativeLogLikelihood(dispersion=float(f"{dispersion:.3g}"))
    reason = f"the variance is {variance / mean:.1f} times the mean: more spread than Poisson allows"
    return Advice(loss, (shown, reason), ((poisson, "where the inputs explain the extra spread"),))


def _regression(targets: np.ndarray) -> Advice:
    centre = float(np.median(targets))
    sigma = 1.4826 * float(np.median(np.abs(targets - centre)))  # the normal's σ from its median absolute deviation
    share = float((np.abs(targets - centre) > OUTLIER_SIGMAS * sigma).mean()) if sigma > 0 else 0.0
    squared = SquaredError()
    if share < OUTLIER_SHARE:
        shown = f"{share:.2%} of the targets lie beyond {OUTLIER_SIGMAS:g} robust standard deviations: no heavy tails"
        return Advice(squared, (shown, "its minimiser is the mean, what a regression usually means"))
    # 1.345 σ keeps 95 % of least squares' efficiency for normal residuals (Huber 1964; Holland & Welsch 1977).
    delta = float(f"{1.345 * sigma / (float(targets.std()) or 1.0):.3g}")
    reasons = (
        f"{share:.1%} of the targets lie beyond {OUTLIER_SIGMAS:g} robust standard deviations: heavy tails",
        f"beyond {delta:g} standard deviations Huber's pull stays constant: outliers cannot dominate",
    )
    return Advice(Huber(delta=delta), reasons, ((squared, "where the outliers are what matters"),))

"""How a loss that the script wrote for Keras behaves, told by trying it on a batch that it was given."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

Pair = tuple[np.ndarray, np.ndarray]  # target and prediction

TOWARDS, ALMOST = 0.1, 0.9  # of the way from the prediction to the right answer
CLOSE = 1e-3  # of a value: rounding in float32


@dataclass(frozen=True)
class Behaviour:
    """`sums`: a batch has the loss of its two halves together, not their mean.

    `rises`: it does so on the way to the right answer.
    """

    sums: bool = False
    rises: bool = False


def behaviour(loss: Any, target: np.ndarray, prediction: np.ndarray) -> Behaviour:
    """Try the loss (a resolved Keras loss object) on one batch."""
    rows = len(prediction) // 2 * 2
    if prediction.dtype.kind != "f" or rows < 2 or len(target) < rows or not np.isfinite(prediction).all():
        return Behaviour()
    target, prediction, half = target[:rows], prediction[:rows], rows // 2
    whole = _value(loss, target, prediction)
    if not math.isfinite(whole):
        return Behaviour()
    parts = [_value(loss, target[part], prediction[part]) for part in (slice(half), slice(half, None))]
    sums = whole != 0 and abs(sum(parts) - whole) <= CLOSE * abs(whole)
    answer = _right_answer(target, prediction)
    if answer is None:
        return Behaviour(sums)
    if whole >= 0:
        return Behaviour(sums, rises=_turned(loss, target, prediction, answer))
    nearer, there = (_value(loss, target, prediction + part * (answer - prediction)) for part in (TOWARDS, ALMOST))
    # Minus a loss is 0 at the right answer and below it elsewhere. A score, as a critic's y·p, is not.
    return Behaviour(sums, rises=whole + CLOSE * abs(whole) < nearer < there <= 0)


def _turned(loss: Any, target: np.ndarray, prediction: np.ndarray, answer: np.ndarray) -> bool:
    """Whether predictions that vary against the targets are better than those that vary with them.

    Of two classes that may be meant: a distance is small where the label says "the same".
    """
    if len(np.unique(target)) <= 2 or not (scale := float(prediction.std())):
        return False
    middle, way = prediction.mean(axis=0), answer - answer.mean(axis=0)
    way = way * scale / max(float(way.std()), 1e-30)
    up, down = (_value(loss, target, (middle + part * way).astype(prediction.dtype)) for part in (1, -1))
    if _value(loss, target, answer.astype(prediction.dtype)) < down:
        return False  # lowest at the answer after all: some of the targets are masks, and not to be met
    return down + CLOSE * max(abs(up), abs(down)) < up


def averages_nothing(loss: Any, batch: Pair, another: Pair) -> bool:
    """Whether it is no number for the targets of a batch, whatever the prediction, and is one with another's added."""
    (target, prediction), (more_target, more_prediction) = batch, another
    if prediction.shape[1:] != more_prediction.shape[1:] or target.shape[1:] != more_target.shape[1:]:
        return False
    alone = _value(loss, target, np.resize(more_prediction, prediction.shape))
    targets = np.concatenate([target, more_target])
    together = _value(loss, targets, np.resize(more_prediction, (len(targets), *prediction.shape[1:])))
    return not math.isfinite(alone) and math.isfinite(together)


def _value(loss: Any, target: np.ndarray, prediction: np.ndarray) -> float:
    """The loss as Keras would reduce it."""
    from keras import ops

    given = (ops.convert_to_tensor(one.astype("float32")) for one in (target, prediction))
    return float(np.asarray(ops.convert_to_numpy(loss.call(*given))).mean())


def _right_answer(target: np.ndarray, prediction: np.ndarray) -> np.ndarray | None:
    """The prediction that the target asks for; None where that depends on what the loss expects."""
    if target.size == prediction.size:
        return target.reshape(prediction.shape)
    if target.size * prediction.shape[-1] != prediction.size or prediction.min() < 0 or prediction.max() > 1:
        return None
    answer = target.reshape(*prediction.shape[:-1], 1) == np.arange(prediction.shape[-1])
    return answer.astype(prediction.dtype) if answer.any(axis=-1).all() else None


__all__ = ["Behaviour", "averages_nothing", "behaviour"]

"""Keras's loss of a transcript whose alignment with the frames is not known."""

from __future__ import annotations

from typing import Any, cast

from losskit.arrays.keras import xp
from losskit.compat.keras.conventions import ops, pair, whole_labels
from losskit.losses import ConnectionistTemporalClassification

__all__ = ["ctc"]

Array = Any


def ctc(y_true: Array, y_pred: Array, *, fixed: bool = False) -> Array:
    """As keras.losses.ctc: −log Σ Πₜ pₜ(πₜ) over the paths π that are the transcript, of logits; 0 is the blank.

    Shapes: y_true (N, S), y_pred (N, T, C), else ValueError; values (N), in float32 for half precision. A transcript is
    as many of its row's first labels as the row has that are not 0. Where it has no path the value is inf with gradient
    0 on every backend; Keras 3.15 has some 1e5 on JAX. T must be known when TensorFlow traces, else ValueError.
    fixed=True: losskit.ConnectionistTemporalClassification: 0 and negative numbers are padding behind the labels alone:
    DomainError for a 0 between them, for a label that is not whole or out of range, and for a transcript without a
    path. A Keras mask is of whole samples, else ShapeError.
    """
    labels = whole_labels(y_true) if fixed else cast(Array, ops.cast(ops.convert_to_tensor(y_true), "int32"))
    if len(labels.shape) != 2:
        raise ValueError(
            "Targets `y_true` are expected to be a tensor of shape `(batch_size, max_length)` in integer format. "
            f"Received: y_true.shape={tuple(labels.shape)}"
        )
    given = pair(labels, y_pred, fixed=False, aligned=False)
    if len(given.prediction.shape) != 3:
        raise ValueError(
            "Logits `y_pred` are expected to be a tensor of shape `(batch_size, max_length, num_classes)`. "
            f"Received: y_pred.shape={tuple(given.prediction.shape)}"
        )
    if given.prediction.shape[1] is None:
        raise ValueError("y_pred: expected a known number of frames, got None; fix: pad to one length, in Input too")
    loss = ConnectionistTemporalClassification()
    if fixed:
        padded = xp.where(labels == 0, -1, labels)
        return loss(given.prediction, padded, mask=given.mask, reduction="none")
    return loss.formula(xp, given.prediction, labels, None, xp.sum(xp.cast(labels != 0, "int32"), axis=-1))

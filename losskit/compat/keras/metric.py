"""Keras's loss of embeddings."""

from __future__ import annotations

from typing import Any

import keras

from losskit.arrays.keras import xp
from losskit.compat.keras.conventions import get_keras_mask, set_keras_mask
from losskit.core.loss import HALF
from losskit.losses import Circle
from losskit.losses.contrastive import products
from losskit.losses.similarity import direction

__all__ = ["circle"]

ops = keras.ops
Array = Any


class Undivided(Circle):
    """Keras's, whose weights are differentiated too."""

    def weights(self, xp: Any, cosines: Array) -> tuple[Array, Array]:
        return xp.relu(1 + self.margin - cosines), xp.relu(cosines + self.margin)


def circle(
    y_true: Array,
    y_pred: Array,
    ref_labels: Array | None = None,
    ref_embeddings: Array | None = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
    *,
    fixed: bool = False,
) -> Array:
    """As keras.losses.circle: log(1 + Σ e^{γ α (1 − m − s)} · Σ e^{γ β (s − m)}) over like and unlike references.

    Shapes: y_true (N,) or (N, 1) whole numbers, y_pred (N, D) unit vectors, references alike (default: the batch
    itself); values (N,). The weights α and β are differentiated, and samples of value 0 are masked: they do not count
    in a mean. fixed=True: losskit.Circle: the weights are constants, as in the paper, lengths do not matter, and every
    sample counts.
    """
    mask = get_keras_mask(y_pred)
    y_pred = ops.convert_to_tensor(y_pred)
    dtype = xp.dtype_name(y_pred)
    inside = "float32" if dtype in HALF else dtype
    labels: Array = ops.reshape(ops.cast(y_true, "int32"), (-1, 1))
    own = ref_labels is None and ref_embeddings is None
    others: Array = ops.reshape(labels if ref_labels is None else ops.cast(ref_labels, "int32"), (1, -1))
    like, unlike = labels == others, labels != others
    if remove_diagonal:
        like = like & (xp.arange(like.shape[0], like=labels)[:, None] != xp.arange(like.shape[1], like=labels))
    embeddings = xp.cast(y_pred, inside)
    if fixed and mask is not None:  # neither a sample nor a rival
        embeddings = xp.where(xp.expand_dims(mask, -1), embeddings, 0.0)
        both = xp.expand_dims(mask, -1) & (xp.expand_dims(mask, 0) if own else True)
        like, unlike = like & both, unlike & both
    references = embeddings if ref_embeddings is None else xp.cast(ops.convert_to_tensor(ref_embeddings), inside)
    if fixed:
        cosines = products(xp, *(direction(xp, rows)[0] for rows in (embeddings, references)))
        return xp.cast(Circle(scale=gamma, margin=margin).value(xp, cosines, like, unlike), dtype)
    cosines = xp.minimum(products(xp, embeddings, references), 1.0)
    values = xp.cast(Undivided(scale=gamma, margin=margin).value(xp, cosines, like, unlike), dtype)
    set_keras_mask(values, values > 0)
    return values

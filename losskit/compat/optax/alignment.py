"""optax's loss of a transcript whose alignment with the frames is not known."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from losskit.arrays.jax import xp
from losskit.compat.optax.conventions import Array, check_same_shape, wide
from losskit.losses import ConnectionistTemporalClassification

__all__ = ["ctc_loss"]


def ctc_loss(
    logits: Array,
    logit_paddings: Array,
    labels: Array,
    label_paddings: Array,
    *,
    blank_id: int = 0,
    log_epsilon: Any = -1e5,
    fixed: bool = False,
) -> Array:
    """As optax.ctc_loss: −log Σ Πₜ pₜ(πₜ) over the paths π that are the transcript, of logits.

    Shapes: logits (B, T, K), logit_paddings (B, T), labels and label_paddings (B, N), else ValueError; values (B). A
    padding of 1 leaves a frame out, wherever it lies, or a label, at the end of its row. Where a transcript has no path
    the value is −log_epsilon with gradient 0, to which optax adds the surprise of a path that breaks the rules.
    fixed=True: losskit.ConnectionistTemporalClassification: DomainError for a transcript without a path, for a label
    that is the blank or out of range, and where no frame is left.
    """
    scores, target = wide(logits), jnp.asarray(labels)
    if scores.ndim != 3 or target.ndim != 2:
        raise ValueError(
            f"logits, labels: expected (B, T, K) and (B, N), got {jnp.shape(logits)} and {jnp.shape(labels)}"
        )
    check_same_shape(labels=labels, label_paddings=label_paddings)
    check_same_shape(**{"logits[..., 0]": scores[..., 0], "logit_paddings": logit_paddings})
    if len(target) != len(scores):
        raise ValueError(f"labels: expected the batch size {len(scores)} of logits, got {len(target)}")
    absent = jnp.asarray(logit_paddings) != 0
    # The frames that count, in their order, before those that do not.
    scores = jnp.take_along_axis(scores, jnp.argsort(absent, axis=1, stable=True)[..., None], axis=1)
    frames = jnp.sum(~absent, axis=1)
    count = target.shape[1] - jnp.sum(jnp.asarray(label_paddings), axis=1).astype("int32")
    loss = ConnectionistTemporalClassification(blank=blank_id)
    if fixed:
        return loss(scores, target, frames, count, reduction="none")
    values = loss.formula(xp, scores, target, frames, count)
    return jnp.where(jnp.isposinf(values), -log_epsilon, values)

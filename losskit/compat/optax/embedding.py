"""optax's losses of embeddings and of lists: NT-Xent, triplets, softmax ranking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from losskit.arrays.jax import xp
from losskit.compat.optax.conventions import Array, back, check_floating, check_same_shape, wide
from losskit.compat.optax.regression import cosine_similarity
from losskit.core.checks import values_are_checked
from losskit.core.domain import NonNegative
from losskit.losses import CrossEntropy, Hinge, SoftMargin, Triplet

__all__ = ["ntxent", "ranking_softmax_loss", "triplet_margin_loss"]


def ntxent(embeddings: Array, labels: Array, temperature: Any = 0.07, *, fixed: bool = False) -> Array:
    """As optax.losses.ntxent: the mean, over pairs i ≠ j of one label, of softplus(log Σₖ exp(sᵢₖ) − sᵢⱼ).

    s is the cosine over temperature, k runs over embeddings of other labels. Shapes: embeddings (N, D), labels (N),
    else ValueError; a scalar, NaN where no two labels are alike. fixed=True: 0 there.
    """
    check_floating(embeddings=embeddings)
    labels = jnp.asarray(labels)
    if labels.shape[0] != embeddings.shape[0]:
        raise ValueError(
            f"labels: expected the leading axis {embeddings.shape[0]} of embeddings, got {labels.shape[0]}"
        )
    x = wide(embeddings)
    scores = cosine_similarity(x[None], x[:, None], epsilon=jnp.finfo(x.dtype).eps) / temperature
    alike = labels[:, None] == labels[None]
    pairs = alike & ~jnp.eye(labels.shape[0], dtype=bool)
    rivals = xp.logsumexp(jnp.where(alike, -jnp.inf, scores), keepdims=True)
    lead = jnp.where(pairs & jnp.isfinite(rivals), scores - rivals, jnp.inf)  # nobody to be told from costs nothing
    count = jnp.sum(pairs)
    total = jnp.sum(jnp.where(pairs, SoftMargin().formula(xp, lead, 1.0), 0.0))
    return back(total / (jnp.maximum(count, 1) if fixed else count), embeddings)


def triplet_margin_loss(
    anchors: Array,
    positives: Array,
    negatives: Array,
    axis: int = -1,
    norm_degree: Any = 2,
    margin: float = 1.0,
    eps: Any = 1e-6,
    *,
    fixed: bool = False,
) -> Array:
    """As optax.losses.triplet_margin_loss: max(0, d(anchor, positive) − d(anchor, negative) + margin).

    d = (Σ (a − b)^norm_degree + eps)^(1 / norm_degree) along axis, without magnitudes: an odd degree is no distance.
    Shapes: any that broadcast. TypeError unless all are floats. margin: a Python number ≥ 0, else ValueError.
    fixed=True: losskit.Triplet, of exact Euclidean distances: ShapeError instead of broadcasting; ValueError for
    another norm_degree than 2.
    """
    check_floating(anchors=anchors, positives=positives, negatives=negatives)
    a, b, c = (wide(each) for each in (anchors, positives, negatives))
    if fixed:
        if norm_degree != 2:
            raise ValueError(f"norm_degree: expected 2 with fixed=True, got {norm_degree}")
        a, b, c = (jnp.moveaxis(each, axis, -1) for each in (a, b, c))
        return back(Triplet(margin=margin)(a, b, c, reduction="none"), anchors)
    near, far = (
        xp.power(xp.sum(xp.power(a - other, norm_degree), axis=axis) + eps, 1 / norm_degree) for other in (b, c)
    )
    return back(Hinge(margin=margin).formula(xp, far - near, 1.0), anchors)


def ranking_softmax_loss(
    logits: Array,
    labels: Array,
    *,
    where: Array | None = None,
    weights: Array | None = None,
    reduce_fn: Callable[..., Array] | None = jnp.mean,
    fixed: bool = False,
) -> Array:
    """As optax.losses.ranking_softmax_loss: −Σ labels · weights · log softmax(logits) of each list, reduced.

    Shapes: (…, list) alike; `where` leaves items out of both sums, and lists with no item out of the reduction; a mean
    of nothing is 0; reduce_fn=None gives (…), 0 for such lists. TypeError unless logits are floats.
    fixed=True: ShapeError unless shapes are alike, DomainError for labels below 0.
    """
    check_floating(logits=logits)
    z = wide(logits)
    y = jnp.asarray(labels).astype(z.dtype)
    if fixed:
        check_same_shape(logits=z, labels=y)
        if values_are_checked(xp, y):
            NonNegative().check(xp, "labels", y)
    left = None
    if where is not None:
        z, y = jnp.where(where, z, -jnp.inf), jnp.where(where, y, 0.0)
        left = jnp.any(where, axis=-1)
    value = CrossEntropy().formula(xp, z, y if weights is None else y * weights)
    if reduce_fn is None:
        return back(value if left is None else jnp.where(left, value, 0.0), logits)
    reduced = reduce_fn(value, where=left)
    if reduce_fn is jnp.mean:
        reduced = jnp.where(jnp.isnan(reduced) & ~jnp.any(jnp.isnan(value)), 0.0, reduced)
    return back(reduced, logits)

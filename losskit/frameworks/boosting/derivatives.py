"""Gradient and Hessian of a loss by raw scores, as Newton boosting takes them: per row, and positive.

A tree's leaf moves its rows by −Σg / Σh. Where that step is too long the loss can rise; where h is 0 or negative it is
no step at all. So h is the exact second derivative only where that is safe:

- convex in one score: ℓ″; where it vanishes and the slope does not (a saturated logit): g².
- hinges have no curvature: everywhere the square of their steepest slope, so that rows that are right already hold on
  to where they are. XGBoost's own hinge gives those 0, and a leaf throws them after the first that is wrong.
- classes: Σⱼ |∂²ℓ/∂zₖ∂zⱼ|, the row sums of the Hessian. The diagonal matrix of them is never below the Hessian
  (Gershgorin), while its diagonal alone forgets that a tree moves all classes at once. For softmax it is 2p(1 − p),
  XGBoost's.
- losses of a residual r = p − t: ℓ′/r, or ℓ″ where that is larger. It is the curvature of the parabola about the target
  that touches the loss at r, which lies above the loss wherever ρ(√u) is concave (Huber & Ronchetti 2009;
  iteratively reweighted least squares): a full step never raises the loss, convex or not. ℓ″ itself is 0 or negative in
  the tails of Huber, Cauchy or Tukey, and makes the steps of PseudoHuber and LogCosh explode there.
  With a kink at the target 1/|r| is no bound: residuals below the batch's mean (each weighing as it pulls) count as
  that, so that steps are of the residuals' size, in whatever unit they are.
- not convex, or several parameters: the larger of |ℓ″| (of a saddle point only the length matters: Dauphin et al. 2014,
  arXiv:1406.2572) and g², the empirical Fisher information, which has the unit of nats⁻¹ right and is positive where
  the curvature crosses 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from losskit.arrays import namespace
from losskit.frameworks.scores import ScoreLoss

Array = Any
FLOOR = 1e-16  # XGBoost's own for logistic losses


def derivatives(loss: ScoreLoss, scores: Array, target: Array, weight: Array | None = None) -> tuple[Array, Array]:
    """(g, h), weighted, of the scores' shape in float64; h ≥ 1e-16 · weight."""
    scores = np.asarray(scores, "float64")
    gradient, curvature = _exact(loss, scores, target)
    facts = loss.loss.facts
    if facts.zero_at_target:
        hessian = _about_target(loss, scores, target, weight, gradient, curvature)
    elif facts.smooth == 0 and facts.bounded_gradient:
        hessian = np.full_like(gradient, facts.gradient_bound**2)
    elif facts.convex and len(loss.parameters) == 1:
        hessian = np.where(curvature > 0, curvature, np.square(gradient))
    else:
        hessian = np.maximum(np.abs(curvature), np.square(gradient))
    hessian = np.maximum(hessian, FLOOR)
    if weight is None:
        return gradient, hessian
    weight = np.asarray(weight, "float64").reshape(-1, *[1] * (scores.ndim - 1))
    return gradient * weight, hessian * weight


def _exact(loss: ScoreLoss, scores: Array, target: Array) -> tuple[Array, Array]:
    """The gradient, and the second derivatives: ℓ″, or for classes the row sums of the Hessian's magnitudes."""
    xp = namespace(scores)

    def slope(z: Array) -> Array:
        return xp.gradient(lambda each: loss.terms(each, target).total, z)

    if not loss.has_columns:
        return slope(scores), xp.gradient(lambda z: namespace(z).sum(slope(z)), scores)
    columns = []
    for k in range(scores.shape[-1]):
        row = xp.gradient(lambda z, k=k: namespace(z).sum(slope(z)[..., k]), scores)
        columns.append(np.abs(row).sum(axis=-1) if loss.classwise else row[..., k])
    return slope(scores), np.stack(columns, axis=-1)


def _about_target(
    loss: ScoreLoss, scores: Array, target: Array, weight: Array | None, gradient: Array, curvature: Array
) -> Array:
    """ℓ′/r, or ℓ″ where that is larger."""
    distance = np.abs(scores - loss.scores_of(target))
    if loss.loss.facts.smooth == 0:
        pull = np.abs(gradient) if weight is None else np.abs(gradient) * weight
        distance = np.maximum(distance, np.sum(pull * distance) / max(np.sum(pull), FLOOR))
    return np.maximum(curvature, np.abs(gradient) / np.where(distance == 0, 1.0, distance))

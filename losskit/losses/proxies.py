"""Metric learning by proxies: learned vectors that stand for classes, of which the own one is to be nearest.

A loss takes the similarities of embeddings and proxies; `losskit.torch.Proxies` holds the vectors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from losskit.core.domain import Cosines, Labels
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import non_negative, positive
from losskit.core.kinds import ClasswiseLoss, RowwiseLoss
from losskit.losses.contrastive import RowsOfABatch

__all__ = ["ProxyAnchor", "ProxyNCA", "SoftTriple"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class ProxyNCA(ClasswiseLoss):
    """Proxy-NCA: ℓ = −log(e^{z_y} / Σ_{k≠y} e^{z_k}), z_k = −‖x − p_k‖² to the proxy of each class.

    Shapes: prediction (…, C), C ≥ 2; target (…) class indices; values (…). Unit: nats. Range: (−∞, ∞): the own class is
    not in the sum. The prediction holds −‖x − p‖² of unit vectors, or 2 cos(x, p), which differs by a constant that the
    loss does not see: `2 * normalize(embeddings) @ normalize(proxies).T`. The proxies, one vector for each class, are
    learnt. With the own class in the sum and a temperature (Proxy-NCA++, normalised softmax) it is CrossEntropy.
    Source: Movshovitz-Attias et al. 2017, arXiv:1703.07464. pytorch-metric-learning's ProxyNCALoss has the own class in
    the sum.
    """

    target = Labels(soft=False)
    tasks = ("metric",)
    aliases = ("ProxyNeighbourhoodComponentAnalysis",)
    facts = Facts(
        convex=True,
        smooth=2,
        gradient_bound=lambda loss: math.sqrt(2) * max(loss.class_weight or (1.0,)),
        non_negative=False,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.input != "logits":
            raise ValueError(f"input: scores are negative distances or cosines, got input={self.input!r}")

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        if xp.shape(bound["prediction"])[-1] == 1:
            raise ShapeError("prediction: expected at least 2 proxies along the last axis, got 1")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        own = xp.one_hot(target, xp.shape(prediction)[-1]) > 0
        rivals = xp.logsumexp(xp.where(own, xp.full_like(prediction, -math.inf), prediction))
        return self.mixed(xp, rivals - self.chosen(xp, prediction, target), target)


@dataclass(frozen=True, kw_only=True)
class ProxyAnchor(RowsOfABatch):
    """Proxy-anchor loss: each class's proxy against a batch, those of its class (P) and the others (N).

    L = mean over classes in the batch of log(1 + Σ_P e^{−α(s − δ)}) + mean over all classes of log(1 + Σ_N e^{α(s +
    δ)}).
    Shapes: prediction (N, C), the cosines s of each embedding with each proxy (`normalize(embeddings) @
    normalize(proxies).T`); target (N,) class indices; values (N,), all of them L. Range: [0, ∞). margin δ ≥ 0; scale
    α > 0. The proxies, one vector for each class, are learnt, with a larger rate than the rest. A masked sample is left
    out of all sums.
    Source: Kim et al. 2020, arXiv:2003.13911. As pytorch-metric-learning's ProxyAnchorLoss (which holds the proxies).
    """

    margin: float = 0.1
    scale: float = 32.0

    prediction, target = Cosines(), Labels(soft=False)
    tasks = ("metric",)
    facts = Facts(non_negative=True)

    def __post_init__(self) -> None:
        non_negative(margin=self.margin)
        positive(scale=self.scale)

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        one_hot = xp.one_hot(target, xp.shape(prediction)[-1])
        own, other = one_hot > 0, one_hot == 0
        if keep is not None:
            kept = xp.expand_dims(keep, axis=-1)
            own, other = own & kept, other & kept
        pull = xp.logsumexp(xp.where(own, (prediction - self.margin) * -self.scale, -math.inf), axis=0)
        push = xp.logsumexp(xp.where(other, (prediction + self.margin) * self.scale, -math.inf), axis=0)
        present = xp.any(own, axis=0)
        whole = xp.mean_where(xp.softplus(pull), present, axis=-1) + xp.mean(xp.softplus(push))
        return xp.zeros_like(prediction[:, 0]) + whole


@dataclass(frozen=True, kw_only=True)
class SoftTriple(RowwiseLoss):
    """SoftTriple: ℓ = −log softmax_c(λ(S_c − δ [c = y])) at c = y, S_c = Σ_k softmax_k(s_ck / γ) s_ck.

    A class has K proxies, in several places if need be, and an embedding is to be near one of them: S is softly the
    highest of its K cosines. Shapes: prediction (…, C·K), the cosines s of each embedding with all proxies, those of a
    class beside each other (`normalize(embeddings) @ normalize(proxies).T`, the proxies in C runs of K); target (…)
    class indices 0 … C−1; values (…). Unit: nats. Range: [0, ∞). centers K ≥ 1; scale λ > 0; temperature γ > 0, towards
    0 only the nearest proxy counts; margin δ ≥ 0. The proxies are learnt, with a larger rate than the rest. With K = 1
    it is LargeMarginCosine. The source adds a penalty on the distances between the proxies of a class, so that those
    that are not needed come together, which is not in here.
    Source: Qian et al. 2019, arXiv:1909.05235. As pytorch-metric-learning's SoftTripleLoss, which holds the proxies.
    """

    centers: int = 10
    scale: float = 20.0
    temperature: float = 0.1
    margin: float = 0.01

    prediction, target = Cosines(), Labels(soft=False)
    tasks = ("metric",)
    example_shapes = ((1, 20), (1,))
    facts = Facts(convex=lambda loss: loss.centers == 1, smooth=2, non_negative=True)

    def __post_init__(self) -> None:
        if self.centers < 1:
            raise ValueError(f"centers: expected a number of proxies for each class >= 1, got {self.centers}")
        positive(scale=self.scale, temperature=self.temperature)
        non_negative(margin=self.margin)

    def _width(self, xp: Any, bound: dict[str, Array]) -> int | None:
        """The number of classes."""
        proxies = super()._width(xp, bound)
        return None if proxies is None else proxies // self.centers

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        shape = xp.shape(bound["prediction"])
        if shape[-1] % self.centers:
            raise ShapeError(
                f"prediction: expected {self.centers} cosines for each class along the last axis, got shape {shape}; "
                "fix: centers= is how many proxies a class has"
            )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        shape = xp.shape(prediction)
        classes = shape[-1] // self.centers
        rows = (-1, *shape[1:-1]) if len(shape) > 1 else ()
        cosines = xp.reshape(prediction, (*rows, classes, self.centers))
        nearest = xp.sum(xp.softmax(cosines / self.temperature) * cosines, axis=-1)
        scores = self.scale * (nearest - self.margin * xp.one_hot(target, classes, dtype=prediction))
        own = xp.take_along_axis(xp.log_softmax(scores), xp.expand_dims(target, axis=-1), axis=-1)
        return -own[..., 0]

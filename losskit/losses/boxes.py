"""Bounding boxes: losses by how a predicted box lies on its target, after the intersection over union."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from losskit.core.domain import Domain
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of
from losskit.core.kinds import RowwiseLoss

__all__ = [
    "CompleteIntersectionOverUnion",
    "DistanceIntersectionOverUnion",
    "EfficientIntersectionOverUnion",
    "GeneralizedIntersectionOverUnion",
    "IntersectionOverUnion",
    "ScyllaIntersectionOverUnion",
    "WiseIntersectionOverUnion",
]

Array = Any


@dataclass(frozen=True)
class Box(Domain):
    """Rows (x1, y1, x2, y2) with x1 ≤ x2 and y1 ≤ y2: two opposite corners, the least one first."""

    columns: bool = True

    def filler(self, xp: Any, array: Array) -> Array:
        return xp.concatenate([xp.zeros_like(array[..., :2]), xp.full_like(array[..., 2:], 2.0)], axis=-1)

    def describe(self) -> str:
        return "a box (x1, y1, x2, y2) with x1 <= x2 and y1 <= y2"

    def fix(self) -> str:
        return "a centre and a size become the corners centre - size / 2 and centre + size / 2, with size >= 0"

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        return xp.any(array[..., 2:] < array[..., :2], axis=-1)


class Overlay(NamedTuple):
    """A predicted box on its target. Lengths along x and y (…, 2), in units of the smallest box around both.

    The units are constants: what does not change when everything grows alike has the derivative it should have.
    Where both boxes lie on one line, they are 1 wide across it, which is the limit of thin boxes.
    """

    span: Array  # of the box around both: 1, with its derivative
    start: Array  # how much further the predicted box starts than its target
    stop: Array  # how much further it ends
    prediction: Array
    target: Array
    shared: Array  # what they have in common; negative where they are apart
    unit: Array  # the units in the coordinates' own, as shares of the longer one; 0 across a common line


@dataclass(frozen=True, kw_only=True)
class BoxLoss(RowwiseLoss):
    """The base: boxes (x1, y1, x2, y2) along the last axis, one target for each prediction."""

    prediction, target = Box(), Box()
    tasks = ("detection",)
    facts = Facts(
        convex=False,
        smooth=0,
        gradient_bound=math.inf,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        shape = xp.shape(bound["prediction"])
        if shape[-1] != 4:
            raise ShapeError(f"prediction: expected boxes (x1, y1, x2, y2) along the last axis, got shape {shape}")

    def overlay(self, xp: Any, prediction: Array, target: Array) -> Overlay:
        """The predicted box on its target."""
        low, high, target_low, target_high = prediction[..., :2], prediction[..., 2:], target[..., :2], target[..., 2:]
        span = xp.maximum(high, target_high) - xp.minimum(low, target_low)
        own_unit = xp.stop_gradient(span)
        on_a_line = own_unit == 0
        unit = xp.where(on_a_line, 1.0, own_unit)
        longer = xp.max(own_unit, axis=-1, keepdims=True)

        def length(start: Array, stop: Array, across: float = 1.0) -> Array:
            return xp.where(on_a_line, across, (stop - start) / unit)

        return Overlay(
            span=xp.where(on_a_line, 1.0, span / unit),
            start=length(target_low, low, across=0.0),
            stop=length(target_high, high, across=0.0),
            prediction=length(low, high),
            target=length(target_low, target_high),
            shared=length(xp.maximum(low, target_low), xp.minimum(high, target_high)),
            unit=own_unit / xp.where(longer == 0, 1.0, longer),
        )

    def areas(self, xp: Any, on: Overlay) -> tuple[Array, Array]:
        """What the boxes share and what only one of them covers: a sum without differences, exact near a fit."""
        meet = xp.all(on.shared > 0, axis=-1, keepdims=True)
        shared = xp.where(meet, on.shared, 0.0)

        def beyond(size: Array, before: Array, after: Array) -> Array:
            over = xp.where(meet, xp.maximum(before, 0.0) + xp.maximum(after, 0.0), size)
            return size[..., 0] * over[..., 1] + over[..., 0] * shared[..., 1]

        only_one = beyond(on.prediction, -on.start, on.stop) + beyond(on.target, on.start, -on.stop)
        return area(shared), only_one

    def misfit(self, xp: Any, on: Overlay) -> Array:
        """1 − IoU; the constant 1 where nothing is shared."""
        shared, only_one = self.areas(xp, on)
        nothing = shared == 0
        return xp.where(nothing, 1.0, only_one / xp.where(nothing, 1.0, shared + only_one))

    def eccentricity(self, xp: Any, on: Overlay) -> Array:
        """ρ²/c²: the squared distance of the centres, by the squared diagonal of the box around both."""
        centres, around = (on.start + on.stop) / 2 * on.unit, on.span * on.unit
        return _ratio(xp, xp.sum(centres * centres, axis=-1), xp.sum(around * around, axis=-1))


@dataclass(frozen=True, kw_only=True)
class PowerBoxLoss(BoxLoss):
    """Box losses that have a power: α-IoU.

    alpha ≥ 1: the power of IoU and of each term that is added to 1 − IoU. 1 is the loss itself; with more, good boxes
    pull more. 3 in the paper: He et al. 2021, arXiv:2110.13675.
    """

    alpha: float = 1.0

    def __post_init__(self) -> None:
        if not 1 <= self.alpha < math.inf:
            raise ValueError(f"alpha: expected a finite number >= 1, got {self.alpha}")

    def power_misfit(self, xp: Any, on: Overlay) -> Array:
        """1 − IoU^α."""
        return self.misfit(xp, on) if self.alpha == 1 else -xp.expm1(self.alpha * self.log_overlap(xp, on))

    def log_overlap(self, xp: Any, on: Overlay) -> Array:
        """log IoU, by log1p where IoU is above ½; −∞, a constant, where nothing is shared."""
        shared, only_one = self.areas(xp, on)
        good, nothing, union = shared > only_one, shared == 0, shared + only_one
        bad = xp.log(xp.where(nothing, 1.0, shared) / xp.where(nothing, 1.0, union))
        fit = xp.log1p(-xp.where(good, only_one, 0.0) / xp.where(good, union, 1.0))
        return xp.where(good, fit, xp.where(nothing, -math.inf, bad))

    def power(self, xp: Any, penalty: Array) -> Array:
        if self.alpha == 1:
            return penalty
        none = penalty == 0  # a power's second derivative is infinite there, and its first one's factor 0
        return xp.where(none, 0.0, xp.power(xp.where(none, 1.0, penalty), self.alpha))


def area(sizes: Array) -> Array:
    return sizes[..., 0] * sizes[..., 1]


def _ratio(xp: Any, part: Array, whole: Array) -> Array:
    """part / whole, 0 where there is no whole."""
    none = whole == 0
    return xp.where(none, 0.0, part / xp.where(none, 1.0, whole))


@dataclass(frozen=True, kw_only=True)
class IntersectionOverUnion(PowerBoxLoss):
    """IoU loss of boxes: ℓ = 1 − IoU, or −log IoU, with IoU the shared area by the area that any of the two covers.

    Shapes: prediction and target (…, 4), boxes (x1, y1, x2, y2); values (…). Unit: none; boxes may be in any one unit.
    Range: [0, 1]; [0, ∞] for scale="log", where only alpha = 1 makes sense. alpha ≥ 1: 1 − IoU^α; mmdet's
    mode="square" is α = 2. Boxes that do not meet have the loss 1 (∞) and gradient 0: none of them learns from it; take
    GeneralizedIntersectionOverUnion or one with a distance, which pull boxes together. Boxes on one line are the limit
    of thin boxes. Equal boxes have loss 0, without an area too. DomainError for x1 > x2 or y1 > y2.
    Source: Yu et al. 2016, arXiv:1608.01471 (log). As mmdet's IoULoss, whose mode is "log" and bounded by 1e-6.
    For masks: Jaccard.
    """

    scale: Literal["linear", "log"] = "linear"

    aliases = ("IoU", "BoxIoU", "AlphaIoU")

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(("linear", "log"), scale=self.scale)
        if self.scale == "log" and self.alpha != 1:
            raise ValueError(f'alpha: a power is only a factor of scale="log"; expected 1, got {self.alpha}')

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        on = self.overlay(xp, prediction, target)
        return self.power_misfit(xp, on) if self.scale == "linear" else -self.log_overlap(xp, on)


@dataclass(frozen=True, kw_only=True)
class GeneralizedIntersectionOverUnion(PowerBoxLoss):
    """GIoU loss of boxes: ℓ = 1 − IoU + (C − U) / C, with U the area of both, C that of the box around both.

    Shapes: prediction and target (…, 4), boxes (x1, y1, x2, y2); values (…). Unit: none. Range: [0, 2]. Boxes that do
    not meet are pulled together: they grow until they meet. alpha ≥ 1 is the power of both terms. Boxes on one line are
    the limit of thin boxes. DomainError for x1 > x2 or y1 > y2.
    Source: Rezatofighi et al. 2019, arXiv:1902.09630. As torchvision.ops.generalized_box_iou_loss (which adds 1e-7 to U
    and C: equal boxes without an area have the loss 1 there, 0 here), mmdet's GIoULoss, keras_cv GIoULoss.
    """

    aliases = ("GIoU", "GeneralizedBoxIoU")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        on = self.overlay(xp, prediction, target)
        return self.power_misfit(xp, on) + self.power(xp, self.uncovered(xp, on))

    def uncovered(self, xp: Any, on: Overlay) -> Array:
        """(C − U) / C."""
        around, meet = area(on.span), xp.all(on.shared > 0, axis=-1)
        # Of boxes that meet only the corners can be uncovered, each where its two sides are not of the same box. As
        # C − U, small corners would be lost.
        left, top = on.start[..., 0], on.start[..., 1]
        right, bottom = on.stop[..., 0], on.stop[..., 1]
        corners = (
            xp.maximum(-left * top, 0.0)
            + xp.maximum(-right * bottom, 0.0)
            + xp.maximum(left * bottom, 0.0)
            + xp.maximum(right * top, 0.0)
        )
        apart = around - area(on.prediction) - area(on.target)
        return xp.where(meet, corners, apart) / around


@dataclass(frozen=True, kw_only=True)
class DistanceIntersectionOverUnion(PowerBoxLoss):
    """DIoU loss of boxes: ℓ = 1 − IoU + ρ²/c², with ρ the distance of the centres, c the diagonal of a box around both.

    Shapes: prediction and target (…, 4), boxes (x1, y1, x2, y2); values (…). Unit: none. Range: [0, 2]. Boxes that do
    not meet move straight to their targets. alpha ≥ 1 is the power of both terms. Boxes on one line are the limit of
    thin boxes. DomainError for x1 > x2 or y1 > y2.
    Source: Zheng et al. 2020, arXiv:1911.08287. As torchvision.ops.distance_box_iou_loss, mmdet's DIoULoss.
    """

    aliases = ("DIoU", "DistanceBoxIoU")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        on = self.overlay(xp, prediction, target)
        return self.power_misfit(xp, on) + self.power(xp, self.eccentricity(xp, on))


@dataclass(frozen=True, kw_only=True)
class CompleteIntersectionOverUnion(PowerBoxLoss):
    """CIoU loss of boxes: DIoU + v² / (1 − IoU + v), with v = (4/π²) (atan(w/h) − atan(w*/h*))², the aspect ratios.

    Shapes: prediction and target (…, 4), boxes (x1, y1, x2, y2); values (…). Unit: none. Range: [0, 3). alpha ≥ 1 is
    the power of each term, of v² / (1 − IoU + v) as a whole. v is 0 where a box is a point. Boxes on one line are the
    limit of thin boxes. DomainError for x1 > x2 or y1 > y2.
    Source: Zheng et al. 2020, arXiv:1911.08287. The value is that of torchvision.ops.complete_box_iou_loss (NaN there
    for a box without a height) and ultralytics; they hold the factor v / (1 − IoU + v) constant in the gradient, here
    the gradient is the value's. mmdet's CIoULoss leaves the term out where IoU ≤ ½.
    """

    aliases = ("CIoU", "CompleteBoxIoU")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        on = self.overlay(xp, prediction, target)
        aspect = self.aspect(xp, on)
        trade_off = _ratio(xp, aspect, self.misfit(xp, on) + aspect)
        distance = self.power(xp, self.eccentricity(xp, on))
        return self.power_misfit(xp, on) + distance + self.power(xp, trade_off * aspect)

    def aspect(self, xp: Any, on: Overlay) -> Array:
        """v: the angle between the diagonals, as a share of a right one, squared."""
        size, target_size = on.prediction * on.unit, on.target * on.unit
        # One arc tangent, of the diagonals' products, for the difference of two that have no height to divide by.
        across = size[..., 0] * target_size[..., 1] - size[..., 1] * target_size[..., 0]
        angle = xp.arctan(_ratio(xp, across, xp.sum(size * target_size, axis=-1)))
        return (4 / math.pi**2) * angle * angle


@dataclass(frozen=True, kw_only=True)
class EfficientIntersectionOverUnion(PowerBoxLoss):
    """EIoU loss of boxes: ℓ = DIoU + (w − w*)²/C_w² + (h − h*)²/C_h², with C_w and C_h the sides of a box around both.

    Shapes: prediction and target (…, 4), boxes (x1, y1, x2, y2); values (…). Unit: none. Range: [0, 4). Widths and
    heights are compared by themselves, where CIoU compares only their ratio. alpha ≥ 1 is the power of each term. Boxes
    on one line are the limit of thin boxes. DomainError for x1 > x2 or y1 > y2.
    Source: Zhang et al. 2022, arXiv:2101.08158 (its focal form weighs the loss by IoU^γ, a constant: `weight=`).
    mmdet's EIoULoss is another one, the extended IoU of Peng & Yu.
    """

    aliases = ("EIoU",)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        on = self.overlay(xp, prediction, target)
        larger = self.power(xp, xp.square((on.stop - on.start) / on.span))
        return self.power_misfit(xp, on) + self.power(xp, self.eccentricity(xp, on)) + xp.sum(larger, axis=-1)


@dataclass(frozen=True, kw_only=True)
class ScyllaIntersectionOverUnion(BoxLoss):
    """SIoU loss of boxes: ℓ = 1 − IoU + (Δ + Ω)/2, a distance cost that depends on the angle, and a shape cost.

    Δ = Σ 1 − exp(−(2 − Λ) ρ²) over x and y, with ρ the distance of the centres by the side of the box around both and
    Λ = sin 2φ, φ the angle of the line between the centres to an axis. Ω = Σ (1 − exp(−|w − w*| / max(w, w*)))^θ over
    widths and heights. Shapes: prediction and target (…, 4), boxes (x1, y1, x2, y2); values (…). Unit: none. Range:
    [0, 3). theta θ ≥ 2: the larger, the less shapes count that are nearly alike. Boxes on one line are the limit of
    thin boxes. DomainError for x1 > x2 or y1 > y2.
    Source: Gevorgyan 2022, arXiv:2205.12740. As mmdet's SIoULoss, YOLOv6.
    """

    theta: float = 4.0

    aliases = ("SIoU",)

    def __post_init__(self) -> None:
        if not 2 <= self.theta < math.inf:  # below 2 the curvature is infinite where the sizes are equal
            raise ValueError(f"theta: expected a finite number >= 2, got {self.theta}")

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        on = self.overlay(xp, prediction, target)
        centres = (on.start + on.stop) / 2
        apart = centres * on.unit
        # sin 2φ = 2 sin φ cos φ: no arc sine, whose derivative is infinite where the centres are on one axis.
        angle = _ratio(xp, 2 * xp.abs(area(apart)), xp.sum(apart * apart, axis=-1))
        pull = 2 - xp.expand_dims(angle, -1)
        distance = xp.sum(-xp.expm1(-pull * xp.square(centres / on.span)), axis=-1)
        larger = on.stop - on.start
        larger = xp.where(larger > 0, larger, -larger)  # unlike abs, smooth from the left at 0: its square is curved
        unlike = _ratio(xp, larger, xp.maximum(on.prediction, on.target))
        shape = xp.sum(xp.power(-xp.expm1(-unlike), self.theta), axis=-1)
        return self.misfit(xp, on) + (distance + shape) / 2


@dataclass(frozen=True, kw_only=True)
class WiseIntersectionOverUnion(BoxLoss):
    """WIoU loss of boxes (version 1): ℓ = (1 − IoU) exp(ρ²/c̄²), ρ the distance of the centres, c̄² held constant.

    c is the diagonal of a box around both. Shapes: prediction and target (…, 4), boxes (x1, y1, x2, y2); values (…).
    Unit: none. Range: [0, e]. Far boxes count up to e times as much; as the box around both is held constant, no
    prediction grows to lower its weight. What is differentiated is not the value alone: finite differences of it give
    another gradient. Boxes on one line are the limit of thin boxes. DomainError for x1 > x2 or y1 > y2.
    Source: Tong et al. 2023, arXiv:2301.10051 (versions 2 and 3 weigh it by a function of its running mean).
    """

    aliases = ("WIoU",)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        on = self.overlay(xp, prediction, target)
        far = self.eccentricity(xp, on._replace(span=xp.stop_gradient(on.span)))
        return self.misfit(xp, on) * xp.exp(far)

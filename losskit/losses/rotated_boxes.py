"""Rotated boxes, as normal distributions: two that differ only by how an angle is written down are one and the same.

A box (x, y, w, h, θ) has its centre at (x, y) and a side of length w at the angle θ to the x axis, in radians, turned
towards the y axis; the side of length h is perpendicular to it. Any θ will do: half a turn changes nothing, nor does a
quarter turn with w and h exchanged, so that OpenCV's angles and both long-edge conventions are alike, once in radians.
Prediction and target need not have the same convention. Of a square the angle does not count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from losskit.core.domain import Domain
from losskit.core.errors import ShapeError
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of
from losskit.core.kinds import RowwiseLoss
from losskit.losses.divergence import log_quotient

__all__ = [
    "KalmanFilterIntersectionOverUnion",
    "ProbabilisticIntersectionOverUnion",
    "RotatedBoxKLDivergence",
    "RotatedBoxWasserstein",
]

Array = Any


@dataclass(frozen=True)
class RotatedBox(Domain):
    """Rows (x, y, w, h, angle) with w > 0 and h > 0."""

    safe: float = 1.0
    columns: bool = True

    def describe(self) -> str:
        return "a box (x, y, w, h, angle) with w > 0 and h > 0"

    def fix(self) -> str:
        return "sizes are what exp or softplus makes of raw scores"

    def bad(self, xp: Any, array: Array, width: int | None) -> Array | None:
        return xp.any(array[..., 2:4] <= 0, axis=-1)


class Pair(NamedTuple):
    """A predicted box and its target, the target's sides named after those of the prediction that they lie along."""

    w: Array
    h: Array
    a: Array  # the target's side along w
    b: Array  # along h
    turn: Array  # sin² of the angle between a and w
    rest: Array  # cos² of it
    skew: Array  # sin² · (w² − h²)(a² − b²) / (w h a b), never negative
    dx: Array  # from the target's centre to the prediction's
    dy: Array


@dataclass(frozen=True, kw_only=True)
class RotatedBoxLoss(RowwiseLoss):
    """The base: boxes (x, y, w, h, angle) along the last axis, one target for each prediction."""

    prediction, target = RotatedBox(), RotatedBox()
    tasks = ("detection",)

    def check_shapes(self, xp: Any, bound: dict[str, Array]) -> None:
        super().check_shapes(xp, bound)
        shape = xp.shape(bound["prediction"])
        if shape[-1] != 5:
            raise ShapeError(f"prediction: expected boxes (x, y, w, h, angle) along the last axis, got shape {shape}")

    def pair(self, xp: Any, prediction: Array, target: Array) -> Pair:
        """The predicted box with its target."""
        w, h, a, b = prediction[..., 2], prediction[..., 3], target[..., 2], target[..., 3]
        angle = prediction[..., 4] - target[..., 4]
        turn, rest = xp.square(xp.sin(angle)), xp.square(xp.cos(angle))
        # Each formula here holds for both ways to write the target down. Of the one in which long sides lie along long
        # ones all terms are of one sign, and nothing cancels where the boxes nearly agree.
        crossed = xp.where(w > h, a < b, a > b)
        a, b = xp.where(crossed, b, a), xp.where(crossed, a, b)
        turn, rest = xp.where(crossed, rest, turn), xp.where(crossed, turn, rest)
        skew = turn * ((w - h) * (w + h) / (w * h)) * ((a - b) * (a + b) / (a * b))
        dx, dy = prediction[..., 0] - target[..., 0], prediction[..., 1] - target[..., 1]
        return Pair(w, h, a, b, turn, rest, skew, dx, dy)

    def offset(self, xp: Any, pair: Pair, box: Array) -> tuple[Array, Array]:
        """From centre to centre, along the box's own sides, in units of these."""
        cosine, sine = xp.cos(box[..., 4]), xp.sin(box[..., 4])
        along, across = pair.dx * cosine + pair.dy * sine, pair.dy * cosine - pair.dx * sine
        return along / box[..., 2], across / box[..., 3]

    def mismatch(self, xp: Any, pair: Pair) -> Array:
        """G of det(Σₚ + Σₜ) = 4 √(det Σₚ det Σₜ) (1 + G): 0 for boxes of one size and direction, never negative."""
        across = xp.square(pair.w - pair.a) / (2 * pair.w * pair.a)
        down = xp.square(pair.h - pair.b) / (2 * pair.h * pair.b)
        return across + down + across * down + pair.skew / 4


@dataclass(frozen=True, kw_only=True)
class DistanceLoss(RotatedBoxLoss):
    """The base: a squared distance D, of which the loss is 1 − 1/(τ + f(D)).

    transform: f is "log1p" (log(1 + D)), "sqrt" (whose gradient at D = 0 is taken as 0) or "none" (D itself).
    tau τ ≥ 1: 1 is 0 for equal boxes; None: the loss is f(D) itself, unbounded.
    """

    transform: Literal["log1p", "sqrt", "none"] = "log1p"
    tau: float | None = 1.0

    def __post_init__(self) -> None:
        one_of(("log1p", "sqrt", "none"), transform=self.transform)
        if self.tau is not None and not 1 <= self.tau < math.inf:
            raise ValueError(f"tau: expected a finite number >= 1, or None, got {self.tau}")

    def transformed(self, xp: Any, squared: Array) -> Array:
        """The loss for D."""
        value = squared
        if self.transform == "log1p":
            value = xp.log1p(squared)
        elif self.transform == "sqrt":
            value = root(xp, squared)
        # Without the difference of 1 and a quotient, in which a small distance would be lost.
        return value if self.tau is None else (self.tau - 1 + value) / (self.tau + value)


def root(xp: Any, x: Array) -> Array:
    """√x, with derivative 0 at 0, where its slope is infinite."""
    none = x == 0
    return xp.where(none, 0.0, xp.sqrt(xp.where(none, 1.0, x)))


def zero_for_equal_boxes(loss: DistanceLoss) -> bool:
    return loss.tau in (1, None)


def smooth_unless_a_root(loss: DistanceLoss) -> int | None:
    return None if loss.transform == "sqrt" else 2


@dataclass(frozen=True, kw_only=True)
class RotatedBoxWasserstein(DistanceLoss):
    """GWD loss of rotated boxes: ℓ = 1 − 1/(τ + f(D)), D the squared Wasserstein distance of two normal distributions.

    A box is the normal distribution with its centre as mean and half its sides as deviations along them:
    D = |Δ|² + tr(Σₚ + Σₜ − 2 (Σₚ^½ Σₜ Σₚ^½)^½), Δ the difference of the centres. Shapes: prediction and target (…, 5),
    boxes (x, y, w, h, θ), θ in radians, of any convention (see this module); values (…). Unit: none. Range:
    [1 − 1/τ, 1); [0, ∞) for tau=None. transform f: "log1p" (the default), "sqrt" or "none". tau τ ≥ 1, or None.
    normalized=True divides D by √(w h w* h*), so that boxes may be in any one unit and small ones count as much as
    large ones; False is the paper's, where D is in square pixels. There is a gradient wherever the boxes lie, and far
    off it falls: f(D) saturates. Exact while fourth powers of sizes fit the dtype. DomainError for w ≤ 0 or h ≤ 0.
    Source: Yang et al. 2021, arXiv:2101.11952. As mmrotate's GDLoss_v1 with loss_type="gwd" and fun "sqrt" or "log1p",
    which holds D above 1e-6. Its GDLoss has √D, normalised, in place of D: fun="none" is transform="sqrt" with
    normalized=True here.
    """

    normalized: bool = False

    aliases = ("GWD", "GaussianWassersteinDistance")
    facts = Facts(
        convex=False,
        smooth=smooth_unless_a_root,
        non_negative=True,
        zero_at_target=zero_for_equal_boxes,
        symmetric=True,
    )

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        pair = self.pair(xp, prediction, target)
        w, h, a, b = pair.w, pair.h, pair.a, pair.b
        areas, alike, unlike = w * h * a * b, w * a + h * b, w * b + h * a
        # The trace of the root, times 4: √(cos²·alike² + sin²·unlike²), which is at most `alike`.
        coupled = xp.sqrt(pair.rest * xp.square(alike) + pair.turn * xp.square(unlike))
        shape = (xp.square(w - a) + xp.square(h - b)) / 4 + pair.skew * areas / (alike + coupled) / 2
        squared = xp.square(pair.dx) + xp.square(pair.dy) + shape
        return self.transformed(xp, squared / xp.sqrt(areas) if self.normalized else squared)


@dataclass(frozen=True, kw_only=True)
class RotatedBoxKLDivergence(DistanceLoss):
    """KLD loss of rotated boxes: ℓ = 1 − 1/(τ + f(D)), D the Kullback–Leibler divergence of two normal distributions.

    A box is the normal distribution with its centre as mean and half its sides as deviations along them. direction:
    "forward" is D = KL(t ‖ p) = ½ (Δᵀ Σₚ⁻¹ Δ + tr(Σₚ⁻¹ Σₜ) + log(|Σₚ| / |Σₜ|)) − 1, "reverse" KL(p ‖ t), "symmetric"
    the mean of both. Shapes: prediction and target (…, 5), boxes (x, y, w, h, θ), θ in radians, of any convention (see
    this module); values (…). Unit: none: boxes may be in any one unit. Range: [1 − 1/τ, 1); [0, ∞) for tau=None.
    transform f: "log1p" (the default), "sqrt" or "none". tau τ ≥ 1, or None. An offset across a thin box counts more
    than one along it, and the angle counts the more the thinner the box is: for boxes that have to be met precisely.
    Exact while squares of the ratios of sizes fit the dtype. DomainError for w ≤ 0 or h ≤ 0.
    Source: Yang et al. 2021, arXiv:2106.01883 (either direction, and both). As mmrotate's GDLoss with sqrt=False and
    loss_type="kld" (forward) or "jd" (symmetric); by default it has √D in place of D, and τ = 0 there is None here.
    loss_type="kld" of its GDLoss_v1 is twice the reverse D.
    """

    direction: Literal["forward", "reverse", "symmetric"] = "forward"

    aliases = ("RotatedKLD", "GaussianBoxKLD")
    facts = Facts(
        convex=False,
        smooth=smooth_unless_a_root,
        non_negative=True,
        zero_at_target=zero_for_equal_boxes,
        symmetric=lambda loss: loss.direction == "symmetric",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(("forward", "reverse", "symmetric"), direction=self.direction)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        pair = self.pair(xp, prediction, target)
        across, down = 2 * log_quotient(xp, pair.a, pair.w), 2 * log_quotient(xp, pair.b, pair.h)
        areas = (pair.a * pair.b) / (pair.w * pair.h)

        def divergence(box: Array, sign: float, ratio: Array) -> Array:
            along, beside = self.offset(xp, pair, box)
            far = 2 * (xp.square(along) + xp.square(beside))
            return far + (xp.exp_remainder(sign * across) + xp.exp_remainder(sign * down) + pair.skew * ratio) / 2

        if self.direction == "reverse":
            return self.transformed(xp, divergence(target, -1.0, 1 / areas))
        squared = divergence(prediction, 1.0, areas)
        if self.direction == "symmetric":
            squared = (squared + divergence(target, -1.0, 1 / areas)) / 2
        return self.transformed(xp, squared)


@dataclass(frozen=True, kw_only=True)
class ProbabilisticIntersectionOverUnion(RotatedBoxLoss):
    """ProbIoU loss of rotated boxes: ℓ = √(1 − e^−B), B the Bhattacharyya distance of two normal distributions; or B.

    A box is the normal distribution with its centre as mean and 1/√12 of its sides as deviations, as a point spread
    evenly over the box has them: B = ⅛ Δᵀ Σ⁻¹ Δ + ½ log(|Σ| / √(|Σₚ| |Σₜ|)), Σ = ½ (Σₚ + Σₜ). scale: "hellinger" is the
    Hellinger distance, 1 − ProbIoU, L₁ in the paper; "bhattacharyya" is B, L₂ = −log(1 − L₁²), which has a slope
    where boxes are far apart, and L₁ hardly one: the paper begins with L₂ and goes on with L₁. Shapes: prediction and
    target (…, 5), boxes (x, y, w, h, θ), θ in radians, of any convention (see this module); values (…). Unit: none:
    boxes may be in any one unit. Range: [0, 1]; [0, ∞) for "bhattacharyya". For equal boxes the gradient of the root
    is taken as 0. Exact while squares of the ratios of sizes fit the dtype. DomainError for w ≤ 0 or h ≤ 0.
    Source: Llerena, Zeni, Kristen & Jung 2021, arXiv:2106.06072. As ultralytics's RotatedBboxLoss (1 − probiou), which
    adds 1e-7 to divisors and to 1 − e^−B.
    """

    scale: Literal["hellinger", "bhattacharyya"] = "hellinger"

    aliases = ("ProbIoU",)
    facts = Facts(
        convex=False,
        smooth=lambda loss: 2 if loss.scale == "bhattacharyya" else None,
        non_negative=True,
        zero_at_target=True,
        symmetric=True,
    )

    def __post_init__(self) -> None:
        one_of(("hellinger", "bhattacharyya"), scale=self.scale)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        pair = self.pair(xp, prediction, target)
        mismatch = self.mismatch(xp, pair)
        # Δᵀ (Σₚ + Σₜ)⁻¹ Δ by the adjugate of the sum, which is the sum of the two adjugates.
        areas = (pair.a * pair.b) / (pair.w * pair.h)
        mine, its = (xp.square(u) + xp.square(v) for u, v in (self.offset(xp, pair, x) for x in (prediction, target)))
        far = 0.75 * (mine / areas + its * areas) / (1 + mismatch)
        distance = far + xp.log1p(mismatch) / 2
        return distance if self.scale == "bhattacharyya" else root(xp, -xp.expm1(-distance))


@dataclass(frozen=True, kw_only=True)
class KalmanFilterIntersectionOverUnion(RotatedBoxLoss):
    """KFIoU loss of rotated boxes: ℓ = 1 − V/(Vₚ + Vₜ − V), V the size of what a Kalman filter makes of the two boxes.

    A box is the normal distribution with half its sides as deviations; the product of two has the covariance
    Σ = Σₚ (Σₚ + Σₜ)⁻¹ Σₜ, and V = 4 √|Σ| is the area of its box. Sizes and angles are compared, centres are not: the
    gradient of x and y is 0, so add a loss of these (the paper and mmrotate take a smooth L1 of the network's own
    coding of the centre: `SmoothL1()`). scale: "linear" (the above), "log" (−log KFIoU) or "exp" (e^(1 − KFIoU) − 1).
    KFIoU is at most ⅓, for boxes of one size and direction: the least loss is ⅔, log 3 or e^⅔ − 1, not 0. Shapes:
    prediction and target (…, 5), boxes (x, y, w, h, θ), θ in radians, of any convention (see this module); values (…).
    Unit: none. Range: [⅔, 1); [log 3, ∞); [e^⅔ − 1, e − 1). Exact while squares of the ratios of sizes fit the dtype.
    DomainError for w ≤ 0 or h ≤ 0.
    Source: Yang et al. 2022, arXiv:2201.12558. As mmrotate's KFLoss (fun "none", "ln" and "exp"), which adds 1e-6 to
    divisors and logarithms, without its term of the centres.
    """

    scale: Literal["linear", "log", "exp"] = "linear"

    aliases = ("KFIoU",)
    facts = Facts(
        convex=False,
        smooth=2,
        non_negative=True,
        zero_at_target=False,
        symmetric=True,
    )

    def __post_init__(self) -> None:
        one_of(("linear", "log", "exp"), scale=self.scale)

    def formula(self, xp: Any, prediction: Array, target: Array) -> Array:
        pair = self.pair(xp, prediction, target)
        mine, its = pair.w * pair.h, pair.a * pair.b
        # 1/KFIoU − 3 by terms of one sign, each 0 where the two boxes are of one size and direction.
        mismatch = self.mismatch(xp, pair)
        growth = mismatch / (1 + xp.sqrt(1 + mismatch))  # √(1 + G) − 1
        uneven = xp.square(xp.sqrt(mine / its) - 1) * xp.sqrt(its / mine)  # √(Vₚ/Vₜ) + √(Vₜ/Vₚ) − 2
        more = 4 * growth + 2 * uneven * (1 + growth)
        if self.scale == "log":
            return xp.log(3 + more)
        value = (2 + more) / (3 + more)
        return value if self.scale == "linear" else xp.expm1(value)

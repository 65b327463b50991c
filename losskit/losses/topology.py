"""Segmentation of what is thin and branched, by its connections instead of its area."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from losskit.core.domain import Domain, Probability, Real
from losskit.core.facts import Facts
from losskit.core.hyperparameters import one_of, positive
from losskit.losses.image.sample import ImageLoss, cut

__all__ = ["CenterlineDice"]

Array = Any


@dataclass(frozen=True, kw_only=True)
class CenterlineDice(ImageLoss):
    """Soft clDice: ℓ = 1 − 2PS / (P + S), P = (Σ sk(p)·t + s) / (Σ sk(p) + s), S = (Σ sk(t)·p + s) / (Σ sk(t) + s).

    For vessels, roads and neurons: P is how much of the prediction's skeleton lies in the target, S how much of the
    target's in the prediction, so that a gap in a thin branch counts as much as one in a thick one. The soft skeleton
    sk is made by morphology: what an opening removes, of the image and of what `iterations` erosions leave of it.
    Shapes: prediction and target in [0, 1] (the mask) alike, (N, …) with the image's axes among them; axes=(−2, −1)
    fits (N, H, W) and (N, C, H, W), (1, 2) fits (N, H, W, C), (−3, −2, −1) volumes; values (N,). Other axes are
    channels: masks of their own, that count together. Unit: none. Range: [0, 1). p = sigmoid of the prediction, or the
    prediction itself for input="probabilities". iterations ≥ 1: at least half the width of the thickest branch, in
    pixels. smooth s > 0. Skeletons say little of areas: the paper trains with (1 − α)·Dice + α·this,
    `0.5 * Dice() + 0.5 * CenterlineDice()`. Where neighbours are equal they share the gradient. A mask has the target's
    shape: pixels that are left out are as those beyond the image's edges, of which no pixel is a neighbour.
    Source: Shit et al. 2020, arXiv:2003.07311. As monai.losses.SoftclDiceLoss of probabilities, which has one sum for
    the batch and leaves out channel 0, and takes the target first; the authors' code has s = 1, too.
    """

    iterations: int = 3
    smooth: float = 1.0
    input: Literal["logits", "probabilities"] = "logits"

    target = Probability()
    example_shapes = ((1, 4, 4), (1, 4, 4))
    tasks = ("segmentation",)
    aliases = ("clDice", "SoftClDice")
    facts = Facts(non_negative=True)

    @property
    def prediction(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        return Real() if self.input == "logits" else Probability()

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(("logits", "probabilities"), input=self.input)
        positive(smooth=self.smooth)
        if not isinstance(self.iterations, int) or self.iterations < 1:
            raise ValueError(f"iterations: expected a whole number >= 1, got {self.iterations!r}")

    def formula(self, xp: Any, prediction: Array, target: Array, *, keep: Array | None = None) -> Array:
        if self.input == "logits":
            present, absent = xp.sigmoid(prediction), xp.sigmoid(-prediction)
        else:
            present, absent = prediction, 1 - prediction
        axes, parts = self.along(xp, target), self.parts(xp, target)

        def share(skeleton: Array, inside: Array, outside: Array) -> tuple[Array, Array]:
            """The share of a skeleton that lies inside, and the rest: not as a difference, which is lost near 1."""
            right, wrong = xp.sum(skeleton * inside, axis=parts) + self.smooth, xp.sum(skeleton * outside, axis=parts)
            return right / (right + wrong), wrong / (right + wrong)

        precision, stray = share(soft_skeleton(xp, present, axes, self.iterations, keep), target, 1 - target)
        sensitivity, missed = share(soft_skeleton(xp, target, axes, self.iterations, keep), present, absent)
        return (precision * missed + sensitivity * stray) / (precision + sensitivity)


def soft_skeleton(xp: Any, image: Array, axes: tuple[int, ...], iterations: int, keep: Array | None) -> Array:
    """The centre lines of images of numbers in [0, 1], 0 where pixels are not kept."""
    skeleton = _tips(xp, image, axes, keep)
    for _ in range(iterations):
        image = eroded(xp, image, axes, keep)
        skeleton = skeleton + (1 - skeleton) * _tips(xp, image, axes, keep)
    return skeleton


def _tips(xp: Any, image: Array, axes: tuple[int, ...], keep: Array | None) -> Array:
    """What an opening removes."""
    tips = xp.relu(image - dilated(xp, eroded(xp, image, axes, keep), axes, keep))
    return tips if keep is None else xp.where(keep, tips, 0.0)


def eroded(xp: Any, image: Array, axes: tuple[int, ...], keep: Array | None) -> Array:
    """The least of each pixel and its nearest neighbours along the axes (a cross); 1 where a pixel is not kept."""
    image = image if keep is None else xp.where(keep, image, 1.0)
    least, *others = [_of_three(xp, xp.minimum, image, axis) for axis in axes]
    for other in others:
        least = xp.minimum(least, other)
    return least if keep is None else xp.where(keep, least, 1.0)


def dilated(xp: Any, image: Array, axes: tuple[int, ...], keep: Array | None) -> Array:
    """The largest of each pixel and of all that touch it, at a corner too (a square)."""
    image = image if keep is None else xp.where(keep, image, 0.0)
    for axis in axes:
        image = _of_three(xp, xp.maximum, image, axis)
    return image


def _of_three(xp: Any, choose: Callable[[Array, Array], Array], x: Array, axis: int) -> Array:
    """The choice of each pixel and its two neighbours along an axis, of those that there are."""
    pair = choose(cut(x, axis, None, -1), cut(x, axis, 1, None))
    before = xp.concatenate([cut(pair, axis, None, 1), pair], axis=axis)
    return choose(before, xp.concatenate([pair, cut(pair, axis, -1, None)], axis=axis))

"""Twins of losskit.losses.pairs."""

from __future__ import annotations

from mpmath import mpf

import losskit
from tests.oracles.oracle import oracle

MARGINS = ({}, {"margin": 0.25}, {"margin": 8.0})


@oracle(
    losskit.HingeEmbedding,
    variants=MARGINS,
    kinks=lambda loss, target: (mpf(loss.margin),) if target < 0 else (),
    at_kink="zero",
)
def hinge_embedding(loss, prediction, target):
    return prediction if target > 0 else max(mpf(0), mpf(loss.margin) - prediction)


def at_the_kink(loss, first, second, target):
    """Up to the rounding of the scores' difference."""
    far = abs(target * (first - second) - loss.margin)
    return far <= mpf(2) ** -20 * (abs(first) + abs(second) + loss.margin)


@oracle(
    losskit.MarginRanking,
    variants=(*MARGINS, {"margin": 0.0}),
    kinks=lambda loss, second, target: (second + target * loss.margin,),
    why="the difference of two scores has the rounding of the scores",
    rough=at_the_kink,
)
def margin_ranking(loss, first, second, target):
    lead = target * (first - second)
    # Beside the kink a value is known as well as the scores are, on either side.
    terms = (mpf(loss.margin), -target * first, target * second)
    return terms if lead < loss.margin else (*terms, lead - loss.margin)

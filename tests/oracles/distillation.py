"""Twins of losskit.losses.distillation."""

from __future__ import annotations

from typing import Any

from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import SOFTMAX, far_digits, softmax
from tests.oracles.divergence import relative
from tests.oracles.oracle import oracle


def soften(loss, scores):
    return softmax([z / mpf(loss.temperature) for z in scores])


def scaled(loss, terms):
    return tuple(mpf(loss.temperature) ** 2 * term for term in terms) or mpf(0)


def spreads(order, loss, *rows):
    """See SOFTMAX: of the student's scores, and of the teacher's."""
    most = max(max(row) - min(row) for row in rows[:2])
    return 1 + min(most / mpf(loss.temperature), 750) / 8


TEMPERATURES = ({}, {"temperature": 4.0})
ROWS: dict[str, Any] = {
    "why": f"a difference of logarithms, each rounded; {SOFTMAX}",
    "condition": spreads,
    "columns": 3,
    "reach": dict.fromkeys(("prediction", "target"), (-1e4, 1e4)),
    "least": 1e-8,
    "cancelling": (2,),
    "extent": lambda loss, x: loss.temperature,
    "extra": lambda loss: [([1.0, -2.0, 0.5],) * 2, ([1.0, -2.0, 0.5], [1.0 + 2**-20, -2.0, 0.5])],
}


@oracle(losskit.KnowledgeDistillation, variants=TEMPERATURES, **ROWS)
@far_digits
def knowledge(loss, prediction, target):
    return scaled(loss, relative(soften(loss, target), soften(loss, prediction)))


@oracle(
    losskit.ReverseKLDistillation,
    variants=TEMPERATURES,
    **(ROWS | {"reach": {"prediction": (-1e4, 1e4), "target": (-1e8, 1e8)}}),
)
@far_digits
def reverse(loss, prediction, target):
    return scaled(loss, relative(soften(loss, prediction), soften(loss, target)))


@oracle(
    losskit.JensenShannonDistillation,
    variants=(*TEMPERATURES, {"share": 0.125}),
    **ROWS,
)
@far_digits
def jensen_shannon(loss, prediction, target):
    p, q, share = soften(loss, prediction), soften(loss, target), mpf(loss.share)
    m = [share * y + (1 - share) * x for x, y in zip(p, q, strict=True)]
    return scaled(loss, (*(share * x for x in relative(q, m)), *((1 - share) * x for x in relative(p, m))))


def rows_meet(loss, prediction, target):
    """Where a difference of probabilities is 0, or rounding decides its sign."""
    pairs = list(zip(soften(loss, prediction), soften(loss, target), strict=True))
    return any(abs(p - q) <= mpf(2) ** -10 * (p + q) for p, q in pairs)


@oracle(losskit.TotalVariationDistillation, variants=TEMPERATURES, rough=rows_meet, **ROWS)
@far_digits
def total_variation(loss, prediction, target):
    pairs = zip(soften(loss, prediction), soften(loss, target), strict=True)
    return scaled(loss, [term / 2 if p > q else -term / 2 for p, q in pairs for term in (p, -q)])


@oracle(
    losskit.DecoupledDistillation,
    variants=({}, {"temperature": 1.0, "target_weight": 0.5, "other_weight": 2.0}),
    **(
        ROWS
        | {
            "reach": dict.fromkeys(("prediction", "teacher"), (-1e4, 1e4)),
            "extra": lambda loss: [(*rows, k) for rows in ROWS["extra"](loss) for k in (0, 1)],
        }
    ),
)
@far_digits
def decoupled(loss, prediction, teacher, target):
    p, q = soften(loss, prediction), soften(loss, teacher)

    def split(row):
        others = [x for k, x in enumerate(row) if k != target]
        doubt = fsum(others)
        return [row[target], doubt], [x / doubt for x in others]

    (pair_p, others_p), (pair_q, others_q) = split(p), split(q)
    return scaled(
        loss,
        (
            *(mpf(loss.target_weight) * x for x in relative(pair_q, pair_p)),
            *(mpf(loss.other_weight) * x for x in relative(others_q, others_p)),
        ),
    )


@oracle(losskit.MarginDistillation, why="the square of a sum of three numbers")
def margin(loss, positive, negative, target):
    parts = positive, -negative, -target
    return tuple(a * b for a in parts for b in parts)

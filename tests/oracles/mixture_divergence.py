"""Twins of losskit.losses.mixture_divergence."""

from __future__ import annotations

from mpmath import mpf

import losskit
from tests.oracles.classification import KINDS, ROWS, SOFTMAX, far_digits, log, row_of_probabilities, spread
from tests.oracles.oracle import oracle


@oracle(
    losskit.SkewKLDivergence,
    variants=(*KINDS, {"skew": 0.75}, {"reverse": True}, {"reverse": True, "input": "probabilities", "skew": 0.5}),
    why=f"a difference of logarithms; {SOFTMAX}",
    condition=spread,
    **ROWS,
)
@far_digits
def skew_kl_divergence(loss, prediction, target):
    p, skew = row_of_probabilities(loss, prediction), mpf(loss.skew)
    base, other = (p, target) if loss.reverse else (target, p)
    rows = [(x, skew * x + (1 - skew) * y) for x, y in zip(base, other, strict=True) if x]
    terms = [term for x, m in rows for term in (x * log(x), -x * log(m), -x, m)]
    return (*terms, *((1 - skew) * y for x, y in zip(base, other, strict=True) if not x))


@oracle(
    losskit.TriangularDiscrimination,
    variants=KINDS,
    why=f"differences of probabilities; {SOFTMAX}",
    condition=spread,
    **ROWS,
)
@far_digits
def triangular_discrimination(loss, prediction, target):
    rows = [(x, t) for x, t in zip(row_of_probabilities(loss, prediction), target, strict=True) if x or t]
    return tuple(term for x, t in rows for term in (x, t, -4 * x * t / (x + t)))

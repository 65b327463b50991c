"""Twins of losskit.losses.power_divergence."""

from __future__ import annotations

from mpmath import fsum, inf, mpf

import losskit
from tests.oracles.classification import KINDS, ROWS, SOFTMAX, far_digits, log, row_of_probabilities, spread
from tests.oracles.oracle import oracle

POWERS = f"a power of a ratio is known to as many half ulps as its logarithm has; {SOFTMAX}"


def exponents(alpha):
    """The powers of p and t, each exp of a multiple of a rounded logarithm."""

    def condition(order, loss, prediction, target):
        a = alpha(loss)
        p = row_of_probabilities(loss, prediction)
        logs = [abs(log(x)) + abs(log(t)) for x, t in zip(p, target, strict=True) if x and t]
        return spread(order, loss, prediction, target, 1 + abs(a)) + (1 + abs(a)) * min(max(logs, default=0), 750) / 8

    return condition


def infinite(loss, prediction, target):
    """Where the divergence is; and see ROWS."""
    alpha = getattr(loss, "alpha", -1.0 if getattr(loss, "reverse", False) else 1.0)
    if alpha <= 0 and loss.input == "logits" and any(87 < max(prediction) - z < 89 for z in prediction):
        return True  # e⁻⁸⁸ is not normal in float32, and is flushed to zero before it is multiplied by its logarithm
    return (alpha <= 0 and 0 in target) or ROWS["rough"](loss, prediction, target)


def reach(alpha):
    """Powers have to fit float32, as have the products in their second derivatives."""

    def of(loss):
        steep = not 0 <= alpha(loss) <= 1
        low, high = (-20.0, 20.0) if loss.input == "logits" else (-30.0, 0.0)
        return {"prediction": (low, high) if steep and loss.input != "probabilities" else (-1e4, 1e4)}

    return of


def power(base, exponent):
    if base:
        return base**exponent
    return inf if exponent < 0 else mpf(0)


def product(t, p, alpha):
    """t^α p^(1−α), 0 where both are 0."""
    return power(t, alpha) * power(p, 1 - alpha) if t or p else mpf(0)


def amari(p, t, alpha):
    """The divergence of positive numbers, as the terms of its sum."""
    rows = list(zip(p, t, strict=True))
    if alpha in (0, 1):
        pairs = rows if alpha == 0 else [(y, x) for x, y in rows]
        return tuple(term for a, b in pairs for term in ((a * log(a), -a * log(b) if b else inf, b, -a) if a else (b,)))
    return tuple(
        term / (alpha * (alpha - 1)) for x, y in rows for term in (product(y, x, alpha), -alpha * y, (alpha - 1) * x)
    )


@oracle(
    losskit.AlphaDivergence,
    variants=(
        *KINDS,
        *({"alpha": alpha} for alpha in (0.0, 1.0, 2.0, -0.5, 0.125, 0.9375)),
        *({"alpha": alpha, "input": "probabilities"} for alpha in (1.0, -0.5, 0.9375)),
    ),
    why=POWERS,
    condition=exponents(lambda loss: mpf(loss.alpha)),
    **(ROWS | {"rough": infinite, "reach": reach(lambda loss: loss.alpha)}),
)
@far_digits
def alpha_divergence(loss, prediction, target):
    return amari(row_of_probabilities(loss, prediction), target, mpf(loss.alpha)) or mpf(0)


@oracle(
    losskit.ChiSquared,
    variants=(*KINDS, {"reverse": True}, {"reverse": True, "input": "probabilities"}),
    why=POWERS,
    condition=exponents(lambda loss: mpf(2)),
    **(ROWS | {"rough": infinite, "reach": reach(lambda loss: 2)}),
)
@far_digits
def chi_squared(loss, prediction, target):
    p = row_of_probabilities(loss, prediction)
    pairs = [(x, t) if loss.reverse else (t, x) for x, t in zip(p, target, strict=True)]
    return tuple(term for a, b in pairs if a or b for term in ((a**2 / b, -2 * a, b) if b else (inf,)))


@oracle(
    losskit.RenyiDivergence,
    variants=(
        *KINDS,
        *({"order": order} for order in (1.0, 1 + 2.0**-12, 2.0, 0.125)),
        *({"order": order, "input": "probabilities"} for order in (1.0, 3.0)),
    ),
    why=f"a sum of nearly 1 is known to ulps of 1, and so is its logarithm; {POWERS}",
    condition=exponents(lambda loss: mpf(loss.order)),
    **(ROWS | {"cancelling": (1, 2)}),  # a first derivative is the difference of p and a share in the sum
)
@far_digits
def renyi_divergence(loss, prediction, target):
    p, order, share = row_of_probabilities(loss, prediction), mpf(loss.order), fsum(target)
    if order == 1:
        rows = [(x, t / share) for x, t in zip(p, target, strict=True) if t]
        return tuple(term for x, t in rows for term in (t * (log(t) + log(share)), -t * log(x) if x else inf))
    total = fsum(product(t, x, order) for x, t in zip(p, target, strict=True)) / share
    if total in (0, inf):
        return inf
    value = log(total) / (order - 1)
    return (value, mpf(1), mpf(-1)) if 0.25 < total < 4 else value

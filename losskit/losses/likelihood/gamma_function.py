"""The gamma function where the likelihoods need it: without cancellation, right in every derivative."""

from __future__ import annotations

import math
from typing import Any

Array = Any

LOG_8 = math.log(8)
BERNOULLI = (
    *(1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330),
    *(854513 / 138, -236364091 / 2730, 8553103 / 6, -23749461029 / 870, 8615841276005 / 14322),
)
"""The Bernoulli numbers B₂, B₄, …"""
HALF_STEP = [(2 ** (1 - 2 * k) - 2) * b / (2 * k * (2 * k - 1)) for k, b in enumerate(BERNOULLI[:10], start=1)]


def log_gamma(xp: Any, x: Array) -> Array:
    """log Γ(x) for x > 0, right in every derivative: torch's own second one is 1e-9 off."""
    small = x < 12
    # Γ(x) = Γ(x + 12) / x(x + 1)…(x + 11) where Stirling's series is not yet exact.
    near = xp.where(small, x, 1.0)
    product = near + 1
    for k in range(2, 12):
        product = product * (near + k)
    differentiated = _by_stirling(xp, near + 12) - xp.log(product) - xp.log(near)
    # Its derivatives, and the framework's value, of which nothing cancels near the zeros at 1 and 2.
    value = xp.lgamma(xp.stop_gradient(near)) + (differentiated - xp.stop_gradient(differentiated))
    return xp.where(small, value, _by_stirling(xp, xp.where(small, 12.0, x)))


def _by_stirling(xp: Any, x: Array) -> Array:
    """log Γ(x) for x ≥ 12."""
    return (x - 0.5) * xp.log(x) - x + math.log(2 * math.pi) / 2 + stirling(1 / x)


def half_step(xp: Any, log_x: Array) -> Array:
    """log Γ(x + ½) − log Γ(x) − ½ log x of x = eᵛ, which fades as −1/(8x)."""
    large = log_x > LOG_8
    v = xp.where(large, 0.0, log_x)
    x = xp.exp(v)
    # Below 8 by the same recurrence, as one ratio: the two Γ, many times larger than it, never come to be.
    ratio = 1 / (x + 0.5)
    for k in range(1, 8):
        ratio = ratio * ((x + k) / (x + (k + 0.5)))
    near = _half_step_series(1 / (x + 8)) + xp.log(x + 8) / 2 + xp.log(ratio) + v / 2
    return xp.where(large, _half_step_series(xp.exp(-xp.where(large, log_x, LOG_8))), near)


def _half_step_series(a: Array) -> Array:
    """That for x = 1/a ≥ 8: −a/8 + a³/192 − …"""
    s, series = a * a, 0.0
    for coefficient in reversed(HALF_STEP):
        series = coefficient + s * series
    return a * series


def log1p_ratio(xp: Any, x: Array) -> Array:
    """log(1 + x)/x − 1 for x ≥ 0, by the series of 2 artanh(t), t = x/(2 + x), where the difference would cancel."""
    small = x < 0.5
    near, far = xp.where(small, x, 0.0), xp.where(small, 1.0, x)
    t = near / (2 + near)
    series = 0.0 * t
    for odd in range(25, 1, -2):
        series = 1 / odd + t * t * series
    return xp.where(small, t * (2 * t * series / (2 + near) - 1), xp.log1p(far) / far - 1)


def stirling(a: Array) -> Array:
    """What Stirling's formula leaves of log Γ(1/a), for a < 1/12: a/12 − a³/360 + …"""
    s = a * a
    return a * (
        1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s / 156)))))
    )

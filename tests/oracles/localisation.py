"""Twins of losskit.losses.localisation."""

from __future__ import annotations

from mpmath import exp, log, mpf

import losskit
from tests.oracles.oracle import oracle


def with_edges(distance):
    return lambda loss, target: (target, target - mpf(distance(loss)), target + mpf(distance(loss)))


@oracle(
    losskit.Wing,
    variants=({}, {"width": 5.0, "epsilon": 0.5}, {"width": 0.125, "epsilon": 1.0}),
    kinks=with_edges(lambda loss: loss.width),
)
def wing(loss, prediction, target):
    r, w, epsilon = abs(prediction - target), mpf(loss.width), mpf(loss.epsilon)
    return w * log(1 + r / epsilon) if r < w else r - (w - w * log(1 + w / epsilon))


def power_of_ratio(order, loss, prediction, target):
    """A power is known to as many half ulps as the exponent's rounding changes it by: |log(r/ε)| of them."""
    r = abs(prediction - target)
    return 1 + (abs(log(min(r, loss.theta) / loss.epsilon)) if r else 0)


@oracle(
    losskit.AdaptiveWing,
    variants=({}, {"omega": 1.0, "epsilon": 0.25, "theta": 0.125, "alpha": 2.5}),
    kinks=with_edges(lambda loss: loss.theta),
    cancelling=(2,),
    why="see power_of_ratio",
    condition=power_of_ratio,
    least=1e-30,  # 1 + (r/ε)ⁿ of the textbook form is not 1 in the digits that the twins are given
)
def adaptive_wing(loss, prediction, target):
    r, n = abs(prediction - target), mpf(loss.alpha) - target
    omega, epsilon, theta = mpf(loss.omega), mpf(loss.epsilon), mpf(loss.theta)
    if r < theta:
        return omega * log(1 + (r / epsilon) ** n)
    edge = theta / epsilon
    slope = omega / (1 + edge**n) * n * edge ** (n - 1) / epsilon
    return slope * r - (theta * slope - omega * log(1 + edge**n))


@oracle(
    losskit.BalancedL1,
    variants=({}, {"alpha": 1.0, "gamma": 0.5, "beta": 0.125}, {"beta": 4.0}),
    kinks=lambda loss, target: (target - mpf(loss.beta), target + mpf(loss.beta)),
)
def balanced_l1(loss, prediction, target):
    alpha, gamma, beta = mpf(loss.alpha), mpf(loss.gamma), mpf(loss.beta)
    x, b = abs(prediction - target) / beta, exp(gamma / alpha) - 1
    inner = min(x, mpf(1))
    return beta * (alpha / b * ((1 + b * inner) * log(1 + b * inner) - b * inner) + gamma * (x - inner))

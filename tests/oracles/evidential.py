"""Twins of losskit.losses.evidential."""

from __future__ import annotations

import mpmath
from mpmath import exp, log, mp, mpf, pi

import losskit
from tests.oracles.classification import remembered
from tests.oracles.oracle import oracle

loggamma = remembered(mpmath.loggamma)


def parameters(log_count, log_shape, log_scale):
    return exp(log_count), 1 + exp(log_shape), exp(log_scale)


@oracle(
    losskit.EvidentialRegression,
    variants=({}, {"penalty": 0.0}),
    ulps=16,
    why="−log density is a sum of terms of either sign, and its scale the exponential of a rounded sum of logarithms",
    condition=lambda order, loss, prediction, target, log_count, log_shape, log_scale: (
        1 + (abs(log_count) + abs(log_shape) + abs(log_scale)) / 8
    ),
    cancelling=(2,),
    kinks=lambda loss, target, log_count, log_shape, log_scale: (target,) if loss.penalty else (),
    # Evidence, and 1/σ, have to fit float32; and with a thousand digits Γ takes too long.
    reach={
        "prediction": (-1e30, 1e30),
        "target": (-1e30, 1e30),
        "log_count": (-20.0, 15.0),
        "log_shape": (-20.0, 15.0),
        "log_scale": (-40.0, 40.0),
    },
    least=1e-30,
    extra=lambda loss: [
        *((1.0, 3.0, 0.5, a, -0.5) for a in (-8.0, 0.0, 1.9, 2.1, 8.0)),
        (1e-18, 0.0, 0.0, 0.0, -80.0),
    ],
)
def regression(loss, prediction, target, log_count, log_shape, log_scale):
    nu, alpha, beta = parameters(log_count, log_shape, log_scale)
    omega = 2 * beta * (1 + nu)
    error = prediction - target
    with mp.extradps(40):  # the two Γ agree in that many digits
        constant = log(pi) / 2 + loggamma(alpha) - loggamma(alpha + mpf(1) / 2) + log(alpha) / 2
    return (
        (alpha + mpf(1) / 2) * log(1 + error**2 * nu / omega),
        log(omega / (nu * alpha)) / 2,
        constant,
        mpf(loss.penalty) * abs(error) * (2 * nu + alpha),
    )

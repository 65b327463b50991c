"""Twins of losskit.losses.adversarial."""

from __future__ import annotations

from mpmath import exp, log, mpf

import losskit
from tests.oracles.classification import far_digits
from tests.oracles.oracle import oracle


def sigmoid(z):
    return 1 / (1 + exp(-z))


def one_minus_sigmoid(z):
    return 1 / (1 + exp(z))


@oracle(losskit.MinimaxDiscriminator)
@far_digits
def minimax_discriminator(loss, real, fake):
    return -log(sigmoid(real)) - log(one_minus_sigmoid(fake))


@oracle(losskit.MinimaxGenerator)
@far_digits
def minimax_generator(loss, fake):
    return log(one_minus_sigmoid(fake))


@oracle(losskit.NonSaturatingGenerator)
@far_digits
def non_saturating_generator(loss, fake):
    return -log(sigmoid(fake))


@oracle(losskit.LeastSquaresDiscriminator)
def least_squares_discriminator(loss, real, fake):
    return (real - 1) ** 2 / 2 + fake**2 / 2


@oracle(losskit.LeastSquaresGenerator)
def least_squares_generator(loss, fake):
    return (fake - 1) ** 2 / 2


@oracle(
    losskit.HingeDiscriminator,
    kinks=lambda loss, fake: (mpf(1),),
    at_kink="zero",
    rough=lambda loss, real, fake: fake == -1,
)
def hinge_discriminator(loss, real, fake):
    return max(mpf(0), 1 - real) + max(mpf(0), 1 + fake)


@oracle(losskit.HingeGenerator)
def hinge_generator(loss, fake):
    return -fake


@oracle(losskit.WassersteinDiscriminator)
def wasserstein_discriminator(loss, real, fake):
    return fake - real


@oracle(losskit.WassersteinGenerator)
def wasserstein_generator(loss, fake):
    return -fake

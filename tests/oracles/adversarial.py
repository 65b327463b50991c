"""Twins of losskit.losses.adversarial."""

from __future__ import annotations

from mpmath import exp, fsum, log, mpf

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


# Where a rounding of the scores passes 1 their difference is anything.
SCORES = {
    "reach": dict.fromkeys(("real", "fake"), (-1e6, 1e6)),
    "why": "e to a rounded difference is known to as many ulps as it has",
    "condition": lambda order, loss, real, fake: 1 + abs(real - fake),
}


@oracle(losskit.RelativisticDiscriminator, **SCORES)
@far_digits
def relativistic_discriminator(loss, real, fake):
    return -log(sigmoid(real - fake))


@oracle(losskit.RelativisticGenerator, **SCORES)
@far_digits
def relativistic_generator(loss, real, fake):
    return -log(sigmoid(fake - real))


AVERAGES = {
    "reach": dict.fromkeys(("real", "fake"), (-30.0, 30.0)),
    "why": "e to a difference from a rounded mean is known to as many ulps as there are in the largest score",
    "condition": lambda order, loss, real, fake: 1 + (abs(real) + abs(fake) + 30) / 2,
}


def mean(scores):
    return fsum(scores) / len(scores)


@oracle(losskit.RelativisticAverageDiscriminator, **AVERAGES)
@far_digits
def relativistic_average_discriminator(loss, real, fake):
    level_real, level_fake = mean(real), mean(fake)
    return [
        (-log(sigmoid(r - level_fake)), -log(one_minus_sigmoid(f - level_real)))
        for r, f in zip(real, fake, strict=True)
    ]


@oracle(losskit.RelativisticAverageGenerator, **AVERAGES)
@far_digits
def relativistic_average_generator(loss, real, fake):
    level_real, level_fake = mean(real), mean(fake)
    return [
        (-log(sigmoid(f - level_real)), -log(one_minus_sigmoid(r - level_fake)))
        for r, f in zip(real, fake, strict=True)
    ]


@oracle(
    losskit.EnergyDiscriminator,
    variants=({}, {"margin": 10.0}),
    rough=lambda loss, real, fake: fake == loss.margin,
    why="the part of generated samples is a difference",
)
def energy_discriminator(loss, real, fake):
    return (real, mpf(loss.margin), -fake) if fake < loss.margin else real


@oracle(losskit.EnergyGenerator)
def energy_generator(loss, fake):
    return fake


@oracle(losskit.BoundaryEquilibriumDiscriminator, why="a difference of two energies")
def boundary_equilibrium_discriminator(loss, real, fake, balance):
    return real, -balance * fake

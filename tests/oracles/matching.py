"""Twins of losskit.losses.matching."""

from __future__ import annotations

from typing import Any

from mpmath import fsum, mpf, sqrt

import losskit
from tests.oracles.classification import exp, log
from tests.oracles.contrastive import distance
from tests.oracles.correlation import covariance, shares_of
from tests.oracles.oracle import oracle
from tests.oracles.self_supervised import columns

# -- two samples of vectors --------------------------------------------------------------------------------------------


def gaussian(x, y, width):
    return exp(-(distance(x, y) ** 2) / (2 * mpf(width) ** 2))


def compared(loss, first, second, measure, sign):
    """Shares of the rows, as terms: ± measure within and across, over N² or the N(N − 1) pairs of two indices."""
    n, pairs = len(first), []
    for i in range(n):
        terms = []
        for j in range(n):
            if i == j and loss.unbiased:
                continue
            within = measure(first[i], first[j]), measure(second[i], second[j])
            across = measure(first[i], second[j]), measure(first[j], second[i])
            terms += [sign * term for term in within] + [-sign * term for term in across]
        size = n - 1 if loss.unbiased else n
        pairs.append(tuple(term / size for term in terms) or mpf(0))
    return pairs


@oracle(
    losskit.MaximumMeanDiscrepancy,
    variants=({}, {"bandwidths": (0.5, 4.0)}, {"unbiased": True, "bandwidths": (2.0,)}),
    why="a difference of sums of kernels; without those of a row with itself, the largest are known to many ulps",
    condition=lambda order, loss, *rows: 64 if loss.unbiased else 1,
    cancelling=(1, 2),
    reach=dict.fromkeys(("first", "second"), (-30.0, 30.0)),
    least=1e-8,
    columns=3,
)
def maximum_mean_discrepancy(loss, first, second):
    return compared(loss, first, second, lambda x, y: fsum(gaussian(x, y, width) for width in loss.bandwidths), 1)


@oracle(
    losskit.EnergyDistance,
    variants=({}, {"unbiased": True}),
    why="a difference of sums of distances",
    cancelling=(1, 2),
    rough=lambda loss, first, second: any(
        x == y for i, x in enumerate(first + second) for j, y in enumerate(first + second) if j < i
    ),
    columns=3,
)
def energy_distance(loss, first, second):
    return compared(loss, first, second, distance, -1)


def transport(loss, first, second):
    """The potentials, by scaling the rows and columns of the kernel e^(−C/ε): u = e^(f/ε), v = e^(g/ε)."""
    n, power = len(first), loss.power
    epsilon = mpf(loss.blur) ** power
    kernel = [[exp(-(distance(x, y) ** power) / power / epsilon) for y in second] for x in first]

    def scaled(matrix, other):
        return [n / fsum(k * o for k, o in zip(row, other, strict=True)) for row in matrix]

    u, v = scaled(kernel, [1] * n), scaled(columns(kernel), [1] * n)
    for _ in range(loss.iterations):
        new = scaled(kernel, v), scaled(columns(kernel), u)
        u, v = ([sqrt(a * b) for a, b in zip(*pair, strict=True)] for pair in zip((u, v), new, strict=True))
    u, v = scaled(kernel, v), scaled(columns(kernel), u)
    return [[epsilon * log(x) for x in side] for side in (u, v)]


@oracle(
    losskit.SinkhornDivergence,
    variants=(
        {"iterations": 4},
        {"blur": 2.0, "power": 1, "iterations": 3},
        {"debias": False, "iterations": 3},
        {"iterations": 0},
    ),
    why="a difference of potentials, each known to ulps of the costs (up to 96) it is made of; some are far smaller",
    condition=lambda order, loss, *rows: 8 if loss.iterations else 32,
    cancelling=(1, 2),
    extent=lambda loss, x: abs(x) or 1.0,
    rough=lambda loss, first, second: (
        loss.power == 1 and any(x == y for i, x in enumerate(first + second) for y in (first + second)[:i])
    ),
    reach=dict.fromkeys(("first", "second"), (-4.0, 4.0)),
    least=1e-8,
    columns=3,
)
def sinkhorn_divergence(loss, first, second):
    f, g = transport(loss, first, second)
    if not loss.debias:
        return list(zip(f, g, strict=True))
    within = [transport(loss, sample, sample) for sample in (first, second)]
    both = [[(a + b) / 2 for a, b in zip(*pair, strict=True)] for pair in within]
    return [(f[i], g[i], -both[0][i], -both[1][i]) for i in range(len(f))]


@oracle(
    losskit.CorrelationAlignment,
    why="a covariance is known to ulps of the product of the deviations (the pair that cancels)",
    cancelling=(1, 2),
    extent=lambda loss, x: abs(x) or 1e-4,
    reach=dict.fromkeys(("first", "second"), (-1e4, 1e4)),
    least=1e-4,
    columns=3,
)
def correlation_alignment(loss, first, second):
    n, d = len(first), len(first[0])
    unbiased = mpf(n) / (n - 1) if n > 1 else mpf(0)
    terms = []
    for j in range(d):
        for k in range(d):
            pairs = [(columns(sample)[j], columns(sample)[k]) for sample in (first, second)]
            apart = unbiased * (covariance(*pairs[0]) - covariance(*pairs[1]))
            size = unbiased * fsum(sqrt(covariance(x, x) * covariance(y, y)) for x, y in pairs)
            terms += [term / (4 * d**2) for term in (apart**2, abs(apart) * size, -abs(apart) * size)]
    return [tuple(terms)] * n


def centred(matrix):
    """H K H, entry by entry."""
    n = len(matrix)
    h = [[(i == j) - mpf(1) / n for j in range(n)] for i in range(n)]
    return multiply(multiply(h, matrix), h)


def multiply(a, b):
    return [[fsum(x * y for x, y in zip(row, column, strict=True)) for column in columns(b)] for row in a]


@oracle(
    losskit.HilbertSchmidtIndependence,
    variants=({}, {"first_bandwidth": 4.0, "second_bandwidth": 0.5}),
    why="kernels are known to ulps of 1, and so are their centred ones (the pair that cancels)",
    cancelling=(1, 2),
    reach=dict.fromkeys(("first", "second"), (-30.0, 30.0)),
    least=1e-8,
    columns=3,
)
def hilbert_schmidt_independence(loss, first, second):
    n = len(first)
    if n == 1:
        return [mpf(0)]
    kernels = [
        [[gaussian(x, y, width) for y in sample] for x in sample]
        for sample, width in ((first, loss.first_bandwidth), (second, loss.second_bandwidth))
    ]
    k, other = (centred(matrix) for matrix in kernels)
    trace = fsum(multiply(kernels[0], centred(kernels[1]))[i][i] for i in range(n)) / (n - 1) ** 2
    values = []
    for row, also in zip(k, other, strict=True):
        share = fsum(a * b for a, b in zip(row, also, strict=True)) * n / mpf(n - 1) ** 2
        size = fsum(abs(a) + abs(b) for a, b in zip(row, also, strict=True)) * n / mpf(n - 1) ** 2
        values.append((share, size, -size))
    return shares_of(trace, values)


# -- two samples of numbers --------------------------------------------------------------------------------------------


def close(a, b):
    return abs(a - b) <= mpf(2) ** -18 * max(abs(a), abs(b))


def ties(*samples):
    return any(close(x, y) for sample in samples for i, x in enumerate(sample) for y in sample[:i])


NUMBERS: dict[str, Any] = {"cancelling": (1,), "extent": lambda loss, x: abs(x) or 1.0}


@oracle(
    losskit.Wasserstein,
    variants=({}, {"power": 2.0}, {"power": 1.5}),
    rough=lambda loss, first, second: (
        ties(first, second) or any(close(x, y) for x, y in zip(sorted(first), sorted(second), strict=True))
    ),
    # Squares have to fit float32, and not to vanish in it.
    reach=lambda loss: {} if loss.power == 1 else dict.fromkeys(("first", "second"), (-1e15, 1e15)),
    least=1e-15,
)
def wasserstein(loss, first, second):
    matched = dict(zip(sorted(range(len(first)), key=lambda i: first[i]), sorted(second), strict=True))
    return [abs(x - matched[i]) ** mpf(loss.power) for i, x in enumerate(first)]


@oracle(
    losskit.CramerDistance,
    rough=lambda loss, first, second: ties(first + second),
)
def cramer_distance(loss, first, second):
    """Half the energy distance."""
    n = len(first)

    def mean(a, b):
        return fsum(abs(x - y) for x in a for y in b) / n**2

    return [mean(first, second) - mean(first, first) / 2 - mean(second, second) / 2] * n

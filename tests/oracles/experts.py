"""Twins of losskit.losses.experts."""

from __future__ import annotations

from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import exp, far_digits, log, softmax
from tests.oracles.oracle import oracle


def sent(loss, row):
    """The experts a token is sent to."""
    return sorted(range(len(row)), key=lambda e: (-row[e], e))[: loss.top_k]


def tied(loss, rows):
    """Whether it hangs on the last digit which experts a token is sent to."""
    ordered = (sorted(row, reverse=True) for row in rows)
    return loss.top_k < len(rows[0]) and any(row[loss.top_k - 1] == row[loss.top_k] for row in ordered)


@oracle(
    losskit.LoadBalancing,
    variants=({}, {"top_k": 2}),
    rough=tied,
    why="z_j − z_top is rounded, so exp of it is known to that many half ulps",
    condition=lambda order, loss, row: 1 + min(max(row) - min(row), 750) / 16,
    cancelling=(1,),
    extent=lambda loss, x: 1.0,
)
@far_digits
def load_balancing(loss, prediction):
    chosen = [sent(loss, row) for row in prediction]
    experts = range(len(prediction[0]))
    shares = [mpf(sum(e in each for each in chosen)) / (len(chosen) * loss.top_k) for e in experts]
    values = [tuple(len(experts) * shares[e] * softmax(row)[e] for e in experts if shares[e]) for row in prediction]
    means = [fsum(softmax(row)[e] for row in prediction) / len(prediction) for e in experts]
    whole = len(experts) * fsum(f * p for f, p in zip(shares, means, strict=True))
    assert abs(fsum(map(fsum, values)) / len(values) - whole) < mpf(10) ** -25, "the mean of the shares is not the loss"
    return values


@oracle(
    losskit.RouterZLoss,
    # Squares have to fit float32.
    reach={"prediction": (-1e15, 1e15)},
    why="the logarithm is a sum of the top logit and of the rest, which may cancel",
    condition=lambda order, loss, row: 1 + min(max(row) - min(row), 750) / 16 + rounding(row),
    cancelling=(1, 2),
    extent=lambda loss, x: 1.0,
    extra=lambda loss: [([-1.3862943611198906] * 4,), ([0.0] * 4,)],
)
@far_digits
def router_z_loss(loss, prediction):
    return log_partition(prediction) ** 2


def log_partition(row):
    return log(fsum(exp(z) for z in row))


def rounding(row):
    """In how many ulps of the logarithm an ulp of the top logit, or of 1, is."""
    value = log_partition(row)
    return 4 * (abs(max(row)) + 1) / abs(value) if value else 0

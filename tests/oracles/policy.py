"""Twins of losskit.losses.policy."""

from __future__ import annotations

from mpmath import fsum, mpf

import losskit
from tests.oracles.classification import KINDS, ROWS, SOFTMAX, exp, far_digits, log, row_of_probabilities, spread
from tests.oracles.oracle import oracle

RATIO = "the exponential of a rounded log-ratio is known to as many ulps as it has"


@oracle(losskit.PolicyGradient)
def policy_gradient(loss, log_probability, advantage):
    return -advantage * log_probability


# e to a log-ratio has to fit float32.
FITS = dict.fromkeys(("log_probability", "old_log_probability", "reference"), (-40.0, 40.0))


def ends(loss, old_log_probability, advantage, reference=None):
    """Where the ratio is clipped."""
    highest = 1 + mpf(loss.clip if loss.clip_high is None else loss.clip_high)
    lowest = [1 - mpf(loss.clip), *([mpf(loss.dual_clip)] if loss.dual_clip else [])]
    return [old_log_probability + log(bound) for bound in ([highest] if advantage > 0 else lowest) if advantage]


def surrogate(loss, log_probability, old_log_probability, advantage):
    ratio = exp(log_probability - old_log_probability)
    high = 1 + mpf(loss.clip if loss.clip_high is None else loss.clip_high)
    clipped = min(max(ratio, 1 - mpf(loss.clip)), high)
    gain = min(ratio * advantage, clipped * advantage)
    if loss.dual_clip is not None and advantage < 0:
        gain = max(gain, mpf(loss.dual_clip) * advantage)
    return -gain


CLIPS = ({}, {"clip": 0.125, "clip_high": 0.5, "dual_clip": 3.0})


@oracle(
    losskit.ClippedPolicy,
    variants=CLIPS,
    kinks=ends,
    why=RATIO,
    condition=lambda order, loss, log_probability, old, advantage: 1 + abs(log_probability - old),
    reach=FITS,
)
def clipped_policy(loss, log_probability, old_log_probability, advantage):
    return surrogate(loss, log_probability, old_log_probability, advantage)


@oracle(
    losskit.GroupRelativePolicyOptimization,
    variants=(*CLIPS, {"beta": 0.0}),
    kinks=ends,
    why=f"{RATIO}; and it is a sum of terms of either sign",
    condition=lambda order, loss, log_probability, old, advantage, reference=0: (
        1 + abs(log_probability - old) + abs(reference - log_probability)
    ),
    reach=FITS,
)
def group_relative(loss, log_probability, old_log_probability, advantage, reference=None):
    value = surrogate(loss, log_probability, old_log_probability, advantage)
    if reference is None:
        return value
    d = reference - log_probability
    return value, mpf(loss.beta) * (exp(d) - 1 - d)


@oracle(
    losskit.SampledKLDivergence,
    variants=({}, {"estimator": "k1"}, {"estimator": "k2"}),
    why=RATIO,
    condition=lambda order, loss, log_probability, reference: (
        1 + (abs(log_probability - reference) if loss.estimator == "k3" else 0)
    ),
    reach=lambda loss: FITS if loss.estimator == "k3" else {},
)
def sampled_divergence(loss, log_probability, reference):
    d = reference - log_probability
    return {"k1": -d, "k2": d**2 / 2, "k3": exp(d) - 1 - d}[loss.estimator]


@oracle(
    losskit.NegativeEntropy,
    variants=KINDS,
    why=SOFTMAX,
    condition=lambda order, loss, prediction: spread(order, loss, prediction, None),
    **(ROWS | {"rough": lambda loss, prediction: ROWS["rough"](loss, prediction, None)}),
    extra=lambda loss: [([0.0, 0.0, 1.0],)] if loss.input == "probabilities" else [],
)
@far_digits
def negative_entropy(loss, prediction):
    return tuple(p * log(p) for p in row_of_probabilities(loss, prediction) if p) or mpf(0)


def value_ends(loss, target, old_prediction):
    """Where the gradient ends, on the way to a return beyond what is allowed, and where it begins again."""
    clip = mpf(loss.clip)
    end = old_prediction + (clip if target > old_prediction else -clip)
    return (end, 2 * target - end) if abs(target - old_prediction) > clip else ()


def near_an_end(loss, prediction, target, old_prediction):
    """Where rounding decides whether there is a gradient."""
    near = mpf(2) ** -20 * max(abs(prediction), abs(target), abs(old_prediction))
    return any(abs(prediction - end) < near for end in value_ends(loss, target, old_prediction))


@oracle(
    losskit.ClippedValue,
    variants=({}, {"clip": 2.0}),
    kinks=value_ends,
    rough=near_an_end,
    why="the square of a sum of three numbers, each of which is rounded",
)
def clipped_value(loss, prediction, target, old_prediction):
    clip = mpf(loss.clip)
    moved = prediction - old_prediction
    held = old_prediction, min(max(moved, -clip), clip), -target
    if abs(moved) > clip and abs(fsum(held)) > abs(prediction - target):
        return tuple(a * b / 2 for a in held for b in held)
    return ((prediction - target) ** 2 / 2, *[mpf(0)] * 8)  # as many terms on both sides of a kink


def change_of_force(loss, reward, next_prediction, discount):
    goal = reward + discount * next_prediction
    return () if loss.delta is None else (goal - mpf(loss.delta), goal + mpf(loss.delta))


@oracle(
    losskit.TemporalDifference,
    variants=({}, {"delta": 1.0}, {"delta": 0.125}),
    kinks=change_of_force,
    rough=lambda loss, prediction, reward, next_prediction, discount: any(
        abs(prediction - kink) < mpf(2) ** -20 * (abs(prediction) + abs(reward) + abs(next_prediction))
        for kink in change_of_force(loss, reward, next_prediction, discount)
    ),
    why="the error is a sum of three numbers, each of which is rounded",
)
def temporal_difference(loss, prediction, reward, next_prediction, discount):
    parts = prediction, -reward, -discount * next_prediction
    error = fsum(parts)
    if loss.delta is None or abs(error) <= loss.delta:
        return tuple(a * b / 2 for a in parts for b in parts)
    delta = mpf(loss.delta)
    force = delta if error > 0 else -delta
    return (*(force * part for part in parts), -(delta**2) / 2)

"""Twins of losskit.losses.preference."""

from __future__ import annotations

from mpmath import mpf

import losskit
from tests.oracles.classification import exp, far_digits, log
from tests.oracles.oracle import oracle

ROUNDED = "the margin is a difference of rounded differences, and e to it is known to as many ulps"


def sigmoid(x):
    return 1 / (1 + exp(-x))


def softplus(x):
    return log(1 + exp(x))


def ratios(chosen, rejected, reference_chosen, reference_rejected):
    return chosen - reference_chosen, rejected - reference_rejected


def rounded_margin(order, loss, *pair):
    """How many ulps of 1 the margin of a pair is off."""
    a, b = ratios(*pair) if len(pair) == 4 else pair
    return 1 + mpf(loss.beta) * (abs(a) + abs(b))


# Where a rounding of the log-probabilities passes 1 the margin is anything.
NAMES = ("chosen", "rejected", "reference_chosen", "reference_rejected", "log_probability", "reference")
KNOWN = dict.fromkeys(NAMES, (-1e6, 0.0))
PAIRS = {"why": ROUNDED, "condition": rounded_margin, "reach": KNOWN}
# A sigmoid bends within 1/β of its middle, where its second derivative is 0.
BENDS = {"cancelling": (2,), "extent": lambda loss, x: 1 / loss.beta}


@oracle(
    losskit.DirectPreferenceOptimization,
    variants=({}, {"beta": 0.5, "label_smoothing": 0.125}),
    **PAIRS,
)
@far_digits
def direct(loss, *pair):
    a, b = ratios(*pair)
    h, smoothing = mpf(loss.beta) * (a - b), mpf(loss.label_smoothing)
    return -(1 - smoothing) * log(sigmoid(h)), -smoothing * log(sigmoid(-h)) if smoothing else mpf(0)


@oracle(
    losskit.RobustDirectPreferenceOptimization,
    variants=({}, {"beta": 0.5, "flip_rate": 0.25}, {"flip_rate": 0.0}),
    **PAIRS,
)
@far_digits
def robust(loss, *pair):
    a, b = ratios(*pair)
    h, rate = mpf(loss.beta) * (a - b), mpf(loss.flip_rate)
    return (
        -(1 - rate) * log(sigmoid(h)) / (1 - 2 * rate),
        rate * log(sigmoid(-h)) / (1 - 2 * rate) if rate else mpf(0),
    )


def squared(*terms):
    """The square of a sum, as the products of its terms."""
    return tuple(a * b for a in terms for b in terms)


@oracle(
    losskit.IdentityPreferenceOptimization,
    variants=({}, {"beta": 2.0}),
    why="the square of a difference of rounded differences",
)
def identity(loss, *pair):
    a, b = ratios(*pair)
    return squared(a, -b, -1 / (2 * mpf(loss.beta)))


def hinge_is_bent(loss, *pair):
    """Where rounding decides on which side of the kink a pair lies."""
    a, b = ratios(*pair) if len(pair) == 4 else pair
    return abs(loss.margin - loss.beta * (a - b)) < mpf(2) ** -20 * (loss.margin + loss.beta * (abs(a) + abs(b)))


@oracle(
    losskit.SequenceLikelihoodCalibration,
    variants=({}, {"beta": 1.0, "margin": 0.25}),
    kinks=lambda loss, rejected, reference_chosen=0, reference_rejected=0: (
        reference_chosen + rejected - reference_rejected + mpf(loss.margin) / mpf(loss.beta),
    ),
    at_kink="zero",
    rough=hinge_is_bent,
    why="the margin is a difference of rounded differences",
)
def calibration(loss, chosen, rejected, reference_chosen=None, reference_rejected=None):
    a, b = chosen, rejected
    if reference_chosen is not None:
        a, b = ratios(chosen, rejected, reference_chosen, reference_rejected)
    terms = mpf(loss.margin), -mpf(loss.beta) * a, mpf(loss.beta) * b
    return terms if sum(terms) > 0 else (*terms, -sum(terms))


@oracle(
    losskit.EfficientExactOptimization,
    variants=({}, {"beta": 0.5, "label_smoothing": 0.25}),
    why=f"{ROUNDED}; and its terms cancel where σ(h) is 1 − ε",
    condition=rounded_margin,
    reach=KNOWN,
)
@far_digits
def efficient_exact(loss, *pair):
    a, b = ratios(*pair)
    h, smoothing = mpf(loss.beta) * (a - b), mpf(loss.label_smoothing)
    p, q = sigmoid(h), sigmoid(-h)
    return p * log(p), -p * log(1 - smoothing), q * log(q), -q * log(smoothing)


@oracle(losskit.NoiseContrastiveAlignment, variants=({}, {"beta": 1.0}), **PAIRS)
@far_digits
def noise_contrastive(loss, *pair):
    a, b = (mpf(loss.beta) * ratio for ratio in ratios(*pair))
    return -log(sigmoid(a)), -log(sigmoid(-a)) / 2, -log(sigmoid(-b)) / 2


@oracle(
    losskit.SelfPlayPreferenceOptimization,
    variants=({}, {"beta": 2.0}),
    why="squares of differences of rounded differences",
)
def self_play(loss, *pair):
    a, b = ratios(*pair)
    goal = 1 / (2 * mpf(loss.beta))
    return *squared(a, -goal), *squared(b, goal)


@oracle(
    losskit.AnchoredPreferenceOptimization,
    variants=({}, {"direction": "down"}, {"beta": 1.0, "direction": "down"}),
    why=f"{ROUNDED}; the pulls on the chosen answer are of opposite signs",
    condition=rounded_margin,
    reach=KNOWN,
    **BENDS,
    # Where the chosen answer is at the reference and the rejected one far from it the pull is largest.
    extra=lambda loss: [(-5.0, -1e4, -5.0, -1.0)],
)
@far_digits
def anchored(loss, *pair):
    a, b = (mpf(loss.beta) * ratio for ratio in ratios(*pair))
    return (sigmoid(-a), sigmoid(b)) if loss.direction == "zero" else (sigmoid(a), 1 - sigmoid(a - b))


@oracle(
    losskit.DiscoveredPreferenceOptimization,
    variants=({}, {"beta": 0.5, "temperature": 0.5}),
    why=f"{ROUNDED}; here it is divided by the temperature, too",
    condition=lambda order, loss, *pair: rounded_margin(order, loss, *pair) * (1 + 1 / mpf(loss.temperature)),
    reach=KNOWN,
)
@far_digits
def discovered(loss, *pair):
    a, b = ratios(*pair)
    h = mpf(loss.beta) * (a - b)
    share = sigmoid(h / mpf(loss.temperature))
    return -log(sigmoid(h)) * (1 - share), exp(-h) * share


@oracle(
    losskit.BradleyTerry,
    variants=({}, {"centering": 1.0}),
    why=ROUNDED,
    condition=lambda order, loss, chosen, rejected, margin=0: 1 + abs(chosen - rejected) + margin,
    reach=dict.fromkeys(("chosen", "rejected", "margin"), (-1e6, 1e6)),
)
@far_digits
def bradley_terry(loss, chosen, rejected, margin=None):
    h = chosen - rejected - (margin or 0)
    return (-log(sigmoid(h)), *(mpf(loss.centering) * term for term in squared(chosen, rejected)))


@oracle(
    losskit.ContrastivePreferenceOptimization,
    variants=({}, {"beta": 0.5, "likelihood": 0.25, "label_smoothing": 0.125}, {"likelihood": 0.0}),
    why=ROUNDED,
    condition=rounded_margin,
    reach=KNOWN,
)
@far_digits
def contrastive(loss, chosen, rejected):
    h, smoothing = mpf(loss.beta) * (chosen - rejected), mpf(loss.label_smoothing)
    return (
        -(1 - smoothing) * log(sigmoid(h)),
        -smoothing * log(sigmoid(-h)) if smoothing else mpf(0),
        -mpf(loss.likelihood) * chosen,
    )


def reward(loss, log_probability):
    alpha = mpf(loss.alpha)
    return (1 - exp(-alpha * log_probability)) / alpha if alpha else log_probability


def rounded_rewards(order, loss, chosen, rejected):
    """The rewards are off by ulps of themselves, bent ones by as many as their exponents have, too."""
    off = sum(abs(reward(loss, x)) * (1 + abs(loss.alpha * x)) for x in (chosen, rejected))
    return 1 + mpf(loss.beta) * off + mpf(loss.margin)


@oracle(
    losskit.SimplePreferenceOptimization,
    variants=(
        {},
        {"beta": 1.0, "margin": 0.0, "label_smoothing": 0.125},
        {"alpha": 0.25, "margin": 0.125},
        {"alpha": -0.5},
    ),
    why=ROUNDED,
    condition=rounded_rewards,
    reach=lambda loss: KNOWN if loss.alpha == 0 else dict.fromkeys(("chosen", "rejected"), (-100.0, 0.0)),
    cancelling=(2,),
    extent=lambda loss, x: 1 / (loss.beta + abs(loss.alpha)),
)
@far_digits
def simple(loss, chosen, rejected):
    h = mpf(loss.beta) * (reward(loss, chosen) - reward(loss, rejected)) - mpf(loss.margin)
    smoothing = mpf(loss.label_smoothing)
    return -(1 - smoothing) * log(sigmoid(h)), -smoothing * log(sigmoid(-h)) if smoothing else mpf(0)


@oracle(
    losskit.OddsRatioPreferenceOptimization,
    variants=({}, {"beta": 1.0}),
    why="e to a rounded difference of log-probabilities is known to that many ulps",
    condition=lambda order, loss, chosen, rejected: 1 + abs(chosen - rejected),
    reach=KNOWN,
    least=1e-15,  # squares of 1 − p have to fit float32
    rough=lambda loss, chosen, rejected: rejected == 0,
    cancelling=(2,),
    extent=lambda loss, x: min(1.0, abs(x)) or 1.0,
    extra=lambda loss: [(0.0, -1.0), (-0.5, -1e-8), (0.0, -1e-12), (-1e-8, -1e-8), (0.0, 0.0), (-1.0, 0.0)],
)
@far_digits
def odds_ratio(loss, chosen, rejected):
    p, q = exp(chosen), exp(rejected)
    if p == 1 and q < 1:  # the odds are infinite
        return -chosen, mpf(0)
    if q == 1 and p < 1:
        return mpf("inf")
    odds = p / (1 - p) / (q / (1 - q)) if q < 1 else mpf(1)
    return -chosen, -mpf(loss.beta) * log(odds / (1 + odds))


def rounded_answer(order, loss, log_probability, reference, target, baseline=0):
    return 1 + mpf(loss.beta) * (abs(log_probability - reference) + abs(baseline))


@oracle(
    losskit.KahnemanTverskyOptimization,
    variants=({}, {"beta": 1.0, "desirable": 1.5, "undesirable": 0.5}),
    why=f"{ROUNDED}; with a verdict in between the pulls are of opposite signs",
    condition=rounded_answer,
    reach=KNOWN | {"baseline": (0.0, 1e6)},
    **BENDS,
    extra=lambda loss: [(-2.0, -2.0, 1.0, 0.0), (-2.0, -2.0, 0.0, 0.0)],
)
@far_digits
def kahneman_tversky(loss, log_probability, reference, target, baseline=None):
    h = mpf(loss.beta) * (log_probability - reference - (baseline or 0))
    return target * mpf(loss.desirable) * (1 - sigmoid(h)), (1 - target) * mpf(loss.undesirable) * (1 - sigmoid(-h))


@oracle(
    losskit.BinaryClassifierOptimization,
    variants=({}, {"beta": 1.0}),
    why=f"{ROUNDED}; with a verdict in between the pulls are of opposite signs",
    condition=lambda order, loss, log_probability, reference, target, baseline=0: (
        1 + mpf(loss.beta) * abs(log_probability - reference) + abs(baseline)
    ),
    reach=KNOWN | {"baseline": (-1e6, 1e6)},
)
@far_digits
def binary_classifier(loss, log_probability, reference, target, baseline=None):
    h = mpf(loss.beta) * (log_probability - reference) - (baseline or 0)
    return -target * log(sigmoid(h)), -(1 - target) * log(sigmoid(-h))

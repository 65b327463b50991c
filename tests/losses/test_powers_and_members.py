"""Power divergences, ensembles, hard and balanced examples, softened labels: losses that are others, errors."""

from __future__ import annotations

import math

import numpy as np
import pytest

import losskit
from losskit.core.errors import ShapeError
from tests.conftest import Framework

RNG = np.random.default_rng(41)
ROWS, LABELS = RNG.normal(size=(20, 5)), RNG.integers(0, 5, 20)
P, Q = (RNG.dirichlet(np.ones(5), 20) for _ in range(2))
MEMBERS, TRUE = RNG.normal(size=(20, 7)), RNG.normal(size=20)


def values(loss: losskit.Loss, *inputs: np.ndarray) -> np.ndarray:
    return loss(*inputs, reduction="none")


def test_losses_that_are_others_in_disguise():
    given = {"input": "probabilities"}
    cross_entropy = values(losskit.CrossEntropy(), ROWS, LABELS)
    other, levels = RNG.normal(size=(20, 5)), np.full((20, 5), 0.3)
    reverse, squared = values(losskit.ReverseKLDivergence(), ROWS, P), values(losskit.ChiSquared(), ROWS, P)
    for mine, inputs, right in (
        (losskit.AlphaDivergence(alpha=1.0), (ROWS, P), values(losskit.KLDivergence(), ROWS, P)),
        (losskit.AlphaDivergence(alpha=0.0), (ROWS, P), reverse),
        (losskit.AlphaDivergence(alpha=1e-10), (ROWS, P), reverse),
        (losskit.AlphaDivergence(), (ROWS, P), 4 * values(losskit.Hellinger(), ROWS, P)),
        (losskit.AlphaDivergence(alpha=2.0), (ROWS, P), squared / 2),
        (
            losskit.AlphaDivergence(alpha=0.25, **given),
            (P, Q),
            values(losskit.AlphaDivergence(alpha=0.75, **given), Q, P),
        ),
        (losskit.ChiSquared(reverse=True, **given), (P, Q), values(losskit.ChiSquared(**given), Q, P)),
        (losskit.ChiSquared(**given), (P, Q), np.sum((P - Q) ** 2 / P, axis=-1)),
        (losskit.RenyiDivergence(order=1.0), (ROWS, P), values(losskit.KLDivergence(), ROWS, P)),
        (losskit.RenyiDivergence(), (ROWS, P), 2 * values(losskit.Bhattacharyya(), ROWS, P)),
        (losskit.RenyiDivergence(order=2.0), (ROWS, P), np.log1p(squared)),
        (
            losskit.EnsembleContinuousRankedProbabilityScore(lower=-99.0, upper=99.0),
            (MEMBERS, TRUE),
            values(losskit.EnsembleContinuousRankedProbabilityScore(), MEMBERS, TRUE),
        ),
        (losskit.HardExampleCrossEntropy(share=1.0), (ROWS, LABELS), cross_entropy),
        (losskit.MarginSmoothedCrossEntropy(margin=1e3), (ROWS, LABELS), cross_entropy),
        (losskit.MarginSmoothedCrossEntropy(smoothing=0.0), (ROWS, LABELS), cross_entropy),
        (losskit.JensenShannonConsistency(), (ROWS, LABELS, ROWS, ROWS), cross_entropy),
        (losskit.UnimodalCrossEntropy(distribution="geometric", alpha=1e-12), (ROWS, LABELS), cross_entropy),
        (losskit.FocalCosine(focal=0.0), (ROWS, LABELS), values(losskit.CosineDistance(), ROWS, np.eye(5)[LABELS])),
        (losskit.ImplicitQuantile(), (ROWS, other, levels), values(losskit.Quantile(level=0.3), ROWS, other)),
        (
            losskit.ImplicitQuantile(delta=0.5),
            (ROWS, other, levels),
            values(losskit.QuantileHuber(level=0.3, delta=0.5), ROWS, other),
        ),
        (losskit.FrequencyEnhancedForecast(alpha=0.0), (ROWS, other), np.mean((ROWS - other) ** 2, axis=-1)),
        (losskit.FrequencyEnhancedForecast(alpha=1.0), (ROWS, other), np.abs(np.fft.rfft(ROWS - other)).mean(-1)),
        (losskit.PairwiseSquaredError(), (ROWS, other), 2 * np.var(ROWS - other, axis=-1, ddof=1)),
    ):
        np.testing.assert_allclose(values(mine, *inputs), right, rtol=1e-8, err_msg=str(mine))


def test_an_order_near_one_keeps_its_digits():
    """The bare log Σ / (α − 1) is off by the rounding of 1 over α − 1."""
    logits, target = ROWS.astype(np.float32), (0.9 * P + 0.02).astype(np.float32)
    exact = values(losskit.KLDivergence(), logits.astype(float), 0.9 * P + 0.02)
    np.testing.assert_allclose(values(losskit.RenyiDivergence(order=1 + 1e-6), logits, target), exact, rtol=1e-5)


def test_the_examples_of_peers():
    """scoringrules: dssuv_ensemble, vs_ensemble; TF-Ranking's docstrings; dlordinal's table."""
    spread = MEMBERS.var(-1, ddof=1)
    score = (TRUE - MEMBERS.mean(-1)) ** 2 / spread + np.log(spread)
    mine = losskit.DawidSebastianiScore(epsilon=1e-300)(MEMBERS, TRUE, reduction="none")
    np.testing.assert_allclose(mine, score, rtol=1e-10)
    half = losskit.GaussianNegativeLogLikelihood()(MEMBERS.mean(-1), TRUE, np.log(spread), reduction="none")
    np.testing.assert_allclose(mine, 2 * half - math.log(2 * math.pi), rtol=1e-9)
    assert losskit.PairwiseSquaredError()(np.array([[0.6, 0.8]]), np.array([[1.0, 0.0]])) == pytest.approx(1.44)
    zero_one = losskit.PairwiseSoftZeroOne()(np.array([[0.6, 0.8]]), np.array([[1.0, 0.0]]))
    assert zero_one == pytest.approx(2 * 0.274917, rel=1e-5)
    # The gradient by log-probabilities is minus the label.
    label = -losskit.UnimodalCrossEntropy(input="log_probabilities").value_and_gradient(
        np.log(P[:5]), np.arange(5), reduction="sum"
    )[1]
    np.testing.assert_allclose(label[1], [0.2401, 0.4116, 0.2646, 0.0756, 0.0081], rtol=1e-9)
    np.testing.assert_allclose(label[4], [1e-4, 3.6e-3, 0.0486, 0.2916, 0.6561], rtol=1e-9)


def test_a_threshold_looks_at_what_happens_beyond_it(framework: Framework):
    loss = losskit.EnsembleContinuousRankedProbabilityScore(lower=0.5)
    _, gradient = loss.value_and_gradient(framework.array(MEMBERS), framework.array(TRUE))
    gradient = framework.numpy(gradient)
    assert not gradient[MEMBERS < 0.5].any()
    calm = np.minimum(MEMBERS, 0.25), np.minimum(TRUE, 0.25)
    assert not framework.numpy(loss(*map(framework.array, calm), reduction="none")).any()


def test_correlations_are_seen_by_the_variogram_and_shifts_are_not():
    apart = RNG.normal(size=(400, 30, 2))
    together = np.repeat(apart[..., :1], 2, axis=-1)
    true = np.repeat(RNG.normal(size=(400, 1)), 2, axis=-1)
    loss = losskit.VariogramScore()
    assert loss(together, true) == 0
    assert loss(apart, true) > 0.5
    assert loss(apart + 7.0, true) == pytest.approx(loss(apart, true))


def test_members_that_are_alike_are_taken_to_vary_a_little(framework: Framework):
    value, gradient = losskit.DawidSebastianiScore().value_and_gradient(
        framework.array(np.full((1, 4), 2.0)), framework.array(np.full(1, 2.0))
    )
    assert float(framework.numpy(value)) == pytest.approx(math.log(1e-6))
    assert not framework.numpy(gradient).any()


def test_the_mean_is_that_of_the_hardest(framework: Framework):
    """Masked entries are neither hard nor counted."""
    loss, hard = losskit.HardExampleCrossEntropy(share=0.25), losskit.CrossEntropy()(ROWS, LABELS, reduction="none")
    keep = np.arange(20) % 5 != 0
    assert loss(ROWS, LABELS) == pytest.approx(np.sort(hard)[-5:].mean())
    right = np.sort(hard[keep])[-4:].mean()
    rows = np.where(keep[:, None], ROWS, np.nan)
    value, gradient = loss.value_and_gradient(*map(framework.array, (rows, LABELS)), mask=framework.array(keep))
    assert float(framework.numpy(value)) == pytest.approx(right)
    assert np.count_nonzero(framework.numpy(gradient).any(-1)) == 4
    # Of a picture, all pixels are in one competition.
    assert loss(ROWS.reshape(4, 5, 5), LABELS.reshape(4, 5)) == pytest.approx(loss(ROWS, LABELS))
    ignored = losskit.HardExampleCrossEntropy(share=0.25, ignore_index=7)
    assert ignored(ROWS, np.where(keep, LABELS, 7)) == pytest.approx(right)


def test_both_classes_of_a_sample_weigh_alike(framework: Framework):
    target = np.zeros((2, 10))
    target[0, 3] = 1
    value, gradient = losskit.BalancedBinaryCrossEntropy().value_and_gradient(
        framework.array(np.zeros((2, 10))), framework.array(target), reduction="sum"
    )
    # 0.9 · 0.1 · log 2 of each; a sample of one class says nothing.
    assert float(framework.numpy(value)) == pytest.approx(2 * 0.09 * math.log(2))
    gradient = framework.numpy(gradient)
    assert gradient[0, 3] == pytest.approx(-gradient[0].sum() + gradient[0, 3])
    assert not gradient[1].any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losskit.AlphaDivergence(alpha=math.inf), "alpha: expected a finite number"),
        (lambda: losskit.RenyiDivergence(order=0), "order: expected a finite number > 0"),
        (lambda: losskit.ChiSquared(input="softmax"), "input: expected one of"),
        (
            lambda: losskit.EnsembleContinuousRankedProbabilityScore(lower=1, upper=1),
            "expected finite numbers, lower < upper",
        ),
        (lambda: losskit.DawidSebastianiScore(epsilon=0), "epsilon: expected a finite number > 0"),
        (lambda: losskit.VariogramScore(order=0), "order: expected a finite number > 0"),
        (lambda: losskit.VariogramScore(pair_weights=((1.0,), (1.0,))), "pair_weights: expected as many columns"),
        (lambda: losskit.VariogramScore(pair_weights=((-1.0,),)), r"pair_weights\[0\]\[0\]: expected a finite"),
        (lambda: losskit.HardExampleCrossEntropy(share=0), r"share: expected a number in \(0, 1\]"),
        (lambda: losskit.HardExampleCrossEntropy(input="softmax"), "input: expected one of"),
        (lambda: losskit.BalancedBinaryCrossEntropy(input="softmax"), "input: expected one of"),
        (lambda: losskit.FocalCosine(focal=-1), "focal: expected a finite number >= 0"),
        (lambda: losskit.FocalCosine(input="probabilities"), "input: only logits have a direction"),
        (lambda: losskit.MarginSmoothedCrossEntropy(margin=-1), "margin: expected a finite number >= 0"),
        (lambda: losskit.MarginSmoothedCrossEntropy(input="probabilities"), "input: a margin is between logits"),
        (lambda: losskit.JensenShannonConsistency(consistency=-1), "consistency: expected a finite number >= 0"),
        (lambda: losskit.JensenShannonConsistency(input="probabilities"), "input: JensenShannonConsistency is of"),
        (lambda: losskit.UnimodalCrossEntropy(distribution="poisson"), "distribution: expected one of"),
        (lambda: losskit.UnimodalCrossEntropy(alpha=1), "alpha: expected a number between 0 and 1"),
        (lambda: losskit.UnimodalCrossEntropy(share=0), r"share: expected a number in \(0, 1\]"),
        (lambda: losskit.PairwiseSoftZeroOne(temperature=0), "temperature: expected a finite number > 0"),
        (lambda: losskit.ImplicitQuantile(delta=-1), "delta: expected a finite number >= 0"),
        (lambda: losskit.FrequencyEnhancedForecast(alpha=2), r"alpha: expected a number in \[0, 1\]"),
    ],
)
def test_a_hyper_parameter_that_cannot_be_is_refused_at_once(make, message: str):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("loss", "shapes", "message"),
    [
        (losskit.DawidSebastianiScore(), ((2, 1), (2,)), "at least 2 members, got 1; fix: biased=True"),
        (losskit.VariogramScore(), ((2, 3), (2, 3)), r"expected \(samples, members, dimensions\), got \(2, 3\)"),
        (losskit.VariogramScore(pair_weights=((1.0,),)), ((2, 3, 4), (2, 4)), "pair_weights: expected 4 × 4 numbers"),
    ],
    ids=str,
)
def test_a_shape_that_cannot_be_is_named(loss: losskit.Loss, shapes, message: str):
    with pytest.raises(ShapeError, match=message):
        loss(*(np.ones(shape) for shape in shapes))

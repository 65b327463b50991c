"""Soft sorting, shares by gain, weights by density, proxies in several places, noise and balance: their limits."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import losskit
from losskit.core.errors import DomainError, ShapeError
from tests.conftest import Framework

RNG = np.random.default_rng(31)


# -- lists -------------------------------------------------------------------------------------------------------------


def test_a_sharp_neural_ndcg_is_scikit_learns():
    metrics = pytest.importorskip("sklearn.metrics")
    scores, relevance = RNG.normal(size=(5, 30)), RNG.integers(0, 4, (5, 30)) * 1.0
    for top in (None, 7):
        exact = [1 - metrics.ndcg_score(y[None], s[None], k=top) for y, s in zip(relevance, scores, strict=True)]
        for iterations in (0, 2):
            sharp = losskit.NeuralNDCG(temperature=1e-9, iterations=iterations, gain="linear", top=top)
            np.testing.assert_allclose(sharp(scores, relevance, reduction="none"), exact, rtol=1e-9)


def test_turns_of_rows_and_columns_come_to_rest():
    scores, relevance = RNG.normal(size=(4, 12)), np.tile(np.eye(12)[3], (4, 1))
    none, many, more = (losskit.NeuralNDCG(iterations=k)(scores, relevance) for k in (0, 100, 101))
    assert many == pytest.approx(more, rel=1e-4)
    assert none != pytest.approx(many, rel=1e-4)


def test_the_right_order_far_apart_costs_nothing(framework: Framework):
    target = np.array([[2.0, 0.0, 3.0, 1.0]])
    loss = losskit.NeuralSortCrossEntropy(target_temperature=0.0)
    assert float(framework.numpy(loss(framework.array(100 * target), framework.array(target)))) < 1e-40
    assert loss(-100 * target, target) > 100
    soft = losskit.NeuralSortCrossEntropy()
    _, gradient = soft.value_and_gradient(framework.array(target), framework.array(target))
    np.testing.assert_allclose(framework.numpy(gradient), 0, atol=1e-15)  # least at the target itself


def test_what_is_far_below_does_not_cost_digits():
    """(L + 1 − 2i) s − Σ|s − s_j| is a difference of numbers of the size of the farthest score."""
    near, far = np.array([[0.5, 0.25, 0.75]]), np.array([[0.5, 0.25, 0.75, -1e9]])
    loss = losskit.NeuralSortCrossEntropy(target_temperature=0.0, temperature=0.25)
    of_three = loss(near, np.array([[1.0, 0.0, 2.0]]))
    of_four = loss(far, np.array([[2.0, 1.0, 3.0, 0.0]]))
    assert 4 * of_four == pytest.approx(3 * of_three, rel=1e-12)


def test_equal_scores_have_finite_derivatives(framework: Framework):
    target = framework.array(np.array([[0.0, 2.0, 1.0, 1.0]]))
    for loss in (losskit.NeuralSortCrossEntropy(), losskit.NeuralNDCG(), losskit.CrossEntropyNDCG()):
        _, gradient = loss.value_and_gradient(framework.array(np.zeros((1, 4))), target)
        gradient = framework.numpy(gradient)
        assert np.isfinite(gradient).all()
        assert gradient.any()
        assert gradient.sum() == pytest.approx(0, abs=1e-12)


def test_shares_by_gain_are_a_list_net():
    scores, relevance = RNG.normal(size=(6, 5)), RNG.integers(0, 4, (6, 5)) * 1.0
    gamma = RNG.uniform(size=(6, 5))
    loss, shares = losskit.CrossEntropyNDCG(), losskit.ListNet(distribution="proportional")
    assert loss(scores, relevance, gamma) == pytest.approx(shares(scores, 2**relevance - gamma))
    assert loss(scores, relevance) == pytest.approx(shares(scores, 2**relevance - 0.5))
    assert loss(scores, np.zeros((6, 5)), np.ones((6, 5))) == 0
    with pytest.raises(DomainError, match=r"gamma\[0, 0\]"):
        loss(scores, relevance, gamma + 1)


# -- weights by density ------------------------------------------------------------------------------------------------


def test_a_mean_is_that_of_the_bins(framework: Framework):
    logits, target = RNG.normal(0, 2, (40, 3)), RNG.integers(0, 2, (40, 3)) * 1.0
    keep = RNG.uniform(size=40) > 0.3
    place = np.floor(10 * np.abs(1 / (1 + np.exp(-logits)) - target))
    each = losskit.BinaryCrossEntropy()(logits, target, reduction="none")
    exact = np.mean([each[keep][place[keep] == k].mean() for k in np.unique(place[keep])])
    logits[~keep] = np.nan
    loss = losskit.GradientHarmonizedClassification()
    value, gradient = loss.value_and_gradient(
        framework.array(logits), framework.array(target), mask=framework.array(keep)
    )
    assert float(framework.numpy(value)) == pytest.approx(exact)
    assert np.isfinite(framework.numpy(gradient)).all()
    assert not framework.numpy(gradient)[~keep].any()


def test_gradients_of_every_size_are_told_apart():
    p, t = RNG.normal(0, 3, 400), np.zeros(400)
    p[:4] = 1.0, -2.0, 0.0, 1e200
    with np.errstate(over="ignore"):
        sizes = np.where(np.abs(p) > 1e100, 1.0, np.abs(p) / np.sqrt(p**2 + 2.0**2))
    place = np.minimum(np.floor(20 * sizes), 19)
    weights = np.array([400 / (len(np.unique(place)) * np.sum(place == own)) for own in place])
    plain = losskit.PseudoHuber(delta=2.0)(p, t, reduction="none") / 2
    loss = losskit.GradientHarmonizedRegression(mu=2.0, bins=20)
    np.testing.assert_allclose(loss(p, t, reduction="none"), weights * plain, rtol=1e-12)


def test_bins_have_the_same_pull_however_full():
    """A hundred easy entries and one hard one: half the loss each."""
    r = np.array([0.001] * 100 + [1.0])
    loss = losskit.GradientHarmonizedRegression()
    values = loss(r, np.zeros(101), reduction="none")
    plain = losskit.PseudoHuber(delta=0.02)(r, np.zeros(101), reduction="none") / 0.02
    assert loss(r, np.zeros(101)) == pytest.approx((plain[0] + plain[-1]) / 2)
    assert values[-1] == pytest.approx(101 / 2 * plain[-1])


def test_one_bin_is_no_weight():
    p, t = RNG.normal(size=20), RNG.uniform(size=20)
    plain = losskit.GradientHarmonizedClassification(bins=1), losskit.GradientHarmonizedRegression(bins=1, mu=0.5)
    assert plain[0](p, t) == pytest.approx(losskit.BinaryCrossEntropy()(p, t))
    assert plain[1](p, t) == pytest.approx(losskit.PseudoHuber(delta=0.5)(p, t) / 0.5)
    probabilities = losskit.GradientHarmonizedClassification(input="probabilities")
    assert probabilities(1 / (1 + np.exp(-p)), t) == pytest.approx(losskit.GradientHarmonizedClassification()(p, t))


# -- proxies -----------------------------------------------------------------------------------------------------------


def test_one_proxy_for_each_class_is_a_large_margin_cosine():
    cosines, labels = RNG.uniform(-1, 1, (8, 4)), RNG.integers(0, 4, 8)
    loss, single = losskit.SoftTriple(centers=1, margin=0.2), losskit.LargeMarginCosine(scale=20.0, margin=0.2)
    assert loss(cosines, labels) == pytest.approx(single(cosines, labels))
    assert loss(cosines[0], labels[0]) == pytest.approx(single(cosines[0], labels[0]))


def test_the_nearest_of_a_classs_proxies_counts():
    cosines, labels = RNG.uniform(-1, 1, (8, 4, 3)), RNG.integers(0, 4, 8)
    sharp = losskit.SoftTriple(centers=3, temperature=1e-6, margin=0.2)
    single = losskit.LargeMarginCosine(scale=20.0, margin=0.2)
    assert sharp(cosines.reshape(8, 12), labels) == pytest.approx(single(cosines.max(-1), labels))


def test_proxies_are_counted():
    loss = losskit.SoftTriple(centers=3)
    with pytest.raises(ShapeError, match=re.escape("expected 3 cosines for each class along the last axis, got")):
        loss(np.zeros((2, 10)), np.zeros(2, int))
    with pytest.raises(DomainError, match="with 4 classes"):
        loss(np.zeros((2, 12)), np.array([0, 4]))


# -- noise and balance -------------------------------------------------------------------------------------------------


def test_what_noise_is_told_from_comes_out_normalised():
    """At s = log p − log(K q), and there only, the expected gradient is 0: p needs no sum over the catalogue."""
    p, q, k = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6]), 2
    loss = losskit.NoiseContrastiveEstimation()
    for shift in (0.0, 0.1):
        scores, gradient = np.log(p) + shift - np.log(k * q), np.zeros(3)
        for data in range(3):
            for noise in np.ndindex(3, 3):
                chance = p[data] * q[list(noise)].prod()
                _, (positive, negatives) = loss.value_and_gradient(scores[data], scores[list(noise)])
                gradient[data] += chance * positive
                np.add.at(gradient, list(noise), chance * negatives)
        assert np.allclose(gradient, 0, atol=1e-15) == (shift == 0.0)


def test_a_balance_may_be_one_number_and_moves(framework: Framework):
    loss = losskit.BoundaryEquilibriumDiscriminator(diversity=0.5, rate=0.1)
    real, fake = (framework.array(np.array(energies)) for energies in ([1.0, 3.0], [0.25, 0.5]))
    values = framework.numpy(loss(real, fake, 0.5, reduction="none"))
    np.testing.assert_allclose(values, [0.875, 2.75])
    np.testing.assert_allclose(framework.numpy(loss.next_balance(real, fake, 0.5)), 0.5 + 0.1 * (0.5 * 2 - 0.375))
    assert float(framework.numpy(loss.next_balance(real, fake, 0.99))) == 1
    assert float(framework.numpy(loss.next_balance(fake, 100 * real, 0.5))) == 0
    with pytest.raises(DomainError, match="balance"):
        loss(real, fake, 1.5)
    with pytest.raises(ShapeError, match="balance"):
        loss(real, fake, framework.array(np.zeros((2, 1))))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losskit.NeuralSortCrossEntropy(temperature=0), "temperature: expected a finite number > 0"),
        (lambda: losskit.NeuralSortCrossEntropy(target_temperature=-1), "target_temperature: expected a finite number"),
        (lambda: losskit.NeuralNDCG(temperature=math.inf), "temperature: expected a finite number > 0"),
        (lambda: losskit.NeuralNDCG(iterations=-1), "iterations: expected a whole number >= 0"),
        (lambda: losskit.NeuralNDCG(top=0), "top: expected a number of items >= 1"),
        (lambda: losskit.NeuralNDCG(gain="cubic"), "gain: expected one of"),
        (lambda: losskit.GradientHarmonizedClassification(bins=0), "bins: expected a number of bins >= 1"),
        (lambda: losskit.GradientHarmonizedClassification(input="scores"), "input: expected one of"),
        (lambda: losskit.GradientHarmonizedRegression(mu=0), "mu: expected a finite number > 0"),
        (lambda: losskit.SoftTriple(centers=0), "centers: expected a number of proxies"),
        (lambda: losskit.SoftTriple(margin=-1), "margin: expected a finite number >= 0"),
        (lambda: losskit.SoftTriple(temperature=0), "temperature: expected a finite number > 0"),
        (lambda: losskit.BoundaryEquilibriumDiscriminator(diversity=0), "diversity: expected a number in (0, 1]"),
        (lambda: losskit.BoundaryEquilibriumDiscriminator(rate=0), "rate: expected a finite number > 0"),
    ],
)
def test_a_hyper_parameter_that_cannot_be_is_refused_at_once(make, message: str):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()

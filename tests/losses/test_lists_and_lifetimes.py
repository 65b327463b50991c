"""Ranking, AUC, recommendation, survival: padding, ties, nothing, sums over pairs, losses that are others."""

from __future__ import annotations

import math

import numpy as np
import pytest

import losskit
from losskit.core.errors import DomainError, EmptyReductionError, ShapeError
from tests.conftest import Framework

RNG = np.random.default_rng(29)
LISTS = [
    losskit.RankNet(),
    losskit.PairwiseHinge(),
    losskit.LambdaLoss(),
    losskit.LambdaLoss(weighting="ndcg2++", top=2),
    losskit.ApproxNDCG(gain="linear"),
    losskit.ApproxReciprocalRank(),
    losskit.ListNet(),
    losskit.ListNet(distribution="proportional"),
    losskit.ListMLE(),
    losskit.SoftSpearman(),
    losskit.PairwiseSoftZeroOne(),
    losskit.PairwiseSquaredError(),
    losskit.CrossEntropyNDCG(),
    losskit.NeuralSortCrossEntropy(),
    losskit.NeuralSortCrossEntropy(target_temperature=0.0),
    losskit.NeuralNDCG(),
    losskit.NeuralNDCG(iterations=0, top=2),
]
BATCHES = [
    losskit.AreaUnderCurve(),
    losskit.AreaUnderCurve(penalty="hinge"),
    losskit.AreaUnderCurve(penalty="logistic"),
    losskit.AreaUnderCurve(false_positive_rate=0.3),
    losskit.AreaUnderCurveMargin(),
]
COX = [losskit.CoxPartialLikelihood(), losskit.CoxPartialLikelihood(ties="breslow")]


@pytest.mark.parametrize("loss", LISTS, ids=str)
def test_padding_is_as_if_not_there(loss: losskit.Loss, framework: Framework):
    prediction, target = RNG.normal(size=(3, 6)), RNG.integers(0, 4, (3, 6)).astype(float)
    keep = np.array([[True, False, True, True, False, True]] * 2 + [[False] * 6])
    without = loss(prediction[:2, keep[0]], target[:2, keep[0]], reduction="none")
    prediction[~keep], target[~keep] = np.nan, np.inf
    given, mask = [framework.array(array) for array in (prediction, target)], framework.array(keep)
    np.testing.assert_allclose(framework.numpy(loss(*given, mask=mask, reduction="none")), [*without, 0], rtol=1e-12)
    value, gradient = loss.value_and_gradient(*given, mask=mask)
    assert float(framework.numpy(value)) == pytest.approx(without.mean())
    assert np.isfinite(framework.numpy(gradient)).all()
    assert not framework.numpy(gradient)[~keep].any()


@pytest.mark.parametrize("loss", LISTS, ids=str)
def test_a_list_does_not_know_in_which_order_it_comes(loss: losskit.Loss):
    prediction, target = RNG.normal(size=(5, 8)), RNG.integers(0, 3, (5, 8)).astype(float)
    order = RNG.permutation(8)
    np.testing.assert_allclose(
        loss(prediction[:, order], target[:, order], reduction="none"),
        loss(prediction, target, reduction="none"),
        rtol=1e-12,
    )


@pytest.mark.parametrize("loss", [*BATCHES, *COX], ids=str)
def test_a_masked_sample_is_in_no_pair_and_no_risk_set(loss: losskit.Loss, framework: Framework):
    prediction, event = RNG.normal(size=12), np.tile([0.0, 1.0, 1.0], 4)
    inputs = [prediction, *([RNG.integers(1, 4, 12) * 1.0] if loss in COX else []), event]
    keep = np.arange(12) % 5 != 0
    without = loss(*(array[keep] for array in inputs), reduction="none")
    for array in inputs:
        array[~keep] = np.nan
    given, mask = [framework.array(array) for array in inputs], framework.array(keep)
    values = framework.numpy(loss(*given, mask=mask, reduction="none"))
    np.testing.assert_allclose(values[keep], without, rtol=1e-10, atol=1e-14)
    assert not values[~keep].any()
    gradient = framework.numpy(loss.value_and_gradient(*given, mask=mask)[1])
    assert np.isfinite(gradient).all()
    assert not gradient[~keep].any()


@pytest.mark.parametrize("loss", BATCHES, ids=str)
def test_labels_have_curves_of_their_own_and_one_class_has_none(loss: losskit.Loss):
    scores, target = RNG.normal(size=(20, 3)), RNG.integers(0, 2, (20, 3)) * 1.0
    assert loss(scores, target) == pytest.approx(np.mean([loss(scores[:, k], target[:, k]) for k in range(3)]))
    target[:, 1] = 1.0
    value, gradient = loss.value_and_gradient(scores, target)
    assert value == pytest.approx((loss(scores[:, 0], target[:, 0]) + loss(scores[:, 2], target[:, 2])) / 3)
    assert not gradient[:, 1].any()


@pytest.mark.parametrize("offset", [0.0, 2.0**16])
def test_sums_over_pairs_are_those_of_all_pairs(offset: float):
    scores, target = np.round(RNG.normal(size=300) * 16) / 16 + offset, RNG.integers(0, 2, 300) * 1.0
    d = scores[target == 1][:, None] - scores[target == 0]
    for penalty, phi in (("hinge", np.maximum(0, 1 - d)), ("squared_hinge", np.maximum(0, 1 - d) ** 2)):
        loss = losskit.AreaUnderCurve(penalty=penalty)
        assert loss(scores, target) == pytest.approx(phi.mean(), rel=1e-12)
        assert float(loss(scores.astype("float32"), target)) == pytest.approx(phi.mean(), rel=1e-5)


def test_a_partial_area_is_that_of_the_highest_negatives():
    scores, target = RNG.normal(size=200), np.arange(200) % 2 * 1.0
    chosen = (target == 1) | (scores >= np.sort(scores[target == 0])[-7])
    partial = losskit.AreaUnderCurve(false_positive_rate=0.07)
    assert partial(scores, target) == pytest.approx(losskit.AreaUnderCurve()(scores[chosen], target[chosen]))


def test_small_margins_are_not_lost_among_large_scores():
    """Sums of squares minus squares of sums would have no digit left."""
    scores = np.array([1e4, -1e4, 0.0, 0.5], "float32")
    target = np.array([1.0, 0.0, 1.0, 0.0])
    hinge = losskit.AreaUnderCurve(penalty="squared_hinge")
    assert float(hinge(scores, target)) == pytest.approx(1.5**2 / 4, rel=1e-6)


def test_ties_of_events_are_counted_as_stated():
    h, time, event = np.log([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 1.0, 1.0, 2.0]), np.array([1.0, 1.0, 0.0, 0.0])
    breslow = losskit.CoxPartialLikelihood(ties="breslow")(h, time, event, reduction="none")
    np.testing.assert_allclose(breslow, [math.log(10), math.log(5), 0, 0], rtol=1e-14)
    efron = losskit.CoxPartialLikelihood()(h, time, event, reduction="sum")
    assert efron == pytest.approx(math.log(10) + math.log(8.5) - math.log(2), rel=1e-14)


@pytest.mark.parametrize("loss", COX, ids=str)
def test_hazards_may_be_of_any_size(loss: losskit.Loss, framework: Framework):
    h, time = framework.array(np.array([1e4, -1e4, 0.0, 5.0])), framework.array(np.array([4.0, 3.0, 2.0, 1.0]))
    event = framework.array(np.array([0.0, 1.0, 1.0, 1.0]))
    value, gradient = loss.value_and_gradient(h, time, event)
    assert float(framework.numpy(value)) == pytest.approx((2e4 + 1e4 + 9995) / 3)
    np.testing.assert_allclose(framework.numpy(gradient), [1, -1 / 3, -1 / 3, -1 / 3])


@pytest.mark.parametrize("loss", COX, ids=str)
def test_a_batch_without_an_event_is_empty_and_strata_add_up(loss: losskit.Loss):
    h, time, event = RNG.normal(size=6), np.arange(1.0, 7), np.zeros(6)
    value, gradient = loss.value_and_gradient(h, time, event)
    assert value == 0
    assert not gradient.any()
    with pytest.raises(EmptyReductionError):
        loss(h, time, event, empty="raise")
    event[:4] = 1
    terms = loss.terms(h[::2], time[::2], event[::2]) + loss.terms(h[1::2], time[1::2], event[1::2])
    parts = [loss(h[k::2], time[k::2], event[k::2], reduction="sum") for k in (0, 1)]
    assert terms.mean() == pytest.approx(sum(parts) / 4)


def test_losses_that_are_others_in_disguise():
    scores, labels = RNG.normal(size=(20, 5)), RNG.integers(0, 5, 20)
    hot = np.eye(5)[labels]
    cross_entropy = losskit.CrossEntropy()(scores, labels, reduction="none")
    chosen = scores[np.arange(20), labels]
    others = scores[hot == 0].reshape(20, 4)
    time, event = np.exp(RNG.normal(size=20)), np.ones(20)
    lists = losskit.ListMLE()(scores, -np.argsort(np.argsort(-scores)) * 1.0, reduction="none")
    one = np.zeros(20)
    hazards = np.stack([scores[:, 0], np.full(20, 9.0)], -1)
    for mine, right in (
        (losskit.ListNet(distribution="proportional")(scores, hot, reduction="none"), cross_entropy),
        (losskit.SampledSoftmax()(chosen, others, reduction="none"), cross_entropy),
        (
            losskit.RankNet()(scores, hot, reduction="none"),
            losskit.BayesianPersonalizedRanking()(chosen, others, reduction="none"),
        ),
        (
            losskit.BayesianPersonalizedRanking()(chosen, others[:, :1], reduction="none"),
            losskit.BradleyTerry()(chosen, others[:, 0], reduction="none"),
        ),
        (
            lists,
            [
                losskit.CoxPartialLikelihood()(row, 1.0 + np.argsort(np.argsort(-row)), np.ones(5), reduction="sum")
                for row in scores
            ],
        ),
        (
            losskit.AcceleratedFailureTime(scale=0.5)(scores[:, 0], time, event, reduction="none"),
            losskit.WeibullNegativeLogLikelihood(shape=2.0)(scores[:, 0], time, reduction="none"),
        ),
        (
            losskit.AcceleratedFailureTime(distribution="log_normal")(scores[:, 0], time, event, one, reduction="none"),
            losskit.LogNormalNegativeLogLikelihood()(scores[:, 0], time, one, reduction="none"),
        ),
        (
            losskit.DiscreteTimeSurvival(scores="mass")(scores[:, 1:], np.minimum(labels, 3), event, reduction="none"),
            losskit.CrossEntropy()(
                np.concatenate([scores[:, 1:], one[:, None]], -1), np.minimum(labels, 3), reduction="none"
            ),
        ),
        (
            losskit.DiscreteTimeSurvival()(hazards, one.astype(int), event, reduction="none"),
            losskit.BinaryCrossEntropy()(scores[:, 0], event, reduction="none"),
        ),
        (
            losskit.DeepHit(alpha=1.0)(scores, labels, hot[:, 0], reduction="none"),
            losskit.DiscreteTimeSurvival(scores="mass")(scores, labels, hot[:, 0], reduction="none"),
        ),
        (
            losskit.Top1(weighting="softmax")(chosen, others[:, :1], reduction="none"),
            losskit.Top1()(chosen, others[:, :1], reduction="none"),
        ),
    ):
        np.testing.assert_allclose(mine, right, rtol=1e-10)


def test_ranks_that_are_sure_give_the_measure_itself():
    metrics = pytest.importorskip("sklearn.metrics")
    scores, target = RNG.normal(size=(6, 7)), RNG.integers(0, 3, (6, 7)).astype(float)
    target[:, 0] = 1
    ndcg = metrics.ndcg_score(target, scores)
    assert losskit.ApproxNDCG(gain="linear", temperature=1e-6)(scores, target) == pytest.approx(1 - ndcg)
    ranks = target + 0.01 * RNG.normal(size=(6, 7))
    stats = pytest.importorskip("scipy.stats")
    spearman = [1 - stats.spearmanr(a, b).statistic for a, b in zip(scores, ranks, strict=True)]
    np.testing.assert_allclose(losskit.SoftSpearman(epsilon=1e-6)(scores, ranks, reduction="none"), spearman, atol=1e-6)
    np.testing.assert_allclose(losskit.SoftSpearman()(0 * scores, ranks, reduction="none"), 0.5, rtol=1e-12)
    first = np.eye(7)[RNG.integers(0, 7, 6)]
    ranks = (scores >= (scores * first).sum(-1, keepdims=True)).sum(-1)
    assert losskit.ApproxReciprocalRank(temperature=1e-6)(scores, first) == pytest.approx(1 - np.mean(1 / ranks))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losskit.RankNet(sigma=0), "sigma: expected a finite number > 0"),
        (lambda: losskit.LambdaLoss(weighting="ndcg"), "weighting: expected one of"),
        (lambda: losskit.LambdaLoss(top=0), "top: expected a number of items >= 1"),
        (lambda: losskit.LambdaLoss(mu=-1), "mu: expected a finite number >= 0"),
        (lambda: losskit.ListNet(distribution="gain"), "distribution: expected one of"),
        (lambda: losskit.AreaUnderCurve(penalty="square"), "penalty: expected one of"),
        (lambda: losskit.AreaUnderCurve(false_positive_rate=0), r"false_positive_rate: expected a number in \(0, 1\]"),
        (lambda: losskit.WeightedApproximateRankPairwise(items=1), "items: expected a catalogue of at least 2"),
        (lambda: losskit.CosineContrastive(margin=1), r"margin: expected a cosine in \[-1, 1\)"),
        (lambda: losskit.CoxPartialLikelihood(ties="exact"), "ties: expected one of"),
        (lambda: losskit.DeepHit(alpha=2), "alpha: expected a number from 0 to 1"),
    ],
)
def test_a_hyper_parameter_that_cannot_be_is_refused_at_once(make, message: str):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("loss", "inputs", "error", "message"),
    [
        (losskit.RankNet(), (np.ones(3), np.ones(3)), ShapeError, r"prediction: expected samples.*prediction\[None\]"),
        (losskit.RankNet(), (np.ones((2, 3, 4)),) * 2, ShapeError, "prediction: expected .lists, items., two axes"),
        (losskit.AreaUnderCurve(), (np.ones(2), np.array([-1.0, 1.0])), DomainError, r"target\[0\]: expected 0 or 1"),
        (losskit.CoxPartialLikelihood(), (np.ones((2, 1)),) * 3, ShapeError, r"one log-hazard.*prediction\[..., 0\]"),
        (
            losskit.BayesianPersonalizedRanking(),
            (np.ones(3), np.ones(3)),
            ShapeError,
            r"negatives: expected K .*negatives\[..., None\]",
        ),
        (losskit.DeepHit(), (np.ones(3), np.ones(3, int), np.ones(3)), ShapeError, "expected .samples, intervals."),
    ],
    ids=str,
)
def test_an_input_that_cannot_be_is_named(loss, inputs, error, message):
    with pytest.raises(error, match=message):
        loss(*inputs)

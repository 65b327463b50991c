"""Losses of pairs and groups of a batch, of cosines, and of distributions: what a mask, a lone sample and ties mean."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import losskit
from losskit.core.errors import DomainError, ShapeError
from tests.conftest import Framework

RNG = np.random.default_rng(17)
PAIRS = [
    losskit.SymmetricInfoNCE(),
    losskit.NormalizedTemperatureScaledCrossEntropy(temperature=0.5),
    losskit.SigmoidContrastive(),
    losskit.NPairs(penalty=0.1),
    losskit.Angular(),
    losskit.BarlowTwins(),
    losskit.VICReg(),
    losskit.MaximumMeanDiscrepancy(bandwidths=(1.0, 2.0)),
    losskit.MaximumMeanDiscrepancy(unbiased=True),
    losskit.EnergyDistance(),
    losskit.SinkhornDivergence(iterations=3),
    losskit.SinkhornDivergence(power=1, iterations=3, debias=False),
    losskit.CorrelationAlignment(),
    losskit.FeatureMatching(),
    losskit.HilbertSchmidtIndependence(),
]
GROUPS = [
    losskit.SupervisedContrastive(),
    losskit.BatchHardTriplet(),
    losskit.BatchHardTriplet(margin=None),
    losskit.LiftedStructure(),
    losskit.GeneralizedLiftedStructure(),
    losskit.MultiSimilarity(),
    losskit.SoftNearestNeighbor(),
    losskit.TupletMargin(scale=4.0),
]
ALONE = [losskit.Uniformity(), losskit.KoLeo(), losskit.FloatingPointOperations(), losskit.PullingAway()]
NUMBERS = [losskit.Wasserstein(), losskit.Wasserstein(power=2.0), losskit.CramerDistance()]


@pytest.mark.parametrize("loss", [*PAIRS, *GROUPS, *ALONE], ids=str)
def test_a_masked_sample_is_nobodys_rival(loss: losskit.Loss, framework: Framework):
    groups = np.array([0, 0, 1, 1, 0, 1, 0])
    inputs = [RNG.normal(size=(7, 3)) for name in loss.inputs if name != "groups"]
    inputs += [groups] if loss in GROUPS else []
    keep = np.array([True, True, False, True, True, True, False])
    without = loss(*(array[keep] for array in inputs), reduction="none")
    for array in inputs:
        array[~keep] = 99 if array is groups else np.nan
    given, mask = [framework.array(array) for array in inputs], framework.array(keep)
    values = framework.numpy(loss(*given, mask=mask, reduction="none"))
    np.testing.assert_allclose(values[keep], without, rtol=1e-10)
    assert not values[~keep].any()
    value, gradients = loss.value_and_gradient(*given, mask=mask)
    assert float(framework.numpy(value)) == pytest.approx(without.mean())
    for gradient in gradients if isinstance(gradients, tuple) else (gradients,):
        assert np.isfinite(framework.numpy(gradient)).all()
        assert not framework.numpy(gradient)[~keep].any()


@pytest.mark.parametrize(
    "loss",
    [*PAIRS, *GROUPS, *NUMBERS, *ALONE],
    ids=str,
)
def test_nan_in_gives_nan_out(loss: losskit.Loss, framework: Framework):
    shape = (6,) if loss in NUMBERS else (6, 3)
    inputs = [RNG.normal(size=shape) for name in loss.inputs if name != "groups"]
    inputs[0].flat[4] = np.nan
    inputs += [np.array([0, 0, 1, 1, 2, 2])] if loss in GROUPS else []
    assert math.isnan(float(framework.numpy(loss(*map(framework.array, inputs)))))


@pytest.mark.parametrize("loss", NUMBERS, ids=str)
def test_columns_are_samples_of_their_own(loss: losskit.Loss, framework: Framework):
    first, second = RNG.normal(size=(2, 6, 2))
    keep = np.ones((6, 2), bool)
    keep[0, 0] = keep[1:3, 1] = False
    alone = [loss(first[keep[:, k], k], second[keep[:, k], k], reduction="none") for k in range(2)]
    first[~keep], second[~keep] = np.nan, np.inf
    values = framework.numpy(
        loss(framework.array(first), framework.array(second), mask=framework.array(keep), reduction="none")
    )
    for k in range(2):
        np.testing.assert_allclose(values[keep[:, k], k], alone[k], rtol=1e-12)


@pytest.mark.parametrize("loss", [*PAIRS, *GROUPS], ids=str)
def test_a_batch_of_one_or_of_one_group_has_finite_values_and_gradients(loss: losskit.Loss, framework: Framework):
    for n in (1, 3):
        inputs = [RNG.normal(size=(n, 3)) for name in loss.inputs if name != "groups"]
        inputs += [np.zeros(n, int)] if loss in GROUPS else []
        value, gradients = loss.value_and_gradient(*map(framework.array, inputs))
        assert np.isfinite(float(framework.numpy(value)))
        for gradient in gradients if isinstance(gradients, tuple) else (gradients,):
            assert np.isfinite(framework.numpy(gradient)).all()


def test_losses_that_are_others_in_disguise():
    x, y = RNG.normal(size=(2, 6, 3))
    groups = np.array([0, 0, 1, 1, 2, 2])
    unit = x / np.linalg.norm(x, axis=-1, keepdims=True)
    there, back = losskit.InfoNCE()(x, y), losskit.InfoNCE()(y, x)
    assert losskit.SymmetricInfoNCE(temperature=0.1)(x, y) == pytest.approx((there + back) / 2)
    assert losskit.NPairs()(x, y) == pytest.approx(losskit.InfoNCE(similarity="dot", temperature=1.0)(x, y))
    assert losskit.NPairs()(x, y, np.arange(6)) == pytest.approx(losskit.NPairs()(x, y))
    # Two views of a sample are a group of two.
    assert losskit.SupervisedContrastive()(x, groups) == pytest.approx(
        losskit.NormalizedTemperatureScaledCrossEntropy()(x[::2], x[1::2])
    )
    # A learnt temperature and bias: columns appended to the vectors.
    ones = np.ones((6, 1))
    other = y / np.linalg.norm(y, axis=-1, keepdims=True)
    assert losskit.SigmoidContrastive()(x, y) == pytest.approx(
        losskit.SigmoidContrastive(temperature=1.0, similarity="dot", bias=0.0)(
            np.hstack([10 * unit, -10 * ones]), np.hstack([other, ones])
        )
    )
    # N pairs of the same direction: log(1 + (2N − 2) e^{4t·2 − 2(1 + t)}).
    t = math.tan(math.radians(40)) ** 2
    same = np.ones((4, 3))
    assert losskit.Angular()(same, same) == pytest.approx(math.log1p(6 * math.exp(8 * t - 2 * (1 + t))))
    cosines, labels = RNG.uniform(-1, 1, (6, 4)), np.array([0, 1, 2, 3, 0, 1])
    softmax = losskit.CrossEntropy()(64 * cosines, labels)
    for loss in (
        losskit.LargeMarginCosine(margin=0.0),
        losskit.AngularSoftmax(margin=1, scale=64.0),
        losskit.AdditiveAngularMargin(margin=1e-12),
    ):
        assert loss(cosines, labels) == pytest.approx(softmax, rel=1e-9), str(loss)
    assert losskit.LargeMarginCosine(margin=0.25, scale=30.0)(cosines, labels) == pytest.approx(
        losskit.LabelDistributionAwareMargin(counts=(1, 1, 1, 1), max_margin=0.25, scale=30.0)(cosines, labels)
    )
    assert losskit.Alignment()(x, y) == pytest.approx(2 * losskit.CosineDistance()(x, y))
    assert losskit.Center()(x, y) == pytest.approx(3 * losskit.HalfSquaredError()(x, y))
    p = np.exp(x) / np.exp(x).sum(-1, keepdims=True)
    assert losskit.SelfDistillation(student_temperature=1.0, teacher_temperature=1.0)(x, x) == pytest.approx(
        -np.sum(p * np.log(p), axis=-1).mean()
    )
    assert losskit.EnergyDistance()(x[:, :1], y[:, :1]) == pytest.approx(2 * losskit.CramerDistance()(x[:, 0], y[:, 0]))


def test_distances_of_numbers_are_scipys():
    stats = pytest.importorskip("scipy.stats")
    x, y = RNG.normal(size=(2, 50))
    assert losskit.Wasserstein()(x, y) == pytest.approx(stats.wasserstein_distance(x, y))
    assert math.sqrt(2 * losskit.CramerDistance()(x, y)) == pytest.approx(stats.energy_distance(x, y))


def test_a_sinkhorn_divergence_lies_between_transport_and_kernels():
    optimize = pytest.importorskip("scipy.optimize")
    x, y = RNG.normal(size=(2, 6, 3))
    costs = np.square(x[:, None] - y[None]).sum(-1) / 2
    best = costs[optimize.linear_sum_assignment(costs)].mean()
    sharp = losskit.SinkhornDivergence(blur=0.1, iterations=1000)
    assert sharp(x, y) == pytest.approx(best, rel=1e-3)
    # At its end another step changes next to nothing.
    more = losskit.SinkhornDivergence(blur=0.1, iterations=1001)
    assert more(x, y) == pytest.approx(sharp(x, y), rel=1e-5)
    # Far too blurred it sees the means alone: C = ½‖x − y‖² leaves half their squared distance.
    means = np.square(x.mean(0) - y.mean(0)).sum() / 2
    assert losskit.SinkhornDivergence(blur=1e3)(x, y) == pytest.approx(means, rel=1e-3)


def test_cosine_embedding_is_torchs():
    torch = pytest.importorskip("torch")
    x, y = torch.as_tensor(RNG.normal(size=(2, 20, 5)))
    target = torch.as_tensor(RNG.choice([-1.0, 1.0], 20))
    theirs = torch.nn.CosineEmbeddingLoss(margin=0.25, reduction="none")(x, y, target)
    torch.testing.assert_close(losskit.CosineEmbedding(margin=0.25)(x, y, target, reduction="none"), theirs)


def test_a_sample_that_does_not_move_is_matched_in_any_order():
    x, y = RNG.normal(size=(2, 30))
    order = RNG.permutation(30)
    for loss in NUMBERS:
        assert loss(x, y[order]) == pytest.approx(loss(x, y)), str(loss)
        assert loss(x, x[order]) == 0
    x, y = RNG.normal(size=(2, 30, 3))
    for loss in (
        losskit.EnergyDistance(),
        losskit.MaximumMeanDiscrepancy(),
        losskit.CorrelationAlignment(),
        losskit.SinkhornDivergence(),
    ):
        assert loss(x, y[order]) == pytest.approx(loss(x, y)), str(loss)
        assert loss(x, x[order]) == pytest.approx(0, abs=1e-15)


def test_cosines_may_be_rounded_but_not_be_scores(framework: Framework):
    labels = framework.array(np.array([0, 1]))
    for loss in (losskit.AdditiveAngularMargin(), losskit.AngularSoftmax(), losskit.ProxyAnchor()):
        rounded = framework.array(np.array([[1.002, -0.5], [0.25, -1.003]]))
        value, gradient = loss.value_and_gradient(rounded, labels)
        assert np.isfinite(float(framework.numpy(value)))
        assert np.isfinite(framework.numpy(gradient)).all()
        with pytest.raises(DomainError, match=r"prediction\[1, 0\]: expected cosines.*divide the vectors"):
            loss(framework.array(np.array([[0.5, 0.5], [7.0, 0.5]])), labels)


def test_features_of_two_widths_are_compared_and_other_shapes_are_not():
    loss = losskit.HilbertSchmidtIndependence()
    x, y = RNG.normal(size=(6, 3)), RNG.normal(size=(6, 2))
    assert 0 < loss(x, y) < 1
    assert loss(x, np.zeros((6, 2))) == pytest.approx(0, abs=1e-15)
    for given in ((x, y[:5]), (x, y[:, 0]), (x[0], y[0])):
        with pytest.raises(ShapeError, match=r"first|second"):
            loss(*given)


@pytest.mark.parametrize("loss", [losskit.InfoNCE(), losskit.BarlowTwins(), losskit.EnergyDistance()], ids=str)
def test_a_further_axis_is_not_taken_for_samples(loss: losskit.Loss):
    with pytest.raises(ShapeError, match=r"one row for each sample, shape \(N, D\), got \(4, 4, 3\)"):
        loss(*RNG.normal(size=(2, 4, 4, 3)))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losskit.SigmoidContrastive(bias=math.inf), "bias: expected a finite number"),
        (lambda: losskit.SupervisedContrastive(temperature=0), "temperature: expected a finite number > 0"),
        (lambda: losskit.CosineEmbedding(margin=2), "margin: expected a cosine from -1 to 1"),
        (lambda: losskit.NPairs(penalty=-1), "penalty: expected a finite number >= 0"),
        (lambda: losskit.Angular(angle=90), "angle: expected degrees between 0 and 90"),
        (lambda: losskit.BatchHardTriplet(margin=0), "margin: expected a finite number > 0"),
        (lambda: losskit.MultiSimilarity(threshold=math.nan), "threshold: expected a finite number"),
        (lambda: losskit.ProxyNCA(input="probabilities"), "input: scores are negative distances"),
        (lambda: losskit.ProxyAnchor(scale=0), "scale: expected a finite number > 0"),
        (lambda: losskit.AdditiveAngularMargin(margin=4), "margin: expected an angle in radians"),
        (lambda: losskit.AdditiveAngularMargin(input="probabilities"), "input: a margin is between cosines"),
        (lambda: losskit.AngularSoftmax(margin=1.5), "margin: expected a whole number >= 1"),
        (lambda: losskit.Alignment(power=0.5), "power: expected a finite number >= 1"),
        (lambda: losskit.VICReg(epsilon=0), "epsilon: expected a finite number > 0"),
        (lambda: losskit.SelfDistillation(teacher_temperature=0), "teacher_temperature: expected a finite number > 0"),
        (lambda: losskit.MaximumMeanDiscrepancy(bandwidths=()), "bandwidths: expected at least one number"),
        (lambda: losskit.MaximumMeanDiscrepancy(bandwidths=(1, 0)), "bandwidths[1]: expected a finite number > 0"),
        (lambda: losskit.Wasserstein(power=0.5), "power: expected a finite number >= 1"),
        (lambda: losskit.SinkhornDivergence(blur=0), "blur: expected a finite number > 0"),
        (lambda: losskit.SinkhornDivergence(power=3), "power: expected 1 or 2"),
        (lambda: losskit.SinkhornDivergence(iterations=-1), "iterations: expected a whole number >= 0"),
    ],
)
def test_a_hyper_parameter_that_cannot_be_is_refused_at_once(make, message: str):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


def test_a_single_proxy_has_no_rival():
    with pytest.raises(ShapeError, match="at least 2 proxies"):
        losskit.ProxyNCA()(np.ones((3, 1)), np.zeros(3, int))

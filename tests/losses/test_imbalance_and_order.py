"""Of rare and of ordered classes: class weights, measures of a batch, thresholds, and losses that are others."""

from __future__ import annotations

import math

import numpy as np
import pytest

import losskit
from losskit.core.errors import DomainError, ShapeError
from tests.conftest import Framework

RNG = np.random.default_rng(3)


def test_effective_number_lies_between_no_weights_and_inverse_frequency():
    assert losskit.effective_number([7, 70, 700], beta=0) == (1, 1, 1)
    weights = np.array(losskit.effective_number([7, 70, 700], beta=1 - 1e-12))
    np.testing.assert_allclose(weights[:2] / weights[2], [100, 10], rtol=1e-9)
    # Cui et al.: (1 − β) / (1 − β^n), normalised.
    naive = np.array([(1 - 0.99) / (1 - 0.99**n) for n in (7, 70, 700)])
    np.testing.assert_allclose(losskit.effective_number([7, 70, 700], beta=0.99), naive / naive.mean(), rtol=1e-12)
    losskit.CrossEntropy(class_weight=losskit.effective_number([7, 70]))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losskit.effective_number([3, 0]), "counts: expected numbers of samples > 0"),
        (lambda: losskit.effective_number([3, 1], beta=1), r"beta: expected a number in \[0, 1\)"),
        (lambda: losskit.LabelDistributionAwareMargin(counts=(3, 0)), "counts: expected numbers of samples > 0"),
        (lambda: losskit.LabelDistributionAwareMargin(counts=(3,), input="probabilities"), "input: a margin"),
        (lambda: losskit.LabelDistributionAwareMargin(counts=(3,), scale=0), "scale: expected a finite number > 0"),
        (lambda: losskit.ReducedFocal(threshold=1), "threshold: expected a number between 0 and 1"),
        (lambda: losskit.FBeta(beta=0), "beta: expected a finite number > 0"),
        (lambda: losskit.MatthewsCorrelation(input="softmax"), "input: expected one of"),
        (lambda: losskit.AllThreshold(penalty="absolute"), "penalty: expected one of"),
        (lambda: losskit.AllThreshold(importance=(1, -1)), r"importance\[1\]: expected a finite number >= 0"),
        (lambda: losskit.ImmediateThreshold(margin=0), "margin: expected a finite number > 0"),
        (lambda: losskit.SoftOrdinalCrossEntropy(temperature=0), "temperature: expected a finite number > 0"),
        (lambda: losskit.ClassDistanceWeightedCrossEntropy(power=-1), "power: expected a finite number > 0"),
        (lambda: losskit.WeightedKappa(input="softmax"), "input: expected one of"),
        (lambda: losskit.Asymmetric(margin=1), r"margin: expected a number in \[0, 1\)"),
        (lambda: losskit.Asymmetric(gamma_negative=-1), "gamma_negative: expected a finite number >= 0"),
        (lambda: losskit.Hill(ceiling=0.5), "ceiling: expected a finite number >= 1"),
        (lambda: losskit.Hill(margin=math.inf), "margin: expected a finite number"),
        (lambda: losskit.MultiLabelMargin(margin=0), "margin: expected a finite number > 0"),
        (lambda: losskit.LogSumExpPairwise(temperature_positive=0), "temperature_positive: expected a finite"),
        (lambda: losskit.QualityFocal(beta=1), "beta: expected a finite number >= 2"),
        (lambda: losskit.Varifocal(alpha=-1), "alpha: expected a finite number >= 0"),
        (lambda: losskit.GaussianFocal(decay=-1), "decay: expected a finite number >= 0"),
    ],
)
def test_a_hyper_parameter_that_cannot_be_is_refused_at_once(make, message: str):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("loss", "inputs", "error", "message"),
    [
        (losskit.CumulativeLink(), ([[1.0, 0.0, 0.5]], [1]), DomainError, r"prediction\[0, 2\]: .*not rise.*softplus"),
        (losskit.AllThreshold(importance=(1, 2)), ([[1.0, 0.0, 2.0]], [1]), ShapeError, "importance: .* 3 scores"),
        (losskit.LabelDistributionAwareMargin(counts=(1, 2)), ([[1.0, 0.0, 2.0]], [1]), ShapeError, "counts: .* 3 cl"),
        (losskit.DistributionFocal(), ([[1.0, 0.0, 2.0]], [2.5]), DomainError, r"target\[0\]: .*last bin.*got 2.5"),
        (losskit.FBeta(), (1.0, 1.0), ShapeError, "prediction: expected a batch"),
        (losskit.ContinuationRatio(), ([[1.0, 0.0]], [3]), DomainError, r"target\[0\]: .*3 classes, got 3"),
    ],
    ids=str,
)
def test_an_input_that_cannot_be_is_named(loss, inputs, error, message, framework: Framework):
    with pytest.raises(error, match=message):
        loss(*(framework.array(np.asarray(x)) for x in inputs))


def test_the_mean_is_the_measure_of_the_batch():
    p, t = RNG.uniform(0, 1, (50, 3)), RNG.integers(0, 2, (50, 3)) * 1.0
    tp, fp = (p * t).sum(0), (p * (1 - t)).sum(0)
    fn, tn = ((1 - p) * t).sum(0), ((1 - p) * (1 - t)).sum(0)
    f2 = 5 * tp / (5 * tp + 4 * fn + fp)
    assert losskit.FBeta(beta=2, input="probabilities")(p, t) == pytest.approx(1 - f2.mean())
    mcc = (tp * tn - fp * fn) / np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    assert losskit.MatthewsCorrelation(input="probabilities")(p, t) == pytest.approx(1 - mcc.mean())
    keep = RNG.uniform(size=50) < 0.5
    for loss in (losskit.FBeta(input="probabilities"), losskit.MatthewsCorrelation(input="probabilities")):
        assert loss(p, t, mask=keep) == pytest.approx(loss(p[keep], t[keep]))
        rows = loss(p[:, 0], t[:, 0], reduction="none")
        np.testing.assert_allclose(rows, loss(p, t, reduction="none")[:, 0])


@pytest.mark.parametrize("truth", [0.0, 1.0])
def test_a_batch_of_one_class_has_finite_gradients(truth: float, framework: Framework):
    score, target = framework.array(np.array([-1e4, 0.0, 3.0])), framework.array(np.full(3, truth))
    for loss in (losskit.FBeta(), losskit.MatthewsCorrelation()):
        value, gradient = loss.value_and_gradient(score, target)
        assert float(framework.numpy(value)) == pytest.approx(1.0, abs=1)
        assert np.isfinite(framework.numpy(gradient)).all()


def test_kappa_is_that_of_decisions_where_predictions_are_sure():
    metrics = pytest.importorskip("sklearn.metrics")
    labels, guesses = RNG.integers(0, 4, (2, 60))
    for power, name in ((1.0, "linear"), (2.0, "quadratic")):
        loss = losskit.WeightedKappa(power=power, input="probabilities")
        kappa = metrics.cohen_kappa_score(labels, guesses, weights=name)
        assert loss(np.eye(4)[guesses], labels) == pytest.approx(1 - kappa)
        assert loss(np.eye(4)[labels], labels) == 0
        assert loss(np.eye(4)[[1, 1]], np.array([1, 1])) == 0
    keep = np.arange(60) < 30
    assert losskit.WeightedKappa()(guesses[:, None] * np.ones(4), labels, mask=keep) == pytest.approx(
        losskit.WeightedKappa()(guesses[:30, None] * np.ones(4), labels[:30])
    )


def test_losses_that_are_others_in_disguise():
    z, t = RNG.normal(size=(20, 5)), RNG.integers(0, 2, (20, 5)) * 1.0
    binary = losskit.BinaryCrossEntropy()(z, t, reduction="none")
    focal = losskit.BinaryFocal(gamma=2)(z, t, reduction="none")
    for loss, right in (
        (losskit.Asymmetric(gamma_positive=0, gamma_negative=0, margin=0), binary),
        (losskit.Asymmetric(gamma_positive=2, gamma_negative=2, margin=0), focal),
        (losskit.GaussianFocal(), focal),
        (losskit.QualityFocal(), focal),
        (losskit.ReducedFocal(threshold=1e-12), focal),
        (losskit.Varifocal(alpha=1, gamma=0), binary),
    ):
        np.testing.assert_allclose(loss(z, t, reduction="none"), right, rtol=1e-9, err_msg=str(loss))
    above = np.arange(5) < RNG.integers(0, 6, 20)[:, None]  # labels 0 … 5 as five binary ones
    levels = above.sum(-1)
    np.testing.assert_allclose(
        losskit.AllThreshold()(z, levels, reduction="none"),
        losskit.BinaryCrossEntropy()(z, above * 1.0, reduction="none").sum(-1),
    )
    one = losskit.BinaryCrossEntropy()(z[:, 0], above[:, 0] * 1.0, reduction="none")
    for loss in (
        losskit.AllThreshold(),
        losskit.ImmediateThreshold(),
        losskit.ContinuationRatio(),
        losskit.CumulativeLink(),
    ):
        np.testing.assert_allclose(loss(z[:, :1], above[:, 0] * 1, reduction="none"), one, err_msg=str(loss))
    onehot, labels = np.eye(5)[RNG.integers(0, 5, 20)], RNG.integers(0, 5, 20)
    for loss, inputs, right, others in (
        (losskit.SoftOrdinalCrossEntropy(temperature=1e-3), (z, labels), losskit.CrossEntropy(), (z, labels)),
        (losskit.LogSumExpPairwise(), (z, onehot), losskit.CrossEntropy(), (z, onehot.argmax(-1))),
        (losskit.DistributionFocal(), (z, labels * 1.0), losskit.CrossEntropy(), (z, labels)),
        (
            losskit.LabelDistributionAwareMargin(counts=(1, 1, 1, 1, 1), max_margin=0.5, scale=1),
            (z + 0.5 * np.eye(5)[labels], labels),
            losskit.CrossEntropy(),
            (z, labels),
        ),
    ):
        np.testing.assert_allclose(
            loss(*inputs, reduction="none"), right(*others, reduction="none"), rtol=1e-9, err_msg=str(loss)
        )
    p = np.exp(z) / np.exp(z).sum(-1, keepdims=True)
    np.testing.assert_allclose(
        losskit.RankedProbabilityScore()(z, labels, reduction="none"),
        losskit.RankedProbabilityScore(input="probabilities")(p, np.eye(5)[labels], reduction="none"),
    )


def test_multi_label_margin_is_torchs():
    torch = pytest.importorskip("torch")
    z, labels = RNG.normal(size=(3, 4)), np.array([[1, 3, -1, -1], [0, -1, -1, -1], [2, 0, 1, -1]])
    hot = np.array([[(row == k).any() for k in range(4)] for row in labels]) * 1.0
    theirs = torch.nn.MultiLabelMarginLoss(reduction="none")(torch.tensor(z), torch.tensor(labels))
    np.testing.assert_allclose(losskit.MultiLabelMargin()(z, hot, reduction="none"), theirs)


def test_far_scores_that_do_not_count_may_be_infinite(framework: Framework):
    score = framework.array(np.array([[1.0, -1.0, -np.inf]]))
    for loss in (losskit.ImmediateThreshold(), losskit.ContinuationRatio(), losskit.CumulativeLink()):
        value, gradient = loss.value_and_gradient(score, framework.array(np.array([1])))
        assert np.isfinite(framework.numpy(value))
        assert np.isfinite(framework.numpy(gradient)).all()

"""Inputs at which released versions of other libraries give wrong numbers: losskit is right, or says what is wrong.

Each row's comment has the peer and what it gives (CPU, float32; torch 2.13, Keras 3.15, optax 0.2.8, torchvision 0.29,
smp 0.6, timm 1.0.31).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pytest

import losskit
from losskit.core.errors import DomainError, LosskitError, ShapeError
from tests.conftest import Framework

INF = math.inf


class Row(NamedTuple):
    what: str
    loss: losskit.Loss
    inputs: tuple[Any, ...]
    value: float
    gradient: Any
    """By the first input; None: not looked at."""
    options: dict[str, Any] | None = None


def sums(loss: losskit.Loss, *inputs: Any, value: float, gradient: Any = None, what: str, **options: Any) -> Row:
    return Row(what, loss, inputs, value, gradient, {"reduction": "sum"} | options)


E = math.e
ROWS = [
    # torch soft_margin_loss: inf, gradient NaN; in float16 already at −12.
    sums(losskit.SoftMargin(), [-100.0], [1.0], value=100, gradient=[-1], what="soft margin at -100"),
    # torch binary_cross_entropy_with_logits(+inf, 1): NaN.
    sums(losskit.BinaryCrossEntropy(), [INF, -INF], [1.0, 0.0], value=0, gradient=[0, 0], what="certain and right"),
    sums(losskit.BinaryCrossEntropy(), [INF, -INF], [0.0, 1.0], value=INF, gradient=[1, -1], what="certain and wrong"),
    sums(losskit.BinaryFocal(), [INF, -INF], [1.0, 0.0], value=0, gradient=[0, 0], what="focal, certain and right"),
    # torch binary_cross_entropy(0, 1): 100 with gradient −1e12; Keras: 16.1 with gradient 0.
    sums(
        losskit.BinaryCrossEntropy(input="probabilities"), [0.0], [1.0], value=INF, gradient=[-INF], what="p = 0, t = 1"
    ),
    # Keras binary_crossentropy(1e-8, 1): 16.1, gradient 0.
    sums(
        losskit.BinaryCrossEntropy(input="probabilities"),
        [1e-8],
        [1.0],
        value=8 * math.log(10),
        gradient=[-1e8],
        what="p = 1e-8, t = 1",
    ),
    sums(
        losskit.BinaryCrossEntropy(input="probabilities"),
        [0.0, 1.0],
        [0.0, 1.0],
        value=0,
        gradient=[1, -1],
        what="p = t at both ends",
    ),
    sums(
        losskit.BinaryFocal(input="probabilities", gamma=0.5),
        [0.0, 1.0],
        [0.0, 1.0],
        value=0,
        gradient=[0, 0],
        what="focal of probabilities, p = t at both ends",
    ),
    # torch binary_cross_entropy(sigmoid(20), 0): gradient 0.
    sums(losskit.BinaryCrossEntropy(), [20.0], [0.0], value=20 + math.exp(-20), gradient=[1], what="logit 20, t = 0"),
    # torchvision, fvcore, Keras focal with gamma < 1, saturated: gradient NaN.
    sums(
        losskit.BinaryFocal(gamma=0.5), [40.0, 1e4], [1.0, 1.0], value=0, gradient=[0, 0], what="focal 0.5, saturated"
    ),
    sums(
        losskit.Focal(gamma=0.5),
        [[1e4, -1e4, 0.0]],
        [0],
        value=0,
        gradient=[[0, 0, 0]],
        what="softmax focal 0.5, saturated",
    ),
    # Keras binary focal (logits, −30, t = 1): 16.118, gradient −3e−12.
    sums(losskit.BinaryFocal(), [-30.0], [1.0], value=30, gradient=[-1], what="focal at -30"),
    # Keras categorical focal (logits (−40, 40), class 0, alpha ¼): 4.03, gradient 0.
    sums(
        losskit.Focal(class_weight=(0.25, 0.25)),
        [[-40.0, 40.0]],
        [0],
        value=20,
        gradient=[[-0.25, 0.25]],
        what="softmax focal at -40",
    ),
    # torch cross_entropy, ignored row of −inf: value right, gradient NaN.
    sums(
        losskit.CrossEntropy(ignore_index=-100),
        [[-INF, -INF], [0.0, 0.0]],
        [-100, 0],
        value=math.log(2),
        gradient=[[0, 0], [-0.5, 0.5]],
        what="an ignored row of -inf",
    ),
    # torch cross_entropy, soft target 0 at a logit of −inf: NaN. optax softmax_cross_entropy: NaN.
    sums(
        losskit.CrossEntropy(),
        [[0.0, 0.0, -INF]],
        [[0.5, 0.5, 0.0]],
        value=math.log(2),
        gradient=[[0, 0, 0]],
        what="soft target 0 at -inf",
    ),
    sums(
        losskit.Focal(),
        [[0.0, 0.0, -INF]],
        [[0.5, 0.5, 0.0]],
        value=math.log(2) / 4,
        what="focal, soft target 0 at -inf",
    ),
    sums(losskit.CrossEntropy(), [[0.0, -INF]], [0], value=0, gradient=[[0, 0]], what="index target beside -inf"),
    # torch cross_entropy with label smoothing and a logit of −inf: inf too: the smoothed target wants that class.
    sums(losskit.CrossEntropy(label_smoothing=0.1), [[0.0, -INF]], [0], value=INF, what="smoothing towards -inf"),
    # torch cross_entropy, weight 3: by index 0.693, by probabilities 2.079.
    Row(
        "a class weight by index", losskit.CrossEntropy(class_weight=(3.0, 1.0)), ([[0.0, 0.0]], [0]), math.log(2), None
    ),
    Row(
        "a class weight by probabilities",
        losskit.CrossEntropy(class_weight=(3.0, 1.0)),
        ([[0.0, 0.0]], [[1.0, 0.0]]),
        math.log(2),
        None,
    ),
    # torch cross_entropy, all ignored, or class weight 0 for what is there: NaN.
    Row("all ignored", losskit.CrossEntropy(ignore_index=0), ([[1.0, 2.0]], [0]), 0, [[0, 0]]),
    Row("class weight 0", losskit.CrossEntropy(class_weight=(0.0, 1.0)), ([[1.0, 2.0]], [0]), 0, [[0, 0]]),
    # smp SoftCrossEntropyLoss, half ignored: 0.549 (divides by all); timm label smoothing, target −100: index error.
    Row(
        "half ignored",
        losskit.CrossEntropy(ignore_index=-100, label_smoothing=0.1),
        ([[0.0, 0.0, 0.0], [5.0, 0.0, 0.0]], [1, -100]),
        math.log(3),
        None,
    ),
    # torch kl_div with p = 0 and t = 0: NaN.
    sums(
        losskit.KLDivergence(input="probabilities"),
        [[1.0, 0.0]],
        [[1.0, 0.0]],
        value=0,
        gradient=[[-1, 0]],
        what="KL, p = t = 0",
    ),
    # torch kl_div(log_target) at −inf: NaN.
    sums(
        losskit.KLDivergence(input="log_probabilities"),
        [[0.0, -INF]],
        [[1.0, 0.0]],
        value=0,
        gradient=[[-1, 0]],
        what="KL, log p = -inf at t = 0",
    ),
    # kornia kl_div: inf.
    sums(losskit.KLDivergence(), [[1e4, 0.0]], [[1.0, 0.0]], value=0, gradient=[[0, 0]], what="KL, saturated"),
    # timm JSD at ±300: gradient NaN.
    sums(
        losskit.JensenShannon(), [[300.0, -300.0]], [[0.0, 1.0]], value=math.log(2), gradient=[[0, 0]], what="JS at 300"
    ),
    # torch kl_div(reduction="mean"): 0.138.
    Row(
        "the mean of a KL is per row",
        losskit.KLDivergence(),
        ([[0.0, 0.0, 0.0, 0.0]] * 2, [[1.0, 0.0, 0.0, 0.0], [0.25] * 4]),
        math.log(4) / 2,
        None,
    ),
    # Keras generalised cross-entropy, q = ½, p = (0, 1), class 0: gradient (−inf, NaN).
    sums(
        losskit.GeneralizedCrossEntropy(q=0.5, input="probabilities"),
        [[0.0, 1.0]],
        [0],
        value=2,
        gradient=[[-INF, 0]],
        what="generalised cross-entropy at p = 0",
    ),
    sums(
        losskit.CrossEntropy(input="probabilities"),
        [[1.0, 0.0]],
        [0],
        value=0,
        gradient=[[-1, 0]],
        what="p = 0 elsewhere",
    ),
    # Keras Dice, both empty: 1.0, the worst.
    sums(losskit.Dice(input="probabilities"), [[0.0, 0.0]], [[0.0, 0.0]], value=0, what="Dice, both empty"),
    sums(
        losskit.Dice(input="probabilities", smooth=0.0),
        [[0.0, 0.0]],
        [[0.0, 0.0]],
        value=0,
        gradient=[[0, 0]],
        what="Dice, both empty, no smooth",
    ),
    # smp DiceLoss, a class that is not there predicted everywhere: 0.0.
    sums(
        losskit.Dice(input="probabilities", smooth=1.0),
        [[1.0] * 4],
        [[0.0] * 4],
        value=0.8,
        gradient=[[0.04] * 4],
        what="Dice, absent class predicted everywhere",
    ),
    # torch and Keras cosine similarity, zero vector: gradient 5.8e7, NaN.
    sums(
        losskit.InfoNCE(), [[0.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [1.0, 0.0]], value=2 * math.log(2), what="zero query"
    ),
    sums(
        losskit.InfoNCE(temperature=1.0),
        [[0.0, 0.0], [0.0, 1.0]],
        [[1.0, 0.0], [0.0, 1.0]],
        value=math.log(2) + math.log(1 + E) - 1,
        gradient=[[0, 0], [1 / (1 + E), 0]],
        what="zero query between two keys",
    ),
    # sqrt at 0: torch sqrt(sum(x²)) NaN.
    sums(
        losskit.Triplet(),
        [[1.0, 2.0]],
        [[1.0, 2.0]],
        [[1.0, 2.0]],
        value=1,
        gradient=[[0, 0]],
        what="three equal points",
    ),
    sums(losskit.Contrastive(), [[1.0]], [[1.0]], [0.0], value=1, gradient=[[0]], what="an unlike pair that coincides"),
    # MONAI ContrastiveLoss at temperature 0.005: NaN.
    sums(
        losskit.InfoNCE(temperature=0.005),
        [[1.0, 0.0], [0.0, 1.0]],
        [[1.0, 0.0], [0.0, 1.0]],
        value=2 * math.exp(-200),
        gradient=[[0, 0], [0, 0]],
        what="InfoNCE at temperature 0.005",
    ),
    # torch 1 − cosine_similarity: gradient 5.8e7; Keras: NaN; optax with epsilon 0: NaN.
    sums(
        losskit.CosineDistance(),
        [[0.0, 0.0]],
        [[1.0, 0.0]],
        value=1,
        gradient=[[0, 0]],
        what="cosine of a zero vector",
    ),
    # torch sqrt(mse_loss): gradient NaN.
    Row("the root at a perfect fit", losskit.RootMeanSquaredError(), ([1.0, 2.0], [1.0, 2.0]), 0, [0, 0]),
    # Keras and optax log_cosh: 0.
    sums(
        losskit.LogCosh(),
        [1e-4],
        [0.0],
        value=5e-9 - 1e-16 / 12,
        gradient=[math.tanh(1e-4)],
        what="log-cosh at 1e-4",
    ),
    # auraloss LogCoshLoss: inf.
    sums(losskit.LogCosh(), [200.0], [0.0], value=200 - math.log(2), gradient=[1], what="log-cosh at 200"),
    # torch huber_loss(weight): 0.75, divided by N; mse_loss and l1_loss divide by the weights.
    Row("a weighted mean", losskit.Huber(), ([1.0, 0.0], [0.0, 0.0]), 3 / 8, [3 / 4, 0], {"weight": [3.0, 1.0]}),
    # Keras MeanAbsoluteError(sample_weight): 0.5.
    Row("weight 0 and 1", losskit.AbsoluteError(), ([5.0, 1.0], [0.0, 0.0]), 1, [0, 1], {"weight": [0.0, 1.0]}),
    # Keras, sample_weight 0 for it: NaN.
    sums(
        losskit.SquaredError(),
        [math.nan, 1.0],
        [0.0, 0.0],
        value=1,
        gradient=[0, 2],
        mask=[False, True],
        what="a masked NaN",
    ),
    # torch gaussian_nll_loss clamps the variance at 1e-6: 5e5.
    sums(
        losskit.GaussianNegativeLogLikelihood(),
        [1.0],
        [0.0],
        [math.log(1e-8)],
        value=(math.log(2 * math.pi * 1e-8) + 1e8) / 2,
        gradient=([1e8], [(1 - 1e8) / 2]),
        what="a variance of 1e-8",
    ),
    # sklearn log_loss: 7.97 in float32, 18.02 in float64.
    sums(
        losskit.CrossEntropy(input="probabilities"),
        [[0.0, 1.0]],
        [0],
        value=INF,
        gradient=[[-INF, 0]],
        what="p = 0 of the true class",
    ),
    # Beyond float32 (torch poisson_nll_loss: inf), not beyond float64.
    sums(
        losskit.PoissonNegativeLogLikelihood(),
        [100.0],
        [0.0],
        value=math.exp(100),
        gradient=[math.exp(100)],
        what="a log-mean of 100",
    ),
    sums(losskit.BinaryCrossEntropy(), [-800.0], [1.0], value=800, gradient=[-1], what="logit -800, t = 1"),
    # As Keras: what a target of 0 counts as is stated, 1e-7.
    sums(losskit.AbsolutePercentageError(), [1.0], [0.0], value=1e7, gradient=[1e7], what="relative to a target of 0"),
    # smp TverskyLoss(gamma=0.5) of a perfect mask: gradient NaN.
    sums(
        losskit.Tversky(input="probabilities", gamma=0.5, smooth=0.0),
        [[1.0, 0.0]],
        [[1.0, 0.0]],
        value=0,
        gradient=[[0, 0]],
        what="focal Tversky 0.5, perfect",
    ),
    # timm AsymmetricLossMultiLabel clamps probabilities at 1e-8: 20.86 with gradient 0; with γ = 0.5 gradient NaN.
    sums(
        losskit.Asymmetric(),
        [[200.0, -200.0]],
        [[0.0, 1.0]],
        value=200 + math.log(1 / 0.05) * 0.95**4,
        gradient=[[0, -1]],
        what="asymmetric at (200, -200)",
    ),
    sums(
        losskit.Asymmetric(gamma_positive=0.5, gamma_negative=0.5),
        [[40.0, -120.0]],
        [[1.0, 0.0]],
        value=0,
        gradient=[[0, 0]],
        what="asymmetric 0.5, saturated",
    ),
    # torchvision complete_box_iou_loss of a point: NaN; generalized_box_iou_loss: 1.
    *(
        sums(loss, [[1.0] * 4], [[1.0] * 4], value=0, gradient=[[0, 0, 0, 0]], what=f"{name} IoU of a point")
        for name, loss in (
            ("complete", losskit.CompleteIntersectionOverUnion()),
            ("generalised", losskit.GeneralizedIntersectionOverUnion()),
        )
    ),
    # A class that is ruled out: 0 · log 0 in an entropy, and in a weight.
    sums(
        losskit.ConfidencePenalizedCrossEntropy(),
        [[0.0, 0.0, -INF]],
        [0],
        value=0.9 * math.log(2),
        gradient=[[-0.5, 0.5, 0]],
        what="confidence penalty beside -inf",
    ),
    sums(
        losskit.DynamicFineTuning(),
        [[0.0, -INF]],
        [1],
        value=0,
        gradient=[[0, 0]],
        what="dynamic fine-tuning towards -inf",
    ),
    # −log IoU of boxes that do not meet; the root of a sum of squares that is 0: gradients NaN where not looked after.
    sums(
        losskit.IntersectionOverUnion(scale="log"),
        [[0.0, 0.0, 1.0, 1.0]],
        [[2.0, 2.0, 3.0, 3.0]],
        value=INF,
        gradient=[[0, 0, 0, 0]],
        what="-log IoU of boxes that do not meet",
    ),
    sums(
        losskit.ScaleInvariantLog(variance_focus=1.0),
        [[2.0, 2.0], [2.0, 2.0]],
        [[2.0, 2.0], [1.0, 2.0]],
        value=math.log(2) / 2,
        gradient=[[0, 0], [0.25, -0.25]],
        what="the scale-invariant logarithmic error of a perfect sample",
    ),
    # kornia psnr_loss: −∞ with gradient NaN.
    sums(
        losskit.PeakSignalToNoiseRatio(),
        [[0.5, 0.5]],
        [[0.5, 0.5]],
        value=-80,
        gradient=[[0, 0]],
        what="PSNR of equal images",
    ),
    # pytorch-metric-learning ArcFaceLoss: gradient NaN.
    sums(losskit.AdditiveAngularMargin(), [[1.0, 0.0]], [0], value=0, gradient=[[0, 0]], what="ArcFace at angle 0"),
    # optax ntxent: NaN.
    sums(
        losskit.SupervisedContrastive(),
        [[1.0, 0.0], [0.0, 1.0]],
        [0, 1],
        value=0,
        gradient=[[0, 0], [0, 0]],
        what="NT-Xent without a positive",
    ),
    # Logits far beyond what exp can hold.
    sums(losskit.CrossEntropy(), [[1e30, 0.0, -1e30]], [1], value=1e30, gradient=[[1, -1, 0]], what="logits of 1e30"),
    sums(losskit.MinimaxDiscriminator(), [-1e4], [1e4], value=2e4, gradient=([-1], [1]), what="a lost discriminator"),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what.replace(" ", "-"))
def test_right_where_others_are_not(row: Row, framework: Framework):
    inputs = [framework.array(np.asarray(x, float if not is_index(x) else None)) for x in row.inputs]
    value, gradient = row.loss.value_and_gradient(*inputs, **(row.options or {}))
    assert float(framework.numpy(value)) == pytest.approx(row.value, rel=1e-9, abs=1e-12)
    if row.gradient is not None:
        several = isinstance(row.gradient, tuple)
        for mine, right in zip(
            gradient if several else (first(gradient),), row.gradient if several else (row.gradient,), strict=True
        ):
            np.testing.assert_allclose(framework.numpy(mine), right, rtol=1e-7, atol=1e-8)


def first(gradient: Any) -> Any:
    return gradient[0] if isinstance(gradient, tuple) else gradient


def is_index(x: Any) -> bool:
    return np.asarray(x).dtype.kind == "i"


ERRORS = [
    # torch binary_cross_entropy with target 2: −4.99.
    ("a target of 2", losskit.BinaryCrossEntropy(), ([0.5], [2.0]), DomainError, r"target\[0\]: .*\[0, 1\], got 2"),
    # torch cross_entropy with probabilities (2, 2): 2.77.
    (
        "probabilities of 2",
        losskit.CrossEntropy(),
        ([[0.0, 0.0]], [[2.0, 2.0]]),
        DomainError,
        r"target\[0, 0\]: .*sum to 1, got 2",
    ),
    # torch kl_div given probabilities: −1.19.
    (
        "probabilities as log-probabilities",
        losskit.KLDivergence(input="log_probabilities"),
        ([[0.5, 0.5]], [[0.5, 0.5]]),
        DomainError,
        r"prediction\[0, 0\]: .*log-probabilities.*apply log_softmax",
    ),
    # Keras binary_crossentropy given a logit of −3: 16.1.
    (
        "a logit as probability",
        losskit.BinaryCrossEntropy(input="probabilities"),
        ([-3.0], [1.0]),
        DomainError,
        r"prediction\[0\]: .*got -3.*input='logits'",
    ),
    # Keras categorical_crossentropy: (0.2, 0.2, 0.2) → 1.0986 (renormalises); logits (5, −5) → 1e−7; zeros → NaN.
    *(
        (
            f"{row} as probabilities",
            losskit.CrossEntropy(input="probabilities"),
            ([row], [0]),
            DomainError,
            r"prediction\[0.*: .*sum to 1.*input='logits'",
        )
        for row in ([0.2, 0.2, 0.2], [5.0, -5.0], [0.0, 0.0])
    ),
    # Keras sparse_categorical_crossentropy, label 7 of 3: −0.0; optax: NaN, and label −1: 0.41 (wraps).
    *(
        (
            f"label {k} of 3",
            losskit.CrossEntropy(),
            ([[0.0, 1.0, 2.0]], [k]),
            DomainError,
            rf"target\[0\]: .*3 classes, got {k}",
        )
        for k in (7, -1, -100)
    ),
    # torch soft_margin_loss with 0: 0.693; optax hinge_loss: 1.0.
    *(
        (
            f"{loss} of label 0",
            loss,
            ([1.0], [0.0]),
            DomainError,
            r"target\[0\]: expected -1 or \+1, got 0.*2 \* target - 1",
        )
        for loss in (losskit.SoftMargin(), losskit.Hinge(), losskit.SquaredHinge(), losskit.Exponential())
    ),
    # torch hinge_embedding_loss: 1.0, both terms; margin_ranking_loss, cosine_embedding_loss: 0.
    *(
        (f"{name} of label 0", loss, (*scores, [0.0]), DomainError, r"target\[0\]: expected -1 or \+1, got 0")
        for name, loss, scores in (
            ("hinge embedding", losskit.HingeEmbedding(), ([1.0],)),
            ("margin ranking", losskit.MarginRanking(), ([1.0], [2.0])),
            ("cosine embedding", losskit.CosineEmbedding(), ([[1.0, 0.0]], [[0.0, 1.0]])),
        )
    ),
    # torchvision generalized_box_iou_loss: 1.2e-07.
    (
        "generalised IoU of an inverted box",
        losskit.GeneralizedIntersectionOverUnion(),
        ([[2.0, 2.0, 1.0, 1.0]], [[1.0, 1.0, 2.0, 2.0]]),
        DomainError,
        r"prediction\[0.*x1",
    ),
    # optax ctc_loss: 1e5.
    (
        "CTC: more labels than frames",
        losskit.ConnectionistTemporalClassification(),
        ([[[0.0, 0.0, 0.0]]], [[1, 2]]),
        DomainError,
        "target",
    ),
    # optax sigmoid_binary_cross_entropy, (4,) against (4, 1): shape (4, 4); torch kl_div too.
    (
        "(4,) against (4, 1)",
        losskit.BinaryCrossEntropy(),
        ([0.0] * 4, [[0.0]] * 4),
        ShapeError,
        r"target = target\[\.\.\., 0\]",
    ),
    # torch hinge_embedding_loss, multilabel_soft_margin_loss, kl_div: a number.
    *(
        (f"{name}, (4,) against (4, 1)", loss, (prediction, target), ShapeError, "target: expected shape")
        for name, loss, prediction, target in (
            ("hinge embedding", losskit.HingeEmbedding(), [0.0] * 4, [[1.0]] * 4),
            ("multilabel soft margin", losskit.BinaryCrossEntropy(), [0.0] * 4, [[1.0]] * 4),
            ("KL", losskit.KLDivergence(input="log_probabilities"), [-math.log(4)] * 4, [[0.25]] * 4),
        )
    ),
    # torch mse_loss, l1_loss, huber_loss, smooth_l1_loss: a number and a warning; poisson_nll_loss, gaussian_nll_loss:
    # a number; optax huber_loss, log_cosh: shape (4, 4).
    *(
        (
            f"{type(loss).__name__} of (4,) against (4, 1)",
            loss,
            ([0.0] * 4, [[1.0]] * 4, *[[0.0] * 4] * (len(loss.inputs) - 2)),
            ShapeError,
            r"target = target\[\.\.\., 0\]",
        )
        for loss in (
            losskit.SquaredError(),
            losskit.AbsoluteError(),
            losskit.Huber(),
            losskit.SmoothL1(),
            losskit.LogCosh(),
            losskit.PoissonNegativeLogLikelihood(),
            losskit.GaussianNegativeLogLikelihood(),
            losskit.SoftMargin(),
        )
    ),
    # Keras poisson: NaN; mean_squared_logarithmic_error: gradient 0.
    (
        "a mean of -1",
        losskit.PoissonNegativeLogLikelihood(input="mean"),
        ([-1.0], [1.0]),
        DomainError,
        r"prediction\[0\]: .*got -1",
    ),
    ("a logarithm of -4", losskit.SquaredLogError(), ([-5.0], [1.0]), DomainError, r"prediction\[0\]: .*got -5"),
    ("labels as floats", losskit.CrossEntropy(), ([[0.0, 1.0]], [1.0]), DomainError, "cast target to int64"),
    (
        "one-hot integers",
        losskit.CrossEntropy(),
        ([[0.0, 1.0]], [[0, 1]]),
        DomainError,
        "cast target to prediction's dtype",
    ),
    ("masks as integers", losskit.Dice(), ([[0.0, 1.0]], [[0, 1]]), ShapeError, "floating-point masks"),
    ("a mask of 2", losskit.Dice(), ([[0.0, 1.0]], [[0.0, 2.0]]), DomainError, r"target\[0, 1\].*got 2"),
    ("a class too many", losskit.Dice(), ([[[0.0, 1.0]]], [[2]]), DomainError, r"target\[0, 0\].*2 classes, got 2"),
    (
        "three weights for two classes",
        losskit.CrossEntropy(class_weight=(1, 2, 3)),
        ([[0.0, 1.0]], [1]),
        ShapeError,
        "class_weight: expected one weight for each of the 2 classes",
    ),
    (
        "two frequencies for three classes",
        losskit.LogitAdjustedCrossEntropy(prior=(1, 2)),
        ([[0.0, 1.0, 2.0]], [1]),
        ShapeError,
        "prior: expected one frequency for each of the 3 classes",
    ),
    (
        "the spread of one member",
        losskit.EnsembleContinuousRankedProbabilityScore(fair=True),
        ([[0.0]], [1.0]),
        ShapeError,
        "at least 2 members, got 1; fix: fair=False",
    ),
    (
        "vectors without members",
        losskit.EnergyScore(),
        ([[0.0, 1.0]], [[1.0, 2.0]]),
        ShapeError,
        r"expected \(samples, members, dimensions\), got \(1, 2\)",
    ),
]


@pytest.mark.parametrize(("what", "loss", "inputs", "error", "message"), ERRORS, ids=[row[0] for row in ERRORS])
def test_an_error_where_others_return_a_number(what, loss, inputs, error, message, framework: Framework):
    with pytest.raises(error, match=message) as caught:
        loss(*(framework.array(np.asarray(x)) for x in inputs))
    assert isinstance(caught.value, LosskitError)


def test_float16_does_not_overflow(framework: Framework):
    """torch cross_entropy in float16: inf for the sum of 10 000 rows, and with label smoothing over 50 000 classes."""
    rows = framework.xp.cast(framework.array(np.tile([12.0, 0.0], (10_000, 1))), "float16")
    total = losskit.CrossEntropy()(rows, framework.array(np.ones(10_000, int)), reduction="sum")
    assert float(framework.numpy(total)) == pytest.approx(10_000 * (12 + math.log1p(math.exp(-12))), rel=1e-5)
    wide = framework.xp.cast(framework.array(np.r_[100.0, np.zeros(49_999)][None]), "float16")
    smoothed = losskit.CrossEntropy(label_smoothing=0.1)(wide, framework.array(np.array([0])))
    assert float(framework.numpy(smoothed)) == pytest.approx(0.1 * 100 * 49_999 / 50_000, rel=1e-5)
    # torch soft_margin_loss overflows from 12 on.
    margin = losskit.SoftMargin()(
        framework.xp.cast(rows[:1, 1] - 1000, "float16"), framework.array(np.ones(1, "float16"))
    )
    assert float(framework.numpy(margin)) == 1000


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losskit.CrossEntropy(label_smoothing=1.0), "label_smoothing: expected a number in [0, 1)"),
        (lambda: losskit.CrossEntropy(z_loss=-1), "z_loss: expected a finite number >= 0"),
        (lambda: losskit.CrossEntropy(softcap=0), "softcap: expected a finite number > 0"),
        (lambda: losskit.CrossEntropy(softcap=30, input="probabilities"), "input: z_loss and softcap are of logits"),
        (lambda: losskit.CrossEntropy(input="logit"), "input: expected one of ('logits', 'log_probabilities', 'prob"),
        (lambda: losskit.CrossEntropy(class_weight=(1.0, -1.0)), "class_weight[1]: expected a finite number >= 0"),
        (lambda: losskit.BinaryCrossEntropy(class_weight=(1.0,)), "class_weight: expected (of class 0, of class 1)"),
        (lambda: losskit.BinaryCrossEntropy(input="log_probabilities"), "input: expected one of ('logits', 'probab"),
        (lambda: losskit.BinaryFocal(gamma=-1), "gamma: expected a finite number >= 0"),
        (lambda: losskit.Focal(gamma=math.inf), "gamma: expected a finite number >= 0"),
        (lambda: losskit.GeneralizedCrossEntropy(q=0), "q: expected a number in (0, 1]"),
        (lambda: losskit.Poly1CrossEntropy(epsilon=-2), "epsilon: expected a finite number >= -1"),
        (lambda: losskit.LogitAdjustedCrossEntropy(prior=(1, 0)), "prior: expected class frequencies > 0"),
        (lambda: losskit.LogitAdjustedCrossEntropy(prior=(1, 1), input="probabilities"), "input: logit adjustment"),
        (lambda: losskit.LogitAdjustedCrossEntropy(prior=(1, 1), tau=-1), "tau: expected a finite number >= 0"),
        (lambda: losskit.Hinge(margin=-1), "margin: expected a finite number >= 0"),
        (lambda: losskit.SquaredHinge(margin=-1), "margin: expected a finite number > 0"),
        (lambda: losskit.CrammerSinger(margin=-1), "margin: expected a finite number >= 0"),
        (lambda: losskit.CrammerSinger(input="probabilities"), "input: a margin is between scores"),
        (lambda: losskit.WestonWatkins(margin=0), "margin: expected a finite number > 0"),
        (lambda: losskit.WestonWatkins(power=3), "power: expected 1 or 2, got 3"),
        (lambda: losskit.WestonWatkins(input="probabilities"), "input: a margin is between scores"),
        (lambda: losskit.Sparsemax(input="probabilities"), "input: Sparsemax maps scores to probabilities"),
        (lambda: losskit.LogitNormCrossEntropy(temperature=0), "temperature: expected a finite number > 0"),
        (lambda: losskit.LogitNormCrossEntropy(input="probabilities"), "input: only logits have a length"),
        (lambda: losskit.ConfidencePenalizedCrossEntropy(beta=-1), "beta: expected a finite number >= 0"),
        (lambda: losskit.ReverseCrossEntropy(log_zero=0), "log_zero: expected a finite number < 0"),
        (lambda: losskit.SymmetricCrossEntropy(alpha=0, beta=0), "alpha, beta: expected at least one above 0"),
        (lambda: losskit.NormalizedCrossEntropy(input="probabilities"), "input: normalised cross-entropy needs logits"),
        (lambda: losskit.TaylorCrossEntropy(order=0), "order: expected a whole number >= 1, got 0"),
        (lambda: losskit.BootstrappedCrossEntropy(beta=2), "beta: expected a number in [0, 1]"),
        (
            lambda: losskit.ForwardCorrectedCrossEntropy(transition=((1, 0),)),
            "transition: expected as many rows as columns",
        ),
        (
            lambda: losskit.ForwardCorrectedCrossEntropy(transition=((0.5, 0.4), (0, 1))),
            "transition[0]: expected probabilities that sum to 1",
        ),
        (
            lambda: losskit.BackwardCorrectedCrossEntropy(transition=((0.5, 0.5), (0.5, 0.5))),
            "transition: expected a matrix that can be inverted",
        ),
        (lambda: losskit.BiTemperedLogistic(t1=2), "t1: expected a number in [0, 1]"),
        (lambda: losskit.BiTemperedLogistic(t2=0.5), "t2: expected a finite number >= 1"),
        (lambda: losskit.SmoothHinge(gamma=0), "gamma: expected a finite number > 0"),
        (lambda: losskit.Ramp(s=1), "s: expected a finite number < 1"),
        (lambda: losskit.KLDivergence(input="softmax"), "input: expected one of"),
        (lambda: losskit.Dice(smooth=-1), "smooth: expected a finite number >= 0"),
        (lambda: losskit.Dice(input="softmax"), "input: expected one of"),
        (lambda: losskit.Tversky(alpha=0, beta=0), "alpha, beta: expected at least one above 0"),
        (lambda: losskit.Contrastive(margin=0), "margin: expected a finite number > 0"),
        (lambda: losskit.Triplet(margin=math.nan), "margin: expected a finite number > 0"),
        (lambda: losskit.InfoNCE(temperature=0), "temperature: expected a finite number > 0"),
        (lambda: losskit.StudentTNegativeLogLikelihood(degrees_of_freedom=0), "degrees_of_freedom: expected a finite"),
        (lambda: losskit.WeibullNegativeLogLikelihood(shape=-1), "shape: expected a finite number > 0"),
        (lambda: losskit.EvidentialRegression(penalty=-1), "penalty: expected a finite number >= 0"),
        (lambda: losskit.InfoNCE(similarity="euclidean"), "similarity: expected one of ('cosine', 'dot')"),
    ],
)
def test_a_hyper_parameter_that_cannot_be_is_refused_at_once(make, message: str):
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value)

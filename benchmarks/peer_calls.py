"""How each peer is asked for what a row of tests/losses/test_wrong_numbers.py asks of losskit.

For each peer a function that imports it and returns (row, call) pairs: the row by its name, and a call that takes the
row's inputs as the peer's arrays and returns a number. EXTRA are rows of what a loss is made from, of half precision,
and such as ask of a peer less than the test asks of losskit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import losskit

INF = math.inf
Calls = list[tuple[str, Callable[..., Any]]]


class Extra(NamedTuple):
    """A row that no test of losskit has. value and gradient: a number, "no NaN", "error", or None for not looked at."""

    what: str
    inputs: tuple[Any, ...]
    value: Any
    gradient: Any = None
    mine: Callable[[], Any] | None = None


def half(loss: losskit.Loss, *inputs: Any, **options: Any) -> Callable[[], Any]:
    """losskit's value in float16."""
    arrays = [array.astype(np.float16) if array.dtype.kind == "f" else array for array in map(np.asarray, inputs)]
    return lambda: loss(*arrays, **options)


ROWS_OF_HALF = np.tile([12.0, 0.0], (10_000, 1)), np.ones(10_000, int)
WIDE = np.r_[100.0, np.zeros(49_999)][None], np.array([0])
EXTRA = [
    Extra(
        "float16, a sum of 10 000 rows",
        (),
        10_000 * (12 + math.log1p(math.exp(-12))),
        mine=half(losskit.CrossEntropy(), *ROWS_OF_HALF, reduction="sum"),
    ),
    Extra(
        "float16, smoothing over 50 000 classes",
        (),
        10 * 49_999 / 50_000,
        mine=half(losskit.CrossEntropy(label_smoothing=0.1), *WIDE),
    ),
    Extra("float16, soft margin at -12", (), 12.0, mine=half(losskit.SoftMargin(), [-12.0], [1.0])),
    Extra("float16, cosine of a zero vector", (), 1.0, mine=half(losskit.CosineDistance(), [[0.0, 0.0]], [[1.0, 0.0]])),
    Extra("a log-mean of 800", ([800.0], [1.0]), INF, mine=lambda: poisson(800.0, 1.0)),
    Extra("a zero vector normalised", ([[0.0, 0.0]],), 0.0, [[0.0, 0.0]]),
    Extra("a distance of 0.01 at 1e4", ([[1e4, 0.0]], [[1e4, 0.01]]), 0.01),
    Extra("CTC: gradcheck", (), 1.0, mine=lambda: ctc_gradcheck()),
    # What the definition says, or an error; and, where a constant or a convention is the peer's own, no NaN.
    Extra("CTC: more labels than frames", (), INF),
    Extra("PSNR of equal images", ([[0.5, 0.5]], [[0.5, 0.5]]), "no NaN", [[0.0, 0.0]]),
    Extra("complete IoU of a point", ([[1.0, 1.0, 1.0, 1.0]], [[1.0, 1.0, 1.0, 1.0]]), 0.0, "no NaN"),
    Extra("generalised IoU of a point", ([[1.0, 1.0, 1.0, 1.0]], [[1.0, 1.0, 1.0, 1.0]]), 0.0, "no NaN"),
    Extra("ArcFace at angle 0", ([[1.0, 0.0]],), "no NaN", "no NaN"),
    Extra("NT-Xent without a positive", ([[1.0, 0.0], [0.0, 1.0]],), "no NaN"),
    Extra("Poly-1 focal 0.5, saturated", ([[40.0, -120.0]], [[1.0, 0.0]]), 0.0, [[0.0, 0.0]]),
]


def poisson(z: float, t: float) -> float:
    with np.errstate(over="ignore"):
        return float(losskit.PoissonNegativeLogLikelihood()(np.array([z]), np.array([t])))


def ctc_gradcheck() -> Any:
    """Whether PyTorch's gradcheck passes on losskit's CTC of log-probabilities, as on its own."""
    import torch

    torch.manual_seed(0)
    leaf = torch.randn(1, 5, 3, dtype=torch.float64).log_softmax(-1).requires_grad_()
    ctc, labels = losskit.ConnectionistTemporalClassification(), torch.tensor([[1, 2]])
    return float(torch.autograd.gradcheck(lambda x: ctc(x, labels, reduction="sum"), leaf, raise_exception=False))


def torch_calls() -> Calls:
    import torch
    import torch.nn.functional as F

    def ctc(log_probabilities: Any) -> Any:
        labels, frames, lengths = torch.tensor([[1, 2]]), torch.tensor([5]), torch.tensor([2])
        return F.ctc_loss(log_probabilities, labels, frames, lengths, reduction="sum")

    def gradcheck() -> Any:
        torch.manual_seed(0)
        leaf = torch.randn(5, 1, 3, dtype=torch.float64).log_softmax(-1).requires_grad_()
        return torch.tensor(float(torch.autograd.gradcheck(ctc, leaf, raise_exception=False)))

    def query(q: Any, k: Any) -> Any:
        scores = F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).T / 0.1
        return F.cross_entropy(scores, torch.arange(len(q)), reduction="sum")

    by = torch.tensor
    classes = torch.tensor([3.0, 1.0])
    short: tuple[Any, ...] = (by([[1, 2]]), by([1]), by([2]))
    return [
        ("soft margin at -100", lambda z, t: F.soft_margin_loss(z, t, reduction="sum")),
        ("certain and right", lambda z, t: F.binary_cross_entropy_with_logits(z, t, reduction="sum")),
        ("p = 0, t = 1", lambda p, t: F.binary_cross_entropy(p, t, reduction="sum")),
        ("logit 20, t = 0", lambda z, t: F.binary_cross_entropy(torch.sigmoid(z), t, reduction="sum")),
        ("an ignored row of -inf", lambda z, t: F.cross_entropy(z, t, reduction="sum")),
        ("soft target 0 at -inf", lambda z, t: F.cross_entropy(z, t, reduction="sum")),
        ("smoothing towards -inf", lambda z, t: F.cross_entropy(z, t, label_smoothing=0.1, reduction="sum")),
        ("a class weight by index", lambda z, t: F.cross_entropy(z, t, weight=classes)),
        ("a class weight by probabilities", lambda z, t: F.cross_entropy(z, t, weight=classes)),
        ("all ignored", lambda z, t: F.cross_entropy(z, t, ignore_index=0)),
        ("all ignored", lambda z, t: F.linear_cross_entropy(z, torch.eye(2), t, ignore_index=0)),
        ("class weight 0", lambda z, t: F.cross_entropy(z, t, weight=by([0.0, 1.0]))),
        ("a weighted mean", lambda p, t: F.huber_loss(p, t, weight=by([3.0, 1.0]))),
        ("KL, p = t = 0", lambda p, t: F.kl_div(p.log(), t, reduction="sum")),
        ("KL, log p = -inf at t = 0", lambda p, t: F.kl_div(p, t.log(), log_target=True, reduction="sum")),
        ("the mean of a KL is per row", lambda z, t: F.kl_div(z.log_softmax(-1), t, reduction="mean")),
        ("a log-mean of 100", lambda z, t: F.poisson_nll_loss(z, t, reduction="sum")),
        ("a variance of 1e-8", lambda p, t, s: F.gaussian_nll_loss(p, t, s.exp(), full=True, reduction="sum")),
        ("cosine of a zero vector", lambda p, t: (1 - F.cosine_similarity(p, t)).sum()),
        ("zero query", query),
        ("the root at a perfect fit", lambda p, t: F.mse_loss(p, t).sqrt()),
        ("three equal points", lambda a, p, n: F.relu(1 + ((a - p) ** 2).sum().sqrt() - ((a - n) ** 2).sum().sqrt())),
        ("SquaredError of (4,) against (4, 1)", lambda p, t: F.mse_loss(p, t)),
        ("AbsoluteError of (4,) against (4, 1)", lambda p, t: F.l1_loss(p, t)),
        ("Huber of (4,) against (4, 1)", lambda p, t: F.huber_loss(p, t)),
        ("SmoothL1 of (4,) against (4, 1)", lambda p, t: F.smooth_l1_loss(p, t)),
        ("PoissonNegativeLogLikelihood of (4,) against (4, 1)", lambda p, t: F.poisson_nll_loss(p, t)),
        ("GaussianNegativeLogLikelihood of (4,) against (4, 1)", lambda p, t, s: F.gaussian_nll_loss(p, t, s.exp())),
        ("SoftMargin of (4,) against (4, 1)", lambda p, t: F.soft_margin_loss(p, t)),
        ("(4,) against (4, 1)", lambda p, t: F.binary_cross_entropy_with_logits(p, t)),
        ("hinge embedding, (4,) against (4, 1)", lambda p, t: F.hinge_embedding_loss(p, t)),
        ("multilabel soft margin, (4,) against (4, 1)", lambda p, t: F.multilabel_soft_margin_loss(p, t)),
        ("KL, (4,) against (4, 1)", lambda p, t: F.kl_div(p, t, reduction="sum")),
        ("SoftMargin() of label 0", lambda z, t: F.soft_margin_loss(z, t)),
        ("hinge embedding of label 0", lambda z, t: F.hinge_embedding_loss(z, t)),
        ("margin ranking of label 0", lambda a, b, t: F.margin_ranking_loss(a, b, t)),
        ("cosine embedding of label 0", lambda a, b, t: F.cosine_embedding_loss(a, b, t)),
        ("a target of 2", lambda z, t: F.binary_cross_entropy_with_logits(z, t)),
        ("probabilities of 2", lambda z, t: F.cross_entropy(z, t)),
        ("probabilities as log-probabilities", lambda p, t: F.kl_div(p, t, reduction="sum")),
        ("a zero vector normalised", lambda x: F.normalize(x).sum()),
        ("a distance of 0.01 at 1e4", lambda a, b: torch.cdist(a, b, compute_mode="use_mm_for_euclid_dist").sum()),
        ("CTC: gradcheck", gradcheck),
        ("CTC: more labels than frames", lambda: F.ctc_loss(torch.zeros(1, 1, 3).log_softmax(-1), *short)),
        (
            "float16, a sum of 10 000 rows",
            lambda: F.cross_entropy(by(ROWS_OF_HALF[0]).half(), by(ROWS_OF_HALF[1]), reduction="sum"),
        ),
        (
            "float16, smoothing over 50 000 classes",
            lambda: F.cross_entropy(by(WIDE[0]).half(), by(WIDE[1]), label_smoothing=0.1),
        ),
        ("float16, soft margin at -12", lambda: F.soft_margin_loss(by([-12.0]).half(), by([1.0]).half())),
        (
            "float16, cosine of a zero vector",
            lambda: (1 - F.cosine_similarity(by([[0.0, 0.0]]).half(), by([[1.0, 0.0]]).half())).sum(),
        ),
    ]


def keras_calls() -> Calls:
    from keras import losses, ops

    def with_weights(weights: list[float], loss: Any) -> Callable[[Any, Any], Any]:
        # A column, so that Keras sees samples, which weights are of.
        return lambda p, t: loss(t[:, None], p[:, None], sample_weight=ops.convert_to_tensor(weights))

    def total(function: Callable[..., Any], **options: Any) -> Callable[[Any, Any], Any]:
        return lambda p, t: ops.sum(function(t, p, **options))

    def one_hot(function: Callable[..., Any], **options: Any) -> Callable[[Any, Any], Any]:
        return lambda p, t: ops.sum(function(ops.one_hot(t, ops.shape(p)[-1]), p, **options))

    crossentropy = one_hot(losses.categorical_crossentropy)
    return [
        ("p = 0, t = 1", total(losses.binary_crossentropy)),
        ("p = 1e-8, t = 1", total(losses.binary_crossentropy)),
        ("a logit as probability", total(losses.binary_crossentropy)),
        *((f"{row} as probabilities", crossentropy) for row in ([0.2, 0.2, 0.2], [5.0, -5.0], [0.0, 0.0])),
        ("label 7 of 3", total(losses.sparse_categorical_crossentropy, from_logits=True)),
        ("softmax focal at -40", one_hot(losses.categorical_focal_crossentropy, from_logits=True)),
        (
            "focal 0.5, saturated",
            # Of both elements: Keras takes the mean over the last axis.
            lambda z, t: 2 * losses.binary_focal_crossentropy(t, z, gamma=0.5, from_logits=True),
        ),
        ("focal at -30", total(losses.binary_focal_crossentropy, from_logits=True)),
        ("cosine of a zero vector", lambda p, t: 1 + ops.sum(losses.cosine_similarity(t, p))),
        ("log-cosh at 1e-4", total(losses.log_cosh)),
        ("generalised cross-entropy at p = 0", total(losses.categorical_generalized_cross_entropy, q=0.5)),
        ("a mean of -1", total(losses.poisson)),
        ("a logarithm of -4", total(losses.mean_squared_logarithmic_error)),
        ("relative to a target of 0", lambda p, t: losses.mean_absolute_percentage_error(t, p) / 100),
        ("a masked NaN", with_weights([0.0, 1.0], losses.MeanSquaredError(reduction="sum"))),
        ("weight 0 and 1", with_weights([0.0, 1.0], losses.MeanAbsoluteError())),
        ("Dice, both empty", lambda p, t: losses.dice(t, p)),
    ]


def optax_calls() -> Calls:
    import jax.numpy as jnp
    import optax

    def ctc() -> Any:
        return optax.ctc_loss(
            jnp.zeros((1, 1, 3)), jnp.zeros((1, 1)), jnp.array([[1, 2]]), jnp.zeros((1, 2)), blank_id=0
        ).sum()

    integer = optax.softmax_cross_entropy_with_integer_labels
    return [
        ("Huber of (4,) against (4, 1)", lambda p, t: optax.huber_loss(p, t)),
        ("LogCosh of (4,) against (4, 1)", lambda p, t: optax.log_cosh(p, t)),
        ("SquaredError of (4,) against (4, 1)", lambda p, t: optax.squared_error(p, t)),
        ("(4,) against (4, 1)", lambda p, t: optax.sigmoid_binary_cross_entropy(p, t)),
        ("soft target 0 at -inf", lambda z, t: optax.softmax_cross_entropy(z, t).sum()),
        ("soft target 0 at -inf", lambda z, t: optax.safe_softmax_cross_entropy(z, t).sum()),
        ("label 7 of 3", lambda z, t: integer(z, t).sum()),
        ("label -1 of 3", lambda z, t: integer(z, t).sum()),
        ("Hinge() of label 0", lambda z, t: optax.hinge_loss(z, t).sum()),
        ("log-cosh at 1e-4", lambda p, t: optax.log_cosh(p, t).sum()),
        ("cosine of a zero vector", lambda p, t: optax.cosine_distance(p, t, epsilon=0.0).sum()),
        ("focal 0.5, saturated", lambda z, t: optax.sigmoid_focal_loss(z, t, gamma=0.5).sum()),
        ("NT-Xent without a positive", lambda x: optax.ntxent(x, jnp.array([0, 1])).sum()),
        ("CTC: more labels than frames", ctc),
    ]


def torchvision_calls() -> Calls:
    import torch

    # The losses are Python. Where the compiled operators do not load (a CUDA build beside a CPU torch), those that the
    # import registers shapes for are declared, so that the losses can be imported.
    try:
        import torchvision.ops as ops
    except RuntimeError:
        global _operators
        _operators = torch.library.Library("torchvision", "DEF")
        _operators.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _operators.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision.ops as ops
    return [
        (
            "focal 0.5, saturated",
            lambda z, t: ops.sigmoid_focal_loss(z, t, alpha=-1, gamma=0.5, reduction="sum"),
        ),
        ("complete IoU of a point", lambda p, t: ops.complete_box_iou_loss(p, t, reduction="sum")),
        ("generalised IoU of a point", lambda p, t: ops.generalized_box_iou_loss(p, t, reduction="sum")),
        ("generalised IoU of an inverted box", lambda p, t: ops.generalized_box_iou_loss(p, t, reduction="sum")),
    ]


def fvcore_calls() -> Calls:
    from fvcore.nn import sigmoid_focal_loss

    return [("focal 0.5, saturated", lambda z, t: sigmoid_focal_loss(z, t, alpha=-1, gamma=0.5, reduction="sum"))]


def smp_calls() -> Calls:
    torchvision_calls()  # smp imports it
    from segmentation_models_pytorch import losses

    focal = losses.FocalLoss("binary", gamma=0.5, reduction="sum")
    tversky = losses.TverskyLoss("binary", from_logits=False, gamma=0.5)
    smoothed = losses.SoftCrossEntropyLoss(smooth_factor=0.1, ignore_index=-100, dim=-1)
    dice = losses.DiceLoss("binary", from_logits=False, smooth=1.0)
    return [
        ("focal 0.5, saturated", lambda z, t: focal(z, t)),
        ("focal Tversky 0.5, perfect", lambda p, t: tversky(p, t)),
        ("half ignored", lambda z, t: smoothed(z, t)),
        ("Dice, absent class predicted everywhere", lambda p, t: dice(p[:, None], t[:, None])),
    ]


def timm_calls() -> Calls:
    torchvision_calls()  # timm imports it
    from timm import loss

    poly = loss.PolyBinaryCrossEntropy(epsilon=1.0, gamma=0.5, reduction="sum")
    return [
        ("asymmetric at (200, -200)", lambda z, t: loss.AsymmetricLossMultiLabel(reduction="sum")(z, t)),
        (
            "asymmetric 0.5, saturated",
            lambda z, t: loss.AsymmetricLossMultiLabel(gamma_neg=0.5, gamma_pos=0.5, reduction="sum")(z, t),
        ),
        ("Poly-1 focal 0.5, saturated", lambda z, t: poly(z, t)),
    ]


def kornia_calls() -> Calls:
    from kornia import losses

    return [
        (
            "KL, p = t = 0",
            lambda p, t: losses.kl_div_loss_2d(p[None, None], t[None, None], reduction="sum"),
        ),
        ("PSNR of equal images", lambda p, t: losses.psnr_loss(p, t, 1.0)),
        (
            "focal 0.5, saturated",
            lambda z, t: losses.binary_focal_loss_with_logits(
                z[None, None], t[None, None], alpha=None, gamma=0.5, reduction="sum"
            ),
        ),
    ]


def monai_calls() -> Calls:
    from monai import losses

    focal = losses.FocalLoss(gamma=0.5, reduction="sum")
    pairs = losses.ContrastiveLoss(temperature=0.005)
    return [
        ("focal 0.5, saturated", lambda z, t: focal(z[None, None], t[None, None])),
        ("InfoNCE at temperature 0.005", lambda q, k: pairs(q, k)),
    ]


def pytorch_metric_learning_calls() -> Calls:
    import torch
    from pytorch_metric_learning.losses import ArcFaceLoss

    arcface = ArcFaceLoss(2, 2)
    arcface.W.data = torch.eye(2)
    return [("ArcFace at angle 0", lambda x: arcface(x, torch.tensor([0])))]


def auraloss_calls() -> Calls:
    from auraloss.time import LogCoshLoss

    return [
        ("log-cosh at 200", lambda p, t: LogCoshLoss()(p, t)),
        ("log-cosh at 1e-4", lambda p, t: LogCoshLoss()(p, t)),
    ]


def sklearn_calls() -> Calls:
    from sklearn._loss import HalfBinomialLoss, HalfPoissonLoss
    from sklearn.metrics import log_loss

    def of(loss: Any) -> Callable[[Any, Any], Any]:
        return lambda z, t: float(loss.loss(t.astype(float), z.astype(float)).sum())

    return [
        ("p = 0 of the true class", lambda p, t: float(log_loss(t, p, labels=[0, 1]))),
        ("a log-mean of 800", of(HalfPoissonLoss())),
        ("logit -800, t = 1", of(HalfBinomialLoss())),
    ]


class Peer(NamedTuple):
    """A distribution, what computes in it, its calls, and Keras's backend."""

    distribution: str
    library: str
    calls: Callable[[], Calls]


PEERS = [
    Peer("torch", "torch", torch_calls),
    Peer("keras", "keras/torch", keras_calls),
    Peer("keras", "keras/jax", keras_calls),
    Peer("keras", "keras/tensorflow", keras_calls),
    Peer("optax", "jax", optax_calls),
    Peer("torchvision", "torch", torchvision_calls),
    Peer("fvcore", "torch", fvcore_calls),
    Peer("segmentation-models-pytorch", "torch", smp_calls),
    Peer("timm", "torch", timm_calls),
    Peer("kornia", "torch", kornia_calls),
    Peer("monai", "torch", monai_calls),
    Peer("pytorch-metric-learning", "torch", pytorch_metric_learning_calls),
    Peer("auraloss", "torch", auraloss_calls),
    Peer("scikit-learn", "numpy", sklearn_calls),
]

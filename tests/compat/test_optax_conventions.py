"""losskit.compat.optax: values and gradients of the installed optax, and what fixed=True mends."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import losskit
from losskit.core.errors import DomainError, ShapeError

jax = pytest.importorskip("jax")
optax = pytest.importorskip("optax")
jnp = jax.numpy
compat = losskit.compat.optax


@pytest.fixture(autouse=True)
def thirty_two_bits() -> Iterator[None]:
    """As users have it; other tests switch 64 bits on, with which optax's projection onto the simplex fails."""
    with jax.enable_x64(False):
        yield


rng = np.random.default_rng(0)
REAL, OTHER, THIRD = (jnp.asarray(rng.normal(size=(5, 4)), "float32") for _ in range(3))
UNIT = jnp.asarray(rng.uniform(0.05, 0.95, size=(5, 4)), "float32")
BITS, SIGNS = (UNIT > 0.5).astype("float32"), jnp.where(UNIT > 0.5, 1.0, -1.0)
SHARES = UNIT / UNIT.sum(-1, keepdims=True)
LOG_P, LABELS = jax.nn.log_softmax(REAL), jnp.array([0, 3, 1, 1, 2])
WHERE = jnp.asarray(rng.uniform(size=(5, 4)) > 0.3).at[2].set(False)
MASKS, IMAGES = (
    jax.nn.one_hot(jnp.arange(24).reshape(2, 4, 3) % 3, 3),
    jnp.asarray(rng.normal(size=(2, 4, 3, 3)), "float32"),
)

FRAMES = jnp.asarray(rng.normal(size=(3, 7, 4)), "float32")
NO_FRAME = jnp.zeros((3, 7)).at[0, 5:].set(1).at[1, jnp.array([0, 3])].set(1)  # also in front and in between
TRANSCRIPTS = jnp.array([[1, 1, 2], [3, 2, 7], [1, -1, 0]])
NO_LABEL = jnp.array([[0, 0, 0], [0, 0, 1], [0, 1, 1]], "float32")

CASES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("squared_error", (REAL, OTHER), {}),
    ("l2_loss", (REAL,), {}),
    ("huber_loss", (REAL, OTHER), {"delta": 0.5}),
    ("log_cosh", (REAL, OTHER), {}),
    ("cosine_similarity", (REAL, OTHER), {"epsilon": 9.0}),
    ("cosine_distance", (REAL, OTHER), {"axis": (0, 1)}),
    ("cosine_distance", (REAL, OTHER), {"where": WHERE.at[2, 1].set(True)}),
    ("hinge_loss", (REAL, SIGNS), {}),
    ("perceptron_loss", (REAL, SIGNS), {}),
    ("sparsemax_loss", (2 * REAL, BITS), {}),
    ("multiclass_hinge_loss", (REAL, LABELS), {}),
    ("multiclass_perceptron_loss", (REAL, LABELS), {}),
    ("multiclass_sparsemax_loss", (REAL, LABELS), {}),
    ("sigmoid_binary_cross_entropy", (REAL, UNIT), {}),
    ("sigmoid_focal_loss", (REAL, UNIT), {"alpha": 0.3, "gamma": 1.5}),
    ("softmax_cross_entropy", (REAL, SHARES), {}),
    ("softmax_cross_entropy", (REAL, SHARES), {"axis": (0, 1)}),
    ("softmax_cross_entropy", (REAL, SHARES), {"where": WHERE}),
    ("safe_softmax_cross_entropy", (REAL, SHARES * BITS), {}),
    ("softmax_cross_entropy_with_integer_labels", (REAL, LABELS), {}),
    ("softmax_cross_entropy_with_integer_labels", (REAL, LABELS), {"where": WHERE}),
    ("softmax_cross_entropy_with_integer_labels", (REAL, LABELS[:4]), {"axis": 0}),
    ("poly_loss_cross_entropy", (REAL, SHARES), {"epsilon": -0.5, "where": WHERE}),
    ("kl_divergence", (LOG_P, SHARES * BITS), {}),
    ("kl_divergence", (LOG_P, SHARES), {"axis": 0, "where": WHERE}),
    ("kl_divergence_with_log_targets", (LOG_P, jnp.log(SHARES)), {}),
    ("generalized_kl_divergence", (LOG_P, UNIT), {"where": WHERE}),
    ("dice_loss", (IMAGES, MASKS), {"alpha": 0.2, "class_weights": jnp.array([1.0, 2.0, 3.0])}),
    ("dice_loss", (IMAGES, MASKS), {"reduction": "none", "ignore_background": True}),
    ("binary_dice_loss", (IMAGES[..., 0], MASKS[..., 0]), {"smooth": 0.1}),
    ("multiclass_generalized_dice_loss", (IMAGES, MASKS), {}),
    ("ctc_loss", (FRAMES, NO_FRAME, TRANSCRIPTS, NO_LABEL), {}),
    ("ctc_loss", (FRAMES, NO_FRAME, TRANSCRIPTS - 1, NO_LABEL), {"blank_id": 3}),
    ("ctc_loss", (FRAMES, NO_FRAME, TRANSCRIPTS[:, :0], NO_LABEL[:, :0]), {}),
    ("ntxent", (REAL, jnp.array([0, 1, 0, 1, 2])), {}),
    ("triplet_margin_loss", (REAL, OTHER, THIRD), {"axis": 0, "margin": 0.5}),
    ("ranking_softmax_loss", (REAL, BITS), {"where": WHERE, "weights": UNIT}),
    ("ranking_softmax_loss", (REAL, BITS), {"where": WHERE, "reduce_fn": None}),
]


def test_every_loss_of_optax_is_there_or_known_to_be_absent() -> None:
    theirs = {name for name in vars(optax.losses) if not name.startswith("_")}
    deprecated = {"convex_kl_divergence"}
    no_loss = {"make_fenchel_young_loss", "smooth_labels"}
    assert theirs - set(compat.__all__) - deprecated - no_loss == {"ctc_loss_with_forward_probs"}
    assert {case[0] for case in CASES} == set(compat.__all__)


@pytest.mark.parametrize("name", compat.__all__)
def test_a_function_has_optaxs_signature(name: str) -> None:
    ours = dict(inspect.signature(getattr(compat, name)).parameters)
    fixed = ours.pop("fixed")
    assert (fixed.kind, fixed.default) == (inspect.Parameter.KEYWORD_ONLY, False)
    theirs = inspect.signature(getattr(optax.losses, name)).parameters
    assert [(p.name, p.default, p.kind) for p in ours.values()] == [
        (p.name, p.default, p.kind) for p in theirs.values()
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join((case[0], *case[2])))
def test_values_and_gradients_are_optaxs(case: tuple[str, tuple[Any, ...], dict[str, Any]]) -> None:
    name, (first, *rest), options = case
    functions = [getattr(room, name) for room in (compat, optax.losses)]
    ours, theirs = (jax.value_and_grad(lambda x, f=f: jnp.sum(f(x, *rest, **options)))(first) for f in functions)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=2e-4, atol=2e-6)
    values = [f(first, *rest, **options) for f in functions]
    assert values[0].shape == values[1].shape
    assert values[0].dtype == values[1].dtype
    np.testing.assert_allclose(*values, rtol=2e-5, atol=2e-6)


def test_gradients_by_labels_are_optaxs() -> None:
    for name in ("sigmoid_binary_cross_entropy", "softmax_cross_entropy", "safe_softmax_cross_entropy"):
        functions = [getattr(room, name) for room in (compat, optax.losses)]
        ours, theirs = (jax.grad(lambda y, f=f: jnp.sum(f(REAL, y)))(BITS) for f in functions)
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)


@pytest.mark.parametrize(
    "name", ["huber_loss", "log_cosh", "hinge_loss", "sigmoid_binary_cross_entropy", "softmax_cross_entropy"]
)
def test_shapes_are_not_broadcast_when_fixed(name: str) -> None:
    function, target = getattr(compat, name), SIGNS[:1] if name == "hinge_loss" else SHARES[:1]
    np.testing.assert_allclose(function(REAL, target), getattr(optax.losses, name)(REAL, target), rtol=2e-5, atol=1e-6)
    with pytest.raises(ShapeError):
        function(REAL, target, fixed=True)


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("hinge_loss", (REAL, BITS)),
        ("sparsemax_loss", (REAL, SIGNS)),
        ("multiclass_hinge_loss", (REAL, LABELS + 4)),
        ("softmax_cross_entropy_with_integer_labels", (REAL, LABELS - 1)),
        ("softmax_cross_entropy", (REAL, UNIT)),
        ("sigmoid_binary_cross_entropy", (REAL, 2 * BITS)),
        ("kl_divergence", (REAL, SHARES)),
        ("generalized_kl_divergence", (LOG_P, -UNIT)),
        ("dice_loss", (IMAGES, 2 * MASKS)),
        ("ranking_softmax_loss", (REAL, -UNIT)),
    ],
)
def test_what_cannot_be_right_is_refused_when_fixed(name: str, inputs: tuple[Any, Any]) -> None:
    getattr(compat, name)(*inputs)
    with pytest.raises(DomainError):
        getattr(compat, name)(*inputs, fixed=True)


def test_errors_are_optaxs() -> None:
    for room in (compat, optax.losses):
        with pytest.raises(ValueError):
            room.squared_error(REAL, OTHER[:1])
        with pytest.raises(TypeError):
            room.softmax_cross_entropy(LABELS[None], BITS[:1, :1])
        with pytest.raises(TypeError):
            room.softmax_cross_entropy_with_integer_labels(REAL, UNIT[:, 0])
        with pytest.raises(ValueError, match="Unsupported reduction"):
            room.dice_loss(IMAGES, MASKS, reduction="median")


def test_what_is_nan_or_0_in_optax_is_right_here() -> None:
    assert float(compat.log_cosh(jnp.array(1e-4))) == pytest.approx(5e-9, rel=1e-4)
    zero = jnp.zeros((1, 4))
    slope = jax.grad(lambda x: compat.cosine_distance(x, REAL[:1]).sum())(zero)
    np.testing.assert_array_equal(slope, zero)
    labels = jnp.arange(5)
    assert jnp.isnan(compat.ntxent(REAL, labels))
    assert compat.ntxent(REAL, labels, fixed=True) == 0
    absent = jnp.array([[0.0, -jnp.inf]])
    row = jnp.array([[1.0, 0.0]])
    assert jnp.isnan(compat.softmax_cross_entropy(absent, row)).all()
    assert (compat.softmax_cross_entropy(absent, row, fixed=True) == 0).all()
    weights = jnp.array([3.0, 0.0, 1.0])
    each = compat.dice_loss(IMAGES, MASKS, reduction="none")
    mean = compat.dice_loss(IMAGES, MASKS, class_weights=weights, fixed=True)
    np.testing.assert_allclose(mean, (each * weights).sum(-1) / 4, rtol=1e-5)


def test_transcripts_without_a_path() -> None:
    short = jnp.zeros((3, 7)).at[:, 3:].set(1)  # too few for the first
    given = short, TRANSCRIPTS, NO_LABEL
    ours, theirs = (room.ctc_loss(FRAMES, *given) for room in (compat, optax.losses))
    np.testing.assert_allclose(ours[1:], theirs[1:], rtol=2e-5)
    assert ours[0] == 1e5
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-3)
    assert compat.ctc_loss(FRAMES, *given, log_epsilon=-300.0)[0] == 300
    slope = jax.jit(jax.grad(lambda z: compat.ctc_loss(z, *given).sum()))(FRAMES)
    assert (slope[0] == 0).all()
    assert (slope[:, 3:] == 0).all()
    with pytest.raises(DomainError, match=r"target\[0\]: expected a transcript that its frames have room for"):
        compat.ctc_loss(FRAMES, *given, fixed=True)
    with pytest.raises(DomainError):
        compat.ctc_loss(FRAMES, NO_FRAME, TRANSCRIPTS, NO_LABEL, blank_id=3, fixed=True)
    fixed = compat.ctc_loss(FRAMES, NO_FRAME, TRANSCRIPTS, NO_LABEL, fixed=True)
    np.testing.assert_allclose(fixed, optax.losses.ctc_loss(FRAMES, NO_FRAME, TRANSCRIPTS, NO_LABEL), rtol=2e-5)
    for wrong in (
        (FRAMES[0], NO_FRAME, TRANSCRIPTS, NO_LABEL),
        (FRAMES, NO_FRAME[:, :6], TRANSCRIPTS, NO_LABEL),
        (FRAMES, NO_FRAME, TRANSCRIPTS, NO_LABEL[:, :2]),
        (FRAMES, NO_FRAME, TRANSCRIPTS[:2], NO_LABEL[:2]),
    ):
        for room in (compat, optax.losses):
            with pytest.raises(ValueError):
                room.ctc_loss(*wrong)


def test_hyper_parameters_may_be_traced() -> None:
    by_delta = jax.jit(jax.grad(lambda delta: compat.huber_loss(REAL, OTHER, delta=delta).sum()))
    theirs = jax.grad(lambda delta: optax.losses.huber_loss(REAL, OTHER, delta=delta).sum())
    np.testing.assert_allclose(by_delta(0.5), theirs(0.5), rtol=1e-5)

"""losskit.compat.keras: values, gradients and reductions of the installed Keras, and what fixed=True mends.

On the backend that KERAS_BACKEND names (default: TensorFlow); test_peer_suites.py runs Keras's own tests on each.
"""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest

import losskit
from losskit.core.errors import DomainError, ShapeError
from tests.conftest import load

keras = pytest.importorskip("keras")
xp = load("keras").xp
compat = losskit.compat.keras
set_keras_mask = pytest.importorskip("losskit.compat.keras.conventions").set_keras_mask

# Keras's own, where it makes NumPy arrays of torch's.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

Case = tuple[str, str, Any, Any, dict[str, Any]]
CLASSES = [name for name in compat.__all__ if name[0].isupper()]
FUNCTIONS = [name for name in compat.__all__ if name[0].islower()]

rng = np.random.default_rng(0)
REAL, OTHER = (rng.normal(size=(5, 4)).astype("float32") for _ in range(2))
UNIT, SHARES = (rng.uniform(0.05, 0.95, size=(5, 4)).astype("float32") for _ in range(2))
BITS, SIGNS = (SHARES > 0.5).astype("float32"), np.where(SHARES > 0.5, 1.0, -1.0).astype("float32")
LABELS = np.array([0, 3, 1, 1, 2])
ONE_HOT = np.eye(4, dtype="float32")[LABELS]
SOFT = (SHARES / SHARES.sum(-1, keepdims=True)).astype("float32")
COUNTS = rng.poisson(2.0, size=(5, 4)).astype("float32")
DIRECTIONS = REAL / np.linalg.norm(REAL, axis=-1, keepdims=True)

FRAMES = rng.normal(size=(5, 6, 4)).astype("float32")
TRANSCRIPTS = np.array([[1, 2, 3], [1, 1, 0], [2, 0, 0], [3, 2, 3], [2, 2, 2]])
# (function, its class, target, prediction, options), prediction such that Keras's own gradient is right there.
CASES: list[Case] = [
    ("mean_squared_error", "MeanSquaredError", OTHER, REAL, {}),
    ("mean_absolute_error", "MeanAbsoluteError", OTHER, REAL, {}),
    ("mean_absolute_percentage_error", "MeanAbsolutePercentageError", OTHER, REAL, {}),
    ("mean_squared_logarithmic_error", "MeanSquaredLogarithmicError", OTHER, REAL, {}),
    ("huber", "Huber", OTHER, REAL, {"delta": 0.5}),
    ("log_cosh", "LogCosh", OTHER, REAL, {}),
    ("cosine_similarity", "CosineSimilarity", OTHER, REAL, {}),
    ("cosine_similarity", "CosineSimilarity", OTHER, REAL, {"axis": 0}),
    ("kl_divergence", "KLDivergence", SOFT, UNIT, {}),
    ("poisson", "Poisson", COUNTS, UNIT, {}),
    ("hinge", "Hinge", BITS, REAL, {}),
    ("hinge", "Hinge", SIGNS, REAL, {}),
    ("squared_hinge", "SquaredHinge", BITS, REAL, {}),
    ("categorical_hinge", "CategoricalHinge", ONE_HOT, REAL, {}),
    ("circle", "Circle", LABELS, DIRECTIONS, {"gamma": 8.0, "margin": 0.25}),
    ("circle", "Circle", LABELS, DIRECTIONS, {"gamma": 8.0, "remove_diagonal": False}),
    ("binary_crossentropy", "BinaryCrossentropy", BITS, UNIT, {"label_smoothing": 0.1}),
    ("binary_crossentropy", "BinaryCrossentropy", SHARES, REAL, {"from_logits": True}),
    ("binary_focal_crossentropy", "BinaryFocalCrossentropy", BITS, UNIT, {"apply_class_balancing": True}),
    ("binary_focal_crossentropy", "BinaryFocalCrossentropy", SHARES, REAL, {"from_logits": True, "gamma": 1.5}),
    ("categorical_crossentropy", "CategoricalCrossentropy", ONE_HOT, UNIT, {}),
    ("categorical_crossentropy", "CategoricalCrossentropy", SOFT, REAL, {"from_logits": True, "label_smoothing": 0.2}),
    ("categorical_crossentropy", "CategoricalCrossentropy", ONE_HOT, UNIT, {"axis": 0, "label_smoothing": 0.2}),
    ("categorical_focal_crossentropy", "CategoricalFocalCrossentropy", ONE_HOT, UNIT, {"label_smoothing": 0.1}),
    ("categorical_focal_crossentropy", "CategoricalFocalCrossentropy", SOFT, REAL, {"from_logits": True}),
    ("categorical_focal_crossentropy", "CategoricalFocalCrossentropy", SOFT, UNIT, {"alpha": [0.1, 0.2, 0.3, 0.4]}),
    ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", LABELS, UNIT, {}),
    ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", LABELS[:, None], REAL, {"from_logits": True}),
    ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", LABELS, UNIT, {"ignore_class": 1}),
    ("dice", "Dice", BITS, UNIT, {"axis": (1,)}),
    ("dice", "Dice", BITS, UNIT, {}),
    ("tversky", "Tversky", BITS, UNIT, {"alpha": 0.2, "beta": 0.9, "axis": (-1,)}),
    ("categorical_generalized_cross_entropy", "CategoricalGeneralizedCrossEntropy", LABELS, UNIT, {"q": 0.3}),
    ("ctc", "CTC", TRANSCRIPTS, FRAMES, {}),
]
IDS = [f"{name}{''.join(f'-{key}' for key in options)}-{i}" for i, (name, _, _, _, options) in enumerate(CASES)]
OF_SAMPLES = [case for case in CASES if case[4].get("axis", -1) in (-1, (-1,)) and case[0] != "dice"]
WEIGHT, MASK = np.array([1.0, 0.0, 3.0, 0.5, 2.0], "float32"), np.array([True, True, False, True, False])


def plain(x: Any) -> Any:
    return keras.ops.convert_to_numpy(x)


def gradient(function: Any, prediction: Any) -> Any:
    tensor = keras.ops.convert_to_tensor(prediction)
    return plain(xp.gradient(lambda p: keras.ops.sum(function(p)), tensor))


def masked(prediction: Any, mask: Any) -> Any:
    tensor = keras.ops.convert_to_tensor(prediction)
    set_keras_mask(tensor, keras.ops.convert_to_tensor(mask))
    return tensor


@pytest.mark.parametrize("name", [*FUNCTIONS, *CLASSES])
def test_signatures_are_keras(name: str) -> None:
    ours, theirs = getattr(compat, name), getattr(keras.losses, name)
    if name in CLASSES:
        assert issubclass(ours, theirs)  # whose constructor it has
        return
    parameters = dict(inspect.signature(ours).parameters)
    fixed = parameters.pop("fixed")
    assert (fixed.kind, fixed.default) == (inspect.Parameter.KEYWORD_ONLY, False)
    expected = inspect.signature(theirs).parameters
    assert [(p.name, p.default) for p in parameters.values()] == [(p.name, p.default) for p in expected.values()]


def test_every_loss_of_keras_is_there() -> None:
    classes = {name for name, each in vars(keras.losses).items() if isinstance(each, type)} - {"Loss"}
    assert classes == set(CLASSES)
    covered = {case[0] for case in CASES} | {case[1] for case in CASES}
    assert set(compat.__all__) == covered


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_values_and_gradients_are_keras(case: Case) -> None:
    name, _, target, prediction, options = case
    target, prediction = (keras.ops.convert_to_tensor(each) for each in (target, prediction))
    ours, theirs = getattr(compat, name), getattr(keras.losses, name)
    np.testing.assert_allclose(
        plain(ours(target, prediction, **options)), plain(theirs(target, prediction, **options)), rtol=2e-5, atol=2e-6
    )
    np.testing.assert_allclose(
        gradient(lambda p: ours(target, p, **options), prediction),
        gradient(lambda p: theirs(target, p, **options), prediction),
        rtol=2e-4,
        atol=2e-6,
    )


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none", None])
@pytest.mark.parametrize("case", OF_SAMPLES, ids=lambda case: case[1])
def test_reductions_weights_and_masks_are_keras(case: Case, reduction: Any) -> None:
    _, name, target, prediction, options = case
    ours, theirs = (getattr(room, name)(reduction=reduction, **options) for room in (compat, keras.losses))
    for weight in (None, WEIGHT, WEIGHT[:, None]):
        for given in (prediction, masked(prediction, MASK)):
            np.testing.assert_allclose(
                *(plain(each(target, given, weight)) for each in (ours, theirs)), rtol=2e-5, atol=2e-6
            )


def test_a_masked_embedding_is_no_rival_when_fixed() -> None:
    spoiled = np.where(MASK[:, None], REAL, np.nan).astype("float32")
    loss = compat.Circle(fixed=True, gamma=8.0, reduction="sum")
    mine = loss(LABELS % 2, masked(spoiled, MASK))
    assert plain(mine) == pytest.approx(float(losskit.Circle(scale=8.0)(REAL[MASK], LABELS[MASK] % 2, reduction="sum")))
    slope = gradient(lambda p: loss(LABELS % 2, masked(p, MASK)), spoiled)
    assert np.isfinite(slope).all()


@pytest.mark.parametrize("case", [case for case in OF_SAMPLES if case[0] != "circle"], ids=lambda case: case[1])
def test_a_mean_divides_by_the_weights_that_are_left_when_fixed(
    case: Case,
) -> None:
    _, name, target, prediction, options = case
    if name == "MeanSquaredLogarithmicError":  # of what is above −1
        target, prediction = SHARES, UNIT
    elif prediction is UNIT and ("Categorical" in name or name == "KLDivergence"):
        prediction = UNIT / UNIT.sum(-1, keepdims=True)
    loss = getattr(compat, name)(fixed=True, **options)
    values = plain(getattr(compat, name)(fixed=True, reduction=None, **options)(target, prediction))
    kept = (target.reshape(5, -1)[:, 0] != 1) if "ignore_class" in options else np.ones(5, bool)
    for mask in (np.ones(5, bool), MASK):
        left = WEIGHT * mask * kept
        spoiled = np.where(np.expand_dims(mask, tuple(range(1, prediction.ndim))), prediction, np.nan).astype("float32")
        expected = (values * left).sum() / left.sum()
        for weight in (WEIGHT, WEIGHT[:, None]):
            np.testing.assert_allclose(plain(loss(target, masked(spoiled, mask), weight)), expected, rtol=1e-5)
        slope = gradient(lambda p, mask=mask: loss(target, masked(p, mask), WEIGHT), spoiled)
        assert np.isfinite(slope).all()
        assert (slope[~mask] == 0).all()
    nothing = loss(target, masked(prediction, np.zeros(5, bool)))
    assert plain(nothing) == 0


ALIGNED = ["mean_squared_error", "hinge", "poisson", "binary_crossentropy"]


@pytest.mark.parametrize("name", ALIGNED)
def test_shapes_are_not_broadcast_when_fixed(name: str) -> None:
    function = getattr(compat, name)
    with pytest.raises(ShapeError):
        function(BITS[:1], UNIT, fixed=True)
    assert plain(function(BITS[:, 0], UNIT[:, :1], fixed=True)).shape == (5,)  # an axis of 1 is no broadcasting
    if name != "binary_crossentropy":
        np.testing.assert_allclose(
            plain(function(BITS[:1], UNIT)), plain(getattr(keras.losses, name)(BITS[:1], UNIT)), rtol=1e-5
        )
    with pytest.raises(ShapeError, match="sample_weight"):
        compat.MeanSquaredError(fixed=True)(OTHER, REAL, WEIGHT[:2])


@pytest.mark.parametrize(
    ("name", "target", "prediction", "options"),
    [
        ("mean_squared_logarithmic_error", OTHER, REAL - 5, {}),
        ("hinge", BITS + 1, REAL, {}),
        ("kl_divergence", SOFT, UNIT, {}),
        ("poisson", COUNTS, -UNIT, {}),
        ("poisson", SHARES, UNIT, {}),
        ("binary_crossentropy", BITS, REAL * 9, {}),
        ("binary_crossentropy", BITS * 2, UNIT, {}),
        ("categorical_crossentropy", ONE_HOT, UNIT, {}),
        ("categorical_crossentropy", 2 * ONE_HOT, REAL, {"from_logits": True}),
        ("sparse_categorical_crossentropy", LABELS + 4, REAL, {"from_logits": True}),
        ("sparse_categorical_crossentropy", LABELS + 0.5, REAL, {"from_logits": True}),
        ("dice", BITS, REAL * 9, {}),
        ("categorical_generalized_cross_entropy", LABELS + 4, SOFT, {"q": 0.5}),
        ("ctc", TRANSCRIPTS + 1, FRAMES, {}),
        ("ctc", TRANSCRIPTS[:, ::-1].copy(), FRAMES, {}),
        ("ctc", TRANSCRIPTS + 0.5, FRAMES, {}),
        ("ctc", TRANSCRIPTS, FRAMES[:, :4], {}),
    ],
)
def test_what_cannot_be_right_is_refused_when_fixed(name: str, target: Any, prediction: Any, options: Any) -> None:
    with pytest.raises(DomainError):
        getattr(compat, name)(target, prediction, **options, fixed=True)


def test_confident_misses_keep_value_and_gradient() -> None:
    z = np.array([[-30.0]], "float32")
    focal = compat.BinaryFocalCrossentropy(from_logits=True)
    assert plain(focal(np.ones((1, 1)), z)) == pytest.approx(30)
    assert gradient(lambda p: focal(np.ones((1, 1)), p), z) == pytest.approx(-1)
    certain = np.zeros((1, 1), "float32")
    held, exact = (plain(compat.BinaryCrossentropy(fixed=fixed)(np.ones((1, 1)), certain)) for fixed in (False, True))
    assert held == pytest.approx(-math.log(keras.config.epsilon()))
    assert exact == math.inf
    small = np.full((1, 1), 1e-4, "float32")
    assert plain(compat.log_cosh(0 * small, small)) == pytest.approx(5e-9, rel=1e-4)  # Keras has 0
    zero = np.zeros((1, 3), "float32")
    assert (gradient(lambda p: compat.cosine_similarity(np.ones((1, 3), "float32"), p), zero) == 0).all()


def test_transcripts() -> None:
    with_blank, frames = np.array([[1, 0, 2]]), FRAMES[:1, :4]  # Keras counts two labels here, the second the blank
    np.testing.assert_allclose(*(plain(room.ctc(with_blank, frames)) for room in (compat, keras.losses)), rtol=1e-5)
    short = FRAMES[:, :4]  # too few for the last transcript
    value = plain(compat.ctc(TRANSCRIPTS, short))
    assert value[-1] == math.inf
    slope = gradient(lambda p: compat.ctc(TRANSCRIPTS, p), short)
    assert (slope[-1] == 0).all()
    np.testing.assert_allclose(value[:-1], plain(keras.losses.ctc(TRANSCRIPTS, short))[:-1], rtol=1e-5)
    padded = np.where(TRANSCRIPTS == 0, -1, TRANSCRIPTS)
    np.testing.assert_allclose(
        plain(compat.ctc(TRANSCRIPTS, FRAMES, fixed=True)), losskit.CTC()(FRAMES, padded, reduction="none"), rtol=1e-5
    )
    for room in (compat, keras.losses):
        with pytest.raises(ValueError, match="Targets `y_true`"):
            room.ctc(TRANSCRIPTS[0], FRAMES)
        with pytest.raises(ValueError, match="Logits `y_pred`"):
            room.ctc(TRANSCRIPTS, FRAMES[0])


def test_overlap_of_nothing_and_what_alpha_weighs() -> None:
    zero = np.zeros((2, 4), "float32")
    for name in ("dice", "tversky"):
        ours, theirs = (getattr(room, name)(zero, zero, axis=1) for room in (compat, keras.losses))
        np.testing.assert_array_equal(plain(ours), plain(theirs))
        assert (plain(getattr(compat, name)(zero, zero, axis=1, fixed=True)) == 0).all()
    target, prediction = np.array([[1.0, 0.0]], "float32"), np.array([[1.0, 1.0]], "float32")  # one false positive
    by_beta, by_alpha = (compat.tversky(target, prediction, 0.9, 0.1, axis=1, fixed=fixed) for fixed in (False, True))
    np.testing.assert_allclose(plain(by_beta), [0.1 / 1.1], rtol=1e-5)
    np.testing.assert_allclose(plain(by_alpha), [0.9 / 1.9], rtol=1e-5)


def test_smoothing_goes_by_the_classes_when_fixed() -> None:
    swapped = compat.categorical_crossentropy(ONE_HOT.T, REAL.T, True, 0.2, axis=0, fixed=True)
    along = compat.categorical_crossentropy(ONE_HOT, REAL, True, 0.2, fixed=True)
    np.testing.assert_allclose(plain(swapped), plain(along), rtol=1e-6)
    expected = losskit.CrossEntropy(label_smoothing=0.2)(REAL, ONE_HOT, reduction="none")
    np.testing.assert_allclose(plain(along), expected, rtol=1e-5)


@pytest.mark.parametrize("name", CLASSES)
def test_a_loss_is_configured_and_read_back(name: str) -> None:
    options = next(case[4] for case in CASES if case[1] == name)
    for fixed in (False, True):
        loss = getattr(compat, name)(**options, fixed=fixed)
        again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
        assert type(again) is type(loss)
        assert again.fixed is fixed
        assert again.get_config() == loss.get_config()
    config = getattr(compat, name)(**options).get_config()
    assert config == {**getattr(keras.losses, name)(**options).get_config()}
    fixed_config = getattr(compat, name)(**options, fixed=True).get_config()
    assert options.items() <= fixed_config.items()


@pytest.mark.parametrize("fixed", [False, True])
def test_a_model_is_trained_saved_and_loaded(fixed: bool, tmp_path: Any) -> None:
    keras.utils.set_random_seed(0)
    x = rng.normal(size=(64, 3)).astype("float32")
    labels = (x[:, 0] > 0).astype("int32")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(2)])
    loss = compat.SparseCategoricalCrossentropy(from_logits=True, fixed=fixed)
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss=loss)
    history = model.fit(x, labels, epochs=6, verbose=0, sample_weight=np.ones(64)).history["loss"]
    assert history[-1] < 0.8 * history[0]
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.loss.fixed is fixed
    np.testing.assert_allclose(loaded.evaluate(x, labels, verbose=0), model.evaluate(x, labels, verbose=0), rtol=1e-5)

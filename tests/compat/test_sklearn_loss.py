"""losskit.compat.sklearn_loss: what scikit-learn's Cython code computes, inside and outside its estimators."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import losskit
from losskit.core.errors import DomainError

theirs = pytest.importorskip("sklearn._loss.loss")
ensemble = pytest.importorskip("sklearn.ensemble")
pytest.importorskip("autograd")
compat = losskit.compat.sklearn_loss

rng = np.random.default_rng(0)
RAW, WEIGHT = rng.normal(size=20), rng.uniform(size=20)
REAL, POSITIVE, UNIT = rng.normal(size=20), rng.gamma(2.0, size=20), rng.uniform(size=20)
LABELS = (np.arange(20) % 3).astype(float)

CASES: list[tuple[str, Any, Any, dict[str, Any]]] = [
    ("HalfSquaredError", REAL, RAW, {}),
    ("AbsoluteError", REAL, RAW, {}),
    ("PinballLoss", REAL, RAW, {"quantile": 0.3}),
    ("HuberLoss", REAL, RAW, {"delta": 0.8}),
    ("HalfPoissonLoss", POSITIVE, RAW, {}),
    ("HalfGammaLoss", POSITIVE, RAW, {}),
    *(("HalfTweedieLoss", POSITIVE, RAW, {"power": power}) for power in (-1.5, 0, 1, 1.3, 2, 3)),
    *(("HalfTweedieLossIdentity", POSITIVE, UNIT + 0.1, {"power": power}) for power in (0, 1, 1.3, 2, 3)),
    ("HalfBinomialLoss", UNIT, RAW, {}),
    ("ExponentialLoss", UNIT, RAW, {}),
    ("HalfMultinomialLoss", LABELS, rng.normal(size=(20, 3)), {"n_classes": 3}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join((case[0], *map(str, case[3].values()))))
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["unweighted", "weighted"])
def test_values_and_derivatives_are_scikit_learns(case: tuple[str, Any, Any, dict[str, Any]], weight: Any) -> None:
    name, target, raw, options = case
    ours, reference = (getattr(room, name)(sample_weight=weight, **options) for room in (compat, theirs))
    assert isinstance(ours, type(reference))
    ours = pickle.loads(pickle.dumps(ours))
    arguments = {"y_true": target, "raw_prediction": raw, "sample_weight": weight}
    for method in ("loss", "gradient", "loss_gradient", "gradient_hessian", "__call__"):
        expected, values = (getattr(each, method)(**arguments) for each in (reference, ours))
        pairs = zip(values, expected, strict=True) if isinstance(expected, tuple) else [(values, expected)]
        for value, truth in pairs:
            np.testing.assert_allclose(value, truth, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(ours.fit_intercept_only(target, weight), reference.fit_intercept_only(target, weight))


def test_every_loss_of_scikit_learn_is_there() -> None:
    types = {name: each for name, each in vars(theirs).items() if isinstance(each, type)}
    classes = {name for name, each in types.items() if issubclass(each, theirs.BaseLoss)}
    assert {name for name in classes - {"BaseLoss"} if not name.endswith("ArrayAPI")} == set(compat.__all__)
    assert {case[0] for case in CASES} == set(compat.__all__)


@pytest.mark.parametrize(("name", "tie"), [("AbsoluteError", -1.0), ("PinballLoss", -0.5)])
def test_a_tie_has_scikit_learns_slope_and_the_middle_when_fixed(name: str, tie: float) -> None:
    for loss, slope in ((getattr(theirs, name)(), tie), (getattr(compat, name)(), tie)):
        np.testing.assert_array_equal(loss.gradient(REAL, REAL.copy()), slope)
    np.testing.assert_array_equal(getattr(compat, name)(fixed=True).gradient(REAL, REAL.copy()), 0.0)


@pytest.mark.parametrize("name", ["HalfPoissonLoss", "HalfGammaLoss", "HalfBinomialLoss", "ExponentialLoss"])
def test_targets_out_of_range_are_refused_when_fixed(name: str) -> None:
    getattr(compat, name)().loss(-POSITIVE, RAW)
    with pytest.raises(DomainError, match="y_true: expected values in"):
        getattr(compat, name)(fixed=True).loss(-POSITIVE, RAW)


@pytest.mark.parametrize(("name", "target"), [("PinballLoss", REAL), ("HalfGammaLoss", POSITIVE)])
def test_boosting_takes_it(name: str, target: Any) -> None:
    x = np.c_[RAW, UNIT]
    predictions = [
        ensemble.HistGradientBoostingRegressor(loss=getattr(room, name)(), max_iter=5, min_samples_leaf=3)
        .fit(x, target)
        .predict(x)
        for room in (compat, theirs)
    ]
    np.testing.assert_allclose(*predictions, rtol=1e-6)

"""Losses written for Keras tell by their values whether they sum over the batch, and whether they are negated."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from losskit.doctor.probe.keras_behaviour import Behaviour, averages_nothing, behaviour  # noqa: E402

ops = keras.ops
RANDOM = np.random.default_rng(0)
NUMBERS, GUESSES = RANDOM.normal(size=(8, 2)), RANDOM.normal(size=(8, 2)).astype("float32")
CLASSES = RANDOM.integers(0, 3, 8)
PROBABILITIES = RANDOM.dirichlet(np.ones(3), 8).astype("float32")


def log_likelihood(target: Any, prediction: Any) -> Any:
    return ops.mean(ops.sum(ops.one_hot(ops.cast(target, "int32"), 3) * ops.log(prediction), -1))


def squared(target: Any, prediction: Any) -> Any:
    return ops.square(target - prediction)


def contrastive(target: Any, prediction: Any) -> Any:
    return ops.mean(target * ops.square(prediction) + (1 - target) * ops.square(ops.maximum(1 - prediction, 0)))


SIGNS = np.sign(NUMBERS)
LOSSES: dict[str, tuple[Callable[[Any, Any], Any], np.ndarray, np.ndarray, Behaviour]] = {
    "mean": (lambda t, p: ops.mean(squared(t, p)), NUMBERS, GUESSES, Behaviour()),
    "per sample": (lambda t, p: ops.mean(squared(t, p), -1), NUMBERS, GUESSES, Behaviour()),
    "sum": (lambda t, p: ops.sum(squared(t, p)), NUMBERS, GUESSES, Behaviour(sums=True)),
    "sum of rows": (lambda t, p: ops.sum(squared(t, p), -1), NUMBERS, GUESSES, Behaviour()),
    "negated": (lambda t, p: -ops.mean(squared(t, p)), NUMBERS, GUESSES, Behaviour(rises=True)),
    "negated sum": (lambda t, p: -ops.sum(squared(t, p)), NUMBERS, GUESSES, Behaviour(sums=True, rises=True)),
    "likelihood": (log_likelihood, CLASSES, PROBABILITIES, Behaviour(rises=True)),
    "minus likelihood": (lambda t, p: -log_likelihood(t, p), CLASSES, PROBABILITIES, Behaviour()),
    "critic": (lambda t, p: ops.mean(t * p), SIGNS, -3 * SIGNS.astype("float32"), Behaviour()),
    "contrastive": (contrastive, (NUMBERS > 0).astype("float32"), np.abs(GUESSES), Behaviour()),
}


@pytest.mark.parametrize("name", LOSSES)
def test_behaviour(name: str) -> None:
    function, target, prediction, expected = LOSSES[name]
    with np.errstate(all="ignore"):
        assert behaviour(SimpleNamespace(call=function), target, prediction) == expected


def masked(target: Any, prediction: Any) -> Any:
    mask = ops.cast(target > -9, "float32")
    return ops.sum(mask * squared(target, prediction)) / ops.sum(mask)


def entropy(target: Any, prediction: Any) -> Any:
    return ops.mean(target * ops.log(target / prediction))


def test_a_mask_that_leaves_nothing_is_told_from_a_logarithm_of_nothing() -> None:
    nothing, first = (np.full_like(NUMBERS, -9), GUESSES), (NUMBERS, GUESSES)
    zeros, ones = (np.zeros((8, 3)), PROBABILITIES), (np.ones((8, 3)), PROBABILITIES)
    with np.errstate(all="ignore"):
        assert averages_nothing(SimpleNamespace(call=masked), nothing, first)
        assert not averages_nothing(SimpleNamespace(call=masked), first, first)
        assert not averages_nothing(SimpleNamespace(call=entropy), zeros, ones)

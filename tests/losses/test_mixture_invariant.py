"""Mixture-invariant training: by brute force, sources of which it has seen mixtures alone, what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest

import losskit
from losskit.core.errors import ShapeError
from tests.conftest import Framework

RNG = np.random.default_rng(37)


def test_outputs_that_add_up_to_both_mixtures_cost_nothing(framework: Framework):
    sources = RNG.normal(size=(2, 4, 8))
    mixtures = np.stack([sources[:, 0] + sources[:, 2], sources[:, 1] + sources[:, 3]], axis=1)
    loss = losskit.MixtureInvariant(criterion=losskit.SquaredError())
    value, gradient = loss.value_and_gradient(framework.array(sources), framework.array(mixtures))
    assert float(framework.numpy(value)) == pytest.approx(0, abs=1e-30)
    assert np.abs(framework.numpy(gradient)).max() < 1e-15
    # In whichever order, and in whichever mixture an output of silence is.
    silent = np.concatenate([sources[:, [3, 1, 0, 2]], np.zeros((2, 1, 8))], axis=1)
    assert float(framework.numpy(loss(framework.array(silent), framework.array(mixtures[:, ::-1].copy())))) < 1e-30


def test_the_criterion_is_kept_by_config_and_a_silent_mixture_is_no_error():
    loss = losskit.MixtureInvariant(criterion=losskit.ErrorToSignalRatio(epsilon=0.5))
    assert losskit.from_config(loss.config()) == loss
    assert losskit.MixtureInvariant()(np.ones((1, 2, 4)), np.zeros((1, 2, 4))) == pytest.approx(30)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ShapeError, match=re.escape("expected two mixtures, shape (2, 2, 8)")):
        losskit.MixtureInvariant()(np.ones((2, 4, 8)), np.ones((2, 3, 8)))
    with pytest.raises(ValueError, match="whose predictions may be any numbers"):
        losskit.MixtureInvariant(criterion=losskit.BinaryBrierScore(input="probabilities"))
    with pytest.raises(ValueError, match="elementwise or structured loss of a prediction and a target"):
        losskit.MixtureInvariant(criterion=losskit.InfoNCE())

"""What the guard decides, step by step, on made-up losses and norms."""

import math

import numpy as np
import pytest

from losskit.doctor.guard.judgement import Judgement


def noisy(seed: int, count: int) -> np.ndarray:
    """Gradient norms of small batches: log-normal, a factor of two from one to the next."""
    return np.exp(0.5 * np.random.default_rng(seed).normal(size=count))


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_left_alone(seed: int) -> None:
    judgement = Judgement(threshold=10.0, patience=3)
    losses = 1 + 0.5 * np.random.default_rng(seed).random(2000)
    actions = [judgement.of(loss, norm).action for loss, norm in zip(losses, noisy(seed, 2000), strict=True)]
    assert set(actions) == {"step"}
    assert not judgement.recording.events
    assert judgement.calm


def test_a_spike_is_clipped_towards_the_usual() -> None:
    judgement = Judgement(threshold=10.0, patience=3)
    for norm in noisy(0, 100):
        judgement.of(1.0, norm)
    mild, wild = judgement.of(1.0, 1e4), judgement.of(1.0, 1e9)
    assert mild.action == wild.action == "clip"
    assert mild.norm is not None
    assert wild.norm is not None
    assert 1 < wild.norm < mild.norm < 1e4
    assert not judgement.calm


@pytest.mark.parametrize(("loss", "norm"), [(math.nan, 1.0), (1.0, math.inf)])
def test_what_is_not_finite_is_skipped_and_in_the_end_rolled_back(loss: float, norm: float) -> None:
    judgement = Judgement(threshold=10.0, patience=3)
    assert judgement.of(1.0, 1.0).action == "step"
    assert [judgement.of(loss, norm).action for _ in range(3)] == ["skip", "skip", "roll back"]
    judgement.rolled_back()
    assert judgement.of(1.0, 1.0).action == "step"
    assert [event.kind for event in judgement.recording.events] == ["guard"] * 3


def test_an_overflow_of_a_scaled_loss_is_no_trouble() -> None:
    judgement = Judgement(threshold=10.0, patience=2)
    assert {judgement.of(1.0, math.inf, overflow_is_usual=True).action for _ in range(10)} == {"skip"}
    assert judgement.of(math.nan, math.inf, overflow_is_usual=True).action == "skip"
    assert judgement.of(math.nan, math.inf, overflow_is_usual=True).action == "roll back"


def test_a_loss_that_grows_away_is_rolled_back_and_a_single_bad_batch_is_not() -> None:
    judgement = Judgement(threshold=10.0, patience=3)
    for _ in range(20):
        judgement.of(1.0, 1.0)
    assert [judgement.of(loss, 1.0).action for loss in (9.0, 1.0, 9.0, 9.0)] == ["step"] * 4
    assert judgement.of(9.0, 1.0).action == "roll back"
